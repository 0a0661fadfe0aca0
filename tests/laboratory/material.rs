//! What is played: one second each, repeated for ever without a seam, so that a frame is a look into a table.

use std::f64::consts::TAU;
use std::fmt;
use std::sync::LazyLock;

use super::dice::Dice;

const SECOND: usize = 48_000;

/// A sound to be measured.
pub struct Material {
    name: String,
    table: Vec<[f32; 2]>,
    /// Not all of it are numbers: only what comes out can be judged.
    pub broken: bool,
    /// Beyond full scale: the guards take hold of it.
    pub excessive: bool,
    /// The frequency of a pure tone.
    pub tone: Option<f64>,
    /// The largest step from one sample to the next.
    pub step: f32,
}

impl fmt::Debug for Material {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.name)
    }
}

impl Material {
    fn new(name: String, frame: impl FnMut(usize) -> [f32; 2]) -> Self {
        let table: Vec<[f32; 2]> = (0..SECOND).map(frame).collect();
        let broken = table.as_flattened().iter().any(|sample| !sample.is_finite());
        let excessive = table.as_flattened().iter().any(|sample| sample.abs() > 1.0);
        let next = |place: usize| table[(place + 1) % SECOND];
        let step = (0..SECOND).flat_map(|place| [0, 1].map(|side| (next(place)[side] - table[place][side]).abs()));
        let step = step.fold(0.0, f32::max);
        Self { name, broken, excessive, tone: None, step, table }
    }

    pub fn frame(&self, number: u64) -> [f32; 2] {
        self.table[(number % SECOND as u64) as usize]
    }
}

/// A tone of a whole number of hertz, in quadrature left and right.
fn tone(hz: u32, amplitude: f64) -> Material {
    let angle = |place: usize| TAU * f64::from(hz) * place as f64 / SECOND as f64;
    let wave = |place: usize| [(amplitude * angle(place).sin()) as f32, (amplitude * angle(place).cos()) as f32];
    Material { tone: Some(f64::from(hz)), ..Material::new(format!("{hz} Hz at {amplitude:.3}"), wave) }
}

fn noise(seed: u64, amplitude: f64) -> Material {
    let mut dice = Dice::new(seed);
    Material::new(format!("noise {seed} at {amplitude}"), |_| {
        [0; 2].map(|_| (amplitude * dice.between(-1.0, 1.0)) as f32)
    })
}

/// Like a plucked instrument: struck four times a second, dying away.
fn plucks(seed: u64) -> Material {
    let mut dice = Dice::new(seed);
    let pitches: Vec<f64> = (0..4).map(|_| dice.between(80.0, 1500.0).round()).collect();
    Material::new(format!("plucks {seed}"), |place| {
        let (pluck, since) = (place / (SECOND / 4), (place % (SECOND / 4)) as f64 / SECOND as f64);
        let sample = (TAU * pitches[pluck] * since).sin() * (-since * 28.0).exp();
        [(0.5 * sample) as f32, (0.4 * sample) as f32]
    })
}

fn chord(seed: u64) -> Material {
    let mut dice = Dice::new(seed);
    let partials: Vec<(f64, f64)> =
        (0..6).map(|_| (dice.between(40.0, 3000.0).round(), dice.between(0.0, TAU))).collect();
    Material::new(format!("chord {seed}"), |place| {
        let at = TAU * place as f64 / SECOND as f64;
        let sum = |shift: f64| partials.iter().map(|(hz, angle)| (hz * at + angle * shift).sin()).sum::<f64>();
        [(0.1 * sum(1.0)) as f32, (0.1 * sum(1.7)) as f32]
    })
}

/// What a file should never hold, and some do.
fn harmful() -> Vec<Material> {
    let named = |name: &str, frame: &dyn Fn(usize) -> [f32; 2]| Material::new(name.into(), frame);
    let mut all = vec![
        named("not a number", &|place| if place % 977 == 0 { [f32::NAN, 0.1] } else { [0.2, -0.2] }),
        named("infinity", &|place| if place % 500 < 250 { [f32::INFINITY, 0.0] } else { [0.1, f32::NEG_INFINITY] }),
        named("direct current", &|_| [1.0, -1.0]),
        named("direct current of +12 dB", &|_| [4.0, 4.0]),
        named("a square of +12 dB", &|place| if place / 60 % 2 == 0 { [4.0, -4.0] } else { [-4.0, 4.0] }),
        named("single samples", &|place| if place % 997 == 0 { [8.0, 0.5] } else { [0.0, 0.1] }),
        named("a burst of broken packets", &|place| if place % 12_000 < 60 { [1.5e7, -1.5e7] } else { [0.1, 0.1] }),
        named("almost nothing", &|place| if place % 2 == 0 { [1e-39, 1e-30] } else { [-1e-39, 1e-42] }),
        tone(17_000, 3.0),
        tone(55, 3.0),
        tone(997, 100.0),
        noise(90, 100.0),
        noise(91, 1.0),
        noise(92, 4.0),
    ];
    all[6].broken = true;
    all
}

/// Everything, and how much of it is ordinary music or tone.
pub static SHELF: LazyLock<Vec<Material>> = LazyLock::new(|| {
    let mut shelf: Vec<Material> = ORDINARY.iter().map(|make| make()).collect();
    shelf.extend(harmful());
    shelf
});

/// Of [`SHELF`], these come first.
pub const ORDINARY: &[fn() -> Material] = &[
    || tone(220, 0.4),
    || tone(33, 0.4),
    || tone(110, 0.25),
    || tone(441, 0.3),
    || tone(1_000, 0.2),
    || tone(5_000, 0.1),
    || tone(11_000, 0.1),
    || noise(1, 0.2),
    || noise(2, 0.2),
    || noise(3, 0.05),
    || noise(4, 0.4),
    || chord(5),
    || chord(6),
    || chord(7),
    || plucks(8),
    || plucks(9),
    || Material::new("silence".into(), |_| [0.0, 0.0]),
];
