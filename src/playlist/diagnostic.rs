//! Diagnostics: what is wrong with a file, where, and what to do about it.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;

use serde::Serialize;

use super::source::Source;
use crate::units::SafeText;

/// How much a diagnostic matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Plays, but not as well as it could.
    Warning,
    /// Cannot be played.
    Error,
}

macro_rules! codes {
    ($($name:ident $code:literal $meaning:literal;)*) => {
        /// The kind of a diagnostic; its code is stable, so that a script may depend on it.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Code {
            $(#[doc = $meaning] $name,)*
        }

        impl Code {
            /// Every code, in order.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// The code, such as `P010`.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// What the code stands for, in a few words.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning,)* }
            }
        }
    };
}

codes! {
    Unreadable "P001" "the file cannot be opened or read";
    NotAFile "P002" "not a regular file";
    TooLarge "P003" "larger than a playlist may be";
    NotUtf8 "P004" "not UTF-8 text";
    Syntax "P005" "not TOML";
    TooDeep "P006" "nested too deeply";
    UnknownKey "P010" "a key that means nothing here";
    WrongType "P011" "a value of the wrong type";
    MissingKey "P012" "a key that must be there is not";
    UnknownValue "P013" "not one of the values allowed here";
    WrongUnit "P014" "a quantity without its unit, or with the wrong one";
    OutOfRange "P015" "an impossible value";
    OneSource "P016" "more than one of file, generator and silence";
    Misplaced "P017" "a key that does not fit the rest of its table";
    Format "P020" "a format this program does not know";
    UnknownRoute "P021" "no such route";
    Infusion "P022" "the route and the infusion length do not fit";
    PhaseTwice "P030" "a kind of phase given twice";
    PhaseOrder "P031" "phases in the wrong order";
    NoPhases "P032" "nothing to play";
    NoLength "P033" "a phase without a planned length";
    EmptyPool "P034" "a pool without tracks";
    Excluded "P035" "a pool emptied by excluded tags";
    RunsDry "P036" "a pool shorter than its phase";
    ThinPool "P037" "a pool barely longer than its phase";
    TooManyTracks "P038" "more tracks than a playlist may have";
    StartEnd "P040" "start and end do not fit each other or the file";
    Exits "P041" "exits out of order or out of range";
    Loop "P042" "a loop that does not fit its track";
    ShortPiece "P043" "a piece too short for its crossfades";
    UnknownGenerator "P050" "no such generator";
    GeneratorParameter "P051" "a generator's parameter that does not fit";
    PathOutside "P060" "a path that leaves the playlist's folder and the library";
    MissingFile "P061" "a file that is not there";
    SpecialFile "P062" "a path that is not a regular file";
    Undecodable "P063" "a file that cannot be decoded";
    SuddenlyLoud "P064" "a file with a passage far louder than the rest";
    Quiet "P065" "a file that cannot reach the target loudness";
    SilentFile "P066" "a file without sound";
    Checksum "P067" "a file that is not the one meant";
    SilentEdge "P068" "a file that begins or ends with silence";
    Truncated "P069" "a file shorter than it claims to be";
    Grounding "P070" "a grounding track with lyrics or percussion";
    UnusedTag "P071" "an excluded tag that no track has";
    SuddenRise "P072" "a file that leaps from quiet to loud";
    TooMany "P099" "more findings than can be shown";
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text())
    }
}

impl Serialize for Code {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.text())
    }
}

/// Where in a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The file, as it was named.
    pub file: SafeText,
    /// From 1.
    pub line: usize,
    /// In characters, from 1.
    pub column: usize,
    /// Bytes of the text, from and to.
    pub span: Range<usize>,
}

/// One finding about a file.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Diagnostic {
    /// Its kind.
    pub code: Code,
    /// How much it matters.
    pub severity: Severity,
    /// What is wrong: a sentence without a full stop, safe to show.
    pub message: String,
    /// Where; `None` when it concerns the whole file.
    pub place: Option<Place>,
    /// What to do: a sentence without a full stop, safe to show.
    pub advice: String,
    /// The valid key or value that was probably meant.
    pub nearest: Option<String>,
    /// The text that `place` points into, for drawing.
    #[serde(skip)]
    pub(super) source: Option<Arc<Source>>,
}

/// One line, as compilers print it: `file:line:column: error[P010]: message`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(Place { file, line, column, .. }) = &self.place {
            write!(f, "{file}:{line}:{column}: ")?;
        }
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        write!(f, "{severity}[{}]: {}", self.code, self.message)
    }
}

/// The gravest of some diagnostics; `None` when there are none.
#[must_use]
pub fn gravest(diagnostics: &[Diagnostic]) -> Option<Severity> {
    diagnostics.iter().map(|diagnostic| diagnostic.severity).max()
}
