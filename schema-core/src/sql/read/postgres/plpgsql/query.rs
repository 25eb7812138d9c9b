//! Queries over system relations, arrays and constants. A user's table is data, and data is unknown.

use schema_model::Name;
use sqlparser::ast::{
    BinaryOperator, DataType, Expr, Function, FunctionArguments, GroupByExpr, Join, JoinConstraint,
    JoinOperator, LimitClause, Query, Select, SelectItem, SetExpr, TableAlias, TableFactor,
};

use super::date::{Interval, Kind};
use super::eval::{Context, arguments_of, truth};
use super::system::{self, Row};
use super::value::Value;
use super::{Known, Unknown};

/// How many pairs of rows a join may look at.
const PAIRS: usize = 2_000_000;

/// Rows of a FROM clause: each a row of every item, by its alias.
type Joined = Vec<Vec<(Name, Row)>>;

impl<'c> Context<'c> {
    /// Whether the query gives a row. One that surely comes is enough, whatever is unknown about others.
    pub(super) fn exists(&self, query: &Query) -> Known<bool> {
        let SetExpr::Select(select) = query.body.as_ref() else {
            return Ok(!self.rows_of(query)?.is_empty());
        };
        if aggregate(select).is_some() {
            return Ok(true);
        }
        let mut unknown = false;
        for row in self.joined(query, select)? {
            match self.kept(select, &row) {
                Ok(true) => return Ok(true),
                Ok(false) => {}
                Err(Unknown) => unknown = true,
            }
        }
        if unknown { Err(Unknown) } else { Ok(false) }
    }

    /// The only value of a query, null when it gives no row.
    pub(super) fn scalar(&self, query: &Query) -> Known<Value> {
        let rows = self.rows_of(query)?;
        Ok(rows
            .into_iter()
            .next()
            .and_then(|row| row.into_iter().next())
            .map_or(Value::Null, |(_, value)| value))
    }

    /// The first column of a query.
    pub(super) fn column(&self, query: &Query) -> Known<Vec<Value>> {
        let rows = self.rows_of(query)?;
        Ok(rows.into_iter().filter_map(|row| row.into_iter().next()).map(|(_, value)| value).collect())
    }

    /// All rows of a query in text.
    pub(super) fn query_text(&self, text: &str) -> Known<Vec<Row>> {
        self.rows_of(&super::super::query::parse(text).ok_or(Unknown)?)
    }

    fn rows_of(&self, query: &Query) -> Known<Vec<Row>> {
        let this = self.deeper()?;
        let mut rows = match query.body.as_ref() {
            SetExpr::Select(select) => this.select(query, select)?,
            SetExpr::Query(inner) => this.rows_of(inner)?,
            SetExpr::Values(values) => {
                let row = |row: &Vec<Expr>| {
                    let column = |(at, expr): (usize, &Expr)| {
                        Ok((Name::from(format!("column{}", at + 1)), this.expr(expr)?))
                    };
                    row.iter().enumerate().map(column).collect::<Known<Row>>()
                };
                values.rows.iter().map(|each| row(each)).collect::<Known<_>>()?
            }
            SetExpr::SetOperation { left, right, op: sqlparser::ast::SetOperator::Union, .. } => {
                let mut rows = this.side(left)?;
                rows.extend(this.side(right)?);
                rows
            }
            _ => return Err(Unknown),
        };
        if let Some(LimitClause::LimitOffset { limit: Some(limit), offset: None, .. }) = &query.limit_clause {
            let limit =
                this.expr(limit)?.number().and_then(|limit| usize::try_from(limit).ok()).ok_or(Unknown)?;
            // Which rows come first is not followed.
            if rows.len() > limit && query.order_by.is_some() {
                return Err(Unknown);
            }
            rows.truncate(limit);
        }
        Ok(rows)
    }

    fn side(&self, body: &SetExpr) -> Known<Vec<Row>> {
        match body {
            SetExpr::Select(select) => self.select_from(select, self.joined_items(select)?),
            SetExpr::Query(query) => self.rows_of(query),
            _ => Err(Unknown),
        }
    }

    fn select(&self, query: &Query, select: &Select) -> Known<Vec<Row>> {
        let joined = self.joined(query, select)?;
        self.select_from(select, joined)
    }

    fn select_from(&self, select: &Select, joined: Joined) -> Known<Vec<Row>> {
        let mut kept = Vec::new();
        for row in joined {
            if self.kept(select, &row)? {
                kept.push(row);
            }
        }
        let grouped = !matches!(&select.group_by, GroupByExpr::Expressions(by, _) if by.is_empty());
        if grouped || select.having.is_some() {
            return Err(Unknown);
        }
        if let Some(item) = aggregate(select) {
            return Ok(vec![vec![(Name::new("count"), self.aggregated(item, &kept)?)]]);
        }
        if let [SelectItem::UnnamedExpr(item) | SelectItem::ExprWithAlias { expr: item, .. }] =
            select.projection.as_slice()
            && let Some((series, casts)) = set_returning(item)
        {
            return self.each_of(series, &casts, &kept);
        }
        kept.iter().map(|row| self.projected(select, row)).collect()
    }

    /// A row for each value of a function in the SELECT list that gives many.
    fn each_of(&self, series: &Function, casts: &[&DataType], rows: &Joined) -> Known<Vec<Row>> {
        let name = super::super::query::spelled(&series.name).ok_or(Unknown)?.name;
        let mut out = Vec::new();
        for row in rows {
            let context = self.with_row(row);
            for mut value in context.series(name.as_str(), &series.args)? {
                for ty in casts.iter().rev() {
                    let ty = super::super::routine::type_of(self.replayer, &ty.to_string());
                    value = context.cast(value, &ty)?;
                }
                out.push(vec![(name.clone(), value)]);
            }
        }
        Ok(out)
    }

    fn with_row<'r>(&self, row: &'r [(Name, Row)]) -> Context<'r>
    where
        'c: 'r,
    {
        let mut rows: Vec<(Name, &'r Row)> = self.rows.clone();
        rows.extend(row.iter().map(|(alias, row)| (alias.clone(), row)));
        Context { replayer: self.replayer, variables: self.variables, rows, depth: self.depth }
    }

    /// The rows for which a query's columns are computed.
    pub(super) fn rows_for_calls(&self, query: &Query, select: &Select) -> Known<Joined> {
        let mut kept = Vec::new();
        for row in self.joined(query, select)? {
            if self.kept(select, &row)? {
                kept.push(row);
            }
        }
        Ok(kept)
    }

    /// The same context with a row of a FROM clause in view.
    pub(super) fn beside<'r>(&self, row: &'r [(Name, Row)]) -> Context<'r>
    where
        'c: 'r,
    {
        self.with_row(row)
    }

    fn kept(&self, select: &Select, row: &[(Name, Row)]) -> Known<bool> {
        match &select.selection {
            Some(condition) => Ok(truth(&self.with_row(row).expr(condition)?)? == Some(true)),
            None => Ok(true),
        }
    }

    fn projected(&self, select: &Select, row: &[(Name, Row)]) -> Known<Row> {
        let context = self.with_row(row);
        let mut out = Row::new();
        for item in &select.projection {
            match item {
                SelectItem::UnnamedExpr(expr) => out.push((column_name(expr), context.expr(expr)?)),
                SelectItem::ExprWithAlias { expr, alias } => {
                    out.push((super::super::query::folded(alias), context.expr(expr)?));
                }
                SelectItem::Wildcard(_) => row.iter().for_each(|(_, row)| out.extend(row.iter().cloned())),
                SelectItem::QualifiedWildcard(kind, _) => {
                    let text = kind.to_string();
                    let alias = text.trim_end_matches(".*").to_lowercase();
                    let (_, row) = row.iter().find(|(own, _)| *own == *alias).ok_or(Unknown)?;
                    out.extend(row.iter().cloned());
                }
                SelectItem::ExprWithAliases { .. } => return Err(Unknown),
            }
        }
        Ok(out)
    }

    fn aggregated(&self, item: &Expr, rows: &[Vec<(Name, Row)>]) -> Known<Value> {
        let Expr::Function(function) = item else { return Err(Unknown) };
        let name = super::super::query::spelled(&function.name).ok_or(Unknown)?.name;
        if name == "count" {
            return Ok(Value::Int(rows.len() as i64));
        }
        let arguments = arguments_of(function)?;
        let first = arguments.first().ok_or(Unknown)?;
        let values = rows.iter().map(|row| self.with_row(row).expr(first)).collect::<Known<Vec<_>>>()?;
        match name.as_str() {
            _ if values.is_empty() => Ok(Value::Null),
            "array_agg" => Ok(Value::List(values)),
            "string_agg" => {
                let separator = self.expr(arguments.get(1).ok_or(Unknown)?)?.shown();
                Ok(Value::Text(values.iter().map(Value::shown).collect::<Vec<_>>().join(&separator)))
            }
            "bool_or" => Ok(Value::Bool(values.contains(&Value::Bool(true)))),
            "min" | "max" if values.len() == 1 => values.into_iter().next().ok_or(Unknown),
            _ => Err(Unknown),
        }
    }

    fn joined(&self, query: &Query, select: &Select) -> Known<Joined> {
        if query.with.is_some() { Err(Unknown) } else { self.joined_items(select) }
    }

    fn joined_items(&self, select: &Select) -> Known<Joined> {
        let conditions = select.selection.iter().flat_map(conjuncts).collect::<Vec<_>>();
        let mut joined: Joined = vec![Vec::new()];
        let mut work = 0usize;
        for table in &select.from {
            joined = self.product(joined, &table.relation, None, &conditions, &mut work)?;
            for join in &table.joins {
                joined = self.join(joined, join, &conditions, &mut work)?;
            }
        }
        Ok(joined)
    }

    fn join(&self, left: Joined, join: &Join, conditions: &[&Expr], work: &mut usize) -> Known<Joined> {
        let (constraint, outer) = match &join.join_operator {
            JoinOperator::Join(constraint)
            | JoinOperator::Inner(constraint)
            | JoinOperator::CrossJoin(constraint) => (constraint, false),
            JoinOperator::Left(constraint) | JoinOperator::LeftOuter(constraint) => (constraint, true),
            _ => return Err(Unknown),
        };
        if !outer {
            return self.product(left, &join.relation, Some(constraint), conditions, work);
        }
        let mut out = Vec::new();
        for row in left {
            let matched = self.product(vec![row.clone()], &join.relation, Some(constraint), &[], work)?;
            if matched.is_empty() {
                let mut alone = row;
                let (alias, rows) = self.source(&join.relation)?;
                let nulls =
                    rows.first().map(|row| row.iter().map(|(name, _)| (name.clone(), Value::Null)).collect());
                alone.push((alias, nulls.unwrap_or_default()));
                out.push(alone);
            } else {
                out.extend(matched);
            }
        }
        Ok(out)
    }

    /// Every row on the left with every row of the item that the join's condition, and what of WHERE is about the item
    /// alone, does not surely rule out.
    fn product(
        &self,
        left: Joined,
        factor: &TableFactor,
        constraint: Option<&JoinConstraint>,
        conditions: &[&Expr],
        work: &mut usize,
    ) -> Known<Joined> {
        let (alias, mut right) = self.source(factor)?;
        if !conditions.is_empty() {
            right.retain(|row| {
                let own = [(alias.clone(), row.clone())];
                let context = self.with_row(&own);
                !conditions
                    .iter()
                    .any(|each| context.expr(each).and_then(|value| truth(&value)) == Ok(Some(false)))
            });
        }
        *work = work.saturating_add(left.len().saturating_mul(right.len()));
        if *work > PAIRS {
            return Err(Unknown);
        }
        let mut out = Vec::new();
        for one in &left {
            for other in &right {
                let mut row = one.clone();
                row.push((alias.clone(), other.clone()));
                let keep = match constraint {
                    Some(JoinConstraint::On(condition)) => {
                        truth(&self.with_row(&row).expr(condition)?)? == Some(true)
                    }
                    Some(JoinConstraint::Using(columns)) => columns.iter().all(|column| {
                        let name = super::super::query::spelled(column).map(|spelled| spelled.name);
                        let value = |row: &Row| row.iter().find(|(own, _)| Some(own) == name.as_ref()).map(|(_, value)| value.clone());
                        let left = one.iter().rev().find_map(|(_, row)| value(row));
                        matches!((left, value(other)), (Some(left), Some(right)) if left.equals(&right) == Some(true))
                    }),
                    Some(JoinConstraint::Natural) => return Err(Unknown),
                    Some(JoinConstraint::None) | None => true,
                };
                if keep {
                    out.push(row);
                }
            }
        }
        Ok(out)
    }

    /// The rows of one item of FROM, and its alias.
    fn source(&self, factor: &TableFactor) -> Known<(Name, Vec<Row>)> {
        match factor {
            TableFactor::Table { name, alias, args: None, .. } => {
                let spelled = super::super::query::spelled(name).ok_or(Unknown)?;
                let schema = spelled.schema.as_ref().map(Name::as_str);
                let rows = system::relation(self.replayer.catalog(), schema, spelled.name.as_str())
                    .ok_or(Unknown)?;
                Ok(named(spelled.name, rows, alias.as_ref()))
            }
            TableFactor::Derived { subquery, alias, .. } => {
                Ok(named(Name::new(""), self.rows_of(subquery)?, alias.as_ref()))
            }
            TableFactor::Table { name, alias, args: Some(arguments), .. } => {
                let spelled = super::super::query::spelled(name).ok_or(Unknown)?;
                let list = FunctionArguments::List(sqlparser::ast::FunctionArgumentList {
                    duplicate_treatment: None,
                    args: arguments.args.clone(),
                    clauses: Vec::new(),
                });
                let values = self.series(spelled.name.as_str(), &list)?;
                let column = alias
                    .as_ref()
                    .map_or(spelled.name.clone(), |alias| super::super::query::folded(&alias.name));
                let rows = values.into_iter().map(|value| vec![(column.clone(), value)]).collect();
                Ok(named(spelled.name, rows, alias.as_ref()))
            }
            TableFactor::UNNEST { alias, array_exprs, .. } => {
                let [array] = array_exprs.as_slice() else { return Err(Unknown) };
                let column = alias
                    .as_ref()
                    .map_or(Name::new("unnest"), |alias| super::super::query::folded(&alias.name));
                let rows = self.list(array)?.into_iter().map(|value| vec![(column.clone(), value)]).collect();
                Ok(named(Name::new("unnest"), rows, alias.as_ref()))
            }
            _ => Err(Unknown),
        }
    }

    fn series(&self, name: &str, arguments: &FunctionArguments) -> Known<Vec<Value>> {
        let FunctionArguments::List(list) = arguments else { return Err(Unknown) };
        let mut values = Vec::new();
        for argument in &list.args {
            let sqlparser::ast::FunctionArg::Unnamed(sqlparser::ast::FunctionArgExpr::Expr(expr)) = argument
            else {
                return Err(Unknown);
            };
            values.push(if name == "unnest" { Value::List(self.list(expr)?) } else { self.expr(expr)? });
        }
        match (name, values.as_slice()) {
            ("unnest", [Value::List(items)]) => Ok(items.clone()),
            ("generate_series", [low, high]) => {
                let (low, high) = (low.number().ok_or(Unknown)?, high.number().ok_or(Unknown)?);
                if high.saturating_sub(low) > 10_000 {
                    Err(Unknown)
                } else {
                    Ok((low..=high).map(Value::Int).collect())
                }
            }
            ("generate_series", [low @ Value::Moment(_), high @ Value::Moment(_), Value::Text(step)]) => {
                let step = Interval::read(step).ok_or(Unknown)?;
                self.moments(low, high, step)
            }
            ("generate_series", [low @ Value::Moment(_), high @ Value::Moment(_), Value::Interval(step)]) => {
                self.moments(low, high, *step)
            }
            ("generate_series", [low, high, step]) => {
                let number = |value: &Value| value.number().ok_or(Unknown);
                let (low, high) = (number(low)?, number(high)?);
                let step = usize::try_from(number(step)?).ok().filter(|step| *step > 0).ok_or(Unknown)?;
                match high.saturating_sub(low) > 10_000 {
                    true => Err(Unknown),
                    false => Ok((low..=high).step_by(step).map(Value::Int).collect()),
                }
            }
            _ => Err(Unknown),
        }
    }

    /// Moments from one to another; those of dates are points in time (manual, 9.26).
    fn moments(&self, low: &Value, high: &Value, step: Interval) -> Known<Vec<Value>> {
        let (Value::Moment(low), Value::Moment(high)) = (low, high) else { return Err(Unknown) };
        let kind = if low.kind == Kind::Date { Kind::Zoned } else { low.kind };
        let (mut at, mut all) = (low.of_kind(kind), Vec::new());
        while at.order() <= high.order() && all.len() < 10_000 {
            all.push(Value::Moment(at));
            at = at.plus(step).filter(|next| next.order() > at.order()).ok_or(Unknown)?;
        }
        Ok(all)
    }
}

/// `generate_series(…)` or `unnest(…)` under casts, and the casts.
fn set_returning(expr: &Expr) -> Option<(&Function, Vec<&DataType>)> {
    let (mut expr, mut casts) = (expr, Vec::new());
    loop {
        match expr {
            Expr::Cast { expr: inner, data_type, .. } => {
                casts.push(data_type);
                expr = inner;
            }
            Expr::Nested(inner) => expr = inner,
            Expr::Function(function) => {
                let name = super::super::query::spelled(&function.name)?.name;
                return matches!(name.as_str(), "generate_series" | "unnest").then_some((function, casts));
            }
            _ => return None,
        }
    }
}

fn named(name: Name, mut rows: Vec<Row>, alias: Option<&TableAlias>) -> (Name, Vec<Row>) {
    let Some(alias) = alias else { return (name, rows) };
    for row in &mut rows {
        for (column, alias) in row.iter_mut().zip(&alias.columns) {
            column.0 = super::super::query::folded(&alias.name);
        }
    }
    (super::super::query::folded(&alias.name), rows)
}

/// The parts of a condition that all have to hold.
fn conjuncts(condition: &Expr) -> Vec<&Expr> {
    let (mut parts, mut dear, mut open) = (Vec::new(), Vec::new(), vec![condition]);
    while let Some(expr) = open.pop() {
        match expr {
            Expr::BinaryOp { left, op: BinaryOperator::And, right } => {
                open.extend([left.as_ref(), right.as_ref()])
            }
            Expr::Nested(inner) => open.push(inner),
            // A condition with a query in it is the dearest: others rule out most rows before.
            Expr::Exists { .. } | Expr::InSubquery { .. } | Expr::UnaryOp { .. } => dear.push(expr),
            other => parts.push(other),
        }
    }
    parts.extend(dear);
    parts
}

/// The aggregate that the query's only column is.
fn aggregate(select: &Select) -> Option<&Expr> {
    let [SelectItem::UnnamedExpr(expr) | SelectItem::ExprWithAlias { expr, .. }] =
        select.projection.as_slice()
    else {
        return None;
    };
    let Expr::Function(function) = expr else { return None };
    let name = super::super::query::spelled(&function.name)?.name;
    let known = ["count", "string_agg", "array_agg", "max", "min", "bool_or", "bool_and", "sum"];
    known.contains(&name.as_str()).then_some(expr)
}

fn column_name(expr: &Expr) -> Name {
    match expr {
        Expr::Identifier(name) => super::super::query::folded(name),
        Expr::CompoundIdentifier(path) => {
            path.last().map_or_else(|| Name::new("?column?"), super::super::query::folded)
        }
        Expr::Cast { expr, .. } | Expr::Nested(expr) => match expr.as_ref() {
            Expr::Identifier(name) => super::super::query::folded(name),
            Expr::CompoundIdentifier(path) => {
                path.last().map_or_else(|| Name::new("?column?"), super::super::query::folded)
            }
            _ => Name::new("?column?"),
        },
        _ => Name::new("?column?"),
    }
}
