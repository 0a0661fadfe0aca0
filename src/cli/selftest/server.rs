//! A PulseAudio of the test's own: null sinks instead of cards, reached by a socket in the test's folder.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use super::checks::Trouble;

/// A sink as quick as a card: without `norewinds` a null sink that has just been made sleeps for up to two seconds.
const SINK: &str = "rate=48000 format=float32le norewinds=1";

/// The server. Killed, by its own number, when dropped.
pub(super) struct Server {
    dir: PathBuf,
    modules: Vec<String>,
    daemon: Child,
}

impl Server {
    /// Starts one with the sinks `room` and `spare`, and these modules.
    pub(super) fn start(dir: &Path, modules: &[&str]) -> Result<Self, Trouble> {
        let modules: Vec<String> = modules.iter().map(|module| (*module).to_owned()).collect();
        Ok(Self { dir: dir.to_owned(), daemon: spawn(dir, &modules)?, modules })
    }

    pub(super) fn pid(&self) -> u32 {
        self.daemon.id()
    }

    /// As in a crash: its socket stays behind.
    pub(super) fn kill(&mut self) {
        // It may be dead already.
        let _ = self.daemon.kill();
        let _ = self.daemon.wait();
    }

    /// Another one in the place of the dead one.
    pub(super) fn restart(&mut self) -> Result<(), Trouble> {
        let _ = std::fs::remove_file(socket(&self.dir));
        self.daemon = spawn(&self.dir, &self.modules)?;
        Ok(())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.kill();
    }
}

/// Where it listens.
pub(super) fn socket(dir: &Path) -> PathBuf {
    dir.join("native")
}

/// What is loaded for a sink of this name.
pub(super) fn sink(name: &str) -> String {
    format!("sink_name={name} {SINK}")
}

fn spawn(dir: &Path, modules: &[String]) -> Result<Child, Trouble> {
    let mut command = Command::new("pulseaudio");
    command.args(["-n", "--daemonize=no", "--exit-idle-time=-1", "--use-pid-file=no", "--disable-shm=yes"]);
    for name in ["room", "spare"] {
        command.args(["-L", &format!("module-null-sink {}", sink(name))]);
    }
    for module in modules {
        command.args(["-L", module]);
    }
    let protocol = format!("module-native-protocol-unix auth-anonymous=1 socket={}", socket(dir).display());
    command.args(["-L", "module-always-sink", "-L", &protocol]);
    command
        .env("HOME", dir)
        .env("XDG_RUNTIME_DIR", dir)
        .env_remove("PULSE_SERVER")
        .env_remove("DBUS_SESSION_BUS_ADDRESS");
    // A Ctrl-C is for the test, which ends what it started.
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    Ok(command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn()?)
}
