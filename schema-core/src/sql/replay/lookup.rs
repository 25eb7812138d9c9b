//! Names as spelled → objects of the catalog, by the session's search path.

use schema_model::catalog::Table;
use schema_model::{Name, ObjectName};

use super::Replayer;
use crate::sql::cursor::{Read, ReadError, Spelled};
use crate::sql::relations::{Relation, RelationKind};
use crate::sql::session::TEMPORARY;

impl Replayer {
    /// The schema as the catalog has it: the default one is none.
    pub(crate) fn schema_of(&self, schema: &Name) -> Option<Name> {
        let default = match self.dialect {
            schema_model::DialectKind::Postgres => schema.as_str() == "public",
            schema_model::DialectKind::Sqlite => schema.as_str().eq_ignore_ascii_case("main"),
        };
        (!default).then(|| schema.clone())
    }

    /// The names that an unqualified or qualified spelling may stand for, in the order in which they are looked for.
    pub(crate) fn candidates(&self, spelled: &Spelled) -> Vec<ObjectName> {
        let name = || spelled.name.clone();
        if let Some(schema) = &spelled.schema {
            return vec![ObjectName { schema: self.schema_of(schema), name: name() }];
        }
        let temporary = self.session.temporary.then(|| Some(Name::new(TEMPORARY)));
        let path = self.session.search_path.iter().cloned();
        temporary.into_iter().chain(path).map(|schema| ObjectName { schema, name: name() }).collect()
    }

    /// The name of an object that is being made: in the schema written, else in the first of the search path that exists.
    pub(crate) fn for_new(&self, spelled: &Spelled) -> ObjectName {
        if let Some(schema) = &spelled.schema {
            return ObjectName { schema: self.schema_of(schema), name: spelled.name.clone() };
        }
        let exists = |schema: &&Option<Name>| match schema {
            Some(name) => self.catalog.schemas.contains_key(name),
            None => true,
        };
        let schema = self.session.search_path.iter().find(exists).cloned().flatten();
        ObjectName { schema, name: spelled.name.clone() }
    }

    /// The relation that the spelling stands for.
    pub(crate) fn find_relation(&self, spelled: &Spelled) -> Option<&Relation> {
        self.candidates(spelled).iter().find_map(|name| self.relations.get(name))
    }

    /// The table of this name, or the error that there is none.
    pub(crate) fn table(&self, spelled: &Spelled) -> Read<ObjectName> {
        match self.find_relation(spelled) {
            Some(Relation { kind: RelationKind::Table, name, .. }) => Ok(name.clone()),
            Some(_) => Err(self.refused_at(spelled, format!("`{}` is not a table", spelled.shown()))),
            None => Err(self.no_such(spelled, "table")),
        }
    }

    /// The user's type of this name: enum, domain, composite, an opaque type, or a relation's row type.
    pub(crate) fn find_type(&self, spelled: &Spelled) -> Option<ObjectName> {
        self.candidates(spelled).into_iter().find(|name| self.has_type(name))
    }

    /// The user's type of this unqualified name.
    pub(crate) fn find_type_named(&self, name: &Name) -> Option<ObjectName> {
        self.find_type(&Spelled { schema: None, name: name.clone(), span: self.here })
    }

    /// The table of this name as the catalog has it.
    pub(crate) fn known_table(&self, name: &ObjectName) -> Read<&Table> {
        self.catalog.tables.get(name).ok_or_else(|| self.refused(format!("table `{name}` does not exist")))
    }

    /// The name of a relation that is being made: temporary ones have a schema of their own.
    pub(crate) fn for_new_relation(&mut self, spelled: &Spelled, temporary: bool) -> ObjectName {
        let in_temporary = spelled.schema.as_ref().is_some_and(|schema| schema.as_str() == TEMPORARY);
        if !temporary && !in_temporary {
            return self.for_new(spelled);
        }
        self.session.temporary = true;
        ObjectName::in_schema(TEMPORARY, spelled.name.clone())
    }

    /// What `CREATE` does when the name is taken: nothing, or an error.
    pub(crate) fn exists_already(&self, spelled: &Spelled, name: &ObjectName, fine: bool) -> Read<()> {
        if fine { Ok(()) } else { Err(self.refused_at(spelled, format!("`{name}` already exists"))) }
    }

    /// The schema of `SET SCHEMA`, as the catalog has it.
    pub(crate) fn existing_schema(&self, schema: &Name) -> Read<Option<Name>> {
        match self.schema_of(schema) {
            Some(name) if !self.catalog.schemas.contains_key(&name) => {
                Err(self.refused(format!("schema `{name}` does not exist")))
            }
            known => Ok(known),
        }
    }

    /// Whether the catalog has a type of this name.
    pub(crate) fn has_type(&self, name: &ObjectName) -> bool {
        self.catalog.enums.contains_key(name)
            || self.catalog.domains.contains_key(name)
            || self.catalog.composites.contains_key(name)
            || self.catalog.tables.contains_key(name)
            || self.catalog.views.contains_key(name)
            || self.catalog.opaque.contains_key(&super::super::read::opaque_type(name))
    }

    /// Any object of this name: relation, type or routine.
    pub(crate) fn find_any(&self, spelled: &Spelled) -> Option<ObjectName> {
        if let Some(relation) = self.find_relation(spelled) {
            return Some(relation.table.clone().unwrap_or_else(|| relation.name.clone()));
        }
        if let Some(name) = self.find_type(spelled) {
            return Some(name);
        }
        self.candidates(spelled).into_iter().find(|name| super::super::read::has_routine(&self.catalog, name))
    }

    /// The error that the object does not exist, at its name.
    pub(crate) fn no_such(&self, spelled: &Spelled, kind: &str) -> ReadError {
        self.refused_at(spelled, format!("{kind} `{}` does not exist", spelled.shown()))
    }

    /// The error that the database would refuse the statement because of this name.
    pub(crate) fn refused_at(&self, spelled: &Spelled, message: String) -> ReadError {
        ReadError::Refused { message, span: spelled.span }
    }
}
