//! Views and materialized views.

use std::collections::BTreeMap;

use schema_model::catalog::{Settings, View};
use schema_model::{Name, ObjectName, Origin};

use super::names_in::{Reference, references};
use super::splice::{Splices, offset};
use super::{qualify, query};
use crate::change::Change;
use crate::sql::cursor::{Cursor, Read};
use crate::sql::relations::RelationKind;
use crate::sql::replay::Replayer;
use crate::sql::session::TEMPORARY;

/// Whether, after `CREATE [OR REPLACE]`, a view follows.
pub(super) fn is_view(cursor: &Cursor<'_>) -> bool {
    (0..4).any(|ahead| cursor.is_at(ahead, "view"))
        && ["temp", "temporary", "local", "global", "recursive", "materialized", "view"]
            .iter()
            .any(|word| cursor.is(word))
}

/// `CREATE [OR REPLACE] … VIEW`, from after those words on.
pub(super) fn create(replayer: &mut Replayer, cursor: &mut Cursor<'_>, replace: bool) -> Read<()> {
    cursor.accept_any(&["local", "global"]);
    let temporary = cursor.accept_any(&["temporary", "temp"]).is_some();
    let recursive = cursor.accept("recursive");
    let materialized = cursor.accept("materialized");
    cursor.expect("view")?;
    let if_not_exists = cursor.accept("if not exists");
    let spelled = cursor.object()?;
    let mut name = replayer.for_new(&spelled);
    if temporary {
        replayer.session.temporary = true;
        name.schema = Some(Name::new(TEMPORARY));
    }
    let named = if cursor.is_punct("(") { cursor.names()? } else { Vec::new() };
    if cursor.accept("using") {
        cursor.name()?;
    }
    let options = if cursor.accept("with") { options(cursor)? } else { Settings::default() };
    if cursor.accept("tablespace") {
        cursor.name()?;
    }
    cursor.expect("as")?;
    let body = body(replayer, cursor, recursive.then_some((&name, named.as_slice())));
    let mut columns = query::view_columns(replayer, &body.query);
    for (at, own) in named.iter().enumerate() {
        match columns.get_mut(at) {
            Some((name, _)) => name.clone_from(own),
            None => columns.push((own.clone(), None)),
        }
    }
    let view = View {
        name: name.clone(),
        materialized,
        query: body.query,
        columns,
        explicit_columns: !named.is_empty() && !recursive,
        options,
        check_option: body.check_option,
        indexes: Vec::new(),
        touches: body
            .references
            .into_iter()
            .map(|reference| reference.name)
            .filter(|own| *own != name)
            .collect(),
        column_comments: BTreeMap::new(),
        column_defaults: BTreeMap::new(),
        comment: None,
        origin: Origin::from(replayer.here()),
    };
    cursor.finish();
    put(replayer, view, replace, if_not_exists, &spelled)
}

fn put(
    replayer: &mut Replayer,
    mut view: View,
    replace: bool,
    quiet: bool,
    spelled: &crate::sql::cursor::Spelled,
) -> Read<()> {
    let Some(relation) = replayer.relations().get(&view.name) else {
        return replayer.emit(Change::CreateView(Box::new(view)));
    };
    let same = relation.kind == RelationKind::View;
    match replayer.catalog().views.get(&view.name).cloned() {
        _ if quiet => Ok(()),
        Some(old) if replace && same => {
            view.comment.clone_from(&old.comment);
            view.column_comments.clone_from(&old.column_comments);
            view.column_defaults.clone_from(&old.column_defaults);
            replayer.emit(Change::ReplaceView { old: Box::new(old), new: Box::new(view) })
        }
        _ => Err(replayer.refused_at(spelled, format!("relation `{}` already exists", view.name))),
    }
}

/// `WITH (security_barrier, check_option = local)`, after WITH.
fn options(cursor: &mut Cursor<'_>) -> Read<Settings> {
    let mut options = Settings::default();
    for mut item in cursor.group()?.items() {
        let mut key = item.name()?.to_string();
        while item.accept_punct(".") {
            key = format!("{key}.{}", item.name()?);
        }
        let value = if item.accept_punct("=") { item.rest_text() } else { "true".to_owned() };
        options.insert(key.to_lowercase(), value.trim_matches('\'').to_owned());
    }
    Ok(options)
}

struct Body {
    query: String,
    check_option: Option<String>,
    references: Vec<Reference>,
}

/// The query after AS: its text, with names qualified where the search path found them elsewhere than at home.
fn body(replayer: &Replayer, cursor: &Cursor<'_>, recursive: Option<(&ObjectName, &[Name])>) -> Body {
    let text = cursor.source_text();
    let start = offset(cursor);
    let (mut end, mut check_option) = (text.trim_end().trim_end_matches(';').trim_end().len(), None);
    let mut walk = *cursor;
    while !walk.is_done() {
        let here = offset(&walk);
        let mut ahead = walk;
        if ahead.accept("with") {
            let data = ahead.accept("no data") || ahead.accept("data");
            let scope = ahead.accept_any(&["local", "cascaded"]).unwrap_or("cascaded");
            let check = !data && ahead.accept("check option");
            if (data || check) && (ahead.is_done() || ahead.is_punct(";")) {
                end = here;
                check_option = check.then(|| scope.to_ascii_uppercase());
                break;
            }
        }
        walk.skip_item();
    }
    let references = references(replayer, cursor);
    let mut splices = Splices::default();
    for reference in &references {
        let written = text.get(reference.range.clone()).unwrap_or_default();
        if reference.name.schema.is_some() && !written.contains('.') {
            splices.name(reference.range.clone(), &reference.name, cursor);
        }
    }
    qualify::sequences(replayer, cursor, &mut splices);
    let query = splices.apply(text, start..end.max(start));
    let query = query::table_as_select(&query).into_owned();
    let query = query::with_columns_spelled_out(replayer, &query).unwrap_or(query);
    let query = match recursive {
        // `CREATE RECURSIVE VIEW` is short for WITH RECURSIVE (manual, CREATE VIEW).
        Some((name, columns)) => {
            let quote = |name: &Name| schema_model::ident::quote(name, replayer.dialect());
            let columns = columns.iter().map(quote).collect::<Vec<_>>().join(", ");
            let name = quote(&name.name);
            format!("WITH RECURSIVE {name} ({columns}) AS ({query}) SELECT {columns} FROM {name}")
        }
        None => query,
    };
    Body { query, check_option, references }
}

/// `ALTER [MATERIALIZED] VIEW`, from after `ALTER` on.
pub(super) fn alter(replayer: &mut Replayer, cursor: &mut Cursor<'_>) -> Read<()> {
    let _ = cursor.accept("materialized view") || cursor.accept("view");
    let if_exists = cursor.accept("if exists");
    // `ALTER TABLE ONLY view`, as pg_dump writes it.
    cursor.accept("only");
    let spelled = cursor.object()?;
    let known = replayer.find_relation(&spelled).map(|relation| relation.name.clone());
    let Some(old) = known.and_then(|name| replayer.catalog().views.get(&name)).cloned() else {
        if if_exists {
            cursor.finish();
            return Ok(());
        }
        return Err(replayer.no_such(&spelled, "view"));
    };
    let from = old.name.clone();
    if cursor.accept("rename to") {
        let to = from.sibling(cursor.name()?);
        return replayer.emit(Change::RenameView { from, to });
    }
    if cursor.accept("set schema") {
        let schema = cursor.name()?;
        let to = ObjectName { schema: replayer.schema_of(&schema), name: from.name.clone() };
        return replayer.emit(Change::RenameView { from, to });
    }
    let mut new = old.clone();
    if cursor.accept("rename") {
        cursor.accept("column");
        let column = cursor.name()?;
        cursor.expect("to")?;
        let to = cursor.name()?;
        return rename_column(replayer, cursor, &old, column, to);
    } else if cursor.is("alter") {
        for mut item in cursor.items() {
            item.expect("alter")?;
            item.accept("column");
            let column = item.name()?;
            alter_column(&mut item, &mut new, column)?;
        }
    } else if cursor.is("set") && cursor.is_punct_at(1, "(") {
        cursor.bump();
        new.options.extend(options(cursor)?);
    } else if cursor.accept("reset") {
        cursor.names()?.iter().for_each(|name| drop(new.options.remove(name.as_str())));
    } else if cursor.is("cluster") {
        return Err(cursor.unknown("the order of a materialized view is not kept"));
    }
    // Owners, tablespaces and access methods of views are no part of the catalog.
    cursor.finish();
    if new == old {
        Ok(())
    } else {
        replayer.emit(Change::ReplaceView { old: Box::new(old), new: Box::new(new) })
    }
}

/// `RENAME COLUMN from TO to`.
fn rename_column(
    replayer: &mut Replayer,
    cursor: &Cursor<'_>,
    view: &View,
    from: Name,
    to: Name,
) -> Read<()> {
    if view.columns.is_empty() {
        return Err(cursor.unknown("the view's columns are not known"));
    }
    replayer.emit(Change::RenameColumn { table: view.name.clone(), from, to })
}

/// `ALTER [COLUMN] name SET DEFAULT …` and the like, from after the name on.
fn alter_column(cursor: &mut Cursor<'_>, view: &mut View, column: Name) -> Read<()> {
    if cursor.accept("set default") {
        view.column_defaults.insert(column, cursor.expr_rest()?);
    } else if cursor.accept("drop default") {
        view.column_defaults.remove(&column);
    } else {
        return Err(cursor.unknown("how a view's column is kept is not followed"));
    }
    cursor.expect_done()
}
