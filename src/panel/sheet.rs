//! A plan to look at: the phases, the pieces to scale, the spare, and what comes of it if something is late or held.

use std::collections::{BTreeMap, BTreeSet};

use crate::session::{
    Advance, ArcPhase, Event, Forecast, Material, PhaseKind, Plan, Sounding, Steer, TrackId, Verb, forecast,
};
use crate::units::{SafeText, SessionTime, Span};

/// How late a dose is, and how long a phase is held, in the examples of what could happen.
const DELAY: Span = Span::from_mins(15);
/// A therapist holds a phase when its countdown begins, and gives a booster this long before the peak's end.
const BEFORE_THE_END: Span = Span::from_mins(1);
const BOOSTER_BEFORE_THE_END: Span = Span::from_mins(5);

/// All that the picture of a plan shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Sheet {
    /// The playlist's title.
    pub title: SafeText,
    /// The route's name.
    pub route: SafeText,
    /// The phases with their times.
    pub arc: Vec<ArcPhase>,
    /// The same as planned; the picture shows where a boundary was moved from.
    pub planned_arc: Vec<ArcPhase>,
    /// When the medicine was given.
    pub dose: Option<SessionTime>,
    /// When the session was over.
    pub ends: SessionTime,
    /// A row for each phase of the plan.
    pub phases: Vec<PhaseRow>,
    /// A row for each piece that sounds.
    pub pieces: Vec<PieceRow>,
    /// What a script did, and what went wrong.
    pub marks: Vec<(SessionTime, SafeText)>,
    /// What would come of it if..., or what came of a script.
    pub consequences: Vec<Consequence>,
}

/// One phase.
#[derive(Clone, Debug, PartialEq)]
pub struct PhaseRow {
    /// Its title, or its kind.
    pub title: SafeText,
    /// Its planned length.
    pub planned: Span,
    /// How long it lasted; `None` if it was passed over.
    pub lasted: Option<Span>,
    /// Who may end it.
    pub advance: Advance,
    /// Pieces heard in it.
    pub pieces: usize,
    /// Its crossfades.
    pub crossfade: Span,
    /// Places in what is heard where a piece could be left early.
    pub exits: usize,
    /// What its pool still holds.
    pub spare: Spare,
}

/// What of a pool is not heard.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Spare {
    /// Pieces.
    pub pieces: usize,
    /// How long they last together.
    pub length: Span,
    /// The pool has a generator or a stretch that may repeat: it never runs dry.
    pub endless: bool,
}

/// One piece.
#[derive(Clone, Debug, PartialEq)]
pub struct PieceRow {
    /// Its title.
    pub title: SafeText,
    /// The phase it plays in.
    pub phase: PhaseKind,
    /// The steering pool it comes from.
    pub steer: Option<Steer>,
    /// When it begins to sound.
    pub begins: SessionTime,
    /// When it is no longer heard.
    pub ends: SessionTime,
    /// The crossfade into it.
    pub over: Span,
    /// When its exits come.
    pub exits: Vec<SessionTime>,
    /// It was heard before.
    pub again: bool,
}

/// If this, then that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Consequence {
    /// If...
    pub what: SafeText,
    /// ...then.
    pub then: SafeText,
}

impl Sheet {
    /// Lays a plan out as it would come with this seed if the dose is given at the planned end of preparation. With
    /// `came`, what came of a script instead, against the plan.
    #[must_use]
    pub fn of(plan: &Plan, seed: u64, came: Option<&Forecast>) -> Self {
        let dose_at = planned_dose(plan);
        let planned = forecast(plan, seed, &[(dose_at, given())]);
        let told = came.unwrap_or(&planned);
        let pieces = pieces(plan, &told.pieces());
        let consequences = match came {
            None => what_ifs(plan, seed, &planned),
            Some(came) => vec![Consequence { what: "this script".into(), then: compared(plan, &planned, came) }],
        };
        Self {
            title: plan.title.clone(),
            route: plan.route.name.clone(),
            arc: told.arc.clone(),
            planned_arc: planned.arc.clone(),
            dose: told.dose(),
            ends: told.ends(),
            phases: phases(plan, told, &pieces),
            pieces,
            marks: if came.is_some() { marks(told) } else { Vec::new() },
            consequences,
        }
    }
}

fn given() -> Verb {
    Verb::Dose { ago: Span::ZERO, confirmed: false }
}

/// The planned end of preparation.
fn planned_dose(plan: &Plan) -> SessionTime {
    let before = plan.phases.iter().filter(|phase| phase.kind == PhaseKind::Preparation);
    SessionTime::at(before.map(|phase| phase.planned).sum())
}

fn pieces(plan: &Plan, heard: &[Sounding]) -> Vec<PieceRow> {
    let mut before: BTreeSet<TrackId> = BTreeSet::new();
    heard
        .iter()
        .map(|piece| {
            let track = plan.track(piece.track);
            PieceRow {
                title: track.title.clone(),
                phase: piece.phase,
                steer: piece.steer,
                begins: piece.begins,
                ends: piece.ends,
                over: piece.over,
                exits: track.exits.iter().filter_map(|exit| piece.reaches(*exit)).collect(),
                again: track.material != Material::Silence && !before.insert(plan.music(piece.track)),
            }
        })
        .collect()
}

fn phases(plan: &Plan, told: &Forecast, pieces: &[PieceRow]) -> Vec<PhaseRow> {
    let heard: BTreeSet<TrackId> = told.pieces().iter().map(|piece| plan.music(piece.track)).collect();
    let row = |(phase, arc): (&crate::session::Phase, &ArcPhase)| {
        let own = || pieces.iter().filter(|piece| piece.phase == phase.kind);
        let pool = || phase.pool.iter().map(|id| plan.track(*id));
        let spare: BTreeMap<TrackId, Span> = pool()
            .filter(|track| !heard.contains(&track.same_as))
            .map(|track| (track.same_as, track.length()))
            .collect();
        PhaseRow {
            title: arc.title.clone(),
            planned: phase.planned,
            lasted: arc.begins.zip(arc.ends).map(|(begins, ends)| ends - begins),
            advance: phase.advance,
            pieces: own().count(),
            crossfade: phase.crossfade,
            exits: own().map(|piece| piece.exits.len()).sum(),
            spare: Spare {
                pieces: spare.len(),
                length: spare.values().copied().sum(),
                endless: pool().any(|track| track.material == Material::Generator || track.loop_region.is_some()),
            },
        }
    };
    plan.phases.iter().zip(&told.arc).map(row).collect()
}

/// What was done and what went wrong, in a word or two.
fn marks(told: &Forecast) -> Vec<(SessionTime, SafeText)> {
    let label = |(at, event): &(SessionTime, Event)| {
        let (at, text) = match event {
            Event::Dose { ago_s, .. } => (*at - Span::from_millis((ago_s * 1000.0) as i64), "dose".to_owned()),
            Event::Booster { ago_s, .. } => (*at - Span::from_millis((ago_s * 1000.0) as i64), "booster".to_owned()),
            Event::Comfort { .. } => (*at, "comfort".to_owned()),
            Event::Verb { verb, .. } => (*at, verb.to_string()),
            Event::Undone { verb, .. } => (*at, format!("undo {verb}")),
            Event::Refused { verb, .. } => (*at, format!("{verb} refused")),
            Event::Fault { .. } => (*at, "fault".to_owned()),
            Event::Recovered { .. } => (*at, "sound is back".to_owned()),
            _ => return None,
        };
        Some((at, SafeText::new(&text)))
    };
    let mut marks: Vec<_> = told.records.iter().filter_map(label).collect();
    marks.sort_by_key(|(at, _)| *at);
    marks
}

/// What could happen in any session, acted out.
fn what_ifs(plan: &Plan, seed: u64, planned: &Forecast) -> Vec<Consequence> {
    let dose_at = planned_dose(plan);
    // Not where its arc ends: a last phase ends with the soft end.
    let peak = plan.phases.iter().zip(&planned.arc).find(|(phase, _)| phase.kind == PhaseKind::Peak);
    let peak = peak.and_then(|(phase, arc)| Some(arc.begins? + phase.planned));
    let mut cases = vec![(format!("if dose {DELAY} late"), vec![(dose_at + DELAY, given())])];
    if let Some(end) = peak {
        let held = vec![(dose_at, given()), (end - BEFORE_THE_END, Verb::Hold), (end + DELAY, Verb::Release)];
        cases.push((format!("if peak held {DELAY}"), held));
        if plan.route.booster.is_some() {
            let at = end - BOOSTER_BEFORE_THE_END;
            let minute = (at - dose_at).millis() / 60_000;
            let boosted = vec![(dose_at, given()), (at, Verb::Booster { ago: Span::ZERO })];
            cases.push((format!("if booster at {minute}"), boosted));
        }
    }
    let consequence = |(what, mut verbs): (String, Vec<(SessionTime, Verb)>)| {
        verbs.sort_by_key(|(at, _)| *at);
        let came = forecast(plan, seed, &verbs);
        Consequence { what: SafeText::new(&what), then: compared(plan, planned, &came) }
    };
    cases.into_iter().map(consequence).collect()
}

/// How one course differs from the plan: when it ends, and what is heard again.
fn compared(plan: &Plan, planned: &Forecast, came: &Forecast) -> SafeText {
    let later = (came.ends() - planned.ends()).millis() / 1000;
    let ends = match later {
        0 => format!("ends {}, as planned", came.ends()),
        1.. => format!("ends {}, {} later", came.ends(), Span::from_secs(later)),
        _ => format!("ends {}, {} earlier", came.ends(), Span::from_secs(-later)),
    };
    let rows = pieces(plan, &came.pieces());
    let mut again: Vec<(PhaseKind, usize)> = Vec::new();
    for row in rows.iter().filter(|row| row.again) {
        match again.iter_mut().find(|(phase, _)| *phase == row.phase) {
            Some((_, count)) => *count += 1,
            None => again.push((row.phase, 1)),
        }
    }
    let told: Vec<String> = again.iter().map(|(phase, count)| format!("{count} in {}", phase.name())).collect();
    let heard =
        if told.is_empty() { "nothing is heard twice".to_owned() } else { format!("heard again: {}", told.join(", ")) };
    SafeText::new(&format!("{ends}; {heard}"))
}
