//! How long a verb takes that plans a large pool again: `cargo bench --bench replan`.
//!
//! The product's limit is 5 ms for a thousand tracks. Each measured verb lays out the rest of the present phase and the
//! whole next one, from pools of a thousand each.
#![allow(clippy::print_stdout, reason = "a bench prints its result")]

use std::time::{Duration, Instant};

use undertone::session::{
    Advance, Curve, Input, Material, Order, Output, Phase, PhaseKind, Plan, Route, Session, Source, Track, TrackId,
    Verb,
};
use undertone::units::{Contour, DbTp, Decibels, SafeText, SessionTime, Span, TrackTime};

const TRACKS: u32 = 1000;
const LIMIT: Duration = Duration::from_millis(5);
const RUNS: i64 = 300;

fn plan(material: Material, minutes: i64) -> Plan {
    let track = |id: u32| Track {
        title: SafeText::new(&format!("piece {id}")),
        artist: None,
        tags: Vec::new(),
        intensity: (id % 5 + 1) as u8,
        gain: Decibels::ZERO,
        contour: Contour::default(),
        material,
        start: TrackTime::ZERO,
        end: TrackTime::at(Span::from_secs(150 + i64::from(id) * 37 % 400)),
        exits: [60, 90, 120].map(|seconds| TrackTime::at(Span::from_secs(seconds))).to_vec(),
        loop_region: None,
        fade_in: None,
        same_as: TrackId(id),
    };
    let phase = |kind: PhaseKind, first: u32| Phase {
        kind,
        title: None,
        planned: Span::from_mins(minutes),
        advance: Advance::Auto,
        level: Decibels::ZERO,
        intensity: (2, 4),
        crossfade: Span::from_secs(20),
        order: Order::Planned,
        bed: None,
        pool: (first..first + TRACKS).map(TrackId).collect(),
    };
    let route = Route {
        name: "custom".into(),
        preparation: Span::ZERO,
        ends: Vec::new(),
        booster: None,
        device: None,
        observation: None,
        spit: None,
    };
    let phases = vec![phase(PhaseKind::Peak, 0), phase(PhaseKind::Return, TRACKS)];
    let tracks = (0..2 * TRACKS).map(track).collect();
    Plan {
        title: "bench".into(),
        route,
        curve: Curve::EqualPower,
        ceiling: DbTp(-3.0),
        phases,
        steering: Vec::new(),
        tracks,
    }
}

/// Hands a verb in and takes the outputs out, as the host does.
fn carried_out(session: &mut Session, now: SessionTime, verb: Verb) -> Duration {
    let begun = Instant::now();
    session.handle(now, Input::Verb(verb, Source::Key));
    while !matches!(session.poll(), Output::Deadline(_)) {}
    begun.elapsed()
}

fn measure(what: &str, material: Material, minutes: i64) {
    let mut session = Session::new(plan(material, minutes), 7);
    carried_out(&mut session, SessionTime::ZERO, Verb::Start);
    carried_out(&mut session, SessionTime::ZERO, Verb::Dose { ago: Span::ZERO, confirmed: false });
    let extend = |run| {
        let now = SessionTime::at(Span::from_secs(run));
        carried_out(&mut session, now, Verb::Extend { by: Span::from_millis(997) })
    };
    let mut times: Vec<Duration> = (1..=RUNS).map(extend).collect();
    times.sort_unstable();
    let (median, most) = (times[times.len() / 2], times[times.len() - 1]);
    let share = median.as_secs_f64() / LIMIT.as_secs_f64();
    println!(
        "{what}, {minutes} minutes: median {median:?}, most {most:?}; the median is {share:.2} of the limit of {LIMIT:?}"
    );
}

fn main() {
    for minutes in [26, 90] {
        measure("two pools of 1000 recordings with 3 exits each", Material::File, minutes);
        measure("two pools of 1000 generators", Material::Generator, minutes);
    }
}
