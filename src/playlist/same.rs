//! Which tracks are the same music: a file, or a part of it, that two pools offer; a generator with the same parameters and
//! seed. The core counts them as one piece, which is not heard twice while another fits.

use std::collections::BTreeMap;
use std::path::Path;

use crate::media::Material;
use crate::session::{Track, TrackId};

/// Gives each track the first one with the same music. Two parts of one file that share no moment are two pieces; so are
/// two silences.
pub(super) fn mark(tracks: &mut [Track], materials: &[Material]) {
    let mut files: BTreeMap<&Path, Vec<usize>> = BTreeMap::new();
    let mut others: Vec<usize> = Vec::new();
    for (index, material) in materials.iter().enumerate() {
        let first = match material {
            Material::File(path) => {
                let earlier = files.entry(path).or_default();
                earlier.push(index);
                earlier.iter().find(|other| overlap(&tracks[**other], &tracks[index]))
            }
            Material::Cut(_) | Material::Generator(_) => {
                others.push(index);
                others.iter().find(|other| materials[**other] == *material)
            }
            Material::Silence => None,
        };
        let first = first.copied().filter(|first| *first < index);
        // A playlist has at most 2,000 tracks.
        let itself = TrackId(u32::try_from(index).unwrap_or(u32::MAX));
        tracks[index].same_as = first.map_or(itself, |first| tracks[first].same_as);
    }
}

fn overlap(one: &Track, other: &Track) -> bool {
    one.start < other.end && other.start < one.end
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::super::pool::piece;
    use super::*;
    use crate::media::generator::Recipe;
    use crate::session;
    use crate::units::{Span, TrackTime};

    fn part(from: i64, until: i64) -> Track {
        let at = |minutes| TrackTime::at(Span::from_mins(minutes));
        Track { start: at(from), end: at(until), ..piece("any".into(), session::Material::File, Span::ZERO) }
    }

    fn check_same(parts: &[(Material, i64, i64)], expected: &[u32]) {
        let mut tracks: Vec<Track> = parts.iter().map(|(_, from, until)| part(*from, *until)).collect();
        let materials: Vec<Material> = parts.iter().map(|(material, _, _)| material.clone()).collect();
        mark(&mut tracks, &materials);
        let found: Vec<u32> = tracks.iter().map(|track| track.same_as.0).collect();
        assert_eq!(found, expected, "{parts:?}");
    }

    #[test]
    fn a_file_in_two_pools_is_one_piece_and_its_separate_parts_are_several() {
        let file = |name: &str| Material::File(name.into());
        check_same(&[(file("a"), 0, 5), (file("b"), 0, 5), (file("a"), 0, 5)], &[0, 1, 0]);
        check_same(&[(file("album"), 0, 5), (file("album"), 5, 9), (file("album"), 4, 6)], &[0, 1, 0]);
    }

    #[test]
    fn generators_are_told_apart_by_their_seeds_and_silences_always() {
        let drone = |seed| Material::Generator(Recipe::new("drone", seed, &BTreeMap::new()).unwrap());
        check_same(&[(drone(1), 0, 5), (drone(2), 0, 5), (drone(1), 0, 9)], &[0, 1, 0]);
        check_same(&[(Material::Silence, 0, 1), (Material::Silence, 0, 1)], &[0, 1]);
    }
}
