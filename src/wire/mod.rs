//! The messages between the host and its clients (panel, `ctl`), and the socket that carries them.
//!
//! *Invariant:* never a network socket: a Unix socket in a private directory, or a named pipe on Windows. One JSON object a
//! line, at most 64 KiB, versioned by the first message of each side.

mod message;

pub use message::{Hello, OutputHealth, OutputView, Request, Status, Update, VERSION};
