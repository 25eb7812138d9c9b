//! Files that hold both directions, divided by comment lines.

use super::Layout;

/// The two directions of a file, each in its own place with the other blanked out, so that places stay right.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sections {
    /// The text that goes up.
    pub up: String,
    /// The text that goes down; `None` where the file has no such section.
    pub down: Option<String>,
    /// Whether each direction runs in a transaction.
    pub transactions: (bool, bool),
}

/// What a line means to the tool whose sections these are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mark {
    Up { transaction: bool },
    Down { transaction: bool },
    NoTransaction,
}

/// The tool whose marks the text has.
pub fn tool(text: &str) -> Option<Layout> {
    let found = text.lines().find_map(|line| mark(line).map(|(tool, _)| tool))?;
    (found != Layout::Plain || plain_words(text)).then_some(match found {
        Layout::Plain => Layout::Sections,
        other => other,
    })
}

/// Divides a text, if it has marks.
pub fn divide(text: &str) -> Option<Sections> {
    tool(text)?;
    // Some tools mark the way down alone: what comes before it goes up.
    let first = text
        .lines()
        .find_map(|line| mark(line).map(|(_, mark)| mark).filter(|mark| *mark != Mark::NoTransaction));
    let implied = matches!(first, Some(Mark::Down { .. }));
    let mut up = String::with_capacity(text.len());
    let mut down = String::with_capacity(text.len());
    let mut current = implied.then_some(true);
    let mut seen_down = false;
    let mut transactions = (true, true);
    for line in text.split_inclusive('\n') {
        match mark(line).map(|(_, mark)| mark) {
            Some(Mark::Up { transaction }) => {
                current = Some(true);
                transactions.0 &= transaction;
            }
            Some(Mark::Down { transaction }) => {
                current = Some(false);
                seen_down = true;
                transactions.1 &= transaction;
            }
            Some(Mark::NoTransaction) => transactions = (false, false),
            None => {}
        }
        let header = current.is_none() && line.trim_start().starts_with("--");
        // A mark that is no SQL comment must not reach the database.
        let foreign =
            line.trim_start_matches('\u{feff}').trim_start().starts_with('#') && mark(line).is_some();
        let own = |wanted: bool| wanted && !foreign;
        up.push_str(&if own(current == Some(true) || header) { line.to_owned() } else { blank(line) });
        down.push_str(&if own(current == Some(false)) { line.to_owned() } else { blank(line) });
    }
    Some(Sections { up, down: seen_down.then_some(down), transactions })
}

/// Divides a file of a folder without sections in general, when it has both directions beyond doubt.
pub fn divide_stray(text: &str) -> Option<Sections> {
    let certain = matches!(tool(text)?, Layout::Goose | Layout::Dbmate | Layout::SqlMigrate);
    divide(text).filter(|sections| certain && sections.down.is_some())
}

/// Whether a file without sections says that its tool opens no transaction.
pub fn says_no_transaction(text: &str) -> bool {
    let head = text.trim_start_matches('\u{feff}').lines().take_while(|line| {
        let line = line.trim();
        line.is_empty() || line.starts_with("--")
    });
    head.into_iter().any(|line| {
        let line = line.trim_start_matches('-').trim().to_ascii_lowercase();
        matches!(
            line.as_str(),
            "no-transaction" | "atlas:txmode none" | "disable-transaction" | "migrate:no-transaction"
        )
    })
}

const TERN: &str = "---- create above / drop below ----";

/// The mark a line is, with the tool that writes it (`Plain` for bare words, which count only as a pair).
fn mark(line: &str) -> Option<(Layout, Mark)> {
    let line = line.trim_start_matches('\u{feff}').trim();
    if line == TERN {
        return Some((Layout::Sections, Mark::Down { transaction: true }));
    }
    let body = line.strip_prefix("--").or_else(|| line.strip_prefix('#'))?;
    let lower = body.trim_matches(|c: char| c == '-' || c == '=' || c.is_whitespace()).to_ascii_lowercase();
    let words: Vec<&str> = lower.split_whitespace().collect();
    let (tool, direction, rest) = match words.as_slice() {
        ["+goose", "no", "transaction", ..] => return Some((Layout::Goose, Mark::NoTransaction)),
        ["tern:", "disable-tx"] => return Some((Layout::Sections, Mark::NoTransaction)),
        ["+goose", direction, rest @ ..] => (Layout::Goose, *direction, rest),
        ["+migrate", direction, rest @ ..] => (Layout::SqlMigrate, *direction, rest),
        ["migrate:up", rest @ ..] => (Layout::Dbmate, "up", rest),
        ["migrate:down", rest @ ..] => (Layout::Dbmate, "down", rest),
        ["+micrate" | "rambler" | "+mig", direction, rest @ ..] => (Layout::Sections, *direction, rest),
        [direction @ ("up" | "down"), "migration"] => (Layout::Sections, *direction, &[][..]),
        ["!ups"] => (Layout::Sections, "up", &[][..]),
        ["!downs"] => (Layout::Sections, "down", &[][..]),
        ["//@undo" | "@undo"] => (Layout::Sections, "down", &[][..]),
        ["up" | "+up" | "@up" | "up:"] => (Layout::Plain, "up", &[][..]),
        ["down" | "+down" | "@down" | "down:"] => (Layout::Plain, "down", &[][..]),
        _ => return None,
    };
    let off = ["notransaction", "transaction:false", "transaction=false"];
    let transaction = !rest.iter().any(|word| off.contains(word));
    match direction {
        "up" => Some((tool, Mark::Up { transaction })),
        "down" => Some((tool, Mark::Down { transaction })),
        _ => None,
    }
}

/// Bare `-- Up` and `-- Down` count when both are there, up first, and no statement stands before them.
fn plain_words(text: &str) -> bool {
    let statement = |line: &&str| {
        let line = line.trim_start_matches('\u{feff}').trim();
        !line.is_empty() && !line.starts_with("--")
    };
    let before: Option<usize> = text.lines().position(|line| statement(&line));
    let marks: Vec<(usize, Mark)> =
        text.lines().enumerate().filter_map(|(at, line)| mark(line).map(|(_, mark)| (at, mark))).collect();
    match marks.as_slice() {
        [(at, Mark::Up { .. }), rest @ ..] => {
            before.is_none_or(|before| *at < before)
                && rest.iter().any(|(_, mark)| matches!(mark, Mark::Down { .. }))
        }
        _ => false,
    }
}

/// The line with every character but its end made blank, byte for byte.
fn blank(line: &str) -> String {
    line.bytes().map(|byte| if matches!(byte, b'\n' | b'\r') { char::from(byte) } else { ' ' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sections_keep_their_places() {
        let text =
            "-- Version: 1.0.0\n-- +goose Up\nCREATE TABLE é (a int);\n-- +goose Down\nDROP TABLE é;\n";
        let parts = divide(text).expect("sections");
        assert_eq!(parts.up.len(), text.len());
        assert_eq!(parts.up.find("CREATE"), text.find("CREATE"));
        assert!(!parts.up.contains("DROP"));
        let down = parts.down.expect("a down section");
        assert_eq!((down.find("DROP"), down.contains("CREATE")), (text.find("DROP"), false));
        assert!(parts.up.contains("Version"));
    }

    #[test]
    fn each_tool_has_its_words() {
        for (text, tool_of, up, down) in [
            ("-- +migrate Up notransaction\na\n-- +migrate Down\nb", Layout::SqlMigrate, false, true),
            ("--migrate:up transaction:false\na\n-- migrate:down\nb", Layout::Dbmate, false, true),
            ("-- +goose NO TRANSACTION\n-- +goose Up\na", Layout::Goose, false, false),
            ("a\n---- create above / drop below ----\nb", Layout::Sections, true, true),
            ("-- Up Migration\na\n-- Down Migration\nb", Layout::Sections, true, true),
            ("# --- !Ups\na\n# --- !Downs\nb", Layout::Sections, true, true),
        ] {
            assert_eq!(tool(text), Some(tool_of), "{text}");
            let parts = divide(text).expect("sections");
            assert_eq!(parts.transactions, (up, down), "{text}");
            assert!(parts.up.contains('\n') && parts.up.lines().any(|line| line == "a"), "{text}");
        }
    }

    #[test]
    fn a_comment_that_happens_to_say_down_is_no_section() {
        for text in [
            "CREATE TABLE a (b int);\n-- down\nSELECT 1;",
            "-- up\nSELECT 1;",
            "-- Up to date\n-- Down below\n",
        ] {
            assert_eq!(tool(text), None, "{text}");
        }
    }
}
