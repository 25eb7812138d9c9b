//! The time in UTC, for headers and file names.

use std::time::{SystemTime, UNIX_EPOCH};

/// Now, as `YYYY-MM-DD` and as `YYYYMMDDHHMMSS`.
pub fn now() -> (String, String) {
    let seconds = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs());
    at(seconds)
}

fn at(seconds: u64) -> (String, String) {
    let (year, month, day) = civil(seconds / 86_400);
    let clock = seconds % 86_400;
    let (hour, minute, second) = (clock / 3_600, clock / 60 % 60, clock % 60);
    let date = format!("{year:04}-{month:02}-{day:02}");
    (date, format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}"))
}

/// The Gregorian date so many days after 1970-01-01.
fn civil(days: u64) -> (u64, u64, u64) {
    // Eras of 400 years begin on 1 March of year 0; 719468 days lie between that and 1970-01-01.
    let shifted = days + 719_468;
    let (era, of_era) = (shifted / 146_097, shifted % 146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    (era * 400 + year_of_era + u64::from(month <= 2), month, day)
}

#[cfg(test)]
mod tests {
    use super::at;

    #[test]
    fn known_times() {
        assert_eq!(at(0).1, "19700101000000");
        assert_eq!(at(951_782_399).1, "20000228235959");
        assert_eq!(at(951_782_400).0, "2000-02-29");
        assert_eq!(at(1_793_491_200).0, "2026-11-01");
    }
}
