//! Why a command did not do what was asked: a sentence with a way out, and an exit code. And printing, which may fail.

use std::fmt;
use std::io::{self, Write as _};
use std::process::ExitCode;

/// Done, and something is wrong: findings, a failed expectation, a refused verb.
pub(super) const WRONG: u8 = 1;
/// Could not be done.
pub(super) const COULD_NOT: u8 = 2;

/// A sentence for stderr and the code to leave with.
#[derive(Debug)]
pub(super) struct Failure {
    sentence: String,
    code: u8,
}

impl Failure {
    /// It could not be done.
    pub(super) fn could_not(sentence: impl fmt::Display) -> Self {
        Self { sentence: sentence.to_string(), code: COULD_NOT }
    }

    /// It was done, and something is wrong.
    pub(super) fn wrong(sentence: impl fmt::Display) -> Self {
        Self { sentence: sentence.to_string(), code: WRONG }
    }

    /// Nobody reads what was to be printed (`undertone sessions | head -1`): no failure, and no reason to go on.
    fn unheard() -> Self {
        Self { sentence: String::new(), code: 0 }
    }

    pub(super) fn is_unheard(&self) -> bool {
        self.code == 0
    }

    pub(super) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}

/// Prints what `write` writes.
pub(super) fn print(write: impl FnOnce(&mut dyn io::Write) -> io::Result<()>) -> Result<(), Failure> {
    let mut out = io::stdout().lock();
    write(&mut out).and_then(|()| out.flush()).map_err(|error| match error.kind() {
        io::ErrorKind::BrokenPipe => Failure::unheard(),
        _ => Failure::could_not(format!("the answer cannot be written: {error}; is the disk full?")),
    })
}

/// Prints a line as `println!` does, which would panic where nobody reads it.
macro_rules! say {
    ($($text:tt)*) => {{
        // What a `?` among the arguments leaves is the command, not the printing.
        let line = format!($($text)*);
        $crate::cli::failure::print(|out| writeln!(out, "{line}"))
    }};
}
pub(super) use say;
