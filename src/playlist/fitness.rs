//! What a file's measured loudness means for a session: its trim, and whether it can surprise a client.

use super::SoundRules;
use super::diagnostic::Code;
use super::findings::{Findings, quoted};
use super::reader::Written;
use crate::media::Facts;
use crate::units::{DbTp, Decibels, Lufs, Span, TrackTime};

/// The largest loudness step at a joint, in LU (product.md); a piece further below the target than this is heard as a step.
const STEP_LU: f64 = 2.0;
/// A three-second passage this far above the whole piece is a surprise, in LU. Quiet classical recordings reach 8 to 9.
const SURPRISE_LU: f64 = 10.0;
/// Beyond this it is a jolt, in LU: refused.
const JOLT_LU: f64 = 16.0;
/// Silence at an edge that a crossfade does not hide.
const SILENT_EDGE: Span = Span::from_secs(4);
/// A silence inside a piece that a client would take for the end of the music, or for a fault.
const LONG_SILENCE: Span = Span::from_secs(8);
/// A piece of the peak whose passages lie further apart leaves a client alone, and then startles them, in LU.
const WIDE_LU: f64 = 12.0;
/// A piece that leaves out no more than this of its file is as loud as the whole.
const NEARLY_ALL: Span = Span::from_secs(2);
/// A header may be this wrong before somebody must look at the file.
const MISSING_END: Span = Span::from_secs(2);

/// The part of a file that is played: from where, to where.
pub(super) type Part = (TrackTime, TrackTime);

/// The gain that brings a part of a file to the target, with the playlist's own on top; a boost only as far as the true peak
/// allows. `None` for a part without sound.
pub(super) fn trim(facts: &Facts, part: Part, gain: Decibels, rules: &SoundRules) -> Option<Decibels> {
    let (loudness, peak) = measured(facts, part)?;
    let wanted = rules.target.0 - loudness.0 + f64::from(gain.0);
    let room = (rules.ceiling.0 - peak.0).max(0.0);
    Some(Decibels(wanted.min(room) as f32))
}

/// Loudness and true peak of what is played: one piece out of a long recording is measured by itself.
fn measured(facts: &Facts, (start, end): Part) -> Option<(Lufs, DbTp)> {
    let sound = facts.sound();
    let whole = facts.loudness.map(|loudness| (loudness, facts.true_peak));
    let left_out = (start - sound.0).or_zero() + (sound.1 - end).or_zero();
    if left_out <= NEARLY_ALL { whole } else { facts.contour.part(start, end).or(whole) }
}

/// Says what in a file could harm: `start` and `end` are the part of it that is played.
pub(super) fn judge(
    file: &Written<String>,
    facts: &Facts,
    part: Part,
    (gain, rules): (Decibels, &SoundRules),
    findings: &mut Findings,
) {
    let (name, at) = (quoted(&file.value), || file.at.clone());
    let (Some((loudness, _)), Some(trim)) = (measured(facts, part), trim(facts, part, gain, rules)) else {
        findings
            .error(Code::SilentFile, at(), format!("{name} has no sound in it"))
            .advise("replace it; for intended silence write: silence = \"45s\"");
        return;
    };
    let missing = facts.claimed.map_or(Span::ZERO, |claimed| claimed - facts.length);
    if missing > MISSING_END {
        findings
            .warning(Code::Truncated, at(), format!("{name} breaks off {missing} before the end it claims to have"))
            .advise("copy it again from where it came from, or set `end` where the music may stop");
    }
    let (start, end) = part;
    for rise in facts.rises.iter().filter(|rise| (start..end).contains(&rise.at)) {
        let message =
            format!("{name} leaps by {:.0} LU within a second at {}, after a quiet minute", rise.by_lu, rise.at);
        findings
            .warning(Code::SuddenRise, at(), message)
            .advise("listen to it there; end before it, start after it, or take another recording");
    }
    let leap = facts.short_term_max.map_or(0.0, |loudest| loudest.0 - loudness.0);
    if leap > SURPRISE_LU {
        let message = format!("{name} has a passage {leap:.0} LU louder than the piece as a whole");
        let finding = match leap > JOLT_LU {
            true => findings.error(Code::SuddenlyLoud, at(), message),
            false => findings.warning(Code::SuddenlyLoud, at(), message),
        };
        finding.advise("listen to it; leave the passage out with `start` and `end`, or take another recording");
    }
    if let Some((at_place, silence)) =
        facts.contour.longest_silence(start, end).filter(|(_, long)| *long >= LONG_SILENCE)
    {
        findings.warning(Code::LongSilence, at(), format!("{name} is silent for {silence} at {at_place}")).advise(
            "let `end` come before it or `start` after it; a silence that is meant is a track: silence = \"45s\"",
        );
    }
    let short = rules.target.0 + f64::from(gain.0) - (loudness.0 + f64::from(trim.0));
    if short > STEP_LU {
        let message = format!("{name} stays {short:.0} LU below the target: its peaks leave no room for more");
        findings
            .warning(Code::Quiet, at(), message)
            .advise("lower `target` in [sound], give its neighbours a lower `gain`, or take another recording");
    }
    // Only where `start` or `end` was written into it: otherwise it is left out.
    let sound = facts.sound();
    let (lead, tail) = (sound.0 - start, end - sound.1);
    for (edge, silence, key) in [("begins", lead, "start"), ("ends", tail, "end")] {
        if silence > SILENT_EDGE {
            findings.warning(Code::SilentEdge, at(), format!("{name} {edge} with {silence} of silence")).advise(
                format!("set `{key}` where the music {edge}, or leave `{key}` out: silence at the edges is not played"),
            );
        }
    }
}

/// Says whether a piece is too uneven for the peak.
pub(super) fn judge_range(file: &Written<String>, facts: &Facts, part: Part, findings: &mut Findings) {
    let sound = facts.sound();
    let left_out = (part.0 - sound.0).or_zero() + (sound.1 - part.1).or_zero();
    let range = if left_out <= NEARLY_ALL { facts.range_lu } else { facts.contour.range(part.0, part.1) };
    if range > WIDE_LU {
        let message = format!("{} has a loudness range of {range:.0} LU, too wide for the peak", quoted(&file.value));
        findings
            .warning(Code::WideRange, file.at.clone(), message)
            .advise(format!("take a more even recording ({WIDE_LU:.0} LU or less), or play it in another phase"));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::media::Rise;
    use crate::units::Contour;

    const RULES: SoundRules = SoundRules { target: Lufs(-20.0), ceiling: DbTp(-3.0) };

    fn facts(loudness: f64, true_peak: f64) -> Facts {
        Facts {
            length: Span::from_mins(5),
            frames: 44_100 * 300,
            claimed: None,
            rate_hz: 44_100,
            channels: 2,
            codec: "flac".into(),
            loudness: Some(Lufs(loudness)),
            range_lu: 6.0,
            short_term_max: Some(Lufs(loudness + 4.0)),
            true_peak: DbTp(true_peak),
            contour: Contour::default(),
            brightness: Vec::new(),
            rises: Vec::new(),
            lead_in: Span::ZERO,
            tail: Span::ZERO,
            title: None,
            artist: None,
        }
    }

    fn check_trim(loudness: f64, true_peak: f64, gain: f32, expected: f32) {
        let facts = facts(loudness, true_peak);
        let whole = (TrackTime::ZERO, TrackTime::at(facts.length));
        let trim = trim(&facts, whole, Decibels(gain), &RULES).unwrap();
        assert!((trim.0 - expected).abs() < 1e-5, "{loudness} {true_peak} {gain}: {trim}");
    }

    #[test]
    fn a_boost_goes_only_as_far_as_the_true_peak_allows() {
        check_trim(-12.0, -0.5, 0.0, -8.0);
        check_trim(-26.0, -12.0, 0.0, 6.0);
        check_trim(-26.0, -6.0, 0.0, 3.0);
        check_trim(-26.0, -1.0, 0.0, 0.0);
        check_trim(-20.0, -1.0, -2.0, -2.0);
        check_trim(-20.0, -4.0, 3.0, 1.0);
    }

    #[test]
    fn a_piece_out_of_a_long_recording_is_trimmed_by_itself() {
        let mut album = facts(-16.0, -0.5);
        let minutes = [(-14.0, -0.5), (-14.0, -0.5), (-26.0, -12.0), (-14.0, -0.5), (-14.0, -0.5)];
        album.contour = minutes.iter().flat_map(|&(l, p)| vec![(Lufs(l), DbTp(p)); 60]).collect();
        let trim = |from, to| {
            let part = (TrackTime::at(Span::from_mins(from)), TrackTime::at(Span::from_mins(to)));
            trim(&album, part, Decibels::ZERO, &RULES).unwrap().0
        };
        assert_eq!((trim(0, 5), trim(2, 3), trim(3, 5)), (-4.0, 6.0, -6.0));
    }

    fn codes(change: impl FnOnce(&mut Facts)) -> Vec<Code> {
        let mut facts = facts(-20.0, -6.0);
        change(&mut facts);
        let source = std::sync::Arc::new(super::super::source::Source::new("t".into(), "\"a.flac\"".into()));
        let mut findings = Findings::about(source);
        let file = Written { value: "a.flac".to_owned(), at: 0..8 };
        let whole = (TrackTime::ZERO, TrackTime::at(facts.length));
        judge(&file, &facts, whole, (Decibels::ZERO, &RULES), &mut findings);
        findings.into_list().iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn files_that_could_surprise_are_named() {
        assert_eq!(codes(|_| ()), []);
        assert_eq!(codes(|facts| facts.loudness = None), [Code::SilentFile]);
        assert_eq!(codes(|facts| facts.short_term_max = Some(Lufs(-9.0))), [Code::SuddenlyLoud]);
        let rise = Rise { at: TrackTime::at(Span::from_mins(2)), by_lu: 17.0 };
        assert_eq!(codes(|facts| facts.rises = vec![rise]), [Code::SuddenRise]);
        assert_eq!(codes(|facts| facts.lead_in = Span::from_secs(9)), [Code::SilentEdge]);
        assert_eq!(codes(|facts| facts.tail = Span::from_secs(9)), [Code::SilentEdge]);
        assert_eq!(codes(|facts| facts.claimed = Some(Span::from_mins(10))), [Code::Truncated]);
        let sound = |seconds| vec![(Lufs(-20.0), DbTp(-6.0)); seconds];
        let hush = |seconds| [sound(100), vec![(Lufs(-120.0), DbTp(-120.0)); seconds], sound(100)].concat();
        assert_eq!(codes(|facts| facts.contour = hush(9).into_iter().collect()), [Code::LongSilence]);
        assert_eq!(codes(|facts| facts.contour = hush(7).into_iter().collect()), []);
        let quiet = |facts: &mut Facts| (facts.loudness, facts.short_term_max) = (Some(Lufs(-29.0)), Some(Lufs(-25.0)));
        assert_eq!(codes(quiet), [Code::Quiet]);
    }
}
