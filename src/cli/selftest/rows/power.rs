//! Row 41: the charger comes out, and the battery runs down.

use std::fs;
use std::path::Path;

use super::{NO_GAP, ms};
use crate::cli::selftest::bench::Bench;
use crate::cli::selftest::checks::{Checks, Done, Trouble};
use crate::cli::selftest::rig::{Rig, Setup};

/// A second more than the session waits between two looks.
const SEEN: u64 = 6_000;

/// A laptop as Linux lists its supplies.
fn supplies(folder: &Path, mains: bool, percent: u8) -> Result<(), Trouble> {
    let [charger, battery] = ["AC", "BAT0"].map(|name| folder.join(name));
    let status = if mains { "Charging" } else { "Discharging" };
    for (supply, files) in [
        (charger, &[("type", "Mains"), ("online", if mains { "1" } else { "0" })][..]),
        (battery, &[("type", "Battery"), ("status", status), ("capacity", &percent.to_string())]),
    ] {
        fs::create_dir_all(&supply)?;
        for (name, text) in files {
            // As the kernel does it, a file is never seen half written.
            fs::write(supply.join("new"), text)?;
            fs::rename(supply.join("new"), supply.join(name))?;
        }
    }
    Ok(())
}

/// 41: unplugged at 71 %, then down to 20 and to 5 %, and plugged in again.
pub(in super::super) fn unplugged(bench: &Bench) -> Done {
    let folder = bench.dir().join("supplies");
    supplies(&folder, true, 71)?;
    let sabotage = format!("supplies={}", folder.display());
    let (rig, ear) = Rig::playing(bench, &Setup { sabotage: &sabotage, ..Setup::default() })?;
    let desk = rig.panel(&[])?;
    desk.until(0, "Tones")?;
    let (from, mut checks) = (ear.now(), Checks::default());
    for (mains, percent, said) in [
        (false, 71, "on battery, 71 %"),
        (false, 20, "on battery, 20 %"),
        (false, 5, "or let the session end softly"),
        (true, 6, "charger is in again"),
    ] {
        let mark = desk.now();
        supplies(&folder, mains, percent)?;
        checks.within(&format!("\"{said}\" after"), desk.until(mark, said)?, ms(SEEN));
    }
    checks.within("longest gap meanwhile", ear.longest_hole(from), NO_GAP);
    checks.holds("it plays on", rig.status()?.output.playing);
    Ok(checks)
}
