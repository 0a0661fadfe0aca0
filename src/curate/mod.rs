//! Curating: from a folder of music, or another program's list, to a playlist; and playlists as things to move, mark and send.
//!
//! *Invariant:* never writes over what is there unless told to; what it writes appears under its name only when it is whole.
//! Whether a playlist is good is decided by `playlist` alone: what is proposed here is checked there like anybody's.
//!
//! `propose` makes a playlist of measured files, by `score` and `cut`; `adopt` makes one of a list in another format, which
//! `list` reads and writes. Both become text in `draft`. `relink` finds files again, `pack` and `unpack` carry a playlist with its music.
//! `paths`, `quote` and `save` are what they share.

mod adopt;
mod cut;
mod draft;
mod list;
mod pack;
mod paths;
mod propose;
mod quote;
mod relink;
mod save;
mod score;
mod unpack;

pub use adopt::{Adopted, Found, adopt};
pub use draft::{Draft, Text};
pub use list::{Entry, Kind, LARGEST, List, ListError};
pub use pack::{PackError, Packed, pack};
pub use paths::{relative, written};
pub use propose::{Heard, SHORTEST, Shortage, propose, trial};
pub use relink::{Change, Link, Proof, Seen, edited, relink};
pub use save::{SaveError, must_be_free, save};
pub use unpack::{UnpackError, unpack};
