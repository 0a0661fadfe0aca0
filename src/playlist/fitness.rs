//! What a file's measured loudness means for a session: its trim, and whether it can surprise a client.

use super::SoundRules;
use super::diagnostic::Code;
use super::findings::{Findings, quoted};
use super::reader::Written;
use crate::media::Facts;
use crate::units::{Decibels, Span, TrackTime};

/// The largest loudness step at a joint, in LU (product.md); a piece further below the target than this is heard as a step.
const STEP_LU: f64 = 2.0;
/// A three-second passage this far above the whole piece is a surprise, in LU. Quiet classical recordings reach 8 to 9.
const SURPRISE_LU: f64 = 10.0;
/// Beyond this it is a jolt, in LU: refused.
const JOLT_LU: f64 = 16.0;
/// Silence at an edge that a crossfade does not hide.
const SILENT_EDGE: Span = Span::from_secs(4);
/// A header may be this wrong before somebody must look at the file.
const MISSING_END: Span = Span::from_secs(2);

/// The gain that brings a file to the target, with the playlist's own on top; a boost only as far as the true peak allows.
/// `None` for a file without sound.
pub(super) fn trim(facts: &Facts, gain: Decibels, rules: &SoundRules) -> Option<Decibels> {
    let wanted = rules.target.0 - facts.loudness?.0 + f64::from(gain.0);
    let room = (rules.ceiling.0 - facts.true_peak.0).max(0.0);
    Some(Decibels(wanted.min(room) as f32))
}

/// Says what in a file could harm: `start` and `end` are the part of it that is played.
pub(super) fn judge(
    file: &Written<String>,
    facts: &Facts,
    (start, end): (TrackTime, TrackTime),
    (gain, rules): (Decibels, &SoundRules),
    findings: &mut Findings,
) {
    let (name, at) = (quoted(&file.value), || file.at.clone());
    let (Some(loudness), Some(trim)) = (facts.loudness, trim(facts, gain, rules)) else {
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
    let leap = facts.short_term_max.map_or(0.0, |loudest| loudest.0 - loudness.0);
    if leap > SURPRISE_LU {
        let message = format!("{name} has a passage {leap:.0} LU louder than the piece as a whole");
        let finding = match leap > JOLT_LU {
            true => findings.error(Code::SuddenlyLoud, at(), message),
            false => findings.warning(Code::SuddenlyLoud, at(), message),
        };
        finding.advise("listen to it; leave the passage out with `start` and `end`, or take another recording");
    }
    let short = rules.target.0 + f64::from(gain.0) - (loudness.0 + f64::from(trim.0));
    if short > STEP_LU {
        let message = format!("{name} stays {short:.0} LU below the target: its peaks leave no room for more");
        findings
            .warning(Code::Quiet, at(), message)
            .advise("lower `target` in [sound], give its neighbours a lower `gain`, or take another recording");
    }
    let lead = TrackTime::at(facts.lead_in) - start;
    let tail = end - (TrackTime::at(facts.length) - facts.tail);
    for (edge, silence, key) in [("begins", lead, "start"), ("ends", tail, "end")] {
        if silence > SILENT_EDGE {
            findings
                .warning(Code::SilentEdge, at(), format!("{name} {edge} with {silence} of silence"))
                .advise(format!("set `{key}` where the music {edge}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::{DbTp, Lufs};

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
            lead_in: Span::ZERO,
            tail: Span::ZERO,
            title: None,
            artist: None,
        }
    }

    fn check_trim(loudness: f64, true_peak: f64, gain: f32, expected: f32) {
        let trim = trim(&facts(loudness, true_peak), Decibels(gain), &RULES).unwrap();
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
        assert_eq!(codes(|facts| facts.lead_in = Span::from_secs(9)), [Code::SilentEdge]);
        assert_eq!(codes(|facts| facts.tail = Span::from_secs(9)), [Code::SilentEdge]);
        assert_eq!(codes(|facts| facts.claimed = Some(Span::from_mins(10))), [Code::Truncated]);
        let quiet = |facts: &mut Facts| (facts.loudness, facts.short_term_max) = (Some(Lufs(-29.0)), Some(Lufs(-25.0)));
        assert_eq!(codes(quiet), [Code::Quiet]);
    }
}
