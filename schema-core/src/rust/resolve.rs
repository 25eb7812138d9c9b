//! Names followed across modules, and field types with them.

use std::sync::Arc;

use schema_model::item::{FieldType, RustType, Scalar, Shape, TypeItem, TypeWord, shape};

use super::files::{Decl, NodeKind, Tree};

/// How deep aliases, imports and type arguments may nest before it is called a cycle.
const DEPTH: usize = 48;

/// What a path leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    Module(usize),
    Item(usize),
    /// A path into another crate.
    Extern(Vec<String>),
}

/// Why a field's type is no column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum TypeProblem {
    /// A type of the crate without our derive; where it is declared.
    Plain(usize),
    /// A struct that is a table.
    Table(usize),
    /// Nothing known.
    Unknown(String),
    /// Aliases that lead back to themselves.
    Cycle,
}

/// A type with the module in which its names mean something, and its type parameters.
#[derive(Clone, Copy)]
struct Typed<'a> {
    ty: &'a RustType,
    module: usize,
    env: Option<&'a Env<'a>>,
}

struct Env<'a> {
    names: &'a [String],
    types: Vec<Typed<'a>>,
}

impl Tree {
    /// The item, module or foreign path that a path in a module leads to.
    pub fn resolve(&self, module: usize, global: bool, path: &[String]) -> Option<Found> {
        self.resolve_at(module, global, path, &mut Vec::new())
    }

    fn resolve_at(
        &self,
        module: usize,
        global: bool,
        path: &[String],
        seen: &mut Vec<(usize, String)>,
    ) -> Option<Found> {
        let (first, rest) = path.split_first()?;
        let start = match first.as_str() {
            _ if global => self.foreign(path, seen),
            "crate" => Some(Found::Module(self.modules[module].root)),
            "self" => Some(Found::Module(module)),
            "super" => self.modules[module].parent.map(Found::Module),
            name => match self.lookup(module, name, seen) {
                Some(found) => Some(found),
                None if !rest.is_empty() => return self.foreign(path, seen),
                None => None,
            },
        }?;
        if global {
            return Some(start);
        }
        self.walk(start, rest, seen)
    }

    fn walk(&self, start: Found, rest: &[String], seen: &mut Vec<(usize, String)>) -> Option<Found> {
        let mut found = start;
        for (index, name) in rest.iter().enumerate() {
            found = match found {
                Found::Module(module) if name == "super" => Found::Module(self.modules[module].parent?),
                Found::Module(module) => self.lookup(module, name, seen)?,
                Found::Extern(mut path) => {
                    path.extend(rest[index..].iter().cloned());
                    return Some(Found::Extern(path));
                }
                Found::Item(_) => return None,
            };
        }
        Some(found)
    }

    /// A path that begins with a crate: one that is scanned too, or one that is not.
    fn foreign(&self, path: &[String], seen: &mut Vec<(usize, String)>) -> Option<Found> {
        let (first, rest) = path.split_first()?;
        match self.roots.iter().find(|(name, _)| name == first) {
            Some((_, root)) => self.walk(Found::Module(*root), rest, seen),
            None => Some(Found::Extern(path.to_vec())),
        }
    }

    fn lookup(&self, module: usize, name: &str, seen: &mut Vec<(usize, String)>) -> Option<Found> {
        let key = (module, name.to_owned());
        if seen.contains(&key) || seen.len() > 4 * DEPTH {
            return None;
        }
        seen.push(key);
        let found = self.lookup_new(module, name, seen);
        seen.pop();
        found
    }

    fn lookup_new(&self, module: usize, name: &str, seen: &mut Vec<(usize, String)>) -> Option<Found> {
        let own = self.modules[module].names.get(name).map(Vec::as_slice).unwrap_or_default();
        // A function or macro may share the name of a type: what leads somewhere wins, own items first.
        for decl in own {
            match decl {
                Decl::Module(module) => return Some(Found::Module(*module)),
                Decl::Item(item) => return Some(Found::Item(*item)),
                Decl::Use { .. } => {}
            }
        }
        for decl in own {
            if let Decl::Use { global, path } = decl {
                // `use uuid;` and `use crate::uuid;` apart: the first segment may be the name itself.
                let itself = !global && path.len() == 1 && path[0] == name;
                let found = match itself {
                    true => self.foreign(path, seen),
                    false => self.resolve_at(module, *global, path, seen),
                };
                if found.is_some() {
                    return found;
                }
            }
        }
        for (global, path) in &self.modules[module].globs {
            if let Some(Found::Module(inner)) = self.resolve_at(module, *global, path, seen)
                && let Some(found) = self.lookup(inner, name, seen)
            {
                return Some(found);
            }
        }
        None
    }

    /// A field's type.
    pub fn field_type(&self, module: usize, ty: &RustType) -> Result<FieldType, TypeProblem> {
        self.typed(Typed { ty, module, env: None }, 0)
    }

    /// Whether a type is an `Option`, whatever it holds.
    pub fn is_optional(&self, module: usize, ty: &RustType) -> bool {
        self.optional(Typed { ty, module, env: None }, 0)
    }

    fn optional(&self, typed: Typed<'_>, depth: usize) -> bool {
        if depth > DEPTH {
            return false;
        }
        if let Some(argument) = parameter(typed) {
            return self.optional(argument, depth + 1);
        }
        let RustType::Path { global, segments, args } = typed.ty else { return false };
        match self.resolve(typed.module, *global, segments) {
            Some(Found::Item(item)) => match &self.items[item].kind {
                NodeKind::Alias { generics, ty } => {
                    let env = environment(generics, args, typed);
                    self.optional(Typed { ty, module: self.items[item].module, env: Some(&env) }, depth + 1)
                }
                _ => false,
            },
            Some(Found::Extern(path)) => path.last().is_some_and(|last| last == "Option"),
            Some(Found::Module(_)) => false,
            None => segments.last().is_some_and(|last| last == "Option"),
        }
    }

    fn typed(&self, typed: Typed<'_>, depth: usize) -> Result<FieldType, TypeProblem> {
        if depth > DEPTH {
            return Err(TypeProblem::Cycle);
        }
        if let Some(argument) = parameter(typed) {
            return self.typed(argument, depth + 1);
        }
        let (global, segments, args) = match typed.ty {
            RustType::Path { global, segments, args } => (*global, segments, args),
            RustType::Slice(_) => return self.shaped(typed.ty, typed, depth),
            RustType::Other(text) => return Err(TypeProblem::Unknown(text.clone())),
        };
        match self.resolve(typed.module, global, segments) {
            Some(Found::Item(item)) => self.item_type(item, args, typed, depth),
            Some(Found::Extern(path)) => {
                let known = RustType::Path { global: false, segments: path, args: args.clone() };
                self.shaped(&known, typed, depth)
            }
            Some(Found::Module(_)) => Err(TypeProblem::Unknown(typed.ty.to_string())),
            None => self.shaped(typed.ty, typed, depth),
        }
    }

    fn shaped(&self, known: &RustType, typed: Typed<'_>, depth: usize) -> Result<FieldType, TypeProblem> {
        let inner = |ty: &RustType| self.typed(Typed { ty, ..typed }, depth + 1);
        match shape(known) {
            Some(Shape::Scalar(scalar)) => Ok(FieldType::Scalar(scalar)),
            Some(Shape::Optional(ty)) => Ok(FieldType::Optional(Box::new(inner(ty)?))),
            Some(Shape::Array(ty)) => Ok(FieldType::Array(Box::new(inner(ty)?))),
            Some(Shape::Same(ty)) => inner(ty),
            None => Err(TypeProblem::Unknown(typed.ty.to_string())),
        }
    }

    fn item_type(
        &self,
        item: usize,
        args: &[RustType],
        typed: Typed<'_>,
        depth: usize,
    ) -> Result<FieldType, TypeProblem> {
        let node = &self.items[item];
        match &node.kind {
            NodeKind::Alias { generics, ty } => {
                let env = environment(generics, args, typed);
                self.typed(Typed { ty, module: node.module, env: Some(&env) }, depth + 1)
            }
            NodeKind::Enum { item, .. } => Ok(FieldType::Enum(Arc::clone(item))),
            NodeKind::Type { item, .. } => {
                let env = environment(&item.generics, args, typed);
                let inner = Typed { ty: &item.inner, module: node.module, env: Some(&env) };
                let inner = self.typed(inner, depth + 1);
                let inner = match (inner, says_type(item)) {
                    (Ok(inner), _) => Some(Box::new(inner)),
                    (Err(_), true) => None,
                    (Err(problem), false) => return Err(problem),
                };
                Ok(FieldType::Newtype(Arc::clone(item), inner))
            }
            NodeKind::Table { .. } => Err(TypeProblem::Table(item)),
            NodeKind::Plain { .. } | NodeKind::Foreign(_) => Err(TypeProblem::Plain(item)),
        }
    }

    /// What a derive's path means: ours, another crate's, or not to be told (which is taken as ours: the compiler
    /// will say when it is not).
    pub fn is_ours(&self, module: usize, derive: &[String], ours: &[&str]) -> bool {
        match self.resolve(module, false, derive) {
            Some(Found::Extern(path)) => {
                let last = path.last().map_or("", String::as_str);
                let crate_name = path.first().map_or("", String::as_str);
                path.len() == 1 || crate_name == last || ours.contains(&crate_name)
            }
            Some(Found::Item(_) | Found::Module(_)) | None => true,
        }
    }
}

fn says_type(item: &TypeItem) -> bool {
    item.words.iter().any(|said| matches!(said.word, TypeWord::Type(_)))
}

/// The argument that a type parameter stands for.
fn parameter<'a>(typed: Typed<'a>) -> Option<Typed<'a>> {
    let env = typed.env?;
    let RustType::Path { segments, args, .. } = typed.ty else { return None };
    let [name] = segments.as_slice() else { return None };
    let index = env.names.iter().position(|own| own == name).filter(|_| args.is_empty())?;
    env.types.get(index).copied()
}

fn environment<'a>(names: &'a [String], args: &'a [RustType], typed: Typed<'a>) -> Env<'a> {
    Env { names, types: args.iter().map(|ty| Typed { ty, ..typed }).collect() }
}

/// A column that is said to be of a type, whatever Rust calls it: only whether it may be NULL counts.
pub(super) fn opaque_type(optional: bool) -> FieldType {
    let text = FieldType::Scalar(Scalar::Text);
    if optional { FieldType::Optional(Box::new(text)) } else { text }
}
