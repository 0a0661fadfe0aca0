//! The rules of a playlist as JSON Schema, so that an editor completes, explains and underlines while one writes.
//!
//! Ranges and words come from where the reader has them; a test holds the keys against those that the reader asks for.
//! What needs the music (does it last, is it there) or another line (is the loop inside the piece) is beyond a schema.

mod kinds;

use serde_json::{Map, Value, json};

use super::beds::{LEVEL as USUAL_BED, LOUDEST_SAFE};
use super::schema::{BED_LEVEL, CEILING, CROSSFADE, LEVEL, PLANNED, TARGET};
use super::track_schema::{FILE_KEYS, GAIN, GENERATOR_KEYS, MINUTES, SILENCE};
use super::{Preset, routes};
use crate::media::generator::GENERATORS;
use crate::session::{PhaseKind, Steer};
use kinds::{described, length, level, list, number, otherwise, param, place, text, whole, words};

/// JSON Schema (draft 7, which editors of TOML know) of a playlist.
#[must_use]
pub fn json_schema() -> Value {
    let mut schema = table(
        "A playlist for Undertone: phases with pools of music, planned against the minutes after the dose.",
        [
            ("format", described(json!({ "const": 1 }), "The version of this format; always 1.")),
            ("title", text("Shown in the picker and on the panel.")),
            ("route", route()),
            ("license", text("Under which licence the playlist may be passed on, such as CC0-1.0.")),
            ("author", text("Who made it.")),
            ("notes", text("For whoever opens the file.")),
            ("sound", sound()),
            ("phase", described(json!({ "type": "array", "minItems": 1, "items": phase() }), PHASES)),
            ("pool", pools()),
            (
                "exclude",
                table("What is left out.", [("tags", list(text("A tag."), "Pieces with these tags are left out."))]),
            ),
        ],
    );
    schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    schema["title"] = json!("Undertone playlist");
    schema["required"] = json!(["format", "title", "phase"]);
    // Without a preset's times each phase has to say its own; preparation is open-ended anyway.
    let timed =
        json!({ "if": { "properties": { "kind": { "const": "preparation" } } }, "else": { "required": ["planned"] } });
    schema["if"] = json!({ "properties": { "route": { "const": routes::CUSTOM } } });
    schema["then"] = json!({ "properties": { "phase": { "items": timed } } });
    schema
}

const PHASES: &str =
    "A phase: a pool of tracks, a planned length, and who may end it. One [[phase]] each, in the order of a session.";

const FADE_IN: &str = "The crossfade into this piece, from 2s to 1m. Or 0s: this file goes on where the one before it was cut off, and the two are one piece.";

/// A table with these keys and no others.
fn table<const N: usize>(what: &str, keys: [(&str, Value); N]) -> Value {
    let properties: Map<String, Value> = keys.into_iter().map(|(key, schema)| (key.to_owned(), schema)).collect();
    json!({ "type": "object", "description": what, "properties": properties, "additionalProperties": false })
}

/// Any name may be a clinic's own; those that come with the program are offered.
fn route() -> Value {
    let presets: Vec<Preset> = routes::built_in();
    let names = presets.iter().map(|preset| preset.name.as_str()).chain([routes::CUSTOM]);
    let told: Vec<String> = presets.iter().map(|preset| format!("{}: {}", preset.name, preset.summary)).collect();
    let what =
        format!("When each phase ends after the dose. {}; custom: every phase says it by `planned`.", told.join("; "));
    let offered = json!({ "enum": names.collect::<Vec<_>>() });
    otherwise(described(json!({ "type": "string", "anyOf": [offered, { "pattern": r"\S" }] }), &what), routes::CUSTOM)
}

fn sound() -> Value {
    let target = level(
        TARGET.start().0 as i32,
        TARGET.end().0 as i32,
        "LUFS",
        "Every piece is brought to this loudness (EBU R 128)",
    );
    let ceiling =
        level(CEILING.start().0 as i32, CEILING.end().0 as i32, "dBTP", "Nothing ever comes out above this true peak");
    table(
        "How it sounds; all of it may be left out.",
        [
            ("target", otherwise(target, "-20 LUFS")),
            ("ceiling", otherwise(ceiling, "-3 dBTP")),
            ("crossfade", otherwise(length(&CROSSFADE, "Between pieces, where nothing else is said"), "20s")),
            (
                "curve",
                otherwise(
                    words(
                        &["equal-power", "equal-gain"],
                        "Of every crossfade: equal-power for unlike pieces, equal-gain for pieces that are alike.",
                    ),
                    "equal-power",
                ),
            ),
            (
                "bed",
                generated_bed(
                    LOUDEST_SAFE.0 as i32,
                    "What covers every gap and failure; so it is made by a generator, and soft.",
                    false,
                ),
            ),
        ],
    )
}

fn phase() -> Value {
    let one = whole(1..=5, "From 1, stillest, to 5.");
    let rise = json!({ "type": "array", "items": one, "minItems": 2, "maxItems": 2 });
    let intensity = described(
        json!({ "anyOf": [one, rise] }),
        "From 1, stillest, to 5; two numbers for a rise or fall over the phase, such as [2, 4].",
    );
    let kinds: Vec<&str> = PhaseKind::ALL.iter().map(|kind| kind.name()).collect();
    let level = level(LEVEL.start().0 as i32, LEVEL.end().0 as i32, "dB", "Beside the target loudness");
    let mut schema = table(
        PHASES,
        [
            (
                "kind",
                words(
                    &kinds,
                    "Which part of a session; any of them, each once, in this order. What is left out is covered by the phase before it.",
                ),
            ),
            ("title", text("Shown instead of the kind.")),
            ("planned", length(&PLANNED, "How long it is planned; the route's time where it is left out")),
            (
                "advance",
                words(
                    &["manual", "ask", "auto"],
                    "Who ends it: manual waits for you, ask waits and says so, auto goes on by itself unless vetoed. Left out: manual for preparation, auto for the others.",
                ),
            ),
            ("level", otherwise(level, "0 dB")),
            ("intensity", intensity),
            ("crossfade", length(&CROSSFADE, "Into this phase and between its pieces")),
            (
                "order",
                otherwise(
                    words(
                        &["planned", "listed", "shuffled"],
                        "planned: the planner chooses so that the last piece ends as the next phase begins; listed: as written; shuffled: by the session's seed.",
                    ),
                    "planned",
                ),
            ),
            ("bed", bed()),
            (
                "forbid",
                list(
                    text("A tag."),
                    "Tags that have no place in this phase. Left out: lyrics are pointed out, from onset to peak.",
                ),
            ),
            ("track", tracks(track())),
        ],
    );
    schema["required"] = json!(["kind", "track"]);
    schema
}

fn pools() -> Value {
    let pool = |steer: Steer, what: &str| {
        // The one pool that promises something about its pieces.
        let tracks = match steer {
            Steer::Ground => tracks(json!({ "allOf": [track(), grounding()] })),
            _ => tracks(track()),
        };
        let mut pool = table(
            what,
            [("crossfade", length(&CROSSFADE, "Into this pool and between its pieces")), ("track", tracks)],
        );
        pool["required"] = json!(["track"]);
        pool
    };
    table(
        "Music to cross to when it is asked for.",
        [
            ("ground", pool(Steer::Ground, "What the key g crosses to: safe and plain; never lyrics or percussion.")),
            ("warmer", pool(Steer::Warmer, "What the key k crosses to.")),
            ("deeper", pool(Steer::Deeper, "What the key l crosses to.")),
        ],
    )
}

fn tracks(items: Value) -> Value {
    let what = "A piece: one of file, generator and silence. One [[...track]] each; one and a half times the planned minutes leave a choice.";
    json!({ "type": "array", "minItems": 1, "items": items, "description": what })
}

fn grounding() -> Value {
    let refused = r"^(?:[Ll][Yy][Rr][Ii][Cc][Ss]|[Pp][Ee][Rr][Cc][Uu][Ss][Ss][Ii][Oo][Nn])$";
    json!({ "properties": { "tags": { "items": { "not": { "pattern": refused } } } } })
}

/// A track; which of its keys fit depends on where its sound comes from.
fn track() -> Value {
    let gain = level(GAIN.start().0 as i32, GAIN.end().0 as i32, "dB", "On top of the measured trim");
    let region = json!({ "type": "array", "items": place("A place"), "minItems": 2, "maxItems": 2 });
    let mut schema = table(
        "A piece: one of file, generator and silence.",
        [
            (
                "file",
                file(
                    "A music file: FLAC, MP3, AAC or ALAC in M4A, Ogg Vorbis, Opus, WAV or AIFF; its path from this file, with /.",
                ),
            ),
            ("silence", length(&SILENCE, "An intended silence of this length")),
            ("title", text("Shown while it plays; from the file's tags where it is left out.")),
            ("artist", text("As the title.")),
            ("tags", list(text("A tag."), "Your own words; --exclude leaves out pieces by them.")),
            ("intensity", whole(1..=5, "From 1, stillest, to 5; the phase's where it is left out.")),
            ("gain", otherwise(gain, "0 dB")),
            ("start", place("Where in the file the piece begins")),
            ("end", place("Where in the file the piece ends")),
            ("exits", list(place("A place"), "Places where it can be left early without a wrench, in order.")),
            ("loop", described(region, "From where to where it may repeat without a seam while the phase is held.")),
            ("fade_in", described(length(&CROSSFADE, ""), FADE_IN)),
            (
                "checksum",
                json!({ "type": "string", "pattern": "^blake3:[0-9A-Fa-f]{64}$", "description": "What the file must be, to the byte; `undertone relink --checksums` writes it." }),
            ),
        ],
    );
    add_generators(&mut schema, MINUTES_AND_SEED);
    schema["oneOf"] = json!([{ "required": ["file"] }, { "required": ["generator"] }, { "required": ["silence"] }]);
    let never = |keys: &[&str]| keys.iter().map(|key| ((*key).to_owned(), json!(false))).collect::<Map<_, _>>();
    let conditions = schema["allOf"].as_array_mut().unwrap_or_else(|| unreachable!("just added"));
    let silent: Vec<&str> = FILE_KEYS.iter().chain(&GENERATOR_KEYS).copied().chain(["gain"]).collect();
    for (source, strangers) in [("file", &GENERATOR_KEYS[..]), ("generator", &FILE_KEYS[..]), ("silence", &silent)] {
        conditions.push(json!({ "if": { "required": [source] }, "then": { "properties": never(strangers) } }));
    }
    schema
}

fn file(what: &str) -> Value {
    json!({ "type": "string", "pattern": r"^(?![/\\~])(?!.:)(?!.*://)\S", "description": what })
}

/// Whether a generated piece has a length of its own; a bed has none.
const MINUTES_AND_SEED: bool = true;
const SEED_ONLY: bool = false;

/// Adds `generator`, its seed and its parameters; each generator then allows its own and no others.
fn add_generators(schema: &mut Value, minutes: bool) {
    let names: Vec<&str> = GENERATORS.iter().map(|info| info.name).collect();
    let told: Vec<String> = GENERATORS.iter().map(|info| format!("{}: {}", info.name, info.summary)).collect();
    let properties = &mut schema["properties"];
    properties["generator"] = words(&names, &format!("An endless sound without a file. {}", told.join(" ")));
    properties["seed"] = whole(0..=i64::MAX, "Another number, another piece; the same number, the same piece.");
    if minutes {
        properties["minutes"] =
            number(&MINUTES, "How many minutes it lasts; stretched or shortened a little where the plan needs it.");
    }
    let params = || GENERATORS.iter().flat_map(|info| info.params);
    for one in params() {
        properties[one.name] = json!({ "description": one.summary });
    }
    let mut conditions = Vec::new();
    for info in GENERATORS {
        let fits = |name: &str| info.params.iter().find(|own| own.name == name);
        let each: Map<String, Value> =
            params().map(|one| (one.name.to_owned(), fits(one.name).map_or(json!(false), param))).collect();
        let chosen = json!({ "properties": { "generator": { "const": info.name } }, "required": ["generator"] });
        conditions.push(json!({ "if": chosen, "then": { "properties": each } }));
    }
    let nothing: Map<String, Value> = params().map(|one| (one.name.to_owned(), json!(false))).collect();
    conditions.push(json!({ "if": { "not": { "required": ["generator"] } }, "then": { "properties": nothing } }));
    schema["allOf"] = json!(conditions);
}

fn generated_bed(loudest: i32, what: &str, or_file: bool) -> Value {
    let level = level(BED_LEVEL.start().0 as i32, loudest, "LUFS", "How loud");
    let mut schema = table(what, [("level", otherwise(level, format!("{:.0} LUFS", USUAL_BED.0)))]);
    add_generators(&mut schema, SEED_ONLY);
    if or_file {
        schema["properties"]["file"] = file("A file that repeats; its path from this file.");
        schema["oneOf"] = json!([{ "required": ["file"] }, { "required": ["generator"] }]);
        let conditions = schema["allOf"].as_array_mut().unwrap_or_else(|| unreachable!("just added"));
        conditions.push(json!({ "if": { "required": ["file"] }, "then": { "properties": { "seed": false } } }));
    } else {
        schema["required"] = json!(["generator"]);
    }
    schema
}

fn bed() -> Value {
    let what = "A quiet continuous sound under the whole phase, or \"none\".";
    let bed = generated_bed(BED_LEVEL.end().0 as i32, what, true);
    described(json!({ "anyOf": [{ "const": "none" }, bed] }), what)
}

#[cfg(test)]
mod tests;
