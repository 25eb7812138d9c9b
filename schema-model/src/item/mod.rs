//! Reading one Rust item: the steps that the derive and the source scan share, so that they cannot disagree.
//!
//! `tree` turns an attribute's tokens into words, `attr` gives the words meaning, `check` looks at what needs more than
//! one node, `lower` makes a catalog's table of it. What comes out of `attr` is plain data: places are numbers
//! ([`At`]) that the reader's [`Ctxt`] turns into spans, so the scan can keep a file's items without its syntax tree.

mod ast;
mod attr;
mod check;
mod ctxt;
mod lower;
mod naming;
mod nearest;
mod rust_type;
mod store;
mod symbol;
mod tree;

pub use ast::{
    At, CheckWord, ColumnWord, EnumItem, EnumWord, ExcludeWord, FieldItem, ForeignKeyWord, GeneratedWord,
    IdentityWord, IndexPartWord, IndexWord, KeyColumn, KeyWord, RustType, Said, TableItem, TableWord,
    TypeItem, TypeWord, Variant, pick, said,
};
pub use attr::{read_enum, read_table, read_type_item};
pub use ctxt::{Ctxt, ItemError};
pub use lower::{
    Domain, FieldSource, FieldType, Lowered, LoweredColumn, Problem, SaidAt, TableSource, columns_in,
    enum_type, enum_value, field_column_type, index_columns, lower_domain, lower_table, references_of,
    table_name,
};
pub use naming::{
    Naming, generated_name, join_columns, name_by, plural_snake_case, rename_all, rename_field, snake_case,
};
pub use nearest::nearest;
pub use rust_type::{Scalar, Shape, read_rust_type, shape};
pub use store::Store;
