//! Rows 29, 47 and 48: files that are none, tags without end, texts that are no playlists.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use super::ms;
use crate::cli::selftest::bench::Bench;
use crate::cli::selftest::checks::{Checks, Done, Trouble};
use crate::cli::selftest::hostile;
use crate::cli::selftest::rig::{Rig, Setup};

/// What a command took, said, and ended with.
struct Answer {
    code: Option<i32>,
    said: String,
    took: Duration,
    /// The most memory it had at once, in kB.
    memory_kb: u64,
}

/// Runs the program to its end, and watches it.
fn run(rig: &Rig, words: &[&str]) -> Result<Answer, Trouble> {
    let out = fs::File::create(rig.home.join("said"))?;
    let mut command = rig.command(&rig.bench.program.display().to_string());
    let since = Instant::now();
    let mut child = command.args(words).stdout(out.try_clone()?).stderr(out).spawn()?;
    let mut memory_kb = 0;
    let status = loop {
        memory_kb = memory_kb.max(most_memory_kb(child.id()));
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if since.elapsed() > ms(30_000) {
            child.kill()?;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    let said = String::from_utf8_lossy(&fs::read(rig.home.join("said"))?).into_owned();
    Ok(Answer { code: status.code(), said, took: since.elapsed(), memory_kb })
}

fn most_memory_kb(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

fn playlist_of(rig: &Rig, file: &str) -> Result<String, Trouble> {
    let path = rig.home.join("list.toml");
    let list =
        format!("format = 1\ntitle = 'T'\nroute = 'im'\n[[phase]]\nkind = 'peak'\n[[phase.track]]\nfile = '{file}'\n");
    fs::write(&path, list)?;
    Ok(path.display().to_string())
}

/// 29: a pipe, a device, a folder, a file that the playlist may not name.
pub(in super::super) fn no_files(bench: &Bench) -> Done {
    let rig = Rig::new(bench, &Setup::default())?;
    let mut checks = Checks::default();
    let place = |name: &str| rig.home.join(name);
    fs::create_dir(place("folder.flac"))?;
    Command::new("mkfifo").arg(place("pipe.flac")).stderr(Stdio::null()).status()?;
    let link = |to: &str, name: &str| std::os::unix::fs::symlink(to, place(name));
    link("/dev/zero", "zero.flac")?;
    link("/etc/passwd", "passwd.flac")?;
    let mut slowest = Duration::ZERO;
    for name in ["folder.flac", "pipe.flac", "zero.flac", "passwd.flac", "../../../../etc/passwd"] {
        let list = playlist_of(&rig, name)?;
        for command in [&["check", &list][..], &["play", "--headless", &list]] {
            let answer = run(&rig, command)?;
            slowest = slowest.max(answer.took);
            let refused =
                answer.code == Some(1) && answer.said.contains("list.toml:7") && !answer.said.contains("root:");
            if !refused {
                checks.holds(&format!("{} refuses {name}: {:?}", command[0], answer.code), false);
            }
        }
    }
    checks.holds("check and play refuse a folder, a pipe, a device, two ways out of the folder", checks.passed());
    checks.within("slowest answer", slowest, ms(2000));
    Ok(checks)
}

/// Makes a file.
type Maker = fn(&Path) -> std::io::Result<()>;

/// 47: tags without end.
pub(in super::super) fn tag_bombs(bench: &Bench) -> Done {
    let rig = Rig::new(bench, &Setup::default())?;
    let mut checks = Checks::default();
    let small = rig.home.join("small.mp3");
    fs::write(&small, "no music")?;
    let usual = run(&rig, &["analyze", &small.display().to_string()])?.memory_kb;
    let bombs: [(&str, Maker); 3] = [
        ("256 MB of ID3", hostile::huge_tag),
        ("a picture of 100 MB", hostile::huge_picture),
        ("a million frames", hostile::many_frames),
    ];
    for (what, make) in bombs {
        let path = rig.home.join("bomb.mp3");
        make(&path)?;
        let answer = run(&rig, &["analyze", &path.display().to_string()])?;
        checks.within(&format!("{what}: refused after"), answer.took, ms(2000));
        checks.at_most("memory above the usual", answer.memory_kb.saturating_sub(usual) as f64 / 1024.0, 32.0, "MB");
        checks.holds("in words", answer.code == Some(1) && answer.said.contains("bomb.mp3"));
    }
    Ok(checks)
}

/// 48: texts that are no playlists.
pub(in super::super) fn toml_bombs(bench: &Bench) -> Done {
    let rig = Rig::new(bench, &Setup::default())?;
    let mut checks = Checks::default();
    let bombs = hostile::toml_bombs();
    let (mut slowest, mut largest) = (Duration::ZERO, 0);
    let count = bombs.len();
    for (name, text) in bombs {
        let path = rig.home.join(format!("{name}.toml"));
        fs::write(&path, text)?;
        let answer = run(&rig, &["check", &path.display().to_string()])?;
        (slowest, largest) = (slowest.max(answer.took), largest.max(answer.said.len()));
        let clear = answer.code == Some(1) && answer.said.contains(name) && !answer.said.contains("panicked");
        if !clear {
            checks.holds(&format!("{name} is refused in words: {:?}", answer.code), false);
        }
    }
    checks.holds(&format!("{count} texts refused in words, none by a crash"), checks.passed());
    checks.within("slowest answer", slowest, ms(5000));
    // A thousand findings are shown, each with its line.
    checks.at_most("longest answer", largest as f64 / 1000.0, 500.0, "kB");
    Ok(checks)
}
