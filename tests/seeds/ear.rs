//! Listens to a session and keeps the level of every tenth of a second, so that hours need not be kept.

/// Samples in a tenth of a second: two channels.
const TENTH: usize = 2 * 4_800;
/// The level of digital silence, in dBFS.
pub const NOTHING: f32 = -200.0;

/// What was heard.
#[derive(Clone, Debug, Default)]
pub struct Ear {
    /// Mean power of both channels in each tenth of a second.
    powers: Vec<f64>,
    sum: f64,
    count: usize,
    /// The largest sample.
    pub largest: f32,
    /// A sample was no number.
    pub nonsense: bool,
}

impl Ear {
    /// Takes interleaved stereo.
    pub fn hear(&mut self, samples: &[f32]) {
        for sample in samples {
            self.largest = self.largest.max(sample.abs());
            self.nonsense |= !sample.is_finite();
            self.sum += f64::from(*sample).powi(2);
            self.count += 1;
            if self.count == TENTH {
                self.powers.push(self.sum / TENTH as f64);
                (self.sum, self.count) = (0.0, 0);
            }
        }
    }

    /// How many tenths were heard.
    pub fn tenths(&self) -> usize {
        self.powers.len()
    }

    /// The level of so many tenths from this one on, in dBFS.
    pub fn level(&self, from: usize, tenths: usize) -> f32 {
        let part = &self.powers[from.min(self.powers.len())..(from + tenths).min(self.powers.len())];
        let power = part.iter().sum::<f64>() / part.len().max(1) as f64;
        if power > 0.0 { (10.0 * power.log10()) as f32 } else { NOTHING }
    }
}
