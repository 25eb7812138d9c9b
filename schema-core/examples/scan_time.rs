//! How long the scan of many structs takes: `cargo run --release --features gate --example scan_time -- [structs] [files]`.

use std::time::Instant;

use schema_core::rust::{CrateRoot, ScanOptions, scan};
use schema_model::{DialectKind, SourceMap, lines};

fn main() -> std::io::Result<()> {
    let mut numbers = std::env::args().skip(1).filter_map(|word| word.parse::<usize>().ok());
    let structs = numbers.next().unwrap_or(1000);
    let files = numbers.next().unwrap_or(200).max(1);
    let folder = std::env::temp_dir().join(format!("schema-scan-{}", std::process::id()));
    std::fs::create_dir_all(&folder)?;
    let mut root = String::from("pub use schema_core::{Table, SqlEnum};\n");
    let (mut bytes, per_file) = (0, structs.div_ceil(files));
    for file in 0..files {
        let mut text =
            String::from("use chrono::{DateTime, Utc};\nuse schema_core::Table;\nuse uuid::Uuid;\n");
        for index in file * per_file..((file + 1) * per_file).min(structs) {
            text.push_str(&format!(
                "\n/// A row.\n#[derive(Debug, Clone, Table)]\n#[table(index(columns(created_at desc, name)), check(name = \"named_{index}\", \"name <> ''\"))]\n\
                 pub struct Thing{index} {{\n    #[column(primary_key, default = \"gen_random_uuid()\")]\n    pub id: Uuid,\n\
                 \x20   #[column(type = \"varchar(255)\", unique)]\n    pub name: String,\n    pub note: Option<String>,\n\
                 \x20   #[column(references = \"thing{index}s(id)\", on_delete = cascade, index)]\n    pub parent_id: Option<Uuid>,\n\
                 \x20   pub amount: i64,\n    #[column(default = \"now()\")]\n    pub created_at: DateTime<Utc>,\n    pub done: bool,\n}}\n"
            ));
        }
        bytes += text.len();
        std::fs::write(folder.join(format!("m{file}.rs")), text)?;
        root.push_str(&format!("mod m{file};\n"));
    }
    std::fs::write(folder.join("lib.rs"), root)?;
    let options = ScanOptions::new(CrateRoot::new("app", folder.join("lib.rs")), vec![DialectKind::Postgres]);
    let mut best = f64::MAX;
    for _ in 0..7 {
        let start = Instant::now();
        let mut sources = SourceMap::default();
        let declared = scan(&options, &mut sources);
        let took = start.elapsed().as_secs_f64() * 1000.0;
        best = best.min(took);
        let catalog = declared.catalog(DialectKind::Postgres);
        let start = Instant::now();
        let lines = lines::lines(&catalog, DialectKind::Postgres).len();
        let print = start.elapsed().as_secs_f64() * 1000.0;
        println!(
            "{} tables, {lines} lines, {} errors, {} KiB: scan {took:.1} ms, lines {print:.1} ms",
            catalog.tables.len(),
            declared.diagnostics.len(),
            bytes / 1024
        );
    }
    println!("best {best:.1} ms");
    std::fs::remove_dir_all(folder)
}
