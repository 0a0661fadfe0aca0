//! What must be heard, and what must never be: the sound of a session against what it showed and what broke.

use undertone::record::Record;
use undertone::session::{Event, Input, Report, Snapshot, Transport, Why};

use super::ear::{Ear, NOTHING};
use super::session::Told;

/// Unplanned silence may last this long, in tenths of a second (3 s).
const SILENCE: usize = 30;
/// The level of a safe bed on its softest way in, in dB below full scale: -34 LUFS, some dB of its own ups and downs, and a
/// first sound that has come up for 3 s.
const BED_COMING_UP: f32 = -34.0 - 10.0 - 40.0;
/// By how much a duck lowers it.
const DUCK: f32 = -12.0;
/// The ceiling, -3 dBTP, linear; samples lie below true peaks.
const CEILING: f32 = 0.7080;
/// Below this nothing is a rise, in dBFS: where every first sound begins, 60 dB below the usual -20.
const FLOOR: f32 = -80.0;
/// The fastest rise ever, in dB over a second, with what the measuring adds.
const PER_SECOND: f32 = 12.0 + 1.5;
/// The largest rise without a key, in dB over ten seconds, with what the measuring adds.
const PER_TEN_SECONDS: f32 = 3.0 + 1.0;
/// What is louder than this is heard, in dBFS.
const HEARD: f32 = -65.0;

/// Every rule that was broken, as sentences.
pub fn broken(told: &Told) -> Vec<String> {
    let laws = [ceiling(told), silence(told), quiet(told), after_the_end(told), fast_rises(told), slow_rises(told)];
    laws.into_iter().flatten().collect()
}

fn ceiling(told: &Told) -> Option<String> {
    let Ear { largest, nonsense, .. } = told.ear;
    (largest > CEILING || nonsense).then(|| format!("a sample of {largest}; nonsense: {nonsense}"))
}

/// What was shown at the second before this tenth.
fn seen(told: &Told, tenth: usize) -> Option<&Snapshot> {
    // The first is shown after one second.
    told.seen.get((tenth / 10).checked_sub(1)?)
}

/// Times in tenths between which the output was lost.
fn without_output(told: &Told) -> Vec<(usize, usize)> {
    let (mut spans, mut since) = (Vec::new(), None);
    for record in &told.story.records {
        match &record.event {
            Event::Fault { report: Report::OutputLost { .. } } => since = since.or(Some(tenth_of(record))),
            Event::Recovered { .. } => spans.extend(since.take().map(|from| (from, tenth_of(record)))),
            _ => {}
        }
    }
    spans.extend(since.map(|from| (from, usize::MAX / 2)));
    spans
}

fn tenth_of(record: &Record) -> usize {
    (record.t.since_start().millis() / 100) as usize
}

/// Whether a span comes near `tenth`: so many before it, so many after it.
fn near(spans: &[(usize, usize)], tenth: usize, before: usize, after: usize) -> bool {
    spans.iter().any(|(from, to)| from.saturating_sub(before) <= tenth && tenth <= to + after)
}

/// Where sound is expected there is some, but for 3 s at most.
fn silence(told: &Told) -> Option<String> {
    let lost = without_output(told);
    let expected = |tenth: usize| {
        let seen = seen(told, tenth)?;
        let next = self::seen(told, tenth + 10)?;
        let runs = |seen: &Snapshot| {
            let playing = matches!(seen.transport, Transport::Running | Transport::Held);
            playing && seen.quiet.is_none() && seen.now.as_ref().is_none_or(|now| now.title.as_str() != "Silence")
        };
        let wanted = runs(seen) && runs(next) && !near(&lost, tenth, 1, 1);
        let duck = if seen.ducked || next.ducked { DUCK } else { 0.0 };
        wanted.then(|| BED_COMING_UP + duck + seen.level.0.min(next.level.0))
    };
    let mut run = 0;
    for tenth in 0..told.ear.tenths() {
        let silent = expected(tenth).is_some_and(|floor| told.ear.level(tenth, 1) < floor);
        run = if silent { run + 1 } else { 0 };
        if run > SILENCE {
            return Some(format!("silence nobody asked for, until {:.1} s", tenth as f32 / 10.0));
        }
    }
    None
}

/// Where silence was asked for long enough ago there is nothing at all.
fn quiet(told: &Told) -> Option<String> {
    let silent = |seen: &Snapshot| seen.quiet.is_some_and(|quiet| quiet.is_silent());
    let asked = |tenth: usize| (0..10).all(|ago| seen(told, tenth.saturating_sub(10 * ago)).is_some_and(silent));
    let mut tenths =
        (90..told.ear.tenths()).filter(|tenth| asked(*tenth) && seen(told, tenth + 10).is_some_and(silent));
    let heard = tenths.find(|tenth| told.ear.level(*tenth, 1) > NOTHING)?;
    Some(format!("{} dBFS in a silence that was asked for, at {} s", told.ear.level(heard, 1), heard / 10))
}

fn after_the_end(told: &Told) -> Option<String> {
    let ended = (told.outcome.ended.since_start().millis() / 100) as usize + 3;
    let heard = (ended..told.ear.tenths()).find(|tenth| told.ear.level(*tenth, 1) > NOTHING)?;
    Some(format!("{} dBFS after the end, at {} s", told.ear.level(heard, 1), heard / 10))
}

/// Nothing ever rises faster than 12 dB in a second. (How a real output comes back is its supervisor's affair.)
fn fast_rises(told: &Told) -> Option<String> {
    let lost = without_output(told);
    let rise = |tenth: usize| told.ear.level(tenth + 10, 4).max(FLOOR) - told.ear.level(tenth, 4).max(FLOOR);
    let judged = (0..told.ear.tenths().saturating_sub(14)).filter(|tenth| !near(&lost, *tenth, 15, 5));
    let worst = judged.max_by(|one, other| rise(*one).total_cmp(&rise(*other)))?;
    (rise(worst) > PER_SECOND).then(|| format!("a rise of {:.1} dB in a second, at {} s", rise(worst), worst / 10))
}

/// What sounds does not rise by more than 3 dB in ten seconds unless a key was pressed or something broke, or silence ends.
fn slow_rises(told: &Told) -> Option<String> {
    let excuses = excuses(told);
    let level = |tenth: usize| told.ear.level(tenth, 30);
    let rise = |tenth: usize| if level(tenth) > HEARD { level(tenth + 100) - level(tenth) } else { 0.0 };
    let judged = (0..told.ear.tenths().saturating_sub(130)).filter(|tenth| !near(&excuses, *tenth, 130, 0));
    let worst = judged.max_by(|one, other| rise(*one).total_cmp(&rise(*other)))?;
    (rise(worst) > PER_TEN_SECONDS)
        .then(|| format!("a rise of {:.1} dB in ten seconds without a key, at {} s", rise(worst), worst / 10))
}

/// When a key, a fault or the end of an intended silence may raise the level, in tenths.
fn excuses(told: &Told) -> Vec<(usize, usize)> {
    let mut excuses = without_output(told);
    let mut was_silence = false;
    for record in &told.story.records {
        let lasts = match &record.event {
            Event::Phase { why: Why::Resumed, .. } => 300,
            Event::Fault { .. } | Event::Recovered { .. } => 300,
            Event::Track { title, .. } => {
                let (silence, before) = (title.as_str() == "Silence", was_silence);
                was_silence = silence;
                if silence || before { 250 } else { continue }
            }
            event if matches!(event.input(), Some(Input::Verb(..))) => 350,
            _ => continue,
        };
        excuses.push((tenth_of(record), tenth_of(record) + lasts));
    }
    excuses
}
