//! An attribute's tokens as a tree of words, before anyone asks what they mean.

use proc_macro2::{Span, TokenStream};
use syn::ext::IdentExt;
use syn::parse::{Parse, ParseStream, Parser};
use syn::punctuated::Punctuated;
use syn::{Ident, Lit, Token, token};

/// What stands between two commas: words (each perhaps with a list in parentheses), then perhaps `= value`.
/// A lone literal has no words.
pub struct Arg {
    pub span: Span,
    pub words: Vec<Word>,
    pub value: Option<Value>,
}

/// One word.
pub struct Word {
    pub text: String,
    pub span: Span,
    pub list: Option<Vec<Arg>>,
}

/// What stands behind `=`, or alone.
pub struct Value {
    pub span: Span,
    pub kind: ValueKind,
}

/// Its kind, literals without their quotes.
pub enum ValueKind {
    Str(String),
    Int(String),
    Bool(bool),
    Word(String),
}

impl Value {
    /// The value as text, whatever it was written as.
    pub fn text(&self) -> &str {
        match &self.kind {
            ValueKind::Str(text) | ValueKind::Int(text) | ValueKind::Word(text) => text,
            ValueKind::Bool(true) => "true",
            ValueKind::Bool(false) => "false",
        }
    }
}

impl Arg {
    /// The first word, when there is one.
    pub fn word(&self) -> Option<&Word> {
        self.words.first()
    }

    /// A text that stands alone.
    pub fn lone_text(&self) -> Option<(&str, Span)> {
        match (&self.value, self.words.is_empty()) {
            (Some(Value { kind: ValueKind::Str(text), span }), true) => Some((text, *span)),
            _ => None,
        }
    }
}

/// The arguments of an attribute's parentheses.
pub fn parse_args(tokens: TokenStream) -> syn::Result<Vec<Arg>> {
    let parser = Punctuated::<Arg, Token![,]>::parse_terminated;
    Ok(parser.parse2(tokens)?.into_iter().collect())
}

impl Parse for Arg {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let span = input.span();
        let mut words = Vec::new();
        while input.peek(Ident::peek_any) && !(words.is_empty() && is_bool(input)) {
            words.push(input.parse::<Word>()?);
        }
        if words.is_empty() {
            let value = Some(input.parse()?);
            return Ok(Arg { span, words, value });
        }
        let value = match input.parse::<Option<Token![=]>>()? {
            Some(_) => Some(input.parse()?),
            None => None,
        };
        Ok(Arg { span, words, value })
    }
}

fn is_bool(input: ParseStream<'_>) -> bool {
    input.peek(syn::LitBool)
}

impl Parse for Word {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let ident = Ident::parse_any(input)?;
        let list = match input.peek(token::Paren) {
            true => {
                let content;
                syn::parenthesized!(content in input);
                let args = Punctuated::<Arg, Token![,]>::parse_terminated(&content)?;
                Some(args.into_iter().collect())
            }
            false => None,
        };
        Ok(Word { text: ident.unraw().to_string(), span: ident.span(), list })
    }
}

impl Parse for Value {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        if input.peek(Ident::peek_any) && !is_bool(input) {
            let ident = Ident::parse_any(input)?;
            return Ok(Value { span: ident.span(), kind: ValueKind::Word(ident.unraw().to_string()) });
        }
        let minus = input.parse::<Option<Token![-]>>()?;
        let lit = input.parse::<Lit>()?;
        let span = lit.span();
        let kind = match (lit, minus) {
            (Lit::Str(text), None) => ValueKind::Str(text.value()),
            (Lit::Bool(value), None) => ValueKind::Bool(value.value),
            (Lit::Int(number), None) => ValueKind::Int(number.base10_digits().to_owned()),
            (Lit::Int(number), Some(_)) => ValueKind::Int(format!("-{}", number.base10_digits())),
            _ => {
                return Err(syn::Error::new(
                    span,
                    "expected a string, an integer, `true`, `false` or a word",
                ));
            }
        };
        Ok(Value { span, kind })
    }
}
