//! Git's conflict marks in a file that is read: said as what they are, not as the syntax error that they look like.

use schema_model::{FileId, Span};

use crate::diagnostic::Diagnostic;

/// What a merge left unresolved in a text; nothing unless all three kinds of marks stand in it, each at a line's start.
pub(crate) fn find(text: &str, file: FileId, code: &'static str) -> Option<Diagnostic> {
    let line = |mark: &str, from: usize| -> Option<usize> {
        let rest = text.get(from..)?;
        if rest.starts_with(mark) {
            return Some(from);
        }
        rest.find(&format!("\n{mark}")).map(|at| from + at + 1)
    };
    let ours = line("<<<<<<< ", 0)?;
    let theirs = line("=======", ours)?;
    line(">>>>>>> ", theirs)?;
    let place = Span::new(file, ours, ours + "<<<<<<<".len());
    let help = "keep what is wanted of both sides; where both added migrations, keep them all: `cargo schema rebase` puts yours \
                after theirs";
    let message = "git's conflict marks are left in the file: two branches changed it";
    Some(Diagnostic::error(code, message).at(place, "the first side begins here").help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_three_marks_make_a_conflict() {
        let find = |text: &str| find(text, FileId(0), "x").map(|found| found.labels[0].span.start);
        assert_eq!(find("a\n<<<<<<< HEAD\nb\n=======\nc\n>>>>>>> other\n"), Some(2));
        assert_eq!(find("<<<<<<< HEAD\n||||||| base\n=======\n>>>>>>> other"), Some(0));
        assert_eq!(find("-- =======\n=======\n"), None);
        assert_eq!(find("x <<<<<<< y\n=======\n>>>>>>> z"), None);
    }
}
