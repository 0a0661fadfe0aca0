//! What leaves: its level. (Its highest true peak is known to the limiter.)

use super::{BLOCK, Block};

/// Blocks in a tenth of a second.
const TENTH: usize = 75;
/// The level is that of the last 400 ms, told anew every 100 ms.
const TENTHS: usize = 4;

/// Measures the output, after everything else.
#[derive(Clone, Debug)]
pub struct Meter {
    /// Sum of squares by channel in each of the last tenths of a second.
    tenths: [[f64; 2]; TENTHS],
    place: usize,
    blocks: usize,
    running: [f64; 2],
}

impl Meter {
    /// Nothing heard yet.
    pub fn new() -> Self {
        Self { tenths: [[0.0; 2]; TENTHS], place: 0, blocks: 0, running: [0.0; 2] }
    }

    /// Takes a block in. The mean squares of both channels, when they are told anew.
    pub fn measure(&mut self, block: &Block) -> Option<[f32; 2]> {
        let mut squares = [0.0f32; 2];
        // Eight samples at a time, so that the compiler can take them at once.
        let mut lanes = [0.0f32; 8];
        for eight in block.as_flattened().as_chunks::<8>().0 {
            lanes.iter_mut().zip(eight).for_each(|(lane, sample)| *lane += sample * sample);
        }
        lanes.iter().enumerate().for_each(|(place, lane)| squares[place % 2] += lane);
        self.running = [self.running[0] + f64::from(squares[0]), self.running[1] + f64::from(squares[1])];
        self.blocks += 1;
        if self.blocks < TENTH {
            return None;
        }
        self.tenths[self.place] = std::mem::take(&mut self.running);
        self.place = (self.place + 1) % TENTHS;
        self.blocks = 0;
        let frames = (TENTHS * TENTH * BLOCK) as f64;
        let sum = |channel: usize| self.tenths.iter().map(|tenth| tenth[channel]).sum::<f64>();
        Some([(sum(0) / frames) as f32, (sum(1) / frames) as f32])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_reads_three_decibels_below_its_peak() {
        let mut meter = Meter::new();
        let mut last = None;
        for number in 0..400 {
            let block = std::array::from_fn(|place| {
                let angle = std::f32::consts::TAU * 1000.0 * ((number * BLOCK + place) % 48_000) as f32 / 48_000.0;
                [0.5 * angle.sin(), 0.0]
            });
            last = meter.measure(&block).or(last);
        }
        let [left, right] = last.expect("half a second has passed");
        assert!((left - 0.125).abs() < 1e-3, "{left}");
        assert_eq!(right, 0.0);
    }
}
