//! Rows 33, 34 and 37: processes that are killed, and one that dies again and again.

use std::time::Instant;

use super::{NO_GAP, comes_back_softly, ms};
use crate::cli::selftest::bench::Bench;
use crate::cli::selftest::checks::{Checks, Done, Trouble};
use crate::cli::selftest::desk::Desk;
use crate::cli::selftest::ear::Ear;
use crate::cli::selftest::meter::level;
use crate::cli::selftest::rig::{Rig, Setup, signal};

/// A panel that has begun a session by itself, and so brings it back.
fn with_panel<'b>(bench: &'b Bench, setup: &Setup) -> Result<(Rig<'b>, Desk<'b>, Ear), Trouble> {
    let rig = Rig::new(bench, setup)?;
    let ear = Ear::on(&rig, "room")?;
    let desk = rig.panel(&["play", &bench.playlist().display().to_string(), "--output", "pulseaudio:room"])?;
    Ok((rig, desk, ear))
}

/// 33: the session process is killed the moment after a verb was acknowledged.
pub(in super::super) fn host_killed(bench: &Bench) -> Done {
    let (rig, _desk, ear) = with_panel(bench, &Setup::default())?;
    rig.until_full(&ear)?;
    let (before, clock, at, mut checks) = (ear.steady(), rig.status()?.session.at, Instant::now(), Checks::default());
    rig.verb("duck")?;
    let since = Instant::now();
    signal("KILL", &[rig.host_pid()?])?;
    bench.wait(since, "silence", || ear.level() < -100.0)?;
    let mark = ear.now();
    let answers = bench.wait(since, "it answers again", || rig.status_now().is_some())?;
    checks.within("answers again after", answers, ms(2000));
    let sounds = bench.wait(since, "it sounds again", || ear.level() > -75.0)?;
    checks.within("sounds again after", sounds, ms(5000));
    let status = rig.status()?;
    checks.holds("the acknowledged verb is not lost", status.session.ducked);
    let off = (status.session.at - clock).secs_f64() - at.elapsed().as_secs_f64();
    checks.at_most("the session clock is off by", off.abs() * 1000.0, 300.0, "ms");
    bench.rest(ms(7000))?;
    comes_back_softly(&mut checks, &ear.since(mark), before - 11.0);
    Ok(checks)
}

/// 34: the panel is killed.
pub(in super::super) fn panel_killed(bench: &Bench) -> Done {
    let (rig, mut desk, ear) = with_panel(bench, &Setup::default())?;
    rig.until_full(&ear)?;
    let (xruns, mark, mut checks) = (rig.status()?.output.xruns, ear.now(), Checks::default());
    signal("KILL", &[desk.pty.child().id()])?;
    bench.wait(Instant::now(), "the panel is gone", || desk.has_ended())?;
    let since = Instant::now();
    let mut another = rig.panel(&[])?;
    another.until(0, "Tones")?;
    checks.within("another panel shows the session after", since.elapsed(), ms(2000));
    bench.rest(ms(2000))?;
    checks.within("longest gap", ear.longest_hole(mark), NO_GAP);
    checks.is(
        "times the device was served late",
        usize::try_from(rig.status()?.output.xruns - xruns).unwrap_or(usize::MAX),
        0,
    );
    another.press(&["q", "q"])?;
    bench.wait(Instant::now(), "the other panel is left", || another.has_ended())?;
    let modes = another.pty.modes()?;
    checks.holds("and gives its terminal back", modes.contains("ICANON") && modes.contains("ECHO"));
    Ok(checks)
}

/// 37: every decoder kills the session process.
pub(in super::super) fn crash_loop(bench: &Bench) -> Done {
    let since = Instant::now();
    let (rig, _desk, ear) = with_panel(bench, &Setup { sabotage: "decoder-kills", ..Setup::default() })?;
    let mut checks = Checks::default();
    bench.wait(since, "the safe bed", || ear.level() > -50.0)?;
    checks.within("the safe bed is heard after", since.elapsed(), ms(20_000));
    rig.until(since, "safe mode is told", |status| status.output.state.as_str().contains("safe mode"))?;
    let (host, mark) = (rig.host_pid()?, ear.now());
    bench.rest(ms(5000))?;
    checks.holds("the same process lives on", rig.host_pid()? == host);
    checks.within("longest gap in 5 s", ear.longest_hole(mark), NO_GAP);
    checks.at_most("its level", f64::from(level(&ear.since(mark))), -30.0, "dBFS");
    checks.note(format!("it says: {}", rig.status()?.output.state));
    Ok(checks)
}
