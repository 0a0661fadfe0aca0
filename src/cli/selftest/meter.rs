//! Measures sound as it comes, in windows of a hundredth of a second.

/// Frames of a window at 48 kHz: 10 ms.
const WINDOW: usize = 480;
/// The lowest level that is told, in dBFS.
pub(super) const FLOOR: f32 = -120.0;
/// A window above this sounds, in dBFS: far below what anybody hears, far above a dithered nothing.
pub(super) const SOUNDS: f32 = -95.0;
/// Windows in a second.
pub(super) const SECOND: usize = 100;

/// Ten milliseconds of sound.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Window {
    /// Root mean square in dBFS, both channels together.
    pub(super) level: f32,
    /// The highest sample.
    pub(super) peak: f32,
    /// How often the left channel crossed zero upwards.
    pub(super) waves: u16,
}

/// Takes samples in, gives windows.
#[derive(Debug, Default)]
pub(super) struct Meter {
    pub(super) windows: Vec<Window>,
    /// Samples that are no numbers.
    pub(super) no_numbers: usize,
    power: f64,
    peak: f32,
    waves: u16,
    last: f32,
    frames: usize,
}

impl Meter {
    /// Takes interleaved stereo.
    pub(super) fn feed(&mut self, samples: &[f32]) {
        for frame in samples.as_chunks::<2>().0 {
            self.take(*frame);
        }
    }

    fn take(&mut self, [left, right]: [f32; 2]) {
        self.no_numbers += usize::from(!left.is_finite()) + usize::from(!right.is_finite());
        self.power += f64::from(left).powi(2) + f64::from(right).powi(2);
        self.peak = self.peak.max(left.abs()).max(right.abs());
        self.waves += u16::from(self.last < 0.0 && left >= 0.0);
        self.last = left;
        self.frames += 1;
        if self.frames == WINDOW {
            let level = decibels(self.power / (2 * WINDOW) as f64);
            self.windows.push(Window { level, peak: self.peak, waves: self.waves });
            (self.power, self.peak, self.waves, self.frames) = (0.0, 0.0, 0, 0);
        }
    }
}

fn decibels(power: f64) -> f32 {
    ((10.0 * power.log10()) as f32).max(FLOOR)
}

/// The level of all of it, in dBFS.
pub(super) fn level(windows: &[Window]) -> f32 {
    let power: f64 = windows.iter().map(|window| 10f64.powf(f64::from(window.level) / 10.0)).sum();
    decibels(power / windows.len().max(1) as f64)
}

/// The level that half of the windows exceed.
pub(super) fn median(windows: &[Window]) -> f32 {
    let mut levels: Vec<f32> = windows.iter().map(|window| window.level).collect();
    levels.sort_by(f32::total_cmp);
    levels.get(levels.len() / 2).copied().unwrap_or(FLOOR)
}

/// The loudest window.
pub(super) fn loudest(windows: &[Window]) -> f32 {
    windows.iter().map(|window| window.level).fold(FLOOR, f32::max)
}

/// The highest sample, in dBFS.
pub(super) fn peak(windows: &[Window]) -> f32 {
    decibels(f64::from(windows.iter().map(|window| window.peak).fold(0.0, f32::max)).powi(2))
}

/// The longest stretch without sound, in seconds.
pub(super) fn longest_silence(windows: &[Window]) -> f64 {
    let longest = windows.split(|window| window.level > SOUNDS).map(<[_]>::len).max().unwrap_or(0);
    longest as f64 / SECOND as f64
}

/// The steepest rise over a second, in dB; what lies below this level counts as being there. A hole of up to half a second,
/// as a busy machine tears it, counts as what was before it: whoever goes on where they were has not risen.
pub(super) fn steepest_rise(windows: &[Window], from: f32) -> f32 {
    let mut levels: Vec<f32> = windows.chunks(5).map(|part| level(part).max(from)).collect();
    let mut hole = 0;
    for place in 1..levels.len() {
        hole = if levels[place] > from { 0 } else { hole + 1 };
        if (1..=10).contains(&hole) {
            levels[place] = levels[place - 1];
        }
    }
    levels.windows(SECOND / 5 + 1).map(|second| second[SECOND / 5] - second[0]).fold(0.0, f32::max)
}

/// The pitch of a tone, in Hz.
pub(super) fn pitch(windows: &[Window]) -> f64 {
    let waves: u64 = windows.iter().map(|window| u64::from(window.waves)).sum();
    waves as f64 * SECOND as f64 / windows.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tone that is silent for half a second in its midst.
    fn heard() -> Vec<Window> {
        let mut meter = Meter::default();
        let tone = |frame: u32| 0.1 * (frame as f32 * 400.0 / 48_000.0 * std::f32::consts::TAU).sin();
        let silent = |frame: u32| (48_000..72_000).contains(&frame);
        for frame in 0..120_000 {
            meter.feed(&[if silent(frame) { 0.0 } else { tone(frame) }; 2]);
        }
        meter.windows
    }

    #[test]
    fn a_tone_with_a_hole_is_told_as_it_is() {
        let windows = heard();
        assert!((level(&windows[..SECOND]) + 23.01).abs() < 0.05);
        assert!((median(&windows[SECOND - 6..SECOND + 4]) + 23.01).abs() < 0.05, "four of ten are torn out");
        assert_eq!((median(&windows[SECOND..][..10]), median(&[])), (FLOOR, FLOOR));
        assert!((peak(&windows) + 20.0).abs() < 0.05);
        assert!((longest_silence(&windows) - 0.5).abs() < 0.011);
        assert!((pitch(&windows[..SECOND]) - 400.0).abs() <= 1.0);
        assert!(steepest_rise(&windows, -60.0) < 0.1, "half a second is a hole");
        let silent = Window { level: FLOOR, peak: 0.0, waves: 0 };
        let longer = [vec![silent; 200], windows.clone()].concat();
        assert!((steepest_rise(&longer, -60.0) - 36.99).abs() < 0.1);
        assert!(steepest_rise(&windows[..SECOND], -60.0) < 0.1);
    }

    #[test]
    fn what_is_no_number_is_counted() {
        let mut meter = Meter::default();
        meter.feed(&[f32::NAN, 0.0, f32::INFINITY, 0.0]);
        assert_eq!(meter.no_numbers, 2);
    }
}
