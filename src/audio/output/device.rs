//! The machine's own outputs. The only file that names cpal, and rodio's shell around it.
//!
//! Whether a device is there is asked over one connection to the sound server, which is kept. Each stream has one of its own,
//! made only once its device is known to be there, and left to the next stream: whether it would end is a matter of luck.

use std::str::FromStr;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use cpal::traits::{DeviceTrait, HostTrait, StreamTrait};
use cpal::{BufferSize, Device, DeviceId, ErrorKind, Host, HostId, SampleFormat, StreamConfig};
use rodio::{DeviceSinkBuilder, MixerDeviceSink};

use super::kept::{Broken, Kept};
use super::{Devices, Faults, Output, OutputError, Outputs};
use crate::audio::slot::EngineSource;
use crate::audio::{DeviceInfo, Target};
use crate::platform::{Priority, take_priority};
use crate::units::{ENGINE_RATE_HZ, Frames, SafeText, Span};

/// What a sound server without any device offers instead: playing into it is silence.
const DUMMY: &str = "auto_null";
/// Error reports that come faster than this are slowed down: a dead ALSA stream makes 720 000 a second.
const FLOOD: Duration = Duration::from_millis(1);
const BRAKE: Duration = Duration::from_millis(2);
/// How long a latency is measured; a sink that slept wakes up within 2 s.
const MEASURING: Duration = Duration::from_millis(2_500);
/// Requests that are left out of it.
const SETTLING: usize = 20;

/// All questions to the sound server go over this.
static SERVER: Kept<Host> = Kept::new();
/// Connections whose streams have ended, or could not be opened.
static SPARE: Mutex<Vec<Host>> = Mutex::new(Vec::new());

/// An open stream to a device.
struct Playing {
    // In this order they are closed.
    _sink: MixerDeviceSink,
    _client: Option<Client>,
    id: String,
    name: SafeText,
    buffer: u32,
}

impl Output for Playing {
    fn id(&self) -> &str {
        &self.id
    }

    fn name(&self) -> &SafeText {
        &self.name
    }

    fn latency(&self) -> Option<Span> {
        // One buffer is being filled while one is being played; the limiter looks ahead by one block.
        Some(Frames(2 * u64::from(self.buffer) + 64).span())
    }
}

impl Outputs for Devices {
    fn open(
        &self,
        target: &Target,
        buffer: u32,
        source: EngineSource,
        faults: Arc<Faults>,
    ) -> Result<Box<dyn Output>, OutputError> {
        // The stream's threads are begun by this one.
        if let Err(why) = take_priority(Priority::RealTime) {
            tracing::info!(%why, "no real-time priority");
        }
        let device = find(target)?;
        if !device.id().is_ok_and(|id| is_served(id.host())) {
            // ALSA's plug-ins may turn round and round in their threads, which is no harm only at the usual priority.
            take_priority(Priority::Usual).ok();
        }
        let (name, id) = (name_of(&device), device.id().map(|id| id.to_string()).unwrap_or_default());
        let (sink, client) = reach(device, |device| play(device, buffer, source, faults))?;
        Ok(Box::new(Playing { _sink: sink, _client: client, id, name, buffer }))
    }

    fn watch(&self, id: &str) -> Box<dyn FnMut() -> Option<bool> + Send> {
        let id = DeviceId::from_str(id).ok();
        Box::new(move || {
            let id = id.as_ref()?;
            ask(id.host(), |host| Ok(host.output_devices()?.any(|device| is(&device, id))))
        })
    }
}

/// Opens a stream to a device and lets it play.
fn play(
    device: Device,
    buffer: u32,
    source: EngineSource,
    faults: Arc<Faults>,
) -> Result<MixerDeviceSink, OutputError> {
    let name = name_of(&device);
    let config = StreamConfig { channels: 2, sample_rate: ENGINE_RATE_HZ, buffer_size: BufferSize::Fixed(buffer) };
    let mut sink = DeviceSinkBuilder::default()
        .with_device(device)
        .with_config(&config)
        .with_sample_format(SampleFormat::F32)
        .with_error_callback(listener(faults))
        .open_stream()
        .map_err(|why| refused(&name, &why))?;
    sink.log_on_drop(false);
    sink.mixer().add(source);
    Ok(sink)
}

fn refused(name: &SafeText, why: &dyn std::error::Error) -> OutputError {
    OutputError::Refused { name: name.clone(), reason: SafeText::new(&root(why)) }
}

/// The outputs of the first host that answers: those of the sound server, where there is one. ALSA's own list beside it would
/// only name plug-ins that lead to the same server; they can still be opened by their ids.
pub fn list() -> Vec<DeviceInfo> {
    hosts().find_map(|host| ask(host, list_of)).unwrap_or_default()
}

fn list_of(host: &Host) -> Result<Vec<DeviceInfo>, cpal::Error> {
    let default = host.default_output_device().and_then(|device| device.id().ok());
    let info = |device: Device| {
        let id = device.id().ok()?;
        Some(DeviceInfo { id: id.to_string(), name: name_of(&device), default: default.as_ref() == Some(&id) })
    };
    Ok(host.output_devices()?.filter(is_real).filter_map(info).collect())
}

/// Plays silence for a moment and hears from the system when each request will be heard; from an order to its sound, on
/// average: half a buffer until the next request, what that says, and the block that the limiter looks ahead. May block.
pub fn measure(id: &str, buffer: u32) -> Option<Span> {
    let device = find_named(id).ok()?;
    let name = name_of(&device);
    let config = StreamConfig { channels: 2, sample_rate: ENGINE_RATE_HZ, buffer_size: BufferSize::Fixed(buffer) };
    let (tell, told) = std::sync::mpsc::channel();
    let play = move |silence: &mut [f32], info: &cpal::OutputCallbackInfo| {
        silence.fill(0.0);
        let times = info.timestamp();
        // Nobody listens any more when the measurement is over.
        _ = tell.send(times.playback.saturating_duration_since(times.callback));
    };
    let open = |device: Device| device.build_output_stream(config, play, |_| {}, None);
    let (stream, client) = reach(device, |device| open(device).map_err(|why| refused(&name, &why))).ok()?;
    stream.play().ok()?;
    std::thread::sleep(MEASURING);
    let mut times: Vec<Duration> = told.try_iter().collect();
    // Closing may block; the one who waits for the answer is not to wait for that.
    std::thread::Builder::new().name("reaper".into()).spawn(move || drop((stream, client))).ok()?;
    // The first requests fill an empty device.
    times.drain(..times.len().min(SETTLING));
    times.sort();
    let median = Span::from_millis(i64::try_from(times.get(times.len() / 2)?.as_millis()).ok()?);
    Some(median + Frames(u64::from(buffer) / 2 + 64).span())
}

/// The hosts to ask. On Linux the sound server first (PulseAudio, which PipeWire serves too), then plain ALSA.
fn hosts() -> impl Iterator<Item = HostId> {
    let mut ids = cpal::available_hosts();
    ids.sort_by_key(|id| !is_served(*id));
    ids.into_iter()
}

/// Whether a sound server is behind it.
fn is_served(host: HostId) -> bool {
    host.name().eq_ignore_ascii_case("pulseaudio")
}

/// Asks a host; `None` when it does not answer, or not this. May block.
fn ask<T>(id: HostId, question: impl Fn(&Host) -> Result<T, cpal::Error>) -> Option<T> {
    if !is_served(id) {
        return question(&cpal::host_from_id(id).ok()?).ok();
    }
    let question = |host: &Host| match question(host) {
        Err(why) if why.kind() == ErrorKind::StreamInvalidated => Err(Broken),
        answer => Ok(answer.ok()),
    };
    SERVER.ask(|| connect(id), question).flatten()
}

/// Connects to the sound server. All threads of its client are begun by the one that does this, and have its priority.
fn connect(id: HostId) -> Option<Host> {
    let work = || {
        take_priority(Priority::RealTime).ok();
        cpal::host_from_id(id).ok()
    };
    std::thread::scope(|scope| {
        let begun = std::thread::Builder::new().name("connecting".into()).spawn_scoped(scope, work).ok()?;
        begun.join().ok().flatten()
    })
}

/// Opens a device that was found; over a connection of its own, which must outlive it, if a sound server is behind it.
fn reach<T>(
    found: Device,
    open: impl FnOnce(Device) -> Result<T, OutputError>,
) -> Result<(T, Option<Client>), OutputError> {
    let id = found.id().map_err(|why| refused(&name_of(&found), &why))?;
    if !is_served(id.host()) {
        return Ok((open(found)?, None));
    }
    let client = Client::new(id.host()).ok_or(OutputError::NoAnswer)?;
    let devices = client.0.as_ref().and_then(|host| host.output_devices().ok());
    let mut devices = devices.ok_or(OutputError::NoAnswer)?;
    let device = devices.find(|device| is(device, &id)).ok_or(OutputError::NotThere(name_of(&found)))?;
    Ok((open(device)?, Some(client)))
}

/// A connection for one stream at a time. It is never given up: that would often leave it behind, to nobody's use.
struct Client(Option<Host>);

impl Client {
    /// A spare one that has not broken meanwhile, or else a new one.
    fn new(id: HostId) -> Option<Self> {
        let next = || SPARE.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let spare = std::iter::from_fn(next).find(|host| host.output_devices().is_ok());
        spare.or_else(|| connect(id)).map(|host| Self(Some(host)))
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        SPARE.lock().unwrap_or_else(PoisonError::into_inner).extend(self.0.take());
    }
}

fn find(target: &Target) -> Result<Device, OutputError> {
    match target {
        Target::Null => Err(OutputError::NoDevice),
        Target::Default => hosts().find_map(default_of).flatten().ok_or(OutputError::NoDevice),
        Target::Device(wanted) => find_named(wanted),
    }
}

/// What this host would choose; `None` when it does not answer. A sound server that has nothing real is not passed over: ALSA's own
/// default would lead to that same server, which moves what plays there to the first headphones that come, at full level.
fn default_of(host: HostId) -> Option<Option<Device>> {
    let question = |host: &Host| match host.default_output_device() {
        // None at all, or nobody who could say so.
        None => host.output_devices().map(|_| None),
        default => Ok(default),
    };
    Some(ask(host, question)?.filter(is_real))
}

fn find_named(wanted: &str) -> Result<Device, OutputError> {
    let not_there = || OutputError::NotThere(SafeText::new(wanted));
    if let Ok(id) = DeviceId::from_str(wanted) {
        let found = ask(id.host(), |host| Ok(host.output_devices()?.find(|device| is(device, &id))));
        return found.ok_or(OutputError::NoAnswer)?.ok_or_else(not_there);
    }
    let is_named =
        |device: &Device| name_of(device).as_str() == wanted || device.id().is_ok_and(|id| id.id() == wanted);
    let found = |host| ask(host, |host| Ok(host.output_devices()?.find(is_named))).flatten();
    hosts().find_map(found).ok_or_else(not_there)
}

fn is(device: &Device, id: &DeviceId) -> bool {
    device.id().is_ok_and(|its| its == *id)
}

fn is_real(device: &Device) -> bool {
    device.id().is_ok_and(|id| leads_somewhere(id.host().name(), id.id()))
}

/// Whether a device of this name can be heard at all. Beside its cards, ALSA's list has plug-ins that lead nowhere (`null`) or
/// to a server that does not run; its `default` is whatever the system chose.
fn leads_somewhere(host: &str, id: &str) -> bool {
    let is_plug_in = host.eq_ignore_ascii_case("alsa") && id != "default" && !id.contains("CARD=");
    id != DUMMY && !is_plug_in
}

fn name_of(device: &Device) -> SafeText {
    device.description().map(|description| SafeText::new(description.name())).unwrap_or_default()
}

/// The innermost reason: the outer ones only say that opening failed.
fn root(why: &dyn std::error::Error) -> String {
    let mut why = why;
    while let Some(source) = why.source() {
        why = source;
    }
    why.to_string()
}

/// Counts what a stream reports. Called from its threads, possibly without end.
fn listener(faults: Arc<Faults>) -> impl FnMut(cpal::Error) + Send + 'static {
    let mut last: Option<Instant> = None;
    move |error| {
        match error.kind() {
            ErrorKind::Xrun => _ = faults.xruns.fetch_add(1, Relaxed),
            // It plays on.
            ErrorKind::RealtimeDenied | ErrorKind::DeviceBusy => {}
            // Also `DeviceChanged`: another device than the one that was chosen is no place for this sound.
            _ => faults.fatal.store(true, Relaxed),
        }
        let now = Instant::now();
        if last.is_some_and(|last| now.saturating_duration_since(last) < FLOOD) {
            std::thread::sleep(BRAKE);
        }
        last = Some(now);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leads_nowhere_is_no_output() {
        for (host, id, heard) in [
            ("PulseAudio", "alsa_output.usb-headphones", true),
            ("PulseAudio", "auto_null", false),
            ("ALSA", "sysdefault:CARD=PCH", true),
            ("ALSA", "default", true),
            ("ALSA", "null", false),
            ("ALSA", "lavrate", false),
        ] {
            assert_eq!(leads_somewhere(host, id), heard, "{host} {id}");
        }
    }
}
