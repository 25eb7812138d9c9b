//! What the parts of a URL are made of: `key=value` pairs and percent-encoded text.

use super::UrlError;

pub(super) fn filled(text: String) -> Option<String> {
    (!text.is_empty()).then_some(text)
}

pub(super) fn part(part: &'static str, reason: impl Into<String>) -> UrlError {
    UrlError::Part { part, reason: reason.into() }
}

pub(super) fn pairs(query: &str) -> Vec<(String, String)> {
    let pair = |pair: &str| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (decode_leniently(key), decode_leniently(value))
    };
    query.split('&').filter(|text| !text.is_empty()).map(pair).collect()
}

/// `%41` is `A`; a `%` that starts no two digits stays what it is.
pub(super) fn decode_leniently(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, tail)) = rest.split_first() {
        let digits = tail.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let digits = digits.filter(|pair| pair.bytes().all(|byte| byte.is_ascii_hexdigit()));
        match digits.and_then(|pair| u8::from_str_radix(pair, 16).ok()).filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

pub(super) fn decode(what: &'static str, text: &str) -> Result<String, UrlError> {
    let decoded = decode_leniently(text);
    if decoded.contains('\0') {
        return Err(part(what, "it holds a zero byte"));
    }
    Ok(decoded)
}
