//! Splitter and readers of both dialects on any text. `cargo fuzz run replay fuzz/corpus/replay`; the `in.sql` sections of
//! `tests/cases/replay` and any folder of migrations make good seeds.
#![no_main]

use libfuzzer_sys::fuzz_target;
use schema_core::model::DialectKind;
use schema_core::sql::{replay_text, split};

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    for dialect in DialectKind::ALL {
        let mut last = 0;
        for statement in split(text, dialect) {
            assert!(last <= statement.start && text.get(statement.start..statement.end).is_some());
            last = statement.end;
        }
        replay_text(text, dialect);
    }
});
