//! What `cargo schema check` costs, as a whole process, beside what `cargo metadata` alone costs: on the API Forge fixture,
//! and on a generated project of 100 tables and 100 migrations. Read the difference: the machine's noise is in both.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

fn main() {
    divan::main();
}

#[divan::bench]
fn metadata_alone_on_api_forge() {
    metadata(&fixture());
}

#[divan::bench]
fn check_on_api_forge() {
    check(&fixture());
}

#[divan::bench]
fn metadata_alone_on_100_by_100(bencher: divan::Bencher<'_, '_>) {
    let project = generated(100);
    bencher.bench_local(|| metadata(project.path()));
}

#[divan::bench]
fn check_on_100_by_100(bencher: divan::Bencher<'_, '_>) {
    let project = generated(100);
    bencher.bench_local(|| check(project.path()));
}

fn fixture() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/api-forge")
}

fn metadata(project: &Path) {
    let mut command = Command::new("cargo");
    command.args(["metadata", "--no-deps", "--format-version", "1"]);
    assert!(quietly(command, project), "cargo metadata failed");
}

fn check(project: &Path) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-schema"));
    command.args(["schema", "check"]);
    assert!(quietly(command, project), "check found drift in {}", project.display());
}

fn quietly(mut command: Command, folder: &Path) -> bool {
    let status = command.current_dir(folder).stdout(Stdio::null()).stderr(Stdio::null()).status();
    status.is_ok_and(|status| status.success())
}

/// A project of so many tables, each made by a migration of its own, in step with its models.
fn generated(tables: usize) -> tempfile::TempDir {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let manifest = "[package]\nname = \"app\"\nversion = \"0.1.0\"\nedition = \"2024\"\n\n[workspace]\n\n\
                    [package.metadata.schema]\ndialects = [\"postgres\"]\n";
    write(folder.path(), "Cargo.toml", manifest);
    let mut modules = String::new();
    for table in 0..tables {
        writeln!(modules, "mod t{table};").expect("writing to a string");
        let reference = if table == 0 {
            String::new()
        } else {
            format!(
                "    #[column(references = \"t{0}(id)\", on_delete = cascade)]\n    pub parent_id: Option<i64>,\n",
                table - 1
            )
        };
        let model = format!(
            "use schema_core::Table;\n\n#[derive(Table)]\n#[table(name = \"t{table}\")]\npub struct T{table} {{\n    \
             #[column(primary_key)]\n    pub id: i64,\n{reference}    #[column(type = \"varchar(200)\", unique)]\n    \
             pub name: String,\n    #[column(default = \"now()\", index)]\n    pub created_at: String,\n    \
             pub a: Option<i32>,\n    pub b: Option<bool>,\n    pub c: Option<f64>,\n}}\n"
        )
        .replace("pub created_at: String", "pub created_at: chrono::NaiveDateTime");
        write(folder.path(), &format!("src/t{table}.rs"), &model);
        write(folder.path(), "src/lib.rs", &modules);
        revision(folder.path(), &format!("Add t{table}"));
    }
    folder
}

fn revision(folder: &Path, message: &str) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_cargo-schema"));
    command.args(["schema", "revision", "-m", message]);
    assert!(quietly(command, folder), "revision failed in {}", folder.display());
}

fn write(folder: &Path, name: &str, text: &str) {
    let path = folder.join(name);
    fs::create_dir_all(path.parent().expect("a parent")).expect("a folder");
    fs::write(path, text).expect("a file");
}
