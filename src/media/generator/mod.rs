//! Music without files: seeded, endless, slowly evolving sources that a playlist names like a recording.
//!
//! *Invariant:* every sound is a function of its seed and the place in it. Movements are computed from the clock, never
//! accumulated; filters and rooms remember a few seconds at most, which a pre-roll fills. So a piece can be joined anywhere,
//! a seed gives the same music again, and nothing repeats within a session.
//!
//! From the bottom up: `noise` (numbers from a counter), `drift` (slow movement), `filter`, `bands` (noise in bands),
//! `partial` (sines), `harmony` (chords that change), `vowel` (sung notes) and `room` (reverb) are the instruments' parts; `loudness` computes how loud a sum of them will be, so
//! that every generator leaves here at [`LOUDNESS`] without being measured first; then one file per instrument. `catalogue`
//! lists them, `recipe` checks what a playlist asks for, `stream` plays it. `bed` is the sound that never fails.

mod bands;
mod bed;
mod bowls;
mod breath;
mod catalogue;
mod choir;
mod drift;
mod drone;
mod filter;
mod harmony;
mod hush;
mod loudness;
mod noise;
mod ocean;
mod partial;
mod rain;
mod recipe;
mod room;
mod stream;
mod tuning;
mod vowel;

pub use bed::SafeBed;
pub use catalogue::{GENERATORS, HIGHEST_NOTE, Info, LOWEST_NOTE, Param, ParamKind};
pub use loudness::STAGES as K_WEIGHTING;
pub use recipe::{Recipe, RecipeError, Value};

use crate::units::{DbTp, Lufs, Span};

/// The integrated loudness of every generator before any trim, within 1 LU.
pub const LOUDNESS: Lufs = Lufs(-23.0);

/// No generator's true peak rises above this before any trim.
pub const PEAK: DbTp = DbTp(-6.0);

/// Frames rendered at a time: movements are straight lines inside a block (10.7 ms at 48 kHz).
const BLOCK: usize = 512;

/// One block of sound, left channel first.
type Block = [[f32; BLOCK]; 2];

/// The frames of a block with their numbers, to be written.
fn frames(block: &mut Block) -> impl Iterator<Item = (usize, [&mut f32; 2])> {
    let [left, right] = block;
    left.iter_mut().zip(right).map(<[&mut f32; 2]>::from).enumerate()
}

/// An instrument. It may allocate when it is built, never when it renders.
trait Voice: Send {
    /// Writes the block that begins at frame `first` (a multiple of [`BLOCK`]). Blocks are asked for in order.
    fn render(&mut self, first: u64, out: &mut Block);
}

/// Where a piece begins on its own clock: in the middle of its music, so that what was struck or sung before still sounds
/// at the first frame.
const ORIGIN: Span = Span::from_mins(10);

/// How much is rendered and thrown away before the first frame that is heard, so that filters and rooms are full.
const PRE_ROLL: Span = Span::from_secs(4);

/// The place of a frame in seconds.
fn seconds(frame: u64) -> f64 {
    frame as f64 / f64::from(crate::units::ENGINE_RATE_HZ)
}

#[cfg(test)]
mod tests;
