//! What is known of the sound, in words: *playing* only where it is shown.

use super::outputs::Outputs;
use super::truth::{Truth, Verdict, is_named};
use crate::audio::{Health, OutputState, Target, View};
use crate::session::{Snapshot, Transport};
use crate::units::{Decibels, SafeText, Span};
use crate::wire::{OutputHealth, OutputPart, OutputView};

/// The level after the limiter above which music is taken to be heard (product rule).
const HEARD: Decibels = Decibels(-50.0);
/// An output that has not asked for sound for so long does not play: four of the largest buffers.
const SERVED: Span = Span::from_millis(350);

/// What the host knows of the sound; `lost`: why nothing is heard, while that is so.
pub fn output_view(
    session: &Snapshot,
    view: &View,
    outputs: &Outputs,
    truth: &Truth,
    lost: Option<&SafeText>,
) -> OutputView {
    let wanted = matches!(session.transport, Transport::Running | Transport::Held | Transport::Ending);
    let quiet = session.quiet.is_some_and(|quiet| quiet.is_silent());
    let level = view.meter[0].max(view.meter[1]);
    let troubles: Vec<SafeText> = view.outputs().filter_map(|output| trouble(output, outputs, truth, lost)).collect();
    let loud = view.outputs().all(|output| level + output.gain > HEARD);
    let playing = wanted && !quiet && loud && troubles.is_empty();
    let coming_up = session.now.as_ref().is_some_and(|now| now.crossing);
    let state = match troubles.first() {
        Some(trouble) => trouble.clone(),
        None if playing => note(view, truth).unwrap_or_else(|| "playing".into()),
        None if session.transport == Transport::Ending => "going out softly".into(),
        None if wanted && !quiet && coming_up => "coming up softly".into(),
        None if wanted && !quiet => "very quiet".into(),
        None => note(view, truth).unwrap_or_else(|| "ready".into()),
    };
    OutputView {
        name: names(view, outputs, truth),
        health: health_of(view.main.health),
        playing,
        state,
        meter: (view.meter[0], view.meter[1]),
        latency: view.main.latency,
        xruns: view.outputs().map(|output| output.xruns).sum(),
        lead: view.lead,
        each: view.outputs().map(|output| part(output, outputs)).collect(),
    }
}

/// Every output by the name that people call it; a null sink is called one, wherever its name is shown.
fn names(view: &View, outputs: &Outputs, truth: &Truth) -> SafeText {
    let name = |output: &OutputState| {
        let name = outputs.name(&output.asked, &output.name);
        let null = matches!(truth.verdict(output, is_named(&output.asked)), Verdict::Arrives { null: true, .. });
        if null { format!("{name} (null sink)") } else { name.to_string() }
    };
    SafeText::new(&view.outputs().map(name).collect::<Vec<_>>().join(" and "))
}

/// What is good to know of an output that is well.
fn note(view: &View, truth: &Truth) -> Option<SafeText> {
    view.outputs().find_map(|output| match truth.verdict(output, is_named(&output.asked)) {
        Verdict::Arrives { note, .. } => note,
        _ => None,
    })
}

/// What keeps an output from being heard, as far as it is known.
fn trouble(output: &OutputState, outputs: &Outputs, truth: &Truth, lost: Option<&SafeText>) -> Option<SafeText> {
    let name = outputs.name(&output.asked, &output.name);
    match output.health {
        Health::Opening => Some("opening the output".into()),
        Health::Lost => Some(match lost {
            Some(why) => SafeText::new(&format!("use the backup player if it stays away: {why}")),
            None => SafeText::new(&format!("{name} is gone; it is tried again and again")),
        }),
        Health::Silent if output.asked == Target::Null => Some("no output was chosen: nobody hears this".into()),
        Health::Silent => Some(match lost {
            // One that was named is not there, though others may be.
            Some(why) if is_named(&output.asked) => {
                SafeText::new(&format!("connect the output, or choose another one; nobody hears this: {why}"))
            }
            _ => "connect a sound device: none was found, and nobody hears this".into(),
        }),
        Health::Running if output.callback_age >= SERVED => Some(SafeText::new(&format!("{name} does not answer"))),
        Health::Running => match truth.verdict(output, is_named(&output.asked)) {
            Verdict::Arrives { .. } => None,
            Verdict::Wrong { why, .. } | Verdict::Unknown { why } => Some(why),
        },
    }
}

fn part(output: &OutputState, outputs: &Outputs) -> OutputPart {
    OutputPart {
        name: outputs.name(&output.asked, &output.name),
        device: SafeText::new(output.id.as_deref().unwrap_or_default()),
        health: health_of(output.health),
        gain: output.gain,
        lost: outputs.policy(&output.asked),
        latency: output.latency,
        xruns: output.xruns,
    }
}

fn health_of(health: Health) -> OutputHealth {
    match health {
        Health::Opening => OutputHealth::Opening,
        Health::Running => OutputHealth::Running,
        Health::Lost => OutputHealth::Lost,
        Health::Silent => OutputHealth::Silent,
    }
}
