//! Reports from outside: a session played in virtual time, then told in every form; and old sessions purged by their age.
#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says so")]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

const PLAYLIST: &str = "format = 1\ntitle = '<b>Low</b> tide'\nroute = 'custom'\n\
    [[phase]]\nkind = 'preparation'\nplanned = '1m'\ncrossfade = '4s'\n\
    [[phase.track]]\ngenerator = 'drone'\nminutes = 4\ntitle = '=1+1'\n\
    [[phase]]\nkind = 'peak'\nplanned = '2m'\ncrossfade = '4s'\n\
    [[phase.track]]\ngenerator = 'rain'\nminutes = 6\nartist = 'The sky'\n";

const SCRIPT: &str =
    "0:00 start\n0:30 dose\n0:50 mark vitals\n1:00 fault device-lost 8s\n1:20 mute\n1:40 resume\n2:10 end\n";

/// A home with one session of each of these codes.
struct Home(tempfile::TempDir);

impl Home {
    fn with(codes: &[&str]) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        fs::write(home.path("list.toml"), PLAYLIST).unwrap();
        fs::write(home.path("session.script"), SCRIPT).unwrap();
        home.run(&["sessions"]);
        for code in codes {
            let journal = home.journal(code);
            let played = home.run(&[
                "simulate",
                "list.toml",
                "--script",
                "session.script",
                "--journal",
                journal.to_str().unwrap(),
                "--audio",
                "session.wav",
            ]);
            assert!(played.status.success(), "{played:?}");
        }
        home
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn journal(&self, code: &str) -> PathBuf {
        self.path("home/state/sessions").join(code).with_extension("jsonl")
    }

    fn run(&self, words: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_undertone"));
        command.args(words).current_dir(self.0.path());
        command.env("UNDERTONE_HOME", self.path("home")).env("XDG_RUNTIME_DIR", self.0.path());
        command.output().unwrap()
    }

    fn says(&self, words: &[&str]) -> String {
        let told = self.run(words);
        assert!(told.status.success(), "{words:?}: {told:?}");
        String::from_utf8(told.stdout).unwrap()
    }
}

#[test]
fn a_session_is_told_as_text_json_sheet_page_and_list() {
    let home = Home::with(&["AAAAAA"]);
    let report = |words: &[&str]| home.says(&[&["sessions", "report", "aaaaaa"], words].concat());
    let text = report(&[]);
    for told in ["Lasted 2:", "ended by hand", "mark vitals", "mute (script)", "8s at the longest", "Loudest peak: -"] {
        assert!(text.contains(told), "{told} is not in:\n{text}");
    }
    let json: serde_json::Value = serde_json::from_str(&report(&["--format", "json"])).unwrap();
    let peak = json["loudest_peak_dbtp"].as_f64().unwrap();
    assert!((-40.0..=-2.9).contains(&peak), "{peak} dBTP was played under a ceiling of -3");
    assert_eq!((json["dose_s"].as_f64(), json["planned"].as_array().unwrap().len()), (Some(30.0), 2));
    assert_eq!(json["silences"][0]["from_s"].as_f64(), Some(60.0));
    assert!(report(&["--format", "csv"]).contains(",\"'=1+1\"\r\n"));
    assert_eq!(report(&["--tracks"]), "<b>Low</b> tide\n\n 1. =1+1\n 2. Rain - The sky\n");
    assert_eq!(report(&["-o", "report.html"]), "");
    let page = fs::read_to_string(home.path("report.html")).unwrap();
    assert!(page.contains("<svg") && page.contains("&lt;b&gt;Low&lt;/b&gt; tide") && !page.contains("AAAAAA"));
    let nowhere = home.run(&["sessions", "report", "AAAAAA", "-o", "no/such/folder/report.html"]);
    assert_eq!(nowhere.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&nowhere.stderr).contains("another place"), "{nowhere:?}");
}

#[test]
fn old_sessions_are_purged_by_age_and_young_ones_stay() {
    let home = Home::with(&["AAAAAA", "BBBBBB"]);
    let old = std::time::SystemTime::now() - std::time::Duration::from_hours(91 * 24);
    fs::File::options().append(true).open(home.journal("AAAAAA")).unwrap().set_modified(old).unwrap();
    assert_eq!(home.says(&["sessions", "purge", "--older-than", "92d"]), "0 deleted\n");
    assert_eq!(home.says(&["sessions", "purge", "--older-than", "90d"]), "1 deleted\n");
    assert!(!home.journal("AAAAAA").exists() && home.journal("BBBBBB").exists());
    for wrong in [&["--older-than", "soon"][..], &["--older-than", "1d", "--all"], &[]] {
        assert_eq!(home.run(&[&["sessions", "purge"], wrong].concat()).status.code(), Some(2), "{wrong:?}");
    }
    assert!(home.journal("BBBBBB").exists());
}
