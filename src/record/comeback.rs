//! Whether a session that broke off goes on, and where: by itself, when the therapist says so, or not at all.

use std::path::Path;

use super::RecordError;
use super::alive::Beat;
use super::manifest::{BootMark, Manifest};
use super::past::journal_path;
use super::story::{Story, read};
use super::wall::WallTime;
use crate::session::Event;
use crate::units::{SessionTime, Span};

/// As long as nobody can have left the room, it goes on by itself.
const A_MOMENT: Span = Span::from_secs(120);
/// A session that broke off longer ago is over: the client has gone home.
const STILL_TODAY: Span = Span::from_mins(15);

/// What becomes of a session that broke off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comeback {
    /// Its host died a moment ago, on a machine that has run since: it goes on here, softly.
    ByItself(SessionTime),
    /// The therapist decides.
    Ask {
        /// Where it broke off.
        was: SessionTime,
        /// Where it would go on.
        now: SessionTime,
    },
    /// It has ended, was never begun, or is too long ago.
    Never,
}

/// A session without its end, as its files tell it.
#[derive(Clone, Debug, PartialEq)]
pub struct BrokenOff {
    /// How it was begun.
    pub manifest: Manifest,
    /// Its journal.
    pub story: Story,
    /// The last sign of life of its host.
    pub beat: Option<Beat>,
}

impl BrokenOff {
    /// Reads the files of this code.
    ///
    /// # Errors
    /// [`RecordError::Read`] or [`RecordError::NotAManifest`].
    pub fn read(folder: &Path, code: &str) -> Result<Self, RecordError> {
        let manifest = Manifest::read(folder, code)?;
        let story = read(&journal_path(folder, code))?;
        Ok(Self { manifest, story, beat: Beat::last(folder, code) })
    }

    /// The last instant at which it is known to have lived.
    #[must_use]
    pub fn was(&self) -> SessionTime {
        self.story.until().max(self.beat.map_or(SessionTime::ZERO, |beat| beat.t))
    }

    /// Where it goes on: at the session clock, which nothing stops. See [`Manifest::place`].
    #[must_use]
    pub fn place(&self, boot: Option<&BootMark>, wall: WallTime) -> SessionTime {
        self.manifest.place(self.was(), boot, wall)
    }

    /// Whether its start was taken down; a host that dies before that has left nothing to go on with.
    #[must_use]
    pub fn is_begun(&self) -> bool {
        self.story.records.iter().any(|record| matches!(record.event, Event::Started { .. }))
    }

    /// What becomes of it, given both clocks now. A session that was muted or silenced comes back as silent as it was.
    #[must_use]
    pub fn comeback(&self, boot: Option<&BootMark>, wall: WallTime) -> Comeback {
        let elapsed = self.manifest.elapsed(boot, wall);
        let gap = match (self.beat, boot, self.manifest.options.speed) {
            // A rehearsal's hurried clock tells nothing of real time; the beat does.
            (Some(beat), Some(boot), Some(_)) if !elapsed.restarted => boot.at - beat.at,
            _ => elapsed.now - self.was(),
        };
        match gap.or_zero() {
            _ if self.story.ended() || !self.is_begun() => Comeback::Never,
            gap if gap <= A_MOMENT && !elapsed.restarted => Comeback::ByItself(self.place(boot, wall)),
            gap if gap <= STILL_TODAY => Comeback::Ask { was: self.was(), now: self.place(boot, wall) },
            _ => Comeback::Never,
        }
    }
}
