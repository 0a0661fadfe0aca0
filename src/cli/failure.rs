//! Why a command did not do what was asked: a sentence with a way out, and an exit code.

use std::fmt;
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

    pub(super) fn exit_code(&self) -> ExitCode {
        ExitCode::from(self.code)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.sentence)
    }
}
