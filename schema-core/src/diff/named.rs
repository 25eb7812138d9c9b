//! Objects that are only compared whole: schemas, extensions, sequences, opaque ones.

use std::collections::BTreeMap;

use schema_model::catalog::{Catalog, OpaqueObject, Schema, Sequence};

use crate::change::Change;

/// Two maps side by side: what is gone, what is new, what is on both sides.
pub(super) struct Sorted<'a, K, V> {
    pub gone: Vec<&'a V>,
    pub come: Vec<&'a V>,
    pub both: Vec<(&'a K, &'a V, &'a V)>,
}

pub(super) fn sorted<'a, K: Ord, V>(old: &'a BTreeMap<K, V>, new: &'a BTreeMap<K, V>) -> Sorted<'a, K, V> {
    Sorted {
        gone: old.iter().filter(|(key, _)| !new.contains_key(key)).map(|(_, value)| value).collect(),
        come: new.iter().filter(|(key, _)| !old.contains_key(key)).map(|(_, value)| value).collect(),
        both: new.iter().filter_map(|(key, value)| Some((key, old.get(key)?, value))).collect(),
    }
}

pub(super) fn schemas(old: &Catalog, new: &Catalog, out: &mut Vec<Change>) {
    let sorted = sorted(&old.schemas, &new.schemas);
    let (default_gone, gone): (Vec<&Schema>, Vec<_>) =
        sorted.gone.into_iter().partition(|own| own.is_default());
    let (default_come, come): (Vec<&Schema>, Vec<_>) =
        sorted.come.into_iter().partition(|own| own.is_default());
    out.extend(gone.into_iter().cloned().map(Change::DropSchema));
    out.extend(come.into_iter().cloned().map(Change::CreateSchema));
    let silent = |own: &Schema| Schema::default_without_comment(own.name.clone());
    for own in default_gone {
        out.push(Change::AlterSchema { old: own.clone(), new: silent(own) });
    }
    for own in default_come {
        out.push(Change::AlterSchema { old: silent(own), new: own.clone() });
    }
    for (_, old, new) in sorted.both.into_iter().filter(|(_, old, new)| old != new) {
        out.push(Change::AlterSchema { old: old.clone(), new: new.clone() });
    }
}

/// A version is compared only where both sides give one: without, it is whatever the server has.
pub(super) fn extensions(old: &Catalog, new: &Catalog, out: &mut Vec<Change>) {
    let sorted = sorted(&old.extensions, &new.extensions);
    out.extend(sorted.gone.into_iter().cloned().map(Change::DropExtension));
    out.extend(sorted.come.into_iter().cloned().map(Change::CreateExtension));
    for (_, old, new) in sorted.both {
        let mut wanted = new.clone();
        if old.version.is_none() || new.version.is_none() {
            wanted.version.clone_from(&old.version);
        }
        // A fresh extension carries the comment of its control file, which nobody wrote.
        if new.comment.is_none() {
            wanted.comment.clone_from(&old.comment);
        }
        if *old != wanted {
            out.push(Change::AlterExtension { old: old.clone(), new: new.clone() });
        }
    }
}

pub(super) fn sequences(old: &Catalog, new: &Catalog, out: &mut Vec<Change>) {
    let boxed = |sequence: &Sequence| Box::new(sequence.clone());
    let sorted = sorted(&old.sequences, &new.sequences);
    out.extend(sorted.gone.into_iter().map(|gone| Change::DropSequence(boxed(gone))));
    out.extend(sorted.come.into_iter().map(|come| Change::CreateSequence(boxed(come))));
    for (_, old, new) in sorted.both.into_iter().filter(|(_, old, new)| old != new) {
        out.push(Change::AlterSequence { old: boxed(old), new: boxed(new) });
    }
}

pub(super) fn opaque(old: &Catalog, new: &Catalog, out: &mut Vec<Change>) {
    let boxed = |object: &OpaqueObject| Box::new(object.clone());
    let sorted = sorted(&old.opaque, &new.opaque);
    out.extend(sorted.gone.into_iter().map(|gone| Change::DropOpaque(boxed(gone))));
    out.extend(sorted.come.into_iter().map(|come| Change::CreateOpaque(boxed(come))));
    for (_, old, new) in sorted.both {
        let same = old.definition == new.definition
            && old.amendments == new.amendments
            && old.comment == new.comment;
        if !same {
            out.push(Change::ReplaceOpaque { old: boxed(old), new: boxed(new) });
        }
    }
}
