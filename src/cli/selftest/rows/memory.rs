//! Row 52: memory runs out, in a control group of its own.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::process::ExitStatusExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::{NO_GAP, ms};
use crate::cli::selftest::bench::Bench;
use crate::cli::selftest::checks::{Checks, Done, Trouble};
use crate::cli::selftest::rig::{Rig, Setup};

/// What all processes of the group may have together, in bytes: some five times what a session process needs.
const LIMIT: u64 = 512 << 20;
/// Where a group can be made, and what tells it its limit and keeps it out of the swap: version 2 of control groups, and 1.
const PARENTS: [[&str; 3]; 2] = [
    ["/sys/fs/cgroup", "memory.max", "memory.swap.max"],
    ["/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.swappiness"],
];
/// Joins the group whose list of processes comes first, and becomes the program that follows.
const JOIN: &str = "echo $$ > \"$0\" && exec \"$@\"";

/// 52: another program of the group takes all memory there is, again and again.
pub(in super::super) fn runs_out(bench: &Bench) -> Done {
    // Outlives everything that runs in it.
    let group = Group::make()?;
    let list = group.0.join("cgroup.procs").display().to_string();
    let (rig, ear) = Rig::playing(bench, &Setup { by: &["sh", "-c", JOIN, &list], ..Setup::default() })?;
    let (host, mark, mut checks) = (rig.host_pid()?, ear.now(), Checks::default());
    checks.holds("the session is where memory runs out", group.holds(host)?);
    let mut ended = 0;
    for _ in 0..3 {
        // It keeps the last line of its input, and there is no end to this one.
        let mut greedy = Command::new("sh");
        greedy.args(["-c", JOIN, &list, "tail", "/dev/zero"]).stdin(Stdio::null()).stdout(Stdio::null());
        let mut greedy = greedy.stderr(Stdio::null()).spawn()?;
        let waited = bench.wait(Instant::now(), "memory runs out", || !matches!(greedy.try_wait(), Ok(None)));
        // Ended already, unless the test is.
        let _ = greedy.kill();
        ended += usize::from(greedy.wait()?.signal() == Some(9));
        waited?;
        bench.rest(ms(1000))?;
    }
    checks.is("times the system ended the greedy program", ended, 3);
    checks.holds("the same session process lives on", rig.host_pid().is_ok_and(|pid| pid == host));
    checks.within("longest gap", ear.longest_hole(mark), NO_GAP);
    checks.holds("the session says that it plays", rig.status()?.output.playing);
    Ok(checks)
}

/// A control group with little memory; gone with its last process.
struct Group(PathBuf);

impl Group {
    fn make() -> Result<Self, Trouble> {
        if in_kb("MemAvailable") * 1024 < 2 * LIMIT {
            return Err(Trouble::NotHere(
                "needs a gigabyte of free memory, so that no other program is the one to go".into(),
            ));
        }
        let name = format!("undertone-selftest-{}", std::process::id());
        for [parent, limit, swap] in PARENTS {
            let group = Self(Path::new(parent).join(&name));
            // A folder that is no group of this version has no such files.
            let set = |file: &str, value: u64| {
                let file = OpenOptions::new().write(true).open(group.0.join(file));
                file.and_then(|mut file| file.write_all(value.to_string().as_bytes())).is_ok()
            };
            let made = fs::create_dir(&group.0).is_ok() || group.0.is_dir();
            if made && set(limit, LIMIT) && (set(swap, 0) || in_kb("SwapTotal") == 0) {
                return Ok(group);
            }
        }
        Err(Trouble::NotHere(
            "needs a memory cgroup, which root may make; the kiosk's service lowers its OOM score".into(),
        ))
    }

    fn holds(&self, process: u32) -> Result<bool, Trouble> {
        let processes = fs::read_to_string(self.0.join("cgroup.procs"))?;
        Ok(processes.lines().any(|line| line == process.to_string()))
    }
}

/// What the system tells of its memory under this name, in kB; nothing if it does not.
fn in_kb(name: &str) -> u64 {
    let told = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let line = told.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

impl Drop for Group {
    fn drop(&mut self) {
        // One that has just ended may be counted for a moment yet.
        for _ in 0..100 {
            if fs::remove_dir(&self.0).is_ok() || !self.0.exists() {
                break;
            }
            std::thread::sleep(ms(10));
        }
    }
}
