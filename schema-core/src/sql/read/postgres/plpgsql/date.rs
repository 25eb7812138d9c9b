//! Dates and intervals, for loops that make a partition for each month. Moments are in UTC.

use crate::dialect::canonical::moment;

const DAY: i64 = 86_400_000_000;

/// What a moment is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) enum Kind {
    Date,
    Timestamp,
    Zoned,
}

/// A date or timestamp: days since 1970-01-01 and microseconds of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Moment {
    pub(super) kind: Kind,
    days: i64,
    micros: i64,
}

/// An interval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in super::super) struct Interval {
    months: i64,
    days: i64,
    micros: i64,
}

impl Interval {
    pub(super) fn read(text: &str) -> Option<Interval> {
        let (months, days, micros) = moment::interval_parts(text)?;
        Some(Interval { months, days, micros })
    }

    pub(super) fn times(self, by: i64) -> Option<Interval> {
        let times = |value: i64| value.checked_mul(by);
        Some(Interval { months: times(self.months)?, days: times(self.days)?, micros: times(self.micros)? })
    }

    pub(super) fn plus(self, other: Interval) -> Option<Interval> {
        Some(Interval {
            months: self.months.checked_add(other.months)?,
            days: self.days.checked_add(other.days)?,
            micros: self.micros.checked_add(other.micros)?,
        })
    }

    pub(super) fn shown(self) -> String {
        moment::interval_text(self.months, self.days, self.micros)
    }
}

impl Moment {
    pub(super) fn date(year: i64, month: i64, day: i64) -> Option<Moment> {
        let inside = (1..=9999).contains(&year)
            && (1..=12).contains(&month)
            && (1..=month_days(year, month)).contains(&day);
        inside.then(|| Moment { kind: Kind::Date, days: days_of(year, month, day), micros: 0 })
    }

    /// `2024-01-31`, `2024-01-31 08:30:00`, with or without `Z` or `+00`.
    pub(super) fn read(text: &str, kind: Kind) -> Option<Moment> {
        let text = text.trim();
        let (day, rest) = text.split_at_checked(10).unwrap_or((text, ""));
        let mut parts = day.split('-').map(|part| part.parse::<i64>().ok());
        let (year, month, day) = (parts.next()??, parts.next()??, parts.next()??);
        if parts.next().is_some() {
            return None;
        }
        let rest = rest.trim_start_matches(['T', ' ']);
        let clock = rest.trim_end_matches("+00:00").trim_end_matches("+00").trim_end_matches('Z').trim();
        let micros = if clock.is_empty() || kind == Kind::Date { 0 } else { moment::clock(clock)? };
        Some(Moment { kind, micros, ..Moment::date(year, month, day)? })
    }

    pub(super) fn of_kind(self, kind: Kind) -> Moment {
        Moment { kind, micros: if kind == Kind::Date { 0 } else { self.micros }, ..self }
    }

    pub(super) fn order(self) -> (i64, i64) {
        (self.days, self.micros)
    }

    pub(super) fn days_since(self, other: Moment) -> Option<i64> {
        (self.kind == Kind::Date && other.kind == Kind::Date).then(|| self.days - other.days)
    }

    pub(super) fn plus_days(self, days: i64) -> Option<Moment> {
        let days = self.days.checked_add(days).filter(|days| days.abs() < 4_000_000)?;
        Some(Moment { days, ..self })
    }

    /// Months first, a day past the month's end becoming its last; then days, then time. A date becomes a timestamp.
    pub(super) fn plus(self, by: Interval) -> Option<Moment> {
        let (year, month, day) = self.parts();
        let months = (year * 12 + month - 1).checked_add(by.months)?;
        let (year, month) = (months.div_euclid(12), months.rem_euclid(12) + 1);
        let start = Moment::date(year, month, day.min(month_days(year, month)))?;
        let micros = self.micros.checked_add(by.micros)?;
        let days = by.days.checked_add(micros.div_euclid(DAY))?;
        let kind = if self.kind == Kind::Date { Kind::Timestamp } else { self.kind };
        let moved = start.plus_days(days)?;
        Some(Moment { kind, micros: micros.rem_euclid(DAY), ..moved })
    }

    pub(super) fn parts(self) -> (i64, i64, i64) {
        civil(self.days)
    }

    pub(super) fn field(self, name: &str) -> Option<i64> {
        let (year, month, day) = self.parts();
        Some(match name {
            "year" => year,
            "month" => month,
            "day" => day,
            "quarter" => (month + 2) / 3,
            "hour" => self.micros / 3_600_000_000,
            "dow" => (self.days + 4).rem_euclid(7),
            _ => return None,
        })
    }

    pub(super) fn truncated(self, unit: &str) -> Option<Moment> {
        let (year, month, _) = self.parts();
        let kind = if self.kind == Kind::Date { Kind::Zoned } else { self.kind };
        let start = match unit {
            "year" => Moment::date(year, 1, 1)?,
            "quarter" => Moment::date(year, (month - 1) / 3 * 3 + 1, 1)?,
            "month" => Moment::date(year, month, 1)?,
            "week" => self.plus_days(-(self.days + 3).rem_euclid(7))?,
            "day" => self,
            "hour" => {
                return Some(Moment { kind, micros: self.micros - self.micros % 3_600_000_000, ..self });
            }
            _ => return None,
        };
        Some(Moment { kind, micros: 0, ..start })
    }

    /// `to_char` with the patterns that names are made of.
    pub(super) fn format(self, pattern: &str) -> Option<String> {
        let (year, month, day) = self.parts();
        let seconds = self.micros / 1_000_000;
        let fields = [
            ("YYYY", format!("{year:04}")),
            ("HH24", format!("{:02}", seconds / 3600)),
            ("YY", format!("{:02}", year % 100)),
            ("MM", format!("{month:02}")),
            ("MI", format!("{:02}", seconds / 60 % 60)),
            ("DDD", format!("{:03}", self.days - days_of(year, 1, 1) + 1)),
            ("DD", format!("{day:02}")),
            ("SS", format!("{:02}", seconds % 60)),
            ("Q", ((month + 2) / 3).to_string()),
        ];
        let (mut out, mut rest) = (String::new(), pattern);
        while let Some(first) = rest.chars().next() {
            let starts =
                |name: &str| rest.get(..name.len()).is_some_and(|start| start.eq_ignore_ascii_case(name));
            if let Some((name, value)) = fields.iter().find(|(name, _)| starts(name)) {
                out.push_str(value);
                rest = &rest[name.len()..];
            } else if first == '"' {
                let end = rest[1..].find('"')? + 1;
                out.push_str(&rest[1..end]);
                rest = &rest[end + 1..];
            } else if first.is_ascii_alphabetic() {
                return None;
            } else {
                out.push(first);
                rest = &rest[first.len_utf8()..];
            }
        }
        Some(out)
    }

    pub(super) fn shown(self) -> String {
        let (year, month, day) = self.parts();
        let date = format!("{year:04}-{month:02}-{day:02}");
        match self.kind {
            Kind::Date => date,
            Kind::Timestamp => format!("{date} {}", moment::clock_text(self.micros)),
            Kind::Zoned => format!("{date} {}+00", moment::clock_text(self.micros)),
        }
    }
}

fn month_days(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01 of a date of the Gregorian calendar: years start in March, so that leap days come last.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let years = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * years + years / 4 - years / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = years + era * 400 + i64::from(month <= 2);
    (year, month, of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_calendar_goes_round() {
        for days in (-700_000..2_000_000).step_by(37) {
            let (year, month, day) = civil(days);
            assert_eq!(days_of(year, month, day), days);
        }
        let last = Moment::read("2024-01-31", Kind::Date).unwrap();
        let next = last.plus(Interval::read("1 month").unwrap()).unwrap();
        assert_eq!(next.shown(), "2024-02-29 00:00:00");
        assert_eq!(next.format("\"p\"YYYY_MM-dd").unwrap(), "p2024_02-29");
        assert_eq!(last.truncated("week").unwrap().of_kind(Kind::Date).shown(), "2024-01-29");
        assert_eq!(Moment::read("2024-02-30", Kind::Date), None);
    }
}
