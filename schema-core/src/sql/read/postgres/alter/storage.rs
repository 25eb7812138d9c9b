//! How a column's values are kept and sampled: `SET STORAGE`, `COMPRESSION`, `STATISTICS`, `SET (…)`, `RESET (…)`.

use schema_model::catalog::{Column, Settings, Storage};

use super::super::table;
use crate::sql::cursor::{Cursor, Read};

/// What such an action says.
pub(super) enum StorageEdit {
    Strategy(String),
    Compression(String),
    Statistics(Option<u16>),
    Set(Settings),
    Reset(Vec<String>),
}

/// The action that comes next, if it is one of these.
pub(super) fn edit(cursor: &mut Cursor<'_>) -> Read<Option<StorageEdit>> {
    let edit = if cursor.accept("set storage") {
        StorageEdit::Strategy(cursor.name()?.as_str().to_ascii_uppercase())
    } else if cursor.accept("set compression") {
        StorageEdit::Compression(cursor.name()?.as_str().to_ascii_lowercase())
    } else if cursor.accept("set statistics") {
        // -1 and DEFAULT are the server's own target.
        StorageEdit::Statistics(cursor.take_rest().parse().ok())
    } else if cursor.is("set") && cursor.is_punct_at(1, "(") {
        cursor.bump();
        let mut settings = Settings::default();
        for mut item in cursor.group()?.items() {
            let (name, value) = table::storage_parameter(&mut item)?;
            settings.insert(name, value);
        }
        StorageEdit::Set(settings)
    } else if cursor.is("reset") && cursor.is_punct_at(1, "(") {
        cursor.bump();
        let names = cursor.group()?.items().into_iter().map(|mut item| Ok(item.name()?.to_string()));
        StorageEdit::Reset(names.collect::<Read<_>>()?)
    } else {
        return Ok(None);
    };
    Ok(Some(edit))
}

impl StorageEdit {
    /// Whether children follow unless they are left out (manual, ALTER TABLE).
    pub(super) fn comes_down(&self) -> bool {
        matches!(self, StorageEdit::Strategy(_) | StorageEdit::Statistics(_))
    }

    pub(super) fn apply(&self, column: &mut Column) {
        let storage = &mut column.storage;
        match self {
            StorageEdit::Strategy(word) => {
                let own = Storage::own_strategy(&column.ty) == Some(word) || word == "DEFAULT";
                storage.strategy = (!own).then(|| word.clone());
            }
            StorageEdit::Compression(method) => {
                storage.compression = (method != "default").then(|| method.clone());
            }
            StorageEdit::Statistics(target) => storage.statistics = *target,
            StorageEdit::Set(settings) => {
                for (name, value) in settings.iter() {
                    storage.options.insert(name.clone(), value.clone());
                }
            }
            StorageEdit::Reset(names) => names.iter().for_each(|name| _ = storage.options.remove(name)),
        }
    }
}

/// A type brings its own strategy along, and the server's compression.
pub(super) fn of_new_type(column: &mut Column) {
    let storage = std::mem::take(&mut column.storage);
    column.storage = Storage { strategy: None, compression: None, ..storage };
}
