//! Items as bytes: what the gate keeps of a file between builds, without pulling a serialiser into a user's build.

use super::ast::*;
use super::ctxt::ItemError;
use crate::DialectKind;
use crate::catalog::{Deferrable, ReferentialAction};

/// A value that can be written as bytes and read back by the same version.
pub trait Store: Sized {
    /// Appends the value.
    fn write(&self, out: &mut Vec<u8>);
    /// Takes a value off the front; `None` when the bytes are no such value.
    fn read(input: &mut &[u8]) -> Option<Self>;
}

impl Store for u8 {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(*self);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        let (first, rest) = input.split_first()?;
        *input = rest;
        Some(*first)
    }
}

impl Store for u32 {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        let (bytes, rest) = input.split_first_chunk()?;
        *input = rest;
        Some(u32::from_le_bytes(*bytes))
    }
}

impl Store for u64 {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        let (bytes, rest) = input.split_first_chunk()?;
        *input = rest;
        Some(u64::from_le_bytes(*bytes))
    }
}

impl Store for i64 {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(&self.to_le_bytes());
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        let (bytes, rest) = input.split_first_chunk()?;
        *input = rest;
        Some(i64::from_le_bytes(*bytes))
    }
}

impl Store for bool {
    fn write(&self, out: &mut Vec<u8>) {
        out.push(u8::from(*self));
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        Some(u8::read(input)? != 0)
    }
}

impl Store for String {
    fn write(&self, out: &mut Vec<u8>) {
        (self.len() as u32).write(out);
        out.extend_from_slice(self.as_bytes());
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        let length = u32::read(input)? as usize;
        let (bytes, rest) = input.split_at_checked(length)?;
        *input = rest;
        String::from_utf8(bytes.to_vec()).ok()
    }
}

impl<T: Store> Store for Vec<T> {
    fn write(&self, out: &mut Vec<u8>) {
        (self.len() as u32).write(out);
        self.iter().for_each(|item| item.write(out));
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        let length = u32::read(input)?;
        (0..length).map(|_| T::read(input)).collect()
    }
}

impl<T: Store> Store for Option<T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.is_some().write(out);
        self.iter().for_each(|item| item.write(out));
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        match bool::read(input)? {
            true => Some(Some(T::read(input)?)),
            false => Some(None),
        }
    }
}

impl<T: Store> Store for Box<T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.as_ref().write(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        T::read(input).map(Box::new)
    }
}

impl<A: Store, B: Store> Store for (A, B) {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
        self.1.write(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        Some((A::read(input)?, B::read(input)?))
    }
}

impl Store for At {
    fn write(&self, out: &mut Vec<u8>) {
        self.0.write(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        u32::read(input).map(At)
    }
}

impl<T: Store> Store for Said<T> {
    fn write(&self, out: &mut Vec<u8>) {
        self.dialect.write(out);
        self.at.write(out);
        self.word.write(out);
    }

    fn read(input: &mut &[u8]) -> Option<Self> {
        Some(Said { dialect: Store::read(input)?, at: Store::read(input)?, word: Store::read(input)? })
    }
}

/// `Store` for a struct: its fields in order.
#[macro_export]
macro_rules! store_struct {
    ($($ty:ident { $($field:ident),* $(,)? })*) => {
        $(impl $crate::item::Store for $ty {
            fn write(&self, out: &mut Vec<u8>) {
                $($crate::item::Store::write(&self.$field, out);)*
            }

            fn read(input: &mut &[u8]) -> Option<Self> {
                Some($ty { $($field: $crate::item::Store::read(input)?),* })
            }
        })*
    };
}

/// `Store` for an enum: a number for the variant, then its fields.
#[macro_export]
macro_rules! store_enum {
    ($ty:ident { $($tag:literal $variant:ident $(( $($field:ident),* ))? $({ $($named:ident),* })?;)* }) => {
        impl $crate::item::Store for $ty {
            fn write(&self, out: &mut Vec<u8>) {
                match self {
                    $($ty::$variant $(( $($field),* ))? $({ $($named),* })? => {
                        out.push($tag);
                        $($($crate::item::Store::write($field, out);)*)?
                        $($($crate::item::Store::write($named, out);)*)?
                    })*
                }
            }

            fn read(input: &mut &[u8]) -> Option<Self> {
                match <u8 as $crate::item::Store>::read(input)? {
                    $($tag => {
                        $($(let $field = $crate::item::Store::read(input)?;)*)?
                        $($(let $named = $crate::item::Store::read(input)?;)*)?
                        Some($ty::$variant $(( $($field),* ))? $({ $($named),* })?)
                    })*
                    _ => None,
                }
            }
        }
    };
}

store_enum!(DialectKind { 0 Postgres; 1 Sqlite; });
store_enum!(Deferrable { 0 No; 1 Immediate; 2 Deferred; });
store_enum!(ReferentialAction { 0 NoAction; 1 Restrict; 2 Cascade; 3 SetNull; 4 SetDefault; });
store_enum!(RustType { 0 Path { global, segments, args }; 1 Slice(element); 2 Other(text); });
store_enum!(TableWord {
    0 Name(a); 1 Schema(a); 2 Comment(a); 3 RenamedFrom(a); 4 PrimaryKey(a); 5 Unique(a); 6 Check(a); 7 ForeignKey(a);
    8 Index(a); 9 Exclude(a); 10 Unmanaged; 11 Fragment; 12 Unlogged; 13 PartitionBy(a); 14 With(a); 15 Tablespace(a);
    16 Strict; 17 WithoutRowid; 18 RenameAll(a);
});
store_enum!(ColumnWord {
    0 Name(a); 1 Type(a); 2 PrimaryKey(a); 3 Unique(a); 4 Index(a); 5 Check(a); 6 Default(a); 7 Generated(a);
    8 Identity(a); 9 References(a); 10 OnDelete(a); 11 OnUpdate(a); 12 Deferrable(a); 13 RenamedFrom(a); 14 Backfill(a);
    15 Using(a); 16 Collation(a); 17 Comment(a); 18 Flatten; 19 Nullable(a); 20 Autoincrement;
});
store_enum!(EnumWord { 0 Name(a); 1 Schema(a); 2 RenameAll(a); 3 Type(a); 4 Comment(a); 5 RenamedFrom(a); });
store_enum!(TypeWord {
    0 Type(a); 1 Domain(a); 2 Schema(a); 3 Check(a); 4 Default(a); 5 NotNull; 6 Collation(a); 7 Comment(a);
});
store_struct! {
    ItemError { at, message }
    TableItem { ident, at, generics, words, fields }
    FieldItem { ident, column_name, at, ty, ty_at, words }
    EnumItem { ident, at, words, variants }
    Variant { ident, at, rename, renamed_from }
    TypeItem { ident, at, generics, inner, words }
    KeyColumn { name, at, suffix }
    KeyWord { columns, name, include, nulls_not_distinct, deferrable, suffix, comment }
    CheckWord { name, expr, no_inherit, comment }
    ForeignKeyWord {
        columns, references, references_at, name, on_delete, on_update, on_delete_columns, match_full, deferrable, comment,
    }
    IndexWord {
        parts, name, unique, using, predicate, include, nulls_not_distinct, with, tablespace, comment,
    }
    IndexPartWord { column, expr, opclass, collate, descending, nulls_first }
    ExcludeWord { name, using, terms, predicate, include, deferrable, comment }
    GeneratedWord { expr, is_virtual }
    IdentityWord { always, start, increment, min, max, cache, cycle, sequence }
}
