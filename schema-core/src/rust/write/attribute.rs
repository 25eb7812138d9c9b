//! Attributes as rustfmt lays them out: arguments on one line while they are short, else one a line, without a comma
//! behind the last.

/// rustfmt's `attr_fn_like_width`: the longest arguments that stay on one line.
const ARGUMENTS: usize = 70;

/// rustfmt's `max_width`.
const LINE: usize = 100;

/// `#[name(word, …)]`, with its line end; nothing without words.
pub(super) fn attribute(name: &str, words: &[String], indent: &str) -> String {
    if words.is_empty() {
        return String::new();
    }
    format!("{indent}#[{}]\n", list(name, words, indent, "#[]".len()))
}

/// `head(word, …)`, with the width of what else stands on its first line.
fn list(head: &str, words: &[String], indent: &str, beside: usize) -> String {
    let beside = beside + head.len() + "()".len();
    if let [only] = words
        && let Some((inner, arguments)) = parts(only)
    {
        return format!("{head}({})", list(inner, &arguments, indent, beside));
    }
    let one_line = words.join(", ");
    let width = one_line.chars().count();
    // A lone argument may fill the line.
    let fits = (width <= ARGUMENTS || words.len() == 1) && indent.len() + beside + width <= LINE;
    if fits && !one_line.contains('\n') {
        return format!("{head}({one_line})");
    }
    let deeper = format!("{indent}    ");
    let lines: Vec<String> = words
        .iter()
        .map(|word| match parts(word) {
            Some((inner, arguments)) => format!("{deeper}{}", list(inner, &arguments, &deeper, ",".len())),
            None => format!("{deeper}{word}"),
        })
        .collect();
    format!("{head}(\n{}\n{indent})", lines.join(",\n"))
}

/// `head(a, b(c), "d, e")` as its head and arguments; `None` for a word that is no list.
fn parts(word: &str) -> Option<(&str, Vec<String>)> {
    let open = word.find('(')?;
    let (head, rest) = word.split_at(open);
    let is_name = head.chars().all(|letter| letter.is_alphanumeric() || letter == '_');
    let inner = rest.strip_prefix('(')?.strip_suffix(')').filter(|_| is_name)?;
    let (mut all, mut depth, mut start, mut at) = (Vec::new(), 0usize, 0, 0);
    while at < inner.len() {
        let rest = &inner[at..];
        let letter = rest.chars().next()?;
        match letter {
            'r' | '"' if literal_length(rest) > 0 => {
                at += literal_length(rest);
                continue;
            }
            '(' => depth += 1,
            ')' => depth = depth.checked_sub(1)?,
            ',' if depth == 0 => {
                all.push(inner[start..at].trim().to_owned());
                start = at + 1;
            }
            _ => {}
        }
        at += letter.len_utf8();
    }
    all.push(inner[start..].trim().to_owned());
    Some((head, all))
}

/// The length of the string literal that a text begins with; 0 when it begins with none.
fn literal_length(text: &str) -> usize {
    if let Some(raw) = text.strip_prefix('r') {
        let hashes = raw.len() - raw.trim_start_matches('#').len();
        let close = format!("\"{}", "#".repeat(hashes));
        let body = raw[hashes..].strip_prefix('"');
        let end = body.and_then(|body| body.find(&close));
        return end.map_or(0, |end| 1 + hashes + 1 + end + close.len());
    }
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(all: &[&str]) -> Vec<String> {
        all.iter().map(|word| (*word).to_owned()).collect()
    }

    #[test]
    fn short_attributes_stay_on_their_line() {
        assert_eq!(
            attribute("column", &words(&["unique", "index"]), "    "),
            "    #[column(unique, index)]\n"
        );
        assert_eq!(attribute("column", &[], ""), "");
    }

    #[test]
    fn a_lone_long_list_opens_with_its_attribute() {
        let long = "index(name = \"a_name_that_is_long_enough\", unique, columns(one_column, another_one))";
        assert_eq!(
            attribute("table", &words(&[long]), ""),
            "#[table(index(\n    name = \"a_name_that_is_long_enough\",\n    unique,\n    columns(one_column, another_one)\n))]\n"
        );
    }

    #[test]
    fn a_lone_argument_may_fill_the_line() {
        let long = "index(name = \"index_history_transaction_claimable_balances_on_transaction_id\")";
        assert_eq!(attribute("column", &words(&[long]), "    "), format!("    #[column({long})]\n"));
    }

    #[test]
    fn a_comma_or_parenthesis_in_a_literal_is_text() {
        assert_eq!(parts(r##"check(r#"a in (",", 1)"#, name = "x)")"##).map(|(_, all)| all.len()), Some(2));
        assert_eq!(parts("default = \"f(x)\""), None);
    }
}
