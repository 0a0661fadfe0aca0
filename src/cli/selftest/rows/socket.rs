//! Row 49: the session's socket, flooded, starved, and asked by somebody else.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{PermissionsExt as _, chown, symlink};
use std::os::unix::net::UnixStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use super::stalls::cpu_ticks;
use super::{NO_GAP, ms};
use crate::cli::selftest::bench::Bench;
use crate::cli::selftest::checks::{Checks, Done, Trouble};
use crate::cli::selftest::rig::{Rig, Setup};
use crate::wire::{Client, VERSION};

/// Another user than this one, where there is one to become.
const NOBODY: u32 = 65534;

fn connect(rig: &Rig) -> Result<UnixStream, Trouble> {
    let stream = UnixStream::connect(rig.paths().socket())?;
    stream.set_write_timeout(Some(ms(500)))?;
    stream.set_read_timeout(Some(ms(8000)))?;
    Ok(stream)
}

fn greeted(rig: &Rig) -> Result<UnixStream, Trouble> {
    let mut stream = connect(rig)?;
    stream.write_all(format!("{{\"request\":\"hello\",\"version\":{VERSION},\"program\":\"x\"}}\n").as_bytes())?;
    Ok(stream)
}

/// Whether the other side hangs up within eight seconds.
fn is_hung_up(stream: &mut UnixStream) -> bool {
    let mut bytes = [0; 65536];
    loop {
        match stream.read(&mut bytes) {
            Ok(0) => return true,
            Ok(_) => {}
            Err(error) => return error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    }
}

/// 49: everything that a client may do.
pub(in super::super) fn abused(bench: &Bench) -> Done {
    let (rig, ear) = Rig::playing(bench, &Setup::default())?;
    let (mark, mut checks) = (ear.now(), Checks::default());
    checks.is("sockets of a network", network_sockets(rig.host_pid()?)?, 0);
    flood(&rig, &mut checks)?;
    for (what, bytes) in [("half a line of 5 kB", vec![b'x'; 5000]), ("nonsense", b"{\"request\":7}\n".to_vec())] {
        let mut stream = greeted(&rig)?;
        stream.write_all(&bytes)?;
        checks.holds(&format!("{what}: hung up"), is_hung_up(&mut stream));
    }
    let silent: Vec<UnixStream> = (0..16).map(|_| connect(&rig)).collect::<Result<_, _>>()?;
    let since = Instant::now();
    bench.wait(since, "a place for the panel", || Client::connect(&rig.paths().socket()).is_ok())?;
    checks.within("sixteen who say nothing: a place for the panel after", since.elapsed(), ms(6000));
    drop(silent);
    somebody_else(&rig, &mut checks)?;
    checks.within("longest gap", ear.longest_hole(mark), NO_GAP);
    Ok(checks)
}

/// The open sockets of a process that could reach beyond this machine: its descriptors, looked up in the kernel's lists.
fn network_sockets(pid: u32) -> Result<usize, Trouble> {
    let folder = PathBuf::from(format!("/proc/{pid}"));
    let socket = |link: PathBuf| Some(link.to_str()?.strip_prefix("socket:[")?.strip_suffix(']')?.to_owned());
    let descriptors = fs::read_dir(folder.join("fd"))?;
    let sockets: Vec<String> =
        descriptors.flatten().filter_map(|descriptor| fs::read_link(descriptor.path()).ok().and_then(socket)).collect();
    // The session's own, at the least: else this looked in vain.
    if sockets.is_empty() {
        return Err(Trouble::failed("the host has no socket at all"));
    }
    let lists = ["tcp", "tcp6", "udp", "udp6", "udplite", "raw", "raw6", "packet"];
    let lists = lists.iter().filter_map(|list| fs::read_to_string(folder.join("net").join(list)).ok());
    let lists: String = lists.collect();
    Ok(lists.split_whitespace().filter(|word| sockets.iter().any(|socket| socket == word)).count())
}

/// A client that asks without end and reads nothing.
fn flood(rig: &Rig, checks: &mut Checks) -> Result<(), Trouble> {
    let host = rig.host_pid()?;
    // What the session costs by itself.
    let ticks = |time: Duration| -> Result<f64, Trouble> {
        let (before, since) = (cpu_ticks(host)?, Instant::now());
        rig.bench.rest(time)?;
        Ok((cpu_ticks(host)? - before) as f64 / since.elapsed().as_secs_f64())
    };
    let alone = ticks(ms(3000))?;
    let mut stream = greeted(rig)?;
    let mut flooding = stream.try_clone()?;
    let lines = "{\"request\":\"status\"}\n".repeat(100);
    std::thread::Builder::new()
        .name("flood".into())
        .spawn(move || while flooding.write_all(lines.as_bytes()).is_ok() {})?;
    let flooded = ticks(ms(4000))?;
    checks.at_most("a flood costs", (flooded - alone).max(0.0), 5.0, "% of a core");
    let asked = Instant::now();
    rig.status()?;
    checks.within("meanwhile another client is answered after", asked.elapsed(), ms(200));
    checks.holds("who does not read is hung up on", is_hung_up(&mut stream));
    Ok(())
}

/// Another user of this machine, for whom every folder on the way has been opened: the socket itself must refuse.
fn somebody_else(rig: &Rig, checks: &mut Checks) -> Result<(), Trouble> {
    let becomes = rig.command("setpriv").args(["--reuid", "65534", "--clear-groups", "true"]).output();
    if !becomes.is_ok_and(|answer| answer.status.success()) {
        checks.note("another user: not tried, only root can become one".to_owned());
        return Ok(());
    }
    let theirs = rig.bench.home()?.join("theirs");
    let socket = rig.paths().socket();
    for folder in [&theirs, &theirs.join("run")] {
        fs::create_dir(folder)?;
        chown(folder, Some(NOBODY), Some(NOBODY))?;
    }
    symlink(&socket, theirs.join("run/ctl"))?;
    for folder in theirs.ancestors().chain(socket.ancestors()).filter(|folder| folder.starts_with(rig.bench.dir())) {
        fs::set_permissions(folder, fs::Permissions::from_mode(0o777))?;
    }
    let ask = |as_user: &str, words: &[&str]| {
        let mut command = rig.command("setpriv");
        command.args(["--reuid", as_user, "--regid", as_user, "--clear-groups"]).arg(&rig.bench.program);
        command.arg("ctl").args(words).env("UNDERTONE_HOME", &theirs).output()
    };
    let refused = !ask("65534", &["mute"])?.status.success();
    rig.bench.rest(ms(300))?;
    checks.holds("another user is refused", refused && rig.status()?.session.quiet.is_none());
    checks.holds("(who owns the session is not, on the same way)", ask("0", &["status"])?.status.success());
    Ok(())
}
