//! Whether the sound arrives where it should, judged by what the sound server says of it.
//!
//! What cannot be known is said to be unknown; it is never taken for good.

use std::collections::BTreeMap;

use crate::audio::{Command, OutputState, Target};
use crate::platform::{NotHere, RouteTruth};
use crate::units::{Decibels, SafeText};

/// The server's volume may differ by so much from the accepted one.
const SAME: f32 = 0.5;
/// A server's volume of no more than this, in dB, is nothing: nobody hears it, and nobody can have accepted it.
const NOTHING: f32 = -50.0;
/// What the ids of outputs begin with whose sound server can be asked; the rest is its name of the output.
const ASKED: &str = "pulseaudio:";

/// What was last heard of the server, and what was accepted.
#[derive(Debug, Default)]
pub struct Truth {
    heard: Option<Result<Vec<RouteTruth>, NotHere>>,
    /// The volume of each output when it was first heard there, in dB.
    accepted: BTreeMap<String, f32>,
    /// The volume of each output that was at nothing, until it stays where it was turned up to.
    turned_up: BTreeMap<String, f32>,
    /// What an earlier host of this session accepted, until it is heard there again.
    remembered: BTreeMap<String, f32>,
    /// By how much each output is softer because of what was found.
    trims: BTreeMap<String, Decibels>,
    /// What was last said to be wrong, until all is known to be well.
    told: Option<SafeText>,
}

/// How an output's sound fares outside the program.
#[derive(Clone, Debug, PartialEq)]
pub enum Verdict {
    /// It arrives, if only at a null sink; the note says what else there is to know.
    Arrives { null: bool, note: Option<SafeText> },
    /// It does not, or nobody hears it, or not at the level that was accepted.
    Wrong { why: SafeText, harm: Harm },
    /// Nobody can tell.
    Unknown { why: SafeText },
}

/// What can be done about it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Harm {
    /// Nothing from here.
    None,
    /// Others keep it from being heard, and may let it be heard at any moment: until then it stays low, and comes up softly.
    Unheard,
    /// The sound is on another output: this one is to be opened anew.
    Astray,
    /// It is louder by this than accepted: the output is to be softer by as much.
    Louder(Decibels),
}

impl Truth {
    /// Takes in what the server says; until the session has `begun` whatever volume is found is accepted.
    pub fn hear(&mut self, heard: Result<Vec<RouteTruth>, NotHere>, outputs: &[OutputState], begun: bool) {
        if let Ok(streams) = &heard {
            for output in outputs {
                let Some(sink) = sink_of(output) else { continue };
                let stream = streams.iter().find(|stream| stream.sink.as_str() == sink);
                if let Some(volume) = stream.and_then(found) {
                    self.accept(sink, volume, begun);
                }
            }
        }
        self.heard = Some(heard);
    }

    fn accept(&mut self, sink: &str, volume: f32, begun: bool) {
        if begun && self.accepted.contains_key(sink) {
            return;
        }
        // On its way up from nothing it is not yet where somebody wants it.
        let before = self.turned_up.get_mut(sink).map(|before| std::mem::replace(before, volume));
        if volume <= NOTHING {
            self.turned_up.insert(sink.to_owned(), volume);
        } else if before.is_none_or(|before| (volume - before).abs() <= SAME) {
            self.turned_up.remove(sink);
            let remembered = self.remembered.remove(sink);
            self.accepted.insert(sink.to_owned(), remembered.unwrap_or(volume));
        }
    }

    /// The same session goes on: what was accepted before still is, whatever has become louder meanwhile.
    pub fn remember(&mut self, volumes: BTreeMap<String, f32>) {
        self.remembered = volumes;
    }

    /// The volume of each output that counts as accepted, in dB.
    pub fn volumes(&self) -> BTreeMap<String, f32> {
        self.remembered.iter().chain(&self.accepted).map(|(sink, volume)| (sink.clone(), *volume)).collect()
    }

    /// The outputs are chosen again: whatever their volume is then is accepted. One that was not chosen, and goes out only as the
    /// chosen one comes in, must not become louder for it.
    pub fn accept_anew<'a>(&mut self, not_chosen: impl Iterator<Item = &'a OutputState>) {
        let stay: Vec<&str> = not_chosen.filter_map(sink_of).collect();
        self.accepted.retain(|sink, _| stay.contains(&sink.as_str()));
        self.remembered.clear();
        self.heard = None;
        self.told = None;
    }

    /// How this output's sound fares; `named`: by the therapist or the clinic.
    pub fn verdict(&self, output: &OutputState, named: bool) -> Verdict {
        let unknown = |why: &str| Verdict::Unknown { why: SafeText::new(why) };
        let Some(sink) = sink_of(output) else {
            return match &output.id {
                // No device at all: the sound stays in this program.
                None => Verdict::Arrives { null: false, note: None },
                Some(_) => unknown("sound is made, but this system cannot say whether it arrives; listen"),
            };
        };
        match &self.heard {
            None => unknown("sound is made; where it goes is being asked"),
            Some(Err(why)) => unknown(&format!("sound is made, but {why}; listen")),
            Some(Ok(streams)) => match streams.iter().find(|stream| stream.sink.as_str() == sink) {
                Some(stream) => self.judge(sink, stream, output, named),
                // Only what was heard there before has gone astray.
                None if self.accepted.contains_key(sink) => astray(sink, streams),
                None => unknown("sound is made, but the sound server does not show it yet; listen"),
            },
        }
    }

    /// What to tell the engine about a verdict, if anything has changed.
    pub fn remedy(&mut self, output: &OutputState, verdict: &Verdict) -> Option<Command> {
        let sink = sink_of(output)?;
        let trim = self.trims.entry(sink.to_owned()).or_insert(Decibels::ZERO);
        let asked = output.asked.clone();
        let by = match verdict {
            Verdict::Wrong { harm: Harm::Astray, .. } => return Some(Command::Reopen { output: asked }),
            Verdict::Wrong { harm: Harm::Louder(by), .. } => -*by,
            Verdict::Wrong { harm: Harm::Unheard, .. } => Decibels::SILENCE,
            Verdict::Unknown { .. } => return None,
            Verdict::Arrives { .. } | Verdict::Wrong { .. } => Decibels::ZERO,
        };
        let was = std::mem::replace(trim, by);
        // Said again and again while it matters: the output may have been opened anew meanwhile.
        (by != was || by != Decibels::ZERO).then_some(Command::Trim { output: asked, by })
    }

    /// What is wrong and was not said yet, given how every output fares. Where nobody can tell, what was said stands: a server
    /// that is slow to answer once is no news.
    pub fn news(&mut self, verdicts: &[Verdict]) -> Option<SafeText> {
        let why = |verdict: &Verdict| if let Verdict::Wrong { why, .. } = verdict { Some(why.clone()) } else { None };
        let wrong = verdicts.iter().find_map(why);
        let unknown = verdicts.iter().any(|verdict| matches!(verdict, Verdict::Unknown { .. }));
        if wrong == self.told || wrong.is_none() && unknown {
            return None;
        }
        self.told.clone_from(&wrong);
        wrong
    }

    /// What to do stands first in each sentence: a line may be too short for the rest, and names of devices are long.
    fn judge(&self, sink: &str, stream: &RouteTruth, output: &OutputState, named: bool) -> Verdict {
        let wrong = |why: String, harm| Verdict::Wrong { why: SafeText::new(&why), harm };
        let name = &output.name;
        let raised = stream.volume_db.zip(self.accepted.get(sink)).map(|(volume, accepted)| volume - accepted);
        let harm = match raised {
            Some(by) if by > SAME => Harm::Louder(Decibels(by)),
            _ => Harm::None,
        };
        if stream.muted {
            return wrong(format!("unmute {name} in the sound server: it is muted there"), Harm::Unheard);
        }
        if stream.volume_db.is_some_and(|volume| volume <= NOTHING) {
            let why = format!("turn {name} up in the sound server: its volume there is at nothing");
            return wrong(why, Harm::Unheard);
        }
        if stream.suspended {
            return wrong(format!("{name} is suspended by the sound server and takes no sound"), harm);
        }
        if let Some(by) = raised {
            if by > SAME {
                let why = format!(
                    "put the volume back in the sound server: {name} was raised by {by:.1} dB; the music is softer by as \
                     much until then, or until the output is chosen again"
                );
                return wrong(why, harm);
            }
            if by < -SAME {
                let why = format!(
                    "put the volume back in the sound server, or choose the output again: {name} was lowered by {:.1} dB",
                    -by
                );
                return wrong(why, Harm::None);
            }
        }
        if stream.null && !named {
            return wrong(format!("choose an output by its name: nobody hears a null sink ({name})"), Harm::None);
        }
        let alone = stream.null.then(|| "it is a null sink, named on purpose: no loudspeaker plays this".into());
        let note =
            stream.others.first().map(|other| SafeText::new(&format!("{other} sounds on this output too: end it")));
        Verdict::Arrives { null: stream.null, note: note.or(alone) }
    }
}

/// The volume that counts as found there: whatever the output has, but of our own stream no more than it asks for. Servers
/// remember a stream's volume from another day, and one above that is never what this room accepted.
fn found(stream: &RouteTruth) -> Option<f32> {
    let above = stream.stream_db.map_or(0.0, |own| own.max(0.0));
    stream.volume_db.map(|volume| volume - above).filter(|volume| !volume.is_nan())
}

fn astray(sink: &str, streams: &[RouteTruth]) -> Verdict {
    match streams.first() {
        Some(elsewhere) => Verdict::Wrong {
            why: SafeText::new(&format!("the sound server plays this on {} instead of {sink}", elsewhere.sink)),
            harm: Harm::Astray,
        },
        None => Verdict::Wrong { why: "the sound server knows of no sound from here".into(), harm: Harm::None },
    }
}

/// The server's name of an output, where there is a server to ask.
fn sink_of(output: &OutputState) -> Option<&str> {
    output.id.as_deref()?.strip_prefix(ASKED)
}

/// Whether the output is one that the therapist or the clinic named; otherwise it is whatever the system chose.
pub fn is_named(target: &Target) -> bool {
    *target != Target::Default
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audio::Health;
    use crate::units::Span;

    fn output(sink: &str) -> OutputState {
        OutputState {
            asked: Target::Device(sink.to_owned()),
            id: Some(format!("pulseaudio:{sink}")),
            health: Health::Running,
            name: SafeText::new(sink),
            gain: Decibels::ZERO,
            latency: None,
            xruns: 0,
            callback_age: Span::ZERO,
        }
    }

    fn stream(sink: &str) -> RouteTruth {
        RouteTruth {
            sink: SafeText::new(sink),
            null: false,
            muted: false,
            suspended: false,
            volume_db: Some(-6.0),
            stream_db: Some(0.0),
            others: Vec::new(),
        }
    }

    /// The verdict on headphones, after the server said first one thing and then another.
    fn verdict(then: Result<Vec<RouteTruth>, NotHere>, named: bool) -> Verdict {
        let mut truth = Truth::default();
        let outputs = [output("usb")];
        truth.hear(Ok(vec![stream("usb")]), &outputs, true);
        truth.hear(then, &outputs, true);
        truth.verdict(&outputs[0], named)
    }

    fn harm(verdict: Verdict) -> Harm {
        if let Verdict::Wrong { harm, .. } = verdict { harm } else { panic!("{verdict:?}") }
    }

    #[test]
    fn sound_arrives_only_where_the_server_says_so() {
        let well = Verdict::Arrives { null: false, note: None };
        assert_eq!(verdict(Ok(vec![stream("usb")]), true), well);
        assert_eq!(verdict(Ok(vec![stream("hdmi"), stream("usb")]), true), well, "another one plays beside it");
        assert_eq!(harm(verdict(Ok(vec![stream("hdmi")]), true)), Harm::Astray);
        assert_eq!(harm(verdict(Ok(vec![]), true)), Harm::None);
        assert_eq!(harm(verdict(Ok(vec![RouteTruth { muted: true, ..stream("usb") }]), true)), Harm::Unheard);
        assert_eq!(harm(verdict(Ok(vec![RouteTruth { suspended: true, ..stream("usb") }]), true)), Harm::None);
    }

    #[test]
    fn a_null_sink_is_played_to_only_when_it_was_named_and_is_called_by_its_name() {
        let null = || Ok(vec![RouteTruth { null: true, ..stream("usb") }]);
        assert!(
            matches!(verdict(null(), true), Verdict::Arrives { null: true, note: Some(note) } if note.as_str().contains("null sink"))
        );
        assert_eq!(harm(verdict(null(), false)), Harm::None);
    }

    #[test]
    fn what_is_wrong_is_said_once_though_the_server_is_slow_to_answer_in_between() {
        let mut truth = Truth::default();
        let muted = Verdict::Wrong { why: "muted".into(), harm: Harm::None };
        let unknown = Verdict::Unknown { why: "no answer".into() };
        let well = Verdict::Arrives { null: false, note: None };
        assert_eq!(truth.news(&[well.clone(), muted.clone()]), Some("muted".into()));
        for verdicts in [vec![muted.clone()], vec![unknown.clone()], vec![well.clone(), muted.clone()]] {
            assert_eq!(truth.news(&verdicts), None, "{verdicts:?}");
        }
        assert_eq!(truth.news(&[well]), None);
        assert_eq!(truth.news(std::slice::from_ref(&muted)), Some("muted".into()), "it was well in between");
        truth.accept_anew([].iter());
        assert_eq!(truth.news(&[unknown]), None);
        assert_eq!(truth.news(&[muted]), Some("muted".into()), "the output was chosen anew");
    }

    #[test]
    fn the_volume_stays_within_half_a_decibel_of_the_accepted_one() {
        let at = |volume| verdict(Ok(vec![RouteTruth { volume_db: Some(volume), ..stream("usb") }]), true);
        assert_eq!(at(-5.6), Verdict::Arrives { null: false, note: None });
        assert_eq!(harm(at(4.6)), Harm::Louder(Decibels(10.6)));
        assert_eq!(harm(at(-9.0)), Harm::None);
        let silent = RouteTruth { volume_db: Some(f32::NEG_INFINITY), ..stream("usb") };
        assert_eq!(harm(verdict(Ok(vec![silent]), true)), Harm::Unheard);
        let mut truth = Truth::default();
        truth.hear(Ok(vec![stream("usb")]), &[output("usb")], true);
        truth.accept_anew([].iter());
        truth.hear(Ok(vec![RouteTruth { volume_db: Some(0.0), ..stream("usb") }]), &[output("usb")], true);
        assert_eq!(truth.verdict(&output("usb"), true), Verdict::Arrives { null: false, note: None });
    }

    #[test]
    fn what_is_turned_up_from_nothing_is_accepted_where_it_stays() {
        let outputs = [output("usb")];
        let mut truth = Truth::default();
        let mut at = |volume: f32| {
            truth.hear(Ok(vec![RouteTruth { volume_db: Some(volume), ..stream("usb") }]), &outputs, true);
            (truth.verdict(&outputs[0], true), truth.volumes().get("usb").copied())
        };
        let (verdict, accepted) = at(f32::NEG_INFINITY);
        assert_eq!(
            (harm(verdict), accepted),
            (Harm::Unheard, None),
            "nobody hears it, and it does not count as playing"
        );
        let well = Verdict::Arrives { null: false, note: None };
        assert_eq!(at(-30.0), (well.clone(), None), "on its way up");
        assert_eq!(at(-12.0), (well.clone(), None));
        assert_eq!(at(-12.0), (well, Some(-12.0)));
        assert_eq!(harm(at(-4.0).0), Harm::Louder(Decibels(8.0)));
    }

    #[test]
    fn until_the_session_begins_whatever_volume_is_found_is_accepted() {
        let outputs = [output("usb")];
        let mut truth = Truth::default();
        for (volume, begun, accepted) in [(-20.0, false, -20.0), (-8.0, false, -8.0), (-2.0, true, -8.0)] {
            truth.hear(Ok(vec![RouteTruth { volume_db: Some(volume), ..stream("usb") }]), &outputs, begun);
            assert_eq!(truth.volumes().get("usb"), Some(&accepted), "{volume} dB");
        }
    }

    #[test]
    fn an_output_that_goes_out_is_not_let_up_because_another_was_chosen() {
        let outputs = [output("usb")];
        let mut truth = Truth::default();
        truth.hear(Ok(vec![stream("usb")]), &outputs, true);
        truth.accept_anew(outputs.iter());
        truth.hear(Ok(vec![RouteTruth { volume_db: Some(4.0), ..stream("usb") }]), &outputs, true);
        assert_eq!(harm(truth.verdict(&outputs[0], true)), Harm::Louder(Decibels(10.0)));
    }

    #[test]
    fn what_others_have_muted_is_low_when_they_let_it_be_heard_again() {
        let outputs = [output("usb")];
        let mut truth = Truth::default();
        truth.hear(Ok(vec![stream("usb")]), &outputs, true);
        let mut trim = |then: Result<RouteTruth, NotHere>| {
            truth.hear(then.map(|stream| vec![stream]), &outputs, true);
            let verdict = truth.verdict(&outputs[0], true);
            match truth.remedy(&outputs[0], &verdict) {
                Some(Command::Trim { by, .. }) => Some(by.0),
                _ => None,
            }
        };
        let raised = RouteTruth { volume_db: Some(4.6), ..stream("usb") };
        assert_eq!(trim(Ok(raised.clone())), Some(-10.6));
        assert_eq!(trim(Ok(RouteTruth { muted: true, ..raised.clone() })), Some(Decibels::SILENCE.0));
        assert_eq!(trim(Err(NotHere(SafeText::new("no answer")))), None, "it stays as it is");
        assert_eq!(trim(Ok(raised.clone())), Some(-10.6), "unmuted");
        assert_eq!(trim(Ok(RouteTruth { suspended: true, ..raised })), Some(-10.6));
        assert_eq!(trim(Ok(stream("usb"))), Some(0.0));
    }

    #[test]
    fn a_louder_stream_that_the_server_remembers_from_another_day_is_never_accepted() {
        let outputs = [output("usb")];
        let restored = RouteTruth { volume_db: Some(5.0), stream_db: Some(11.0), ..stream("usb") };
        let mut truth = Truth::default();
        truth.hear(Ok(vec![restored]), &outputs, true);
        let verdict = truth.verdict(&outputs[0], true);
        assert_eq!(harm(verdict.clone()), Harm::Louder(Decibels(11.0)));
        assert!(matches!(truth.remedy(&outputs[0], &verdict), Some(Command::Trim { by: Decibels(-11.0), .. })));
        // A softer one may be the clinic's own choice.
        let mut truth = Truth::default();
        truth.hear(
            Ok(vec![RouteTruth { volume_db: Some(-12.0), stream_db: Some(-6.0), ..stream("usb") }]),
            &outputs,
            true,
        );
        assert_eq!(truth.verdict(&outputs[0], true), Verdict::Arrives { null: false, note: None });
    }

    #[test]
    fn a_later_host_of_the_session_accepts_no_more_than_the_first_did() {
        let outputs = [output("usb")];
        let mut first = Truth::default();
        first.hear(Ok(vec![stream("usb")]), &outputs, true);
        let mut later = Truth::default();
        later.remember(first.volumes());
        assert_eq!(later.volumes(), first.volumes(), "though it has heard nothing yet");
        assert!(matches!(later.verdict(&outputs[0], true), Verdict::Unknown { .. }), "nor is it astray");
        later.hear(Ok(vec![RouteTruth { volume_db: Some(4.6), ..stream("usb") }]), &outputs, true);
        assert_eq!(harm(later.verdict(&outputs[0], true)), Harm::Louder(Decibels(10.6)));
        later.accept_anew([].iter());
        assert!(later.volumes().is_empty(), "unless the output is chosen again");
    }

    #[test]
    fn another_program_on_the_output_is_named() {
        let beside = RouteTruth { others: vec!["Firefox".into()], ..stream("usb") };
        let verdict = verdict(Ok(vec![beside]), true);
        assert!(matches!(verdict, Verdict::Arrives { note: Some(note), .. } if note.as_str().starts_with("Firefox")));
    }

    #[test]
    fn what_nobody_can_tell_is_not_taken_for_good() {
        let silent_server = NotHere(SafeText::new("the sound server does not answer"));
        assert!(matches!(verdict(Err(silent_server), true), Verdict::Unknown { .. }));
        assert!(matches!(Truth::default().verdict(&output("usb"), true), Verdict::Unknown { .. }));
        let alsa = OutputState { id: Some("alsa:hw:0".to_owned()), ..output("usb") };
        assert!(matches!(Truth::default().verdict(&alsa, true), Verdict::Unknown { .. }));
    }
}
