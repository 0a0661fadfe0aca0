//! Any plan, and anything that may happen to it.

use proptest::prelude::*;
use proptest::test_runner::{FileFailurePersistence, RngAlgorithm, TestRng, TestRunner};

use super::*;

/// A plan of one to six phases with pools of one to six pieces each, some of them generators and silences, some of them
/// offered by an earlier pool already; on a route with boosters, with devices, or with neither.
pub(super) fn plans() -> impl Strategy<Value = Plan> {
    let track = (60i64..500, 1u8..=5, 0u8..12, any::<bool>(), any::<bool>());
    let phase = (1i64..40, 0u8..6, 0u8..6, prop::collection::vec(track, 1..6), 2i64..60, (1u8..=5, 1u8..=5));
    (1u8..64, prop::collection::vec(phase, 6), any::<bool>(), 0u8..4).prop_map(|(kinds, phases, steering, route)| {
        let mut tracks = Vec::new();
        let chosen = PhaseKind::ALL.into_iter().enumerate().filter(|(index, _)| kinds & (1 << index) != 0);
        let phases: Vec<Phase> = chosen.map(|(index, kind)| phase_of(kind, &phases[index], &mut tracks)).collect();
        let pool = phases[0].pool.clone();
        let ground = SteeringPool { steer: Steer::Ground, crossfade: Span::from_secs(12), pool };
        let steering = if steering { vec![ground] } else { Vec::new() };
        Plan {
            title: "any".into(),
            route: route_of(route),
            curve: Curve::EqualPower,
            ceiling: DbTp(-3.0),
            phases,
            steering,
            tracks,
        }
    })
}

fn route_of(given: u8) -> Route {
    match given {
        0 => Route { booster: None, ..im() },
        1 => Route {
            booster: None,
            device: Some(Span::from_mins(45)),
            observation: Some(Span::from_mins(120)),
            spit: Some(MedicineTime::at(Span::from_mins(8))),
            ..im()
        },
        _ => im(),
    }
}

type AnyTrack = (i64, u8, u8, bool, bool);
type AnyPhase = (i64, u8, u8, Vec<AnyTrack>, i64, (u8, u8));

fn phase_of(kind: PhaseKind, given: &AnyPhase, tracks: &mut Vec<Track>) -> Phase {
    let (minutes, advance, order, pieces, crossfade, intensity) = given;
    let pool: Vec<TrackId> = pieces.iter().map(|given| track_of(given, tracks)).collect();
    Phase {
        kind,
        title: None,
        planned: Span::from_mins(*minutes),
        advance: [Advance::Auto, Advance::Auto, Advance::Auto, Advance::Auto, Advance::Ask, Advance::Manual]
            [usize::from(*advance)],
        level: Decibels::ZERO,
        intensity: *intensity,
        crossfade: Span::from_secs(*crossfade),
        order: [Order::Planned, Order::Planned, Order::Planned, Order::Listed, Order::Shuffled, Order::Planned]
            [usize::from(*order)],
        bed: None,
        pool,
    }
}

fn track_of(given: &AnyTrack, tracks: &mut Vec<Track>) -> TrackId {
    let (seconds, intensity, material, exits, region) = given;
    let id = tracks.len() as u32;
    let at = |share: i64| TrackTime::at(Span::from_secs(seconds * share / 8));
    let mut track = piece(id, *seconds, *intensity);
    track.material = match material {
        0 => Material::Generator,
        1 => Material::Silence,
        _ => Material::File,
    };
    track.exits = if *exits { vec![at(3), at(5)] } else { Vec::new() };
    track.loop_region = region.then(|| (at(2), at(6)));
    if *material >= 10
        && let Some(offered) = tracks.get(*seconds as usize % (tracks.len() + 1)).cloned()
    {
        track = offered;
    }
    tracks.push(track);
    TrackId(id)
}

/// What may happen.
#[derive(Clone, Debug)]
pub(super) enum Happens {
    Verb(String),
    SoundingFails,
    PreparedFails,
    SoundingIsLate,
    PreparedIsLate,
    OutputComesAndGoes,
    HostComesBack,
}

/// How long nothing happens.
#[derive(Clone, Copy, Debug)]
pub(super) enum Wait {
    Millis(i64),
    /// Until the present phase would end, and so many milliseconds more or less.
    Boundary(i64),
}

/// Some time passes, then something happens.
pub(super) type Step = (Wait, Happens);

/// A sequence of so many steps.
pub(super) fn steps(count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((waits(), happenings()), count)
}

fn waits() -> impl Strategy<Value = Wait> {
    prop_oneof![
        3 => (0i64..3000).prop_map(Wait::Millis),
        4 => (0i64..60_000).prop_map(Wait::Millis),
        2 => (0i64..900_000).prop_map(Wait::Millis),
        2 => (-1500i64..1500).prop_map(Wait::Boundary),
    ]
}

fn happenings() -> impl Strategy<Value = Happens> {
    let plain = [
        "hold",
        "release",
        "next",
        "return",
        "goto onset",
        "goto peak",
        "goto preparation",
        "goto integration",
        "ground",
        "home",
        "different",
        "duck",
        "unduck",
        "silence",
        "resume",
        "break",
        "back",
        "softer",
        "louder",
        "mute",
        "mark vitals",
        "undo",
        "undo",
        "undo",
        "device",
        "comfort",
        "output speakers",
    ];
    let plain = prop::sample::select(plain.to_vec()).prop_map(|verb| Happens::Verb(verb.to_owned()));
    let timed = (prop::sample::select(vec!["dose --ago", "booster --ago", "shift", "extend"]), 1i64..1200)
        .prop_map(|(verb, seconds)| Happens::Verb(format!("{verb} {seconds}s")));
    let earlier = (1i64..600).prop_map(|seconds| Happens::Verb(format!("shift -{seconds}s")));
    let rare = prop::sample::select(vec!["end", "dose", "dose --ago 70m --confirm", "dose --ago 70m", "start"]);
    let rare = rare.prop_map(|verb| Happens::Verb(verb.to_owned()));
    let report = prop::sample::select(vec![
        Happens::SoundingFails,
        Happens::PreparedFails,
        Happens::PreparedFails,
        Happens::SoundingIsLate,
        Happens::PreparedIsLate,
        Happens::OutputComesAndGoes,
        Happens::HostComesBack,
    ]);
    prop_oneof![24 => plain, 6 => timed, 2 => earlier, 1 => rare, 1 => report]
}

impl Room {
    /// A session that has begun, and was dosed at this second if it is one.
    pub(super) fn begun(plan: &Plan, dose: Option<i64>) -> Self {
        let mut room = Self::new(plan.clone());
        room.verb("start");
        if let Some(second) = dose {
            room.run_to(sec(second));
            room.verb("dose");
        }
        room
    }

    /// The instant at which a wait is over.
    pub(super) fn after(&self, wait: Wait) -> SessionTime {
        match wait {
            Wait::Millis(millis) => self.now + Span::from_millis(millis),
            Wait::Boundary(more) => {
                let ends = self.session.shown_end(self.session.state.course.phase);
                ends.map_or(self.now, |end| (end + Span::from_millis(more)).max(self.now))
            }
        }
    }

    /// Something happens now.
    pub(super) fn undergo(&mut self, happens: &Happens) {
        match happens {
            Happens::Verb(verb) => self.verb(verb),
            Happens::SoundingFails => self.tickets().0.into_iter().for_each(|ticket| self.failed(ticket)),
            Happens::PreparedFails => self.tickets().1.into_iter().for_each(|ticket| self.failed(ticket)),
            Happens::SoundingIsLate => self.tickets().0.into_iter().for_each(|ticket| self.late(ticket)),
            Happens::PreparedIsLate => self.tickets().1.into_iter().for_each(|ticket| self.late(ticket)),
            Happens::OutputComesAndGoes => {
                self.input(Input::Report(Report::OutputLost { why: "gone".into() }));
                self.input(Input::Report(Report::OutputBack { silence: Span::from_secs(1) }));
            }
            Happens::HostComesBack => {
                self.deck = Deck::default();
                self.input(Input::Resumed);
            }
        }
        if !self.has_music() {
            // The safe bed sounds.
            self.deck.dry_at = None;
        }
    }

    /// Whether any piece is left that may be played now.
    pub(super) fn has_music(&self) -> bool {
        let course = &self.session.state.course;
        !self.session.pool(course.phase, course.steer, self.now).pieces.is_empty()
    }

    pub(super) fn over(&self) -> bool {
        self.session.state.course.stage == state::Stage::Ended
    }
}

/// Runs a law over so many cases: the same ones in every run, so that a change is judged by what it changed, and other ones
/// with `UNDERTONE_SEED=N`, to look further. A failure is shrunk and shown, and its seed is kept in `proptest-regressions/`, from where
/// every later run takes it up first.
pub(super) fn law<S: Strategy>(cases: u32, strategy: S, holds: impl Fn(S::Value) -> Result<(), TestCaseError>) {
    let kept = FileFailurePersistence::SourceParallel("proptest-regressions");
    let config = ProptestConfig {
        cases,
        failure_persistence: Some(Box::new(kept)),
        source_file: Some(concat!(env!("CARGO_MANIFEST_DIR"), "/src/session/tests/laws.rs")),
        ..ProptestConfig::default()
    };
    let seed: u64 = option_env!("UNDERTONE_SEED").and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &bytes);
    if let Err(error) = TestRunner::new_with_rng(config, rng).run(&strategy, holds) {
        panic!("{error}");
    }
}
