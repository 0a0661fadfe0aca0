//! The fault matrix: what may break, what must happen, and how that is measured. One line a row, as data.

use super::bench::Bench;
use super::checks::Done;
use super::rows::{
    clocks, crashes, files, journal, keys, levels, memory, mute, outputs, panel, paths, power, signals, socket, stalls,
};

/// One thing that may break.
pub(super) struct Row {
    /// As in the matrix; for `--rows`.
    pub(super) number: u8,
    /// What breaks.
    pub(super) fault: &'static str,
    /// What must happen.
    pub(super) required: &'static str,
    /// How that is measured.
    pub(super) how: How,
}

/// How a row is measured.
#[derive(Clone, Copy)]
pub(super) enum How {
    /// Here, by this.
    Here(fn(&Bench) -> Done),
    /// By another test; how to run it.
    Elsewhere(&'static str),
    /// By no test on this machine.
    NotHere {
        /// What it takes.
        needs: &'static str,
        /// What stands in for it.
        instead: &'static str,
    },
}

use How::{Elsewhere, Here, NotHere};

const fn row(number: u8, fault: &'static str, required: &'static str, how: How) -> Row {
    Row { number, fault, required, how }
}

/// All rows, in order.
pub(super) const MATRIX: [Row; 54] = [
    row(
        1,
        "output unplugged, another is there",
        "seen in 1.5 s; silent on the other; back within 2 s, softly",
        Here(outputs::unplugged),
    ),
    row(2, "the last output goes", "seen in 1.5 s; never \"playing\"", Here(outputs::no_sink_left)),
    row(3, "output plugged in again", "open within 2 s, softly, at its place", Here(outputs::plugged_in_again)),
    row(4, "another device is plugged in", "no change of route or level", Here(outputs::another_device)),
    row(5, "another program moves the sound", "taken back or silent in 1.5 s", Here(outputs::moved)),
    row(6, "the output is suspended", "seen in 1 s; back within 2 s, softly", Here(stalls::suspended)),
    row(7, "the sound server stands still", "panel answers; back within 2 s", Here(stalls::frozen)),
    row(8, "the sound server dies and returns", "back within 2 s; log at most 1 line/s", Here(stalls::killed)),
    row(9, "the sound server never returns", "clocks go on, CPU below 5 %, says what to do", Here(stalls::never_back)),
    row(10, "signals to every thread", "no effect", Here(signals::to_every_thread)),
    row(11, "session process stopped for 3 s", "sounds 0.5 s after it goes on, softly", Here(signals::stopped)),
    row(12, "a thousand resizes in 10 s", "no gap, panel answers", Here(signals::resized)),
    row(13, "output's volume raised to 150 %", "seen in 1.5 s, evened out over 1 s", Here(levels::volume_raised)),
    row(14, "output or stream muted", "alarm in 1.5 s; not fought", Here(levels::muted)),
    row(15, "server restores 153 % of another day", "evened out before it is heard", Here(levels::volume_restored)),
    row(16, "a telephone call's stream", "not muted by the server", Here(levels::telephone)),
    row(17, "another program on the output", "named", Here(levels::another_program)),
    row(18, "output returns with another rate", "open within 2 s, same pitch", Here(outputs::another_rate)),
    row(
        19,
        "the machine is too busy",
        "gaps counted; buffer doubled after 3",
        Elsewhere("cargo test --lib repeated_xruns_grow_the_buffer"),
    ),
    row(20, "a file is damaged in its midst", "no silence, no phase moved", Here(files::damaged)),
    row(21, "a decoder panics", "no silence, no phase moved", Here(files::panics)),
    row(22, "a decoder never comes back", "safe bed before silence", Here(files::hangs)),
    row(23, "a decoder yields NaN, infinity, +40 dB", "never above -3 dBFS, no silence", Here(files::noise)),
    row(24, "a file ends before its end", "named before; no silence", Here(files::cut_off)),
    row(25, "two bad pieces in a row", "no silence, no storm of skips", Here(files::two_bad_ones)),
    row(26, "all files go during play", "present piece goes on; no silence", Here(files::all_gone)),
    row(27, "a file is replaced during play", "sound unchanged", Here(files::replaced)),
    row(28, "a slow disk with stalls of 3 s", "no gap", Here(files::slow_disk)),
    row(29, "a pipe, device or outside file", "refused in 2 s, nothing hangs", Here(paths::no_files)),
    row(30, "the journal's disk is full", "sound goes on, one alarm, nothing lost", Here(journal::full)),
    row(31, "the journal's disk fails a sync", "new file, one alarm, nothing lost", Here(journal::fails)),
    row(32, "each sync takes 5 s", "panel answers in 0.1 s, mute at once", Here(journal::slow)),
    row(33, "session process killed", "sound within 5 s, nothing acknowledged lost", Here(crashes::host_killed)),
    row(34, "panel killed", "not heard; another within 2 s", Here(crashes::panel_killed)),
    row(35, "power loss (torn journal)", "asks; one key later it sounds", Here(journal::power_loss)),
    row(36, "journal cut, altered, doubled", "whole records kept, the rest told", Here(journal::damaged)),
    row(37, "session process dies again and again", "safe mode after 3 in 60 s", Here(crashes::crash_loop)),
    row(38, "wall clock jumps", "no effect", Here(clocks::steps)),
    row(39, "the machine sleeps", "at its place on the medicine clock", Here(clocks::sleeps)),
    row(40, "the system will not stay awake", "shown before the session", Here(panel::no_inhibitor)),
    row(41, "mains unplugged, battery low", "said in 6 s, at 20 and 5 % again; never acts", Here(power::unplugged)),
    row(
        42,
        "lid and power key",
        "no effect",
        NotHere { needs: "logind and a lid", instead: "cargo test --lib platform::inhibit; undertone kiosk doctor" },
    ),
    row(43, "window closed, signals", "sound goes on; TERM fades 3 s", Here(signals::from_outside)),
    row(44, "keys repeat and bounce", "one action; refusal shown", Here(keys::repeated)),
    row(45, "clicker's Esc and F5", "bound action only", Here(keys::presenter)),
    row(46, "hostile titles, tags, names", "shown safely everywhere", Here(panel::hostile_texts)),
    row(47, "tag bombs", "refused in 2 s, 32 MB", Here(paths::tag_bombs)),
    row(48, "TOML bombs", "one clear answer each, no crash", Here(paths::toml_bombs)),
    row(49, "socket flooded, half lines, others", "hung up; sound and panel unaffected", Here(socket::abused)),
    row(
        50,
        "media keys from other programs",
        "never stop a session",
        Elsewhere("cargo test --test media_keys (needs dbus)"),
    ),
    row(51, "sound library writes to stderr", "nothing on the screen", Here(panel::foreign_words)),
    row(52, "memory runs out", "the session process survives", Here(memory::runs_out)),
    row(
        53,
        "hours and days",
        "no gap, no drift",
        Elsewhere("cargo test --test soak (hours in virtual time; its head has a day, and half an hour of real sound)"),
    ),
    row(54, "mute, everywhere", "begins in 0.1 s, silent in 2 s; again: 0.25 s", Here(mute::everywhere)),
];
