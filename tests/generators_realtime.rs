//! Generators and the safe bed allocate nothing while they sound: the safe bed lives in the audio callback.

use std::collections::BTreeMap;

use assert_no_alloc::{AllocDisabler, assert_no_alloc, violation_count};
use undertone::media::generator::{GENERATORS, Recipe, SafeBed};
use undertone::units::TrackTime;

#[global_allocator]
static ALLOCATOR: AllocDisabler = AllocDisabler;

#[test]
fn neither_the_safe_bed_nor_a_generator_allocates_while_it_sounds() {
    let mut bed = SafeBed::new();
    let mut sources: Vec<_> = GENERATORS
        .iter()
        .map(|info| Recipe::new(info.name, 1, &BTreeMap::new()).unwrap().source(TrackTime::ZERO))
        .collect();
    // The first sample builds the instrument, on a decoding thread.
    for source in &mut sources {
        std::hint::black_box(source.next());
    }
    let before = violation_count();
    assert_no_alloc(|| {
        for _ in 0..480_000 {
            std::hint::black_box(bed.frame());
        }
        for source in &mut sources {
            std::hint::black_box(source.by_ref().take(960_000).last());
        }
    });
    assert_eq!(violation_count(), before);
}

#[test]
fn the_guard_catches_an_allocation() {
    let before = violation_count();
    assert_no_alloc(|| drop(std::hint::black_box(vec![0u8; 1000])));
    assert!(violation_count() > before);
}
