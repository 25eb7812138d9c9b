//! Rules: what a change means to the applications that run against the schema.
