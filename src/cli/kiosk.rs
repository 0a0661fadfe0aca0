//! `undertone kiosk`: the panel that cannot be left without its PIN, and its set-up.

use std::io::{self, BufRead as _, IsTerminal as _};
use std::path::Path;
use std::process::ExitCode;

use super::args::KioskAction;
use super::failure::{Failure, say};
use super::{doctor, library, play, preflight};
use crate::audio;
use crate::panel::{ItemState, PreflightItem};
use crate::platform::{self, NotHere, Paths, Pin, Power, power};

pub(super) fn run(action: Option<&KioskAction>) -> Result<ExitCode, Failure> {
    match action {
        None => play::pick(true),
        Some(KioskAction::Pin) => set_pin(),
        Some(KioskAction::Install { user, into }) => install(user, into),
        Some(KioskAction::Doctor) => doctor(),
    }
}

/// The PIN of these folders.
pub(super) fn pin(paths: &Paths) -> Pin {
    Pin::in_folders(&paths.settings, &paths.state)
}

fn set_pin() -> Result<ExitCode, Failure> {
    let pin = pin(&library::paths()?);
    if pin.is_set() {
        let now = ask("The PIN that is set now: ")?;
        match pin.verify(&now) {
            platform::Verdict::Right => {}
            platform::Verdict::Wait { left } => {
                return Err(Failure::wrong(format!("too many wrong tries: try again in {left}; nothing was changed")));
            }
            _ => {
                return Err(Failure::wrong(format!(
                    "that is not the PIN; nothing was changed. Who forgot it deletes {}",
                    pin.file().display()
                )));
            }
        }
    }
    let new = ask("A new PIN, 6 to 12 digits: ")?;
    if ask("The same again: ")? != new {
        return Err(Failure::wrong("the two are not the same; nothing was changed"));
    }
    pin.set(&new).map_err(Failure::wrong)?;
    say!("the PIN is set")?;
    Ok(ExitCode::SUCCESS)
}

/// A line that is not shown while it is typed.
fn ask(question: &str) -> Result<String, Failure> {
    let _hidden = io::stdin().is_terminal().then(platform::hide_typing);
    eprint!("{question}");
    let mut line = String::new();
    let read = io::stdin().lock().read_line(&mut line);
    if io::stdin().is_terminal() {
        eprintln!();
    }
    match read {
        Ok(1..) => Ok(line.trim_end_matches(['\r', '\n']).to_owned()),
        _ => Err(Failure::could_not("nothing was typed; nothing was changed")),
    }
}

/// What is installed: where to, and what it says.
const FILES: [(&str, &str); 5] = [
    ("etc/systemd/system/undertone@.service", include_str!("../../assets/kiosk/undertone@.service")),
    ("etc/systemd/logind.conf.d/50-undertone.conf", include_str!("../../assets/kiosk/logind.conf")),
    ("etc/systemd/sleep.conf.d/50-undertone.conf", include_str!("../../assets/kiosk/sleep.conf")),
    ("etc/sysctl.d/50-undertone.conf", include_str!("../../assets/kiosk/sysctl.conf")),
    ("etc/polkit-1/rules.d/50-undertone.rules", include_str!("../../assets/kiosk/polkit.rules")),
];

const AFTERWARDS: &str = "\
Then, as root:
  systemctl mask ctrl-alt-del.target
  systemctl enable undertone@tty1.service
  reboot
And as the kiosk's user, before that: undertone kiosk pin; undertone kiosk doctor.
To undo it, delete these files and disable the service.";

fn install(user: &str, into: &Path) -> Result<ExitCode, Failure> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if user.is_empty() || user.starts_with('-') || !user.chars().all(is_plain) {
        return Err(Failure::could_not(
            "a user's name has letters, digits, - and _ only; give the kiosk's with --user",
        ));
    }
    let program = std::env::current_exe().map_err(Failure::could_not)?;
    for (place, text) in FILES {
        let path = into.join(place);
        let text = text.replace("@USER@", user).replace("@PROGRAM@", &program.to_string_lossy());
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&path, text));
        made.map_err(|error| {
            let path = path.display();
            Failure::could_not(format!("{path} cannot be written ({error}); run this as root, or give --into FOLDER"))
        })?;
        say!("{}", path.display())?;
    }
    say!("\n{AFTERWARDS}")?;
    Ok(ExitCode::SUCCESS)
}

fn finding(name: &str, good: bool, text: [&str; 2], amiss: ItemState, fix: &'static str) -> PreflightItem {
    preflight::item(
        name,
        if good { (ItemState::Good, text[0].into(), None) } else { (amiss, text[1].into(), Some(fix)) },
    )
}

fn doctor() -> Result<ExitCode, Failure> {
    let paths = library::paths()?;
    doctor::tell(&library::quietly(&paths, || look(&paths, Path::new("/"))))
}

fn look(paths: &Paths, root: &Path) -> Vec<PreflightItem> {
    let has = |place: &str| root.join(place).exists();
    let masked = std::fs::read_link(root.join("etc/systemd/system/ctrl-alt-del.target"));
    let blank = std::fs::read_to_string(root.join("sys/module/kernel/parameters/consoleblank"));
    vec![
        finding(
            "pin",
            pin(paths).is_set(),
            ["a PIN is set", "no PIN is set, so the panel could be left by anyone"],
            ItemState::Bad,
            "undertone kiosk pin",
        ),
        finding(
            "service",
            has(FILES[0].0),
            ["the system restarts the panel", "the system does not restart the panel"],
            ItemState::Caution,
            "as root: undertone kiosk install --user THE-KIOSKS-USER",
        ),
        finding(
            "keys",
            has(FILES[1].0) && masked.is_ok_and(|to| to == Path::new("/dev/null")),
            ["lid, power key and Ctrl-Alt-Del do nothing", "lid, power key or Ctrl-Alt-Del may end a session"],
            ItemState::Caution,
            "as root: undertone kiosk install; systemctl mask ctrl-alt-del.target",
        ),
        finding(
            "screen",
            blank.is_ok_and(|seconds| seconds.trim() == "0"),
            ["the console does not go blank by itself", "the console may go blank by itself"],
            ItemState::Caution,
            "add consoleblank=0 to the kernel's command line",
        ),
        awake(),
        supply(power()),
        finding(
            "output",
            !audio::devices().is_empty(),
            ["a sound output was found", "no sound output was found"],
            ItemState::Bad,
            "connect one, or start the sound server of the kiosk's user",
        ),
    ]
}

fn awake() -> PreflightItem {
    let found = match platform::hold_awake() {
        Ok(held) => (ItemState::Good, format!("the system holds off {}", held.what()), None),
        Err(refused) => (ItemState::Bad, refused.to_string(), Some("set the machine's power settings to never sleep")),
    };
    preflight::item("awake", found)
}

fn supply(power: Result<Power, NotHere>) -> PreflightItem {
    let found = match power {
        Ok(Power::Mains) => (ItemState::Good, "plugged in".to_owned(), None),
        Ok(Power::Battery { percent }) => {
            (ItemState::Bad, format!("on its battery, {percent} %"), Some("plug it in before a session"))
        }
        Err(unknown) => (ItemState::Caution, unknown.to_string(), Some("see to it that it is plugged in")),
    };
    preflight::item("power", found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_installed_is_found_by_the_doctor() {
        let folder = tempfile::tempdir().expect("a folder");
        let paths = Paths::under(folder.path());
        paths.create().expect("made");
        let state = |name: &str| {
            let found = look(&paths, folder.path());
            found.iter().find(|finding| finding.name.as_str() == name).expect("looked at").state
        };
        assert_eq!((state("pin"), state("service")), (ItemState::Bad, ItemState::Caution));
        install("music", folder.path()).expect("installed");
        pin(&paths).set("123456").expect("set");
        assert_eq!(
            (state("pin"), state("service"), state("keys")),
            (ItemState::Good, ItemState::Good, ItemState::Caution)
        );
        let unit = std::fs::read_to_string(folder.path().join(FILES[0].0)).expect("a unit");
        assert!(unit.contains("User=music\n") && unit.contains(" kiosk\n"), "{unit}");
        assert!(!FILES.iter().any(|(place, _)| {
            let text = std::fs::read_to_string(folder.path().join(place)).expect("a file");
            text.contains("@USER@") || text.contains("@PROGRAM@")
        }));
    }

    #[test]
    fn a_user_that_would_break_the_files_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        for user in ["", "-x", "a b", "a\"b", "a\nUser=root"] {
            assert!(install(user, folder.path()).is_err(), "{user:?}");
        }
    }
}
