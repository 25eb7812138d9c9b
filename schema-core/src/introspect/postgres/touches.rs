//! What the server knows that an object's text names (`pg_depend`).

use std::collections::{BTreeSet, HashMap};

use schema_model::ObjectName;

use super::query::{Reader, USER_SCHEMA};
use crate::introspect::IntrospectError;

/// What each object names, by its catalog (`pg_rewrite`) and OID.
pub(super) struct Touches(HashMap<(String, u32), BTreeSet<ObjectName>>);

impl Touches {
    /// What the object names, other than itself.
    pub(super) fn of(&self, class: &str, oid: u32, own: &ObjectName) -> BTreeSet<ObjectName> {
        let mut names = self.0.get(&(class.to_owned(), oid)).cloned().unwrap_or_default();
        names.remove(own);
        names
    }
}

pub(super) fn read(reader: &mut Reader<'_, '_>) -> Result<Touches, IntrospectError> {
    let sql = format!(
        "SELECT DISTINCT own.relname AS class, d.objid, n.nspname,
                coalesce(c.relname, p.proname, te.typname, t.typname) AS name
         FROM pg_depend d JOIN pg_class own ON own.oid = d.classid
         LEFT JOIN pg_class c ON d.refclassid = 'pg_class'::regclass AND c.oid = d.refobjid
         LEFT JOIN pg_proc p ON d.refclassid = 'pg_proc'::regclass AND p.oid = d.refobjid
         LEFT JOIN pg_type t ON d.refclassid = 'pg_type'::regclass AND t.oid = d.refobjid
         LEFT JOIN pg_type te ON te.oid = t.typelem AND t.typcategory = 'A'
         JOIN pg_namespace n ON n.oid = coalesce(c.relnamespace, p.pronamespace, te.typnamespace, t.typnamespace)
         WHERE d.classid IN ('pg_rewrite'::regclass, 'pg_proc'::regclass, 'pg_trigger'::regclass, 'pg_policy'::regclass,
                             'pg_statistic_ext'::regclass, 'pg_operator'::regclass, 'pg_event_trigger'::regclass,
                             'pg_cast'::regclass)
           AND d.deptype IN ('n', 'a') AND {USER_SCHEMA}",
    );
    let mut touches: HashMap<(String, u32), BTreeSet<ObjectName>> = HashMap::new();
    for row in reader.rows("dependencies", &sql)? {
        let name = reader.names.object(&row.text("nspname")?, &row.text("name")?);
        touches.entry((row.text("class")?, row.oid("objid")?)).or_default().insert(name);
    }
    Ok(Touches(touches))
}
