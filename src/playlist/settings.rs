//! The clinic's own settings: `settings.toml` in the settings folder. One `read_…` for each of its tables; whoever adds a
//! table adds a field to [`Settings`] and a line to [`understand`]. `screen` reads the panel's part, `keep` writes.

mod keep;
mod screen;

use std::path::{Path, PathBuf};
use std::sync::Arc;

use toml::de::{DeTable, DeValue};

use super::diagnostic::{Code, Diagnostic};
use super::findings::{Findings, quoted};
use super::reader::{Read, Table, Written, Wrong};
use super::schema::plain;
use super::source::Source;
use super::syntax;
use crate::units::{Decibels, SafeText};

pub use keep::{KeepError, keep};
pub use screen::{Dim, Screen};

/// Names that mean something already where an output is named.
const TAKEN: [&str; 3] = ["default", "null", "both"];
/// The loudest that a loudspeaker may be which takes over for lost headphones (product.md).
const LOUDEST_STAND_IN: Decibels = Decibels(-12.0);

/// What a clinic decides for its room.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Settings {
    /// The outputs by name; a session begins on the first.
    pub outputs: Vec<Output>,
    /// The panel's light, stamps and keys.
    pub screen: Screen,
    /// Whether the desktop's media keys are heard. They never stop a session: play/pause ducks, next is another piece.
    pub media_keys: bool,
}

/// An output of the room.
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// What the therapist calls it.
    pub name: SafeText,
    /// Its id, or the system's name for it, as `undertone devices` prints them.
    pub device: String,
    /// Its own gain, no higher than 0 dB.
    pub gain: Decibels,
    /// What happens when it is lost.
    pub lost: Lost,
}

/// What happens when an output is lost. Nothing ever falls through to a device that is not named here.
#[derive(Clone, Debug, PartialEq)]
pub enum Lost {
    /// Silence; the place is kept.
    Hold,
    /// Another output of the settings takes over.
    Speaker {
        /// Its name.
        name: SafeText,
        /// Its gain meanwhile, no higher than -12 dB.
        gain: Decibels,
    },
}

impl Output {
    /// Whether it is the device of this id and name; the settings may give either, or the sound server's own name.
    #[must_use]
    pub fn is_device(&self, id: &str, name: &str) -> bool {
        let server_name = id.split_once(':').map_or("", |(_, name)| name);
        [id, server_name, name].contains(&self.device.as_str())
    }
}

impl Settings {
    /// Where they are, in the settings folder.
    #[must_use]
    pub fn file(folder: &Path) -> PathBuf {
        folder.join("settings.toml")
    }

    /// Reads the settings; a file that does not exist sets nothing.
    ///
    /// # Errors
    /// Everything that is wrong with the file, at once.
    pub fn read(path: &Path) -> Result<Self, Vec<Diagnostic>> {
        if !path.exists() {
            return Ok(Self::default());
        }
        let source = Arc::new(Source::open(path).map_err(|finding| vec![*finding])?);
        let mut findings = Findings::about(Arc::clone(&source));
        let (document, damage) = syntax::parse(&source, &mut findings);
        let settings = understand(&document, &mut findings);
        findings.retain(|finding| damage.spares(finding));
        if findings.failed() { Err(findings.into_list()) } else { Ok(settings) }
    }

    /// The output of this name.
    #[must_use]
    pub fn output(&self, name: &str) -> Option<&Output> {
        self.outputs.iter().find(|output| output.name.as_str() == name)
    }
}

fn understand<'a>(document: &'a DeTable<'a>, findings: &mut Findings) -> Settings {
    let mut file = Table::new("the settings", document, 0..0);
    let outputs = read_outputs(&mut file, findings);
    let screen = screen::read(&mut file, findings);
    let media_keys = file.read::<bool>("media-keys", findings).is_some_and(|heard| heard.value);
    file.finish(findings);
    Settings { outputs, screen, media_keys }
}

fn read_outputs(file: &mut Table, findings: &mut Findings) -> Vec<Output> {
    let mut outputs: Vec<Output> = Vec::new();
    let mut stand_ins = Vec::new();
    for table in file.tables("output", "an output", findings) {
        let Some((output, name_at, lost_at)) = read_output(table, findings) else { continue };
        let known = |other: &Output| other.name == output.name;
        if TAKEN.contains(&output.name.as_str()) || outputs.iter().any(known) {
            findings
                .error(Code::OutOfRange, name_at, format!("{} is taken", quoted(output.name.as_str())))
                .advise(format!("give each output a name of its own, and none of {}", TAKEN.join(", ")));
            continue;
        }
        stand_ins.extend(lost_at);
        outputs.push(output);
    }
    for Written { value: (whose, name), at } in stand_ins {
        let is_there = outputs.iter().any(|output| output.name == name) && whose != name;
        if !is_there {
            findings
                .error(Code::UnknownValue, at, format!("no other output is called {}", quoted(name.as_str())))
                .advise("name another [[output]] of this file, or write lost = \"hold\"");
        }
    }
    outputs
}

/// An output, where its name stands, and which other one it leans on.
type Leaning = Option<Written<(SafeText, SafeText)>>;

fn read_output(mut table: Table, findings: &mut Findings) -> Option<(Output, std::ops::Range<usize>, Leaning)> {
    let name = table.require::<SafeText>("name", "\"headphones\"", findings);
    let device = table.require::<String>("device", "\"an id that `undertone devices` prints\"", findings);
    let gain = table.read_within("gain", Decibels::SILENCE..=Decibels::ZERO, findings);
    let lost = table.read::<Lost>("lost", findings);
    table.finish(findings);
    let (name, device) = (name?, device?);
    let leaning = lost.as_ref().and_then(|lost| match &lost.value {
        Lost::Hold => None,
        Lost::Speaker { name: other, .. } => {
            Some(Written { value: (name.value.clone(), other.clone()), at: lost.at.clone() })
        }
    });
    let output = Output {
        name: name.value,
        device: device.value,
        gain: plain(gain).unwrap_or(Decibels::ZERO),
        lost: plain(lost).unwrap_or(Lost::Hold),
    };
    Some((output, name.at, leaning))
}

impl Read for Lost {
    fn read(value: &DeValue) -> Result<Self, Wrong> {
        let advice = "write \"hold\", or { speaker = \"speakers\", gain = \"-12 dB\" }";
        let wrong = |code, message: String| Wrong { code, message, advice: advice.to_owned(), nearest: None };
        let table = match value {
            DeValue::String(word) if word.as_ref() == "hold" => return Ok(Self::Hold),
            DeValue::String(word) => return Err(wrong(Code::UnknownValue, format!("cannot be {}", quoted(word)))),
            DeValue::Table(table) => table,
            other => return Err(Wrong::wrong_type("a word or a table", other, advice)),
        };
        if let Some(key) = table.keys().find(|key| !["speaker", "gain"].contains(&key.get_ref().as_ref())) {
            return Err(wrong(Code::UnknownKey, format!("has no key {}", quoted(key.get_ref()))));
        }
        let name = table.get("speaker").ok_or_else(|| wrong(Code::MissingKey, "names no speaker".to_owned()))?;
        let name = SafeText::read(name.get_ref())?;
        let gain = table.get("gain").map_or(Ok(LOUDEST_STAND_IN), |gain| Decibels::read(gain.get_ref()))?;
        if !(Decibels::SILENCE..=LOUDEST_STAND_IN).contains(&gain) {
            return Err(wrong(Code::OutOfRange, format!("takes over at {gain}; -12 dB is the most in a room")));
        }
        Ok(Self::Speaker { name, gain })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::units::Span;

    fn read(text: &str) -> Result<Settings, Vec<String>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("settings.toml");
        std::fs::write(&path, text).unwrap();
        let line = |finding: &Diagnostic| finding.place.as_ref().map_or(0, |place| place.line);
        Settings::read(&path)
            .map_err(|found| found.iter().map(|finding| format!("{}: {}", line(finding), finding.message)).collect())
    }

    #[test]
    fn a_room_with_headphones_and_speakers_is_read() {
        let settings = read(
            "[[output]]\nname = 'headphones'\ndevice = 'pulseaudio:usb'\nlost = { speaker = 'speakers' }\n\
             [[output]]\nname = 'speakers'\ndevice = 'hdmi'\ngain = '-6 dB'\n",
        )
        .unwrap();
        let speakers = settings.output("speakers").unwrap();
        assert_eq!((speakers.device.as_str(), speakers.gain, &speakers.lost), ("hdmi", Decibels(-6.0), &Lost::Hold));
        let stand_in = Lost::Speaker { name: "speakers".into(), gain: Decibels(-12.0) };
        assert_eq!((settings.outputs[0].gain, &settings.outputs[0].lost), (Decibels::ZERO, &stand_in));
        assert!(speakers.is_device("alsa:hdmi", "TV") && !speakers.is_device("alsa:usb", "TV"));
        assert_eq!(Settings::read(Path::new("none/settings.toml")), Ok(Settings::default()));
    }

    #[test]
    fn the_panels_light_stamps_and_keys_are_read() {
        let text =
            "[panel]\ntheme = 'red'\ndim_after = '90s'\nmarks = ['tea']\n[keys]\npage-down = 'duck'\n'.' = 'mute'\n";
        let screen = Screen {
            theme: Some("red".into()),
            dim: Some(Dim::After(Span::from_secs(90))),
            marks: Some(vec!["tea".into()]),
            keys: vec![("page-down".into(), "duck".into()), (".".into(), "mute".into())],
        };
        assert_eq!(read(text).unwrap().screen, screen);
        assert_eq!(read("[panel]\ndim_after = 'never'").unwrap().screen.dim, Some(Dim::Never));
        let nameless = read("[panel]\nmarks = ['tea', ' ']").unwrap_err();
        assert_eq!(nameless, ["2: `marks` is empty"]);
        let marks = "'a', 'b', 'c', 'd', 'e', 'f', 'g', 'h', 'i', 'j'";
        assert_eq!(
            read(&format!("keys = {{ b = 1 }}\n[panel]\ndim_after = '1s'\nmarks = [{marks}]\ncolour = 'red'\n"))
                .unwrap_err(),
            [
                "1: `b` takes text, not a number",
                "3: `dim_after` is 1s; the screen would go dark under the eye",
                "4: `marks` has 10 stamps; there are keys for 9",
                "5: the panel has no key \"colour\"",
            ]
        );
    }

    #[test]
    fn mistakes_are_named_all_at_once() {
        let found = read(
            "[[output]]\nname = 'both'\ndevice = 'a'\n[[output]]\nname = 'x'\ndevice = 'b'\ngain = '3 dB'\n\
             lost = { speaker = 'x' }\n[[output]]\nname = 'y'\nlost = { speaker = 'x', gain = '-3 dB' }\nvolume = 1\n",
        );
        assert_eq!(
            found.unwrap_err(),
            [
                "2: \"both\" is taken",
                "7: `gain` is 3.0 dB, which is out of range",
                "8: no other output is called \"x\"",
                "9: an output needs `device`",
                "11: `lost` takes over at -3.0 dB; -12 dB is the most in a room",
                "12: an output has no key \"volume\"",
            ]
        );
        assert_eq!(read("output = 1").unwrap_err(), ["1: `output` takes a list of tables, not a number"]);
    }
}
