//! Two scripts, one behind the other with a `\0` between them: what leads from the catalog of the first to that of the
//! second, printed, both ways, in both dialects. `cargo fuzz run plan`; `fuzz/seeds.sh` makes seeds of the cases.
#![no_main]

use libfuzzer_sys::fuzz_target;
use schema_core::model::DialectKind;
use schema_core::plan::{Direction, PlanOptions, create_script, plan, render_script, verify};
use schema_core::sql::replay_text;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let (old, new) = text.split_once('\0').unwrap_or((text, ""));
    for dialect in DialectKind::ALL {
        let (old, new) = (replay_text(old, dialect), replay_text(new, dialect));
        let _ = create_script(&new, dialect);
        if let Ok(plan) = plan(&old, &new, &PlanOptions::new(dialect)) {
            let _ = verify(&plan, &old, &new);
            render_script(&plan, Direction::Up);
            render_script(&plan, Direction::Down);
        }
    }
});
