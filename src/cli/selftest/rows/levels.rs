//! Rows 13 to 17: what others do to the level: volume, mute, memory, telephone, other programs.

use std::process::Stdio;
use std::time::Instant;

use super::{BACK, NO_GAP, RISE, ms};
use crate::cli::selftest::bench::Bench;
use crate::cli::selftest::checks::{Checks, Done, Trouble};
use crate::cli::selftest::ear::Ear;
use crate::cli::selftest::meter::{SECOND, loudest, median, steepest_rise};
use crate::cli::selftest::rig::{Rig, Setup, signal};

/// 13: the sink's volume is raised to 150 % by another program.
pub(in super::super) fn volume_raised(bench: &Bench) -> Done {
    let (rig, ear) = Rig::playing(bench, &Setup::default())?;
    let (before, mut checks) = (ear.steady(), Checks::default());
    let (since, mark) = (Instant::now(), ear.now());
    rig.pactl(&["set-sink-volume", "room", "150%"])?;
    let seen = rig.until(since, "the alarm", |status| status.output.state.as_str().contains("raised"))?;
    checks.within("seen after", seen, ms(1500));
    let evened = bench.wait(since, "the level as it was", || (ear.steady() - before).abs() < 1.0)?;
    checks.within("evened out after", evened, ms(2500));
    bench.rest(ms(1000))?;
    checks.at_most("then it differs by", f64::from((ear.steady() - before).abs()), 1.0, "dB");
    checks.note(format!("meanwhile {:+.1} dB", loudest(&ear.since(mark)) - before));
    let mark = ear.now();
    rig.pactl(&["set-sink-volume", "room", "100%"])?;
    rig.until(Instant::now(), "all is well again", |status| status.output.playing)?;
    bench.wait(Instant::now(), "the level as it was", || (ear.steady() - before).abs() < 0.5)?;
    bench.rest(ms(500))?;
    checks.at_most("put back, it rises by", f64::from(steepest_rise(&ear.since(mark), -75.0)), RISE, "dB/s");
    Ok(checks)
}

/// 14: the sink is muted, then our stream there.
pub(in super::super) fn muted(bench: &Bench) -> Done {
    let (rig, ear) = Rig::playing(bench, &Setup::default())?;
    let (before, mut checks) = (ear.steady(), Checks::default());
    let stream = rig.stream()?;
    for (what, verb, name) in [("sink", "set-sink-mute", "room"), ("stream", "set-sink-input-mute", stream.as_str())] {
        let since = Instant::now();
        rig.pactl(&[verb, name, "1"])?;
        let says =
            |status: &crate::wire::Status| !status.output.playing && status.output.state.as_str().contains("muted");
        checks.within(&format!("{what}: alarm after"), rig.until(since, "the alarm", says)?, ms(1500));
        bench.rest(ms(3000))?;
        checks.holds(&format!("{what}: left as it is for 3 s"), says(&rig.status()?));
        // Whoever unmutes it may have turned it up before.
        rig.pactl(&["set-sink-volume", "room", "150%"])?;
        let mark = ear.now();
        rig.pactl(&[verb, name, "0"])?;
        let raised = |status: &crate::wire::Status| status.output.state.as_str().contains("raised");
        checks.within(
            &format!("{what}: unmuted, that is seen after"),
            rig.until(Instant::now(), "it", raised)?,
            ms(1500),
        );
        bench.wait(Instant::now(), "the level as it was", || (ear.steady() - before).abs() < 1.0)?;
        let heard = ear.since(mark);
        // The volume lifts the least that is ever played by as much.
        checks.at_most("steepest rise", f64::from(steepest_rise(&heard, -70.0)), RISE, "dB/s");
        checks.at_most("loudest against before", f64::from(loudest(&heard) - before), 1.0, "dB");
        rig.pactl(&["set-sink-volume", "room", "100%"])?;
        let well = rig.until(Instant::now(), "all is well again", |status| status.output.playing)?;
        checks.within(&format!("{what}: turned down, it plays after"), well, ms(1500));
        bench.wait(Instant::now(), "the level as it was", || (ear.steady() - before).abs() < 0.5)?;
    }
    Ok(checks)
}

/// 15: the server remembers 153 % for our stream, from another day and over a loss of the output.
pub(in super::super) fn volume_restored(bench: &Bench) -> Done {
    let setup = Setup { modules: &["module-stream-restore"], ..Setup::default() };
    let (mut rig, ear) = Rig::playing(bench, &setup)?;
    let (before, mut checks) = (ear.steady(), Checks::default());
    signal("KILL", &[rig.host_pid()?])?;
    bench.wait(Instant::now(), "silence", || ear.level() < -100.0)?;
    let mark = ear.now();
    rig.begin(&setup)?;
    // The sound library gives each process another name, so the server knows none again: what it would do is done here, in
    // the moment in which the stream appears.
    bench.wait(Instant::now(), "our stream", || rig.stream().is_ok())?;
    let since = Instant::now();
    rig.pactl(&["set-sink-input-volume", &rig.stream()?, "153%"])?;
    let seen = rig.until(since, "the alarm", |status| status.output.state.as_str().contains("raised by 11"))?;
    checks.within("a new session: seen after", seen, ms(1500));
    checks.at_most("loudest until then", f64::from(loudest(&ear.since(mark))), -50.0, "dBFS");
    bench.wait(since, "the level as it was", || (ear.steady() - before).abs() < 0.5)?;
    bench.rest(ms(2000))?;
    let heard = ear.since(mark);
    checks.at_most("loudest against before", f64::from(loudest(&heard) - before), 1.0, "dB");
    checks.at_most("steepest rise", f64::from(steepest_rise(&heard, -75.0)), RISE, "dB/s");

    rig.unplug("room")?;
    rig.until(Instant::now(), "the loss", |status| !status.output.playing)?;
    rig.plug_in("room")?;
    let ear = Ear::on(&rig, "room")?;
    bench.wait(Instant::now(), "it is up again", || ear.level() > BACK)?;
    bench.rest(ms(3000))?;
    let restored = rig.pactl(&["list", "sink-inputs"])?;
    checks.holds("plugged in again: the server restores 153 %", restored.contains("153%"));
    checks.at_most("its loudest against before", f64::from(loudest(&ear.since(0)) - before), 1.0, "dB");
    Ok(checks)
}

/// Another program that plays a tone into our sink.
fn intruder(rig: &Rig, options: &[&str]) -> Result<std::process::Child, Trouble> {
    let mut paplay = rig.command("paplay");
    paplay.args(options).arg("--device=room").arg(rig.bench.music("other.wav"));
    Ok(paplay.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?)
}

/// 16: somebody telephones, on a server that mutes music for it.
pub(in super::super) fn telephone(bench: &Bench) -> Done {
    let setup = Setup { modules: &["module-role-cork"], ..Setup::default() };
    let (rig, ear) = Rig::playing(bench, &setup)?;
    let mut checks = Checks::default();
    // On another sink: a role mutes across all of them, and here only our own tone is heard.
    let (before, mark) = (ear.steady(), ear.now());
    let mut paplay = rig.command("paplay");
    paplay.args(["--property=media.role=phone", "--device=spare"]).arg(bench.music("other.wav"));
    let mut call = paplay.stdout(Stdio::null()).stderr(Stdio::null()).spawn()?;
    let spare = Ear::on(&rig, "spare")?;
    bench.wait(Instant::now(), "the call is heard", || spare.level() > -40.0)?;
    bench.rest(ms(3000))?;
    let heard = ear.since(mark);
    checks.within("longest gap", ear.longest_hole(mark), NO_GAP);
    let quietest = heard.windows(SECOND / 2).map(median).fold(0.0, f32::min);
    checks.at_most("level fell by", f64::from(before - quietest), 0.5, "dB");
    let streams = rig.pactl(&["list", "sink-inputs"])?;
    checks.is("streams with a role (the call's)", streams.matches("media.role = ").count(), 1);
    let _ = call.kill();
    let _ = call.wait();
    Ok(checks)
}

/// 17: another program sounds on our sink.
pub(in super::super) fn another_program(bench: &Bench) -> Done {
    let (rig, _ear) = Rig::playing(bench, &Setup::default())?;
    let mut checks = Checks::default();
    let since = Instant::now();
    let mut other = intruder(&rig, &["--client-name=Messenger"])?;
    let named = rig.until(since, "it is named", |status| status.output.state.as_str().starts_with("Messenger"))?;
    checks.within("named after", named, ms(1500));
    checks.note(format!("it says: {}", rig.status()?.output.state));
    let _ = other.kill();
    let _ = other.wait();
    let gone =
        rig.until(Instant::now(), "it is forgotten", |status| !status.output.state.as_str().contains("Messenger"))?;
    checks.within("forgotten after", gone, ms(1500));
    Ok(checks)
}
