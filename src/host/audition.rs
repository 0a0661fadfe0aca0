//! The joints of a playlist, each by itself: from shortly before a crossfade until shortly after it.
//!
//! Where they are is told by the core's own forecast. Each is then played by the same [`Room`] as a session, as one of two
//! phases with a piece each: when to cross, the crossfade, and how the coming piece is eased are the core's doing.

use std::sync::mpsc::{Receiver, channel};

use super::conduct::{Conductor, engine_settings};
use super::listeners::look_where_it_goes;
use super::outputs::Outputs;
use super::room::Room;
use super::scribe::Scribe;
use crate::audio::Engine;
use crate::platform::{NotHere, RouteTruth};
use crate::playlist::{Loaded, Shelf};
use crate::record::Journal;
use crate::session::{self, Advance, Order, Phase, PhaseKind, Plan, Sounding, Source, Track, TrackId, Verb};
use crate::units::{Decibels, SessionTime, Span};
use crate::wire::{OutputHealth, OutputView};

/// How much is heard before the crossfade. Half of it rises from silence: a first sound takes 5 s for that, and an output that
/// has just been opened 10 s.
pub const LEAD: Span = Span::from_secs(20);
/// How much is heard after it.
pub const TAIL: Span = Span::from_secs(10);
/// How a joint goes out, at its end or when another one is wanted.
const OUT: Span = Span::from_millis(600);
/// How long an output may take to open.
const OPENING: Span = Span::from_secs(3);
/// Far longer than anything that is heard here.
const FOR_EVER: Span = Span::from_mins(60);
/// Shortest and longest crossfade (product rule).
const SHORTEST: Span = Span::from_secs(2);
const LONGEST: Span = Span::from_secs(60);

/// A crossfade from one piece into another, as the plan has it.
#[derive(Clone, Debug, PartialEq)]
pub struct Joint {
    /// The piece that is left, at the end of the crossfade.
    pub leaving: Sounding,
    /// The piece that comes.
    pub coming: Sounding,
}

impl Joint {
    /// The longest crossfade there can be: no piece is crossed for more than half of it.
    #[must_use]
    pub fn longest(&self, plan: &Plan) -> Span {
        let heard = self.leaving.until() - self.leaving.from;
        let half = heard.min(plan.track(self.coming.track).length()).millis() / 2000;
        Span::from_secs(half).min(LONGEST).max(SHORTEST)
    }
}

/// Every joint of a session that follows its plan, in order.
#[must_use]
pub fn joints(plan: &Plan, seed: u64) -> Vec<Joint> {
    let preparation = plan.phases.iter().filter(|phase| phase.kind == PhaseKind::Preparation);
    let dose = SessionTime::at(preparation.map(|phase| phase.planned).sum());
    let dose = (dose, Verb::Dose { ago: Span::ZERO, confirmed: false });
    let pieces = session::forecast(plan, seed, &[dose]).pieces();
    pieces.windows(2).map(|pair| Joint { leaving: pair[0].clone(), coming: pair[1].clone() }).collect()
}

/// How far a joint has come.
#[derive(Clone, Debug, PartialEq)]
pub struct Progress {
    /// Since it began to sound.
    pub at: Span,
    /// When the crossfade begins, and how long it lasts.
    pub lead: Span,
    /// As above.
    pub over: Span,
    /// What is known of the output.
    pub output: OutputView,
}

/// Plays joints, one at a time. Give it the machine's clock; [`Audition::look`] several times a second.
pub struct Audition {
    loaded: Loaded,
    outputs: Outputs,
    playing: Option<Playing>,
    /// What begins once the present one has gone out.
    next: Option<(Joint, Span)>,
    /// Where the sound goes, as the sound server has it.
    routes: Receiver<Result<Vec<RouteTruth>, NotHere>>,
}

/// A joint on its way.
struct Playing {
    room: Room,
    /// Since when it is there, and since when it sounds: once its output is open.
    made: Span,
    began: Option<Span>,
    lead: Span,
    over: Span,
    /// When it will have gone out, once that has begun.
    gone: Option<Span>,
}

impl Audition {
    /// Nothing sounds yet.
    ///
    /// # Errors
    /// When the system refuses a thread.
    pub fn new(loaded: Loaded, outputs: Outputs) -> std::io::Result<Self> {
        let (tell, routes) = channel();
        look_where_it_goes(move |heard| tell.send(heard).is_ok())?;
        Ok(Self { loaded, outputs, playing: None, next: None, routes })
    }

    /// Plays a joint with a crossfade of this length, in place of whatever sounds: that goes out first.
    pub fn play(&mut self, joint: &Joint, over: Span, now: Span) {
        self.stop(now);
        self.next = Some((joint.clone(), over));
        self.look(now);
    }

    /// Lets what sounds go out.
    pub fn stop(&mut self, now: Span) {
        self.next = None;
        if let Some(playing) = self.playing.as_mut().filter(|playing| playing.gone.is_none()) {
            playing.room.fade_out(OUT);
            playing.gone = Some(playing.began.map_or(now, |_| now + OUT));
        }
    }

    /// Does what is due; how far the joint is that sounds, if one does.
    pub fn look(&mut self, now: Span) -> Option<Progress> {
        if self.playing.as_ref().and_then(|playing| playing.gone).is_some_and(|gone| now >= gone) {
            self.playing = None;
        }
        if self.playing.is_none()
            && let Some((joint, over)) = self.next.take()
        {
            self.playing = Some(self.begin(&joint, over, now));
        }
        let playing = self.playing.as_mut()?;
        let at = playing.pass(now);
        for heard in self.routes.try_iter() {
            playing.room.hear_route(SessionTime::at(at), heard);
        }
        playing.room.advance(SessionTime::at(at));
        let output = playing.room.status(SessionTime::at(at)).output;
        let progress = Progress { at, lead: playing.lead, over: playing.over, output };
        if at >= playing.lead + playing.over + TAIL {
            let next = self.next.take();
            self.stop(now);
            self.next = next;
        }
        Some(progress)
    }

    fn begin(&self, joint: &Joint, over: Span, now: Span) -> Playing {
        let (excerpt, lead) = excerpt(&self.loaded, joint, over);
        let engine = Engine::real_time(engine_settings(&excerpt), self.outputs.selection());
        let conductor = Conductor::new(engine, excerpt.shelf.clone(), self.outputs.clone());
        let journal = Scribe::Memory(Journal::in_memory());
        let room = Room::new(excerpt, 0, conductor, journal, "audition".into());
        Playing { room, made: now, began: None, lead, over, gone: None }
    }
}

impl Playing {
    /// How long it has sounded; begins as soon as its output is open, or when that takes too long.
    fn pass(&mut self, now: Span) -> Span {
        let opening = self.room.status(SessionTime::ZERO).output.health == OutputHealth::Opening;
        if self.began.is_none() && (!opening || now - self.made > OPENING) {
            // The clock of two phases runs from a dose; here it stands for nothing else.
            for verb in [Verb::Start, Verb::Dose { ago: Span::ZERO, confirmed: true }] {
                self.room.verb(SessionTime::ZERO, verb, Source::Script);
            }
            self.began = Some(now);
        }
        self.began.map_or(Span::ZERO, |began| now - began)
    }
}

/// A session of this joint alone, and when its crossfade begins.
fn excerpt(loaded: &Loaded, Joint { leaving, coming }: &Joint, over: Span) -> (Loaded, Span) {
    let (plan, shelf) = (&loaded.plan, &loaded.shelf);
    let left = leaving.until();
    // The crossfade takes no more than half of what is heard of the piece, so there is something to lead in with.
    let lead = (left - over - leaving.from).min(LEAD).max(SHORTEST);
    let begins = left - over - lead;
    let piece = |sounding: &Sounding, number: u32| Track {
        gain: sounding.gain,
        exits: Vec::new(),
        loop_region: None,
        fade_in: None,
        same_as: TrackId(number),
        ..plan.track(sounding.track).clone()
    };
    let tracks =
        vec![Track { start: begins, end: left, ..piece(leaving, 0) }, Track { start: coming.from, ..piece(coming, 1) }];
    let phase = |sounding: &Sounding, number: u32| Phase {
        kind: [PhaseKind::Onset, PhaseKind::Ascent][number as usize],
        title: None,
        planned: if number == 0 { lead } else { FOR_EVER },
        advance: if number == 0 { Advance::Auto } else { Advance::Manual },
        // It is in the piece's gain already.
        level: Decibels::ZERO,
        intensity: (3, 3),
        crossfade: if number == 0 { SHORTEST } else { over },
        order: Order::Listed,
        bed: plan.phases.iter().find(|phase| phase.kind == sounding.phase).and_then(|phase| phase.bed),
        pool: vec![TrackId(number)],
    };
    let phases = vec![phase(leaving, 0), phase(coming, 1)];
    let material = |sounding: &Sounding| shelf.tracks[sounding.track.0 as usize].clone();
    let shelf = Shelf { tracks: vec![material(leaving), material(coming)], written: Vec::new(), ..shelf.clone() };
    let plan = Plan { phases, steering: Vec::new(), tracks, ..plan.clone() };
    (Loaded { plan, shelf, ..loaded.clone() }, lead)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::media::{Cache, examine_all};
    use crate::playlist;

    fn low_tide() -> Loaded {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        let options = playlist::Options { library_roots: vec![root.join("assets")], ..playlist::Options::default() };
        let folder = tempfile::tempdir().expect("a folder");
        let cache = Cache::at(folder.path());
        let mut examine = |files: &[std::path::PathBuf]| examine_all(files, &cache, &|_, _| {});
        let (loaded, findings) = playlist::load(&root.join("playlists/low-tide.toml"), &options, &mut examine);
        loaded.unwrap_or_else(|| panic!("a good playlist: {findings:?}"))
    }

    /// What the core makes of a joint that is played alone.
    fn alone(loaded: &Loaded, joint: &Joint, over: Span) -> (Sounding, Sounding) {
        let (excerpt, _) = excerpt(loaded, joint, over);
        let dose = (SessionTime::ZERO, Verb::Dose { ago: Span::ZERO, confirmed: true });
        let pieces = session::forecast(&excerpt.plan, 0, &[dose]).pieces();
        (pieces[0].clone(), pieces[1].clone())
    }

    #[test]
    fn a_joint_alone_is_the_joint_of_the_session() {
        let loaded = low_tide();
        let joints = joints(&loaded.plan, 1);
        assert!(joints.len() > 5, "{}", joints.len());
        for joint in &joints {
            let (leaving, coming) = alone(&loaded, joint, joint.coming.over);
            let told = |of: &Sounding| (of.over, of.gain, of.from, of.eased);
            assert_eq!((leaving.until(), leaving.gain), (joint.leaving.until(), joint.leaving.gain), "{joint:?}");
            assert_eq!(told(&coming), told(&joint.coming), "{joint:?}");
        }
    }

    #[test]
    fn a_length_that_was_changed_is_what_is_heard() {
        let loaded = low_tide();
        for joint in joints(&loaded.plan, 1) {
            let longest = joint.longest(&loaded.plan);
            for over in [SHORTEST, Span::from_secs(7), longest] {
                let (leaving, coming) = alone(&loaded, &joint, over.min(longest));
                assert_eq!(coming.over, over.min(longest), "{joint:?}");
                assert_eq!(leaving.until(), joint.leaving.until(), "it is left at the same place");
            }
        }
    }

    #[test]
    fn a_joint_is_over_ten_seconds_after_its_crossfade_and_then_nothing_sounds() {
        let loaded = low_tide();
        let joint = joints(&loaded.plan, 1).swap_remove(0);
        let outputs = Outputs::begin(playlist::Settings::default(), Some("null")).expect("no output");
        let mut audition = Audition::new(loaded, outputs).expect("a thread");
        audition.play(&joint, Span::from_secs(4), Span::ZERO);
        let at = |secs| Span::from_secs(secs);
        let parts = |progress: Progress| (progress.at, progress.lead, progress.over);
        assert_eq!(audition.look(at(3)).map(parts), Some((at(3), LEAD, at(4))));
        assert!(audition.look(at(34)).is_some(), "it goes out");
        assert_eq!(audition.look(at(35)), None);
        audition.play(&joint, at(2), at(36));
        audition.play(&joint, at(5), at(37));
        assert_eq!(
            audition.look(at(38)).map(parts),
            Some((Span::ZERO, LEAD, at(5))),
            "the one before has gone out first"
        );
        audition.stop(at(39));
        assert_eq!(audition.look(at(40)), None);
    }
}
