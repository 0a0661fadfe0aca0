//! The panel's part of the clinic's settings: put in force before anything begins, and kept when something is chosen on a
//! screen.

use std::path::PathBuf;

use super::failure::Failure;
use crate::panel::{Keymap, Order, Setup, ThemeName};
use crate::platform::Paths;
use crate::playlist::{self, Dim, Screen};

fn file(paths: &Paths) -> PathBuf {
    paths.settings.join("settings.toml")
}

/// The panel as the clinic wants it.
pub(super) fn set_up(setup: &mut Setup, screen: &Screen) -> Result<(), Failure> {
    if let Some(theme) = &screen.theme {
        setup.theme = ThemeName::named(theme.as_str()).ok_or_else(|| {
            let all = ThemeName::all().map(ThemeName::name).join(", ");
            wrong(&format!("there is no theme \"{theme}\"; there are: {all}"))
        })?;
    }
    match screen.dim {
        None => {}
        Some(Dim::Never) => setup.dim_after = None,
        Some(Dim::After(span)) => {
            setup.dim_after = Some(std::time::Duration::from_millis(span.millis().unsigned_abs()))
        }
    }
    if let Some(marks) = &screen.marks {
        setup.marks.clone_from(marks);
    }
    bind(&mut setup.keymap, screen)
}

/// The keys, in the order of the file.
fn bind(keymap: &mut Keymap, screen: &Screen) -> Result<(), Failure> {
    for (key, action) in &screen.keys {
        keymap.bind_named(key.as_str(), action.as_str()).map_err(|error| wrong(&error.to_string()))?;
    }
    Ok(())
}

fn wrong(sentence: &str) -> Failure {
    Failure::wrong(format!("settings.toml: {sentence}. Nothing was started"))
}

/// Keeps what was chosen on a screen; a sentence when that cannot be. Orders about anything else are none of its business.
pub(super) fn keep(paths: &Paths, order: &Order) -> Result<(), String> {
    let kept = match order {
        Order::Bound { key, action } => playlist::keep(&file(paths), "keys", &key.to_string(), &action.to_string()),
        Order::Theme(theme) => playlist::keep(&file(paths), "panel", "theme", theme.name()),
        _ => return Ok(()),
    };
    kept.map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::super::library;
    use super::*;
    use crate::panel::{Action, Key, Start};

    fn setup() -> Setup {
        Setup::for_terminal(Start::Session, |_| None)
    }

    #[test]
    fn what_is_chosen_on_a_screen_is_there_the_next_time() {
        let home = tempfile::tempdir().unwrap();
        let paths = Paths::under(home.path());
        paths.create().unwrap();
        for order in [
            Order::Theme(ThemeName::Grey),
            Order::Theme(ThemeName::Red),
            Order::Bound { key: Key::PageDown, action: Action::Duck },
            Order::Bound { key: Key::Char('.'), action: Action::Mute },
        ] {
            keep(&paths, &order).unwrap();
        }
        let mut again = setup();
        set_up(&mut again, &library::settings(&paths).unwrap().screen).unwrap();
        assert_eq!(again.theme, ThemeName::Red);
        let bound = |key| again.keymap.action(key).map(|(action, _)| action);
        assert_eq!((bound(Key::PageDown), bound(Key::Char('.'))), (Some(Action::Duck), Some(Action::Mute)));
    }

    #[test]
    fn a_name_that_means_nothing_is_said_and_nothing_begins() {
        let key = |key: &str, action: &str| Screen { keys: vec![(key.into(), action.into())], ..Screen::default() };
        for (screen, word) in [
            (Screen { theme: Some("pink".into()), ..Screen::default() }, "amber, red, grey, monochrome"),
            (key("page-down", "stop"), "no action \"stop\""),
            (key("ctrl-x", "mute"), "not a key"),
            (key("m", "hold"), "mute must stay within reach"),
        ] {
            let sentence = set_up(&mut setup(), &screen).unwrap_err().to_string();
            assert!(sentence.contains(word), "{sentence}");
        }
    }
}
