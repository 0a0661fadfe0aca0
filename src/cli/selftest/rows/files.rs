//! Rows 20 to 28: files and decoders that go wrong while the session plays.

use std::fs;
use std::path::Path;
use std::time::Instant;

use super::{NO_GAP, ms};
use crate::cli::selftest::bench::Bench;
use crate::cli::selftest::checks::{Checks, Done};
use crate::cli::selftest::ear::Ear;
use crate::cli::selftest::meter::{self, level, longest_silence, peak};
use crate::cli::selftest::rig::{FULL, Rig, Setup};
use crate::cli::selftest::stage::{FILES, Stage, pitch};
use crate::session::Event;

/// A session without any mischief but that of its script's lines.
fn nothing(_: i64) {}

/// 20: the bytes in the midst of a file are others.
pub(in super::super) fn damaged(bench: &Bench) -> Done {
    let stage = Stage::set(bench, "flac")?;
    let whole = stage.pass("")?;
    scramble(&stage.file(2))?;
    let mut checks = Checks::default();
    stage.play("", &mut nothing)?.costs_nothing(&mut checks, &whole);
    Ok(checks)
}

/// Every byte between a half and three quarters is another one.
fn scramble(file: &Path) -> std::io::Result<()> {
    let mut bytes = fs::read(file)?;
    let (from, to) = (bytes.len() / 2, bytes.len() * 3 / 4);
    let mut state = 1u32;
    for byte in &mut bytes[from..to] {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        *byte = (state >> 24) as u8;
    }
    fs::write(file, bytes)
}

/// 21: a decoder panics in the midst of a piece.
pub(in super::super) fn panics(bench: &Bench) -> Done {
    let stage = Stage::set(bench, "wav")?;
    let mut checks = Checks::default();
    stage.play("0:20 fault decoder-panic next\n", &mut nothing)?.costs_nothing(&mut checks, &stage.pass("")?);
    Ok(checks)
}

/// 22: a decoder never comes back.
pub(in super::super) fn hangs(bench: &Bench) -> Done {
    let setup = Setup { sabotage: "decoder-hangs", ..Setup::default() };
    let mut rig = Rig::new(bench, &setup)?;
    let ear = Ear::on(&rig, "room")?;
    rig.begin(&setup)?;
    bench.wait(Instant::now(), "the first sound", || ear.level() > -60.0)?;
    let (since, mark, mut checks) = (Instant::now(), ear.now(), Checks::default());
    let told = |status: &crate::wire::Status| {
        status.session.notices.iter().any(|notice| notice.text.as_str().contains("late"))
    };
    let noticed = rig.until(since, "the notice", told)?;
    checks.note(format!("told {:.1} s after the first sound, with 5 s decoded", noticed.as_secs_f64()));
    bench.rest(ms(15_000).saturating_sub(since.elapsed()))?;
    checks.within("longest gap in 15 s", ear.longest_hole(mark), NO_GAP);
    checks.at_least("the safe bed", f64::from(level(&ear.since(ear.now() - 200))), -50.0, "dBFS");
    rig.verb("next")?;
    let back = bench.wait(Instant::now(), "the next piece at its level", || ear.level() > FULL - 1.5)?;
    checks.within("by \"next\" the next piece is up after", back, ms(10_000));
    Ok(checks)
}

/// 23: a decoder yields what is no sound.
pub(in super::super) fn noise(bench: &Bench) -> Done {
    let stage = Stage::set(bench, "wav")?;
    let mut checks = Checks::default();
    let (whole, played) = (stage.pass("")?, stage.play("0:20 fault decoder-noise next\n", &mut nothing)?);
    checks.at_most("highest sample", f64::from(peak(&played.windows)), -3.0, "dBFS");
    checks.is("samples that are no numbers", played.no_numbers, 0);
    let end = played.windows.len() - 25 * meter::SECOND;
    checks.at_most("longest silence", longest_silence(&played.windows[8 * meter::SECOND..end]) * 1000.0, 50.0, "ms");
    checks.holds("every phase at its time", played.phases() == whole.phases());
    Ok(checks)
}

/// 24: a file ends long before the end it claims.
pub(in super::super) fn cut_off(bench: &Bench) -> Done {
    let stage = Stage::set(bench, "flac")?;
    let (whole, mut checks) = (stage.pass("")?, Checks::default());
    let bytes = fs::read(stage.file(2))?;
    fs::write(stage.file(2), &bytes[..bytes.len() * 3 / 10])?;
    stage.play("", &mut nothing)?.costs_nothing(&mut checks, &whole);
    let rig = Rig::new(bench, &Setup::default())?;
    let told = rig.undertone(&["check", &stage.folder.join("files.toml").display().to_string()])?;
    let told = String::from_utf8_lossy(&told.stdout).into_owned() + &String::from_utf8_lossy(&told.stderr);
    checks.holds("before the session it is named", told.contains("breaks off"));
    Ok(checks)
}

/// 25: two pieces after each other are no music.
pub(in super::super) fn two_bad_ones(bench: &Bench) -> Done {
    let stage = Stage::set(bench, "wav")?;
    let (whole, mut checks) = (stage.pass("")?, Checks::default());
    for file in [2, 3] {
        fs::write(stage.file(file), "This is no music.\n".repeat(1000))?;
    }
    let played = stage.play("", &mut nothing)?;
    played.costs_nothing(&mut checks, &whole);
    let pieces =
        |played: &crate::cli::selftest::stage::Played| played.count(|event| matches!(event, Event::Track { .. }));
    checks.at_most("pieces begun more than without the fault", pieces(&played) as f64 - pieces(&whole) as f64, 2.0, "");
    Ok(checks)
}

/// 26: all files go while the session plays.
pub(in super::super) fn all_gone(bench: &Bench) -> Done {
    let stage = Stage::set(bench, "wav")?;
    let (whole, mut checks) = (stage.pass("")?, Checks::default());
    let played = stage.play("", &mut |second| {
        if second == 15 {
            (1..=FILES).for_each(|file| drop(fs::remove_file(stage.file(file))));
        }
    })?;
    checks.holds("the files are gone", !stage.file(1).exists() && !stage.file(FILES).exists());
    let heard = |second, file| (meter::pitch(played.second(second)) - f64::from(pitch(file))).abs() <= 2.0;
    checks.holds("the piece that plays goes on", heard(30, 1));
    played.costs_nothing(&mut checks, &whole);
    Ok(checks)
}

/// 27: a file is replaced by another one while it plays.
pub(in super::super) fn replaced(bench: &Bench) -> Done {
    let stage = Stage::set(bench, "wav")?;
    let mut checks = Checks::default();
    let played = stage.play("", &mut |second| {
        if second == 10 {
            // What cannot be replaced fails the check below.
            let _ = fs::rename(stage.file(6), stage.file(1));
        }
    })?;
    checks.holds("the file is another one", !stage.file(6).exists());
    let (low, high) = (12..34)
        .map(|second| meter::pitch(played.second(second)))
        .fold((f64::MAX, 0.0f64), |(low, high), hz| (low.min(hz), high.max(hz)));
    checks.at_most(
        "from then on its pitch is off by",
        (low - f64::from(pitch(1))).abs().max((high - f64::from(pitch(1))).abs()),
        2.0,
        "Hz",
    );
    Ok(checks)
}

/// 28: the disk gives three times what is needed, and stands still for 3 s every ten.
pub(in super::super) fn slow_disk(bench: &Bench) -> Done {
    let setup = Setup { sabotage: "slow-disk", ..Setup::default() };
    let (rig, ear) = Rig::playing(bench, &setup)?;
    let (mark, since, mut checks) = (ear.now(), Instant::now(), Checks::default());
    let mut least = f64::MAX;
    while since.elapsed() < ms(24_000) {
        least = least.min(rig.status()?.output.lead.secs_f64());
        bench.rest(ms(100))?;
    }
    checks.within("longest gap in 24 s", ear.longest_hole(mark), NO_GAP);
    checks.at_least("least decoded ahead", least, 3.0, "s");
    Ok(checks)
}
