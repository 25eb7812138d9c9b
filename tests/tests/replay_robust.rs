//! No text makes the splitter or the readers panic: random characters, and statements of the cases torn apart and put together
//! wrongly. `PROPTEST_CASES` runs more.

use std::sync::LazyLock;

use proptest::prelude::*;
use schema_core::model::token::{Token, tokens};
use schema_core::model::{DialectKind, SourceMap};
use schema_core::sql::{Replayer, split, split_script};
use schema_tests::case::{Case, files};
use schema_tests::truth::histories;

/// Statements to tear apart: those of the replay cases, and of real histories where they are there.
static STATEMENTS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let cases = files("replay").into_iter().filter_map(|path| Case::read(&path).ok());
    let mut texts: Vec<String> = cases
        .filter_map(|case| case.section("in.sql").or_else(|| case.section("in.sqlite")).map(str::to_owned))
        .collect();
    for dialect in DialectKind::ALL {
        for history in histories(dialect) {
            texts.extend(history.steps.iter().map(|step| String::from_utf8_lossy(&step.up).into_owned()));
        }
    }
    let statements = texts.iter().flat_map(|text| {
        split(text, DialectKind::Postgres).into_iter().map(|statement| statement.text(text).to_owned())
    });
    statements.filter(|text| text.len() < 4000).collect()
});

/// Replays a script and looks only that every place is inside it.
fn replays(text: &str, dialect: DialectKind) {
    let script = split_script(text, dialect);
    for statement in &script.statements {
        assert!(text.get(statement.start..statement.end).is_some(), "a statement's place is in the text");
    }
    let mut sources = SourceMap::default();
    let file = sources.add("in.sql", text);
    let mut replayer = Replayer::new(dialect);
    let effects = replayer.run(&sources, file);
    assert_eq!(effects.len(), script.statements.len());
    for diagnostic in replayer.diagnostics() {
        assert!(diagnostic.labels.iter().all(|label| label.span.end as usize <= text.len()));
    }
}

/// A few statements with tokens taken out, doubled, moved and exchanged.
fn torn(picks: &[prop::sample::Index], edits: &[(u8, prop::sample::Index, prop::sample::Index)]) -> String {
    let Some(first) = STATEMENTS.first() else { return String::new() };
    let all = picks.iter().map(|pick| STATEMENTS.get(pick.index(STATEMENTS.len())).unwrap_or(first).as_str());
    let text = all.collect::<Vec<_>>().join(";\n");
    let found = tokens(&text, DialectKind::Postgres);
    let mut words: Vec<&str> = found.iter().map(|token: &Token| token.text(&text)).collect();
    for (kind, at, other) in edits {
        if words.is_empty() {
            break;
        }
        let (at, other) = (at.index(words.len()), other.index(words.len()));
        match kind % 5 {
            0 => drop(words.remove(at)),
            1 => words.insert(at, words[other]),
            2 => words.swap(at, other),
            3 => words.truncate(at.max(other)),
            _ => {
                words[at] =
                    ["(", ")", ",", ";", "'", "\"", "$$", "CASCADE", "TABLE", "/*", "BEGIN", "END", "."]
                        [other % 13]
            }
        }
    }
    words.join(" ")
}

proptest! {
    #[test]
    fn random_text(text in "\\PC{0,200}") {
        DialectKind::ALL.into_iter().for_each(|dialect| replays(&text, dialect));
    }

    #[test]
    fn random_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let text = String::from_utf8_lossy(&bytes);
        DialectKind::ALL.into_iter().for_each(|dialect| replays(&text, dialect));
    }

    #[test]
    fn torn_statements(
        picks in prop::collection::vec(any::<prop::sample::Index>(), 1..6),
        edits in prop::collection::vec(any::<(u8, prop::sample::Index, prop::sample::Index)>(), 0..8),
    ) {
        let text = torn(&picks, &edits);
        DialectKind::ALL.into_iter().for_each(|dialect| replays(&text, dialect));
    }

    #[test]
    fn scripts_cut_anywhere(pick in any::<prop::sample::Index>(), cut in any::<prop::sample::Index>()) {
        let text = torn(&[pick], &[]);
        let end = text.floor_char_boundary(cut.index(text.len() + 1));
        DialectKind::ALL.into_iter().for_each(|dialect| replays(&text[..end], dialect));
    }
}
