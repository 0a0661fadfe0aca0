//! A playlist in the making, and its text: TOML with comments, to be read and changed by a person.

use std::fmt::Write as _;
use std::ops::Range;

use super::quote::quote;
use crate::playlist::Part;
use crate::units::{SafeText, TrackTime};

/// A playlist that was proposed or imported.
#[derive(Clone, Debug, Default)]
pub struct Draft {
    /// What is said at its head, a paragraph each.
    pub head: Vec<String>,
    /// Its title.
    pub title: SafeText,
    /// Its route.
    pub route: SafeText,
    /// Phases in order, then pools.
    pub sections: Vec<Section>,
    /// More TOML, as it is.
    pub tail: &'static str,
}

/// A phase or a steering pool with its pieces.
#[derive(Clone, Debug)]
pub struct Section {
    /// Which.
    pub part: Part,
    /// What is said of it.
    pub note: String,
    /// Whether the pieces are to be heard as listed.
    pub listed: bool,
    /// From where to where it rises or falls, each 1 to 5.
    pub intensity: Option<(u8, u8)>,
    /// Its pool.
    pub pieces: Vec<Piece>,
}

/// A piece from a file.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Piece {
    /// Its path, as a playlist writes it.
    pub file: String,
    /// What is said of it.
    pub note: String,
    /// Where it is not to come from the file's tags.
    pub title: Option<SafeText>,
    /// Likewise.
    pub artist: Option<SafeText>,
    /// 1 to 5.
    pub intensity: Option<u8>,
    /// Where in the file it begins, if not where the sound does.
    pub start: Option<TrackTime>,
    /// Where it ends, likewise.
    pub end: Option<TrackTime>,
}

/// A draft's TOML.
#[derive(Clone, Debug, Default)]
pub struct Text {
    /// The whole.
    pub toml: String,
    /// The bytes of each `file`'s value, quotes included, in the order of the pieces: what a diagnostic points at.
    pub values: Vec<Range<usize>>,
}

impl Text {
    /// Adds `file = "..."` and remembers where.
    pub(super) fn file(&mut self, path: &str) {
        self.toml.push_str("file = ");
        let begin = self.toml.len();
        self.toml.push_str(&quote(path));
        self.values.push(begin..self.toml.len());
        self.toml.push('\n');
    }

    fn line(&mut self, line: &str) {
        self.toml.push_str(line);
        self.toml.push('\n');
    }

    /// Comment lines, folded; nothing for an empty text.
    fn comment(&mut self, text: &str) {
        let mut line = String::from("#");
        // What is said may hold a tag: only what shows goes into a comment.
        for word in text.split_whitespace().map(SafeText::new).filter(|word| !word.is_empty()) {
            if line.len() > 1 && line.chars().count() + word.as_str().chars().count() >= 120 {
                self.line(&line);
                line = String::from("#");
            }
            // Writing to a String cannot fail.
            let _ = write!(line, " {word}");
        }
        if line.len() > 1 {
            self.line(&line);
        }
    }

    fn piece(&mut self, heading: &str, piece: &Piece) {
        self.line("");
        self.comment(&piece.note);
        self.line(heading);
        self.file(&piece.file);
        for (key, text) in [("title", &piece.title), ("artist", &piece.artist)] {
            if let Some(text) = text {
                self.line(&format!("{key} = {}", quote(text.as_str())));
            }
        }
        if let Some(intensity) = piece.intensity {
            self.line(&format!("intensity = {intensity}"));
        }
        for (key, place) in [("start", piece.start), ("end", piece.end)] {
            if let Some(place) = place {
                self.line(&format!("{key} = \"{}\"", clock(place)));
            }
        }
    }

    fn section(&mut self, section: &Section) {
        self.line("");
        self.comment(&section.note);
        let heading = match section.part {
            Part::Phase(kind) => {
                self.line("[[phase]]");
                self.line(&format!("kind = \"{}\"", kind.name()));
                "[[phase.track]]".to_owned()
            }
            Part::Pool(_) => {
                self.line(&format!("[pool.{}]", section.part.name()));
                format!("[[pool.{}.track]]", section.part.name())
            }
        };
        match section.intensity {
            Some((from, to)) if from == to => self.line(&format!("intensity = {from}")),
            Some((from, to)) => self.line(&format!("intensity = [{from}, {to}]")),
            None => {}
        }
        if section.listed {
            self.line("order = \"listed\"");
        }
        for piece in &section.pieces {
            self.piece(&heading, piece);
        }
    }
}

impl Draft {
    /// Writes it.
    #[must_use]
    pub fn text(&self) -> Text {
        let mut text = Text::default();
        for (index, paragraph) in self.head.iter().enumerate() {
            if index > 0 {
                text.line("#");
            }
            text.comment(paragraph);
        }
        text.line("");
        text.line("format = 1");
        text.line(&format!("title = {}", quote(self.title.as_str())));
        text.line(&format!("route = {}", quote(self.route.as_str())));
        for section in &self.sections {
            text.section(section);
        }
        text.toml.push_str(self.tail);
        text
    }
}

/// A place to the millisecond, as a playlist writes it.
fn clock(place: TrackTime) -> String {
    let millis = place.since_start().millis() % 1000;
    if millis == 0 { place.to_string() } else { format!("{place}.{millis:03}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{PhaseKind, Steer};
    use crate::units::Span;

    #[test]
    fn a_draft_is_toml_that_a_person_can_read() {
        let place = |millis| Some(TrackTime::at(Span::from_millis(millis)));
        let odd = Piece {
            file: "a \"b\"\n.flac".into(),
            note: "By \u{202e}somebody\n[[phase]]".into(),
            title: Some("Für".into()),
            artist: Some("Us".into()),
            intensity: Some(2),
            start: place(12_000),
            end: place(4_000_250),
        };
        let plain = Piece { file: "c.mp3".into(), ..Piece::default() };
        let section =
            |part, pieces| Section { part, note: "Long.".into(), listed: true, intensity: Some((2, 4)), pieces };
        let draft = Draft {
            head: vec!["One.".into(), "Two.".into()],
            title: "T".into(),
            route: "im".into(),
            sections: vec![
                section(Part::Phase(PhaseKind::Peak), vec![odd]),
                Section { listed: false, intensity: None, ..section(Part::Pool(Steer::Ground), vec![plain]) },
            ],
            tail: "",
        };
        let text = draft.text();
        assert_eq!(
            text.toml,
            r#"# One.
#
# Two.

format = 1
title = "T"
route = "im"

# Long.
[[phase]]
kind = "peak"
intensity = [2, 4]
order = "listed"

# By somebody [[phase]]
[[phase.track]]
file = "a \"b\"\u000A.flac"
title = "Für"
artist = "Us"
intensity = 2
start = "0:12"
end = "1:06:40.250"

# Long.
[pool.ground]

[[pool.ground.track]]
file = "c.mp3"
"#
        );
        let values: Vec<&str> = text.values.iter().map(|at| &text.toml[at.clone()]).collect();
        assert_eq!(values, [r#""a \"b\"\u000A.flac""#, "\"c.mp3\""]);
    }
}
