//! What differs between the databases: spelling of types and expressions, SQL for changes.
