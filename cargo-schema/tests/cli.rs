//! Transcripts: `tests/cases/cli/*.case`, each a small project and a list of commands with what they print.
//!
//! ```text
//! one line that says what is shown
//! === write src/lib.rs
//! …the file's text…
//! === run cargo schema check
//! …what it prints, standard output first, then standard error behind `2> `, then `[exit 1]` unless it is 0…
//! === show migrations/1.0.0_initial.up.sql
//! …the file's text…
//! ```
//!
//! Every case starts in an empty folder with a Cargo.toml for SQLite. `UPDATE_CASES=1` rewrites what is expected; the text
//! diff is reviewed like code.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

use libtest_mimic::{Arguments, Failed, Trial};

fn main() -> ExitCode {
    let arguments = Arguments::from_args();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases/cli");
    let mut cases: Vec<PathBuf> = fs::read_dir(&folder)
        .map(|entries| entries.filter_map(|entry| entry.ok().map(|entry| entry.path())).collect())
        .unwrap_or_default();
    cases.retain(|path| path.extension().is_some_and(|extension| extension == "case"));
    cases.sort();
    assert!(!cases.is_empty(), "no cases in {}", folder.display());
    let trials = cases.into_iter().map(|path| {
        let name = path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
        Trial::test(name, move || run_case(&path).map_err(Failed::from))
    });
    libtest_mimic::run(&arguments, trials.collect()).exit_code()
}

/// A section: its heading without `=== `, and its body.
struct Section {
    heading: String,
    body: String,
}

fn run_case(path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).map_err(|error| error.to_string())?;
    let (title, sections) = parse(&text);
    let folder = tempfile::tempdir().map_err(|error| error.to_string())?;
    fs::write(folder.path().join("Cargo.toml"), MANIFEST).map_err(|error| error.to_string())?;
    let mut actual = format!("{title}\n");
    for section in &sections {
        let body = perform(section, folder.path())?;
        actual.push_str(&format!("=== {}\n{body}", section.heading));
    }
    if actual == text {
        return Ok(());
    }
    if std::env::var_os("UPDATE_CASES").is_some() {
        return fs::write(path, actual).map_err(|error| error.to_string());
    }
    Err(format!("expected and found differ\n{}", compare(&text, &actual)))
}

fn parse(text: &str) -> (String, Vec<Section>) {
    let mut parts = text.split("=== ");
    let title = parts.next().unwrap_or("").trim_end().to_owned();
    let sections = parts.map(|part| {
        let (heading, body) = part.split_once('\n').unwrap_or((part, ""));
        Section { heading: heading.to_owned(), body: body.to_owned() }
    });
    (title, sections.collect())
}

fn perform(section: &Section, folder: &Path) -> Result<String, String> {
    let (verb, rest) = section.heading.split_once(' ').unwrap_or((&section.heading, ""));
    match verb {
        "write" => {
            let path = folder.join(rest);
            fs::create_dir_all(path.parent().unwrap_or(folder)).map_err(|error| error.to_string())?;
            fs::write(path, &section.body).map_err(|error| error.to_string())?;
            Ok(section.body.clone())
        }
        "run" => run(rest, folder),
        "show" => {
            let text = fs::read_to_string(folder.join(rest)).map_err(|error| format!("{rest}: {error}"))?;
            Ok(redact(&text, folder))
        }
        other => Err(format!("unknown section `{other}`; use write, run or show")),
    }
}

fn run(command: &str, folder: &Path) -> Result<String, String> {
    let binary = env!("CARGO_BIN_EXE_cargo-schema");
    let output = Command::new("sh")
        .arg("-c")
        .arg(command.replace("cargo schema", "\"$CARGO_SCHEMA\" schema"))
        .current_dir(folder)
        .env("CARGO_SCHEMA", binary)
        .env_remove("DATABASE_URL")
        .env("NO_COLOR", "1")
        .env("CARGO_TERM_COLOR", "never")
        .env("COLUMNS", "100")
        .output()
        .map_err(|error| error.to_string())?;
    let mut text = redact(&String::from_utf8_lossy(&output.stdout), folder);
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    for line in redact(&String::from_utf8_lossy(&output.stderr), folder).lines() {
        text.push_str(format!("2> {line}").trim_end());
        text.push('\n');
    }
    match output.status.code() {
        Some(0) => {}
        Some(code) => text.push_str(&format!("[exit {code}]\n")),
        None => text.push_str("[killed]\n"),
    }
    Ok(text)
}

/// Takes out what differs from run to run: the folder, dates, times, checksums.
fn redact(text: &str, folder: &Path) -> String {
    let real = folder.canonicalize().unwrap_or_else(|_| folder.to_owned());
    let text = text.replace(&*real.to_string_lossy(), "[DIR]").replace(&*folder.to_string_lossy(), "[DIR]");
    let mut out = String::with_capacity(text.len());
    for line in text.split_inclusive('\n') {
        out.push_str(&redact_words(line));
    }
    out
}

fn redact_words(line: &str) -> String {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "-:.".contains(c);
    let mut out = String::new();
    let mut rest = line;
    while let Some(start) = rest.find(is_word) {
        out.push_str(&rest[..start]);
        let tail = &rest[start..];
        let length = tail.find(|c| !is_word(c)).unwrap_or(tail.len());
        out.push_str(redacted(&tail[..length]).unwrap_or(&tail[..length]));
        rest = &tail[length..];
    }
    out + rest
}

fn redacted(word: &str) -> Option<&'static str> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let fields: Vec<&str> = word.splitn(3, '-').collect();
    if let [year, month, day] = fields[..]
        && year.len() == 4
        && digits(year)
        && digits(month)
        && day.starts_with(|c: char| c.is_ascii_digit())
    {
        return Some("[DATE]");
    }
    if word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Some("[SHA256]");
    }
    let clock: Vec<&str> = word.split([':', '.']).collect();
    if clock.len() >= 3 && word.contains(':') && clock.iter().all(|part| digits(part)) {
        return Some("[CLOCK]");
    }
    let number = word.strip_suffix("ms").or_else(|| word.strip_suffix('s'))?;
    number.split('.').all(digits).then_some("[TIME]")
}

/// The first lines that differ, with what stands before them.
fn compare(expected: &str, actual: &str) -> String {
    let (expected, actual): (Vec<_>, Vec<_>) = (expected.lines().collect(), actual.lines().collect());
    let same = expected.iter().zip(&actual).take_while(|(one, other)| one == other).count();
    let tail = |lines: &[&str], mark: &str| {
        lines.iter().skip(same).take(12).map(|line| format!("{mark} {line}\n")).collect::<String>()
    };
    let context: String =
        expected[same.saturating_sub(3)..same].iter().map(|line| format!("  {line}\n")).collect();
    format!("{context}{}{}", tail(&expected, "-"), tail(&actual, "+"))
}

const MANIFEST: &str = r#"[package]
name = "app"
version = "0.1.0"
edition = "2024"

[workspace]

[package.metadata.schema]
dialects = ["sqlite"]
"#;
