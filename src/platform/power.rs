//! Where the machine's power comes from, and the room on its disk.

use std::path::Path;

use super::NotHere;

/// Where the power comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Power {
    /// The mains.
    Mains,
    /// A battery that is so full.
    Battery {
        /// 0 to 100.
        percent: u8,
    },
}

/// Where the power comes from now.
///
/// # Errors
/// [`NotHere`] where the system does not tell.
pub fn power() -> Result<Power, NotHere> {
    if cfg!(target_os = "linux") {
        return Ok(power_of(Path::new("/sys/class/power_supply")));
    }
    Err(NotHere::because("this system does not tell; see to it that the charger is plugged in"))
}

/// Reads the supplies as Linux lists them in this folder. A machine without a battery runs from the mains; so does one whose battery is
/// being filled, or does not say what it does.
#[must_use]
pub fn power_of(folder: &Path) -> Power {
    let supplies: Vec<_> =
        std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    let read =
        |supply: &Path, name: &str| std::fs::read_to_string(supply.join(name)).map(|text| text.trim().to_owned());
    let is = |supply: &Path, name: &str, text: &str| read(supply, name).is_ok_and(|found| found == text);
    if supplies.iter().any(|supply| is(supply, "type", "Mains") && is(supply, "online", "1")) {
        return Power::Mains;
    }
    let drained = supplies
        .iter()
        .filter(|supply| {
            is(supply, "type", "Battery") && !is(supply, "scope", "Device") && is(supply, "status", "Discharging")
        })
        .filter_map(|supply| read(supply, "capacity").ok()?.parse::<u8>().ok());
    drained.min().map_or(Power::Mains, |percent| Power::Battery { percent: percent.min(100) })
}

/// Free megabytes for this user on the disk of a folder.
///
/// # Errors
/// [`NotHere`] where the system does not tell.
pub fn free_mb(folder: &Path) -> Result<u64, NotHere> {
    #[cfg(unix)]
    {
        let disk =
            rustix::fs::statvfs(folder).map_err(|_| NotHere::because("the disk does not tell its free space"))?;
        Ok(disk.f_bavail.saturating_mul(disk.f_frsize) / 1_000_000)
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        Err(NotHere::because("this system does not tell the free space of a disk"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Supplies as Linux shows them: name, then files and what is in them.
    fn check(listed: &[(&str, &[(&str, &str)])], expected: Power) {
        let folder = tempfile::tempdir().unwrap();
        for (name, files) in listed {
            std::fs::create_dir(folder.path().join(name)).unwrap();
            for (file, text) in *files {
                std::fs::write(folder.path().join(name).join(file), format!("{text}\n")).unwrap();
            }
        }
        assert_eq!(power_of(folder.path()), expected, "{listed:?}");
    }

    #[test]
    fn the_supplies_tell_mains_or_battery() {
        let battery = |percent| Power::Battery { percent };
        check(&[], Power::Mains);
        let drained: &[_] = &[("type", "Battery"), ("status", "Discharging"), ("capacity", "71")];
        check(&[("BAT0", drained), ("AC", &[("type", "Mains"), ("online", "0")])], battery(71));
        check(&[("BAT0", drained), ("AC", &[("type", "Mains"), ("online", "1")])], Power::Mains);
        check(&[("BAT0", &[("type", "Battery"), ("status", "Charging"), ("capacity", "20")])], Power::Mains);
        let low: &[_] = &[("type", "Battery"), ("status", "Discharging"), ("capacity", "9")];
        check(&[("BAT0", drained), ("BAT1", low)], battery(9));
        let mouse: &[_] = &[("type", "Battery"), ("scope", "Device"), ("status", "Discharging"), ("capacity", "9")];
        check(&[("hidpp", mouse)], Power::Mains);
    }

    #[test]
    fn the_free_space_of_a_folder_is_told_and_of_none_is_not() {
        assert!(free_mb(Path::new("/")).is_ok_and(|free| free > 0));
        assert!(free_mb(Path::new("/nowhere/at/all")).is_err());
    }
}
