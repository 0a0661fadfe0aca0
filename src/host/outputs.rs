//! Which outputs a name stands for, and what happens when one is lost.

use crate::audio::{Command, Selection, Target};
use crate::playlist::{Lost, Output, Settings};
use crate::units::{Decibels, SafeText};

/// What the therapist chose, and what stands in for what is lost of it.
#[derive(Clone, Debug)]
pub struct Outputs {
    settings: Settings,
    chosen: Vec<Selection>,
    /// What was chosen before, as long as nothing of the last choice plays: it may be refused.
    before: Option<Vec<Selection>>,
    /// What is lost, of both.
    lost: Vec<Target>,
}

impl Outputs {
    /// The name that stands for whatever the system chooses.
    pub const DEFAULT: &str = "default";
    /// The kind of a fault that a choice could not be opened.
    pub const REFUSED: &str = "output-refused";

    /// Begins with the output of this name; without one, with the first of the settings, or the system's own choice.
    ///
    /// # Errors
    /// When the name stands for nothing, in words.
    pub fn begin(settings: Settings, name: Option<&str>) -> Result<Self, String> {
        let first = settings.outputs.first().map(|output| output.name.to_string());
        let mut outputs = Self { settings, ..Self::nowhere() };
        outputs.chosen = outputs.named(name.unwrap_or(first.as_deref().unwrap_or(Self::DEFAULT)))?;
        Ok(outputs)
    }

    /// No device at all, as in virtual time.
    pub(super) fn nowhere() -> Self {
        Self { settings: Settings::default(), chosen: Vec::new(), before: None, lost: Vec::new() }
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
        let stand_in = self.lost.iter().find_map(|lost| self.stand_in(lost));
        self.chosen.iter().cloned().chain(stand_in).collect()
    }

    /// Chooses the output of this name (two, for "both").
    pub fn choose(&mut self, name: &str) -> Result<Command, String> {
        let new = self.named(name)?;
        let old = std::mem::replace(&mut self.chosen, new);
        let before = self.before.take().unwrap_or(old);
        if !self.chosen.iter().all(|chosen| is_among(&before, &chosen.target)) {
            self.before = Some(before);
        }
        self.forget();
        Ok(self.select())
    }

    /// A chosen output cannot be opened: what was chosen before it is chosen again.
    pub fn refused(&mut self, refused: &Target) -> Option<Command> {
        // A stand-in is tried for ever, and so is what came after silence; and what came before another choice is forgotten.
        if !is_among(&self.chosen, refused) {
            return None;
        }
        match self.before.take() {
            Some(before) if before.is_empty() => return self.lost(refused),
            Some(before) => self.chosen = before,
            None if self.chosen.len() > 1 => self.chosen.retain(|chosen| chosen.target != *refused),
            None => return None,
        }
        self.forget();
        Some(self.select())
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
        let old = self.selection();
        if !self.lost.contains(lost) {
            self.lost.push(lost.clone());
        }
        self.forget();
        (self.selection() != old).then(|| self.select())
    }

    /// An output plays, perhaps after a loss: whatever stood in for it goes.
    pub fn plays(&mut self, on: &Target) -> Option<Command> {
        let old = self.selection();
        self.lost.retain(|lost| lost != on);
        if is_among(&self.chosen, on) {
            self.before = None;
            self.forget();
        }
        (self.selection() != old).then(|| self.select())
    }

    /// What plays instead of a lost output; nothing where it is not chosen, or that plays anyway.
    fn stand_in(&self, lost: &Target) -> Option<Selection> {
        let output = self.setting(lost).filter(|_| is_among(&self.chosen, lost))?;
        let Lost::Speaker { name, gain } = &output.lost else { return None };
        let speaker = self.settings.output(name.as_str())?;
        let target = Target::Device(speaker.device.clone());
        (!is_among(&self.chosen, &target)).then(|| Selection { target, gain: speaker.gain.min(*gain) })
    }

    /// What is no longer chosen is looked after by nobody, and not known to be lost.
    fn forget(&mut self) {
        let before = self.before.as_deref().unwrap_or_default();
        self.lost.retain(|lost| is_among(&self.chosen, lost) || is_among(before, lost));
    }

    fn select(&self) -> Command {
        Command::Select { outputs: self.selection() }
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
            Self::DEFAULT => vec![Selection::of(Target::Default)],
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

fn is_among(chosen: &[Selection], target: &Target) -> bool {
    chosen.iter().any(|chosen| chosen.target == *target)
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
        assert!(outputs.plays(&device("hdmi")).is_none(), "not they");
        assert!(outputs.plays(&device("usb")).is_some());
        assert_eq!(devices(&outputs), [("usb".to_owned(), 0.0)]);
    }

    #[test]
    fn the_output_that_is_lost_can_be_chosen_and_is_stood_in_for_all_the_same() {
        let alone = [("usb".to_owned(), 0.0)];
        let stood_in_for = [("usb".to_owned(), 0.0), ("hdmi".to_owned(), -18.0)];
        let mut outputs = Outputs::begin(room(), None).unwrap();
        outputs.lost(&device("usb"));
        outputs.choose("headphones").unwrap();
        assert_eq!(devices(&outputs), stood_in_for, "chosen again");

        outputs.choose("both").unwrap();
        assert_eq!(devices(&outputs), [("usb".to_owned(), 0.0), ("hdmi".to_owned(), -6.0)], "no stand-in, but chosen");
        outputs.choose("headphones").unwrap();
        assert_eq!(devices(&outputs), stood_in_for, "out of both");
        assert!(outputs.plays(&device("usb")).is_some());
        assert_eq!(devices(&outputs), alone);

        // What is chosen anew after something else is not known to be lost.
        outputs.lost(&device("usb"));
        outputs.choose("speakers").unwrap();
        outputs.plays(&device("hdmi"));
        outputs.choose("headphones").unwrap();
        assert_eq!(devices(&outputs), alone);
    }

    #[test]
    fn a_refused_output_leaves_what_was_chosen_before_it() {
        let alone = [("usb".to_owned(), 0.0)];
        let stood_in_for = [("usb".to_owned(), 0.0), ("hdmi".to_owned(), -18.0)];
        let mut outputs = Outputs::begin(room(), None).unwrap();
        outputs.choose("another").unwrap();
        outputs.choose("speakers").unwrap();
        assert!(outputs.refused(&device("another")).is_none(), "no longer chosen");
        assert!(outputs.refused(&device("hdmi")).is_some());
        assert_eq!(devices(&outputs), alone, "what played, not what was refused before");
        assert!(outputs.lost(&device("usb")).is_some());
        assert_eq!(devices(&outputs), stood_in_for);
        assert!(outputs.refused(&device("hdmi")).is_none(), "a stand-in is tried for ever");

        outputs.choose("another").unwrap();
        assert!(outputs.refused(&device("another")).is_some());
        assert_eq!(devices(&outputs), stood_in_for, "with its stand-in");
        assert!(outputs.plays(&device("usb")).is_some(), "which goes when it is back");
        assert_eq!(devices(&outputs), alone);

        outputs.choose("both").unwrap();
        outputs.plays(&device("usb"));
        assert!(outputs.refused(&device("hdmi")).is_some());
        assert_eq!(devices(&outputs), alone, "one of two");
    }

    #[test]
    fn what_is_lost_while_another_output_is_tried_is_stood_in_for_when_that_is_refused() {
        let mut outputs = Outputs::begin(room(), None).unwrap();
        outputs.choose("another").unwrap();
        assert!(outputs.lost(&device("usb")).is_none());
        outputs.refused(&device("another"));
        assert_eq!(devices(&outputs), [("usb".to_owned(), 0.0), ("hdmi".to_owned(), -18.0)]);
    }

    #[test]
    fn after_silence_a_refused_output_is_a_lost_one() {
        let mut outputs = Outputs::begin(room(), Some("null")).unwrap();
        outputs.choose("headphones").unwrap();
        assert!(outputs.refused(&device("usb")).is_some());
        assert_eq!(devices(&outputs), [("usb".to_owned(), 0.0), ("hdmi".to_owned(), -18.0)]);
    }

    #[test]
    fn without_a_word_in_the_settings_a_lost_output_is_held() {
        let mut outputs = Outputs::begin(room(), Some("speakers")).unwrap();
        assert!(outputs.lost(&device("hdmi")).is_none());
        let mut outputs = Outputs::begin(Settings::default(), None).unwrap();
        assert!(outputs.lost(&Target::Default).is_none());
    }
}
