//! Column types as text: read from SQL or an attribute, written as SQL.
