//! Row 54: mute, in every state in which somebody may need it.

use std::time::{Duration, Instant};

use super::ms;
use crate::cli::selftest::bench::Bench;
use crate::cli::selftest::checks::{Checks, Done, Trouble};
use crate::cli::selftest::desk::Desk;
use crate::cli::selftest::ear::Ear;
use crate::cli::selftest::meter::SOUNDS;
use crate::cli::selftest::rig::{FULL, Rig, Setup, signal};
use crate::wire::OutputHealth;

/// Silent: 60 dB below the tone.
const SILENT: f32 = FULL - 60.0;

/// Mutes in this way, and judges the fade; then lifts it again.
fn mute(
    rig: &Rig,
    ear: &Ear,
    checks: &mut Checks,
    when: &str,
    how: impl FnOnce() -> Result<(), Trouble>,
) -> Result<(), Trouble> {
    let (since, mark, before) = (Instant::now(), ear.now(), ear.steady());
    how()?;
    rig.bench.wait(since, &format!("{when}: silence"), || ear.level() < SILENT)?;
    let after = |at: Option<Instant>| at.map_or(Duration::MAX, |at| at.saturating_duration_since(since));
    let begins = after(ear.first(mark, |window| window.level < before - 0.3));
    checks.within(&format!("{when}: begins"), begins, ms(100));
    checks.within("silent", after(ear.first(mark, |window| window.level < SILENT)), ms(2000));
    Ok(())
}

fn lift(rig: &Rig, ear: &Ear) -> Result<(), Trouble> {
    rig.verb("resume")?;
    // It rises from -20 dB over 20 s; the rest of that way is not waited for.
    rig.bench.rest(ms(4000))?;
    rig.bench.wait(Instant::now(), "the tone again", || ear.level() > FULL - 21.0).map(drop)
}

/// A panel that is a kiosk, locked.
fn kiosk<'b>(rig: &Rig<'b>) -> Result<Desk<'b>, Trouble> {
    let mut pin = rig.command(&rig.bench.program.display().to_string());
    let (typed, unseen) = (std::process::Stdio::piped(), std::process::Stdio::null);
    pin.args(["kiosk", "pin"]).stdin(typed).stdout(unseen()).stderr(unseen());
    let mut pin = pin.spawn()?;
    if let Some(mut typed) = pin.stdin.take() {
        std::io::Write::write_all(&mut typed, b"314159\n314159\n")?;
    }
    if !pin.wait()?.success() {
        return Err(Trouble::failed("the PIN of a kiosk cannot be set"));
    }
    let desk = rig.panel(&["kiosk"])?;
    desk.until(0, "Tones")?;
    Ok(desk)
}

/// 54: everywhere.
pub(in super::super) fn everywhere(bench: &Bench) -> Done {
    let (rig, ear) = Rig::playing(bench, &Setup::default())?;
    let mut checks = Checks::default();
    mute(&rig, &ear, &mut checks, "by ctl", || rig.order("mute"))?;
    lift(&rig, &ear)?;
    // The second press, half a second into the fade.
    rig.order("mute")?;
    bench.rest(ms(500))?;
    let (since, mark) = (Instant::now(), ear.now());
    rig.order("mute")?;
    bench.wait(since, "silence", || ear.level() < SILENT)?;
    let silent =
        ear.first(mark, |window| window.level < SILENT).map_or(Duration::MAX, |at| at.saturating_duration_since(since));
    checks.within("pressed again: silent", silent, ms(250));
    lift(&rig, &ear)?;

    let mut desk = kiosk(&rig)?;
    mute(&rig, &ear, &mut checks, "by key", || desk.send(b"m"))?;
    lift(&rig, &ear)?;
    desk.press(&["q", "q"])?;
    desk.until(0, "PIN to leave")?;
    mute(&rig, &ear, &mut checks, "while the PIN is asked", || desk.send(b"m"))?;
    lift(&rig, &ear)?;

    signal("STOP", &[desk.pty.child().id()])?;
    let host = rig.host_pid()?;
    mute(&rig, &ear, &mut checks, "panel hung, by SIGUSR2", || signal("USR2", &[host]))?;
    lift(&rig, &ear)?;
    mute(&rig, &ear, &mut checks, "panel hung, by ctl", || rig.order("mute"))?;
    lift(&rig, &ear)?;
    drop(desk);

    rig.verb("next")?;
    bench.rest(ms(2000))?;
    let (since, mark) = (Instant::now(), ear.now());
    rig.order("mute")?;
    bench.wait(since, "silence in a crossfade", || ear.level() < SILENT)?;
    let silent =
        ear.first(mark, |window| window.level < SILENT).map_or(Duration::MAX, |at| at.saturating_duration_since(since));
    checks.within("in a crossfade: silent", silent, ms(2000));
    lift(&rig, &ear)?;

    rig.unplug("room")?;
    rig.until(Instant::now(), "the loss", |status| !status.output.playing)?;
    let since = Instant::now();
    rig.verb("mute")?;
    rig.plug_in("room")?;
    let ear = Ear::on(&rig, "room")?;
    rig.until(Instant::now(), "the output", |status| status.output.health == OutputHealth::Running)?;
    bench.rest(ms(3000))?;
    // Back within half a second it may be heard: from -20 dB down, for what is left of the fade.
    let last = ear.last(0, |window| window.level > SOUNDS.max(SILENT)).unwrap_or(since);
    checks.within("without an output: silent", last.saturating_duration_since(since), ms(2000));
    Ok(checks)
}
