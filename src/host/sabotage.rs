//! Faults on purpose: what a scenario script or the fault matrix breaks, through the same doors by which real faults come.
//!
//! Every failpoint of the program is named here. They are off unless a script's line or, in a real session, the hidden
//! environment variable [`VARIABLE`] asks for one.

use std::path::PathBuf;
use std::time::Duration;

use rodio::{ChannelCount, SampleRate, Source};

use crate::media::{self, Damage, Material, MediaError, Stream};
use crate::units::{ENGINE_RATE_HZ, Ticket, TrackTime};

/// Names the failpoints of a real session, with commas; for `undertone selftest --faults`, never for a client's session.
pub const VARIABLE: &str = "UNDERTONE_SABOTAGE";

/// How a piece is broken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Broken {
    /// Its file is not there.
    Missing,
    /// Its file is there and cannot be decoded.
    Corrupt,
    /// Its decoder panics in the midst of it.
    Panics,
    /// Its decoder yields what is no sound: NaN, infinity, 40 dB too much, a constant.
    Noise,
    /// Its decoder never comes back.
    Hangs,
    /// Its disk gives three times what is needed, and stands still for 3 s every ten.
    Slow,
    /// Its decoder ends the whole process.
    Kills,
}

/// What becomes of the journal's syncs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SyncTrouble {
    /// One fails, as on a disk that dies.
    Fails,
    /// Each takes five seconds.
    Slow,
}

/// What is to be broken, and which piece was prepared last.
#[derive(Default)]
pub(super) struct Sabotage {
    /// Breaks the next piece that is prepared.
    next_piece: Option<Broken>,
    /// Breaks every piece.
    every_piece: Option<Broken>,
    /// What becomes of the journal.
    pub(super) sync: Option<SyncTrouble>,
    /// Where the machine's supplies are listed instead of the system's own place.
    pub(super) supplies: Option<PathBuf>,
    /// The piece prepared last.
    latest: Option<(Ticket, Material)>,
}

impl Sabotage {
    /// What these words ask for; a word that is none is passed over and told in the log.
    pub(super) fn of(words: &str) -> Self {
        let mut asked = Self::default();
        for word in words.split(',').filter(|word| !word.is_empty()) {
            match word {
                "decoder-panics" => asked.next_piece = Some(Broken::Panics),
                "decoder-hangs" => asked.next_piece = Some(Broken::Hangs),
                "decoder-kills" => asked.every_piece = Some(Broken::Kills),
                "slow-disk" => asked.every_piece = Some(Broken::Slow),
                "sync-fails" => asked.sync = Some(SyncTrouble::Fails),
                "sync-slow" => asked.sync = Some(SyncTrouble::Slow),
                _ => match word.strip_prefix("supplies=") {
                    Some(folder) => asked.supplies = Some(folder.into()),
                    None => tracing::warn!(word, "no failpoint of this name"),
                },
            }
        }
        if !words.is_empty() {
            tracing::warn!(words, "this session is broken on purpose");
        }
        asked
    }

    /// Notes that a piece is being prepared; how it shall be broken, if it is to be.
    pub(super) fn prepared(&mut self, ticket: Ticket, material: &Material) -> Option<Broken> {
        self.latest = Some((ticket, material.clone()));
        self.next_piece.take().or(self.every_piece)
    }

    /// Breaks the piece that comes next: the prepared one at once, or else the next to be prepared.
    pub(super) fn break_next(&mut self, broken: Broken, waiting: Option<Ticket>) -> Option<(Ticket, MediaError)> {
        match (&self.latest, waiting) {
            (Some((ticket, material)), Some(expected)) if *ticket == expected => {
                Some((*ticket, broken.error(material)))
            }
            _ => {
                self.break_next_opened(broken);
                None
            }
        }
    }

    /// Breaks the next piece to be prepared, once it plays.
    pub(super) fn break_next_opened(&mut self, broken: Broken) {
        self.next_piece = Some(broken);
    }
}

impl Broken {
    /// Opens a piece that is broken in this way.
    pub(super) fn open(self, material: &Material, from: TrackTime) -> Result<Box<dyn Stream>, MediaError> {
        match self {
            Self::Missing | Self::Corrupt => Err(self.error(material)),
            Self::Kills => std::process::abort(),
            Self::Panics | Self::Noise | Self::Hangs | Self::Slow => {
                Ok(Box::new(Strange { inner: media::open(material, from)?, how: self, given: 0 }))
            }
        }
    }

    fn error(self, material: &Material) -> MediaError {
        let name = match material {
            Material::File(path) => path.file_name().unwrap_or_default().to_string_lossy().as_ref().into(),
            Material::Cut(_) => "cut recording".into(),
            Material::Generator(recipe) => recipe.name().into(),
            Material::Silence => "silence".into(),
        };
        match self {
            Self::Missing => MediaError::Missing { name },
            _ => MediaError::Damaged { name, at: TrackTime::ZERO, how: Damage::Undecodable },
        }
    }
}

/// Samples in a second of sound.
const SECOND: u64 = 2 * ENGINE_RATE_HZ as u64;
/// A broken decoder plays well up to here: five seconds.
const WELL: u64 = 5 * SECOND;
/// A tenth of a second of sound, and how long a slow disk takes for it.
const TENTH: (u64, Duration) = (SECOND / 10, Duration::from_millis(33));
/// A slow disk stands still after so much sound, for so long.
const STALL: (u64, Duration) = (30 * SECOND, Duration::from_secs(3));

/// A stream whose decoder or disk goes wrong.
struct Strange {
    inner: Box<dyn Stream>,
    how: Broken,
    /// Samples so far.
    given: u64,
}

impl Strange {
    fn rest(&self) {
        if self.given.is_multiple_of(STALL.0) {
            std::thread::sleep(STALL.1);
        } else if self.given.is_multiple_of(TENTH.0) {
            std::thread::sleep(TENTH.1);
        }
    }
}

impl Iterator for Strange {
    type Item = f32;

    fn next(&mut self) -> Option<f32> {
        self.given += 1;
        match self.how {
            Broken::Slow => self.rest(),
            _ if self.given <= WELL => {}
            // As a panic, but without its words on a screen that is in use.
            Broken::Panics => std::panic::resume_unwind(Box::new("a decoder that panics on purpose")),
            Broken::Hangs => loop {
                std::thread::park();
            },
            Broken::Noise => {
                self.inner.next()?;
                return Some([f32::NAN, f32::INFINITY, 100.0, -f32::INFINITY, 1.0, 1e30][(self.given % 6) as usize]);
            }
            Broken::Missing | Broken::Corrupt | Broken::Kills => {}
        }
        self.inner.next()
    }
}

impl Source for Strange {
    fn current_span_len(&self) -> Option<usize> {
        None
    }
    fn channels(&self) -> ChannelCount {
        self.inner.channels()
    }
    fn sample_rate(&self) -> SampleRate {
        self.inner.sample_rate()
    }
    fn total_duration(&self) -> Option<Duration> {
        None
    }
}

impl Stream for Strange {
    fn fault(&self) -> Option<&MediaError> {
        self.inner.fault()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(sabotage: &mut Sabotage) -> Option<Broken> {
        sabotage.prepared(Ticket(1), &Material::Silence)
    }

    #[test]
    fn nothing_is_broken_unless_a_word_asks_for_it() {
        assert_eq!(broken(&mut Sabotage::of("")), None);
        let mut once = Sabotage::of("decoder-hangs,sync-slow,no-such-word");
        assert_eq!(once.sync, Some(SyncTrouble::Slow));
        assert_eq!((broken(&mut once), broken(&mut once)), (Some(Broken::Hangs), None));
        let mut always = Sabotage::of("decoder-kills");
        assert_eq!((broken(&mut always), broken(&mut always)), (Some(Broken::Kills), Some(Broken::Kills)));
    }

    #[test]
    fn a_broken_decoder_plays_well_for_five_seconds() {
        let mut noise = Broken::Noise.open(&Material::Silence, TrackTime::ZERO).expect("opens");
        assert!(noise.by_ref().take(usize::try_from(WELL).expect("small")).all(|sample| sample == 0.0));
        assert!(noise.take(6).any(f32::is_nan));
        assert!(Broken::Corrupt.open(&Material::Silence, TrackTime::ZERO).is_err());
    }
}
