//! Undertone plays the music of a ketamine-assisted psychotherapy session.
//!
//! A pure core ([`session`]) decides what should be happening now; it has no clock, no files, no sound. Everything that
//! touches the world sits around it and can be replaced by a test double: the device by memory, the clock by a number,
//! the terminal by a grid of cells. One place ([`host`]) connects them.
//!
//! The map, in dependency order. `tests/architecture.rs` reads this table and fails on a name it does not allow.
//!
//! | folder | what | may name | crates confined to it |
//! |---|---|---|---|
//! | `units` | levels, times, frames, safe text | – | unicode-normalization, unicode-general-category, unicode-segmentation |
//! | `platform` | the OS's favours, each with a "not here" answer | units | rustix, libc, signal-hook, notify, etcetera, argon2, souvlaki |
//! | `picture` | PURE: the arc, pieces and marks of a session, drawn as SVG | units | – |
//! | `session` | PURE: plan, phases, planner, verbs, state machine, snapshot | units | – |
//! | `media` | sources (files, generators): decode, resample, loudness, facts and their cache | units | symphonia, symphonia-adapter-libopus, rubato, audioadapter-buffers, ebur128, realfft, blake3, hound, flacenc |
//! | `playlist` | TOML → schema → plan or diagnostics | units, session, media | toml, toml_edit |
//! | `curate` | from a folder or another program's list to a playlist; moving, marking and sending playlists | units, session, media, playlist | quick-xml, percent-encoding, tar |
//! | `audio` | the engine: control half, render half, feeder, supervisor, outputs | units, media, platform | cpal, rtrb |
//! | `record` | journal, resume, report | units, picture, session | getrandom |
//! | `wire` | the messages between host and its clients, versioned; framing | units, session | interprocess |
//! | `host` | the session process: builds the parts, one queue, one deadline | units, session, media, playlist, audio, record, wire, platform | – |
//! | `panel` | the terminal UI: model, update, view, keymap | units, session, playlist, wire | ratatui, crossterm |
//! | `cli` | arguments; one file per command | units, picture, session, media, playlist, curate, audio, record, wire, platform, host, panel | clap, clap_complete, clap_mangen, indicatif |
//!
//! Crates with more than one home:
//!
//! | crate | homes |
//! |---|---|
//! | `jiff` | units, record |
//! | `rodio` | media, audio, host |
//! | `miette`, `strsim` | playlist, cli |
//! | `serde_json` | media, playlist, record, wire, platform, cli |
//! | `tracing-subscriber` | host, cli |
//! | `serde`, `thiserror`, `tracing` | all but the render half |
//!
//! Tests may name any crate. Only `audio/output/device.rs` names `cpal` and the parts of `rodio` that open devices.
//!
//! A newcomer reads five files in order: this one, `session/plan.rs`, `session/mod.rs`, `host/conduct.rs`,
//! `audio/render.rs`.

pub mod audio;
pub mod cli;
pub mod curate;
pub mod host;
pub mod media;
pub mod panel;
pub mod picture;
pub mod platform;
pub mod playlist;
pub mod record;
pub mod session;
pub mod units;
pub mod wire;
