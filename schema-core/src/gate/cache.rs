//! What files said, kept in `OUT_DIR` between builds: one touched model among a thousand costs its own parsing.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::path::{Path, PathBuf};

use schema_model::item::Store;

use crate::rust::{Cfgs, FactsStore, FileFacts};

/// The kept facts, by path, with the text's hash and length.
pub(super) struct Cache {
    file: PathBuf,
    /// The version and `cfg` that the facts depend on.
    key: u64,
    known: HashMap<String, (u64, Vec<u8>)>,
    fresh: HashMap<String, (u64, Vec<u8>)>,
    changed: bool,
}

impl Cache {
    /// Reads what is there; anything unreadable is as good as nothing.
    pub(super) fn open(out: &Path, cfgs: &Cfgs) -> Self {
        let key = hash(&(env!("CARGO_PKG_VERSION"), cfgs.fingerprint()));
        let file = out.join("schema-gate.cache");
        let known = std::fs::read(&file).ok().and_then(|bytes| read(&mut bytes.as_slice(), key));
        let changed = known.is_none();
        Cache { file, key, known: known.unwrap_or_default(), fresh: HashMap::new(), changed }
    }

    /// Writes the files of this run; those that are gone are forgotten.
    pub(super) fn save(self) {
        if !self.changed && self.fresh.len() == self.known.len() {
            return;
        }
        let mut out = Vec::new();
        self.key.write(&mut out);
        (self.fresh.len() as u32).write(&mut out);
        for (path, (text, facts)) in self.fresh {
            path.write(&mut out);
            text.write(&mut out);
            (facts.len() as u32).write(&mut out);
            out.extend_from_slice(&facts);
        }
        // A cache that cannot be written is only slower.
        let _ = std::fs::write(self.file, out);
    }
}

fn hash(value: &impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.hash(&mut hasher);
    hasher.finish()
}

fn read(input: &mut &[u8], key: u64) -> Option<HashMap<String, (u64, Vec<u8>)>> {
    if u64::read(input)? != key {
        return None;
    }
    let count = u32::read(input)?;
    let mut known = HashMap::new();
    for _ in 0..count {
        let path = String::read(input)?;
        let text = u64::read(input)?;
        let length = u32::read(input)? as usize;
        let (facts, rest) = input.split_at_checked(length)?;
        *input = rest;
        known.insert(path, (text, facts.to_vec()));
    }
    Some(known)
}

impl FactsStore for Cache {
    fn get(&mut self, path: &Path, text: &str) -> Option<FileFacts> {
        let path = path.display().to_string();
        let (known, bytes) = self.known.get(&path)?;
        if *known != hash(&text) {
            return None;
        }
        let facts = FileFacts::read(&mut bytes.as_slice())?;
        self.fresh.insert(path, (*known, bytes.clone()));
        Some(facts)
    }

    fn put(&mut self, path: &Path, text: &str, facts: &FileFacts) {
        let mut bytes = Vec::new();
        facts.write(&mut bytes);
        self.changed = true;
        self.fresh.insert(path.display().to_string(), (hash(&text), bytes));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_are_kept_between_runs_and_damage_is_no_harm() {
        let out = std::env::temp_dir().join(format!("schema-cache-{}", std::process::id()));
        std::fs::create_dir_all(&out).unwrap();
        let text = "use a::{b, c as d}; #[derive(Table)] #[table(primary_key(x, y))] struct A { #[column(unique)] x: Vec<u8>, y: i32 }";
        let facts = crate::rust::read_facts(text, &Cfgs::default());
        let mut cache = Cache::open(&out, &Cfgs::default());
        cache.put(Path::new("a.rs"), text, &facts);
        cache.save();
        let mut cache = Cache::open(&out, &Cfgs::default());
        assert_eq!(cache.get(Path::new("a.rs"), text), Some(facts));
        assert_eq!(cache.get(Path::new("a.rs"), "other"), None);
        assert_eq!(Cache::open(&out, &Cfgs::default().features(["x"])).get(Path::new("a.rs"), text), None);
        let bytes = std::fs::read(out.join("schema-gate.cache")).unwrap();
        for cut in 0..bytes.len() {
            std::fs::write(out.join("schema-gate.cache"), &bytes[..cut]).unwrap();
            let _ = Cache::open(&out, &Cfgs::default()).get(Path::new("a.rs"), text);
        }
        std::fs::remove_dir_all(out).unwrap();
    }
}
