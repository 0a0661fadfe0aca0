//! The PIN that leaves a kiosk: an Argon2id hash in one file, and a count of wrong tries that outlives the program.
//!
//! Six digits can be guessed by whoever holds the file; the PIN keeps out accidents and visitors, not the machine's owner.
//! Who forgot it deletes the file as this user: nothing else depends on it.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use argon2::{Argon2, PasswordHasher as _, PasswordVerifier as _};

use super::{Boottime, NotHere, boot_id};
use crate::units::Span;

/// The least number of digits.
pub const SHORTEST: usize = 6;
/// The most: longer ones are no better against accidents.
pub const LONGEST: usize = 12;
/// Wrong tries before the first wait.
const FREE: u32 = 5;
/// The first wait; each further wrong try doubles it.
const WAIT: Span = Span::from_secs(30);
/// No wait is longer.
const LONGEST_WAIT: Span = Span::from_mins(15);

/// What became of a try.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is the PIN.
    Right,
    /// It is not; so many tries are left before a wait.
    Wrong {
        /// Of the five.
        left: u32,
    },
    /// Not looked at: too many were wrong.
    Wait {
        /// How much longer.
        left: Span,
    },
    /// There is no PIN, or its file cannot be used.
    Missing,
}

/// Where the PIN and its wrong tries are kept.
#[derive(Clone, Debug)]
pub struct Pin {
    hash: PathBuf,
    tries: PathBuf,
}

/// Wrong tries in a row, and until when none is looked at: on the clock since the machine's start.
#[derive(Clone, Debug, Default, PartialEq)]
struct Tries {
    wrong: u32,
    boot: String,
    until: Span,
}

impl Pin {
    /// The PIN in these folders.
    #[must_use]
    pub fn in_folders(settings: &Path, state: &Path) -> Self {
        Self { hash: settings.join("pin"), tries: state.join("pin-tries") }
    }

    /// Whether one has been set.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.hash.is_file()
    }

    /// The file that an administrator deletes when the PIN is forgotten.
    #[must_use]
    pub fn file(&self) -> &Path {
        &self.hash
    }

    /// Sets or replaces it.
    ///
    /// # Errors
    /// [`NotHere`] when it is not 6 to 12 digits, or cannot be kept.
    pub fn set(&self, pin: &str) -> Result<(), NotHere> {
        let fits = (SHORTEST..=LONGEST).contains(&pin.len()) && pin.bytes().all(|byte| byte.is_ascii_digit());
        if !fits {
            return Err(NotHere::because("a PIN has 6 to 12 digits and nothing else; choose another"));
        }
        // The crate's own choice: Argon2id, 19 MiB, two passes, one lane.
        let hash = Argon2::default()
            .hash_password(pin.as_bytes())
            .map_err(|error| NotHere::because(&format!("the PIN cannot be kept: {error}")))?;
        let kept = write_aside(&self.hash, &hash.to_string()).and_then(|()| self.forget_tries());
        kept.map_err(|error| NotHere::because(&format!("the PIN cannot be kept: {error}; is the disk full?")))
    }

    /// Tries one. Takes about 20 ms, on purpose: never on a thread that somebody waits for.
    #[must_use]
    pub fn verify(&self, pin: &str) -> Verdict {
        let Ok(hash) = fs::read_to_string(&self.hash) else { return Verdict::Missing };
        let now = Boottime::now();
        let boot = boot_id().unwrap_or_default();
        let tries = self.tries(&boot, now);
        if tries.until > now {
            return Verdict::Wait { left: tries.until - now };
        }
        // Counted before it is looked at: killing the program in between gains nothing.
        let wrong = tries.wrong.saturating_add(1);
        let until = if wrong >= FREE { now + wait(wrong) } else { Span::ZERO };
        if self.count(&Tries { wrong, boot, until }).is_err() {
            return Verdict::Missing;
        }
        match Argon2::default().verify_password(pin.as_bytes(), hash.trim()) {
            Ok(()) => {
                // A count that stays behind only makes the next wrong try dearer.
                let _ = self.forget_tries();
                Verdict::Right
            }
            Err(_) if wrong >= FREE => Verdict::Wait { left: wait(wrong) },
            Err(_) => Verdict::Wrong { left: FREE - wrong },
        }
    }

    /// The count as it stands. After a restart of the machine a wait that was under way begins again.
    fn tries(&self, boot: &str, now: Span) -> Tries {
        let text = fs::read_to_string(&self.tries).unwrap_or_default();
        let mut words = text.split_whitespace();
        let wrong = words.next().and_then(|word| word.parse().ok()).unwrap_or(0);
        let until = words.next().and_then(|word| word.parse().ok()).map_or(Span::ZERO, Span::from_millis);
        let same_boot = words.next().unwrap_or_default() == boot;
        let until = match same_boot || until == Span::ZERO {
            true => until,
            false => now + wait(wrong),
        };
        let tries = Tries { wrong, boot: boot.to_owned(), until };
        if !same_boot {
            // If this fails the wait begins anew at the next try, which is the safe side.
            let _ = self.count(&tries);
        }
        tries
    }

    fn count(&self, tries: &Tries) -> io::Result<()> {
        write_aside(&self.tries, &format!("{} {} {}\n", tries.wrong, tries.until.millis(), tries.boot))
    }

    fn forget_tries(&self) -> io::Result<()> {
        match fs::remove_file(&self.tries) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

/// The wait after so many wrong tries in a row.
fn wait(wrong: u32) -> Span {
    let doubled = wrong.saturating_sub(FREE).min(10);
    Span::from_millis(WAIT.millis() << doubled).min(LONGEST_WAIT)
}

/// Writes a file beside its place, for this user only, and moves it there.
fn write_aside(path: &Path, text: &str) -> io::Result<()> {
    let aside = path.with_extension("new");
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&aside)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&aside, path)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin() -> (tempfile::TempDir, Pin) {
        let folder = tempfile::tempdir().expect("a folder");
        let pin = Pin::in_folders(folder.path(), folder.path());
        (folder, pin)
    }

    #[test]
    fn only_the_pin_itself_is_right_and_its_file_does_not_tell_it() {
        let (_folder, pin) = pin();
        assert_eq!((pin.is_set(), pin.verify("123456")), (false, Verdict::Missing));
        pin.set("271828").expect("set");
        assert_eq!(pin.verify("271827"), Verdict::Wrong { left: 4 });
        assert_eq!(pin.verify(""), Verdict::Wrong { left: 3 });
        assert_eq!(pin.verify("271828"), Verdict::Right);
        assert_eq!(pin.verify("2718281"), Verdict::Wrong { left: 4 }, "a right one forgets the wrong ones");
        let kept = fs::read_to_string(pin.file()).expect("a file");
        assert!(kept.starts_with("$argon2id$v=19$m=19456,t=2,p=1$") && !kept.contains("271828"), "{kept}");
    }

    #[test]
    fn what_is_no_pin_is_refused() {
        let (_folder, pin) = pin();
        for wrong in ["", "12345", "1234567890123", "12a456", "１２３４５６"] {
            assert!(pin.set(wrong).is_err(), "{wrong}");
        }
        assert!(!pin.is_set());
    }

    #[test]
    fn five_wrong_tries_make_even_the_right_one_wait_also_after_a_restart() {
        let (_folder, pin) = pin();
        pin.set("271828").expect("set");
        let verdicts: Vec<Verdict> = (0..5).map(|_| pin.verify("000000")).collect();
        assert_eq!(verdicts[3], Verdict::Wrong { left: 1 });
        assert_eq!(verdicts[4], Verdict::Wait { left: WAIT });
        let waits = |verdict: Verdict| matches!(verdict, Verdict::Wait { left } if left > Span::from_secs(25));
        assert!(waits(pin.verify("271828")));
        let other_boot = "5 1 another-boot\n";
        fs::write(&pin.tries, other_boot).expect("written");
        assert!(waits(pin.verify("271828")), "switching the machine off and on does not shorten it");
        assert!(waits(pin.verify("271828")));
    }

    #[test]
    fn each_further_wrong_try_doubles_the_wait_up_to_a_quarter_of_an_hour() {
        let waits: Vec<i64> = [5, 6, 7, 9, 10, 11, 4_000_000_000].map(|wrong| wait(wrong).millis() / 1000).to_vec();
        assert_eq!(waits, [30, 60, 120, 480, 900, 900, 900]);
    }

    #[cfg(unix)]
    #[test]
    fn only_this_user_may_read_it() {
        use std::os::unix::fs::PermissionsExt as _;
        let (_folder, pin) = pin();
        pin.set("271828").expect("set");
        let mode = fs::metadata(pin.file()).expect("a file").permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
