//! How loud a piece is from second to second: what the joints of a session are matched by.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{DbTp, Lufs, Span, TrackTime};

/// Below this nothing is heard (the absolute gate of EBU R 128), in tenths of a LU.
const SILENT: i16 = -700;
/// At this true peak and below it is silent, in tenths of a dB.
const QUIETEST_PEAK: i16 = -600;
/// Seconds of short-term loudness.
const SHORT_TERM: usize = 3;

/// Loudness (K-weighted, ungated) and true peak of each second, in tenths of a LU and of a dB.
///
/// A file of five minutes takes about a kilobyte. Beyond its last second a contour stays as it was there, so that one second
/// describes a generator.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<(i16, i16)>", into = "Vec<(i16, i16)>")]
pub struct Contour(Arc<[(i16, i16)]>);

impl From<Vec<(i16, i16)>> for Contour {
    fn from(seconds: Vec<(i16, i16)>) -> Self {
        Self(seconds.into())
    }
}

impl From<Contour> for Vec<(i16, i16)> {
    fn from(contour: Contour) -> Self {
        contour.0.to_vec()
    }
}

impl FromIterator<(Lufs, DbTp)> for Contour {
    fn from_iter<T: IntoIterator<Item = (Lufs, DbTp)>>(seconds: T) -> Self {
        let tenths = |value: f64| (value * 10.0).round().clamp(-1200.0, 1200.0) as i16;
        Self(seconds.into_iter().map(|(loudness, peak)| (tenths(loudness.0).max(SILENT), tenths(peak.0))).collect())
    }
}

impl Contour {
    /// Of a sound that is always the same.
    #[must_use]
    pub fn steady(loudness: Lufs, peak: DbTp) -> Self {
        [(loudness, peak)].into_iter().collect()
    }

    /// Of a sound of this length with another one after it. Where seconds of the two fall together, their powers are weighed by
    /// how much there is of each; the higher peak counts.
    #[must_use]
    pub fn followed_by(&self, length: Span, next: &Self) -> Self {
        let millis = usize::try_from(length.millis()).unwrap_or(0);
        let (whole, rest) = (millis / 1000, millis % 1000);
        let own = self
            .0
            .iter()
            .take(whole + 1)
            .enumerate()
            .map(|(second, reading)| (second, *reading, if second < whole { 1000 } else { rest }));
        let others = next.0.iter().enumerate().flat_map(|(second, reading)| {
            let first = whole + second;
            [(first, *reading, 1000 - rest), (first + 1, *reading, rest)]
        });
        let mut seconds: Vec<(f64, i16, usize)> = Vec::new();
        for (second, (loudness, peak), weight) in own.chain(others).filter(|(.., weight)| *weight > 0) {
            seconds.resize(seconds.len().max(second + 1), (0.0, i16::MIN, 0));
            let sum = &mut seconds[second];
            *sum = (sum.0 + power(loudness) * weight as f64, sum.1.max(peak), sum.2 + weight);
        }
        let read = |(sum, peak, weight): (f64, i16, usize)| {
            let loudness = (100.0 * (sum / weight.max(1) as f64).log10()).round().max(f64::from(SILENT));
            (loudness as i16, peak)
        };
        Self(seconds.into_iter().map(read).collect())
    }

    /// The loudness of a stretch: the mean power of the whole seconds it touches. `None` where it is silent or unknown.
    #[must_use]
    pub fn loudness(&self, from: TrackTime, over: Span) -> Option<Lufs> {
        let (first, last) = (second_of(from), second_of(from + over - Span::from_millis(1)));
        let seconds = first..=last.max(first);
        let count = seconds.clone().count() as f64;
        let mean =
            seconds.map(|second| self.at(second).map_or(0.0, |(loudness, _)| power(loudness))).sum::<f64>() / count;
        (mean > 0.0).then(|| Lufs(10.0 * mean.log10())).filter(|loudness| loudness.0 * 10.0 > f64::from(SILENT))
    }

    /// The loudness of a part by itself, gated twice as BS.1770 gates a whole (here by seconds), and its true peak. `None` where
    /// it is silent or unknown.
    #[must_use]
    pub fn part(&self, from: TrackTime, until: TrackTime) -> Option<(Lufs, DbTp)> {
        let seconds = || self.0.iter().take(second_of(until).max(second_of(from) + 1)).skip(second_of(from));
        let peak = seconds().map(|(_, peak)| *peak).max()?;
        let above = |gate: f64| {
            let loud = seconds().filter(|(loudness, _)| f64::from(*loudness) > gate);
            let powers: Vec<f64> = loud.map(|(loudness, _)| 10f64.powf(f64::from(*loudness) / 100.0)).collect();
            (!powers.is_empty()).then(|| 100.0 * (powers.iter().sum::<f64>() / powers.len() as f64).log10())
        };
        let gate = above(f64::from(SILENT))? - 100.0;
        Some((Lufs(above(gate)? / 10.0), DbTp(f64::from(peak) / 10.0)))
    }

    /// The loudness range of a part by itself, in LU (EBU Tech 3342: short-term loudness once a second, without what is 20 LU
    /// below the mean, from the 10th to the 95th of a hundred). Nothing where it is silent, unknown or shorter than that.
    #[must_use]
    pub fn range(&self, from: TrackTime, until: TrackTime) -> f64 {
        let known: Vec<f64> =
            self.0.iter().take(second_of(until)).skip(second_of(from)).map(|(loudness, _)| power(*loudness)).collect();
        let lufs = |power: f64| 10.0 * power.log10();
        let short_term = known.windows(SHORT_TERM).map(|window| window.iter().sum::<f64>() / SHORT_TERM as f64);
        let heard: Vec<f64> = short_term.filter(|power| lufs(*power) > f64::from(SILENT) / 10.0).collect();
        let gate = lufs(heard.iter().sum::<f64>() / heard.len() as f64) - 20.0;
        let mut kept: Vec<f64> = heard.into_iter().map(lufs).filter(|loudness| *loudness > gate).collect();
        kept.sort_by(f64::total_cmp);
        let hundredth = |share: f64| kept.get(((kept.len().max(1) - 1) as f64 * share).round() as usize).copied();
        hundredth(0.95).zip(hundredth(0.10)).map_or(0.0, |(high, low)| high - low)
    }

    /// The longest silence (true peak of -60 dBTP or less) inside a part, edges apart: where it begins, and how long it is.
    #[must_use]
    pub fn longest_silence(&self, from: TrackTime, until: TrackTime) -> Option<(TrackTime, Span)> {
        let (first, last) = (second_of(from), second_of(until).min(self.0.len()));
        let loud = |second: &usize| self.0[*second].1 > QUIETEST_PEAK;
        let sounding: Vec<usize> = (first..last).filter(loud).collect();
        let gaps = sounding.windows(2).map(|pair| (pair[0] + 1, pair[1] - pair[0] - 1));
        let (begins, seconds) = gaps.max_by_key(|(_, seconds)| *seconds).filter(|(_, seconds)| *seconds > 0)?;
        let span = |seconds: usize| Span::from_secs(i64::try_from(seconds).unwrap_or(i64::MAX));
        Some((TrackTime::at(span(begins)), span(seconds)))
    }

    /// Loudness and true peak of each second from a place on, to the end.
    pub fn seconds_from(&self, place: TrackTime) -> impl Iterator<Item = (Lufs, DbTp)> {
        let known = self.0.iter().skip(second_of(place));
        known.map(|&(loudness, peak)| (Lufs(f64::from(loudness) / 10.0), DbTp(f64::from(peak) / 10.0)))
    }

    fn at(&self, second: usize) -> Option<(i16, i16)> {
        self.0.get(second).or(self.0.last()).copied()
    }
}

/// Of a loudness in tenths of a LU; nothing where it is silent.
fn power(loudness: i16) -> f64 {
    if loudness <= SILENT { 0.0 } else { 10f64.powf(f64::from(loudness) / 100.0) }
}

fn second_of(place: TrackTime) -> usize {
    usize::try_from(place.since_start().millis().max(0) / 1000).unwrap_or(usize::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(millis: i64) -> TrackTime {
        TrackTime::at(Span::from_millis(millis))
    }

    fn contour(loudness: &[f64]) -> Contour {
        loudness.iter().map(|loudness| (Lufs(*loudness), DbTp(-6.0))).collect()
    }

    #[test]
    fn a_stretch_is_as_loud_as_the_mean_power_of_its_seconds() {
        let contour = contour(&[-20.0, -20.0, -30.0, -120.0]);
        let loudness = |from, over| contour.loudness(at(from), Span::from_millis(over)).map(|loudness| loudness.0);
        assert_eq!(loudness(0, 2000), Some(-20.0));
        assert!((loudness(1500, 1000).unwrap() + 22.6).abs() < 0.01, "half at -20, half at -30");
        assert!((loudness(0, 3000).unwrap() + 21.55).abs() < 0.01);
        assert_eq!(loudness(3000, 1000), None);
        assert_eq!(Contour::default().loudness(at(0), Span::from_secs(3)), None);
    }

    #[test]
    fn a_part_is_measured_by_itself_and_without_its_quiet_seconds() {
        let contour: Contour = [(-15.0, -1.0), (-24.0, -8.0), (-24.0, -9.0), (-60.0, -40.0)]
            .map(|(l, p)| (Lufs(l), DbTp(p)))
            .into_iter()
            .collect();
        assert_eq!(contour.part(at(1000), at(4000)), Some((Lufs(-24.0), DbTp(-8.0))));
        assert_eq!(contour.part(at(0), at(400)), Some((Lufs(-15.0), DbTp(-1.0))));
        assert_eq!(contour.part(at(9000), at(9900)), None);
    }

    #[test]
    fn the_range_of_a_part_is_that_of_its_loud_and_quiet_passages() {
        let contour = contour(&[[-20.0; 60], [-30.0; 60], [-120.0; 60]].concat());
        let range = |from: i64, until: i64| contour.range(at(from * 1000), at(until * 1000));
        assert!((range(0, 120) - 10.0).abs() < 0.1, "{}", range(0, 120));
        assert_eq!((range(0, 60), range(0, 2), range(120, 180), range(500, 900)), (0.0, 0.0, 0.0, 0.0));
    }

    #[test]
    fn a_silence_inside_is_found_and_those_at_the_edges_are_not() {
        let peaks = [[-90.0; 5], [-6.0; 5], [-90.0; 5], [-6.0; 5], [-90.0; 5]].concat();
        let contour: Contour = peaks.iter().map(|peak| (Lufs(-30.0), DbTp(*peak))).collect();
        let silence = |from: i64, until: i64| contour.longest_silence(at(from * 1000), at(until * 1000));
        assert_eq!(silence(0, 25), Some((at(10_000), Span::from_secs(5))));
        assert_eq!((silence(0, 12), silence(5, 10), silence(90, 99)), (None, None, None));
    }

    #[test]
    fn one_sound_after_another_is_as_loud_as_each_of_them_in_its_seconds() {
        let (one, other) = (contour(&[-20.0, -20.0, -20.0]), contour(&[-30.0, -30.0, -120.0]));
        let together = |length| Vec::from(one.followed_by(Span::from_millis(length), &other));
        let told = |length| together(length).into_iter().map(|(loudness, _)| loudness).collect::<Vec<i16>>();
        assert_eq!(told(3000), [-200, -200, -200, -300, -300, -700]);
        // The third second is half of the one and half of the other: their mean power.
        assert_eq!(told(2500), [-200, -200, -226, -300, -330, -700]);
        assert!(together(2500).iter().all(|(_, peak)| *peak == -60));
    }

    #[test]
    fn a_generator_is_one_second_for_ever() {
        let steady = Contour::steady(Lufs(-23.4), DbTp(-9.0));
        assert_eq!(steady.loudness(at(3_600_000), Span::from_secs(3)), Some(Lufs(-23.4)));
    }

    #[test]
    fn it_is_remembered_as_it_was() {
        let contour = contour(&[-20.1, -33.3]);
        let text = serde_json::to_string(&contour).unwrap();
        assert_eq!(text, "[[-201,-60],[-333,-60]]");
        assert_eq!(serde_json::from_str::<Contour>(&text).unwrap(), contour);
    }
}
