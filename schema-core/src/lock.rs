//! schema.lock: written by the engine, read by the gate.
