//! What is looked at before a session: each thing good, to know of, or to mend, with what to do about it.

use std::path::Path;

use super::args::PlaylistArgs;
use super::library;
use crate::panel::{ItemState, PreflightItem};
use crate::platform::{self, Paths, Power};
use crate::playlist::{Settings, Severity, gravest};
use crate::units::SafeText;

/// Free space below which a session may not be recorded to its end (a journal takes a few MB at most; the rest is margin).
const ENOUGH_MB: u64 = 200;
/// A battery below this may not last a session.
const ENOUGH_PERCENT: u8 = 50;

/// What was found: the state, in words, and what to do.
pub(super) type Found = (ItemState, String, Option<&'static str>);
/// One thing to look at.
type Look = fn(&Paths, &PlaylistArgs) -> Found;

/// Everything, the quick and telling first.
const LOOKS: [(&str, Look); 5] =
    [("output", output), ("record", record), ("power", power), ("music", music), ("awake", awake)];

/// Looks at everything, and tells the whole list again whenever more is known; stops when nobody listens.
pub(super) fn look(paths: &Paths, playlist: &PlaylistArgs, tell: impl Fn(Vec<PreflightItem>) -> bool) {
    let unknown = |(name, _): &(&str, Look)| item(name, (ItemState::Checking, String::new(), None));
    let mut items: Vec<PreflightItem> = LOOKS.iter().map(unknown).collect();
    for (place, (name, look)) in LOOKS.iter().enumerate() {
        if !tell(items.clone()) {
            return;
        }
        items[place] = item(name, look(paths, playlist));
    }
    tell(items);
}

/// Everything at once; the music only if there is a playlist.
pub(super) fn look_once(paths: &Paths, playlist: Option<&PlaylistArgs>) -> Vec<PreflightItem> {
    let wanted = |(name, _): &&(&str, Look)| playlist.is_some() || *name != "music";
    let nothing = PlaylistArgs::default();
    let found = |(name, look): &(&str, Look)| item(name, look(paths, playlist.unwrap_or(&nothing)));
    LOOKS.iter().filter(wanted).map(found).collect()
}

/// One thing that was looked at.
pub(super) fn item(name: &str, (state, text, fix): Found) -> PreflightItem {
    PreflightItem { name: name.into(), state, text: SafeText::new(&text), fix: fix.map(SafeText::new) }
}

fn music(paths: &Paths, playlist: &PlaylistArgs) -> Found {
    let (loaded, findings) = library::load_quietly(paths, &playlist.playlist, &library::options(paths, playlist));
    match (loaded, gravest(&findings)) {
        (Some(loaded), None) => {
            (ItemState::Good, format!("{} pieces, each decoded to its end", loaded.plan.tracks.len()), None)
        }
        (Some(_), worst) if worst != Some(Severity::Error) => {
            let text = format!("{} things to know of, such as: {}", findings.len(), findings[0].message);
            (ItemState::Caution, text, Some("`undertone check` tells each with its place."))
        }
        _ => (ItemState::Bad, "the playlist has errors".into(), Some("`undertone check` tells each and what to do.")),
    }
}

fn output(paths: &Paths, _: &PlaylistArgs) -> Found {
    let devices = crate::audio::devices();
    let Ok(settings) = Settings::read(&Settings::file(&paths.settings)) else {
        return (ItemState::Bad, "the settings have errors".into(), Some("`undertone devices` tells them."));
    };
    if let Some(first) = settings.outputs.first() {
        return match devices.iter().find(|device| first.is_device(&device.id, device.name.as_str())) {
            Some(device) => (ItemState::Good, format!("{}: {}", first.name, device.name), None),
            None => (
                ItemState::Bad,
                format!("{} is not there", first.name),
                Some("Connect it, or mend the settings; then look again."),
            ),
        };
    }
    match devices.iter().find(|device| device.default).or(devices.first()) {
        Some(device) => (ItemState::Good, device.name.to_string(), None),
        None => (ItemState::Bad, "no sound output was found".into(), Some("Connect one, then look again.")),
    }
}

fn record(paths: &Paths, _: &PlaylistArgs) -> Found {
    let sessions = paths.sessions();
    if let Err(error) = try_writing(&sessions) {
        let text = format!("the session cannot be recorded ({error})");
        return (ItemState::Bad, text, Some("Make its folder yours to write, or free the disk."));
    }
    match platform::free_mb(&sessions) {
        Ok(free) if free < ENOUGH_MB => {
            (ItemState::Caution, format!("only {free} MB are free on its disk"), Some("Free some disk space."))
        }
        _ => (ItemState::Good, "can be kept".into(), None),
    }
}

/// A file is made there and removed again: the only honest way to know.
fn try_writing(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let probe = folder.join(".probe");
    std::fs::write(&probe, b"undertone")?;
    std::fs::remove_file(&probe)
}

fn power(_: &Paths, _: &PlaylistArgs) -> Found {
    let plug_in = Some("Plug in the charger.");
    match platform::power() {
        Ok(Power::Mains) => (ItemState::Good, "from the mains".into(), None),
        Ok(Power::Battery { percent }) if percent < ENOUGH_PERCENT => {
            (ItemState::Bad, format!("on battery, {percent} %: it may not last"), plug_in)
        }
        Ok(Power::Battery { percent }) => (ItemState::Caution, format!("on battery, {percent} %"), plug_in),
        Err(unknown) => (ItemState::Good, unknown.to_string(), None),
    }
}

/// Asks the system not to sleep, as the session will, and lets go again.
fn awake(_: &Paths, _: &PlaylistArgs) -> Found {
    match platform::hold_awake() {
        Ok(_) => (ItemState::Good, "the machine stays awake".into(), None),
        // Why, in the system's own words, is in the host's log: here it would hide what to do.
        Err(_) => {
            let text = "the machine may fall asleep".to_owned();
            (ItemState::Bad, text, Some("Switch sleep off in the system's settings; go on if it is off."))
        }
    }
}
