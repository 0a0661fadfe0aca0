//! Translates the core's effects, in musical words, into the engine's mechanical orders; and the engine's events back into
//! reports. Nothing here decides anything.

use std::time::Instant;

use super::outputs::Outputs;
use super::sabotage::Sabotage;
use super::trial::is_trial;
use crate::audio::{self, Command, Ease, Engine, Health, Opener, Target};
use crate::media::{self, Material};
use crate::playlist::{Bed, Loaded, Shelf};
use crate::session::{self, Effect, Report, TrackId};
use crate::units::{Decibels, Frames, SafeText, Span, Ticket, TrackTime};

/// What a playlist's `[sound]` means to the engine.
pub(super) fn engine_settings(loaded: &Loaded) -> audio::Settings {
    let Bed { material, gain, .. } = &loaded.shelf.safe_bed;
    // Anything but a generator was refused when the playlist was read.
    let bed = if let Material::Generator(recipe) = material { Some((recipe.clone(), *gain)) } else { None };
    audio::Settings { ceiling: loaded.rules.ceiling, bed, ..audio::Settings::default() }
}

/// Stands between the core and the engine.
pub(super) struct Conductor {
    engine: Engine,
    shelf: Shelf,
    /// Faults that a script or the fault matrix wants to see.
    pub(super) sabotage: Sabotage,
    /// After crash upon crash: every piece is the safe bed's generator, and no decoder runs.
    safe: bool,
    /// The bed that lies under the present phase.
    bed: Option<session::BedId>,
    outputs: Outputs,
    /// An output was chosen again since this was last asked.
    chosen_anew: bool,
    /// Since when nothing is heard for want of an output.
    unheard: Option<Instant>,
    /// What has been found here, for the core.
    found: Vec<Report>,
    /// Outputs that have begun to play since this was last asked.
    begun: Vec<Target>,
}

impl Conductor {
    pub(super) fn new(engine: Engine, shelf: Shelf, outputs: Outputs) -> Self {
        let sabotage = Sabotage::default();
        Self {
            engine,
            shelf,
            sabotage,
            safe: false,
            bed: None,
            outputs,
            chosen_anew: false,
            unheard: None,
            found: Vec::new(),
            begun: Vec::new(),
        }
    }

    /// From now on nothing but the safe bed, and no decoder.
    pub(super) fn only_the_safe_bed(&mut self) {
        self.safe = true;
    }

    pub(super) fn outputs(&self) -> &Outputs {
        &self.outputs
    }

    /// Whether an output was chosen since this was last asked.
    pub(super) fn was_chosen_anew(&mut self) -> bool {
        std::mem::take(&mut self.chosen_anew)
    }

    /// The outputs that have begun to play since this was last asked, by the names that people call them.
    pub(super) fn begun(&mut self) -> Vec<SafeText> {
        let view = self.engine.view();
        let name = |target: &Target| {
            let output = view.outputs().find(|output| output.asked == *target)?;
            Some(self.outputs.name(&output.asked, &output.name))
        };
        std::mem::take(&mut self.begun).iter().filter_map(name).collect()
    }

    pub(super) fn engine(&mut self) -> &mut Engine {
        &mut self.engine
    }

    pub(super) fn view(&self) -> audio::View {
        self.engine.view()
    }

    /// Gives the engine up for a new one, as after a crash.
    pub(super) fn replace_engine(&mut self, engine: Engine) {
        self.engine = engine;
        self.bed = None;
    }

    /// Carries out one effect.
    pub(super) fn carry_out(&mut self, effect: &Effect) {
        let command = match effect {
            Effect::Prepare { ticket, track, from, until } => {
                let (open, length) = self.opener(*ticket, *track, *from, *until);
                Command::Load { ticket: *ticket, open, length: Some(length) }
            }
            Effect::Forget { ticket } => Command::Unload { ticket: *ticket },
            Effect::Cross { ticket, over, curve, .. } if self.safe => Command::Cross {
                ticket: *ticket,
                over: Frames::of(*over),
                curve: curve_of(*curve),
                gain: self.shelf.safe_bed.gain.gain(),
                ease: Ease::NONE,
            },
            Effect::Cross { ticket, over, curve, gain, ease } => Command::Cross {
                ticket: *ticket,
                over: Frames::of(*over),
                curve: curve_of(*curve),
                gain: gain.gain(),
                ease: Ease {
                    by: *ease,
                    stays: Frames::of(*over + Effect::EASED_ON_FOR),
                    back_per_second: Effect::eased_back_per_second(*ease),
                },
            },
            Effect::Bed { .. } if self.safe => return,
            Effect::Bed { bed, over } => match self.bed(*bed, *over) {
                Some(command) => command,
                None => return,
            },
            Effect::Level { lane, from, to, over } => {
                Command::Ramp { lane: lane_of(*lane), from: *from, to: *to, over: Frames::of(*over) }
            }
            Effect::Output { name } => match self.outputs.choose(name.as_str()) {
                Ok(command) => {
                    self.chosen_anew = true;
                    command
                }
                Err(why) => return self.found.push(fault(Outputs::REFUSED, &why)),
            },
            Effect::Finish => return,
        };
        self.engine.order(command);
    }

    /// Opens a piece on a decode thread.
    fn opener(&mut self, ticket: Ticket, track: TrackId, from: TrackTime, until: TrackTime) -> (Opener, Frames) {
        let mut material = self.shelf.tracks[track.0 as usize].clone();
        if self.safe && material != Material::Silence {
            material = self.shelf.safe_bed.material.clone();
            let open: Opener = Box::new(move || media::open(&material, TrackTime::ZERO));
            return (open, Frames::of(until - from));
        }
        let broken = self.sabotage.prepared(ticket, &material);
        let open: Opener = Box::new(move || match broken {
            Some(broken) => broken.open(&material, from),
            None => media::open(&material, from),
        });
        (open, Frames::of(until - from))
    }

    /// Crosses to a bed; nothing to do when it lies there already.
    fn bed(&mut self, bed: Option<session::BedId>, over: Span) -> Option<Command> {
        if bed == self.bed {
            return None;
        }
        self.bed = bed;
        let over = Frames::of(over);
        let Some(id) = bed else {
            return Some(Command::Bed { open: None, gain: Decibels::SILENCE.gain(), over });
        };
        let Bed { material, gain, .. } = self.shelf.beds[id.0 as usize].clone();
        let open: Opener = Box::new(move || match material {
            Material::File(_) => media::repeat(&material),
            endless => media::open(&endless, TrackTime::ZERO),
        });
        Some(Command::Bed { open: Some(open), gain: gain.gain(), over })
    }

    /// What the engine has to say, in the core's words.
    pub(super) fn listen(&mut self) -> Vec<Report> {
        let mut reports = std::mem::take(&mut self.found);
        while let Some(event) = self.engine.poll() {
            reports.extend(self.report(event));
        }
        reports
    }

    fn report(&mut self, event: audio::Event) -> Option<Report> {
        use audio::Event as Heard;
        match event {
            Heard::Failed { ticket, why } | Heard::Late { ticket, why } if is_trial(ticket) => {
                Some(Report::Fault { what: "trial".into(), why })
            }
            Heard::Ended { ticket } if is_trial(ticket) => None,
            Heard::Failed { ticket, why } => Some(Report::Failed { ticket, why }),
            Heard::Late { ticket, why } => Some(Report::Late { ticket, why }),
            Heard::Ended { ticket } => Some(Report::Ended { ticket }),
            Heard::OutputLost { output, why } => Some(self.lost(&output, &why)),
            Heard::OutputBack { output, .. } | Heard::OutputOn { output } => {
                let command = self.outputs.plays(&output);
                self.order_if(command);
                self.begun.push(output);
                self.heard_again()
            }
            Heard::Starved { .. } => Some(fault("starved", "the disk or the decoder is late; the safe bed fills in")),
            Heard::BedFailed { why } => Some(Report::Fault { what: "bed".into(), why }),
            Heard::OutputRefused { output, why } => {
                let command = self.outputs.refused(&output);
                self.order_if(command);
                Some(Report::Fault { what: Outputs::REFUSED.into(), why })
            }
            Heard::BufferGrown { frames } => {
                Some(fault("buffer-grown", &format!("the machine is busy; the sound buffer is now {frames} frames")))
            }
            Heard::Xruns { count } => {
                Some(fault("xruns", &format!("the device was not served in time, {count} times so far")))
            }
            Heard::BedOnly => Some(fault("bed-only", "the mixer failed inside; only the safe bed plays")),
            Heard::Loaded { .. } | Heard::Started { .. } | Heard::Left { .. } => None,
        }
    }
}

impl Conductor {
    /// An output is lost. As long as another one plays, that is a fault; otherwise nothing is heard.
    fn lost(&mut self, output: &Target, why: &SafeText) -> Report {
        let command = self.outputs.lost(output);
        self.order_if(command);
        let plays = |state: &audio::OutputState| state.health == Health::Running && state.asked != *output;
        if self.engine.view().outputs().any(plays) {
            return fault("output-lost", &format!("{why}; the other output plays on"));
        }
        self.unheard.get_or_insert_with(Instant::now);
        Report::OutputLost { why: why.clone() }
    }

    /// An output plays: if none did before, that is a recovery.
    fn heard_again(&mut self) -> Option<Report> {
        let silence = self.unheard.take()?.elapsed();
        Some(Report::OutputBack { silence: Span::from_millis(i64::try_from(silence.as_millis()).unwrap_or(i64::MAX)) })
    }

    fn order_if(&mut self, command: Option<Command>) {
        if let Some(command) = command {
            self.engine.order(command);
        }
    }
}

pub(super) fn fault(what: &str, why: &str) -> Report {
    Report::Fault { what: SafeText::new(what), why: SafeText::new(why) }
}

fn lane_of(lane: session::Lane) -> audio::Lane {
    match lane {
        session::Lane::Comfort => audio::Lane::Comfort,
        session::Lane::Duck => audio::Lane::Duck,
        session::Lane::Presence => audio::Lane::Presence,
    }
}

fn curve_of(curve: session::Curve) -> audio::Curve {
    match curve {
        session::Curve::EqualPower => audio::Curve::EqualPower,
        session::Curve::EqualGain => audio::Curve::EqualGain,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Event as Heard;
    use crate::playlist::{Lost, Output, Settings};

    /// Headphones for which speakers stand in, begun with the output of this name.
    fn conductor(begun: &str) -> Conductor {
        let output =
            |name: &str, lost| Output { name: name.into(), device: name.to_owned(), gain: Decibels::ZERO, lost };
        let speaker = Lost::Speaker { name: "speakers".into(), gain: Decibels(-18.0) };
        let outputs = vec![output("headphones", speaker), output("speakers", Lost::Hold)];
        let settings = Settings { outputs, ..Settings::default() };
        let safe_bed = Bed { title: "silence".into(), material: Material::Silence, gain: Decibels::ZERO };
        let shelf = Shelf { tracks: Vec::new(), written: Vec::new(), beds: Vec::new(), safe_bed };
        let outputs = Outputs::begin(settings, Some(begun)).expect("a name");
        Conductor::new(Engine::offline(audio::Settings::default()), shelf, outputs)
    }

    fn device(name: &str) -> Target {
        Target::Device(name.to_owned())
    }

    fn plays_on(conductor: &Conductor, names: &[&str]) -> bool {
        let selection = conductor.outputs.selection();
        selection.iter().map(|chosen| chosen.target.clone()).eq(names.iter().map(|name| device(name)))
    }

    #[test]
    fn a_refused_output_is_taken_back_so_that_the_settings_hold_when_the_one_that_plays_is_lost() {
        let mut conductor = conductor("headphones");
        conductor.carry_out(&Effect::Output { name: "speakers".into() });
        conductor.report(Heard::OutputRefused { output: device("speakers"), why: "not there".into() });
        assert!(plays_on(&conductor, &["headphones"]));
        conductor.report(Heard::OutputLost { output: device("headphones"), why: "gone".into() });
        assert!(plays_on(&conductor, &["headphones", "speakers"]));
        conductor.carry_out(&Effect::Output { name: "another".into() });
        conductor.report(Heard::OutputRefused { output: device("another"), why: "not there".into() });
        assert!(plays_on(&conductor, &["headphones", "speakers"]));
        conductor.report(Heard::OutputBack { output: device("headphones"), silence: Span::ZERO });
        assert!(plays_on(&conductor, &["headphones"]));
    }

    #[test]
    fn headphones_chosen_by_name_while_they_play_as_the_default_are_stood_in_for() {
        let mut conductor = conductor("default");
        conductor.carry_out(&Effect::Output { name: "headphones".into() });
        conductor.report(Heard::OutputOn { output: device("headphones") });
        conductor.report(Heard::OutputLost { output: device("headphones"), why: "gone".into() });
        assert!(plays_on(&conductor, &["headphones", "speakers"]));
    }
}
