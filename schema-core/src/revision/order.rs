//! The order in which names with numbers in them are meant: 2 before 10.

use std::cmp::Ordering;

/// Compares runs of digits as numbers of any length and everything else byte by byte.
pub fn natural(left: &str, right: &str) -> Ordering {
    let (mut left, mut right) = (left.as_bytes(), right.as_bytes());
    loop {
        match (left.first(), right.first()) {
            (Some(a), Some(b)) if a.is_ascii_digit() && b.is_ascii_digit() => {
                let (number_a, rest_a) = digits(left);
                let (number_b, rest_b) = digits(right);
                let order = number_a.len().cmp(&number_b.len()).then_with(|| number_a.cmp(number_b));
                if order.is_ne() {
                    return order;
                }
                (left, right) = (rest_a, rest_b);
            }
            (Some(a), Some(b)) if a == b => (left, right) = (&left[1..], &right[1..]),
            (a, b) => return a.cmp(&b),
        }
    }
}

/// The number at the start without its leading zeros, and what follows it.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let length = text.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (number, rest) = text.split_at(length);
    let zeros = number.iter().take_while(|byte| **byte == b'0').count();
    (&number[zeros..], rest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_any_length_compare_as_numbers() {
        assert_eq!(natural("V2", "V10"), Ordering::Less);
        assert_eq!(natural("007", "7"), Ordering::Equal);
        assert_eq!(natural("20230720224454999999999999999", "3"), Ordering::Greater);
        assert_eq!(natural("1.10", "1.9"), Ordering::Greater);
        assert_eq!(natural("a", "a1"), Ordering::Less);
    }
}
