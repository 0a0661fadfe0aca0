//! The terminal panel: a therapist's hand in the dark.
//!
//! *Invariant:* a client, nothing more. It owns no state of the session, opens no socket and no file, installs no signal
//! handler; whatever happens to it, the sound goes on.
//!
//! One direction of flow: the terminal and the [`Link`] give messages, `update` turns them into a new `Model` and a few
//! commands, `view` draws the model. Only `run`, `small`, `terminal` and `writer` touch the world.
//!
//! Beside the panel of a session it shows plans: `sheet` lays one out, `view::plan` draws it, `print` gives it as text. Two
//! screens have a smaller loop, `small`: `watch` keeps a plan in view while its file is edited, `audition` its joints.
//!
//! The owner of a panel holds the other ends of its [`Link`]: it passes [`Order::Send`] on to the host, what the host says
//! back as [`LinkEvent::Update`], and the process's signals as [`LinkEvent::Hangup`], [`LinkEvent::Terminate`] and
//! [`LinkEvent::Repaint`]. Standard error must not reach the terminal while the panel is open: point it at the log first.

mod action;
mod audition;
mod before;
mod chooser;
mod input;
mod key;
mod keymap;
mod learn;
mod link;
mod lock;
mod message;
mod model;
mod print;
mod prompt;
mod run;
mod setup;
mod sheet;
mod small;
mod strings;
mod terminal;
mod theme;
mod trial;
mod update;
mod verbs;
mod view;
mod watch;
mod writer;

#[cfg(test)]
mod tests;

pub use action::{Action, ActionError};
pub use audition::{AuditionNews, AuditionOrder, JointCard, Sounds, audition};
pub use before::{Choices, ItemState, PlaylistCard, PreflightItem, RouteChoice};
pub use key::{Key, KeyError};
pub use keymap::{Keymap, KeymapError};
pub use link::{Link, LinkEvent, Order};
pub use lock::{PinAnswer, TypedPin};
pub use print::{columns, print_plan};
pub use run::{Exit, PanelError, run};
pub use setup::{Depth, Setup, Start, ThemeName};
pub use sheet::{Consequence, PhaseRow, PieceRow, Sheet, Spare};
pub use watch::{Sight, watch_plan};
