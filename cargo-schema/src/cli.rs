//! The command line: clap types, nothing else.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use schema_model::DialectKind;

/// Migrations from Rust structs, checked without a database.
///
/// Tables are declared with `#[derive(Table)]`; SQL migrations, each tagged with a semantic version, say how a database
/// gets there. `cargo schema` keeps the two equal. Only `upgrade`, `downgrade`, `stamp` and `switch` write to a database.
#[derive(Debug, Parser)]
#[command(name = "cargo schema", bin_name = "cargo schema", version, max_term_width = 100)]
#[command(after_help = "Exit codes: 0 clean, 1 drift or a difference, 2 the question could not be answered.")]
pub struct Cli {
    #[command(flatten)]
    pub global: Global,
    #[command(subcommand)]
    pub command: Command,
}

/// Options of every command.
#[derive(Debug, Args)]
pub struct Global {
    /// Reads this Cargo.toml (or schema.toml) instead of the one found upwards from here.
    #[arg(long, global = true, value_name = "PATH")]
    pub manifest_path: Option<PathBuf>,
    /// Works on this workspace member.
    #[arg(long, short, global = true, value_name = "NAME")]
    pub package: Option<String>,
    /// Reads the models with these features enabled.
    #[arg(long, short = 'F', global = true, value_delimiter = ',', value_name = "FEATURES")]
    pub features: Vec<String>,
    /// Reads the models with every feature enabled.
    #[arg(long, global = true)]
    pub all_features: bool,
    /// Reads the models without the default features.
    #[arg(long, global = true)]
    pub no_default_features: bool,
    /// Uses this folder of migrations; with it, no manifest is needed where no models are read.
    #[arg(long, global = true, value_name = "DIR")]
    pub migrations: Option<PathBuf>,
    /// Says less.
    #[arg(long, short, global = true)]
    pub quiet: bool,
    /// Says more: statements with their times.
    #[arg(long, short, global = true)]
    pub verbose: bool,
    /// When to color.
    #[arg(long, global = true, value_name = "WHEN", default_value = "auto")]
    pub color: Color,
}

/// When to color.
#[derive(Clone, Copy, Debug, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `CARGO_TERM_COLOR` or `NO_COLOR` says otherwise.
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Writes the configuration, the build-time gate and the first folder.
    Init(InitArgs),
    /// Compares models with migrations and writes the next migration, up and down.
    #[command(visible_alias = "new")]
    Revision(RevisionArgs),
    /// Folds a further change of the models into the last unreleased revision.
    Amend(AmendArgs),
    /// Writes a revision that joins heads.
    Merge(MergeArgs),
    /// Moves my unreleased revisions onto the head of the others, with tags of their own.
    Rebase(RebaseArgs),
    /// Replaces several revisions by one that does the same.
    Squash(SquashArgs),
    /// Rolls the database back to what a branch has, checks the branch out, and upgrades.
    Switch(SwitchArgs),
    /// Says which version production runs; it and everything before it stay as they are.
    Release(ReleaseArgs),
    /// Fails when models, migrations and lock differ.
    Check(CheckArgs),
    /// Prints what leads from one schema to another.
    Diff(DiffArgs),
    /// Brings a database up to a version.
    #[command(visible_alias = "up")]
    Upgrade(UpgradeArgs),
    /// Rolls a database back to a version.
    #[command(visible_alias = "down")]
    Downgrade(DowngradeArgs),
    /// Prints the version a database is at.
    Current(CurrentArgs),
    /// Lists the revisions, newest first, from the files alone.
    History(HistoryArgs),
    /// Lists which revisions a database has and which are pending.
    Status(StatusArgs),
    /// Lists the revisions that nothing builds upon.
    Heads,
    /// Lists the revisions that several others build upon.
    Branches,
    /// Prints one revision: header, files, both scripts.
    Show(ShowArgs),
    /// Says that a database is at a version, without running anything.
    Stamp(StampArgs),
    /// Writes a shell script that needs only psql or sqlite3.
    Script(ScriptArgs),
    /// Prints a catalog: of a migrations folder, a .sql file, the models, or a live database.
    Inspect(InspectArgs),
    /// Judges unreleased revisions by the rules.
    Lint(LintArgs),
    /// Explains a rule.
    Explain(ExplainArgs),
    /// Runs the history on a scratch database, up and down, and compares; or compares a live one.
    Verify(VerifyArgs),
    /// Writes schema.lock anew, for a state that `check` would pass.
    Lock,
    /// Says what is configured, which database is meant and whether it can be reached.
    Doctor(DatabaseArgs),
    /// Prints a shell's completion script.
    Completions(CompletionsArgs),
}

/// Which database.
#[derive(Clone, Debug, Default, Args)]
pub struct DatabaseArgs {
    /// The database; default: DATABASE_URL from the environment, else from .env, else DATABASE_HOST and its kin, else PGHOST
    /// and its kin.
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// Waits up to this long for the server to accept connections.
    #[arg(long, value_name = "SECONDS")]
    pub wait: Option<u64>,
}

/// Several databases instead of one.
#[derive(Clone, Debug, Args)]
pub struct TargetsArgs {
    /// Works on every database of the configuration's `targets`.
    #[arg(long, conflicts_with_all = ["database_url", "on"], help_heading = "Several databases")]
    pub all_targets: bool,
    /// Works on these of them: `billing`, `tenants/acme`, `tenants/a*`.
    #[arg(
        long,
        value_name = "TARGET",
        value_delimiter = ',',
        conflicts_with = "database_url",
        help_heading = "Several databases"
    )]
    pub on: Vec<String>,
    /// How many of them at once.
    #[arg(long, short, value_name = "N", default_value = "4", help_heading = "Several databases")]
    pub jobs: std::num::NonZeroUsize,
    /// Starts no further one after a failure.
    #[arg(long, help_heading = "Several databases")]
    pub fail_fast: bool,
}

impl TargetsArgs {
    /// Whether any are asked for.
    pub fn any(&self) -> bool {
        self.all_targets || !self.on.is_empty()
    }
}

#[derive(Debug, Args)]
pub struct InitArgs {
    /// The databases to support.
    #[arg(long, value_delimiter = ',', default_value = "postgres")]
    pub dialects: Vec<DialectKind>,
    /// Also writes structs for the migrations that are there.
    #[arg(long, conflicts_with = "from_database")]
    pub from_migrations: bool,
    /// Also writes structs for this live database.
    #[arg(long, value_name = "URL")]
    pub from_database: Option<String>,
}

#[derive(Debug, Args)]
pub struct RevisionArgs {
    /// What the revision does, in a few words.
    #[arg(long, short, value_name = "TEXT")]
    pub message: Option<String>,
    /// The same, for hands that know `make new "…"`.
    #[arg(value_name = "TEXT", conflicts_with = "message")]
    pub positional: Option<String>,
    /// Accepted for hands that know Alembic; comparing is the default.
    #[arg(long, conflicts_with = "empty")]
    pub autogenerate: bool,
    /// Writes an empty pair, to be filled by hand.
    #[arg(long)]
    pub empty: bool,
    /// Tags the revision with this version; never lower than the rules ask.
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,
    /// Takes a drop and an add as a rename: `table=table`, `table.column=column`.
    #[arg(long, value_name = "OLD=NEW")]
    pub rename: Vec<String>,
    /// Prints the SQL instead of writing files.
    #[arg(long)]
    pub sql: bool,
    /// Lets the revision drop data; the reason is written into the file.
    #[arg(long, value_name = "REASON")]
    pub allow_data_loss: Option<String>,
}

#[derive(Debug, Args)]
pub struct AmendArgs {
    /// Takes a drop and an add as a rename: `table=table`, `table.column=column`.
    #[arg(long, value_name = "OLD=NEW")]
    pub rename: Vec<String>,
    /// Lets the revision drop data; the reason is written into the file.
    #[arg(long, value_name = "REASON")]
    pub allow_data_loss: Option<String>,
}

#[derive(Debug, Args)]
pub struct MergeArgs {
    /// The heads to join; default: all of them.
    #[arg(value_name = "HEAD")]
    pub heads: Vec<String>,
    /// What the merge is for, in a few words.
    #[arg(long, short, value_name = "TEXT")]
    pub message: Option<String>,
    /// Tags the merge with this version; never lower than the rules ask.
    #[arg(long, value_name = "VERSION")]
    pub version: Option<String>,
}

#[derive(Debug, Args)]
pub struct RebaseArgs {
    /// The revisions that move, by version or file name; default: those that the other side of git does not have.
    #[arg(value_name = "REVISION")]
    pub revisions: Vec<String>,
    /// The other side; default: what is being merged or rebased onto, else the main branch.
    #[arg(long, value_name = "REF", conflicts_with = "revisions")]
    pub onto: Option<String>,
}

#[derive(Debug, Args)]
pub struct SquashArgs {
    /// The first and the last revision, both included.
    #[arg(value_name = "A:B")]
    pub range: String,
    /// What the revision does, in a few words; default: the last one's message.
    #[arg(long, short, value_name = "TEXT")]
    pub message: Option<String>,
}

#[derive(Debug, Args)]
pub struct SwitchArgs {
    /// The branch.
    pub branch: String,
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// Asks nothing.
    #[arg(long, short)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub struct ReleaseArgs {
    /// A version or a prefix of one, a file's name; default: the head.
    #[arg(value_name = "V")]
    pub version: Option<String>,
}

#[derive(Debug, Args)]
pub struct CheckArgs {
    /// How to report.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
    /// Also compares this live database with its version.
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// Judges the result of merging HEAD into this git ref.
    #[arg(long, value_name = "REF")]
    pub base: Option<String>,
    /// Rewrites what is derived: schema.lock and rollback.sh.
    #[arg(long)]
    pub fix: bool,
}

/// How findings are reported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people.
    Human,
    /// One JSON object a line.
    Json,
    /// GitHub annotations.
    Github,
    /// SARIF 2.1.0.
    Sarif,
}

#[derive(Debug, Args)]
pub struct DiffArgs {
    /// `models`, `migrations[@VERSION]`, `git:REF`, a database URL, a folder, or a .sql file.
    pub from: String,
    /// The same.
    pub to: String,
    /// Prints SQL, ready for psql or sqlite3.
    #[arg(long)]
    pub sql: bool,
    /// Which database the SQL is for, where the sources do not say.
    #[arg(long, value_name = "DIALECT")]
    pub dialect: Option<DialectKind>,
    /// Reads TO as this database's; where it is another than FROM's, the two are compared in meaning.
    #[arg(long, value_name = "DIALECT")]
    pub to_dialect: Option<DialectKind>,
    /// Leaves out what differs in the name of a constraint or index only.
    #[arg(long, conflicts_with = "sql")]
    pub ignore_names: bool,
    /// Exits with 1 when there is a difference.
    #[arg(long)]
    pub exit_code: bool,
    /// Takes a drop and an add as a rename: `table=table`, `table.column=column`.
    #[arg(long, value_name = "OLD=NEW")]
    pub rename: Vec<String>,
    /// How to print what is found.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Listing,
}

/// How a result is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Listing {
    /// For people.
    Human,
    /// JSON.
    Json,
}

#[derive(Debug, Args)]
pub struct UpgradeArgs {
    /// `head`, `base`, a version or a prefix of one, a file's name, `+2`; with --sql also a range `a:b`.
    #[arg(default_value = "head")]
    pub target: String,
    #[command(flatten)]
    pub database: DatabaseArgs,
    #[command(flatten)]
    pub targets: TargetsArgs,
    /// Prints the script instead of running it; needs no database.
    #[arg(long, conflicts_with_all = ["all_targets", "on"])]
    pub sql: bool,
    /// With --sql: each step is guarded by the history table.
    #[arg(long, requires = "sql")]
    pub idempotent: bool,
    /// With --sql: which database the script is for.
    #[arg(long, value_name = "DIALECT")]
    pub dialect: Option<DialectKind>,
    /// Prints the plan and runs nothing.
    #[arg(long, conflicts_with_all = ["all_targets", "on"])]
    pub dry_run: bool,
    /// Backs the database up to this file first.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["all_targets", "on"])]
    pub backup: Option<PathBuf>,
    /// Asks nothing.
    #[arg(long, short)]
    pub yes: bool,
    /// What to do about an interrupted statement of which nobody can tell whether it is done.
    #[arg(long, value_name = "WHAT", default_value = "stop")]
    pub unsure: Unsure,
}

/// What to do about an interrupted statement of which nobody can tell whether it is done.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Unsure {
    /// Stop and say so.
    Stop,
    /// Run it again.
    Again,
    /// Take it for done.
    Skip,
}

#[derive(Debug, Args)]
pub struct DowngradeArgs {
    /// `base`, a version or a prefix of one, a file's name, `-1`; with --sql also a range `a:b`.
    #[arg(allow_hyphen_values = true)]
    pub target: Option<String>,
    #[command(flatten)]
    pub database: DatabaseArgs,
    #[command(flatten)]
    pub targets: TargetsArgs,
    /// Prints the script instead of running it; needs no database.
    #[arg(long, conflicts_with_all = ["all_targets", "on"])]
    pub sql: bool,
    /// With --sql: which database the script is for.
    #[arg(long, value_name = "DIALECT")]
    pub dialect: Option<DialectKind>,
    /// Prints the plan and runs nothing.
    #[arg(long, conflicts_with_all = ["all_targets", "on"])]
    pub dry_run: bool,
    /// Backs the database up to this file first.
    #[arg(long, value_name = "PATH", conflicts_with_all = ["all_targets", "on"])]
    pub backup: Option<PathBuf>,
    /// Asks nothing.
    #[arg(long, short)]
    pub yes: bool,
}

#[derive(Debug, Args)]
pub struct CurrentArgs {
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// How to print it.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Listing,
}

#[derive(Debug, Args)]
pub struct HistoryArgs {
    /// Only this range: `a:b`, either side may be left out.
    #[arg(long, short, value_name = "A:B")]
    pub range: Option<String>,
    /// At most this many, the newest.
    #[arg(long, short = 'n', value_name = "N")]
    pub limit: Option<usize>,
    /// Marks what the database has; asks the database.
    #[arg(long, short)]
    pub indicate_current: bool,
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// How to print it.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Listing,
}

#[derive(Debug, Args)]
pub struct StatusArgs {
    #[command(flatten)]
    pub database: DatabaseArgs,
    #[command(flatten)]
    pub targets: TargetsArgs,
    /// Exits with 1 while revisions are pending.
    #[arg(long)]
    pub exit_code: bool,
    /// How to print it.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Listing,
}

#[derive(Debug, Args)]
pub struct ShowArgs {
    /// `head`, a version or a prefix of one, a file's name.
    pub revision: String,
}

#[derive(Debug, Args)]
pub struct StampArgs {
    /// `head`, `base`, a version or a prefix of one, a file's name.
    #[arg(required_unless_present = "adopt")]
    pub target: Option<String>,
    /// Takes over the history that sqlx, diesel, refinery, Alembic or another tool keeps in the database.
    #[arg(long, conflicts_with_all = ["target", "purge"])]
    pub adopt: bool,
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// Empties the history table first.
    #[arg(long)]
    pub purge: bool,
    /// Does not compare the live catalog with the replayed one.
    #[arg(long)]
    pub force: bool,
}

#[derive(Debug, Args)]
pub struct ScriptArgs {
    /// Which script.
    #[command(subcommand)]
    pub kind: ScriptKind,
}

#[derive(Debug, Subcommand)]
pub enum ScriptKind {
    /// Back to the version that production runs (`deployed`), or to another.
    Rollback(ScriptOptions),
    /// Up to the newest version.
    Migrate(ScriptOptions),
}

#[derive(Debug, Args)]
pub struct ScriptOptions {
    /// The version to end at.
    #[arg(long, value_name = "VERSION")]
    pub to: Option<String>,
    /// Writes it here; `-` prints it. Default: what the configuration says, else scripts/rollback.sh or scripts/migrate.sh.
    #[arg(long, short, value_name = "PATH")]
    pub output: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub struct InspectArgs {
    /// A migrations folder, a .sql file, `migrations`, `models`, `git:REF`, or a database URL.
    pub source: Option<String>,
    /// Which database the SQL is for, where the source does not say.
    #[arg(long, value_name = "DIALECT")]
    pub dialect: Option<DialectKind>,
    /// As of this version.
    #[arg(long, value_name = "VERSION")]
    pub at: Option<String>,
    /// How to print it; JSON, or for `models` a list of structs, places and tables, when left out.
    #[arg(long, value_name = "FORMAT")]
    pub format: Option<CatalogFormat>,
}

/// How a catalog is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum CatalogFormat {
    /// Documented, stable, sorted JSON.
    Json,
    /// A script that makes the catalog again.
    Sql,
    /// Rust structs.
    Rust,
    /// An entity-relationship diagram.
    Mermaid,
}

#[derive(Debug, Args)]
pub struct LintArgs {
    /// How to report.
    #[arg(long, value_name = "FORMAT", default_value = "human")]
    pub format: Format,
}

#[derive(Debug, Args)]
pub struct ExplainArgs {
    /// The rule; without it, all are listed.
    pub rule: Option<String>,
}

#[derive(Debug, Args)]
pub struct VerifyArgs {
    /// Compares this live database with its version instead of using a scratch one.
    #[arg(long, value_name = "URL")]
    pub database_url: Option<String>,
    /// Writes the revision that adopts what was changed there by hand.
    #[arg(long, requires = "database_url")]
    pub fix: bool,
    /// The server on which to make scratch databases (PostgreSQL).
    #[arg(long, value_name = "URL", conflicts_with = "database_url")]
    pub server: Option<String>,
}

#[derive(Debug, Args)]
pub struct CompletionsArgs {
    /// The shell.
    pub shell: clap_complete::Shell,
}
