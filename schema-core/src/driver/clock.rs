//! Times as SQLite holds them: text, compared as text.

/// A time just later than this one, a microsecond where it can be read.
pub(super) fn after(time: &str) -> String {
    let (seconds, fraction) = time.split_once('.').unwrap_or((time, ""));
    let digits = fraction.bytes().all(|byte| byte.is_ascii_digit()) && fraction.len() <= 6;
    let micros: u32 = format!("{fraction:0<6}").parse().unwrap_or(0);
    if digits && seconds.len() == 19 && micros < 999_999 {
        return format!("{seconds}.{:06}", micros + 1);
    }
    if digits && let Some(next) = next_second(seconds) {
        return format!("{next}.000000");
    }
    // Not a time that we write; as text, anything longer is later.
    format!("{time}0")
}

/// `YYYY-MM-DD HH:MM:SS`, a second later within its day.
fn next_second(text: &str) -> Option<String> {
    let (day, time) = text.split_once(' ')?;
    let numbers: Vec<u32> = time.split(':').map(|part| part.parse().ok()).collect::<Option<_>>()?;
    let &[hours, minutes, seconds] = numbers.as_slice() else { return None };
    let total = hours * 3600 + minutes * 60 + seconds + 1;
    (total < 86_400).then(|| format!("{day} {:02}:{:02}:{:02}", total / 3600, total / 60 % 60, total % 60))
}

#[cfg(test)]
mod tests {
    use super::after;

    #[test]
    fn later_is_later() {
        let times = [
            "2026-01-01 10:00:00",
            "2026-01-01 10:00:00.5",
            "2026-01-01 10:00:00.999999",
            "2026-01-01 23:59:59.999999",
            "2026-01-01T10:00:00Z",
            "soon",
            "",
        ];
        for time in times {
            assert!(after(time).as_str() > time, "{time} {}", after(time));
        }
        assert_eq!(after("2026-01-01 10:00:00.123"), "2026-01-01 10:00:00.123001");
        assert_eq!(after("2026-01-01 10:00:59.999999"), "2026-01-01 10:01:00.000000");
    }
}
