//! What travels: requests in, updates out.

use serde::{Deserialize, Serialize};

use crate::session::{Snapshot, Source, Verb};
use crate::units::{Decibels, SafeText, Span};

/// Raised by one whenever a message changes its meaning; host and client must agree.
pub const VERSION: u32 = 1;

/// The first message of each side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hello {
    /// [`VERSION`] of the speaker.
    pub version: u32,
    /// The program's version, for the error message when they differ.
    pub program: SafeText,
}

/// From a client to the host.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "request", rename_all = "kebab-case")]
pub enum Request {
    /// Greets.
    Hello(Hello),
    /// Asks for something; answered by [`Update::Done`] or [`Update::Refused`] once it is on disk.
    Verb {
        /// What.
        verb: Verb,
        /// By what means.
        source: Source,
    },
    /// Asks for one [`Update::Status`].
    Status,
    /// Asks for a [`Update::Status`] now, at every change, and a few times a second while something moves.
    Watch,
    /// Before the session: lets something be heard, to try the ears and the level; answered by [`Update::Done`] or
    /// [`Update::Refused`]. It ends by itself after [`Trial::lasts`], and no journal tells of it.
    Try {
        /// What.
        trial: Trial,
    },
    /// Ends the host after the session has ended (or before it began): the panel is leaving.
    Leave,
}

/// What can be heard before a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Trial {
    /// A soft tone on the left.
    Left,
    /// A soft tone on the right.
    Right,
    /// Music of the peak at the peak's own level, to find the client's comfort level by.
    Peak,
    /// Nothing any more.
    Stop,
}

impl Trial {
    /// How long it is heard unless it is stopped; the first five seconds are the soft way in that every first sound takes.
    #[must_use]
    pub const fn lasts(self) -> Span {
        match self {
            Self::Left | Self::Right => Span::from_secs(8),
            Self::Peak => Span::from_secs(30),
            Self::Stop => Span::ZERO,
        }
    }
}

/// From the host to a client.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "update", rename_all = "kebab-case")]
pub enum Update {
    /// Greets back.
    Hello(Hello),
    /// The verb was carried out and is in the journal.
    Done,
    /// The verb was not carried out; nothing changed.
    Refused {
        /// In words for the screen.
        why: SafeText,
    },
    /// All there is to know.
    Status(Box<Status>),
}

/// All that a client may know: the session's snapshot and what the host knows of the sound.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Status {
    /// The random six-character code of the session.
    pub code: SafeText,
    /// A hurried rehearsal: this many times faster than a session; `None` for a real one.
    pub rehearsal: Option<u32>,
    /// The core's view.
    pub session: Snapshot,
    /// The sound's view.
    pub output: OutputView,
}

/// What the host knows of the sound.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputView {
    /// The output's name as the therapist knows it.
    pub name: SafeText,
    /// What the device does.
    pub health: OutputHealth,
    /// Whether it is shown to play: frames advance, the level after the limiter is above -50 dBFS where the plan expects
    /// sound, and the route is the pinned one. Never assumed.
    pub playing: bool,
    /// In words: what is known, or what is wrong and what to do.
    pub state: SafeText,
    /// Level after the limiter, left and right, in dBFS (400 ms).
    pub meter: (Decibels, Decibels),
    /// Measured or computed time from a verb to its sound.
    pub latency: Option<Span>,
    /// Times the device was not served in time.
    pub xruns: u64,
    /// Decoded lead of the piece that sounds.
    pub lead: Span,
    /// Every output by itself.
    #[serde(default)]
    pub each: Vec<OutputPart>,
}

/// One of the outputs that play, or should.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OutputPart {
    /// Its name as the therapist knows it.
    pub name: SafeText,
    /// Its device's id; empty while it was never open.
    pub device: SafeText,
    /// What the device does.
    pub health: OutputHealth,
    /// Its own gain now.
    pub gain: Decibels,
    /// What happens when it is lost, in words.
    pub lost: SafeText,
    /// Time from a verb to its sound here.
    pub latency: Option<Span>,
    /// Times the device was not served in time.
    pub xruns: u64,
}

/// What the output's device is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutputHealth {
    /// Being opened for the first time.
    Opening,
    /// Taking frames.
    Running,
    /// Gone; being retried for ever.
    Lost,
    /// No sound card was found: the session runs silently on the null output, and says so.
    Silent,
}
