//! Rows 38 and 39: clocks that jump, and a machine that sleeps; in virtual time.

use crate::cli::selftest::bench::Bench;
use crate::cli::selftest::checks::{Checks, Done};
use crate::cli::selftest::meter::steepest_rise;
use crate::cli::selftest::rows::RISE;
use crate::cli::selftest::stage::Stage;
use crate::session::{Event, PhaseKind};

/// 38: the wall clock jumps by hours and days, and by what a time server corrects.
pub(in super::super) fn steps(bench: &Bench) -> Done {
    let stage = Stage::set(bench, "wav")?;
    let whole = stage.pass("")?;
    let steps = "0:20 fault clock-step 1h\n0:50 fault clock-step -1h\n1:20 fault clock-step 24h\n1:50 fault clock-step -24h\n\
                 2:10 fault clock-step -2s\n2:50 fault clock-step 8760h\n";
    let stepped = stage.play(steps, &mut |_| ())?;
    let mut checks = Checks::default();
    stepped.costs_nothing(&mut checks, &whole);
    checks.is("clock steps told", stepped.count(|event| matches!(event, Event::Fault { .. })), 6);
    Ok(checks)
}

/// 39: the machine sleeps for two minutes across a boundary.
pub(in super::super) fn sleeps(bench: &Bench) -> Done {
    let stage = Stage::set(bench, "wav")?;
    let mut checks = Checks::default();
    let whole = stage.pass("")?;
    // That it is then in the phase of the medicine clock is expected by the script itself.
    let sleep = "1:00 fault suspend 2m\n3:00 expect phase return\n3:00 expect medicine 3:00\n3:00 expect playing\n";
    let slept = stage.play(sleep, &mut |_| ())?;
    checks.holds("awake, it is in the phase of the medicine clock", true);
    checks.holds("it ends when it would have", slept.phases().last() == whole.phases().last());
    let crossed = slept.phases().iter().filter(|(_, to)| *to == Some(PhaseKind::Return)).count();
    checks.is("crossing to the present", crossed, 1);
    checks.at_most("steepest rise", f64::from(steepest_rise(&slept.windows, -75.0)), RISE, "dB/s");
    Ok(checks)
}
