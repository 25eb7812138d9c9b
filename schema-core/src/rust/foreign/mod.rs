//! Models of other libraries: diesel's `table!` and SeaORM's entities, read as far as they speak.
//!
//! `diesel` and `seaorm` turn a file's items into plain data, `lower` makes tables of them, and `silence` takes what they
//! do not say (a default, an index, a check) from the migrations, so that it is never drift.

#[cfg(feature = "engine")]
mod alike;
mod diesel;
mod diesel_types;
mod expanded;
mod lower;
mod lower_diesel;
mod lower_seaorm;
mod relations;
mod seaorm;
mod seaorm_types;
#[cfg(feature = "engine")]
mod silence;

use std::collections::BTreeSet;

use schema_model::item::{At, RustType};
use schema_model::{Name, ObjectName};

pub(super) use diesel::{read_joinable, read_sql_type, read_table};
pub(super) use expanded::read_impl;
pub(super) use lower::declare;
pub(super) use seaorm::{read_derived, role as seaorm_role};
#[cfg(feature = "engine")]
pub(super) use silence::{fill, is_beyond};

/// Whose models a root holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ModelKind {
    /// Structs with our derive.
    #[default]
    Derive,
    /// diesel's `table!`.
    Diesel,
    /// SeaORM's entities.
    SeaOrm,
}

impl ModelKind {
    /// The word of configuration and lock.
    pub fn as_str(self) -> &'static str {
        match self {
            ModelKind::Derive => "root",
            ModelKind::Diesel => "diesel",
            ModelKind::SeaOrm => "seaorm",
        }
    }

    /// The kind of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        [ModelKind::Derive, ModelKind::Diesel, ModelKind::SeaOrm]
            .into_iter()
            .find(|kind| kind.as_str() == word)
    }
}

/// How much a model of another library says of its table. What is not said is the migrations' to say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Partial {
    /// Columns whose type is said to the letter, its length or precision with it. The others' type is of a kind.
    pub exact: BTreeSet<Name>,
    /// Columns whose SQL type the source does not show.
    pub open: BTreeSet<Name>,
    /// Columns whose default is said.
    pub defaults: BTreeSet<Name>,
    /// What relations say of their foreign keys.
    pub keys: Vec<KeySaid>,
}

/// What a relation says of its foreign key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySaid {
    /// The referring columns.
    pub columns: Vec<Name>,
    /// The referenced table.
    pub table: ObjectName,
    /// Its name.
    pub name: bool,
    /// `on_delete`.
    pub on_delete: bool,
    /// `on_update`.
    pub on_update: bool,
    /// It is a join and not a promise: diesel's `joinable!`. Only a new column gets a foreign key by it.
    pub join: bool,
}

/// One item of another library that matters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Foreign {
    /// `diesel::table!`.
    DieselTable(DieselTable),
    /// A struct with `#[diesel(postgres_type(name = "…"))]`.
    DieselType(DieselType),
    /// `diesel::joinable!`.
    Joinable(Joinable),
    /// A struct with `DeriveEntityModel`.
    Entity(Entity),
    /// The relations of the module's entity.
    Relations(Relations),
    /// An enum with `DeriveActiveEnum`.
    ActiveEnum(ActiveEnum),
    /// A part of an entity in the expanded format.
    Part(EntityPart),
    /// A macro of diesel's that cannot be read.
    Broken(Broken),
}

impl Foreign {
    /// The name that paths find it by, and where it stands.
    pub(super) fn name(&self) -> (&str, At) {
        match self {
            Foreign::DieselTable(table) => (&table.ident, table.at),
            Foreign::DieselType(ty) => (&ty.ident, ty.at),
            Foreign::Joinable(join) => ("", join.at),
            Foreign::Entity(entity) => ("Entity", entity.at),
            Foreign::Relations(relations) => ("Relation", relations.at),
            Foreign::ActiveEnum(item) => (&item.ident, item.at),
            Foreign::Part(part) => ("", part.at),
            Foreign::Broken(broken) => ("", broken.at),
        }
    }
}

/// `table! { schema.name (key) { … } }`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DieselTable {
    pub schema: Option<String>,
    pub ident: String,
    pub at: At,
    /// `#[sql_name = "…"]`.
    pub sql_name: Option<String>,
    /// `use` paths of the macro's body: the type each one names.
    pub uses: Vec<Vec<String>>,
    /// The primary key's columns; none is `id`.
    pub key: Vec<Word>,
    pub columns: Vec<DieselColumn>,
}

/// `name -> Type`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DieselColumn {
    pub ident: String,
    pub at: At,
    pub sql_name: Option<String>,
    pub max_length: Option<u32>,
    pub ty: RustType,
    pub ty_at: At,
}

/// A custom SQL type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DieselType {
    pub ident: String,
    pub at: At,
    /// PostgreSQL's name for it.
    pub name: Option<String>,
    pub schema: Option<String>,
}

/// `joinable!(child -> parent (column))`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Joinable {
    pub at: At,
    pub child: Vec<String>,
    pub parent: Vec<String>,
    pub column: String,
    pub column_at: At,
}

/// What a macro's body is not.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Broken {
    pub at: At,
    pub message: String,
}

/// A SeaORM entity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entity {
    pub at: At,
    pub words: Vec<Word>,
    pub fields: Vec<EntityField>,
}

/// A field of its `Model`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntityField {
    pub ident: String,
    pub at: At,
    pub ty: RustType,
    pub ty_at: At,
    pub words: Vec<Word>,
}

/// The `Relation` enum: the words of each variant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Relations {
    pub at: At,
    pub variants: Vec<Relation>,
}

/// One relation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Relation {
    pub at: At,
    pub words: Vec<Word>,
}

/// An `ActiveEnum`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ActiveEnum {
    pub ident: String,
    pub at: At,
    pub words: Vec<Word>,
    /// Each variant's name and words.
    pub variants: Vec<EntityVariant>,
}

/// A variant of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntityVariant {
    pub ident: String,
    pub at: At,
    pub words: Vec<Word>,
}

/// A part of an entity in SeaORM's expanded format: which, and its words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct EntityPart {
    /// `model`, `columns`, `key`, `definitions`, `name`.
    pub kind: String,
    pub at: At,
    pub words: Vec<Word>,
    pub variants: Vec<EntityVariant>,
}

/// `key` or `key = value` of an attribute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub key: String,
    /// A string's content, or any other value's tokens.
    pub value: Option<String>,
    /// The value is a string literal.
    pub quoted: bool,
    pub at: At,
}

/// The value of the first word of this key; empty when the word stands alone.
pub(super) fn value<'a>(words: &'a [Word], key: &str) -> Option<&'a str> {
    words.iter().find(|word| word.key == key).map(|word| word.value.as_deref().unwrap_or(""))
}

/// Whether the word is there, and is not `= false`.
pub(super) fn has(words: &[Word], key: &str) -> bool {
    value(words, key).is_some_and(|value| value != "false")
}

schema_model::store_enum!(Foreign {
    0 DieselTable(a); 1 DieselType(a); 2 Joinable(a); 3 Entity(a); 4 Relations(a); 5 ActiveEnum(a); 6 Part(a);
    7 Broken(a);
});
schema_model::store_struct! {
    DieselTable { schema, ident, at, sql_name, uses, key, columns }
    DieselColumn { ident, at, sql_name, max_length, ty, ty_at }
    DieselType { ident, at, name, schema }
    Broken { at, message }
    Joinable { at, child, parent, column, column_at }
    Entity { at, words, fields }
    EntityField { ident, at, ty, ty_at, words }
    Relations { at, variants }
    Relation { at, words }
    ActiveEnum { ident, at, words, variants }
    EntityVariant { ident, at, words }
    EntityPart { kind, at, words, variants }
    Word { key, value, quoted, at }
}
