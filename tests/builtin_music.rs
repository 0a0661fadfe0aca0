//! The music that comes with the program: every piece that the built-in playlists name can be played.

use std::collections::BTreeMap;
use std::path::Path;

use toml::{Table, Value as Toml};
use undertone::media::generator::{GENERATORS, Recipe, Value};

/// Every table in a playlist that names a sound: tracks of phases and pools, and beds.
fn sounds(table: &Table) -> Vec<&Table> {
    let inside = table.values().flat_map(|value| match value {
        Toml::Table(inner) => sounds(inner),
        Toml::Array(items) => items.iter().filter_map(Toml::as_table).flat_map(sounds).collect(),
        _ => Vec::new(),
    });
    let own = ["generator", "file"].iter().any(|key| table.contains_key(*key)).then_some(table);
    own.into_iter().chain(inside).collect()
}

/// The generator's parameters: whatever is not a key of every track.
fn recipe(sound: &Table, name: &str) -> Result<Recipe, Vec<String>> {
    const OF_EVERY_TRACK: [&str; 7] = ["generator", "minutes", "seed", "tags", "intensity", "level", "fade_in"];
    let params: BTreeMap<String, Value> = sound
        .iter()
        .filter(|(key, _)| !OF_EVERY_TRACK.contains(&key.as_str()))
        .map(|(key, value)| {
            let value = match value {
                Toml::String(text) => Value::Text(text.clone()),
                Toml::Integer(number) => Value::Number(*number as f64),
                other => Value::Number(other.as_float().unwrap_or(f64::NAN)),
            };
            (key.clone(), value)
        })
        .collect();
    let seed = sound.get("seed").and_then(Toml::as_integer).unwrap_or(0);
    Recipe::new(name, seed as u64, &params).map_err(|wrong| wrong.iter().map(ToString::to_string).collect())
}

fn check(playlist: &str) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(root.join("playlists").join(playlist)).unwrap();
    let table: Table = text.parse().unwrap();
    let mut files = 0;
    for sound in sounds(&table) {
        if let Some(name) = sound.get("generator").and_then(Toml::as_str) {
            assert!(GENERATORS.iter().any(|info| info.name == name), "{playlist}: {name}");
            assert_eq!(recipe(sound, name).err(), None, "{playlist}: {sound:?}");
        } else {
            let file = sound["file"].as_str().unwrap();
            assert!(root.join("assets").join(file).is_file(), "{playlist}: {file} is missing from assets");
            files += 1;
        }
    }
    assert!(files >= 4, "{playlist} carries the decoders too");
}

#[test]
fn low_tide_names_only_what_can_be_played() {
    check("low-tide.toml");
}

#[test]
fn still_lake_names_only_what_can_be_played() {
    check("still-lake.toml");
}
