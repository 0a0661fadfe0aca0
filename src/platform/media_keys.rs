//! Media keys, where the desktop offers them (MPRIS on Linux). What they may do is decided elsewhere; here they are heard.

use super::NotHere;

/// What a media key or a headset's button asks for; everything else that such a bus can carry is not passed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MediaKey {
    /// The one button of a headset.
    PlayPause,
    /// Another piece.
    Next,
    /// Play, pause, stop, back, seek, volume: programs send them by themselves, as when a call comes in.
    Other,
}

/// Media keys are heard as long as this lives.
pub struct MediaKeys {
    #[cfg(target_os = "linux")]
    _controls: souvlaki::MediaControls,
}

/// Begins to hear media keys. Nothing of the session is shown to the desktop: no title, no state.
///
/// # Errors
/// [`NotHere`] where there is no such bus.
#[cfg(target_os = "linux")]
pub fn hear_media_keys(heard: impl Fn(MediaKey) + Send + 'static) -> Result<MediaKeys, NotHere> {
    use souvlaki::{MediaControlEvent, MediaControls, PlatformConfig};
    // The library takes a missing bus for a bug and panics on a thread of its own; so it is not asked without one.
    if std::env::var_os("DBUS_SESSION_BUS_ADDRESS").is_none() {
        return Err(NotHere::because("there is no desktop bus here, so media keys are not heard"));
    }
    let refused = |error| NotHere::because(&format!("media keys are not heard: {error:?}"));
    let config = PlatformConfig { dbus_name: "undertone", display_name: "Undertone", hwnd: None };
    let mut controls = MediaControls::new(config).map_err(refused)?;
    let pass_on = move |event| {
        heard(match event {
            MediaControlEvent::Toggle => MediaKey::PlayPause,
            MediaControlEvent::Next => MediaKey::Next,
            _ => MediaKey::Other,
        });
    };
    controls.attach(pass_on).map_err(refused)?;
    Ok(MediaKeys { _controls: controls })
}

/// Begins to hear media keys.
///
/// # Errors
/// [`NotHere`]: not on this system.
#[cfg(not(target_os = "linux"))]
pub fn hear_media_keys(_: impl Fn(MediaKey) + Send + 'static) -> Result<MediaKeys, NotHere> {
    Err(NotHere::because("media keys are heard on Linux desktops only; a clicker or pedal works everywhere"))
}
