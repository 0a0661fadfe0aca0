//! What concerns a whole process is tried in one of its own: the test program started again, as one single test.

use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::*;

const CHILD: &str = "UNDERTONE_TEST_CHILD";

/// Starts this test program again, to run only the part of that name.
fn child(part: &str) -> Command {
    let mut command = Command::new(std::env::current_exe().expect("this test"));
    command
        .args(["--exact", &format!("platform::tests::{part}"), "--nocapture", "--test-threads=1"])
        .env(CHILD, part)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// Whether this process is that child.
fn is_child(part: &str) -> bool {
    std::env::var(CHILD).is_ok_and(|wanted| wanted == part)
}

fn printed(child: Child) -> String {
    String::from_utf8(child.wait_with_output().expect("its end").stdout).expect("text")
}

#[test]
fn the_clock_goes_on_and_the_boot_has_a_name() {
    let (before, long) = (Boottime::now(), Duration::from_millis(20));
    std::thread::sleep(long);
    let passed = Boottime::now() - before;
    assert!(passed.millis() >= 20 && passed.millis() < 5000, "{passed}");
    assert_eq!(boot_id(), boot_id());
    if cfg!(target_os = "linux") {
        assert_eq!(boot_id().map(|id| id.len()), Some(36));
    }
}

#[test]
fn a_second_host_is_refused_until_the_first_is_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let path = folder.path().join("lock");
    let first = HostLock::take(&path).expect("free");
    assert!(matches!(HostLock::take(&path), Err(Held::Running)));
    drop(first);
    HostLock::take(&path).expect("free again");
    assert!(matches!(HostLock::take(&folder.path().join("none/lock")), Err(Held::Unusable(_))));
}

#[cfg(unix)]
#[test]
fn folders_are_private_even_if_they_were_open() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().expect("a folder");
    let paths = Paths::under(home.path());
    std::fs::create_dir_all(&paths.runtime).expect("made");
    std::fs::set_permissions(&paths.runtime, std::fs::Permissions::from_mode(0o755)).expect("opened");
    paths.create().expect("made");
    for folder in [&paths.settings, &paths.state, &paths.sessions(), &paths.cache, &paths.runtime] {
        assert_eq!(std::fs::metadata(folder).expect("there").permissions().mode() & 0o777, 0o700, "{folder:?}");
    }
    assert!(paths.socket().starts_with(&paths.runtime) && paths.lock() != paths.socket());
}

#[cfg(unix)]
#[test]
fn sessions_that_others_could_have_read_are_not_gone_on_with() {
    use std::os::unix::fs::PermissionsExt as _;
    let home = tempfile::tempdir().expect("a folder");
    let paths = Paths::under(home.path());
    paths.create().expect("made");
    for folder in [paths.sessions(), paths.state.clone()] {
        for mode in [0o750, 0o701, 0o704] {
            std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(mode)).expect("opened");
            let refused = paths.create().expect_err("it is open").to_string();
            assert!(refused.contains(&format!("chmod 700 '{}'", folder.display())), "{refused}");
        }
        std::fs::set_permissions(&folder, std::fs::Permissions::from_mode(0o700)).expect("closed");
        paths.create().expect("private again");
    }
}

#[test]
fn a_home_of_ones_own_is_used_for_everything() {
    if is_child("a_home_of_ones_own_is_used_for_everything") {
        let found = Paths::find().expect("a home");
        println!("{}", found == Paths::under(std::path::Path::new("/srv/elsewhere")));
        return;
    }
    let child = child("a_home_of_ones_own_is_used_for_everything").env("UNDERTONE_HOME", "/srv/elsewhere").spawn();
    assert!(printed(child.expect("a child")).contains("true\n"));
}

#[test]
fn the_programs_own_assets_are_found_by_what_is_in_them() {
    assert!(assets().expect("assets").join("routes.toml").is_file());
}

/// A process whose program is removed while it runs, as by an update, and which starts another one of it.
#[cfg(target_os = "linux")]
#[test]
fn a_process_whose_program_is_gone() {
    if !is_child("a_process_whose_program_is_gone") {
        return;
    }
    std::fs::remove_file(std::env::current_exe().expect("its path")).expect("removed");
    let log = std::env::temp_dir().join("log");
    let list = ["--list", "platform::tests::a_process_whose_program_is_gone"];
    let started = spawn_host(&this_program().expect("a program"), &list, &log).expect("it starts");
    while !started.is_over() {
        std::thread::sleep(Duration::from_millis(5));
    }
    println!("{}", std::fs::read_to_string(log).expect("what it says"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_program_that_was_replaced_while_it_runs_can_be_started_once_more() {
    assert_eq!(this_program().expect("a program"), std::env::current_exe().expect("its path"));
    let folder = tempfile::tempdir().expect("a folder");
    let copy = folder.path().join("program");
    std::fs::copy(std::env::current_exe().expect("this test"), &copy).expect("a copy");
    let part = child("a_process_whose_program_is_gone");
    let mut of_copy = Command::new(copy);
    of_copy.args(part.get_args()).env(CHILD, "a_process_whose_program_is_gone").env("TMPDIR", folder.path());
    let child = of_copy.stdin(Stdio::null()).stdout(Stdio::piped()).spawn().expect("a process");
    assert!(printed(child).contains("is_gone: test"));
}

/// The process that the next tests send signals to.
#[cfg(unix)]
#[test]
fn a_process_that_listens() {
    if !is_child("a_process_that_listens") {
        return;
    }
    block_all().expect("blocked");
    // The test program's first thread was there before; started once more, it inherits the mask as `main` would set it.
    if std::env::var_os("UNDERTONE_TEST_MASKED").is_none() {
        use std::os::unix::process::CommandExt as _;
        let mut again = Command::new(std::env::current_exe().expect("this test"));
        panic!("{}", again.args(std::env::args_os().skip(1)).env("UNDERTONE_TEST_MASKED", "1").exec());
    }
    private_files();
    become_session_leader().expect("a session of its own");
    println!("leader {}", rustix::process::getsid(None).expect("a session") == rustix::process::getpid());
    let (tell, told) = std::sync::mpsc::channel();
    listen(move |signal| tell.send(signal).expect("heard")).expect("a thread");
    std::thread::spawn(|| {
        loop {
            std::thread::park()
        }
    });
    println!("ready");
    while let Ok(signal) = told.recv() {
        println!("heard {signal:?}");
        if signal == Signal::Terminate {
            return;
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_process_that_blocks_signals_hears_each_and_dies_of_none() {
    use std::io::{BufRead as _, BufReader};

    use rustix::process::{Pid, Signal as Number, kill_process};
    let mut child = child("a_process_that_listens").spawn().expect("a child");
    let pid = Pid::from_child(&child);
    let mut lines = BufReader::new(child.stdout.take().expect("its output")).lines().map_while(Result::ok);
    let mut until = |wanted: &str| lines.find(|line| line.ends_with(wanted)).unwrap_or_else(|| panic!("no {wanted}"));
    until("leader true");
    until("ready");
    let sent = [
        (Number::HUP, "Hangup"),
        (Number::WINCH, "Resize"),
        (Number::INT, "Interrupt"),
        (Number::QUIT, "Quit"),
        (Number::TSTP, "Stop"),
        (Number::USR2, "UrgentMute"),
        (Number::CONT, "Continue"),
        (Number::TERM, "Terminate"),
    ];
    for (number, name) in sent {
        kill_process(pid, number).expect("sent");
        until(&format!("heard {name}"));
    }
    assert!(child.wait().expect("its end").success());
}

#[cfg(unix)]
#[test]
fn a_panel_watches_signals_and_lives_on() {
    use rustix::process::{Signal as Number, getpid, kill_process};
    if is_child("a_panel_watches_signals_and_lives_on") {
        let (tell, told) = std::sync::mpsc::channel();
        watch(&[Signal::Hangup, Signal::Continue], move |signal| tell.send(signal).expect("heard")).expect("a thread");
        kill_process(getpid(), Number::HUP).expect("sent");
        println!("heard {:?}", told.recv_timeout(Duration::from_secs(20)));
        return;
    }
    let said = printed(child("a_panel_watches_signals_and_lives_on").spawn().expect("a child"));
    assert!(said.contains("heard Ok(Hangup)"), "{said}");
}

#[cfg(unix)]
#[test]
fn what_libraries_print_goes_to_the_log_until_the_screen_is_given_back() {
    let name = "what_libraries_print_goes_to_the_log_until_the_screen_is_given_back";
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    if is_child(name) {
        let log = std::env::var("UNDERTONE_TEST_LOG").expect("a path");
        eprintln!("before");
        let guard = quiet_stderr(log.as_ref()).expect("turned");
        eprintln!("ALSA lib pcm.c: underrun");
        drop(guard);
        eprintln!("after");
        return;
    }
    let mut command = child(name);
    let child = command.env("UNDERTONE_TEST_LOG", &log).stderr(Stdio::piped()).spawn().expect("a child");
    let screen = String::from_utf8(child.wait_with_output().expect("its end").stderr).expect("text");
    assert!(screen.contains("before\n") && screen.contains("after\n") && !screen.contains("ALSA"), "{screen}");
    assert_eq!(std::fs::read_to_string(&log).expect("a log"), "ALSA lib pcm.c: underrun\n");
}

#[cfg(unix)]
#[test]
fn a_host_is_started_with_its_words_in_the_log_and_leaves_no_zombie() {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("host.log");
    let host = spawn_host("sh".as_ref(), &["-c", "cat; echo up; echo trouble >&2"], &log).expect("started");
    let deadline = Instant::now() + Duration::from_secs(20);
    while std::path::Path::new(&format!("/proc/{}", host.id)).exists() || !host.is_over() {
        assert!(Instant::now() < deadline, "still there");
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(std::fs::read_to_string(&log).expect("a log"), "up\ntrouble\n");
    assert!(spawn_host::<&str>("/no/such/program".as_ref(), &[], &log).is_err());
}

#[cfg(unix)]
#[test]
fn a_program_that_never_answers_is_ended_in_time() {
    let began = Instant::now();
    let late = deadline::output(Command::new("sleep").arg("600"), Duration::from_millis(100));
    assert_eq!(late.map_err(|error| error.kind()), Err(std::io::ErrorKind::TimedOut));
    assert!(began.elapsed() < Duration::from_secs(5));
    let said = deadline::output(Command::new("echo").arg("hello"), Duration::from_secs(20));
    assert_eq!(said.expect("an answer"), b"hello\n");
    assert!(deadline::output(&mut Command::new("false"), Duration::from_secs(20)).is_err());
}

#[cfg(unix)]
#[test]
fn this_user_has_a_number() {
    assert_eq!(user_id(), Some(rustix::process::geteuid().as_raw()));
}

/// Asks the private sound server of the next test, in words.
#[test]
fn a_process_that_looks() {
    if is_child("a_process_that_looks") {
        let pid = std::env::var("UNDERTONE_TEST_PLAYER").expect("a number").parse().expect("a number");
        println!("answer {:?}", look(pid));
    }
}

/// A private PulseAudio without a sound card, and a player on it; both end with this.
#[cfg(target_os = "linux")]
struct SoundServer {
    home: tempfile::TempDir,
    daemon: Child,
    player: Child,
}

#[cfg(target_os = "linux")]
impl SoundServer {
    /// `None` where PulseAudio is not installed.
    fn start() -> Option<Self> {
        let home = tempfile::tempdir().expect("a folder");
        let socket = home.path().join("native");
        let quiet = |program: &str| {
            let mut command = Command::new(program);
            command.env("HOME", home.path()).env("XDG_RUNTIME_DIR", home.path()).stdout(Stdio::null());
            command.env("PULSE_SERVER", format!("unix:{}", socket.display())).stderr(Stdio::null());
            command
        };
        let protocol = format!("module-native-protocol-unix socket={} auth-anonymous=1", socket.display());
        let mut daemon = quiet("pulseaudio");
        daemon.env_remove("PULSE_SERVER").args(["-n", "--exit-idle-time=-1", "--use-pid-file=no", "--daemonize=no"]);
        let daemon = daemon.args(["-L", &protocol, "-L", "module-null-sink sink_name=room"]).spawn().ok()?;
        for _ in 0..500 {
            if quiet("pactl").arg("info").status().is_ok_and(|status| status.success()) {
                break;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let player = quiet("pacat").args(["-d", "room", "--raw", "/dev/zero"]).spawn().ok()?;
        Some(Self { home, daemon, player })
    }

    fn tell(&self, words: &[&str]) {
        let server = format!("unix:{}", self.home.path().join("native").display());
        let done = Command::new("pactl").env("PULSE_SERVER", server).env("HOME", self.home.path()).args(words).status();
        assert!(done.is_ok_and(|status| status.success()), "{words:?}");
    }

    /// The answer of [`look`], as soon as it has this in it.
    fn answers(&self, wanted: &str) {
        let mut answer = String::new();
        for _ in 0..40 {
            let mut asking = child("a_process_that_looks");
            asking.env("PULSE_SERVER", format!("unix:{}", self.home.path().join("native").display()));
            asking.env("HOME", self.home.path()).env("UNDERTONE_TEST_PLAYER", self.player.id().to_string());
            answer = printed(asking.spawn().expect("a child"));
            if answer.contains(wanted) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("no {wanted} in {answer}");
    }
}

#[cfg(target_os = "linux")]
impl Drop for SoundServer {
    fn drop(&mut self) {
        for child in [&mut self.player, &mut self.daemon] {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

#[cfg(target_os = "linux")]
#[test]
fn a_sound_server_says_where_the_sound_goes_and_a_frozen_one_is_not_waited_for() {
    let Some(server) = SoundServer::start() else {
        eprintln!("PulseAudio is not installed; not tried");
        return;
    };
    server.answers("sink: SafeText(\"room\"), null: true, muted: false, suspended: false, volume_db: Some(0.0)");
    server.tell(&["set-sink-mute", "room", "1"]);
    server.answers("muted: true");
    server.tell(&["set-sink-volume", "room", "-6dB"]);
    server.answers("volume_db: Some(-6.0");
    server.tell(&["suspend-sink", "room", "1"]);
    server.answers("suspended: true");
    let daemon = rustix::process::Pid::from_child(&server.daemon);
    rustix::process::kill_process(daemon, rustix::process::Signal::STOP).expect("frozen");
    let asked = Instant::now();
    server.answers("the sound server does not answer");
    assert!(asked.elapsed() < Duration::from_secs(4), "{:?}", asked.elapsed());
}
