//! Playlists: TOML text to schema to plan, or diagnostics.
