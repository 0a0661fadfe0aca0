//! Rows 10 to 12 and 43: signals, a stopped process, a window that changes and closes.

use std::time::Instant;

use super::{NO_GAP, ms, returns};
use crate::cli::selftest::bench::Bench;
use crate::cli::selftest::checks::{Checks, Done, Trouble};
use crate::cli::selftest::rig::{FULL, Rig, Setup, signal};
use crate::session::Transport;

/// 10: a hundred signals to every thread of the session process.
pub(in super::super) fn to_every_thread(bench: &Bench) -> Done {
    let (rig, ear) = Rig::playing(bench, &Setup::default())?;
    let (mark, mut checks) = (ear.now(), Checks::default());
    let host = rig.host_pid()?;
    let mut sent = 0;
    for _ in 0..100 {
        let threads: Vec<u32> = std::fs::read_dir(format!("/proc/{host}/task"))?
            .flatten()
            .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
            .collect();
        sent += threads.len();
        signal("WINCH", &threads)?;
    }
    bench.rest(ms(2000))?;
    checks.note(format!("{sent} signals"));
    checks.within("longest gap", ear.longest_hole(mark), NO_GAP);
    let status = rig.status()?;
    checks.holds("the session says that it plays", status.output.playing);
    let lost = status.session.notices.iter().filter(|notice| notice.text.as_str().contains("output")).count();
    checks.is("losses of the output", lost, 0);
    Ok(checks)
}

/// 11: the session process is stopped for three seconds, as by a debugger.
pub(in super::super) fn stopped(bench: &Bench) -> Done {
    let (rig, ear) = Rig::playing(bench, &Setup::default())?;
    let (before, mut checks) = (ear.steady(), Checks::default());
    let (host, clock, at) = (rig.host_pid()?, rig.status()?.session.at, Instant::now());
    signal("STOP", &[host])?;
    bench.rest(ms(3000))?;
    let (since, mark) = (Instant::now(), ear.now());
    signal("CONT", &[host])?;
    returns(&mut checks, &ear, bench, (since, mark), ms(500), before)?;
    let off = (rig.status()?.session.at - clock).secs_f64() - at.elapsed().as_secs_f64();
    checks.at_most("the session clock is off by", off.abs() * 1000.0, 300.0, "ms");
    Ok(checks)
}

/// 12: a thousand changes of the window's size in ten seconds.
pub(in super::super) fn resized(bench: &Bench) -> Done {
    let (rig, ear) = Rig::playing(bench, &Setup::default())?;
    let mut desk = rig.panel(&[])?;
    desk.until(0, "Tones")?;
    let (xruns, mark, since, mut checks) = (rig.status()?.output.xruns, ear.now(), Instant::now(), Checks::default());
    for number in 0..1000u16 {
        desk.pty.resize(10 + number % 50, 30 + number * 7 % 150)?;
        bench.rest((ms(10) * u32::from(number)).saturating_sub(since.elapsed()))?;
    }
    desk.pty.resize(24, 80)?;
    checks.within("a thousand sizes in", since.elapsed(), ms(12_000));
    checks.within("longest gap", ear.longest_hole(mark), NO_GAP);
    checks.is(
        "times the device was served late",
        usize::try_from(rig.status()?.output.xruns - xruns).unwrap_or(usize::MAX),
        0,
    );
    let mark = desk.now();
    desk.send(b"?")?;
    checks.within("a key is answered after", desk.until(mark, "Keys")?, ms(500));
    checks.holds("the panel is still there", !desk.has_ended());
    Ok(checks)
}

/// 43: the window is closed; signals from outside to panel and session process.
pub(in super::super) fn from_outside(bench: &Bench) -> Done {
    let (rig, ear) = Rig::playing(bench, &Setup::default())?;
    let (mark, mut checks) = (ear.now(), Checks::default());
    let mut desk = rig.panel(&[])?;
    desk.until(0, "Tones")?;
    for name in ["INT", "QUIT", "TSTP", "WINCH", "CONT"] {
        signal(name, &[desk.pty.child().id()])?;
        bench.rest(ms(150))?;
    }
    checks.holds("the panel takes INT, QUIT and TSTP for nothing", !desk.has_ended());
    signal("HUP", &[desk.pty.child().id()])?;
    bench.wait(Instant::now(), "the panel goes with its window", || desk.has_ended())?;
    let host = rig.host_pid()?;
    for name in ["HUP", "INT", "QUIT", "TSTP"] {
        signal(name, &[host])?;
        bench.rest(ms(150))?;
    }
    checks.within("longest gap", ear.longest_hole(mark), NO_GAP);
    checks.holds("the session goes on", rig.status()?.session.transport == Transport::Running);
    end(&rig, &ear, host, &mut checks)?;
    Ok(checks)
}

/// Asks the session process to go: three seconds of fade.
fn end(rig: &Rig, ear: &crate::cli::selftest::ear::Ear, host: u32, checks: &mut Checks) -> Result<(), Trouble> {
    let (since, mark) = (Instant::now(), ear.now());
    signal("TERM", &[host])?;
    rig.bench
        .wait(since, "the session process goes", || !std::path::Path::new(&format!("/proc/{host}/exe")).exists())?;
    let gone = since.elapsed().as_secs_f64();
    checks.at_least("TERM: it goes after", gone, 2.8, "s");
    checks.at_most("and no later than", gone, 5.0, "s");
    let heard = ear.since(mark);
    let middle = heard.get(150).map_or(0.0, |window| window.level);
    checks.holds("by a fade", middle < FULL - 3.0 && middle > FULL - 60.0);
    Ok(())
}
