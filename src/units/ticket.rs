//! The number that ties an order to its reports.

use serde::{Deserialize, Serialize};

/// Given with an order (prepare, cross, load) and repeated by every report about it, so that a late report is recognised.
/// Never used twice in a session.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ticket(pub u32);
