//! Lines for people and for pipes. A reader that goes away is no error, so nothing here panics as `println!` would.

/// A line on standard error: progress, notes. There is nowhere left to say that it could not be written.
macro_rules! tell {
    ($($argument:tt)*) => {{
        use std::io::Write as _;
        let _ = writeln!(std::io::stderr(), $($argument)*);
    }};
}

/// A line on standard output: a result. Gives back from the function when it cannot be written.
macro_rules! print_line {
    ($($argument:tt)*) => {{
        use std::io::Write as _;
        writeln!(std::io::stdout(), $($argument)*)?
    }};
}
