//! `cfg` predicates, evaluated over the enabled features and the target.

use std::collections::{BTreeMap, BTreeSet};

use syn::parse::{Parse, ParseStream};
use syn::punctuated::Punctuated;
use syn::{Ident, LitBool, LitStr, Token, ext::IdentExt};

/// The configuration that predicates are asked of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cfgs {
    names: BTreeSet<String>,
    values: BTreeMap<String, BTreeSet<String>>,
}

impl Cfgs {
    /// What a build script is told about the crate that it builds for.
    pub fn from_build_script(vars: impl IntoIterator<Item = (String, String)>) -> Self {
        let mut cfgs = Cfgs::default();
        let mut features = Vec::new();
        for (key, value) in vars {
            if let Some(name) = key.strip_prefix("CARGO_CFG_") {
                let name = name.to_lowercase();
                match value.is_empty() {
                    true => cfgs.set(&name),
                    false => value.split(',').for_each(|value| cfgs.set_value(&name, value)),
                }
            } else if let Some(feature) = key.strip_prefix("CARGO_FEATURE_") {
                features.push(feature.to_lowercase());
            }
        }
        // An older cargo has no CARGO_CFG_FEATURE; the other variables' names have lost the case and the dashes.
        if !cfgs.values.contains_key("feature") {
            for feature in features {
                cfgs.set_value("feature", &feature.replace('_', "-"));
                cfgs.set_value("feature", &feature);
            }
        }
        cfgs
    }

    /// What `rustc --print cfg` prints.
    pub fn from_rustc(output: &str) -> Self {
        let mut cfgs = Cfgs::default();
        for line in output.lines().map(str::trim).filter(|line| !line.is_empty()) {
            match line.split_once('=') {
                Some((name, value)) => cfgs.set_value(name, value.trim_matches('"')),
                None => cfgs.set(line),
            }
        }
        cfgs
    }

    /// The machine that this program was built for, for a caller that has no better word.
    pub fn host() -> Self {
        let mut cfgs = Cfgs::default();
        cfgs.set(std::env::consts::FAMILY);
        cfgs.set("debug_assertions");
        cfgs.set("panic");
        for (name, value) in [
            ("target_os", std::env::consts::OS),
            ("target_arch", std::env::consts::ARCH),
            ("target_family", std::env::consts::FAMILY),
            ("panic", "unwind"),
            ("target_pointer_width", if cfg!(target_pointer_width = "32") { "32" } else { "64" }),
            ("target_endian", if cfg!(target_endian = "big") { "big" } else { "little" }),
        ] {
            cfgs.set_value(name, value);
        }
        cfgs
    }

    /// With these features.
    pub fn features<'a>(mut self, features: impl IntoIterator<Item = &'a str>) -> Self {
        features.into_iter().for_each(|feature| self.set_value("feature", feature));
        self
    }

    /// Makes `cfg(name)` true.
    pub fn set(&mut self, name: &str) {
        self.names.insert(name.to_owned());
    }

    /// Makes `cfg(name = "value")` true.
    pub fn set_value(&mut self, name: &str, value: &str) {
        self.values.entry(name.to_owned()).or_default().insert(value.to_owned());
    }

    /// The enabled features, sorted.
    pub fn enabled_features(&self) -> Vec<&str> {
        self.values.get("feature").into_iter().flatten().map(String::as_str).collect()
    }

    /// Everything set, as one text: what cached results depend on.
    pub fn fingerprint(&self) -> String {
        format!("{:?} {:?}", self.names, self.values)
    }

    fn holds(&self, predicate: &Predicate) -> bool {
        match predicate {
            Predicate::Always(value) => *value,
            Predicate::Name(name) => self.names.contains(name),
            Predicate::Value(name, value) => {
                self.values.get(name).is_some_and(|values| values.contains(value))
            }
            Predicate::All(all) => all.iter().all(|one| self.holds(one)),
            Predicate::Any(any) => any.iter().any(|one| self.holds(one)),
            Predicate::Not(one) => !self.holds(one),
        }
    }

    /// Whether every `#[cfg(…)]` of a node holds. A predicate that is no predicate counts as true: the compiler will say so.
    pub fn active(&self, attrs: &[syn::Attribute]) -> bool {
        attrs.iter().filter(|attr| attr.path().is_ident("cfg")).all(|attr| {
            let syn::Meta::List(list) = &attr.meta else { return true };
            syn::parse2::<Predicate>(list.tokens.clone()).map_or(true, |predicate| self.holds(&predicate))
        })
    }

    /// Puts the attributes of each `#[cfg_attr(…)]` that holds in its place, and drops the others.
    pub fn expand(&self, attrs: &mut Vec<syn::Attribute>) {
        let mut rounds = 0;
        while rounds < 16 && attrs.iter().any(|attr| attr.path().is_ident("cfg_attr")) {
            rounds += 1;
            let mut out = Vec::with_capacity(attrs.len());
            for attr in attrs.drain(..) {
                let inner = match &attr.meta {
                    syn::Meta::List(list) if attr.path().is_ident("cfg_attr") => {
                        syn::parse2::<Conditional>(list.tokens.clone()).ok()
                    }
                    _ => {
                        out.push(attr);
                        continue;
                    }
                };
                let Some(inner) = inner.filter(|inner| self.holds(&inner.predicate)) else { continue };
                out.extend(inner.metas.into_iter().map(|meta| syn::Attribute { meta, ..attr.clone() }));
            }
            *attrs = out;
        }
    }
}

enum Predicate {
    Always(bool),
    Name(String),
    Value(String, String),
    All(Vec<Predicate>),
    Any(Vec<Predicate>),
    Not(Box<Predicate>),
}

impl Parse for Predicate {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(LitBool) {
            return Ok(Predicate::Always(input.parse::<LitBool>()?.value));
        }
        let name = Ident::parse_any(input)?.unraw().to_string();
        if input.peek(syn::token::Paren) {
            let content;
            syn::parenthesized!(content in input);
            let list = Punctuated::<Predicate, Token![,]>::parse_terminated(&content)?;
            let mut list: Vec<Predicate> = list.into_iter().collect();
            return match name.as_str() {
                "all" => Ok(Predicate::All(list)),
                "any" => Ok(Predicate::Any(list)),
                "not" if list.len() == 1 => {
                    Ok(Predicate::Not(Box::new(list.pop().unwrap_or(Predicate::Always(true)))))
                }
                _ => Err(input.error("expected `all`, `any` or `not`")),
            };
        }
        if input.parse::<Option<Token![=]>>()?.is_some() {
            return Ok(Predicate::Value(name, input.parse::<LitStr>()?.value()));
        }
        Ok(Predicate::Name(name))
    }
}

struct Conditional {
    predicate: Predicate,
    metas: Vec<syn::Meta>,
}

impl Parse for Conditional {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let predicate = input.parse()?;
        input.parse::<Option<Token![,]>>()?;
        let metas = Punctuated::<syn::Meta, Token![,]>::parse_terminated(input)?.into_iter().collect();
        Ok(Conditional { predicate, metas })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holds(text: &str) -> bool {
        let cfgs = Cfgs::from_rustc("unix\ntarget_os=\"linux\"").features(["db"]);
        cfgs.holds(&syn::parse_str(text).unwrap())
    }

    #[test]
    fn predicates_hold_as_the_compiler_says() {
        assert!(holds("all(unix, target_os = \"linux\", feature = \"db\")"));
        assert!(holds("any(windows, not(feature = \"other\"))"));
        assert!(!holds("all(unix, any())"));
        assert!(holds("true") && !holds("false") && !holds("test"));
    }

    #[test]
    fn a_build_script_knows_its_features() {
        let vars = |all: &[(&str, &str)]| {
            Cfgs::from_build_script(all.iter().map(|(key, value)| ((*key).to_owned(), (*value).to_owned())))
        };
        let own = vars(&[("CARGO_CFG_FEATURE", "a,b-c"), ("CARGO_FEATURE_A", "1"), ("CARGO_CFG_UNIX", "")]);
        assert_eq!(own.enabled_features(), ["a", "b-c"]);
        let older = vars(&[("CARGO_FEATURE_A", "1"), ("CARGO_FEATURE_B_C", "1")]);
        assert_eq!(older.enabled_features(), ["a", "b-c", "b_c"]);
    }

    #[test]
    fn conditional_attributes_take_their_place() {
        let item: syn::ItemStruct =
            syn::parse_str("#[cfg_attr(feature = \"db\", derive(Table), table(name = \"x\"))] #[cfg_attr(windows, foo)] struct A;")
                .unwrap();
        let mut attrs = item.attrs;
        Cfgs::default().features(["db"]).expand(&mut attrs);
        assert_eq!(attrs.len(), 2);
        assert!(attrs[0].path().is_ident("derive") && attrs[1].path().is_ident("table"));
    }
}
