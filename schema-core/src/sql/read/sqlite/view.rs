//! `CREATE VIEW`.

use std::collections::BTreeMap;

use schema_model::catalog::{Catalog, View};
use schema_model::{Name, ObjectName};

use super::create::touched;
use super::cursor::Cursor;
use crate::sql::cursor::{Read, Spelled};

pub(super) struct CreateView {
    pub name: Spelled,
    pub if_not_exists: bool,
    pub view: View,
}

/// What follows `CREATE [TEMP] VIEW`.
pub(super) fn create_view(cursor: &mut Cursor<'_>) -> Read<CreateView> {
    let if_not_exists = cursor.take(&["IF", "NOT", "EXISTS"]);
    let name = cursor.object()?;
    let columns: Vec<Name> = if cursor.ahead(0) == "(" { cursor.names()? } else { Vec::new() };
    cursor.expect(&["AS"])?;
    let view = View {
        name: ObjectName::bare(name.name.clone()),
        materialized: false,
        query: cursor.raw_to_end(cursor.position()).to_owned(),
        explicit_columns: !columns.is_empty(),
        columns: columns.into_iter().map(|name| (name, None)).collect(),
        options: Default::default(),
        check_option: None,
        indexes: Vec::new(),
        touches: Default::default(),
        column_comments: BTreeMap::new(),
        column_defaults: BTreeMap::new(),
        comment: None,
        origin: cursor.origin(0, cursor.len()),
    };
    Ok(CreateView { name, if_not_exists, view })
}

/// The view with the tables it reads. Its columns, where none are written, follow its tables and are told when asked for.
pub(super) fn settle(catalog: &Catalog, view: View, name: ObjectName) -> View {
    let touches = touched(catalog, &view.query);
    View { name, touches, ..view }
}

/// The view that a stored `CREATE VIEW` text stands for.
#[cfg(feature = "sqlite")]
pub(crate) fn view_from_text(catalog: &Catalog, text: &str) -> Read<View> {
    let mut cursor = Cursor::new(text, super::NOWHERE);
    cursor.expect(&["CREATE"])?;
    let _ = cursor.take(&["TEMP"]) || cursor.take(&["TEMPORARY"]);
    cursor.expect(&["VIEW"])?;
    let read = create_view(&mut cursor)?;
    let name = read.view.name.clone();
    let mut view = settle(catalog, read.view, name);
    view.origin = schema_model::Origin::NONE;
    Ok(view)
}
