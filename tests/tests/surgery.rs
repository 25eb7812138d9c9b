//! Graph surgery on real folders, and merges judged from real git repositories.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

use schema_core::diff::{DiffOptions, diff};
use schema_core::plan::PlanOptions;
use schema_core::revision::{RevisionId, Version};
use schema_core::rules::Overrides;
use schema_core::script::Folder;
use schema_core::sql::{Replayer, replay_text};
use schema_core::surgery::{self, AmendOptions, Commute, MergeOptions, RebaseOptions, SurgeryError};
use schema_model::catalog::Catalog;
use schema_model::{DialectKind, SourceMap};

const PG: DialectKind = DialectKind::Postgres;

/// A project in a temporary folder.
struct Project {
    root: tempfile::TempDir,
}

impl Project {
    fn new() -> Project {
        Project { root: tempfile::tempdir().expect("a folder") }
    }

    fn migrations(&self) -> PathBuf {
        self.root.path().join("migrations")
    }

    /// Writes a pair: `1.1.0_phone`, what it revises, up and down.
    fn revision(&self, stem: &str, revises: &str, up: &str, down: &str) {
        let version = stem.split('_').next().expect("a version");
        let header = format!("-- Version: {version}\n-- Revises: {revises}\n\n");
        self.write(&format!("migrations/{stem}.up.sql"), &format!("{header}{up}"));
        self.write(&format!("migrations/{stem}.down.sql"), &format!("-- Version: {version}\n\n{down}"));
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.root.path().join(path);
        std::fs::create_dir_all(path.parent().expect("a parent")).expect("made");
        std::fs::write(path, text).expect("written");
    }

    fn read(&self, dialect: DialectKind) -> (Folder, SourceMap) {
        let mut sources = SourceMap::default();
        let folder = Folder::read(self.migrations(), dialect, None, &mut sources).expect("read");
        (folder, sources)
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.migrations())
            .expect("a folder")
            .map(|entry| entry.expect("an entry").file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.migrations().join(name)).expect("read")
    }

    fn git(&self, args: &[&str]) -> String {
        git(self.root.path(), args)
    }

    fn init(&self) {
        self.git(&["init", "-q", "-b", "main"]);
    }

    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "--allow-empty", "-m", message]);
    }

    fn base(&self, deployed: Option<&str>) -> surgery::BaseReport {
        let mut sources = SourceMap::default();
        let deployed = deployed.map(RevisionId::from);
        surgery::check_base(&self.migrations(), PG, None, ("main", "HEAD"), deployed.as_ref(), &mut sources)
            .expect("judged")
    }

    fn base_codes(&self, deployed: Option<&str>) -> Vec<&'static str> {
        self.base(deployed).diagnostics.iter().map(|found| found.code).collect()
    }
}

fn git(folder: &Path, args: &[&str]) -> String {
    let who = ["-c", "user.name=test", "-c", "user.email=test@example.org", "-c", "commit.gpgsign=false"];
    let output = Command::new("git").arg("-C").arg(folder).args(who).args(args).output().expect("git runs");
    assert!(output.status.success(), "git {args:?}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}

fn catalog(folder: &Folder, sources: &SourceMap) -> Catalog {
    let mut replayer = Replayer::new(folder.dialect);
    for script in &folder.scripts {
        replayer.run(sources, script.up.file);
    }
    assert_eq!(replayer.diagnostics(), []);
    replayer.into_catalog()
}

fn same(left: &Catalog, right: &Catalog, dialect: DialectKind) {
    let left: Vec<String> =
        diff(left, right, &DiffOptions::new(dialect)).iter().map(ToString::to_string).collect();
    assert_eq!(left, Vec::<String>::new());
}

const USERS: &str = "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL);\n";

/// main has 1.0.0 and 1.1.0_phone; the branch wrote 1.1.0_fax from the same parent.
fn parallel() -> Project {
    let project = Project::new();
    project.init();
    project.revision("1.0.0_initial", "base", USERS, "DROP TABLE users;\n");
    project.commit("initial");
    project.git(&["checkout", "-q", "-b", "fax"]);
    project.revision(
        "1.1.0_fax",
        "1.0.0",
        "ALTER TABLE users ADD COLUMN fax text;\n",
        "ALTER TABLE users DROP COLUMN fax;\n",
    );
    project.commit("fax");
    project.git(&["checkout", "-q", "main"]);
    project.revision(
        "1.1.0_phone",
        "1.0.0",
        "ALTER TABLE users ADD COLUMN phone text;\n",
        "ALTER TABLE users DROP COLUMN phone;\n",
    );
    project.commit("phone");
    project.git(&["checkout", "-q", "fax"]);
    project
}

#[test]
fn a_fork_is_seen_before_the_merge_is_made() {
    let project = parallel();
    // Alone, the branch is in order.
    let (folder, _) = project.read(PG);
    assert!(folder.check_graph().is_empty());
    let before = project.names();
    let report = project.base(None);
    let codes: Vec<_> = report.diagnostics.iter().map(|found| found.code).collect();
    assert_eq!(codes, ["graph/duplicate-tag"]);
    assert!(
        report.diagnostics[0].message.contains("1.1.0_fax, 1.1.0_phone"),
        "{}",
        report.diagnostics[0].message
    );
    assert_eq!(report.diagnostics[0].labels.len(), 2);
    assert_eq!(
        report.added,
        BTreeSet::from(["1.1.0_fax.up.sql".to_owned(), "1.1.0_fax.down.sql".to_owned()])
    );
    assert_eq!(project.names(), before, "the work tree is left alone");
}

#[test]
fn two_heads_are_seen_before_the_merge_is_made() {
    let project = parallel();
    project.git(&["mv", "migrations/1.1.0_fax.up.sql", "migrations/1.2.0_fax.up.sql"]);
    project.git(&["mv", "migrations/1.1.0_fax.down.sql", "migrations/1.2.0_fax.down.sql"]);
    for name in ["1.2.0_fax.up.sql", "1.2.0_fax.down.sql"] {
        let text = project.text(name).replace("Version: 1.1.0", "Version: 1.2.0");
        project.write(&format!("migrations/{name}"), &text);
    }
    project.commit("tag by hand");
    assert_eq!(project.base_codes(None), ["graph/multiple-heads"]);
}

#[test]
fn rebase_after_a_merge_with_twins() {
    let project = parallel();
    project.git(&["merge", "-q", "main", "-m", "merge"]);
    let (folder, sources) = project.read(PG);
    assert!(folder.graph().is_err());
    let outcome = surgery::rebase(
        &folder,
        &sources,
        &|script| script.revision.stem.ends_with("fax"),
        &RebaseOptions::default(),
    )
    .expect("moved");
    assert_eq!(outcome.retagged, [(RevisionId::from("1.1.0"), RevisionId::from("1.2.0"))]);
    outcome.changes.apply().expect("written");
    assert_eq!(
        project.names(),
        [
            "1.0.0_initial.down.sql",
            "1.0.0_initial.up.sql",
            "1.1.0_phone.down.sql",
            "1.1.0_phone.up.sql",
            "1.2.0_fax.down.sql",
            "1.2.0_fax.up.sql"
        ]
    );
    let fax = folder.scripts.iter().find(|script| script.revision.stem.ends_with("fax")).expect("fax");
    let text = project.text("1.2.0_fax.up.sql");
    assert!(
        text.starts_with(&format!(
            "-- Version: 1.2.0\n-- Revises: 1.1.0\n-- Formerly: 1.1.0 {}\n",
            fax.up.checksum
        )),
        "{text}"
    );
    assert!(project.text("1.2.0_fax.down.sql").starts_with("-- Version: 1.2.0\n"));
    let (folder, sources) = project.read(PG);
    assert!(folder.check_graph().is_empty() && folder.diagnostics.is_empty());
    same(
        &catalog(&folder, &sources),
        &replay_text(
            "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, phone text, fax text);",
            PG,
        ),
        PG,
    );
    project.commit("rebased");
    assert_eq!(project.base_codes(None), Vec::<&str>::new());
    // Once more there is nothing to do.
    let again = surgery::rebase(
        &folder,
        &sources,
        &|script| script.revision.stem.ends_with("fax"),
        &RebaseOptions::default(),
    );
    assert!(matches!(again, Err(SurgeryError::Nothing(_))), "{again:?}");
}

#[test]
fn rebase_moves_a_chain_and_computes_each_bump_anew() {
    let project = parallel();
    project.revision(
        "1.2.0_pager",
        "1.1.0",
        "ALTER TABLE users ADD COLUMN pager text;\n",
        "ALTER TABLE users DROP COLUMN pager;\n",
    );
    project.revision(
        "2.0.0_email",
        "1.2.0",
        "ALTER TABLE users RENAME COLUMN email TO mail;\n",
        "ALTER TABLE users RENAME COLUMN mail TO email;\n",
    );
    project.git(&["add", "-A"]);
    project.commit("more");
    project.git(&["merge", "-q", "main", "-m", "merge"]);
    let (folder, sources) = project.read(PG);
    let mine = |script: &schema_core::script::Script| {
        ["fax", "pager", "email"].iter().any(|word| script.revision.stem.ends_with(word))
    };
    let outcome = surgery::rebase(&folder, &sources, &mine, &RebaseOptions::default()).expect("moved");
    outcome.changes.apply().expect("written");
    let (folder, _) = project.read(PG);
    let order: Vec<String> = folder.scripts.iter().map(|script| script.revision.stem.clone()).collect();
    assert_eq!(order, ["1.0.0_initial", "1.1.0_phone", "1.2.0_fax", "1.3.0_pager", "2.0.0_email"]);
    let parents: Vec<&str> =
        folder.scripts.iter().flat_map(|script| &script.revision.parents).map(RevisionId::as_str).collect();
    assert_eq!(parents, ["1.0.0", "1.1.0", "1.2.0", "1.3.0"]);
    assert!(project.text("2.0.0_email.up.sql").contains("-- Revises: 1.3.0\n"));
}

#[test]
fn rebase_refuses_what_does_not_fit() {
    let project = Project::new();
    project.revision("1.0.0_initial", "base", USERS, "DROP TABLE users;\n");
    project.revision(
        "2.0.0_drop",
        "1.0.0",
        "ALTER TABLE users DROP COLUMN email;\n",
        "ALTER TABLE users ADD COLUMN email text NOT NULL;\n",
    );
    project.revision(
        "1.0.1_index",
        "1.0.0",
        "CREATE INDEX users_email ON users (email);\n",
        "DROP INDEX users_email;\n",
    );
    let (folder, sources) = project.read(PG);
    let before = project.names();
    let outcome = surgery::rebase(
        &folder,
        &sources,
        &|script| script.revision.stem.ends_with("index"),
        &RebaseOptions::default(),
    );
    assert!(
        matches!(&outcome, Err(SurgeryError::DoesNotFit { revision, after, .. }) if revision.as_str() == "1.0.1" && after == "2.0.0"),
        "{outcome:?}"
    );
    assert_eq!(project.names(), before);
    let released = surgery::rebase(
        &folder,
        &sources,
        &|script| script.revision.stem.ends_with("index"),
        &RebaseOptions { deployed: Some("1.0.1".into()), ..RebaseOptions::default() },
    );
    assert!(matches!(released, Err(SurgeryError::Released(_))));
}

/// A SQLite rebuild names every column: kept as written, it would drop the other side's.
#[test]
fn rebase_plans_a_generated_rebuild_anew() {
    let dialect = DialectKind::Sqlite;
    let old = replay_text("CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);", dialect);
    let new = replay_text("CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL);", dialect);
    let plan = schema_core::plan::plan(&old, &new, &PlanOptions::new(dialect)).expect("planned");
    let up = schema_core::script::body(&plan.up, schema_core::plan::Direction::Up);
    let down = schema_core::script::body(&plan.down, schema_core::plan::Direction::Down);
    let project = Project::new();
    project.revision(
        "1.0.0_initial",
        "base",
        "CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT);\n",
        "DROP TABLE users;\n",
    );
    project.revision(
        "1.1.0_phone",
        "1.0.0",
        "ALTER TABLE users ADD COLUMN phone TEXT;\n",
        "ALTER TABLE users DROP COLUMN phone;\n",
    );
    project.revision("2.0.0_required", "1.0.0", &up, &down);
    let (folder, sources) = project.read(dialect);
    let outcome = surgery::rebase(
        &folder,
        &sources,
        &|script| script.revision.stem.ends_with("required"),
        &RebaseOptions::default(),
    )
    .expect("moved");
    assert!(outcome.notes.iter().any(|note| note.contains("planned anew")), "{:?}", outcome.notes);
    outcome.changes.apply().expect("written");
    let (folder, sources) = project.read(dialect);
    assert!(folder.check_graph().is_empty());
    let wanted =
        replay_text("CREATE TABLE users (id INTEGER PRIMARY KEY, email TEXT NOT NULL, phone TEXT);", dialect);
    same(&catalog(&folder, &sources), &wanted, dialect);
}

#[test]
fn a_hotfix_beside_a_major_release_is_merged() {
    let project = Project::new();
    project.revision("1.4.0_initial", "base", USERS, "DROP TABLE users;\n");
    project.revision(
        "1.4.1_index",
        "1.4.0",
        "CREATE INDEX users_email ON users (email);\n",
        "DROP INDEX users_email;\n",
    );
    project.revision(
        "2.0.0_name",
        "1.4.0",
        "ALTER TABLE users ADD COLUMN name text NOT NULL;\n",
        "ALTER TABLE users DROP COLUMN name;\n",
    );
    let (folder, sources) = project.read(PG);
    assert_eq!(
        folder.check_graph().iter().map(|found| found.code).collect::<Vec<_>>(),
        ["graph/multiple-heads"]
    );
    assert_eq!(
        surgery::commute(&folder, &sources, &"1.4.1".into(), &"2.0.0".into()).expect("judged"),
        Commute::Yes
    );
    let options = MergeOptions { date: "2025-01-01".into(), ..MergeOptions::default() };
    let outcome = surgery::merge(&folder, &sources, &[], &options).expect("merged");
    outcome.changes.apply().expect("written");
    // An application of 1.4.1 does not survive 2.0.0's column.
    assert!(project.names().contains(&"3.0.0_merge_1_4_1_2_0_0.up.sql".to_owned()), "{:?}", project.names());
    let (folder, _) = project.read(PG);
    assert!(folder.check_graph().is_empty());
    let (folder, sources) = project.read(PG);
    assert!(matches!(surgery::merge(&folder, &sources, &[], &options), Err(SurgeryError::Nothing(_))));
}

#[test]
fn branches_that_do_not_commute_are_not_merged() {
    let project = Project::new();
    project.revision("1.0.0_initial", "base", USERS, "DROP TABLE users;\n");
    project.revision(
        "1.1.0_a",
        "1.0.0",
        "ALTER TABLE users ALTER COLUMN email SET DEFAULT 'a';\n",
        "ALTER TABLE users ALTER COLUMN email DROP DEFAULT;\n",
    );
    project.revision(
        "1.2.0_b",
        "1.0.0",
        "ALTER TABLE users ALTER COLUMN email SET DEFAULT 'b';\n",
        "ALTER TABLE users ALTER COLUMN email DROP DEFAULT;\n",
    );
    let (folder, sources) = project.read(PG);
    let answer = surgery::commute(&folder, &sources, &"1.1.0".into(), &"1.2.0".into()).expect("judged");
    assert!(matches!(&answer, Commute::Differs(what) if what.contains("users.email")), "{answer:?}");
    assert!(matches!(
        surgery::merge(&folder, &sources, &[], &MergeOptions::default()),
        Err(SurgeryError::NotEqual { .. })
    ));
    project.revision(
        "1.2.0_b",
        "1.0.0",
        "ALTER TABLE users DROP COLUMN email;\n",
        "ALTER TABLE users ADD COLUMN email text;\n",
    );
    let (folder, sources) = project.read(PG);
    let answer = surgery::commute(&folder, &sources, &"1.1.0".into(), &"1.2.0".into()).expect("judged");
    assert!(matches!(&answer, Commute::Fails { .. }), "{answer:?}");
}

#[test]
fn squash_keeps_data_and_opaque_statements_and_recognises_databases() {
    let project = Project::new();
    project.revision("1.0.0_initial", "base", USERS, "DROP TABLE users;\n");
    project.revision(
        "1.1.0_phone",
        "1.0.0",
        "ALTER TABLE users ADD COLUMN phone text;\nUPDATE users SET phone = '';\n",
        "ALTER TABLE users DROP COLUMN phone;\n",
    );
    project.revision(
        "1.2.0_touch",
        "1.1.0",
        "CREATE FUNCTION one() RETURNS integer LANGUAGE sql AS 'SELECT 1';\n",
        "DROP FUNCTION one();\n",
    );
    project.revision(
        "1.3.0_after",
        "1.2.0",
        "ALTER TABLE users ADD COLUMN fax text;\n",
        "ALTER TABLE users DROP COLUMN fax;\n",
    );
    let (folder, sources) = project.read(PG);
    let before = catalog(&folder, &sources);
    let outcome =
        surgery::squash(&folder, &sources, &"1.0.0".into(), &"1.2.0".into(), "Begin").expect("squashed");
    outcome.changes.apply().expect("written");
    assert_eq!(
        project.names(),
        ["1.2.0_touch.down.sql", "1.2.0_touch.up.sql", "1.3.0_after.down.sql", "1.3.0_after.up.sql"]
    );
    let text = project.text("1.2.0_touch.up.sql");
    assert_eq!(text.matches("-- Formerly: ").count(), 3, "{text}");
    assert!(
        text.contains("UPDATE users")
            && text.contains("CREATE FUNCTION one()")
            && text.contains("-- Revises: base"),
        "{text}"
    );
    let (folder, sources) = project.read(PG);
    assert!(folder.check_graph().is_empty() && folder.diagnostics.is_empty());
    same(&catalog(&folder, &sources), &before, PG);
    let groups = schema_core::script::groups(sources.text(folder.scripts[0].up.file), PG, true);
    assert_eq!(groups.len(), 3, "each revision commits by itself, as before");
    let mut replayer = Replayer::with_catalog(catalog(&folder, &sources), PG);
    for script in folder.scripts.iter().rev() {
        replayer.run(&sources, script.down.as_ref().expect("a way down").file);
    }
    assert!(replayer.catalog().tables.is_empty() && replayer.catalog().opaque.is_empty());
}

#[test]
fn squash_refuses_what_others_hang_on() {
    let project = Project::new();
    project.revision("1.0.0_initial", "base", USERS, "DROP TABLE users;\n");
    project.revision(
        "1.1.0_a",
        "1.0.0",
        "ALTER TABLE users ADD COLUMN a text;\n",
        "ALTER TABLE users DROP COLUMN a;\n",
    );
    project.revision(
        "1.2.0_b",
        "1.1.0",
        "ALTER TABLE users ADD COLUMN b text;\n",
        "ALTER TABLE users DROP COLUMN b;\n",
    );
    project.revision(
        "1.1.1_c",
        "1.1.0",
        "ALTER TABLE users ADD COLUMN c text;\n",
        "ALTER TABLE users DROP COLUMN c;\n",
    );
    let (folder, sources) = project.read(PG);
    let squash = |from: &str, to: &str| surgery::squash(&folder, &sources, &from.into(), &to.into(), "");
    assert!(
        matches!(squash("1.0.0", "1.2.0"), Err(SurgeryError::Entangled { child, .. }) if child.as_str() == "1.1.1")
    );
    assert!(matches!(squash("1.1.1", "1.2.0"), Err(SurgeryError::NoRange { .. })));
    assert!(matches!(squash("1.1.0", "1.1.0"), Err(SurgeryError::Nothing(_))));
    assert!(squash("1.0.0", "1.1.0").is_ok());
}

#[test]
fn amend_folds_a_further_change_into_the_last_revision() {
    let project = Project::new();
    project.revision("1.0.0_initial", "base", USERS, "DROP TABLE users;\n");
    project.revision(
        "1.1.0_phone",
        "1.0.0",
        "ALTER TABLE users ADD COLUMN phone text;\n",
        "ALTER TABLE users DROP COLUMN phone;\n",
    );
    let (folder, sources) = project.read(PG);
    let deployed = RevisionId::from("1.0.0");
    let options = AmendOptions {
        plan: PlanOptions::new(PG),
        deployed: Some(&deployed),
        overrides: Overrides::default(),
        at_least: None,
    };
    let wanted = replay_text(
        "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, phone text, fax text);",
        PG,
    );
    let outcome = surgery::amend(&folder, &sources, &wanted, &options).expect("amended");
    assert!(outcome.notes[0].contains("planned anew"), "{:?}", outcome.notes);
    outcome.changes.apply().expect("written");
    let (folder, sources) = project.read(PG);
    same(&catalog(&folder, &sources), &wanted, PG);
    assert_eq!(folder.scripts.len(), 2);
    // A change that asks for more moves the tag.
    let wanted = replay_text("CREATE TABLE users (id bigint PRIMARY KEY, phone text, fax text);", PG);
    let outcome = surgery::amend(&folder, &sources, &wanted, &options).expect("amended");
    outcome.changes.apply().expect("written");
    let (folder, sources) = project.read(PG);
    same(&catalog(&folder, &sources), &wanted, PG);
    assert_eq!(folder.scripts[1].revision.id.as_str(), "2.0.0");
    assert_eq!(folder.scripts[1].header.formerly.len(), 1);
    assert!(folder.check_graph().is_empty() && folder.diagnostics.is_empty(), "{:?}", folder.diagnostics);
    // The released one stays, and what is equal needs nothing.
    assert!(matches!(surgery::amend(&folder, &sources, &wanted, &options), Err(SurgeryError::Nothing(_))));
    let deployed = RevisionId::from("2.0.0");
    let options = AmendOptions { deployed: Some(&deployed), ..options };
    let other = replay_text(USERS, PG);
    assert!(matches!(surgery::amend(&folder, &sources, &other, &options), Err(SurgeryError::Released(_))));
}

#[test]
fn amend_keeps_what_its_author_wrote() {
    let project = Project::new();
    project.revision("1.0.0_initial", "base", USERS, "DROP TABLE users;\n");
    let up = "ALTER TABLE users ADD COLUMN phone text;\nUPDATE users SET phone = 'none';\n";
    project.revision("1.1.0_phone", "1.0.0", up, "ALTER TABLE users DROP COLUMN phone;\n");
    let (folder, sources) = project.read(PG);
    let options = AmendOptions {
        plan: PlanOptions::new(PG),
        deployed: None,
        overrides: Overrides::default(),
        at_least: None,
    };
    let wanted = replay_text(
        "CREATE TABLE users (id bigint PRIMARY KEY, email text NOT NULL, phone text, fax text);",
        PG,
    );
    surgery::amend(&folder, &sources, &wanted, &options).expect("amended").changes.apply().expect("written");
    let text = project.text("1.1.0_phone.up.sql");
    assert!(text.contains("UPDATE users SET phone = 'none';\n\nALTER TABLE"), "{text}");
    let (folder, sources) = project.read(PG);
    same(&catalog(&folder, &sources), &wanted, PG);
    let mut replayer = Replayer::with_catalog(wanted, PG);
    replayer.run(&sources, folder.scripts[1].down.as_ref().expect("a way down").file);
    same(replayer.catalog(), &replay_text(USERS, PG), PG);
}

#[test]
fn released_revisions_are_frozen_by_meaning() {
    let project = parallel();
    project.git(&["checkout", "-q", "main"]);
    project.git(&["checkout", "-q", "-b", "edit"]);
    // Formatting, comments and keyword case are no edit; mending the way down is said.
    let text =
        project.text("1.0.0_initial.up.sql").replace("CREATE TABLE", "create   table") + "-- a comment\n";
    project.write("migrations/1.0.0_initial.up.sql", &text);
    project.write("migrations/1.0.0_initial.down.sql", "-- Version: 1.0.0\n\nDROP TABLE IF EXISTS users;\n");
    project.commit("format");
    assert_eq!(project.base_codes(None), ["released/down-edited"]);
    project.write("migrations/1.0.0_initial.up.sql", &text.replace("email text", "email varchar(10)"));
    project.commit("edit");
    assert_eq!(project.base_codes(None), ["released/edited", "released/down-edited"]);
    project.git(&["checkout", "-q", "main", "--", "migrations"]);
    project.git(&["rm", "-q", "migrations/1.1.0_phone.up.sql", "migrations/1.1.0_phone.down.sql"]);
    project.commit("delete");
    assert_eq!(project.base_codes(None), ["released/deleted"]);
    // What is not deployed may still go.
    assert_eq!(project.base_codes(Some("1.0.0")), Vec::<&str>::new());
}

#[test]
fn a_revert_on_main_is_part_of_the_result() {
    let project = parallel();
    project.git(&["checkout", "-q", "main"]);
    project.git(&["revert", "--no-edit", "HEAD"]);
    project.git(&["checkout", "-q", "fax"]);
    assert_eq!(project.base_codes(None), Vec::<&str>::new());
}

#[test]
fn a_merge_queue_sees_what_came_before() {
    let project = parallel();
    // A third branch from the first commit lands after phone: the queue judges it against main as it is then.
    project.git(&["checkout", "-q", "-b", "mobile", "main~1"]);
    project.revision(
        "1.0.1_index",
        "1.0.0",
        "CREATE INDEX users_email ON users (email);\n",
        "DROP INDEX users_email;\n",
    );
    project.commit("index");
    assert_eq!(project.base_codes(None), ["graph/multiple-heads"]);
    let (folder, _) = project.read(PG);
    assert!(folder.check_graph().is_empty(), "green on its stale base");
}

#[test]
fn shallow_clones_and_missing_references_say_what_to_do() {
    let project = parallel();
    let clones = tempfile::tempdir().expect("a folder");
    let source = format!("file://{}", project.root.path().display());
    git(clones.path(), &["clone", "-q", "--depth=1", "--no-single-branch", &source, "shallow"]);
    let clone = clones.path().join("shallow");
    let ask = |folder: &Path, reference: &str| {
        let mut sources = SourceMap::default();
        surgery::check_base(&folder.join("migrations"), PG, None, (reference, "HEAD"), None, &mut sources)
            .map(|_| ())
            .map_err(|error| error.to_string())
    };
    let error = ask(&clone, "origin/main").expect_err("no history");
    assert!(error.contains("shallow") && error.contains("git fetch --unshallow"), "{error}");
    git(&clone, &["fetch", "-q", "--unshallow"]);
    assert_eq!(ask(&clone, "origin/main"), Ok(()));
    let error = ask(&clone, "origin/nowhere").expect_err("no reference");
    assert!(error.contains("origin/nowhere"), "{error}");
    let error = ask(&clone, "--upload-pack=x").expect_err("no reference");
    assert!(error.contains("knows no"), "{error}");
    let bare = Project::new();
    bare.revision("1.0.0_initial", "base", USERS, "");
    let error = ask(bare.root.path(), "main").expect_err("no repository");
    assert!(error.contains("no git repository"), "{error}");
}

#[test]
fn release_freezes_what_came_before() {
    let project = Project::new();
    project.revision("1.0.0_initial", "base", USERS, "DROP TABLE users;\n");
    project.revision(
        "1.1.0_a",
        "1.0.0",
        "ALTER TABLE users ADD COLUMN a text;\n",
        "ALTER TABLE users DROP COLUMN a;\n",
    );
    let (folder, _) = project.read(PG);
    let graph = folder.graph().expect("a graph");
    let released = surgery::released(&graph, &"1.0.0".into());
    assert_eq!(released, BTreeSet::from(["1.0.0".into()]));
    let text = surgery::set_deployed(
        "[package.metadata.schema]\n",
        "package.metadata.schema",
        &Version::new(1, 0, 0),
    );
    assert_eq!(text.as_deref(), Ok("[package.metadata.schema]\ndeployed = \"1.0.0\"\n"));
}
