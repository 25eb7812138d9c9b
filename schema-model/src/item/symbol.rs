//! The attribute words, written once.

/// Words of `#[table(…)]`.
pub const TABLE: &[&str] = &[
    "name",
    "schema",
    "comment",
    "renamed_from",
    "rename_all",
    "primary_key",
    "unique",
    "check",
    "foreign_key",
    "index",
    "exclude",
    "unmanaged",
    "fragment",
    "unlogged",
    "partition_by",
    "with",
    "tablespace",
    "strict",
    "without_rowid",
    "postgres",
    "sqlite",
];

/// Words of `#[column(…)]`.
pub const COLUMN: &[&str] = &[
    "name",
    "type",
    "primary_key",
    "unique",
    "index",
    "check",
    "default",
    "generated",
    "identity",
    "references",
    "on_delete",
    "on_update",
    "deferrable",
    "renamed_from",
    "backfill",
    "using",
    "collation",
    "comment",
    "skip",
    "flatten",
    "nullable",
    "not_null",
    "autoincrement",
    "postgres",
    "sqlite",
];

/// Words of `#[sql_enum(…)]` on an enum.
pub const ENUM: &[&str] = &["name", "schema", "rename_all", "type", "comment", "renamed_from"];

/// Words of `#[sql_enum(…)]` on a variant.
pub const VARIANT: &[&str] = &["rename", "renamed_from"];

/// Words of `#[sql_type(…)]`.
pub const TYPE: &[&str] = &[
    "type",
    "domain",
    "schema",
    "check",
    "default",
    "not_null",
    "collation",
    "comment",
    "postgres",
    "sqlite",
];

/// Words of a key: `primary_key(…)`, `unique(…)`.
pub const KEY: &[&str] =
    &["name", "columns", "include", "nulls_not_distinct", "deferrable", "on_conflict", "with", "comment"];

/// Words of `foreign_key(…)` and `references(…)`.
pub const FOREIGN_KEY: &[&str] = &[
    "name",
    "columns",
    "references",
    "on_delete",
    "on_update",
    "on_delete_columns",
    "match_full",
    "deferrable",
    "comment",
];

/// Words of `check(…)`.
pub const CHECK: &[&str] = &["name", "no_inherit", "comment"];

/// Words of `index(…)`.
pub const INDEX: &[&str] = &[
    "name",
    "columns",
    "expr",
    "unique",
    "using",
    "where",
    "include",
    "nulls_not_distinct",
    "with",
    "tablespace",
    "comment",
    "desc",
    "asc",
    "nulls_first",
    "nulls_last",
    "opclass",
    "collate",
];

/// Words behind a column in `columns(…)`.
pub const PART: &[&str] = &["asc", "desc", "nulls_first", "nulls_last", "opclass", "collate"];

/// Words of `exclude(…)`.
pub const EXCLUDE: &[&str] = &["name", "using", "where", "include", "deferrable", "comment"];

/// Words of `identity(…)`.
pub const IDENTITY: &[&str] =
    &["always", "by_default", "start", "increment", "min", "max", "cache", "cycle", "sequence"];

/// Words of `generated(…)`.
pub const GENERATED: &[&str] = &["stored", "virtual"];

/// What follows `on_delete =` and `on_update =`.
pub const ACTIONS: &[&str] = &["no_action", "restrict", "cascade", "set_null", "set_default"];

/// What follows `deferrable =`.
pub const DEFERRABLE: &[&str] = &["immediate", "deferred"];

/// What follows `rename_all =`.
pub const RENAME_ALL: &[&str] = &[
    "snake_case",
    "lowercase",
    "UPPERCASE",
    "camelCase",
    "PascalCase",
    "SCREAMING_SNAKE_CASE",
    "kebab-case",
    "SCREAMING-KEBAB-CASE",
];
