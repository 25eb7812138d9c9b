//! From SQL text to changes: split, read, replay.
