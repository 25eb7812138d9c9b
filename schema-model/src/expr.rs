//! SQL expressions as text.

use std::fmt;
use std::sync::Arc;

/// The text of a SQL expression, as its author or the database spelled it, outer parentheses and comments removed
/// and white space folded. Two spellings of one meaning are made equal by the dialect's canonical form, not here.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Expr(Arc<str>);

impl Expr {
    /// Takes the text as it is.
    pub fn new(text: impl AsRef<str>) -> Self {
        Expr(Arc::from(text.as_ref().trim()))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for Expr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

impl From<&str> for Expr {
    fn from(text: &str) -> Self {
        Expr::new(text)
    }
}
