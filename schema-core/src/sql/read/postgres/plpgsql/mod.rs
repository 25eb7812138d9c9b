//! PL/pgSQL as migrations use it: DDL under conditions that the catalogs answer, under exception handlers, in loops over
//! what is known, and through EXECUTE. What depends on data is a gap.

mod call;
mod date;
mod eval;
mod format;
mod parse;
mod query;
mod run;
mod system;
mod value;

pub(super) use call::{call_procedure, do_body, select_calls};
pub(super) use eval::Variables;
pub(super) use run::run_block;

/// What cannot be known without the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unknown;

pub(super) type Known<T> = Result<T, Unknown>;
