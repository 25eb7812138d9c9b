//! A table's columns.

use schema_model::DialectKind;
use schema_model::catalog::{Column, Table};

use crate::change::Change;
use crate::dialect;

pub(super) fn columns(old: &Table, new: &Table, kind: DialectKind, out: &mut Vec<Change>) {
    let table = &new.name;
    let ordered = dialect::of(kind).features().keeps_column_order;
    for gone in old.columns.iter().filter(|column| find(new, column, kind).is_none()) {
        out.push(Change::DropColumn { table: table.clone(), column: Box::new(gone.clone()) });
    }
    for (at, column) in new.columns.iter().enumerate() {
        match find(old, column, kind) {
            None => {
                let last = new.columns[at..].iter().all(|later| find(old, later, kind).is_none());
                let position = (ordered && !last).then_some(at);
                out.push(Change::AddColumn {
                    table: table.clone(),
                    column: Box::new(column.clone()),
                    position,
                });
            }
            Some(known) if same(known, column) => {}
            Some(known) => out.push(Change::AlterColumn {
                table: table.clone(),
                old: Box::new(known.clone()),
                new: Box::new(Column { name: known.name.clone(), ..column.clone() }),
            }),
        }
    }
}

fn find<'a>(table: &'a Table, column: &Column, dialect: DialectKind) -> Option<&'a Column> {
    match dialect {
        DialectKind::Postgres => table.column(column.name.as_str()),
        DialectKind::Sqlite => {
            table.columns.iter().find(|known| known.name.as_str().eq_ignore_ascii_case(column.name.as_str()))
        }
    }
}

/// Where a column comes from is the parents' matter.
fn same(old: &Column, new: &Column) -> bool {
    let plain = Column { inherited: old.inherited, name: old.name.clone(), ..new.clone() };
    *old == plain
}
