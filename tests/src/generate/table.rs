//! CREATE TABLE in its forms, DROP TABLE.

use schema_core::model::catalog::{Column, ConstraintKind, TableKind};
use schema_core::model::type_text::read_type;
use schema_core::model::{DialectKind, Name};

use super::pick::{Pick, q, qn};

/// A column definition; `others` are columns of the table so far, for generation.
pub(super) fn column(pick: &mut Pick<'_>, name: &Name, others: &[Column]) -> (String, Column) {
    if pick.once_in(8) {
        let serial = pick.word(&[
            "serial",
            "bigserial",
            "smallserial",
            "serial NOT NULL",
            "SERIAL PRIMARY KEY",
            "bigserial UNIQUE",
        ]);
        return (
            format!("{} {serial}", qn(name)),
            Column::new(name.clone(), read_type("int", DialectKind::Postgres)),
        );
    }
    let ty = pick.column_type();
    let column = Column::new(name.clone(), read_type(&ty, DialectKind::Postgres));
    let mut sql = format!("{} {ty}", qn(name));
    if pick.once_in(10) && matches!(ty.as_str(), "text" | "varchar" | "varchar(20)") {
        sql.push_str(" COLLATE \"C\"");
    }
    let mut say = |words: &str| {
        sql.push(' ');
        sql.push_str(words);
    };
    match pick.number(12) {
        0 if matches!(ty.as_str(), "int" | "bigint" | "smallint" | "integer") => {
            let options = pick.word(&[
                "",
                " (START WITH 10)",
                " (INCREMENT BY 2 MINVALUE 5)",
                " (SEQUENCE NAME own_seq)",
            ]);
            say(&format!("GENERATED {} AS IDENTITY{options}", pick.word(&["ALWAYS", "BY DEFAULT"])));
        }
        1 if !others.is_empty() => {
            let other = &others[pick.number(others.len())];
            let name = qn(&other.name);
            match ty.as_str() {
                "text" | "TEXT" => say(&format!("GENERATED ALWAYS AS (lower({name}::text)) STORED")),
                "int" | "integer" | "bigint" => {
                    say(&format!("GENERATED ALWAYS AS (length({name}::text) + 1) STORED"))
                }
                "boolean" => say(&format!("GENERATED ALWAYS AS ({name} IS NOT NULL) STORED")),
                _ => {}
            }
        }
        2..6 => {
            let value = pick.value(&column.ty);
            say(&format!("DEFAULT {value}"));
        }
        _ => {}
    }
    match pick.number(14) {
        0..4 => say("NOT NULL"),
        4 => say("NULL"),
        5 => say("PRIMARY KEY"),
        6 => say(pick.word(&["UNIQUE", "UNIQUE NULLS NOT DISTINCT", "CONSTRAINT named_u UNIQUE"])),
        7 | 8 => {
            let condition = pick.condition(&column);
            let name = pick.word(&["", "CONSTRAINT named_c "]);
            say(&format!("{name}CHECK ({condition})"));
        }
        9 => {
            if let Some(target) = reference(pick) {
                say(&target);
            }
        }
        _ => {}
    }
    (sql, column)
}

/// `REFERENCES …` to some table's key of one column.
pub(super) fn reference(pick: &mut Pick<'_>) -> Option<String> {
    let table = pick.table()?;
    let columns = if pick.once_in(2) {
        let single = table.constraints.iter().filter_map(|constraint| match &constraint.kind {
            ConstraintKind::PrimaryKey(key) | ConstraintKind::Unique(key) if key.columns.len() == 1 => {
                Some(&key.columns[0])
            }
            _ => None,
        });
        let single: Vec<_> = single.collect();
        format!(" ({})", qn(pick.of(&single)?))
    } else {
        String::new()
    };
    Some(format!("REFERENCES {}{columns}{}", q(&table.name), actions(pick)))
}

pub(super) fn actions(pick: &mut Pick<'_>) -> String {
    let delete = pick.word(&[
        "",
        "",
        " ON DELETE CASCADE",
        " ON DELETE SET NULL",
        " ON DELETE RESTRICT",
        " ON DELETE SET DEFAULT",
    ]);
    let update = pick.word(&["", "", "", " ON UPDATE CASCADE", " ON UPDATE NO ACTION"]);
    let defer = pick.word(&["", "", "", " DEFERRABLE", " DEFERRABLE INITIALLY DEFERRED", " NOT DEFERRABLE"]);
    format!("{delete}{update}{defer}")
}

fn definitions(pick: &mut Pick<'_>, at_least: usize) -> (Vec<String>, Vec<Column>) {
    let (mut parts, mut columns) = (Vec::new(), Vec::<Column>::new());
    for _ in 0..at_least + pick.number(5) {
        let name = pick.new_column();
        if columns.iter().all(|column| column.name != name) {
            let (sql, new) = column(pick, &name, &columns);
            parts.push(sql);
            columns.push(new);
        }
    }
    (parts, columns)
}

/// A constraint of the table itself.
pub(super) fn table_constraint(pick: &mut Pick<'_>, columns: &[&Column]) -> Option<String> {
    let first = pick.of(columns)?;
    let second = pick.of(columns)?;
    let list = if first.name == second.name || pick.once_in(2) {
        qn(&first.name)
    } else {
        format!("{}, {}", qn(&first.name), qn(&second.name))
    };
    let name = pick.word(&["", "", "CONSTRAINT k1 ", "CONSTRAINT \"Key 2\" "]);
    let body = match pick.number(8) {
        0 => format!("PRIMARY KEY ({list})"),
        1 => {
            let include =
                if pick.once_in(5) { format!(" INCLUDE ({})", qn(&second.name)) } else { String::new() };
            format!("PRIMARY KEY ({}){include}", qn(&first.name))
        }
        2 => format!(
            "UNIQUE ({list}){}",
            pick.word(&["", "", " DEFERRABLE", " INITIALLY DEFERRED", " WITH (fillfactor = 60)"])
        ),
        3 => format!("UNIQUE NULLS NOT DISTINCT ({list})"),
        4 | 5 => {
            let condition = pick.condition(first);
            let condition = if pick.once_in(3) {
                format!("{condition} AND {}", pick.condition(second))
            } else {
                condition
            };
            format!("CHECK ({condition}){}", pick.maybe(6, " NO INHERIT"))
        }
        6 => format!(
            "EXCLUDE USING {} WITH ={})",
            pick.word(&["btree (", "hash ("]).to_owned() + &qn(&first.name),
            ""
        ),
        _ => {
            let target = reference(pick)?;
            format!("FOREIGN KEY ({}) {target}", qn(&first.name))
        }
    };
    Some(format!("{name}{body}"))
}

pub(super) fn create(pick: &mut Pick<'_>) -> Option<String> {
    let name = pick.new_table();
    let (mut parts, columns) = definitions(pick, 1);
    let known: Vec<_> = columns.iter().collect();
    for _ in 0..pick.number(3) {
        parts.extend(table_constraint(pick, &known));
    }
    let kind = pick.word(&["", "", "", "", "", "UNLOGGED "]);
    let exists = pick.maybe(5, "IF NOT EXISTS ");
    let spelled =
        if name.schema.is_none() && pick.once_in(5) { format!("public.{}", q(&name)) } else { q(&name) };
    let with = pick.maybe(8, " WITH (fillfactor = 70, autovacuum_enabled = false)");
    Some(format!("CREATE {kind}TABLE {exists}{spelled} ({}){with}", parts.join(", ")))
}

pub(super) fn create_like(pick: &mut Pick<'_>) -> Option<String> {
    let name = pick.new_table();
    let source = pick.table()?;
    let mut options = String::new();
    for _ in 0..pick.number(3) {
        let what = pick.word(&[
            "ALL",
            "DEFAULTS",
            "CONSTRAINTS",
            "INDEXES",
            "IDENTITY",
            "GENERATED",
            "COMMENTS",
            "STATISTICS",
        ]);
        options.push_str(&format!(" {} {what}", pick.word(&["INCLUDING", "INCLUDING", "EXCLUDING"])));
    }
    let more = if pick.once_in(3) { ", extra int DEFAULT 3" } else { "" };
    Some(format!("CREATE TABLE {} (LIKE {}{options}{more})", q(&name), q(&source.name)))
}

pub(super) fn create_inheriting(pick: &mut Pick<'_>) -> Option<String> {
    let name = pick.new_table();
    let parent = pick.table()?;
    let mut parts = Vec::new();
    if pick.once_in(2) {
        parts = definitions(pick, 0).0;
    }
    if pick.once_in(3)
        && let Some(column) = pick.column(parent)
    {
        let ty = schema_core::model::type_text::write_type(&column.ty, DialectKind::Postgres);
        parts.push(format!("{} {ty} {}", qn(&column.name), pick.word(&["", "NOT NULL", "DEFAULT NULL"])));
    }
    Some(format!("CREATE TABLE {} ({}) INHERITS ({})", q(&name), parts.join(", "), q(&parent.name)))
}

pub(super) fn create_partitioned(pick: &mut Pick<'_>) -> Option<String> {
    let name = pick.new_table();
    let (key, bounds) = match pick.number(3) {
        0 => ("at date NOT NULL", "RANGE (at)"),
        1 => ("kind text DEFAULT 'a'", "LIST (kind)"),
        _ => ("number int", pick.word(&["HASH (number)", "RANGE (number)", "LIST ((number + 1))"])),
    };
    let (parts, _) = definitions(pick, 0);
    let rest = parts.iter().map(|part| format!(", {part}")).collect::<String>();
    Some(format!("CREATE TABLE {} ({key}{rest}) PARTITION BY {bounds}", q(&name)))
}

pub(super) fn bound(pick: &mut Pick<'_>, key: &str) -> &'static str {
    if key.starts_with("HASH") {
        pick.word(&["FOR VALUES WITH (MODULUS 2, REMAINDER 0)", "FOR VALUES WITH (modulus 2, remainder 1)"])
    } else if key.contains("kind") {
        pick.word(&["FOR VALUES IN ('a', 'b')", "FOR VALUES IN (NULL)", "FOR VALUES IN ('c')", "DEFAULT"])
    } else if key.starts_with("LIST") {
        pick.word(&["FOR VALUES IN (1, 2)", "FOR VALUES IN (3)", "DEFAULT"])
    } else if key.contains("at") {
        pick.word(&[
            "FOR VALUES FROM ('2020-01-01') TO ('2021-01-01')",
            "FOR VALUES FROM (MINVALUE) TO ('2020-01-01')",
            "DEFAULT",
            "FOR VALUES FROM ('2021-01-01') TO (MAXVALUE)",
        ])
    } else {
        pick.word(&[
            "FOR VALUES FROM (1) TO (10)",
            "FOR VALUES FROM (MINVALUE) TO (1)",
            "FOR VALUES FROM (10) TO (20)",
            "DEFAULT",
        ])
    }
}

pub(super) fn create_partition(pick: &mut Pick<'_>) -> Option<String> {
    let name = pick.new_table();
    let parents: Vec<_> = pick
        .catalog
        .tables
        .values()
        .filter_map(|table| match &table.options.kind {
            TableKind::Partitioned(key) => Some((table, key)),
            _ => None,
        })
        .collect();
    let (parent, key) = pick.of(&parents)?;
    let bound = bound(pick, key);
    let own = if pick.once_in(4) {
        let column = pick.column(parent)?;
        let value = pick.value(&column.ty);
        let condition = pick.condition(column);
        match pick.number(3) {
            0 => format!(" ({} DEFAULT {value})", qn(&column.name)),
            1 => format!(" ({} NOT NULL)", qn(&column.name)),
            _ => format!(" (CHECK ({condition}))"),
        }
    } else {
        String::new()
    };
    let sub = pick.maybe(8, " PARTITION BY HASH (number)");
    Some(format!("CREATE TABLE {} PARTITION OF {}{own} {bound}{sub}", q(&name), q(&parent.name)))
}

pub(super) fn create_as(pick: &mut Pick<'_>) -> Option<String> {
    let name = pick.new_table();
    let source = pick.table()?;
    let mut columns = pick.columns(source);
    // A query's collation is not followed.
    columns.retain(|column| column.collation.is_none());
    if columns.is_empty() {
        return None;
    }
    Some(format!(
        "CREATE TABLE {} AS SELECT {} FROM {}",
        q(&name),
        super::pick::names(&columns),
        q(&source.name)
    ))
}

pub(super) fn drop(pick: &mut Pick<'_>) -> Option<String> {
    let table = pick.table()?;
    Some(format!("DROP TABLE {}{}{}", pick.maybe(3, "IF EXISTS "), q(&table.name), pick.maybe(2, " CASCADE")))
}
