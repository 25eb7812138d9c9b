//! What was read of an item: plain data, each piece with its place.

use crate::DialectKind;
use crate::catalog::{Deferrable, ReferentialAction};

/// A place in the source, by number: see [`Ctxt`](super::Ctxt).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct At(pub u32);

/// A type as the source spells it, references and parentheses taken off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RustType {
    /// `a::b::C<D, E>`; the arguments are those of the last segment that has some.
    Path {
        /// Begins with `::`.
        global: bool,
        /// The words.
        segments: Vec<String>,
        /// Type arguments.
        args: Vec<RustType>,
    },
    /// `[T]` and `[T; N]`.
    Slice(Box<RustType>),
    /// Anything else, as written.
    Other(String),
}

/// A word of an attribute, with the dialect it was said for (`postgres(…)`, `sqlite(…)`) and its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said<T> {
    /// `None`: for all.
    pub dialect: Option<DialectKind>,
    /// Where the word stands.
    pub at: At,
    /// The word.
    pub word: T,
}

/// What was said for a dialect: its own words, and those for all.
pub fn said<T>(words: &[Said<T>], dialect: DialectKind) -> impl Iterator<Item = &Said<T>> {
    words.iter().filter(move |said| said.dialect.is_none_or(|own| own == dialect))
}

/// The one answer for a dialect: its own word wins over one for all.
pub fn pick<'a, T, R>(
    words: &'a [Said<T>],
    dialect: DialectKind,
    wanted: impl Fn(&'a T) -> Option<R>,
) -> Option<(R, At)> {
    let own = words.iter().filter(|said| said.dialect == Some(dialect));
    let all = words.iter().filter(|said| said.dialect.is_none());
    own.chain(all).find_map(|said| wanted(&said.word).map(|found| (found, said.at)))
}

/// A struct that is a table, or a group of columns (`fragment`).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableItem {
    /// The struct's name.
    pub ident: String,
    /// Where the name stands.
    pub at: At,
    /// Names of its type parameters.
    pub generics: Vec<String>,
    /// `#[table(…)]`.
    pub words: Vec<Said<TableWord>>,
    /// Its fields, `skip` ones left out.
    pub fields: Vec<FieldItem>,
}

impl TableItem {
    /// Whether it is a group of columns for `flatten`, no table.
    pub fn is_fragment(&self) -> bool {
        self.words.iter().any(|said| said.word == TableWord::Fragment)
    }

    /// Whether the table is declared for reading only: never planned, never drift.
    pub fn is_unmanaged(&self) -> bool {
        self.words.iter().any(|said| said.word == TableWord::Unmanaged)
    }
}

/// A field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldItem {
    /// Its name, without `r#`.
    pub ident: String,
    /// The column's name where no `name` says another: the field's, by the struct's `rename_all`.
    pub column_name: String,
    /// Where the name stands.
    pub at: At,
    /// Its type.
    pub ty: RustType,
    /// Where the type stands.
    pub ty_at: At,
    /// `#[column(…)]`.
    pub words: Vec<Said<ColumnWord>>,
}

impl FieldItem {
    /// Whether the field stands for the columns of another struct.
    pub fn is_flatten(&self) -> bool {
        self.words.iter().any(|said| said.word == ColumnWord::Flatten)
    }

    /// The column's name in a dialect.
    pub fn column(&self, dialect: DialectKind) -> &str {
        let name = pick(&self.words, dialect, |word| match word {
            ColumnWord::Name(name) => Some(name.as_str()),
            _ => None,
        });
        name.map_or(&self.column_name, |(name, _)| name)
    }
}

/// A word of `#[table(…)]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words are explained in the model language's documentation")]
pub enum TableWord {
    Name(String),
    Schema(String),
    Comment(String),
    RenamedFrom(String),
    RenameAll(String),
    PrimaryKey(KeyWord),
    Unique(KeyWord),
    Check(CheckWord),
    ForeignKey(ForeignKeyWord),
    Index(IndexWord),
    Exclude(ExcludeWord),
    Unmanaged,
    Fragment,
    Unlogged,
    PartitionBy(String),
    With(Vec<(String, String)>),
    Tablespace(String),
    Strict,
    WithoutRowid,
}

/// A word of `#[column(…)]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words are explained in the model language's documentation")]
pub enum ColumnWord {
    Name(String),
    Type(String),
    PrimaryKey(KeyWord),
    Unique(KeyWord),
    Index(IndexWord),
    Check(CheckWord),
    Default(String),
    Generated(GeneratedWord),
    Identity(IdentityWord),
    References(ForeignKeyWord),
    OnDelete(ReferentialAction),
    OnUpdate(ReferentialAction),
    Deferrable(Deferrable),
    RenamedFrom(String),
    Backfill(String),
    Using(String),
    Collation(String),
    Comment(String),
    Flatten,
    Nullable(bool),
    Autoincrement,
}

/// A column named in a key or list, by field or column name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyColumn {
    /// As written.
    pub name: String,
    /// Where.
    pub at: At,
    /// SQLite's `COLLATE` and `DESC` behind it, as SQL.
    pub suffix: String,
}

/// `primary_key(…)`, `unique(…)`. Without columns, at a field, the field's column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "fields are the words of the same name")]
pub struct KeyWord {
    pub columns: Vec<KeyColumn>,
    pub name: Option<String>,
    pub include: Vec<KeyColumn>,
    pub nulls_not_distinct: bool,
    pub deferrable: Deferrable,
    pub suffix: Option<String>,
    pub comment: Option<String>,
}

/// `check(…)`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "fields are the words of the same name")]
pub struct CheckWord {
    pub name: Option<String>,
    pub expr: String,
    pub no_inherit: bool,
    pub comment: Option<String>,
}

/// `foreign_key(…)`, `references(…)`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "fields are the words of the same name")]
pub struct ForeignKeyWord {
    pub columns: Vec<KeyColumn>,
    pub references: String,
    pub references_at: At,
    pub name: Option<String>,
    pub on_delete: Option<ReferentialAction>,
    pub on_update: Option<ReferentialAction>,
    pub on_delete_columns: Vec<KeyColumn>,
    pub match_full: bool,
    pub deferrable: Option<Deferrable>,
    pub comment: Option<String>,
}

/// `index(…)`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "fields are the words of the same name")]
pub struct IndexWord {
    pub parts: Vec<IndexPartWord>,
    pub name: Option<String>,
    pub unique: bool,
    pub using: Option<String>,
    pub predicate: Option<String>,
    pub include: Vec<KeyColumn>,
    pub nulls_not_distinct: bool,
    pub with: Vec<(String, String)>,
    pub tablespace: Option<String>,
    pub comment: Option<String>,
}

/// A part of an index: a column with its words, or the text of an expression with its own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "fields are the words of the same name")]
pub struct IndexPartWord {
    /// `None` at a field: the field's column.
    pub column: Option<KeyColumn>,
    pub expr: Option<String>,
    pub opclass: Option<String>,
    pub collate: Option<String>,
    pub descending: bool,
    pub nulls_first: Option<bool>,
}

/// `exclude(…)`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "fields are the words of the same name")]
pub struct ExcludeWord {
    pub name: Option<String>,
    pub using: Option<String>,
    /// `room WITH =, during WITH &&`.
    pub terms: Vec<String>,
    pub predicate: Option<String>,
    pub include: Vec<KeyColumn>,
    pub deferrable: Deferrable,
    pub comment: Option<String>,
}

/// `generated = "…"`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "fields are the words of the same name")]
pub struct GeneratedWord {
    pub expr: String,
    pub is_virtual: bool,
}

/// `identity`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "fields are the words of the same name")]
pub struct IdentityWord {
    pub always: bool,
    pub start: Option<i64>,
    pub increment: Option<i64>,
    pub min: Option<i64>,
    pub max: Option<i64>,
    pub cache: Option<i64>,
    pub cycle: bool,
    pub sequence: Option<String>,
}

/// An enum whose values are the column's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumItem {
    /// The enum's name.
    pub ident: String,
    /// Where the name stands.
    pub at: At,
    /// `#[sql_enum(…)]`.
    pub words: Vec<Said<EnumWord>>,
    /// Its variants.
    pub variants: Vec<Variant>,
}

/// A word of `#[sql_enum(…)]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words are explained in the model language's documentation")]
pub enum EnumWord {
    Name(String),
    Schema(String),
    RenameAll(String),
    Type(String),
    Comment(String),
    RenamedFrom(String),
}

/// A variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Variant {
    /// Its name.
    pub ident: String,
    /// Where.
    pub at: At,
    /// `rename = "…"`.
    pub rename: Option<String>,
    /// `renamed_from = "…"`: the value it was.
    pub renamed_from: Option<String>,
}

/// A newtype that stands for a column type: transparent, a given type, or a domain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TypeItem {
    /// The struct's name.
    pub ident: String,
    /// Where the name stands.
    pub at: At,
    /// Names of its type parameters.
    pub generics: Vec<String>,
    /// What it wraps.
    pub inner: RustType,
    /// `#[sql_type(…)]`.
    pub words: Vec<Said<TypeWord>>,
}

/// A word of `#[sql_type(…)]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(missing_docs, reason = "the words are explained in the model language's documentation")]
pub enum TypeWord {
    Type(String),
    Domain(String),
    Schema(String),
    Check(CheckWord),
    Default(String),
    NotNull,
    Collation(String),
    Comment(String),
}
