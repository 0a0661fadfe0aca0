//! The bench: a folder of its own, the music of the test, and what is asked of this machine.

use std::fs::{self, DirBuilder};
use std::io;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::Relaxed};
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::checks::Trouble;
use crate::cli::failure::Failure;
use crate::platform::{self, Signal};

/// How long anything may take that has no limit of its own; generous, for busy machines.
pub(super) const LONG: Duration = Duration::from_secs(40);
/// Programs of the sound server that a test needs, in the package of their names.
const TOOLS: [&str; 4] = ["pulseaudio", "pactl", "parec", "paplay"];
/// Two tones that no crossfade can hide from each other: 6 minutes of 400 and of 500 Hz.
const TONES: [(&str, u32); 2] = [("tone.wav", 400), ("other.wav", 500)];
const TONE_SECS: u32 = 360;
const TONE_RATE: u32 = 8_000;
/// The title of that session.
pub(super) const TONES_TITLE: &str = "Tones";
/// The session that the faults meet: a tone, another one, and a sound that needs no file.
const PLAYLIST: &str = r#"format = 1
title = "Tones"
route = "custom"

[sound]
crossfade = "4s"

[[phase]]
kind = "preparation"
planned = "2m"
[[phase.track]]
file = "tone.wav"

[[phase]]
kind = "peak"
planned = "3m"
[[phase.track]]
file = "other.wav"

[[phase]]
kind = "return"
planned = "3m"
[[phase.track]]
generator = "rain"
minutes = 6
"#;

/// Everything rows share. Dropped, it leaves nothing behind.
pub(super) struct Bench {
    dir: PathBuf,
    /// The program that is tested: this one.
    pub(super) program: PathBuf,
    stopped: Arc<AtomicBool>,
    rigs: AtomicUsize,
}

impl Bench {
    /// Makes the folder and the music.
    ///
    /// # Errors
    /// When the tools are missing or the disk refuses.
    pub(super) fn set_up() -> Result<Self, Failure> {
        let missing: Vec<&str> = TOOLS.into_iter().filter(|tool| !is_installed(tool)).collect();
        if !missing.is_empty() {
            return Err(Failure::could_not(format!(
                "the fault matrix runs on a sound server of its own, without a sound in the room; it needs {} (Debian, \
                 Ubuntu: apt install pulseaudio pulseaudio-utils). Nothing was started",
                missing.join(", ")
            )));
        }
        let failed = |error: io::Error| Failure::could_not(format!("the test's folder cannot be made: {error}"));
        Self::make().map_err(failed)
    }

    fn make() -> io::Result<Self> {
        let dir = std::env::temp_dir().join(format!("undertone-selftest-{}", std::process::id()));
        let stopped = Arc::new(AtomicBool::new(false));
        let stop = Arc::clone(&stopped);
        platform::watch(&[Signal::Interrupt, Signal::Terminate, Signal::Hangup], move |_| stop.store(true, Relaxed))?;
        let bench = Self { dir, program: std::env::current_exe()?, stopped, rigs: AtomicUsize::new(0) };
        for folder in ["", "music", "cache"] {
            private(&bench.dir.join(folder))?;
        }
        for (name, hz) in TONES {
            fs::write(bench.music(name), tone(hz, TONE_SECS))?;
        }
        fs::write(bench.playlist(), PLAYLIST)?;
        Ok(bench)
    }

    /// The folder that holds everything of this test.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    /// A file of the test's music.
    pub(super) fn music(&self, name: &str) -> PathBuf {
        self.dir.join("music").join(name)
    }

    /// The playlist that most rows play.
    pub(super) fn playlist(&self) -> PathBuf {
        self.music("tones.toml")
    }

    /// A new home for the program; what was measured of the music is known there.
    pub(super) fn home(&self) -> Result<PathBuf, Trouble> {
        let home = self.dir.join(format!("{:03}", self.rigs.fetch_add(1, Relaxed)));
        private(&home)?;
        std::os::unix::fs::symlink(self.dir.join("cache"), home.join("cache"))?;
        Ok(home)
    }

    /// Whether somebody wants the test to end.
    pub(super) fn is_stopped(&self) -> bool {
        self.stopped.load(Relaxed)
    }

    /// Waits until it is so; how long that took since `since`.
    pub(super) fn wait(&self, since: Instant, what: &str, is_so: impl FnMut() -> bool) -> Result<Duration, Trouble> {
        self.wait_long(since, what, LONG, is_so)
    }

    /// The same for what may take longer.
    pub(super) fn wait_long(
        &self,
        since: Instant,
        what: &str,
        longest: Duration,
        mut is_so: impl FnMut() -> bool,
    ) -> Result<Duration, Trouble> {
        let began = Instant::now();
        while !is_so() {
            self.rest(Duration::from_millis(5))?;
            if began.elapsed() > longest {
                return Err(Trouble::failed(format!("waited {} s in vain for: {what}", longest.as_secs())));
            }
        }
        Ok(since.elapsed())
    }

    /// Lets time pass.
    pub(super) fn rest(&self, time: Duration) -> Result<(), Trouble> {
        let until = Instant::now() + time;
        while let Some(left) = until.checked_duration_since(Instant::now()).filter(|left| !left.is_zero()) {
            if self.is_stopped() {
                return Err(Trouble::failed("stopped"));
            }
            sleep(left.min(Duration::from_millis(100)));
        }
        Ok(())
    }
}

impl Drop for Bench {
    fn drop(&mut self) {
        // What cannot be removed lies in the system's folder for such things.
        let _ = fs::remove_dir_all(&self.dir);
    }
}

/// Whether a program is there.
pub(super) fn is_installed(program: &str) -> bool {
    let asked = Command::new(program).arg("--version").stdin(Stdio::null()).output();
    asked.is_ok_and(|answer| answer.status.success())
}

/// Makes a folder for this user only.
fn private(folder: &Path) -> io::Result<()> {
    DirBuilder::new().mode(0o700).create(folder)
}

/// A tone as a WAV file, mono, 16 bits.
pub(super) fn tone(hz: u32, secs: u32) -> Vec<u8> {
    let samples = secs * TONE_RATE;
    let sample = |number: u32| {
        let angle = f64::from(number % TONE_RATE) * f64::from(hz) / f64::from(TONE_RATE) * std::f64::consts::TAU;
        (6000.0 * angle.sin()) as i16
    };
    let words = |numbers: &[u32]| numbers.iter().flat_map(|number| number.to_le_bytes()).collect::<Vec<u8>>();
    let mut wav = b"RIFF".to_vec();
    wav.extend(words(&[36 + 2 * samples]));
    wav.extend_from_slice(b"WAVEfmt ");
    // 16 bytes follow; PCM, one channel; rate, bytes a second; 2 bytes a frame, 16 bits.
    wav.extend(words(&[16, 1 | 1 << 16, TONE_RATE, 2 * TONE_RATE, 2 | 16 << 16]));
    wav.extend_from_slice(b"data");
    wav.extend(words(&[2 * samples]));
    wav.extend((0..samples).flat_map(|number| sample(number).to_le_bytes()));
    wav
}
