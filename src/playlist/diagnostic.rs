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

/// How much the findings of one kind may matter.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Grade {
    /// Always a [`Severity::Warning`].
    Warning,
    /// Always a [`Severity::Error`].
    Error,
    /// The one or the other, by how bad it is.
    Either,
}

impl Grade {
    /// In a word.
    #[must_use]
    pub const fn word(self) -> &'static str {
        match self {
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Either => "either",
        }
    }

    /// Whether a finding of that severity may be of this kind.
    #[must_use]
    pub fn allows(self, severity: Severity) -> bool {
        match self {
            Self::Warning => severity == Severity::Warning,
            Self::Error => severity == Severity::Error,
            Self::Either => true,
        }
    }
}

macro_rules! codes {
    ($($name:ident $code:literal $grade:ident $meaning:literal;)*) => {
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

            /// How much findings of this kind matter.
            #[must_use]
            pub const fn grade(self) -> Grade {
                match self { $(Self::$name => Grade::$grade,)* }
            }
        }
    };
}

codes! {
    Unreadable "P001" Error "the file cannot be opened or read";
    NotAFile "P002" Error "not a regular file";
    TooLarge "P003" Error "larger than a playlist may be";
    NotUtf8 "P004" Error "not UTF-8 text";
    Syntax "P005" Error "not TOML";
    TooDeep "P006" Error "nested too deeply";
    UnknownKey "P010" Error "a key that means nothing here";
    WrongType "P011" Error "a value of the wrong type";
    MissingKey "P012" Error "a key that must be there is not";
    UnknownValue "P013" Error "not one of the values allowed here";
    WrongUnit "P014" Error "a quantity without its unit, or with the wrong one";
    OutOfRange "P015" Error "an impossible value";
    OneSource "P016" Error "more than one of file, generator and silence";
    Misplaced "P017" Error "a key that does not fit the rest of its table";
    Format "P020" Error "a format this program does not know";
    UnknownRoute "P021" Error "no such route";
    Infusion "P022" Either "the route and the infusion length do not fit";
    PhaseTwice "P030" Error "a kind of phase given twice";
    PhaseOrder "P031" Error "phases in the wrong order";
    NoPhases "P032" Error "nothing to play";
    NoLength "P033" Error "a phase without a planned length";
    EmptyPool "P034" Error "a pool without tracks";
    Excluded "P035" Error "a pool emptied by excluded tags";
    RunsDry "P036" Error "a pool shorter than its phase";
    ThinPool "P037" Warning "a pool barely longer than its phase";
    TooManyTracks "P038" Error "more tracks than a playlist may have";
    StartEnd "P040" Error "start and end do not fit each other or the file";
    Exits "P041" Error "exits out of order or out of range";
    Loop "P042" Error "a loop that does not fit its track";
    ShortPiece "P043" Warning "a piece too short for its crossfades";
    Cut "P044" Error "tracks that cannot be joined without a crossfade";
    UnknownGenerator "P050" Error "no such generator";
    GeneratorParameter "P051" Error "a generator's parameter that does not fit";
    PathOutside "P060" Error "a path that leaves the playlist's folder and the library";
    MissingFile "P061" Error "a file that is not there";
    SpecialFile "P062" Error "a path that is not a regular file";
    Undecodable "P063" Error "a file that cannot be decoded";
    SuddenlyLoud "P064" Either "a file with a passage far louder than the rest";
    Quiet "P065" Warning "a file that cannot reach the target loudness";
    SilentFile "P066" Error "a file without sound";
    Checksum "P067" Error "a file that is not the one meant";
    SilentEdge "P068" Warning "a file that begins or ends with silence";
    Truncated "P069" Warning "a file shorter than it claims to be";
    Grounding "P070" Error "a grounding track with lyrics or percussion";
    UnusedTag "P071" Warning "an excluded tag that no track has";
    SuddenRise "P072" Warning "a file that leaps from quiet to loud";
    LongSilence "P073" Warning "a file with a long silence inside";
    WideRange "P074" Warning "a file too uneven for the peak";
    Forbidden "P075" Either "a track with a tag that its phase forbids";
    LoudnessClash "P076" Warning "neighbours far apart in loudness";
    BrightnessClash "P077" Warning "neighbours far apart in brightness";
    NoSpare "P078" Warning "a phase that uses all of its pool";
    TooMany "P099" Error "more findings than can be shown";
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
