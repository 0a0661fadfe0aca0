//! The scenario library: every script in `tests/scenarios/` is a session, run in virtual time and held to what it expects
//! and to the laws that hold in every session.
//!
//! A script begins with `# playlist: NAME.toml [--route R] [--infusion T] [--exclude TAG]`. Two more heads are optional:
//! `# moments: crossfade countdown held ducked before-dose after-end` names kinds of moment in which it gives verbs, and
//! `# same-phases: OTHER.script` says that the medicine clock at each phase change is that of another script.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on has failed, and says so")]

#[path = "scenarios/journals.rs"]
mod journals;
#[path = "scenarios/laws.rs"]
mod laws;
#[path = "scenarios/library.rs"]
mod library;
#[path = "scenarios/moments.rs"]
mod moments;

use std::collections::BTreeSet;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use library::{Scenario, Told};
use undertone::playlist::presets;
use undertone::session::verb_names;

/// Runs `each` on every scenario, on every core; all complaints at once.
fn check_all(each: impl Fn(&Scenario) -> Vec<String> + Sync) {
    let all = library::all();
    let (next, complaints) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| {
        for _ in 0..workers {
            scope.spawn(|| {
                while let Some(scenario) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let found = each(scenario);
                    complaints.lock().unwrap().extend(found);
                }
            });
        }
    });
    let mut complaints = complaints.into_inner().unwrap();
    complaints.sort();
    assert!(complaints.is_empty(), "\n{}\n", complaints.join("\n"));
}

#[test]
fn every_script_finds_what_it_expects_and_every_journal_keeps_the_laws() {
    let given: Mutex<BTreeSet<(moments::Moment, String)>> = Mutex::new(BTreeSet::new());
    check_all(|scenario| {
        let told = scenario.run();
        let mut complaints = told.unmet();
        complaints.extend(laws::broken(&told));
        if scenario.run().outcome.journal != told.outcome.journal {
            complaints.push(format!("{}: a second run gave another journal", scenario.name));
        }
        let found = moments::of(&told);
        let kinds: BTreeSet<_> = found.iter().map(|(moment, _)| *moment).collect();
        for moment in scenario.moments.iter().filter(|moment| !kinds.contains(moment)) {
            complaints.push(format!("{}: gives no verb {}", scenario.name, moment.phrase()));
        }
        given.lock().unwrap().extend(found);
        complaints
    });
    let given = given.into_inner().unwrap();
    let pairs = moments::Moment::ALL
        .into_iter()
        .flat_map(|moment| verb_names().filter(|verb| *verb != "start").map(move |verb| (moment, verb.to_owned())));
    let missing: Vec<String> = pairs
        .filter(|pair| !given.contains(pair))
        .map(|(moment, verb)| format!("{verb} {}", moment.phrase()))
        .collect();
    assert!(missing.is_empty(), "no script gives: {}", missing.join(", "));
}

#[test]
fn a_fault_moves_no_phase_on_the_medicine_clock() {
    check_all(|scenario| {
        let Some(other) = &scenario.same_phases else { return Vec::new() };
        let phases = |told: Told<'_>| laws::phases(&told);
        let (own, others) = (phases(scenario.run()), phases(library::named(other).run()));
        if own == others { Vec::new() } else { vec![format!("{}: {own:?}\nbut {other}: {others:?}", scenario.name)] }
    });
}

#[test]
fn the_library_covers_every_route_and_is_large_enough() {
    let all = library::all();
    assert!(all.len() >= 40, "{} scripts", all.len());
    let routes: BTreeSet<String> = all.iter().map(|scenario| scenario.loaded.plan.route.name.to_string()).collect();
    let missing: Vec<_> =
        presets(None).unwrap().into_iter().filter(|preset| !routes.contains(preset.name.as_str())).collect();
    assert!(missing.is_empty(), "no script for {missing:?}");
}
