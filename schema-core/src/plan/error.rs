//! What keeps a plan from being made.

use schema_model::ObjectName;

/// No plan leads from one catalog to the other.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum PlanError {
    /// The database has no statement for it.
    #[error("cannot plan `{object}`: {reason}")]
    Unsupported {
        /// What cannot be planned.
        object: String,
        /// Why, and what to do instead.
        reason: String,
    },
    /// Statements that were not understood name the object, so its state is not known.
    #[error("cannot plan `{object}`: a statement that names it is not understood: {statement}")]
    Doubtful {
        /// The object.
        object: ObjectName,
        /// The statement.
        statement: String,
    },
    /// The plan's own proof failed: a bug of this program.
    #[error("the plan does not lead where it should ({direction}): {detail}")]
    Unproven {
        /// `up` or `down`.
        direction: &'static str,
        /// What is left over.
        detail: String,
    },
}

impl PlanError {
    /// An object that cannot be planned, and why.
    pub fn unsupported(object: impl ToString, reason: impl Into<String>) -> Self {
        PlanError::Unsupported { object: object.to_string(), reason: reason.into() }
    }
}
