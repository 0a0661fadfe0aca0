//! A room of its own for the program: a home, a folder to work in, and music made on the spot.
#![allow(dead_code, reason = "each test uses its part of it")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_undertone");

/// A folder to work in, and a home beside it.
pub struct Room(tempfile::TempDir);

/// What a command answered.
#[derive(Debug)]
pub struct Answer {
    pub code: i32,
    pub out: String,
    pub err: String,
}

impl Room {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.0.path().join("work").join(name)
    }

    pub fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// Runs the program.
    pub fn run(&self, words: &[&str]) -> Answer {
        self.answer(Command::new(PROGRAM).args(words))
    }

    /// Runs a line of a shell, in which `undertone` is the program.
    pub fn shell(&self, line: &str) -> Answer {
        let folder = Path::new(PROGRAM).parent().unwrap().to_str().unwrap();
        let path = format!("{folder}:{}", std::env::var("PATH").unwrap());
        self.answer(Command::new("sh").args(["-c", line]).env("PATH", path))
    }

    fn answer(&self, command: &mut Command) -> Answer {
        fs::create_dir_all(self.path("")).unwrap();
        command.current_dir(self.path("")).stdin(Stdio::null());
        command.env("UNDERTONE_HOME", self.0.path().join("home")).env("XDG_RUNTIME_DIR", self.0.path());
        let output = command.output().unwrap();
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("what is printed is UTF-8");
        Answer { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) }
    }

    /// Runs the program, which must leave with this code and say each of these; nothing it says may act on a terminal.
    pub fn says(&self, words: &[&str], code: i32, says: &[&str]) -> Answer {
        let answer = self.run(words);
        assert_eq!(answer.code, code, "{words:?}: {answer:?}");
        let told = format!("{}{}", answer.out, answer.err);
        for say in says {
            assert!(told.contains(say), "{words:?} does not say {say:?}:\n{told}");
        }
        let acts = |c: char| (c.is_control() && c != '\n') || ('\u{202a}'..='\u{202e}').contains(&c);
        assert!(!told.contains(acts), "{words:?}: {told:?}");
        for dump in ["panicked", "Os {", "Err(", "Error {"] {
            assert!(!told.contains(dump), "{words:?} dumps {dump:?}:\n{told}");
        }
        answer
    }

    /// Makes a piece: a soft tone that swells and fades, as a small WAV file.
    pub fn tone(&self, name: impl AsRef<Path>, seconds: u32, number: u32) {
        let path = self.path(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: RATE,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut file = hound::WavWriter::create(path, spec).unwrap();
        for sample in samples(seconds, number) {
            file.write_sample(sample).unwrap();
        }
        file.finalize().unwrap();
    }

    /// As many files as there are names, all of music, made of six pieces of this many seconds.
    #[cfg(unix)]
    pub fn shelf(&self, names: &[PathBuf], seconds: u32) {
        for number in 0..6 {
            self.tone(format!("pieces-{number}"), seconds, number);
        }
        for (index, name) in names.iter().enumerate() {
            let path = self.path(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::hard_link(self.path(format!("pieces-{}", index % 6)), path).unwrap();
        }
        for number in 0..6 {
            fs::remove_file(self.path(format!("pieces-{number}"))).unwrap();
        }
    }
}

/// Low, so that an hour of music is made and heard in seconds.
pub const RATE: u32 = 8000;

/// The samples of a piece; each number is another pitch, loudness and liveliness.
pub fn samples(seconds: u32, number: u32) -> impl Iterator<Item = i16> {
    let (pitch, level) = (110.0 + 17.0 * f64::from(number % 12), 0.06 + 0.03 * f64::from(number % 7));
    let pace = 0.05 + 0.04 * f64::from(number % 5);
    (0..seconds * RATE).map(move |index| {
        let t = f64::from(index) / f64::from(RATE);
        let left = f64::from(seconds) - t;
        let edge = (t / 3.0).min(left / 3.0).min(1.0);
        let swell = 0.7 + 0.3 * (std::f64::consts::TAU * pace * t).sin();
        ((std::f64::consts::TAU * pitch * t).sin() * level * swell * edge * 32767.0) as i16
    })
}
