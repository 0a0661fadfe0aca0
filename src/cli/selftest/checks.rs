//! What a row has measured, and whether that is what the matrix requires.

use std::time::Duration;

/// Why a row has no measurement.
#[derive(Debug)]
pub(super) enum Trouble {
    /// This machine cannot break that; what it needs.
    NotHere(String),
    /// It went wrong: the row has failed.
    Failed(String),
}

impl Trouble {
    pub(super) fn failed(what: impl Into<String>) -> Self {
        Self::Failed(what.into())
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::Failed(error.to_string())
    }
}

/// What a row gives.
pub(super) type Done = Result<Checks, Trouble>;

/// Measurements in the order in which they were made.
#[derive(Debug, Default)]
pub(super) struct Checks {
    told: Vec<String>,
    broken: usize,
}

impl Checks {
    /// A time that must not be longer.
    pub(super) fn within(&mut self, what: &str, took: Duration, limit: Duration) {
        let (took, limit) = (took.as_secs_f64(), limit.as_secs_f64());
        self.judge(format!("{what} {took:.2} s"), took <= limit, format!("at most {limit:.2} s"));
    }

    /// A number that must not be higher.
    pub(super) fn at_most(&mut self, what: &str, found: f64, limit: f64, unit: &str) {
        self.judge(format!("{what} {found:.1} {unit}"), found <= limit, format!("at most {limit:.1} {unit}"));
    }

    /// A number that must not be lower.
    pub(super) fn at_least(&mut self, what: &str, found: f64, limit: f64, unit: &str) {
        self.judge(format!("{what} {found:.1} {unit}"), found >= limit, format!("at least {limit:.1} {unit}"));
    }

    /// A number that must be this.
    pub(super) fn is(&mut self, what: &str, found: usize, wanted: usize) {
        self.judge(format!("{found} {what}"), found == wanted, format!("{wanted} expected"));
    }

    /// What must be so.
    pub(super) fn holds(&mut self, what: &str, is_so: bool) {
        self.judge(what.to_owned(), is_so, "so".to_owned());
    }

    /// What is good to know and is not judged.
    pub(super) fn note(&mut self, what: String) {
        self.told.push(what);
    }

    fn judge(&mut self, found: String, is_well: bool, wanted: String) {
        self.broken += usize::from(!is_well);
        self.told.push(if is_well { found } else { format!("{found} [NOT {wanted}]") });
    }

    pub(super) fn passed(&self) -> bool {
        self.broken == 0
    }

    /// Everything in one line.
    pub(super) fn measured(&self) -> String {
        self.told.join("; ")
    }
}
