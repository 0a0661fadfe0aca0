//! How loud a piece is from second to second: what the joints of a session are matched by.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::{DbTp, Lufs, Span, TrackTime};

/// Below this nothing is heard (the absolute gate of EBU R 128), in tenths of a LU.
const SILENT: i16 = -700;

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

    /// The loudness of a stretch: the mean power of the whole seconds it touches. `None` where it is silent or unknown.
    #[must_use]
    pub fn loudness(&self, from: TrackTime, over: Span) -> Option<Lufs> {
        let (first, last) = (second_of(from), second_of(from + over - Span::from_millis(1)));
        let power = |loudness: i16| if loudness <= SILENT { 0.0 } else { 10f64.powf(f64::from(loudness) / 100.0) };
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

    /// Loudness and true peak of each second from a place on, to the end.
    pub fn seconds_from(&self, place: TrackTime) -> impl Iterator<Item = (Lufs, DbTp)> {
        let known = self.0.iter().skip(second_of(place));
        known.map(|&(loudness, peak)| (Lufs(f64::from(loudness) / 10.0), DbTp(f64::from(peak) / 10.0)))
    }

    fn at(&self, second: usize) -> Option<(i16, i16)> {
        self.0.get(second).or(self.0.last()).copied()
    }
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
