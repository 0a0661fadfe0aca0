//! Rows 6 to 9: a sink or a server that stands still, dies, and does not come back.

use std::time::{Duration, Instant};

use super::{ms, returns};
use crate::cli::selftest::bench::Bench;
use crate::cli::selftest::checks::{Checks, Done, Trouble};
use crate::cli::selftest::ear::Ear;
use crate::cli::selftest::rig::{Rig, Setup, signal};

/// What the server and the recording still had in their buffers when they stood still has come out after this.
const LEFT_OVER: Duration = Duration::from_millis(250);

/// 6: the sink is suspended for five seconds.
pub(in super::super) fn suspended(bench: &Bench) -> Done {
    let (rig, ear) = Rig::playing(bench, &Setup::default())?;
    let (before, mut checks) = (ear.steady(), Checks::default());
    let since = Instant::now();
    rig.pactl(&["suspend-sink", "room", "1"])?;
    checks.within("seen after", rig.until(since, "the stall", |status| !status.output.playing)?, ms(1000));
    bench.rest(ms(5000).saturating_sub(since.elapsed()))?;
    let since = Instant::now();
    rig.pactl(&["suspend-sink", "room", "0"])?;
    bench.rest(LEFT_OVER)?;
    let mark = ear.now();
    returns(&mut checks, &ear, bench, (since, mark), ms(2000), before)?;
    Ok(checks)
}

/// 7: the server stands still for five seconds.
pub(in super::super) fn frozen(bench: &Bench) -> Done {
    let (rig, ear) = Rig::playing(bench, &Setup::default())?;
    let (before, mut checks) = (ear.steady(), Checks::default());
    let frozen = Instant::now();
    signal("STOP", &[rig.server.pid()])?;
    let mut slowest = Duration::ZERO;
    let mut seen = None;
    while frozen.elapsed() < ms(5000) {
        let asked = Instant::now();
        let playing = rig.status()?.output.playing;
        slowest = slowest.max(asked.elapsed());
        seen = seen.or((!playing).then(|| frozen.elapsed()));
        bench.rest(ms(30))?;
    }
    checks.within("seen after", seen.unwrap_or(Duration::MAX), ms(1000));
    checks.within("slowest answer to the panel", slowest, ms(100));
    let since = Instant::now();
    signal("CONT", &[rig.server.pid()])?;
    bench.rest(LEFT_OVER)?;
    let mark = ear.now();
    returns(&mut checks, &ear, bench, (since, mark), ms(2000), before)?;
    Ok(checks)
}

/// 8: the server dies and comes back.
pub(in super::super) fn killed(bench: &Bench) -> Done {
    let (mut rig, ear) = Rig::playing(bench, &Setup::default())?;
    let (before, mut checks) = (ear.steady(), Checks::default());
    let told = lines(&rig)?;
    let since = Instant::now();
    rig.server.kill();
    checks.within("seen after", rig.until(since, "the loss", |status| !status.output.playing)?, ms(1000));
    bench.rest(ms(4000))?;
    let rate = (lines(&rig)? - told) as f64 / since.elapsed().as_secs_f64();
    checks.at_most("lines in the log", rate, 1.0, "per s");
    rig.server.restart()?;
    rig.until_the_server_answers()?;
    let since = Instant::now();
    let ear = Ear::on(&rig, "room")?;
    returns(&mut checks, &ear, bench, (since, 0), ms(2000), before)?;
    Ok(checks)
}

fn lines(rig: &Rig) -> Result<usize, Trouble> {
    Ok(std::fs::read_to_string(rig.log())?.lines().count())
}

/// 9: the server never comes back.
pub(in super::super) fn never_back(bench: &Bench) -> Done {
    let (mut rig, _ear) = Rig::playing(bench, &Setup::default())?;
    let mut checks = Checks::default();
    let host = rig.host_pid()?;
    let since = Instant::now();
    rig.server.kill();
    rig.until(since, "the loss", |status| !status.output.playing)?;
    bench.rest(ms(1000))?;
    let (cpu, at, clock) = (cpu_ticks(host)?, Instant::now(), rig.status()?.session.at);
    bench.rest(ms(8000))?;
    // The system's ticks are hundredths of a second.
    let share = (cpu_ticks(host)? - cpu) as f64 / at.elapsed().as_secs_f64();
    checks.at_most("CPU while it is tried again and again", share, 5.0, "%");
    let status = rig.status()?;
    let off = (status.session.at - clock).secs_f64() - at.elapsed().as_secs_f64();
    checks.at_most("the session clock is off by", off.abs() * 1000.0, 300.0, "ms");
    checks.holds("it says what to do", status.output.state.as_str().contains("backup player"));
    checks.note(format!("it says: {}", status.output.state));
    Ok(checks)
}

/// What a process and its ended children have used.
pub(super) fn cpu_ticks(pid: u32) -> Result<u64, Trouble> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let after_name = stat.rsplit_once(')').map_or("", |(_, rest)| rest);
    // Fields 14 to 17 of the line: user and system time, its own and its children's.
    Ok(after_name.split_whitespace().skip(11).take(4).filter_map(|ticks| ticks.parse::<u64>().ok()).sum())
}
