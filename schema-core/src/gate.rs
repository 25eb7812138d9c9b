//! The call a build.rs makes: models against the lock, no SQL parser.
