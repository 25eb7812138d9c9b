//! The functions that have a grammar of their own: `CASE`, `CAST`, `EXTRACT`, `TRIM`, `SUBSTRING … FROM` and the like.
//! PostgreSQL keeps them as calls of plain functions, and so does the tree.

use super::parse::{NotUnderstood, Parser};
use super::tree::Tree;

type Parsed<T = Tree> = Result<T, NotUnderstood>;

impl Parser<'_> {
    /// The tree, when the word at hand starts one of them.
    pub(super) fn special(&mut self, word: &str) -> Parsed<Option<Tree>> {
        let call = self.is_mark(1, "(");
        Ok(Some(match word {
            "null" => self.constant(Tree::Null),
            "true" => self.constant(Tree::Bool(true)),
            "false" => self.constant(Tree::Bool(false)),
            "current_timestamp" | "current_date" | "current_time" | "localtime" | "localtimestamp"
            | "current_user" | "session_user" | "user" | "current_role" | "current_catalog" => {
                self.keyword(word)?
            }
            "current_schema" if !call => self.keyword(word)?,
            "case" => self.case()?,
            "exists" if call => {
                self.take_word("exists");
                match self.subquery()? {
                    Some(Tree::Raw(query)) => Tree::Raw(format!("EXISTS {query}")),
                    _ => return Err(NotUnderstood),
                }
            }
            "array" => self.array()?,
            "row" if call => {
                self.open("row")?;
                Tree::Row(self.list(")")?)
            }
            "cast" if call => {
                self.open("cast")?;
                let inner = self.any_expression()?;
                self.expect_word("as")?;
                let ty = self.column_type()?;
                self.expect_mark(")")?;
                Tree::Cast(Box::new(inner), ty)
            }
            "extract" if call => {
                self.open("extract")?;
                let field = if self.is_string() { self.string()? } else { self.name()? };
                self.expect_word("from")?;
                let source = self.any_expression()?;
                self.expect_mark(")")?;
                Tree::call("extract", vec![Tree::Str(field.to_lowercase()), source])
            }
            "position" if call => self.position()?,
            "trim" if call => self.trim()?,
            "substring" | "overlay" if call => self.with_words(word)?,
            _ => return Ok(None),
        }))
    }

    fn constant(&mut self, tree: Tree) -> Tree {
        let _ = self.name();
        tree
    }

    fn open(&mut self, word: &str) -> Parsed<()> {
        self.expect_word(word)?;
        self.expect_mark("(")
    }

    fn keyword(&mut self, word: &str) -> Parsed {
        self.expect_word(word)?;
        let word = if word == "user" { "current_user" } else { word };
        let mut text = word.to_ascii_uppercase();
        if self.take_mark("(") {
            match self.list(")")?.as_slice() {
                [Tree::Number(digits)] => text += &format!("({digits})"),
                _ => return Err(NotUnderstood),
            }
        }
        Ok(Tree::Keyword(text))
    }

    fn case(&mut self) -> Parsed {
        self.expect_word("case")?;
        let operand = if self.is_word(0, "when") { None } else { Some(Box::new(self.any_expression()?)) };
        let mut arms = Vec::new();
        while self.take_word("when") {
            let when = self.any_expression()?;
            self.expect_word("then")?;
            arms.push((when, self.any_expression()?));
        }
        let otherwise = if self.take_word("else") { Some(Box::new(self.any_expression()?)) } else { None };
        self.expect_word("end")?;
        Ok(Tree::Case(operand, arms, otherwise))
    }

    fn array(&mut self) -> Parsed {
        self.expect_word("array")?;
        if let Some(Tree::Raw(query)) = self.subquery()? {
            return Ok(Tree::Raw(format!("ARRAY{query}")));
        }
        self.expect_mark("[")?;
        Ok(Tree::Array(self.list("]")?))
    }

    fn position(&mut self) -> Parsed {
        self.open("position")?;
        // The needle is a b_expr, in which IN is no operator.
        let needle = self.tight_expression()?;
        self.expect_word("in")?;
        let text = self.any_expression()?;
        self.expect_mark(")")?;
        Ok(Tree::call("\"position\"", vec![text, needle]))
    }

    fn trim(&mut self) -> Parsed {
        self.open("trim")?;
        let sides = [("both", "btrim"), ("leading", "ltrim"), ("trailing", "rtrim")];
        let side = sides.iter().find(|(word, _)| self.take_word(word)).map_or("btrim", |(_, name)| name);
        let mut arguments = Vec::new();
        if self.take_word("from") {
            arguments.push(self.any_expression()?);
        } else {
            arguments.push(self.any_expression()?);
            if self.take_word("from") {
                arguments.insert(0, self.any_expression()?);
            }
        }
        while self.take_mark(",") {
            arguments.push(self.any_expression()?);
        }
        self.expect_mark(")")?;
        Ok(Tree::call(side, arguments))
    }

    /// `substring(x FROM a FOR b)`, `overlay(x PLACING y FROM a FOR b)`: the words stand for commas.
    fn with_words(&mut self, name: &str) -> Parsed {
        self.open(name)?;
        let mut arguments = vec![self.any_expression()?];
        let mut from = false;
        loop {
            if self.take_mark(")") {
                return Ok(Tree::call(name, arguments));
            }
            if self.take_word("for") {
                // Without FROM it starts at the first character.
                if !from && name == "substring" {
                    arguments.push(Tree::Number("1".into()));
                }
            } else if self.take_word("from") || self.take_word("similar") {
                from = true;
            } else if !self.take_word("placing") && !self.take_word("escape") {
                self.expect_mark(",")?;
                from = true;
            }
            arguments.push(self.any_expression()?);
        }
    }
}
