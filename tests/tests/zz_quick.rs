#[test]
fn quick() {
    let mut history = std::collections::BTreeMap::new();
    let root = std::path::Path::new("/work/shared/corpus/postgres");
    for dir in std::fs::read_dir(root).unwrap() {
        let dir = dir.unwrap().path();
        let mut files: Vec<_> = std::fs::read_dir(dir.join("sql"))
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|p| p.to_str().unwrap().ends_with(".up.sql"))
            .collect();
        files.sort();
        let mut sources = schema_model::SourceMap::default();
        let mut replayer = schema_core::sql::Replayer::new(schema_model::DialectKind::Postgres);
        for file in files {
            let Ok(text) = std::fs::read_to_string(&file) else { continue };
            let id = sources.add(file.file_name().unwrap().to_str().unwrap(), &*text);
            let before = replayer.diagnostics().len();
            replayer.run(&sources, id);
            for d in &replayer.diagnostics()[before..] {
                println!(
                    "DIAG {} {}: {}",
                    dir.file_name().unwrap().to_str().unwrap(),
                    file.file_name().unwrap().to_str().unwrap(),
                    d.message
                );
            }
        }
        let c = replayer.into_catalog();
        for g in &c.gaps {
            println!(
                "GAP {} {} :: {}",
                dir.file_name().unwrap().to_str().unwrap(),
                g.reason,
                g.statement.chars().take(100).collect::<String>().replace('\n', " ")
            );
        }
        history.insert(
            dir.file_name().unwrap().to_owned(),
            (
                c.views.keys().cloned().collect::<Vec<_>>(),
                c.opaque.keys().map(|k| k.to_string()).collect::<Vec<_>>(),
                c.tables.len(),
            ),
        );
    }
    println!("{history:#?}");
}
