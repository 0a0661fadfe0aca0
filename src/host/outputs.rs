//! Which outputs a name stands for, and what happens when one is lost.

use crate::audio::{Command, Selection, Target};
use crate::playlist::{Lost, Output, Settings};
use crate::units::{Decibels, SafeText};

/// What the therapist chose, and what stands in for it.
#[derive(Clone, Debug)]
pub struct Outputs {
    settings: Settings,
    chosen: Vec<Selection>,
    /// The output that is lost, and the one that plays instead.
    stand_in: Option<(Target, Selection)>,
}

impl Outputs {
    /// Begins with the output of this name; without one, with the first of the settings, or the system's own choice.
    ///
    /// # Errors
    /// When the name stands for nothing, in words.
    pub fn begin(settings: Settings, name: Option<&str>) -> Result<Self, String> {
        let first = settings.outputs.first().map(|output| output.name.to_string());
        let mut outputs = Self { settings, chosen: Vec::new(), stand_in: None };
        outputs.chosen = outputs.named(name.unwrap_or(first.as_deref().unwrap_or("default")))?;
        Ok(outputs)
    }

    /// No device at all, as in virtual time.
    pub(super) fn nowhere() -> Self {
        Self { settings: Settings::default(), chosen: Vec::new(), stand_in: None }
    }

    /// The names that can be chosen.
    pub fn names(settings: &Settings) -> Vec<SafeText> {
        let mut names: Vec<SafeText> = settings.outputs.iter().map(|output| output.name.clone()).collect();
        if names.len() > 1 {
            names.push("both".into());
        }
        names
    }

    /// The outputs to play on now.
    pub fn selection(&self) -> Vec<Selection> {
        self.chosen.iter().cloned().chain(self.stand_in.as_ref().map(|(_, selection)| selection.clone())).collect()
    }

    /// Chooses the output of this name (two, for "both").
    pub fn choose(&mut self, name: &str) -> Result<Command, String> {
        self.chosen = self.named(name)?;
        self.stand_in = None;
        Ok(Command::Select { outputs: self.selection() })
    }

    /// Whether a name stands for anything.
    ///
    /// # Errors
    /// When it does not, in words.
    pub(super) fn check(&self, name: &str) -> Result<(), String> {
        self.named(name).map(drop)
    }

    /// An output is lost: what its settings say about that. Nothing to do where they say "hold".
    pub fn lost(&mut self, lost: &Target) -> Option<Command> {
        let output = self.setting(lost)?;
        let Lost::Speaker { name, gain } = &output.lost else { return None };
        let speaker = self.settings.output(name.as_str())?;
        let target = Target::Device(speaker.device.clone());
        if self.selection().iter().any(|chosen| chosen.target == target) {
            return None;
        }
        let gain = speaker.gain.min(*gain);
        self.stand_in = Some((lost.clone(), Selection { target, gain }));
        Some(Command::Select { outputs: self.selection() })
    }

    /// An output is back: whatever stood in for it goes.
    pub fn back(&mut self, back: &Target) -> Option<Command> {
        self.stand_in.take_if(|(lost, _)| lost == back)?;
        Some(Command::Select { outputs: self.selection() })
    }

    /// What people call it.
    pub fn name(&self, target: &Target, device: &SafeText) -> SafeText {
        self.setting(target).map_or_else(|| device.clone(), |output| output.name.clone())
    }

    /// What happens when it is lost, in words.
    pub fn policy(&self, target: &Target) -> SafeText {
        match self.setting(target).map(|output| &output.lost) {
            Some(Lost::Speaker { name, gain }) => SafeText::new(&format!("{name} at {gain}")),
            Some(Lost::Hold) | None => "hold".into(),
        }
    }

    fn setting(&self, target: &Target) -> Option<&Output> {
        let Target::Device(device) = target else { return None };
        self.settings.outputs.iter().find(|output| output.device == *device)
    }

    fn named(&self, name: &str) -> Result<Vec<Selection>, String> {
        let of = |output: &Output| Selection { target: Target::Device(output.device.clone()), gain: output.gain };
        Ok(match name {
            "null" => Vec::new(),
            "default" => vec![Selection::of(Target::Default)],
            "both" => match &self.settings.outputs[..] {
                [one, other, ..] => vec![of(one), of(other)],
                _ => return Err("\"both\" needs two outputs; name them in settings.toml, each under [[output]]".into()),
            },
            name => match self.settings.output(name) {
                Some(output) => vec![of(output)],
                None => vec![Selection { target: Target::Device(name.to_owned()), gain: Decibels::ZERO }],
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room() -> Settings {
        let output = |name: &str, device: &str, gain, lost| Output {
            name: name.into(),
            device: device.to_owned(),
            gain: Decibels(gain),
            lost,
        };
        let speaker = Lost::Speaker { name: "speakers".into(), gain: Decibels(-18.0) };
        Settings {
            outputs: vec![output("headphones", "usb", 0.0, speaker), output("speakers", "hdmi", -6.0, Lost::Hold)],
            ..Settings::default()
        }
    }

    fn devices(outputs: &Outputs) -> Vec<(String, f32)> {
        outputs.selection().iter().map(|chosen| (chosen.target.device().unwrap(), chosen.gain.0)).collect()
    }

    fn device(name: &str) -> Target {
        Target::Device(name.to_owned())
    }

    #[test]
    fn names_stand_for_devices_each_with_its_gain() {
        let mut outputs = Outputs::begin(room(), None).unwrap();
        assert_eq!(devices(&outputs), [("usb".to_owned(), 0.0)]);
        outputs.choose("both").unwrap();
        assert_eq!(devices(&outputs), [("usb".to_owned(), 0.0), ("hdmi".to_owned(), -6.0)]);
        outputs.choose("an unnamed one").unwrap();
        assert_eq!(devices(&outputs), [("an unnamed one".to_owned(), 0.0)]);
        assert!(Outputs::begin(Settings::default(), Some("both")).is_err());
        assert_eq!(Outputs::begin(Settings::default(), None).unwrap().selection(), [Selection::of(Target::Default)]);
        assert_eq!(Outputs::begin(room(), Some("null")).unwrap().selection(), []);
    }

    #[test]
    fn lost_headphones_are_stood_in_for_softly_until_they_are_back() {
        let mut outputs = Outputs::begin(room(), None).unwrap();
        assert!(outputs.lost(&device("usb")).is_some());
        assert_eq!(devices(&outputs), [("usb".to_owned(), 0.0), ("hdmi".to_owned(), -18.0)]);
        assert!(outputs.lost(&device("usb")).is_none(), "once");
        assert!(outputs.back(&device("hdmi")).is_none(), "not they");
        assert!(outputs.back(&device("usb")).is_some());
        assert_eq!(devices(&outputs), [("usb".to_owned(), 0.0)]);
    }

    #[test]
    fn without_a_word_in_the_settings_a_lost_output_is_held() {
        let mut outputs = Outputs::begin(room(), Some("speakers")).unwrap();
        assert!(outputs.lost(&device("hdmi")).is_none());
        let mut outputs = Outputs::begin(Settings::default(), None).unwrap();
        assert!(outputs.lost(&Target::Default).is_none());
    }
}
