//! What the derives leave in a program: constant descriptions, so that tests and applications can see at run time what
//! the gate saw.

/// A struct that is a table. Derive it.
///
/// ```
/// # #[cfg(feature = "derive")] {
/// use schema_core::Table;
///
/// #[derive(Table)]
/// struct User {
///     #[column(primary_key)]
///     id: i64,
///     email: Option<String>,
/// }
///
/// assert_eq!(User::TABLE.name, "users");
/// assert!(User::TABLE.column("email").unwrap().nullable());
/// # }
/// ```
#[diagnostic::on_unimplemented(
    message = "`{Self}` is no table",
    note = "derive `schema_core::Table` for it; with `#[table(fragment)]` when it is only flattened into others"
)]
pub trait Table {
    /// The table.
    const TABLE: TableMeta;
}

/// A type that a column can have.
#[diagnostic::on_unimplemented(
    message = "the type `{Self}` is no column type",
    label = "no column type",
    note = "derive `SqlType` (a newtype) or `SqlEnum` (an enum) for `{Self}`, or say `#[column(type = \"…\")]`",
    note = "types of other crates are column types with the feature of `schema-core` that has the crate's name"
)]
pub trait SqlType {
    /// The type.
    const TYPE: TypeMeta;
}

/// An enum whose variants are a column's values. Derive it.
pub trait SqlEnum: SqlType {
    /// The type's name in PostgreSQL.
    const NAME: &'static str;
    /// Its values, in order.
    const VALUES: &'static [&'static str];
}

/// A table's description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableMeta {
    /// Its name; empty for a fragment.
    pub name: &'static str,
    /// Its schema, when not the default one.
    pub schema: Option<&'static str>,
    /// The struct.
    pub struct_name: &'static str,
    /// The struct's module, as `module_path!()` says.
    pub module: &'static str,
    /// Its fields, in order.
    pub fields: &'static [FieldMeta],
}

impl TableMeta {
    /// The columns, those of flattened fields in their place.
    pub fn columns(&self) -> Vec<ColumnMeta> {
        let mut all = Vec::new();
        collect(self.fields, &mut all);
        all
    }

    /// The column of this name.
    pub fn column(&self, name: &str) -> Option<ColumnMeta> {
        self.columns().into_iter().find(|column| column.name == name)
    }
}

fn collect(fields: &[FieldMeta], all: &mut Vec<ColumnMeta>) {
    for field in fields {
        match field {
            FieldMeta::Column(column) => all.push(*column),
            FieldMeta::Flatten(table) => collect(table.fields, all),
        }
    }
}

/// A field: a column, or the columns of another struct.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FieldMeta {
    /// A column.
    Column(ColumnMeta),
    /// `#[column(flatten)]`.
    Flatten(TableMeta),
}

/// A column's description.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ColumnMeta {
    /// Its name.
    pub name: &'static str,
    /// The field's name.
    pub field: &'static str,
    /// Its type.
    pub ty: TypeMeta,
    /// `nullable` and `not_null`, where they are said.
    pub said_nullable: Option<bool>,
    /// It is the primary key, or part of it.
    pub primary_key: bool,
    /// `default`, as SQL.
    pub default: Option<&'static str>,
}

impl ColumnMeta {
    /// Whether NULL may be stored.
    pub fn nullable(&self) -> bool {
        !self.primary_key && self.said_nullable.unwrap_or(self.ty.is_optional())
    }
}

/// A column type's description. What Rust's types are, the compiler itself has resolved.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TypeMeta {
    /// A plain type.
    Scalar {
        /// In PostgreSQL.
        postgres: &'static str,
        /// In SQLite.
        sqlite: &'static str,
    },
    /// `Option<T>`.
    Optional(&'static TypeMeta),
    /// `Vec<T>`.
    Array(&'static TypeMeta),
    /// An enum.
    Enum {
        /// The type's schema, when not the default one.
        schema: Option<&'static str>,
        /// The type's name.
        name: &'static str,
        /// Its values.
        values: &'static [&'static str],
    },
    /// A domain over another type.
    Domain {
        /// The domain's schema, when not the default one.
        schema: Option<&'static str>,
        /// The domain's name.
        name: &'static str,
        /// The type that it narrows.
        base: &'static TypeMeta,
    },
    /// `#[column(type = "…")]`: as it is said.
    Said {
        /// The text, or the one for PostgreSQL.
        postgres: Option<&'static str>,
        /// The text, or the one for SQLite.
        sqlite: Option<&'static str>,
        /// The field is an `Option`.
        optional: bool,
    },
}

impl TypeMeta {
    /// Whether the Rust type holds NULL.
    pub const fn is_optional(&self) -> bool {
        match self {
            TypeMeta::Optional(_) => true,
            TypeMeta::Said { optional, .. } => *optional,
            TypeMeta::Scalar { .. }
            | TypeMeta::Array(_)
            | TypeMeta::Enum { .. }
            | TypeMeta::Domain { .. } => false,
        }
    }
}
