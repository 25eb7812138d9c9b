//! The data lines under `COPY … FROM stdin`, as pg_dump writes them.

/// Where the data is, and where the script goes on.
pub(super) struct Data {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) next: usize,
}

/// Finds data blocks; remembers when no end mark is left, so that a text is searched once.
#[derive(Default)]
pub(super) struct CopyData {
    exhausted: bool,
}

impl CopyData {
    /// The block that starts on the line after `from`. Without a closing `\.` line there is none: then the script is
    /// not psql's, and what follows is SQL.
    pub(super) fn after(&mut self, text: &str, from: usize) -> Option<Data> {
        if self.exhausted {
            return None;
        }
        let start = from + text.get(from..)?.find('\n')? + 1;
        let mut at = start;
        while at < text.len() {
            let line_end = text[at..].find('\n').map_or(text.len(), |length| at + length);
            if text[at..line_end].trim_end_matches('\r') == "\\." {
                return Some(Data { start, end: at, next: line_end });
            }
            at = line_end + 1;
        }
        self.exhausted = true;
        None
    }
}
