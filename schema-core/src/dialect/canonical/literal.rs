//! Constants: their values, whatever form they are written in.

use schema_model::catalog::ColumnType;

use super::moment;
use super::tree::Tree;

/// The value of a string constant. Bit strings are none.
pub(super) fn string(token: &str) -> Option<String> {
    let bytes = token.as_bytes();
    match (bytes.first()?, bytes.get(1)) {
        (b'\'', Some(_)) => plain(token),
        (b'N' | b'n', Some(b'\'')) => plain(&token[1..]),
        (b'E' | b'e', Some(b'\'')) => escaped(token.get(2..token.len() - 1)?),
        (b'$', _) => {
            let tag = token[1..].find('$')? + 2;
            token.get(tag..token.len().checked_sub(tag)?).map(str::to_owned)
        }
        _ => None,
    }
}

fn plain(token: &str) -> Option<String> {
    Some(token.get(1..token.len().checked_sub(1)?)?.replace("''", "'"))
}

/// The inside of an `E'…'` (manual, 4.1.2.2).
fn escaped(inside: &str) -> Option<String> {
    let mut out = String::with_capacity(inside.len());
    let mut rest = inside.chars();
    while let Some(character) = rest.next() {
        match character {
            '\'' => {
                rest.next();
                out.push('\'');
            }
            '\\' => out.push(match rest.next()? {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'u' => code(&mut rest, 4)?,
                'U' => code(&mut rest, 8)?,
                'x' | '0'..='7' => return None,
                other => other,
            }),
            other => out.push(other),
        }
    }
    Some(out)
}

fn code(rest: &mut std::str::Chars<'_>, digits: usize) -> Option<char> {
    let text: String = rest.by_ref().take(digits).collect();
    char::from_u32(u32::from_str_radix(&text, 16).ok()?)
}

/// A number, sign and underscores included, as PostgreSQL prints it: `.5` is `0.5`, `1e3` is `1000`.
pub(super) fn number(text: &str) -> Option<String> {
    let text = text.trim().replace('_', "");
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => ("-", digits.trim_start()),
        None => ("", text.strip_prefix('+').unwrap_or(&text)),
    };
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (digits, 0),
    };
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let all_digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    if !all_digits(whole)
        || !all_digits(fraction)
        || whole.len() + fraction.len() == 0
        || exponent.abs() > 400
    {
        return None;
    }
    let (whole, fraction) = shifted(whole, fraction, exponent);
    let whole = match whole.trim_start_matches('0') {
        "" => "0",
        whole => whole,
    };
    let zero = whole == "0" && fraction.bytes().all(|byte| byte == b'0');
    let sign = if zero { "" } else { sign };
    Some(if fraction.is_empty() { format!("{sign}{whole}") } else { format!("{sign}{whole}.{fraction}") })
}

fn shifted(whole: &str, fraction: &str, exponent: i32) -> (String, String) {
    let by = exponent.unsigned_abs() as usize;
    if exponent >= 0 {
        let padded = format!("{fraction:0<by$}");
        (format!("{whole}{}", &padded[..by]), padded[by..].to_owned())
    } else {
        let padded = format!("{whole:0>by$}");
        let at = padded.len() - by;
        (padded[..at].to_owned(), format!("{}{fraction}", &padded[at..]))
    }
}

/// The number without zeros at the end of its fraction: the same value where the scale is the column's.
pub(super) fn without_scale(number: &str) -> String {
    match number.split_once('.') {
        Some((whole, fraction)) => match fraction.trim_end_matches('0') {
            "" if whole == "-0" => "0".into(),
            "" => whole.into(),
            fraction => format!("{whole}.{fraction}"),
        },
        None => number.into(),
    }
}

/// A `bytea` constant in hex: it may be written as text in which a backslash escapes (manual, 8.4.2).
fn bytes(value: &str) -> Option<String> {
    if let Some(digits) = value.strip_prefix("\\x") {
        let digits = digits.chars().filter(|digit| !digit.is_whitespace());
        return Some(format!("\\x{}", digits.collect::<String>().to_lowercase()));
    }
    let mut out = String::from("\\x");
    let mut rest = value.as_bytes();
    while let [first, tail @ ..] = rest {
        let (byte, left) = match (first, tail) {
            (b'\\', [b'\\', left @ ..]) => (b'\\', left),
            (b'\\', [a @ b'0'..=b'3', b @ b'0'..=b'7', c @ b'0'..=b'7', left @ ..]) => {
                ((a - b'0') * 64 + (b - b'0') * 8 + (c - b'0'), left)
            }
            (b'\\', _) => return None,
            (byte, left) => (*byte, left),
        };
        out.push_str(&format!("{byte:02x}"));
        rest = left;
    }
    Some(out)
}

/// The constant that a string stands for when it is of this type.
pub(super) fn coerced(value: String, ty: &ColumnType) -> Tree {
    match ty {
        ColumnType::Boolean => boolean(&value).map_or(Tree::Str(value), Tree::Bool),
        ColumnType::Integer { .. } | ColumnType::Float { .. } | ColumnType::Decimal { .. } => {
            number(&value).map_or(Tree::Str(value), Tree::Number)
        }
        ColumnType::Varchar { length: Some(length) } => {
            Tree::Str(value.chars().take(*length as usize).collect())
        }
        ColumnType::Char { .. } => Tree::Str(value.trim_end_matches(' ').to_owned()),
        ColumnType::Uuid => Tree::Str(value.to_lowercase()),
        ColumnType::Bytes => Tree::Str(bytes(&value).unwrap_or(value)),
        ColumnType::Json { binary: true } => Tree::Str(super::json::folded(&value).unwrap_or(value)),
        ColumnType::Interval => Tree::Str(moment::interval(&value).unwrap_or(value)),
        ColumnType::Timestamp { zoned, .. } => Tree::Str(moment::timestamp(&value, *zoned).unwrap_or(value)),
        ColumnType::Date => Tree::Str(moment::date(&value).unwrap_or(value)),
        ColumnType::Time { zoned: false, .. } => Tree::Str(moment::time(&value).unwrap_or(value)),
        ColumnType::Array(element) => array(&value, element).unwrap_or(Tree::Str(value)),
        ColumnType::Other(name) if name == "regclass" => Tree::Str(relation(&value)),
        ColumnType::Text
        | ColumnType::Varchar { .. }
        | ColumnType::Time { .. }
        | ColumnType::Json { .. }
        | ColumnType::Named { .. }
        | ColumnType::Other(_) => Tree::Str(value),
    }
}

fn boolean(text: &str) -> Option<bool> {
    let text = text.trim().to_ascii_lowercase();
    let starts = |word: &str| !text.is_empty() && word.starts_with(&text);
    match text.as_str() {
        "1" | "on" => Some(true),
        "0" | "off" | "of" => Some(false),
        _ if starts("true") || starts("yes") => Some(true),
        _ if starts("false") || starts("no") => Some(false),
        _ => None,
    }
}

/// `public.users_id_seq` and `"users_id_seq"` name the same relation.
pub(super) fn relation(text: &str) -> String {
    super::tokens_text::folded_text(text, schema_model::DialectKind::Postgres)
        .trim_start_matches("public.")
        .to_owned()
}

/// An array constant of one dimension, `{a,"b c",NULL}`, as its elements.
pub(super) fn array(text: &str, element: &ColumnType) -> Option<Tree> {
    let inside = text.trim().strip_prefix('{')?.strip_suffix('}')?;
    if inside.trim().is_empty() {
        return Some(Tree::Array(Vec::new()));
    }
    let (mut items, mut rest) = (Vec::new(), inside.chars().peekable());
    loop {
        while rest.next_if(|space| space.is_whitespace()).is_some() {}
        let (mut value, quoted) = (String::new(), rest.next_if_eq(&'"').is_some());
        loop {
            match rest.peek().copied() {
                Some('\\') => {
                    rest.next();
                    value.push(rest.next()?);
                }
                Some('"') if quoted => {
                    rest.next();
                    break;
                }
                Some('{' | '}' | '"') if !quoted => return None,
                Some(',') if !quoted => break,
                None if quoted => return None,
                None => break,
                Some(other) => {
                    rest.next();
                    value.push(other);
                }
            }
        }
        let bare = value.trim_end();
        items.push(match quoted {
            false if bare.is_empty() => return None,
            false if bare.eq_ignore_ascii_case("null") => Tree::Null,
            false => coerced(bare.to_owned(), element),
            true => coerced(value, element),
        });
        while rest.next_if(|space| space.is_whitespace()).is_some() {}
        match rest.next() {
            None => return Some(Tree::Array(items)),
            Some(',') => {}
            Some(_) => return None,
        }
    }
}

/// The array constant of these elements, when all of them are constants.
pub(super) fn array_text(items: &[Tree]) -> Option<String> {
    let element = |item: &Tree| {
        Some(match item {
            Tree::Null => "NULL".to_owned(),
            Tree::Bool(value) => value.to_string(),
            Tree::Number(number) => number.clone(),
            Tree::Str(text) => {
                let special = |character: char| "{},\"\\".contains(character) || character.is_whitespace();
                if text.is_empty() || text.contains(special) || text.eq_ignore_ascii_case("null") {
                    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
                } else {
                    text.clone()
                }
            }
            _ => return None,
        })
    };
    let items = items.iter().map(element).collect::<Option<Vec<_>>>()?;
    Some(format!("{{{}}}", items.join(",")))
}
