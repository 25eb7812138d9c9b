//! The values that conditions over the catalogs are made of.

use schema_model::{Name, ObjectName};

use super::date::{Interval, Moment};

/// A value.
#[derive(Clone, Debug, PartialEq)]
pub(in super::super) enum Value {
    Null,
    Bool(bool),
    Int(i64),
    Text(String),
    /// An object's identity: what it is of (`class`, `type`, `proc`, `namespace`), and its name.
    Oid(&'static str, ObjectName),
    List(Vec<Value>),
    Moment(Moment),
    Interval(Interval),
    Row(Vec<(Name, Value)>),
}

impl Value {
    pub(super) fn text(text: impl Into<String>) -> Value {
        Value::Text(text.into())
    }

    /// The default schema by its name.
    pub(super) fn schema(schema: Option<&Name>) -> Value {
        Value::text(schema.map_or("public", |schema| schema.as_str()))
    }

    pub(super) fn namespace(schema: Option<&Name>) -> Value {
        Value::Oid("namespace", ObjectName::bare(schema.map_or("public", |schema| schema.as_str())))
    }

    /// As PostgreSQL prints it.
    pub(super) fn shown(&self) -> String {
        match self {
            Value::Null => String::new(),
            Value::Bool(value) => value.to_string(),
            Value::Int(value) => value.to_string(),
            Value::Text(text) => text.clone(),
            Value::Oid(_, name) => {
                schema_model::ident::quote_object(name, schema_model::DialectKind::Postgres)
            }
            Value::Moment(moment) => moment.shown(),
            Value::Interval(interval) => interval.shown(),
            Value::List(items) => {
                format!("{{{}}}", items.iter().map(Value::shown).collect::<Vec<_>>().join(","))
            }
            Value::Row(fields) => {
                format!("({})", fields.iter().map(|(_, value)| value.shown()).collect::<Vec<_>>().join(","))
            }
        }
    }

    pub(super) fn number(&self) -> Option<i64> {
        match self {
            Value::Int(value) => Some(*value),
            Value::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Equal as SQL sees it; `None` when either is null.
    pub(super) fn equals(&self, other: &Value) -> Option<bool> {
        Some(match (self, other) {
            (Value::Null, _) | (_, Value::Null) => return None,
            (Value::Int(_), _) | (_, Value::Int(_)) => self.number()? == other.number()?,
            (Value::Bool(value), Value::Text(text)) | (Value::Text(text), Value::Bool(value)) => {
                text.get(..1).is_some_and(|first| first.eq_ignore_ascii_case("t")) == *value
            }
            (Value::Text(text), oid @ Value::Oid(..)) | (oid @ Value::Oid(..), Value::Text(text)) => {
                oid.shown() == *text
            }
            (Value::Moment(one), Value::Text(text)) | (Value::Text(text), Value::Moment(one)) => {
                one.order() == Moment::read(text, one.kind)?.order()
            }
            (one, other) => one == other,
        })
    }
}
