//! Where sound goes: one small trait, and the outputs behind it.
//!
//! *Invariant:* an output owns no state of the session; losing it loses a pipe, never the place.

#[cfg(feature = "device")]
mod device;
#[cfg(feature = "device")]
mod kept;
mod null;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64};
#[cfg(feature = "device")]
use std::time::Duration;

pub use null::Null;

use super::slot::EngineSource;
use super::{DeviceInfo, Target};
use crate::units::{SafeText, Span};

/// Why an output cannot be opened.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(not(feature = "device"), allow(dead_code, reason = "only a device can be missing or refuse"))]
pub enum OutputError {
    /// Nothing to play on.
    #[error("no sound output was found; plug in the headphones, or start the sound server")]
    NoDevice,
    /// Not the one that was asked for.
    #[error("the output \"{0}\" is not there; plug it in, or choose another one")]
    NotThere(SafeText),
    /// There, but not for us.
    #[error("the output \"{name}\" cannot be used ({reason}); close other programs that use it, or choose another one")]
    Refused {
        /// The output.
        name: SafeText,
        /// The system's reason.
        reason: SafeText,
    },
    /// The sound server does not answer.
    #[error("the sound server does not answer; it is asked again and again")]
    NoAnswer,
}

/// An open output. Dropping it closes it, which may block for ever.
pub trait Output: Send {
    /// Finds it again, and nothing else.
    fn id(&self) -> &str;
    /// For people.
    fn name(&self) -> &SafeText;
    /// From an order to its sound.
    fn latency(&self) -> Option<Span>;
}

/// What an open output's own error reports say, told in numbers, because they may come by the hundred thousand.
#[derive(Debug, Default)]
pub struct Faults {
    /// It will not play any more.
    pub fatal: AtomicBool,
    /// It ran dry, by its own account.
    pub xruns: AtomicU64,
}

/// The outputs of a machine.
pub trait Outputs: Send + Sync {
    /// Opens one that asks for `buffer` frames at a time. May block.
    ///
    /// # Errors
    /// It is not there, or cannot be used.
    fn open(
        &self,
        target: &Target,
        buffer: u32,
        source: EngineSource,
        faults: Arc<Faults>,
    ) -> Result<Box<dyn Output>, OutputError>;

    /// A question to be asked again and again: whether this output is still there. `None` when nobody can tell. May block.
    fn watch(&self, id: &str) -> Box<dyn FnMut() -> Option<bool> + Send>;
}

/// The machine's own outputs; none without the feature `device`.
pub struct Devices;

#[cfg(not(feature = "device"))]
impl Outputs for Devices {
    fn open(&self, _: &Target, _: u32, _: EngineSource, _: Arc<Faults>) -> Result<Box<dyn Output>, OutputError> {
        Err(OutputError::NoDevice)
    }

    fn watch(&self, _: &str) -> Box<dyn FnMut() -> Option<bool> + Send> {
        Box::new(|| None)
    }
}

/// How long the sound server may take over an answer or a measurement.
#[cfg(feature = "device")]
const ANSWER: Duration = Duration::from_secs(5);

/// From an order to its sound on this device, measured with silence and the usual buffer; `None` when it takes no sound or
/// does not answer. Takes seconds.
#[must_use]
pub fn measure_latency(device: &DeviceInfo) -> Option<Span> {
    #[cfg(feature = "device")]
    return {
        let id = device.id.clone();
        in_time("measuring", move || device::measure(&id, super::Settings::default().buffer_frames)).flatten()
    };
    #[cfg(not(feature = "device"))]
    {
        _ = device;
        None
    }
}

/// The output devices of this machine; none without the feature `device`, or when nobody answers. Asks the sound server, which
/// may take its time: not for a thread in a hurry.
#[must_use]
pub fn devices() -> Vec<DeviceInfo> {
    #[cfg(feature = "device")]
    return in_time("listing", device::list).unwrap_or_default();
    #[cfg(not(feature = "device"))]
    Vec::new()
}

/// Does something that may hang, on a thread that is left behind if it does.
#[cfg(feature = "device")]
fn in_time<T: Send + 'static>(name: &str, work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    let (tell, told) = std::sync::mpsc::channel();
    // Whoever asked may have given up.
    let work = move || _ = tell.send(work());
    std::thread::Builder::new().name(name.into()).spawn(work).ok()?;
    told.recv_timeout(ANSWER).ok()
}
