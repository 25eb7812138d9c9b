//! Expressions over variables and the rows of system relations. What is not understood is unknown, and unknown is
//! neither true nor false.

use std::collections::HashMap;

use schema_model::catalog::ColumnType;
use schema_model::type_text::write_type;
use schema_model::{DialectKind, Name, ObjectName};
use sqlparser::ast::{
    AccessExpr, Array, BinaryOperator, Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments,
    Subscript, UnaryOperator, Value as Constant,
};

use super::date::{Interval, Kind, Moment};
use super::system::Row;
use super::value::Value;
use super::{Known, Unknown, format};
use crate::sql::cursor::{Source, Spelled, code_tokens};
use crate::sql::replay::Replayer;

/// Variables: those without a value are not known.
pub(in super::super) type Variables = HashMap<Name, Option<Value>>;

/// Where an expression is evaluated.
#[derive(Clone)]
pub(super) struct Context<'c> {
    pub(super) replayer: &'c Replayer,
    pub(super) variables: &'c Variables,
    /// The rows in view, innermost query last, each with its alias.
    pub(super) rows: Vec<(Name, &'c Row)>,
    pub(super) depth: usize,
}

impl<'c> Context<'c> {
    pub(super) fn new(replayer: &'c Replayer, variables: &'c Variables) -> Self {
        Context { replayer, variables, rows: Vec::new(), depth: 0 }
    }

    /// The value of an expression in text.
    pub(super) fn text(&self, text: &str) -> Known<Value> {
        let query = super::super::query::parse(&format!("SELECT {text}")).ok_or(Unknown)?;
        self.scalar(&query)
    }

    /// Whether the condition in text holds.
    pub(super) fn holds(&self, text: &str) -> Known<bool> {
        truth(&self.text(text)?).map(|truth| truth == Some(true))
    }

    pub(super) fn deeper(&self) -> Known<Context<'c>> {
        if self.depth > 40 { Err(Unknown) } else { Ok(Context { depth: self.depth + 1, ..self.clone() }) }
    }

    pub(super) fn expr(&self, expr: &Expr) -> Known<Value> {
        let this = &self.deeper()?;
        match expr {
            Expr::Identifier(name) => this.name(&super::super::query::folded(name)),
            Expr::CompoundIdentifier(path) => {
                let [.., alias, name] = path.as_slice() else { return Err(Unknown) };
                this.field(&super::super::query::folded(alias), &super::super::query::folded(name))
            }
            Expr::Value(value) => this.constant(&value.value),
            Expr::Nested(inner) | Expr::Collate { expr: inner, .. } => this.expr(inner),
            Expr::IsNull(inner) => Ok(Value::Bool(this.expr(inner)? == Value::Null)),
            Expr::IsNotNull(inner) => Ok(Value::Bool(this.expr(inner)? != Value::Null)),
            Expr::IsTrue(inner) => Ok(Value::Bool(truth(&this.expr(inner)?)? == Some(true))),
            Expr::IsFalse(inner) => Ok(Value::Bool(truth(&this.expr(inner)?)? == Some(false))),
            Expr::IsNotTrue(inner) => Ok(Value::Bool(truth(&this.expr(inner)?)? != Some(true))),
            Expr::IsNotFalse(inner) => Ok(Value::Bool(truth(&this.expr(inner)?)? != Some(false))),
            Expr::IsDistinctFrom(one, other) => Ok(Value::Bool(!same(&this.expr(one)?, &this.expr(other)?))),
            Expr::IsNotDistinctFrom(one, other) => {
                Ok(Value::Bool(same(&this.expr(one)?, &this.expr(other)?)))
            }
            Expr::Exists { subquery, negated } => Ok(Value::Bool(this.exists(subquery)? != *negated)),
            Expr::Subquery(query) => this.scalar(query),
            Expr::InList { expr, list, negated } => {
                let value = this.expr(expr)?;
                let items = list.iter().map(|item| this.expr(item)).collect::<Vec<_>>();
                this.among(&value, items, *negated)
            }
            Expr::InSubquery { expr, subquery, negated } => {
                let value = this.expr(expr)?;
                let items = this.column(subquery)?.into_iter().map(Ok).collect();
                this.among(&value, items, *negated)
            }
            Expr::AnyOp { left, compare_op: BinaryOperator::Eq, right, .. } => {
                let items = this.list(right)?.into_iter().map(Ok).collect();
                this.among(&this.expr(left)?, items, false)
            }
            Expr::AllOp { left, compare_op: BinaryOperator::NotEq, right } => {
                let items = this.list(right)?.into_iter().map(Ok).collect();
                this.among(&this.expr(left)?, items, true)
            }
            Expr::Between { expr, negated, low, high } => {
                let value = this.expr(expr)?.number().ok_or(Unknown)?;
                let (low, high) = (this.expr(low)?.number(), this.expr(high)?.number());
                let inside = value >= low.ok_or(Unknown)? && value <= high.ok_or(Unknown)?;
                Ok(Value::Bool(inside != *negated))
            }
            Expr::BinaryOp { left, op, right } => this.binary(left, op, right),
            Expr::UnaryOp { op: UnaryOperator::Not, expr } => Ok(match truth(&this.expr(expr)?)? {
                Some(value) => Value::Bool(!value),
                None => Value::Null,
            }),
            Expr::UnaryOp { op: UnaryOperator::Minus, expr } => {
                Ok(Value::Int(this.expr(expr)?.number().and_then(i64::checked_neg).ok_or(Unknown)?))
            }
            Expr::Like { negated, expr, pattern, escape_char: None, any: false } => {
                this.like(expr, pattern, *negated, false)
            }
            Expr::ILike { negated, expr, pattern, escape_char: None, any: false } => {
                this.like(expr, pattern, *negated, true)
            }
            Expr::Cast { expr, data_type, .. } => {
                let value = this.expr(expr)?;
                let ty = super::super::routine::type_of(this.replayer, &data_type.to_string());
                this.cast(value, &ty)
            }
            Expr::Array(Array { elem, .. }) => {
                Ok(Value::List(elem.iter().map(|item| this.expr(item)).collect::<Known<_>>()?))
            }
            Expr::Case { operand, conditions, else_result, .. } => {
                for arm in conditions {
                    let chosen = match operand {
                        Some(operand) => this.expr(operand)?.equals(&this.expr(&arm.condition)?),
                        None => truth(&this.expr(&arm.condition)?)?,
                    };
                    if chosen == Some(true) {
                        return this.expr(&arm.result);
                    }
                }
                else_result.as_ref().map_or(Ok(Value::Null), |otherwise| this.expr(otherwise))
            }
            Expr::Function(function) => this.function(function),
            Expr::TypedString(typed) => {
                let value = this.constant(&typed.value.value)?;
                this.cast(value, &super::super::routine::type_of(this.replayer, &typed.data_type.to_string()))
            }
            Expr::Interval(interval) => {
                let unit = interval.leading_field.as_ref().map_or(String::new(), |unit| format!(" {unit}"));
                let text = this.expr(&interval.value)?.shown() + &unit;
                Interval::read(&text).map(Value::Interval).ok_or(Unknown)
            }
            Expr::Extract { field, expr, .. } => match this.expr(expr)? {
                Value::Moment(moment) => {
                    moment.field(&field.to_string().to_lowercase()).map(Value::Int).ok_or(Unknown)
                }
                _ => Err(Unknown),
            },
            Expr::CompoundFieldAccess { root, access_chain } => {
                let [AccessExpr::Subscript(Subscript::Index { index })] = access_chain.as_slice() else {
                    return Err(Unknown);
                };
                let at = this.expr(index)?.number().and_then(|at| usize::try_from(at - 1).ok());
                let items = this.list(root)?;
                Ok(at.and_then(|at| items.get(at).cloned()).unwrap_or(Value::Null))
            }
            _ => Err(Unknown),
        }
    }

    fn constant(&self, constant: &Constant) -> Known<Value> {
        Ok(match constant {
            Constant::Number(text, _) => Value::Int(text.parse().map_err(|_| Unknown)?),
            Constant::SingleQuotedString(text)
            | Constant::EscapedStringLiteral(text)
            | Constant::UnicodeStringLiteral(text)
            | Constant::NationalStringLiteral(text) => Value::text(text.as_str()),
            Constant::DollarQuotedString(text) => Value::text(text.value.as_str()),
            Constant::Boolean(value) => Value::Bool(*value),
            Constant::Null => Value::Null,
            Constant::Placeholder(name) => return self.variable(&Name::new(name)),
            _ => return Err(Unknown),
        })
    }

    fn variable(&self, name: &Name) -> Known<Value> {
        self.variables.get(name).cloned().flatten().ok_or(Unknown)
    }

    fn name(&self, name: &Name) -> Known<Value> {
        let of_row = |row: &Row| row.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone());
        if let Some(value) = self.rows.iter().rev().find_map(|(_, row)| of_row(row)) {
            return Ok(value);
        }
        match name.as_str() {
            "current_schema" => Ok(self.current_schema()),
            _ => Ok(match self.variable(name)? {
                // A loop's variable that is no record holds the only column.
                Value::Row(fields) if fields.len() == 1 => {
                    fields.into_iter().next().map_or(Value::Null, |(_, value)| value)
                }
                value => value,
            }),
        }
    }

    fn field(&self, alias: &Name, name: &Name) -> Known<Value> {
        let of = |row: &Row| row.iter().find(|(own, _)| own == name).map(|(_, value)| value.clone());
        if let Some((_, row)) = self.rows.iter().rev().find(|(own, _)| own == alias) {
            return of(row).ok_or(Unknown);
        }
        match self.variable(alias)? {
            Value::Row(fields) => of(&fields).ok_or(Unknown),
            _ => Err(Unknown),
        }
    }

    fn current_schema(&self) -> Value {
        Value::schema(self.replayer.session.search_path.first().and_then(Option::as_ref))
    }

    fn among(&self, value: &Value, items: Vec<Known<Value>>, negated: bool) -> Known<Value> {
        let mut unknown = false;
        for item in items {
            match item {
                Ok(Value::List(list)) if list.iter().any(|item| value.equals(item) == Some(true)) => {
                    return Ok(Value::Bool(!negated));
                }
                Ok(item) if value.equals(&item) == Some(true) => return Ok(Value::Bool(!negated)),
                Ok(_) => {}
                Err(Unknown) => unknown = true,
            }
        }
        if unknown { Err(Unknown) } else { Ok(Value::Bool(negated)) }
    }

    /// An array's elements, or a subquery's.
    pub(super) fn list(&self, expr: &Expr) -> Known<Vec<Value>> {
        match expr {
            Expr::Nested(inner) => self.list(inner),
            Expr::Subquery(query) => self.column(query),
            other => match self.expr(other)? {
                Value::List(items) => Ok(items),
                Value::Text(text) => array(&text).ok_or(Unknown),
                _ => Err(Unknown),
            },
        }
    }

    /// AND, which a false side decides, or OR, which a true side does, whatever the other may be.
    fn junction(&self, left: &Expr, right: &Expr, decided: bool) -> Known<Value> {
        let side = |expr| self.expr(expr).and_then(|value| truth(&value));
        let one = side(left);
        if one == Ok(Some(decided)) {
            return Ok(Value::Bool(decided));
        }
        match (one, side(right)) {
            (_, Ok(Some(other))) if other == decided => Ok(Value::Bool(decided)),
            (Ok(Some(_)), Ok(Some(_))) => Ok(Value::Bool(!decided)),
            (Ok(_), Ok(_)) => Ok(Value::Null),
            _ => Err(Unknown),
        }
    }

    fn binary(&self, left: &Expr, operator: &BinaryOperator, right: &Expr) -> Known<Value> {
        match operator {
            BinaryOperator::And => return self.junction(left, right, false),
            BinaryOperator::Or => return self.junction(left, right, true),
            _ => {}
        }
        let (one, other) = (self.expr(left)?, self.expr(right)?);
        if one == Value::Null || other == Value::Null {
            return Ok(Value::Null);
        }
        let ordered = || match (one.number(), other.number()) {
            (Some(one), Some(other)) => Some(one.cmp(&other)),
            _ => moments(&one, &other).map(|(one, other)| one.order().cmp(&other.order())),
        };
        if let Some(value) = of_dates(&one, operator, &other) {
            return value.ok_or(Unknown);
        }
        let arithmetic = |work: fn(i64, i64) -> Option<i64>| {
            let (Some(one), Some(other)) = (one.number(), other.number()) else { return Err(Unknown) };
            work(one, other).map(Value::Int).ok_or(Unknown)
        };
        let bool = |value: Option<bool>| value.map(Value::Bool).ok_or(Unknown);
        match operator {
            BinaryOperator::Eq => bool(one.equals(&other)),
            BinaryOperator::NotEq => bool(one.equals(&other).map(|equal| !equal)),
            BinaryOperator::Gt => bool(ordered().map(|order| order.is_gt())),
            BinaryOperator::GtEq => bool(ordered().map(|order| order.is_ge())),
            BinaryOperator::Lt => bool(ordered().map(|order| order.is_lt())),
            BinaryOperator::LtEq => bool(ordered().map(|order| order.is_le())),
            BinaryOperator::StringConcat => Ok(Value::Text(one.shown() + &other.shown())),
            BinaryOperator::Plus => arithmetic(i64::checked_add),
            BinaryOperator::Minus => arithmetic(i64::checked_sub),
            BinaryOperator::Multiply => arithmetic(i64::checked_mul),
            BinaryOperator::PGLikeMatch => Ok(Value::Bool(like(&one.shown(), &other.shown()))),
            BinaryOperator::PGNotLikeMatch => Ok(Value::Bool(!like(&one.shown(), &other.shown()))),
            _ => Err(Unknown),
        }
    }

    fn like(&self, expr: &Expr, pattern: &Expr, negated: bool, fold: bool) -> Known<Value> {
        let (mut text, mut pattern) = (self.expr(expr)?.shown(), self.expr(pattern)?.shown());
        if fold {
            (text, pattern) = (text.to_lowercase(), pattern.to_lowercase());
        }
        Ok(Value::Bool(like(&text, &pattern) != negated))
    }

    /// The relation that a text names, as `regclass` reads it.
    fn relation(&self, text: &str) -> Option<Value> {
        let tokens = code_tokens(text, DialectKind::Postgres);
        let source = Source::Whole(self.replayer.here());
        let mut cursor = crate::sql::Cursor::new(text, &tokens, DialectKind::Postgres, source);
        let spelled = cursor.object().ok()?;
        let relation = self.replayer.find_relation(&spelled).filter(|_| cursor.is_done())?;
        Some(Value::Oid("class", relation.name.clone()))
    }

    fn type_named(&self, text: &str) -> Option<Value> {
        match super::super::routine::type_of(self.replayer, text) {
            ColumnType::Named { name, .. } => {
                self.replayer.has_type(&name).then_some(Value::Oid("type", name))
            }
            known => Some(Value::Oid("type", ObjectName::bare(write_type(&known, DialectKind::Postgres)))),
        }
    }

    pub(super) fn cast(&self, value: Value, ty: &ColumnType) -> Known<Value> {
        Ok(match (value, ty) {
            (Value::Null, _) => Value::Null,
            (Value::Text(text), ColumnType::Other(name)) => match name.as_str() {
                "regclass" => self.relation(&text).ok_or(Unknown)?,
                "regtype" => self.type_named(&text).ok_or(Unknown)?,
                "regnamespace" => Value::Oid("namespace", ObjectName::bare(text.as_str())),
                "name" | "\"char\"" => Value::Text(text),
                _ => return Err(Unknown),
            },
            (Value::Oid(kind, name), ColumnType::Other(_)) => Value::Oid(kind, name),
            (Value::Text(text), ColumnType::Date) => moment(&text, Kind::Date)?,
            (Value::Text(text), ColumnType::Timestamp { zoned, .. }) => {
                moment(&text, if *zoned { Kind::Zoned } else { Kind::Timestamp })?
            }
            (Value::Text(text), ColumnType::Interval) => {
                Value::Interval(Interval::read(&text).ok_or(Unknown)?)
            }
            (Value::Moment(value), ColumnType::Date) => Value::Moment(value.of_kind(Kind::Date)),
            (Value::Moment(value), ColumnType::Timestamp { zoned, .. }) => {
                Value::Moment(value.of_kind(if *zoned { Kind::Zoned } else { Kind::Timestamp }))
            }
            (value @ Value::Interval(_), ColumnType::Interval) => value,
            (value, ColumnType::Text | ColumnType::Varchar { .. } | ColumnType::Char { .. }) => {
                Value::Text(value.shown())
            }
            (value @ (Value::Text(_) | Value::Int(_)), ColumnType::Integer { .. }) => {
                Value::Int(value.number().ok_or(Unknown)?)
            }
            (Value::Text(text), ColumnType::Boolean) => {
                Value::Bool(text.to_lowercase().starts_with(['t', 'y', '1']))
            }
            (Value::Text(text), ColumnType::Array(_)) => Value::List(array(&text).ok_or(Unknown)?),
            (value @ Value::List(_), ColumnType::Array(_)) => value,
            (value @ Value::Bool(_), ColumnType::Boolean) => value,
            (value @ Value::Text(_), ColumnType::Named { .. }) => value,
            _ => return Err(Unknown),
        })
    }

    fn arguments(&self, function: &Function) -> Known<Vec<Value>> {
        arguments_of(function)?.into_iter().map(|argument| self.expr(argument)).collect()
    }

    fn function(&self, function: &Function) -> Known<Value> {
        let name = super::super::query::spelled(&function.name).ok_or(Unknown)?;
        let arguments = self.arguments(function)?;
        let text = |at: usize| arguments.get(at).map(Value::shown).ok_or(Unknown);
        Ok(match (name.name.as_str(), arguments.as_slice()) {
            ("format", [pattern, rest @ ..]) => Value::Text(format::format(&pattern.shown(), rest)?),
            ("quote_ident", [value]) => Value::Text(format::quoted_name(value)),
            ("quote_literal" | "quote_nullable", [value]) => Value::Text(format::quoted_literal(value)),
            ("concat", parts) => Value::Text(parts.iter().map(Value::shown).collect()),
            ("concat_ws", [separator, parts @ ..]) => {
                let parts = parts.iter().filter(|part| **part != Value::Null).map(Value::shown);
                Value::Text(parts.collect::<Vec<_>>().join(&separator.shown()))
            }
            ("lower", [value]) => Value::Text(value.shown().to_lowercase()),
            ("upper", [value]) => Value::Text(value.shown().to_uppercase()),
            ("btrim" | "trim", [value]) => Value::text(value.shown().trim()),
            ("replace", [value, from, to]) => Value::Text(value.shown().replace(&from.shown(), &to.shown())),
            ("left", [value, length]) => {
                let length =
                    length.number().and_then(|length| usize::try_from(length).ok()).ok_or(Unknown)?;
                Value::Text(value.shown().chars().take(length).collect())
            }
            ("coalesce", values) => {
                values.iter().find(|value| **value != Value::Null).cloned().unwrap_or(Value::Null)
            }
            ("to_regclass", [_]) => self.relation(&text(0)?).unwrap_or(Value::Null),
            ("to_regtype", [_]) => self.type_named(&text(0)?).unwrap_or(Value::Null),
            ("to_regnamespace", [_]) => {
                let known = text(0)? == "public"
                    || self.replayer.catalog().schemas.contains_key(&Name::from(text(0)?));
                if known { Value::Oid("namespace", ObjectName::bare(text(0)?)) } else { Value::Null }
            }
            ("to_regproc", [_]) => {
                let spelled =
                    Spelled { schema: None, name: Name::from(text(0)?), span: self.replayer.here() };
                let found = self.replayer.candidates(&spelled);
                let found =
                    found.into_iter().find(|name| super::super::names_in::is_routine(self.replayer, name));
                found.map_or(Value::Null, |name| Value::Oid("proc", name))
            }
            ("current_schema", []) => self.current_schema(),
            ("current_schemas", [_]) => {
                let path =
                    self.replayer.session.search_path.iter().map(|schema| Value::schema(schema.as_ref()));
                Value::List(path.collect())
            }
            // The newest that this replay follows.
            ("current_setting", [_, ..]) if text(0)? == "server_version_num" => Value::Int(150_000),
            // An empty array has no bounds, and no length.
            ("array_length" | "array_lower" | "array_upper", [Value::List(items), ..])
                if items.is_empty() =>
            {
                Value::Null
            }
            ("array_length" | "cardinality", [Value::List(items), ..]) => Value::Int(items.len() as i64),
            ("array_lower", [Value::List(_), ..]) => Value::Int(1),
            ("array_upper", [Value::List(items), ..]) => Value::Int(items.len() as i64),
            ("date_trunc", [unit, Value::Moment(moment)]) => {
                Value::Moment(moment.truncated(&unit.shown().to_lowercase()).ok_or(Unknown)?)
            }
            ("to_char", [Value::Moment(moment), pattern]) => {
                Value::Text(moment.format(&pattern.shown()).ok_or(Unknown)?)
            }
            ("to_date", [value, pattern]) if pattern.shown().eq_ignore_ascii_case("YYYY-MM-DD") => {
                moment(&value.shown(), Kind::Date)?
            }
            ("date_part", [unit, Value::Moment(moment)]) => {
                Value::Int(moment.field(&unit.shown().to_lowercase()).ok_or(Unknown)?)
            }
            ("make_date", [year, month, day]) => {
                let part = |value: &Value| value.number().ok_or(Unknown);
                Value::Moment(Moment::date(part(year)?, part(month)?, part(day)?).ok_or(Unknown)?)
            }
            ("lpad", [value, length, fill]) => {
                let (text, fill) = (value.shown(), fill.shown());
                let wanted = length
                    .number()
                    .and_then(|length| usize::try_from(length).ok())
                    .filter(|length| *length < 1000);
                let missing = wanted.ok_or(Unknown)?.saturating_sub(text.chars().count());
                Value::Text(
                    fill.chars().cycle().take(if fill.is_empty() { 0 } else { missing }).collect::<String>()
                        + &text,
                )
            }
            ("pg_get_constraintdef", [Value::Oid("constraint", name), ..]) => Value::Text(
                super::system::constraint_definition(self.replayer.catalog(), name).ok_or(Unknown)?,
            ),
            ("pg_table_is_visible" | "pg_type_is_visible", [Value::Oid(_, name)]) => {
                Value::Bool(self.replayer.session.search_path.contains(&name.schema))
            }
            ("string_to_array", [value, separator]) => {
                Value::List(value.shown().split(&separator.shown()).map(Value::text).collect())
            }
            ("split_part", [value, separator, number]) => {
                let at = number.number().and_then(|at| usize::try_from(at - 1).ok()).ok_or(Unknown)?;
                let (text, separator) = (value.shown(), separator.shown());
                let parts = || text.split(&separator);
                Value::text(if separator.is_empty() { None } else { parts().nth(at) }.unwrap_or_default())
            }
            ("length" | "char_length", [Value::Text(text)]) => Value::Int(text.chars().count() as i64),
            ("right", [value, length]) => {
                let length =
                    length.number().and_then(|length| usize::try_from(length).ok()).ok_or(Unknown)?;
                let text = value.shown();
                let skip = text.chars().count().saturating_sub(length);
                Value::Text(text.chars().skip(skip).collect())
            }
            ("nullif", [one, other]) => match one.equals(other) {
                Some(true) => Value::Null,
                _ => one.clone(),
            },
            ("array_append", [Value::List(items), item]) => {
                Value::List(items.iter().chain([item]).cloned().collect())
            }
            ("array_to_string", [Value::List(items), separator]) => {
                let parts = items.iter().filter(|item| **item != Value::Null).map(Value::shown);
                Value::Text(parts.collect::<Vec<_>>().join(&separator.shown()))
            }
            ("greatest" | "least", _) => return Err(Unknown),
            (_, arguments) => return super::call::result(self, &name, arguments),
        })
    }
}

/// A call's plain arguments.
pub(super) fn arguments_of(function: &Function) -> Known<Vec<&Expr>> {
    match &function.args {
        FunctionArguments::None => Ok(Vec::new()),
        FunctionArguments::List(list) => {
            let plain = |argument| match argument {
                &FunctionArg::Unnamed(FunctionArgExpr::Expr(ref expr)) => Ok(expr),
                _ => Err(Unknown),
            };
            list.args.iter().map(plain).collect()
        }
        FunctionArguments::Subquery(_) => Err(Unknown),
    }
}

/// Both sides as moments, when one of them is one.
fn moments(one: &Value, other: &Value) -> Option<(Moment, Moment)> {
    match (one, other) {
        (Value::Moment(one), Value::Moment(other)) => Some((*one, *other)),
        (Value::Moment(one), Value::Text(text)) => Some((*one, Moment::read(text, one.kind)?)),
        (Value::Text(text), Value::Moment(other)) => Some((Moment::read(text, other.kind)?, *other)),
        _ => None,
    }
}

/// Arithmetic with dates (PostgreSQL manual, 9.9); `None` when no side is a date or an interval.
fn of_dates(one: &Value, operator: &BinaryOperator, other: &Value) -> Option<Option<Value>> {
    let sign = match operator {
        BinaryOperator::Plus => 1,
        BinaryOperator::Minus => -1,
        BinaryOperator::Multiply => 0,
        _ => return None,
    };
    Some(match (one, other) {
        (Value::Moment(moment), Value::Interval(interval)) if sign != 0 => {
            interval.times(sign).and_then(|interval| moment.plus(interval)).map(Value::Moment)
        }
        (Value::Interval(interval), Value::Moment(moment)) if sign == 1 => {
            moment.plus(*interval).map(Value::Moment)
        }
        (Value::Moment(moment), Value::Int(days)) if sign != 0 && moment.kind == Kind::Date => {
            days.checked_mul(sign).and_then(|days| moment.plus_days(days)).map(Value::Moment)
        }
        (Value::Moment(one), Value::Moment(other)) if sign == -1 => one.days_since(*other).map(Value::Int),
        (Value::Interval(one), Value::Interval(other)) if sign != 0 => {
            other.times(sign).and_then(|other| one.plus(other)).map(Value::Interval)
        }
        (Value::Interval(interval), Value::Int(by)) | (Value::Int(by), Value::Interval(interval))
            if sign == 0 =>
        {
            interval.times(*by).map(Value::Interval)
        }
        // `date + '1 month'`: the text is an interval to a timestamp, and not known to a date.
        (Value::Moment(moment), Value::Text(text)) if sign != 0 && moment.kind != Kind::Date => {
            Interval::read(text)
                .and_then(|interval| interval.times(sign))
                .and_then(|interval| moment.plus(interval))
                .map(Value::Moment)
        }
        (Value::Moment(_) | Value::Interval(_), _) | (_, Value::Moment(_) | Value::Interval(_)) => None,
        _ => return None,
    })
}

/// A condition's value: null is neither.
pub(super) fn truth(value: &Value) -> Known<Option<bool>> {
    match value {
        Value::Bool(value) => Ok(Some(*value)),
        Value::Null => Ok(None),
        _ => Err(Unknown),
    }
}

fn moment(text: &str, kind: Kind) -> Known<Value> {
    Moment::read(text, kind).map(Value::Moment).ok_or(Unknown)
}

fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Null, Value::Null) => true,
        (one, other) => one.equals(other) == Some(true),
    }
}

/// `{a,b}` as its elements.
fn array(text: &str) -> Option<Vec<Value>> {
    let inside = text.trim().strip_prefix('{')?.strip_suffix('}')?;
    if inside.contains(['"', '{', '\\']) {
        return None;
    }
    Some(inside.split(',').map(str::trim).filter(|item| !item.is_empty()).map(Value::text).collect())
}

/// `LIKE`, without recursion.
fn like(text: &str, pattern: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let mut reached = vec![false; text.len() + 1];
    reached[0] = true;
    let mut rest = pattern.chars();
    while let Some(wanted) = rest.next() {
        let mut next = vec![false; text.len() + 1];
        match wanted {
            '%' => {
                let mut any = false;
                for (at, reached) in reached.iter().enumerate() {
                    any |= *reached;
                    next[at] = any;
                }
            }
            wanted => {
                let literal =
                    if wanted == '\\' { rest.next() } else { Some(wanted).filter(|_| wanted != '_') };
                for at in 0..text.len() {
                    next[at + 1] = reached[at] && literal.is_none_or(|literal| literal == text[at]);
                }
            }
        }
        reached = next;
    }
    reached.last().copied().unwrap_or(false)
}

#[cfg(test)]
mod tests {
    use super::like;

    #[test]
    fn patterns() {
        for (text, pattern, holds) in [
            ("abc", "a%", true),
            ("abc", "%b_", true),
            ("abc", "b%", false),
            ("a_c", "a\\_c", true),
            ("abc", "a\\_c", false),
            ("", "%", true),
        ] {
            assert_eq!(like(text, pattern), holds, "{text} {pattern}");
        }
    }
}
