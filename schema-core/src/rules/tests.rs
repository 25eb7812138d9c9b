//! Every kind of change has a verdict: a change on which no rule gives a bump fails here.

use schema_model::catalog::{
    Attribute, Catalog, Column, ColumnType, CompositeType, Constraint, ConstraintKind, Deferrable, Domain,
    EnumType, Extension, Identity, Index, Key, OpaqueId, OpaqueKind, OpaqueObject, Schema, Sequence,
    SequenceOptions, Table, TableOptions, View,
};
use schema_model::{DialectKind, Expr, Name, ObjectName, Origin};

use super::{ALL, Overrides, judge};
use crate::change::Change;
use crate::change::Change::*;

fn name(text: &str) -> ObjectName {
    ObjectName::bare(text)
}

fn column(text: &str) -> Box<Column> {
    Box::new(Column::new(text, ColumnType::Text))
}

fn table(text: &str) -> Box<Table> {
    let mut table = Table::new(name(text));
    table.columns = vec![*column("a"), *column("b")];
    table.constraints.push(*unique("u"));
    table.indexes.push(*index("i"));
    Box::new(table)
}

fn unique(text: &str) -> Box<Constraint> {
    let key = Key::over([Name::new("a")]);
    Box::new(Constraint::new(Some(Name::new(text)), ConstraintKind::Unique(key)))
}

fn index(text: &str) -> Box<Index> {
    Box::new(Index::over(text, [Name::new("b")]))
}

fn enumeration(values: &[&str]) -> EnumType {
    let values = values.iter().map(|value| (*value).to_owned()).collect();
    EnumType { name: name("e"), values, comment: None, origin: Origin::NONE }
}

fn domain() -> Box<Domain> {
    Box::new(Domain {
        name: name("d"),
        base: ColumnType::Text,
        nullable: true,
        default: None,
        collation: None,
        checks: Vec::new(),
        comment: None,
        origin: Origin::NONE,
    })
}

fn composite(attributes: &[&str]) -> CompositeType {
    let attribute = |text: &&str| Attribute {
        name: Name::new(text),
        ty: ColumnType::Text,
        collation: None,
        comment: None,
    };
    let attributes = attributes.iter().map(attribute).collect();
    CompositeType { name: name("c"), attributes, comment: None, origin: Origin::NONE }
}

fn sequence(text: &str) -> Box<Sequence> {
    Box::new(Sequence {
        name: name(text),
        options: SequenceOptions::ascending(64),
        owned_by: None,
        unlogged: false,
        comment: None,
        origin: Origin::NONE,
    })
}

fn view(query: &str) -> Box<View> {
    Box::new(View {
        name: name("v"),
        materialized: false,
        query: query.to_owned(),
        columns: Vec::new(),
        explicit_columns: false,
        options: Default::default(),
        check_option: None,
        indexes: Vec::new(),
        touches: Default::default(),
        column_comments: Default::default(),
        column_defaults: Default::default(),
        comment: None,
        origin: Origin::NONE,
    })
}

fn opaque(kind: OpaqueKind, definition: &str) -> Box<OpaqueObject> {
    let on = matches!(kind, OpaqueKind::Trigger | OpaqueKind::Policy | OpaqueKind::Rule).then(|| name("t"));
    Box::new(OpaqueObject {
        id: OpaqueId { kind, name: name("o"), arguments: String::new(), on },
        definition: definition.to_owned(),
        amendments: Vec::new(),
        touches: Default::default(),
        comment: None,
        origin: Origin::NONE,
    })
}

fn schema(comment: Option<&str>) -> Schema {
    Schema { name: Name::new("s"), comment: comment.map(str::to_owned), origin: Origin::NONE }
}

fn extension(version: Option<&str>) -> Extension {
    Extension {
        name: Name::new("x"),
        schema: None,
        version: version.map(str::to_owned),
        comment: None,
        origin: Origin::NONE,
    }
}

/// Everything that the samples change.
fn before() -> Catalog {
    let mut catalog = Catalog::default();
    for change in [
        CreateSchema(schema(None)),
        CreateExtension(extension(None)),
        CreateTable(table("t")),
        CreateEnum(enumeration(&["a", "b"])),
        CreateDomain(domain()),
        CreateComposite(composite(&["a"])),
        CreateSequence(sequence("q")),
        CreateView(view("SELECT 1")),
    ] {
        change.apply(&mut catalog, DialectKind::Postgres).expect("a sample applies");
    }
    catalog
}

fn altered(edit: impl Fn(&mut Column)) -> Change {
    let mut new = column("a");
    edit(&mut new);
    AlterColumn { table: name("t"), old: column("a"), new }
}

fn optioned(edit: impl Fn(&mut TableOptions)) -> Change {
    let mut new = Box::<TableOptions>::default();
    edit(&mut new);
    AlterTable { table: name("t"), old: Box::default(), new }
}

fn identity() -> Identity {
    Identity { always: false, sequence: name("t_a_seq"), options: SequenceOptions::ascending(64) }
}

/// At least one of each variant, and one for each thing that an altering variant can alter.
fn samples() -> Vec<Change> {
    let own = || name("t");
    let (from, to) = (|| Name::new("a"), || Name::new("z"));
    let deferrable = Box::new(Constraint { deferrable: Deferrable::Deferred, ..*unique("u") });
    let invalid = Box::new(Index { valid: false, ..*index("i") });
    let mut loose = domain();
    loose.default = Some(Expr::new("'x'"));
    let mut strict = domain();
    strict.nullable = false;
    let mut stepping = sequence("q");
    stepping.options.increment = 2;
    let mut all = vec![
        CreateSchema(Schema { name: Name::new("n"), ..schema(None) }),
        DropSchema(schema(None)),
        AlterSchema { old: schema(None), new: schema(Some("c")) },
        RenameSchema { from: Name::new("s"), to: Name::new("z") },
        CreateExtension(Extension { name: Name::new("n"), ..extension(None) }),
        DropExtension(extension(None)),
        AlterExtension { old: extension(None), new: extension(Some("2")) },
        CreateTable(table("n")),
        DropTable(table("t")),
        RenameTable { from: own(), to: name("z") },
        optioned(|options| options.unlogged = true),
        optioned(|options| options.row_security = true),
        optioned(|options| options.partition_of = Some((name("p"), "DEFAULT".into()))),
        optioned(|options| options.inherits = vec![name("p")]),
        optioned(|options| options.temporary = true),
        optioned(|options| options.comment = Some("c".into())),
        AddColumn { table: own(), column: column("n"), position: None },
        DropColumn { table: own(), column: column("a") },
        altered(|column| column.ty = ColumnType::Uuid),
        altered(|column| column.nullable = false),
        altered(|column| column.default = Some(Expr::new("'x'"))),
        altered(|column| column.identity = Some(identity())),
        altered(|column| column.collation = Some(name("C"))),
        altered(|column| column.comment = Some("c".into())),
        RenameColumn { table: own(), from: from(), to: to() },
        AddConstraint {
            table: own(),
            constraint: Box::new(Constraint::new(
                Some(Name::new("n")),
                ConstraintKind::PrimaryKey(Key::over([from()])),
            )),
        },
        DropConstraint { table: own(), constraint: unique("u") },
        AlterConstraint { table: own(), old: unique("u"), new: deferrable },
        RenameConstraint { table: own(), from: Name::new("u"), to: to() },
        CreateIndex { table: own(), index: Box::new(Index::over("n", [from()])) },
        DropIndex { table: own(), index: index("i") },
        AlterIndex { table: own(), old: index("i"), new: invalid },
        RenameIndex { table: own(), from: Name::new("i"), to: to() },
        CreateEnum(EnumType { name: name("n"), ..enumeration(&["a"]) }),
        DropEnum(enumeration(&["a", "b"])),
        AddEnumValue { name: name("e"), value: "c".into(), before: None },
        RemoveEnumValue { name: name("e"), value: "b".into(), before: None },
        RenameEnumValue { name: name("e"), from: "a".into(), to: "z".into() },
        ReplaceEnum { old: enumeration(&["a", "b"]), new: enumeration(&["b", "a"]) },
        CreateDomain(Box::new(Domain { name: name("n"), ..*domain() })),
        DropDomain(domain()),
        AlterDomain { old: domain(), new: loose },
        AlterDomain { old: domain(), new: strict },
        CreateComposite(CompositeType { name: name("n"), ..composite(&["a"]) }),
        DropComposite(composite(&["a"])),
        AlterComposite { old: composite(&["a"]), new: composite(&["a", "b"]) },
        RenameType { from: name("e"), to: name("z") },
        CreateSequence(sequence("n")),
        DropSequence(sequence("q")),
        AlterSequence { old: sequence("q"), new: stepping },
        RenameSequence { from: name("q"), to: name("z") },
        CreateView(Box::new(View { name: name("n"), ..*view("SELECT 1") })),
        DropView(view("SELECT 1")),
        ReplaceView { old: view("SELECT 1"), new: view("SELECT 2") },
        RenameView { from: name("v"), to: name("z") },
    ];
    for kind in KINDS {
        all.push(CreateOpaque(opaque(kind, "one")));
        all.push(DropOpaque(opaque(kind, "one")));
        all.push(ReplaceOpaque { old: opaque(kind, "one"), new: opaque(kind, "two") });
    }
    all
}

const KINDS: [OpaqueKind; 16] = [
    OpaqueKind::Collation,
    OpaqueKind::Type,
    OpaqueKind::Function,
    OpaqueKind::Procedure,
    OpaqueKind::Aggregate,
    OpaqueKind::Operator,
    OpaqueKind::OperatorClass,
    OpaqueKind::Cast,
    OpaqueKind::Statistics,
    OpaqueKind::Rule,
    OpaqueKind::Trigger,
    OpaqueKind::EventTrigger,
    OpaqueKind::Policy,
    OpaqueKind::TextSearch,
    OpaqueKind::Foreign,
    OpaqueKind::Publication,
];

#[test]
fn every_kind_of_change_has_a_verdict() {
    for change in samples() {
        let mut catalog = before();
        if let DropOpaque(object) | ReplaceOpaque { old: object, .. } = &change {
            catalog.opaque.insert(object.id.clone(), (**object).clone());
        }
        for (dialect, catalog) in [(DialectKind::Postgres, catalog.clone()), (DialectKind::Sqlite, catalog)] {
            let findings = judge(&catalog, std::slice::from_ref(&change), dialect, &Overrides::default());
            assert!(!findings.is_empty(), "no verdict on: {change} ({dialect})\n{change:?}");
            assert!(findings.iter().all(|finding| finding.change == Some(0)), "{findings:?}");
        }
    }
}

#[test]
fn every_variant_is_among_the_samples() {
    let kinds: std::collections::HashSet<_> = samples().iter().map(std::mem::discriminant).collect();
    // A variant more than this must get a sample, and so a verdict.
    let variants = 47;
    assert_eq!(kinds.len(), variants);
}

#[test]
fn a_change_that_does_not_fit_the_catalog_is_judged_all_the_same() {
    let change = DropColumn { table: name("missing"), column: column("a") };
    let findings = judge(&Catalog::default(), &[change], DialectKind::Postgres, &Overrides::default());
    assert_eq!(findings.iter().map(|finding| finding.rule).collect::<Vec<_>>(), ["column-dropped"]);
}

#[test]
fn ids_are_unique_and_pages_are_theirs() {
    let ids: std::collections::HashSet<_> = ALL.iter().map(|rule| rule.id).collect();
    assert_eq!(ids.len(), ALL.len());
}
