//! SQL text in the making: words, names and lists, with one space between.

use std::fmt::Display;

use schema_model::ident::{quote, quote_object, quote_string};
use schema_model::{DialectKind, Name, ObjectName};

/// Writes one statement. Every call puts a space where one is needed; names are quoted as the dialect asks.
#[derive(Clone, Debug)]
pub struct SqlWriter {
    text: String,
    dialect: DialectKind,
}

impl SqlWriter {
    /// An empty statement.
    pub fn new(dialect: DialectKind) -> Self {
        SqlWriter { text: String::new(), dialect }
    }

    /// A statement that begins with these words.
    pub fn start(dialect: DialectKind, words: &str) -> Self {
        SqlWriter { text: words.to_owned(), dialect }
    }

    /// Keywords, an expression, or any other finished text.
    pub fn sql(mut self, text: impl Display) -> Self {
        self.space();
        self.text.push_str(&text.to_string());
        self
    }

    /// The text when there is one, after the words.
    pub fn maybe(self, words: &str, text: Option<impl Display>) -> Self {
        match text {
            Some(text) if words.is_empty() => self.sql(text),
            Some(text) => self.sql(words).sql(text),
            None => self,
        }
    }

    /// The words, on a condition.
    pub fn when(self, condition: bool, words: &str) -> Self {
        if condition { self.sql(words) } else { self }
    }

    /// An identifier.
    pub fn name(self, name: &Name) -> Self {
        let text = quote(name, self.dialect);
        self.sql(text)
    }

    /// An identifier in its schema.
    pub fn object(self, name: &ObjectName) -> Self {
        let text = quote_object(name, self.dialect);
        self.sql(text)
    }

    /// Identifiers in parentheses.
    pub fn names<'a>(self, names: impl IntoIterator<Item = &'a Name>) -> Self {
        let dialect = self.dialect;
        self.list(names.into_iter().map(|name| quote(name, dialect)))
    }

    /// Finished texts in parentheses.
    pub fn list(self, items: impl IntoIterator<Item = String>) -> Self {
        let inner = items.into_iter().collect::<Vec<_>>().join(", ");
        self.sql(format!("({inner})"))
    }

    /// A text in parentheses.
    pub fn parens(self, text: impl Display) -> Self {
        self.sql(format!("({text})"))
    }

    /// A string constant.
    pub fn string(self, text: &str) -> Self {
        let text = quote_string(text, self.dialect);
        self.sql(text)
    }

    /// Items one to a line in parentheses, as `CREATE TABLE` has them.
    pub fn lines(mut self, items: &[String]) -> Self {
        self.space();
        if items.is_empty() {
            self.text.push_str("()");
            return self;
        }
        self.text.push_str("(\n    ");
        self.text.push_str(&items.join(",\n    "));
        self.text.push_str("\n)");
        self
    }

    /// The statement, without a semicolon.
    pub fn finish(self) -> String {
        self.text
    }

    fn space(&mut self) {
        if !self.text.is_empty() && !self.text.ends_with([' ', '\n']) {
            self.text.push(' ');
        }
    }
}
