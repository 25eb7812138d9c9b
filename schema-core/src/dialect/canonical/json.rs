//! `jsonb` constants as the server prints them: white space folded, keys in its order, the last of equal keys.

const DEPTH: usize = 50;

/// The text, when it is JSON.
pub(super) fn folded(text: &str) -> Option<String> {
    let mut reader = Reader { rest: text };
    let value = reader.value(0)?;
    reader.space();
    reader.rest.is_empty().then_some(value)
}

struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn space(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\t', '\n', '\r']);
    }

    fn take(&mut self, mark: char) -> bool {
        self.space();
        match self.rest.strip_prefix(mark) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn value(&mut self, depth: usize) -> Option<String> {
        if depth > DEPTH {
            return None;
        }
        self.space();
        match self.rest.chars().next()? {
            '{' => self.object(depth),
            '[' => self.array(depth),
            '"' => self.string().map(str::to_owned),
            _ => {
                let scalar = |byte: char| byte.is_ascii_alphanumeric() || matches!(byte, '-' | '+' | '.');
                let end = self.rest.find(|byte| !scalar(byte)).unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at(end);
                self.rest = rest;
                let known = matches!(word, "true" | "false" | "null");
                if known { Some(word.to_owned()) } else { super::literal::number(word) }
            }
        }
    }

    fn string(&mut self) -> Option<&'a str> {
        let mut skip = true;
        let end = self.rest.char_indices().skip(1).find(|(_, character)| {
            let open = skip && *character == '"';
            skip = !(skip && *character == '\\');
            open
        })?;
        let (text, rest) = self.rest.split_at(end.0 + 1);
        self.rest = rest;
        Some(text)
    }

    fn object(&mut self, depth: usize) -> Option<String> {
        self.take('{');
        let mut pairs: Vec<(&str, String)> = Vec::new();
        while !self.take('}') {
            if !pairs.is_empty() && !self.take(',') {
                return None;
            }
            self.space();
            let key = if self.rest.starts_with('"') { self.string()? } else { return None };
            if !self.take(':') {
                return None;
            }
            let value = self.value(depth + 1)?;
            pairs.retain(|(known, _)| *known != key);
            pairs.push((key, value));
        }
        pairs.sort_by(|(one, _), (other, _)| (one.len(), one).cmp(&(other.len(), other)));
        let pairs: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}: {value}")).collect();
        Some(format!("{{{}}}", pairs.join(", ")))
    }

    fn array(&mut self, depth: usize) -> Option<String> {
        self.take('[');
        let mut items = Vec::new();
        while !self.take(']') {
            if !items.is_empty() && !self.take(',') {
                return None;
            }
            items.push(self.value(depth + 1)?);
        }
        Some(format!("[{}]", items.join(", ")))
    }
}

#[cfg(test)]
mod tests {
    use super::folded;

    #[test]
    fn keys_are_sorted_as_the_server_sorts_them() {
        assert_eq!(folded(r#"{"bb":1,"a" : [true,{ }],"a":"x\"}"}"#).unwrap(), r#"{"a": "x\"}", "bb": 1}"#);
        assert_eq!(folded("[1,"), None);
        assert_eq!(folded(&"[".repeat(100_000)), None);
    }
}
