//! How far a revision got that is not done in one transaction: the text in the history table's column `progress`.

use std::fmt;
use std::str::FromStr;

/// Which way a revision is run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Direction {
    /// Applying it.
    Up,
    /// Taking it back.
    Down,
}

impl fmt::Display for Direction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Direction::Up => "up",
            Direction::Down => "down",
        })
    }
}

/// How far a run got: `up 2/5 3f2a… started rows=120000`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// Which way.
    pub direction: Direction,
    /// Steps that are done for good.
    pub done: usize,
    /// Steps there were in the script.
    pub of: usize,
    /// Checksum of the part of the script that is done: what comes after it may still be mended.
    pub digest: String,
    /// The next step runs outside transactions and was begun: it may be done, half done or not done.
    pub started: bool,
    /// Rows that the next step, a repeated one, has changed so far.
    pub rows: u64,
}

impl fmt::Display for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}/{} {}", self.direction, self.done, self.of, self.digest)?;
        if self.started {
            f.write_str(" started")?;
        }
        if self.rows > 0 {
            write!(f, " rows={}", self.rows)?;
        }
        Ok(())
    }
}

/// The text is no progress.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InvalidProgress;

impl FromStr for Progress {
    type Err = InvalidProgress;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut words = text.split_whitespace();
        let direction = match words.next() {
            Some("up") => Direction::Up,
            Some("down") => Direction::Down,
            _ => return Err(InvalidProgress),
        };
        let (done, of) = words.next().and_then(|steps| steps.split_once('/')).ok_or(InvalidProgress)?;
        let number = |text: &str| text.parse().map_err(|_| InvalidProgress);
        let (done, of) = (number(done)?, number(of)?);
        let digest = words.next().ok_or(InvalidProgress)?.to_owned();
        let mut progress = Progress { direction, done, of, digest, started: false, rows: 0 };
        for word in words {
            match word.split_once('=') {
                Some(("rows", count)) => progress.rows = count.parse().map_err(|_| InvalidProgress)?,
                None if word == "started" => progress.started = true,
                _ => return Err(InvalidProgress),
            }
        }
        Ok(progress)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn written_and_read() {
        for text in ["up 2/5 abc", "down 0/1 abc started", "up 1/2 abc rows=40000"] {
            assert_eq!(text.parse::<Progress>().map(|progress| progress.to_string()), Ok(text.to_owned()));
        }
        for text in ["", "up", "up x/2 abc", "up 1/2", "sideways 1/2 abc", "up 1/2 abc else"] {
            assert!(text.parse::<Progress>().is_err(), "{text}");
        }
    }
}
