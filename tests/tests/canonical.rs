//! The canonical form, by the cases of `cases/canonical`: spellings of one meaning meet, near misses do not. The same
//! cases run on a server, where what it prints for an expression has to meet its author's spelling.

use std::fs;
use std::path::Path;

use postgres::Client;
use schema_core::dialect::canonical::{self, Scope};
use schema_model::catalog::{Column, ColumnType, Table};
use schema_model::type_text::read_type;
use schema_model::{DialectKind, Expr, ObjectName};
use schema_tests::TestDatabase;

/// One paragraph of a case file.
struct Case {
    place: String,
    dialect: DialectKind,
    equal: bool,
    columns: String,
    default_of: Option<String>,
    /// Expressions, and whether a server is asked about them.
    expressions: Vec<(String, bool)>,
}

fn cases() -> Vec<Case> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/canonical");
    let mut files: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|path| path.extension().is_some_and(|extension| extension == "case"));
    files.sort();
    files.iter().flat_map(|path| cases_of(path)).collect()
}

fn cases_of(path: &Path) -> Vec<Case> {
    let file = path.file_name().unwrap().to_str().unwrap();
    let dialect = file.split(['_', '.']).next().unwrap().parse().unwrap();
    let text = fs::read_to_string(path).unwrap();
    let mut cases: Vec<Case> = Vec::new();
    let mut open = false;
    for (number, line) in text.lines().enumerate() {
        match line.trim() {
            "" => open = false,
            comment if comment.starts_with('#') => {}
            head if !open => {
                open = true;
                cases.push(head_of(head, format!("{file}:{}", number + 1), dialect));
            }
            expression => {
                let bare = expression.strip_prefix("! ");
                let case = cases.last_mut().unwrap();
                case.expressions.push((bare.unwrap_or(expression).to_owned(), bare.is_none()));
            }
        }
    }
    cases
}

fn head_of(head: &str, place: String, dialect: DialectKind) -> Case {
    let (word, rest) = head.split_once(' ').unwrap_or((head, ""));
    let equal = match word {
        "equal" => true,
        "different" => false,
        other => panic!("{place}: a case is `equal` or `different`, not `{other}`"),
    };
    let columns = rest.strip_prefix("over ").unwrap_or_default().to_owned();
    let default_of = rest.strip_prefix("as ").map(str::to_owned);
    Case { place, dialect, equal, columns, default_of, expressions: Vec::new() }
}

impl Case {
    fn table(&self) -> Table {
        let mut table = Table::new(ObjectName::bare("t"));
        for column in self.columns.split(", ").filter(|column| !column.is_empty()) {
            let (name, ty) = column.split_once(' ').unwrap();
            let name = schema_model::ident::fold(name, self.dialect);
            table.columns.push(Column::new(name, read_type(ty, self.dialect)));
        }
        table
    }

    fn canonical(&self, expression: &str) -> String {
        let table = self.table();
        let scope = Scope::table(&table);
        let expr = Expr::new(expression);
        match &self.default_of {
            Some(ty) => canonical::default(&expr, &read_type(ty, self.dialect), &scope, self.dialect),
            None => canonical::expr_in(&expr, &scope, self.dialect),
        }
        .to_string()
    }
}

#[test]
fn spellings_of_one_meaning_meet_and_near_misses_do_not() {
    let mut wrong = Vec::new();
    for case in cases() {
        let forms: Vec<_> = case.expressions.iter().map(|(text, _)| (text, case.canonical(text))).collect();
        for (at, (text, form)) in forms.iter().enumerate() {
            let again = case.canonical(form);
            if again != *form {
                wrong.push(format!("{}: {text}\n  becomes {form}\n  and then {again}", case.place));
            }
            let others = if case.equal { &forms[..at.min(1)] } else { &forms[..at] };
            for (other, other_form) in others {
                if (form == other_form) != case.equal {
                    let what = if case.equal { "should meet" } else { "should differ" };
                    wrong.push(format!(
                        "{}: {what}:\n  {other}\n    {other_form}\n  {text}\n    {form}",
                        case.place
                    ));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn what_the_server_prints_meets_its_authors_spelling() {
    let Some(database) = TestDatabase::create() else { return };
    let mut client = database.connect();
    client.batch_execute("SET TimeZone = 'UTC'").unwrap();
    let mut wrong = Vec::new();
    for case in cases().iter().filter(|case| case.dialect == DialectKind::Postgres) {
        for (text, _) in case.expressions.iter().filter(|(_, live)| *live) {
            let Some((printed, reprinted)) = printed_by_server(&mut client, case, text, &mut wrong) else {
                continue;
            };
            let (own, server) = (case.canonical(text), case.canonical(&printed));
            if own != server {
                wrong
                    .push(format!("{}: {text}\n    {own}\n  printed as {printed}\n    {server}", case.place));
            }
            if reprinted.is_none() {
                wrong.push(format!("{}: the server refuses {own}", case.place));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the server makes of the author's text, and of our canonical form of it.
fn printed_by_server(
    client: &mut Client,
    case: &Case,
    text: &str,
    wrong: &mut Vec<String>,
) -> Option<(String, Option<String>)> {
    match printed(client, case, text) {
        Ok(own) => Some((own, printed(client, case, &case.canonical(text)).ok())),
        Err(error) => {
            wrong.push(format!("{}: {text}: {}", case.place, schema_tests::database::with_source(&error)));
            None
        }
    }
}

fn printed(client: &mut Client, case: &Case, text: &str) -> Result<String, postgres::Error> {
    client.batch_execute("DROP TABLE IF EXISTS t")?;
    let query = match &case.default_of {
        Some(ty) => {
            client.batch_execute(&format!("CREATE TABLE t (c {ty} DEFAULT {text})"))?;
            "SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 't'::regclass"
        }
        None => {
            client.batch_execute(&format!("CREATE TABLE t ({})", case.columns))?;
            client.batch_execute(&format!("ALTER TABLE t ADD CHECK (({text}) IS NOT NULL)"))?;
            "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conrelid = 't'::regclass"
        }
    };
    let row = client.query_opt(query, &[])?;
    let printed = row.map_or("NULL".to_owned(), |row| row.get(0));
    let bare = printed.strip_suffix(" IS NOT NULL)").and_then(|text| text.strip_prefix('('));
    Ok(match case.default_of {
        Some(_) => printed,
        None => bare.map_or(printed.clone(), str::to_owned),
    })
}

#[test]
fn types_keep_their_meaning() {
    let ty = ColumnType::Other("int4".into());
    assert_eq!(canonical::type_(&ty, DialectKind::Postgres), ColumnType::Integer { bits: 32 });
}
