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
                    library::shown(pin.file())
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

/// Brings the panel back.
const SERVICE: &str = "etc/systemd/system/undertone@.service";
/// Takes away lid and power key.
const LOGIND: &str = "etc/systemd/logind.conf.d/50-undertone.conf";
/// Takes away Ctrl-Alt-Del held down.
const MANAGER: &str = "etc/systemd/system.conf.d/50-undertone.conf";

/// What is installed: where to, and what it says.
const FILES: [(&str, &str); 6] = [
    (SERVICE, include_str!("../../assets/kiosk/undertone@.service")),
    (LOGIND, include_str!("../../assets/kiosk/logind.conf")),
    (MANAGER, include_str!("../../assets/kiosk/system.conf")),
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
    install_program(&std::env::current_exe().map_err(Failure::could_not)?, user, into)
}

fn install_program(program: &Path, user: &str, into: &Path) -> Result<ExitCode, Failure> {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if user.is_empty() || user.starts_with('-') || !user.chars().all(is_plain) {
        return Err(Failure::could_not(
            "a user's name has letters, digits, - and _ only; give the kiosk's with --user",
        ));
    }
    let program = in_quotes(program)?;
    for (place, text) in FILES {
        let path = into.join(place);
        let shown = library::shown(&path);
        let text = text.replace("@USER@", user).replace("@PROGRAM@", program);
        let made = path.parent().map_or(Ok(()), std::fs::create_dir_all).and_then(|()| std::fs::write(&path, text));
        made.map_err(|error| {
            Failure::could_not(format!("{shown} cannot be written ({error}); run this as root, or give --into FOLDER"))
        })?;
        say!("{shown}")?;
    }
    say!("\n{AFTERWARDS}")?;
    Ok(ExitCode::SUCCESS)
}

/// A path that the service's file can hold between quotation marks: even there systemd reads `%`, `$` and `\` as
/// something else.
fn in_quotes(program: &Path) -> Result<&str, Failure> {
    let is_odd = |c: char| c.is_control() || "\"\\%$".contains(c);
    program.to_str().filter(|path| !path.contains(is_odd)).ok_or_else(|| {
        Failure::could_not(format!(
            "a service cannot name this program, for there is a \", \\, %, $ or worse in its path, {}; copy it to \
             /usr/local/bin and install from there. Nothing was written",
            library::shown(program)
        ))
    })
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
            has(SERVICE),
            ["the system restarts the panel", "the system does not restart the panel"],
            ItemState::Caution,
            "as root: undertone kiosk install --user THE-KIOSKS-USER",
        ),
        finding(
            "keys",
            has(LOGIND) && has(MANAGER) && masked.is_ok_and(|to| to == Path::new("/dev/null")),
            ["lid, power key and Ctrl-Alt-Del do nothing", "lid, power key or Ctrl-Alt-Del may end a session"],
            ItemState::Caution,
            "as root: undertone kiosk install --user THE-KIOSKS-USER; systemctl mask ctrl-alt-del.target; reboot",
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
        let unit = std::fs::read_to_string(folder.path().join(SERVICE)).expect("a unit");
        assert!(unit.contains("User=music\n") && unit.contains("\" kiosk\n"), "{unit}");
        assert!(!FILES.iter().any(|(place, _)| {
            let text = std::fs::read_to_string(folder.path().join(place)).expect("a file");
            text.contains("@USER@") || text.contains("@PROGRAM@")
        }));
    }

    #[cfg(unix)]
    #[test]
    fn ctrl_alt_del_does_nothing_only_if_it_may_be_held_down_too() {
        let folder = tempfile::tempdir().expect("a folder");
        let keys = || {
            let found = look(&Paths::under(folder.path()), folder.path());
            found.into_iter().find(|finding| finding.name.as_str() == "keys").expect("looked at").state
        };
        install("music", folder.path()).expect("installed");
        let masked = folder.path().join("etc/systemd/system/ctrl-alt-del.target");
        std::os::unix::fs::symlink("/dev/null", masked).expect("masked");
        assert_eq!(keys(), ItemState::Good);
        let held = folder.path().join(MANAGER);
        let text = std::fs::read_to_string(&held).expect("a file");
        assert!(text.contains("[Manager]\nCtrlAltDelBurstAction=none\n"), "{text}");
        std::fs::remove_file(held).expect("removed");
        assert_eq!(keys(), ItemState::Caution);
    }

    #[test]
    fn a_path_that_the_service_would_read_as_another_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let unit = folder.path().join(SERVICE);
        for program in ["/opt/a\"b/undertone", "/opt/a\\b", "/opt/100%/undertone", "/opt/$HOME/undertone", "/opt/a\nb"]
        {
            let told = install_program(Path::new(program), "music", folder.path()).expect_err("refused").to_string();
            assert!(told.contains("/usr/local/bin") && !told.contains('\n'), "{told}");
            assert!(!unit.exists(), "{program:?}");
        }
        install_program(Path::new("/opt/my programs/undertone"), "music", folder.path()).expect("installed");
        let text = std::fs::read_to_string(unit).expect("a unit");
        assert!(text.contains("\nExecStart=\"/opt/my programs/undertone\" kiosk\n"), "{text}");
    }

    /// A unit with a setting that systemd refuses leaves the screen black.
    #[cfg(target_os = "linux")]
    #[test]
    fn systemd_has_nothing_against_the_service() {
        let folder = tempfile::tempdir().expect("a folder");
        install_program(Path::new("/bin/sh"), "root", folder.path()).expect("installed");
        let mut verify = std::process::Command::new("systemd-analyze");
        // A machine without it cannot run the kiosk either.
        let Ok(told) = verify.arg("verify").arg(folder.path().join(SERVICE)).output() else { return };
        let told = String::from_utf8_lossy(&told.stderr).into_owned();
        assert!(!told.contains("undertone@"), "{told}");
    }

    #[test]
    fn a_user_that_would_break_the_files_is_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        for user in ["", "-x", "a b", "a\"b", "a\nUser=root"] {
            assert!(install(user, folder.path()).is_err(), "{user:?}");
        }
    }
}
