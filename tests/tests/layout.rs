//! Folder listings as text: which layout they are, which revisions they hold, in which order. One test for each file of
//! `cases/layout`. A line of `files` is a path; a section `file <path>` gives one a text.

use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};
use schema_core::script::Layout;
use schema_core::script::layout::{self, ListedFile, Part};
use schema_model::DialectKind;
use schema_tests::case::{Case, files};

fn main() {
    let args = Arguments::from_args();
    let trials = files("layout").into_iter().map(|path| {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        Trial::test(name, move || run(&path).map_err(Failed::from))
    });
    libtest_mimic::run(&args, trials.collect()).exit();
}

fn run(path: &Path) -> Result<(), String> {
    let mut case = Case::read(path).map_err(|error| error.to_string())?;
    let dialect: Option<DialectKind> = case.section("dialect").and_then(|word| word.trim().parse().ok());
    let forced: Option<Layout> = case.section("layout").and_then(|word| word.trim().parse().ok());
    let mut listed: Vec<ListedFile> = Vec::new();
    for line in case.section("files").unwrap_or_default().lines().filter(|line| !line.trim().is_empty()) {
        listed.push(ListedFile { path: line.trim().to_owned(), text: "SELECT 1;\n".to_owned() });
    }
    for (name, text) in &case.sections {
        if let Some(path) = name.strip_prefix("file ") {
            listed.push(ListedFile { path: path.trim().to_owned(), text: text.clone() });
        }
    }
    listed.sort_by(|left, right| left.path.cmp(&right.path));
    let answer = match layout::read(listed, forced, dialect) {
        Err(error) => format!("error: {error}\n"),
        Ok((layout, arranged)) => {
            let mut text = format!("{layout}\n");
            for entry in &arranged.entries {
                text.push_str(&format!("{} | {} | {}", entry.id, entry.message, shown(&entry.up)));
                if let Some(down) = &entry.down {
                    text.push_str(&format!(" | {}", shown(down)));
                }
                text.push('\n');
            }
            for (path, reason) in &arranged.ignored {
                text.push_str(&format!("- {path}: {reason}\n"));
            }
            text
        }
    };
    case.expect("history", &answer)
}

fn shown(part: &Part) -> String {
    let lines: Vec<&str> = part.text.lines().map(str::trim).filter(|line| !line.is_empty()).collect();
    let text = lines.join(" ⏎ ");
    let text = if text == "SELECT 1;" { String::new() } else { format!(" “{text}”") };
    let alone = if part.transaction { "" } else { " (no transaction)" };
    format!("{}{alone}{text}", part.path)
}
