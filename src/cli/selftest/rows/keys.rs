//! Rows 44 and 45: keys that repeat, bounce and come in pieces.

use std::time::{Duration, Instant};

use super::{NO_GAP, ms};
use crate::cli::selftest::bench::Bench;
use crate::cli::selftest::checks::{Checks, Done, Trouble};
use crate::cli::selftest::desk::Desk;
use crate::cli::selftest::rig::{Rig, Setup};
use crate::session::{PhaseKind, Transport};

/// Key auto-repeat: half a second after the first press, then at 30 Hz for three seconds. In its midst the window changes, so that what is shown then is written whole.
fn held(bench: &Bench, desk: &mut Desk, key: &[u8]) -> Result<(), Trouble> {
    desk.send(key)?;
    bench.rest(ms(500))?;
    for repeat in 0..90 {
        desk.send(key)?;
        bench.rest(ms(33))?;
        if repeat == 15 {
            desk.pty.resize(25, 90)?;
        }
    }
    bench.rest(ms(1000))
}

/// 44: the key for "next" is held, then a clicker's button, then both are tapped.
pub(in super::super) fn repeated(bench: &Bench) -> Done {
    let (rig, ear) = Rig::playing(bench, &Setup::default())?;
    let mut checks = Checks::default();
    let mut desk = rig.panel(&[])?;
    desk.until(0, "Tones")?;
    let mark = ear.now();
    held(bench, &mut desk, b"\x1b[6~")?;
    let phase = |rig: &Rig| Ok::<_, Trouble>(rig.status()?.session.phase.map(|phase| phase.kind));
    checks.holds("a clicker's button held down moves nothing", phase(&rig)? == Some(PhaseKind::Preparation));
    checks.holds("and that is told", desk.shows(0, "being held"));
    held(bench, &mut desk, b"f")?;
    checks.holds("\"next\" held for 3 s counts once", phase(&rig)? == Some(PhaseKind::Peak));
    bench.rest(ms(1000))?;
    desk.send(b"f")?;
    bench.rest(ms(50))?;
    desk.send(b"f")?;
    bench.rest(ms(1500))?;
    checks.holds("pressed twice within 50 ms it counts once", phase(&rig)? == Some(PhaseKind::Return));
    checks.holds("the session goes on", rig.status()?.session.transport == Transport::Running);
    checks.within("longest gap", ear.longest_hole(mark), NO_GAP);
    Ok(checks)
}

/// 45: a presenter's start button sends F5 and Esc in turn; a busy machine cuts them into pieces.
pub(in super::super) fn presenter(bench: &Bench) -> Done {
    let (rig, ear) = Rig::playing(bench, &Setup::default())?;
    let (mark, mut checks) = (ear.now(), Checks::default());
    let mut desk = rig.panel(&[])?;
    desk.until(0, "Tones")?;
    let parts: [(&str, &[&[u8]], Transport); 4] = [
        ("Esc holds", &[b"\x1b"], Transport::Held),
        ("F5 goes on", &[b"\x1b[15~"], Transport::Running),
        ("F5 in two pieces holds", &[b"\x1b[1", b"5~"], Transport::Held),
        ("Esc goes on", &[b"\x1b"], Transport::Running),
    ];
    for (what, bytes, wanted) in parts {
        for part in bytes {
            desk.send(part)?;
            bench.rest(Duration::from_millis(20))?;
        }
        let since = Instant::now();
        let done = rig.until(since, what, |status| status.session.transport == wanted)?;
        checks.within(what, done, ms(500));
        bench.rest(ms(1500))?;
    }
    checks.holds("the panel is still there", !desk.has_ended());
    checks.within("longest gap", ear.longest_hole(mark), NO_GAP);
    Ok(checks)
}
