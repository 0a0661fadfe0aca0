//! Before the session: sounds to try the ears and the client's level by.
//!
//! They pass by the core: no clock runs, no journal tells of them. They pass through the engine like any other sound, so the
//! ceiling, the soft way in and the client's level hold for them too.

use super::room::Answer;
use crate::audio::{Command, Curve, Ease, Engine, Health, Lane, Opener};
use crate::media::{self, Material, Side};
use crate::playlist::Loaded;
use crate::session::{self, PhaseKind, Plan};
use crate::units::{Decibels, Frames, Gain, Span, Ticket, TrackTime};
use crate::wire::Trial;

/// Tickets from here on are trials'; a session's own never come so far.
const FIRST: u32 = 1 << 31;
/// How a trial goes out, whether by key or by itself.
const OUT: Span = Span::from_secs(1);
/// What is crossed to when a trial ends: nothing, a little longer than the crossfade.
const NOTHING: Span = Span::from_millis(1500);
/// There is more of every sound than is heard: the engine's safe bed rises a second before music runs out, and it is not to
/// be heard here.
const SPARE: Span = Span::from_secs(4);

/// Music of the peak and the gain it will have there.
#[derive(Clone)]
struct Sample {
    material: Material,
    from: TrackTime,
    gain: Gain,
}

/// What can be tried, and what is being tried.
pub(super) struct Trials {
    peak: Option<Sample>,
    given: u32,
    /// When the present one is over, on the machine's clock.
    until: Option<Span>,
}

/// Whether an engine's report with this ticket is about a trial and not about the session.
pub(super) const fn is_trial(ticket: Ticket) -> bool {
    ticket.0 >= FIRST
}

impl Trials {
    /// What can be tried with this playlist.
    pub(super) fn of(loaded: &Loaded) -> Self {
        let materials = &loaded.shelf.tracks;
        let peak = loudest(&loaded.plan).and_then(|(index, gain)| {
            let track = &loaded.plan.tracks[index];
            // Not the beginning: a piece is seldom itself in its first seconds.
            let from = track.start + track.length().scaled(1.0 / 3.0);
            Some(Sample { material: materials.get(index)?.clone(), from, gain: gain.gain() })
        });
        Self { peak, given: FIRST, until: None }
    }

    /// Begins one in place of the one before.
    pub(super) fn begin(&mut self, trial: Trial, now: Span, engine: &mut Engine) -> Answer {
        let (open, gain): (Opener, Gain) = match (trial, self.peak.clone()) {
            (Trial::Stop, _) => {
                self.stop(engine);
                return Answer::Done;
            }
            (Trial::Left, _) => (Box::new(|| Ok(media::tone(Side::Left, Trial::Left.lasts() + SPARE))), Gain::UNITY),
            (Trial::Right, _) => (Box::new(|| Ok(media::tone(Side::Right, Trial::Right.lasts() + SPARE))), Gain::UNITY),
            (Trial::Peak, Some(Sample { material, from, gain })) => {
                (Box::new(move || media::open(&material, from)), gain)
            }
            (Trial::Peak, None) => return Answer::Refused("this playlist has no music to try the level by".into()),
        };
        match engine.view().main.health {
            Health::Running => {}
            Health::Opening => return Answer::Refused("the output is being opened; try again in a moment".into()),
            Health::Lost | Health::Silent => {
                return Answer::Refused("no sound output is running, so nothing would be heard; connect one".into());
            }
        }
        self.cross(engine, open, gain, trial.lasts() + SPARE);
        engine.order(Command::Ramp { lane: Lane::Presence, from: None, to: Decibels::ZERO, over: Frames::ZERO });
        self.until = Some(now + trial.lasts());
        Answer::Done
    }

    /// Ends the present one when its time is up.
    pub(super) fn look(&mut self, now: Span, engine: &mut Engine) {
        if self.until.is_some_and(|until| now >= until) {
            self.stop(engine);
        }
    }

    /// Ends the present one, if there is one, and leaves nothing behind that a session could begin with. Gives how long it
    /// takes to go out.
    pub(super) fn stop(&mut self, engine: &mut Engine) -> Span {
        if self.until.take().is_none() {
            return Span::ZERO;
        }
        let over = Frames::of(OUT);
        engine.order(Command::Ramp { lane: Lane::Presence, from: None, to: Decibels::SILENCE, over });
        self.cross(engine, Box::new(|| Ok(media::tone(Side::Left, NOTHING))), Gain::ZERO, NOTHING);
        OUT
    }

    fn cross(&mut self, engine: &mut Engine, open: Opener, gain: Gain, length: Span) {
        let ticket = Ticket(self.given);
        self.given += 1;
        engine.order(Command::Load { ticket, open, length: Some(Frames::of(length)) });
        engine.order(Command::Cross {
            ticket,
            over: Frames::of(OUT),
            curve: Curve::EqualPower,
            gain,
            ease: Ease::NONE,
        });
    }
}

/// The track that tells how loud the peak will be: the first of the peak, or of the most intense phase there is.
fn loudest(plan: &Plan) -> Option<(usize, Decibels)> {
    let intense = |phase: &&session::Phase| (phase.kind == PhaseKind::Peak, phase.intensity.0.max(phase.intensity.1));
    let phase = plan.phases.iter().max_by_key(intense)?;
    let sounds = |id: &&session::TrackId| plan.track(**id).material != session::Material::Silence;
    let id = phase.pool.iter().find(sounds)?;
    Some((id.0 as usize, plan.track(*id).gain + phase.level))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;
    use crate::audio::Settings;
    use crate::playlist;

    fn trials() -> Trials {
        let playlist = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/playlists/good/minimal.toml");
        let (loaded, findings) = playlist::load(&playlist, &playlist::Options::default(), &mut |_| Default::default());
        Trials::of(&loaded.unwrap_or_else(|| panic!("a good playlist: {findings:?}")))
    }

    /// The power of both channels over so much time.
    fn hear(engine: &mut Engine, span: Span) -> [f32; 2] {
        let (mut power, mut frames) = ([0.0; 2], 0.0_f32);
        engine.render(Frames::of(span), &mut |samples| {
            for frame in samples.chunks_exact(2) {
                power = [power[0] + frame[0] * frame[0], power[1] + frame[1] * frame[1]];
                frames += 1.0;
            }
        });
        power.map(|power| power / frames)
    }

    #[test]
    fn a_tone_is_heard_on_its_side_and_ends_by_itself() {
        let (mut trials, mut engine) = (trials(), Engine::offline(Settings::default()));
        for (trial, side) in [(Trial::Left, 0), (Trial::Right, 1)] {
            assert_eq!(trials.begin(trial, Span::ZERO, &mut engine), Answer::Done);
            let early = hear(&mut engine, Span::from_secs(1));
            hear(&mut engine, Span::from_secs(4));
            let late = hear(&mut engine, Span::from_secs(2));
            assert!(early[side] < late[side] / 100.0, "it comes up softly: {early:?} {late:?}");
            let level = 10.0 * late[side].log10();
            assert!((-36.0..-33.0).contains(&level), "{level} dB");
            assert_eq!(late[1 - side], 0.0, "{trial:?} is heard on the other side");
            assert_eq!(hear(&mut engine, Span::from_secs(1))[1 - side], 0.0, "no bed rises towards its end");
            trials.look(Trial::Left.lasts(), &mut engine);
            let [left, right] = hear(&mut engine, Span::from_secs(2));
            assert!([left, right][1 - side] < 1e-9, "no bed rises while it goes out: {left} {right}");
            assert_eq!(hear(&mut engine, Span::from_secs(5)), [0.0; 2], "nothing is left behind");
        }
    }

    #[test]
    fn the_peak_is_heard_at_its_own_level_until_it_is_stopped() {
        let (mut trials, mut engine) = (trials(), Engine::offline(Settings::default()));
        assert_eq!(trials.begin(Trial::Peak, Span::ZERO, &mut engine), Answer::Done);
        hear(&mut engine, Span::from_secs(8));
        let [left, right] = hear(&mut engine, Span::from_secs(10));
        let level = 10.0 * (left + right).log10();
        assert!((-32.0..-14.0).contains(&level), "near the target of -20 LUFS: {level} dB");
        trials.stop(&mut engine);
        hear(&mut engine, Span::from_secs(2));
        assert_eq!(hear(&mut engine, Span::from_secs(10)), [0.0; 2], "no bed rises after a trial");
    }
}
