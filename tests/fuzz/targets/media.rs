//! Any bytes as a music file: measured and played, from the start and from a place; finite sound, then an end, no panic.
//!
//! What it is taken for is found from its content, so a corpus of one format fuzzes that format's reader and decoder.

use undertone::media::{Material, Stream, examine, open};
use undertone::units::{Span, TrackTime};

use super::scratch;

/// No more is played of what claims to be endless: two minutes, both channels.
const ENOUGH: usize = 2 * 48_000 * 120;

pub fn run(bytes: &[u8]) {
    let path = scratch::file("piece", bytes);
    let facts = examine(&path);
    for from in [0, 700] {
        let Ok(stream) = open(&Material::File(path.clone()), TrackTime::at(Span::from_millis(from))) else { continue };
        let lasts = play(stream);
        if let (0, Ok(facts)) = (from, &facts) {
            let told = facts.length.secs_f64();
            assert!(
                lasts == ENOUGH || (lasts as f64 / 96_000.0 - told).abs() < 0.2,
                "measured {told} s, played {lasts}"
            );
        }
    }
}

fn play(mut stream: Box<dyn Stream>) -> usize {
    let mut count = 0;
    for sample in stream.by_ref().take(ENOUGH) {
        assert!(sample.is_finite() && sample.abs() <= 4.0, "{sample}");
        count += 1;
    }
    count
}
