//! Rows 1 to 5 and 18: outputs that go, come back, and are exchanged under the sound.

use std::time::Instant;

use super::{BACK, NO_GAP, comes_back_softly, ms};
use crate::cli::selftest::bench::Bench;
use crate::cli::selftest::checks::{Checks, Done, Trouble};
use crate::cli::selftest::ear::Ear;
use crate::cli::selftest::meter::{SECOND, pitch};
use crate::cli::selftest::rig::{Rig, Setup};
use crate::wire::{OutputHealth, Status};

const SILENT: f32 = -60.0;

fn is_running(status: &Status) -> bool {
    status.output.health == OutputHealth::Running
}

/// 1: the headphones go while a loudspeaker is there.
pub(in super::super) fn unplugged(bench: &Bench) -> Done {
    let (rig, ear) = Rig::playing(bench, &Setup::default())?;
    let spare = Ear::on(&rig, "spare")?;
    let (before, mut checks) = (ear.steady(), Checks::default());
    let since = Instant::now();
    rig.unplug("room")?;
    checks.within("seen after", rig.until(since, "the loss", |status| !status.output.playing)?, ms(1500));
    let silent = bench.wait(since, "the other sink falls silent", || spare.level() < SILENT)?;
    checks.within("the other sink silent after", silent, ms(2000));
    let mark = spare.now();
    bench.rest(ms(3000))?;
    checks.holds("it stays silent there", spare.longest_silence(mark) >= ms(2900));
    checks.holds("the session does not say that it plays", !rig.status()?.output.playing);
    back(&rig, before, &mut checks, || rig.plug_in("room"))?;
    Ok(checks)
}

/// Plugs the sink in again, and measures the return of the sound.
fn back(
    rig: &Rig,
    before: f32,
    checks: &mut Checks,
    plug_in: impl FnOnce() -> Result<(), Trouble>,
) -> Result<Ear, Trouble> {
    let since = Instant::now();
    plug_in()?;
    let ear = Ear::on(rig, "room")?;
    checks.within("open again after", rig.until(since, "the output", is_running)?, ms(2000));
    rig.bench.wait(since, "it is up again", || ear.level() > BACK)?;
    rig.bench.rest(ms(1000))?;
    comes_back_softly(checks, &ear.since(0), before);
    Ok(ear)
}

/// 2: the last sink goes, and the server offers its dummy.
pub(in super::super) fn no_sink_left(bench: &Bench) -> Done {
    let (rig, _ear) = Rig::playing(bench, &Setup::default())?;
    let mut checks = Checks::default();
    let since = Instant::now();
    rig.unplug("room")?;
    rig.unplug("spare")?;
    checks.within("seen after", rig.until(since, "the loss", |status| !status.output.playing)?, ms(1500));
    let sinks = rig.pactl(&["list", "short", "sinks"])?;
    checks.holds("the server offers auto_null", sinks.contains("auto_null"));
    let since = Instant::now();
    let mut claims = 0;
    while since.elapsed() < ms(3000) {
        claims += usize::from(rig.status()?.output.playing);
        bench.rest(ms(50))?;
    }
    checks.is("times in 3 s that it says \"playing\"", claims, 0);
    checks.note(format!("it says: {}", rig.status()?.output.state));
    Ok(checks)
}

/// 3: the sink comes back.
pub(in super::super) fn plugged_in_again(bench: &Bench) -> Done {
    let (rig, ear) = Rig::playing(bench, &Setup::default())?;
    let (before, mut checks) = (ear.steady(), Checks::default());
    let clock = rig.status()?.session.at;
    let since = Instant::now();
    rig.unplug("room")?;
    rig.until(since, "the loss", |status| !status.output.playing)?;
    bench.rest(ms(4000))?;
    back(&rig, before, &mut checks, || rig.plug_in("room"))?;
    let status = rig.status()?;
    let (passed, by_clock) = (since.elapsed(), (status.session.at - clock).secs_f64());
    checks.at_most("the session clock is off by", (by_clock - passed.as_secs_f64()).abs() * 1000.0, 500.0, "ms");
    let place = status.session.now.map_or(0.0, |now| now.position.since_start().secs_f64());
    checks.at_most(
        "the place in the piece is off by",
        (place - status.session.at.since_start().secs_f64()).abs(),
        1.0,
        "s",
    );
    Ok(checks)
}

/// 4: another device is plugged in, on a server that would switch to it.
pub(in super::super) fn another_device(bench: &Bench) -> Done {
    let setup = Setup { modules: &["module-switch-on-connect ignore_virtual=no"], ..Setup::default() };
    let (rig, ear) = Rig::playing(bench, &setup)?;
    let (before, mark, mut checks) = (ear.steady(), ear.now(), Checks::default());
    rig.plug_in("hdmi")?;
    let hdmi = Ear::on(&rig, "hdmi")?;
    bench.rest(ms(4000))?;
    checks.within("longest gap", ear.longest_hole(mark), NO_GAP);
    checks.at_most("level changed by", f64::from((ear.steady() - before).abs()), 0.2, "dB");
    checks.holds("nothing on the new device", hdmi.longest_silence(0) >= ms(3500));
    checks.holds("the session says that it plays", rig.status()?.output.playing);
    Ok(checks)
}

/// 5: another program moves the sound to another sink.
pub(in super::super) fn moved(bench: &Bench) -> Done {
    let (rig, ear) = Rig::playing(bench, &Setup::default())?;
    let spare = Ear::on(&rig, "spare")?;
    let (before, mut checks) = (ear.steady(), Checks::default());
    let (stream, since, mark) = (rig.stream()?, Instant::now(), ear.now());
    rig.pactl(&["move-sink-input", &stream, "spare"])?;
    bench.wait(since, "it is heard there", || spare.level() > SILENT)?;
    let taken = bench.wait(since, "it is taken away from there", || spare.level() < SILENT)?;
    checks.within("taken from the wrong sink after", taken, ms(1700));
    bench.wait(since, "it is up again", || ear.level() > BACK)?;
    bench.rest(ms(1000))?;
    let heard = ear.since(mark);
    // After a blink it goes on from -20 dB, which is no step for the ear; from there it is judged.
    let gap = heard.iter().rposition(|window| window.level < super::HEARD_FROM).unwrap_or(0);
    comes_back_softly(&mut checks, &heard[(gap + 5).min(heard.len())..], before);
    Ok(checks)
}

/// 18: the device comes back with another sample rate.
pub(in super::super) fn another_rate(bench: &Bench) -> Done {
    let (rig, ear) = Rig::playing(bench, &Setup::default())?;
    let (before, mut checks) = (ear.steady(), Checks::default());
    rig.unplug("room")?;
    rig.until(Instant::now(), "the loss", |status| !status.output.playing)?;
    let odd = "sink_name=room rate=44100 format=float32le norewinds=1";
    let ear = back(&rig, before, &mut checks, || rig.plug_in_with(odd))?;
    let mark = ear.now();
    bench.rest(ms(2000))?;
    checks.at_most("pitch of the 400 Hz tone off by", (pitch(&ear.since(mark)[..SECOND]) - 400.0).abs(), 2.0, "Hz");
    Ok(checks)
}
