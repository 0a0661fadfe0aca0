//! Any line as a message between host and client: refused, or a message that survives being sent again.

use std::fmt::Debug;

use serde::{Serialize, de::DeserializeOwned};
use undertone::wire::{Request, Update};

fn travels<T: Serialize + DeserializeOwned + PartialEq + Debug>(line: &[u8]) {
    let Ok(message) = serde_json::from_slice::<T>(line) else { return };
    let Ok(again) = serde_json::to_vec(&message) else { return };
    let back: T = serde_json::from_slice(&again).expect("what was written can be read");
    assert_eq!(back, message);
}

pub fn run(line: &[u8]) {
    travels::<Request>(line);
    travels::<Update>(line);
}
