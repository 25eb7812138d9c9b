//! A catalog as sorted lines, an object a line: what `schema.lock` holds and the gate compares.
