//! Constants of dates, times and intervals in the one form that PostgreSQL prints (`DateStyle` and `IntervalStyle`
//! as they come, time zone UTC).

/// `2024-01-31`.
pub(super) fn date(text: &str) -> Option<String> {
    let mut parts = text.trim().split('-');
    let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
    let number = |part: &str, digits: std::ops::RangeInclusive<usize>| {
        (digits.contains(&part.len()) && part.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| part.parse::<u32>().ok())?
    };
    let (year, month, day) = (number(year, 4..=4)?, number(month, 1..=2)?, number(day, 1..=2)?);
    parts.next().is_none().then(|| format!("{year:04}-{month:02}-{day:02}"))
}

/// `08:30:00`.
pub(super) fn time(text: &str) -> Option<String> {
    let micros = clock(text.trim())?;
    Some(clock_text(micros))
}

/// `2024-01-31 08:30:00`, with `+00` when zoned; a constant without a zone is taken to be in UTC.
pub(super) fn timestamp(text: &str, zoned: bool) -> Option<String> {
    let text = text.trim();
    if text.eq_ignore_ascii_case("epoch") {
        return timestamp("1970-01-01", zoned);
    }
    let (day, rest) = text.split_at_checked(10).unwrap_or((text, ""));
    let day = date(day)?;
    let rest = rest.trim_start_matches(['T', 't', ' ']);
    let at =
        rest.find(|byte: char| !byte.is_ascii_digit() && byte != ':' && byte != '.').unwrap_or(rest.len());
    let (moment, zone) = rest.split_at(at);
    let micros = if moment.is_empty() { 0 } else { clock(moment)? };
    let zone = match zone.trim() {
        _ if !zoned => "",
        "" | "Z" | "z" | "UTC" | "utc" | "+00:00" | "+0000" | "+00" | "+0" | "-00" | "GMT" => "+00",
        _ => return None,
    };
    Some(format!("{day} {}{zone}", clock_text(micros)))
}

/// Microseconds of `8:30`, `08:30:00.5`.
pub(crate) fn clock(text: &str) -> Option<i64> {
    let mut parts = text.split(':');
    let (hours, minutes, seconds) = (parts.next()?, parts.next()?, parts.next().unwrap_or("0"));
    if parts.next().is_some() {
        return None;
    }
    let (hours, minutes): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    (minutes < 60).then_some(())?;
    Some((i64::from(hours) * 60 + i64::from(minutes)) * 60_000_000 + scaled(seconds, 1_000_000)?)
}

pub(crate) fn clock_text(micros: i64) -> String {
    let (seconds, fraction) = (micros / 1_000_000, micros % 1_000_000);
    let text = format!("{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
    if fraction == 0 { text } else { format!("{text}.{fraction:06}").trim_end_matches('0').to_owned() }
}

/// A decimal number times a power of ten, exactly.
fn scaled(number: &str, unit: i64) -> Option<i64> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |part: &str| part.len() <= 12 && part.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || whole.len() + fraction.len() == 0 {
        return None;
    }
    let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let mut total = whole.checked_mul(unit)?;
    let mut share = unit;
    for digit in fraction.bytes() {
        share /= 10;
        total = total.checked_add(i64::from(digit - b'0') * share)?;
        if share == 0 && digit != b'0' {
            return None;
        }
    }
    Some(total)
}

/// `1 year 2 mons 3 days 04:05:06`.
pub(super) fn interval(text: &str) -> Option<String> {
    let (months, days, micros) = interval_parts(text)?;
    Some(interval_text(months, days, micros))
}

/// An interval's months, days and microseconds: what it is made of.
pub(crate) fn interval_parts(text: &str) -> Option<(i64, i64, i64)> {
    let words = words(text);
    let (mut months, mut days, mut micros) = (0i64, 0i64, 0i64);
    let mut rest = words.iter().map(String::as_str).peekable();
    let mut ago = false;
    while let Some(word) = rest.next() {
        if ago || word == "@" {
            continue;
        }
        if word == "ago" {
            ago = true;
            continue;
        }
        let (negative, value) = match word.strip_prefix('-') {
            Some(value) => (true, value),
            None => (false, word.strip_prefix('+').unwrap_or(word)),
        };
        let sign = if negative { -1 } else { 1 };
        if value.contains(':') {
            micros = micros.checked_add(sign * clock(value)?)?;
            continue;
        }
        let unit = rest
            .next_if(|word| word.starts_with(|first: char| first.is_ascii_alphabetic()) && *word != "ago");
        let (total, size) = match unit.unwrap_or("s") {
            "us" | "usec" | "usecs" | "microsecond" | "microseconds" => (&mut micros, 1),
            "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => (&mut micros, 1_000),
            "s" | "sec" | "secs" | "second" | "seconds" => (&mut micros, 1_000_000),
            "m" | "min" | "mins" | "minute" | "minutes" => (&mut micros, 60_000_000),
            "h" | "hr" | "hrs" | "hour" | "hours" => (&mut micros, 3_600_000_000),
            "d" | "day" | "days" => (&mut days, 1),
            "w" | "week" | "weeks" => (&mut days, 7),
            "mon" | "mons" | "month" | "months" => (&mut months, 1),
            "y" | "yr" | "yrs" | "year" | "years" => (&mut months, 12),
            _ => return None,
        };
        *total = total.checked_add(sign * scaled_unit(value, size)?)?;
    }
    if words.is_empty() {
        return None;
    }
    let sign = if ago { -1 } else { 1 };
    Some((sign * months, sign * days, sign * micros))
}

/// A count of units; only units of time take a fraction without spilling into smaller ones.
fn scaled_unit(value: &str, size: i64) -> Option<i64> {
    if size < 1_000 || value.len() > 9 {
        return value.parse::<i32>().ok().and_then(|value| i64::from(value).checked_mul(size));
    }
    // Through microseconds of the unit: exact for every fraction with up to six digits.
    let micros = scaled(value, 1_000_000)?;
    let product = i128::from(micros) * i128::from(size);
    (product % 1_000_000 == 0).then(|| i64::try_from(product / 1_000_000).ok())?
}

pub(crate) fn interval_text(months: i64, days: i64, micros: i64) -> String {
    let mut parts = Vec::new();
    for (count, one, many) in
        [(months / 12, "year", "years"), (months % 12, "mon", "mons"), (days, "day", "days")]
    {
        if count != 0 {
            parts.push(format!("{count} {}", if count == 1 { one } else { many }));
        }
    }
    if micros != 0 || parts.is_empty() {
        let sign = if micros < 0 { "-" } else { "" };
        parts.push(format!("{sign}{}", clock_text(micros.saturating_abs())));
    }
    parts.join(" ")
}

/// Numbers and words apart, `1day` included; lower case.
fn words(text: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    for part in text.to_lowercase().split_whitespace() {
        // A sign may stand apart from its number.
        if let Some(sign) = words.last_mut().filter(|word| matches!(word.as_str(), "-" | "+")) {
            sign.push_str(part);
            continue;
        }
        let at = part.find(|byte: char| byte.is_ascii_alphabetic()).unwrap_or(part.len());
        let (number, unit) = part.split_at(at);
        words.extend([number, unit].into_iter().filter(|word| !word.is_empty()).map(str::to_owned));
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn intervals_as_the_server_prints_them() {
        for (text, printed) in [
            ("1 day", "1 day"),
            ("24 hours", "24:00:00"),
            ("1 year 14 months", "2 years 2 mons"),
            ("90 minutes", "01:30:00"),
            ("1.5 hours", "01:30:00"),
            ("30", "00:00:30"),
            ("1 week ago", "-7 days"),
            ("0 days", "00:00:00"),
            ("2 days 04:05", "2 days 04:05:00"),
            ("500ms", "00:00:00.5"),
            ("1 month - 1 day", "1 mon -1 days"),
        ] {
            assert_eq!(interval(text).as_deref(), Some(printed), "{text}");
        }
        assert_eq!(interval("P1D"), None);
        assert_eq!(interval("1.5 days"), None);
        assert_eq!(interval("99999999999999999999 hours"), None);
    }

    #[test]
    fn timestamps_as_the_server_prints_them() {
        assert_eq!(timestamp("2024-01-31", false).as_deref(), Some("2024-01-31 00:00:00"));
        assert_eq!(timestamp("2024-01-31T08:30:00Z", true).as_deref(), Some("2024-01-31 08:30:00+00"));
        assert_eq!(timestamp("infinity", true), None);
        assert_eq!(timestamp("ünïcödé--é", true), None);
    }
}
