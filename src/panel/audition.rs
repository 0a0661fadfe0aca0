//! The joints of a playlist, one after the other, to be heard and changed: what is shown, and what the keys do.

use std::collections::BTreeMap;
use std::sync::mpsc::{Receiver, Sender};

use crossterm::event::KeyEvent;

use super::key::{Key, Stroke};
use super::run::{Exit, PanelError};
use super::setup::Setup;
use super::small::{self, Small};
use super::view;
use super::view::page::Page;
use crate::session::PhaseKind;
use crate::units::{SafeText, SessionTime, Span, TrackTime};

/// One press of longer or shorter.
const STEP: Span = Span::from_secs(1);
/// No crossfade is shorter.
const SHORTEST: Span = Span::from_secs(2);

/// A joint, as its owner found it in the plan.
#[derive(Clone, Debug, PartialEq)]
pub struct JointCard {
    /// Which track of the playlist's text comes; its length is written there.
    pub track: usize,
    /// The titles of the piece that is left and of the one that comes.
    pub titles: (SafeText, SafeText),
    /// The phases that they play in.
    pub phases: (PhaseKind, PhaseKind),
    /// When the crossfade begins, in a session that follows its plan.
    pub at: SessionTime,
    /// Where the piece that is left is heard no more.
    pub left_at: TrackTime,
    /// How long the crossfade is as the plan has it.
    pub length: Span,
    /// How long it can be, between these two pieces.
    pub longest: Span,
}

/// What the screen wants done by its owner.
#[derive(Clone, Debug, PartialEq)]
pub enum AuditionOrder {
    /// Play this joint with a crossfade of this length, in place of what sounds.
    Play {
        /// Its place among the joints.
        joint: usize,
        /// How long.
        length: Span,
    },
    /// Let what sounds go out.
    Stop,
    /// Write these lengths into the playlist, by the tracks of its text. (Answered by `Written` or `NotWritten`.)
    Write(BTreeMap<usize, Span>),
}

/// What the screen is told.
#[derive(Clone, Debug, PartialEq)]
pub enum AuditionNews {
    /// How far the joint has come that sounds; `None` when none does.
    Heard(Option<Sounds>),
    /// The lengths are in the playlist.
    Written,
    /// They are not, and why.
    NotWritten(SafeText),
    /// Something to know, in words.
    Said(SafeText),
    /// The terminal is gone.
    Hangup,
    /// The process is asked to end.
    Terminate,
}

/// How far a joint has come, from the first sound of the piece that is left.
#[derive(Clone, Debug, PartialEq)]
pub struct Sounds {
    /// So far.
    pub at: Span,
    /// Before the crossfade, in it, after it.
    pub parts: [Span; 3],
    /// What is known of the output, in words.
    pub output: SafeText,
}

/// What the screen shows.
pub struct Audition {
    /// The playlist's title.
    pub title: SafeText,
    /// Its joints, at least one.
    pub joints: Vec<JointCard>,
    /// Which of them.
    pub index: usize,
    /// Lengths that were changed and are not written, by the tracks of the text.
    pub changed: BTreeMap<usize, Span>,
    /// What sounds.
    pub sounds: Option<Sounds>,
    /// What there is to say.
    pub said: Option<SafeText>,
    /// The screen is to be left, and there is something that was not written.
    pub asking: bool,
    /// The screen is left as soon as that is written.
    leaving: bool,
    orders: Sender<AuditionOrder>,
}

/// Shows the joints on the process's terminal, the first of them sounding, until the screen is left.
///
/// It installs no signal handler: send [`AuditionNews::Hangup`] and [`AuditionNews::Terminate`] from the one that the process
/// has.
///
/// # Errors
/// When there is no usable terminal.
pub fn audition(
    title: SafeText,
    joints: Vec<JointCard>,
    setup: &Setup,
    orders: Sender<AuditionOrder>,
    news: Receiver<AuditionNews>,
) -> Result<Exit, PanelError> {
    let mut screen = Audition::new(title, joints, orders);
    screen.play();
    small::show(&mut screen, setup, news)
}

impl Audition {
    /// The first joint.
    #[must_use]
    pub fn new(title: SafeText, joints: Vec<JointCard>, orders: Sender<AuditionOrder>) -> Self {
        let (changed, sounds, said) = (BTreeMap::new(), None, None);
        Self { title, joints, index: 0, changed, sounds, said, asking: false, leaving: false, orders }
    }

    /// The joint that is shown.
    #[must_use]
    pub fn card(&self) -> &JointCard {
        &self.joints[self.index]
    }

    /// How long its crossfade is to be.
    #[must_use]
    pub fn length(&self) -> Span {
        self.changed.get(&self.card().track).copied().unwrap_or(self.card().length)
    }

    /// An owner that is gone is told by its own silence.
    fn order(&self, order: AuditionOrder) {
        let _ = self.orders.send(order);
    }

    fn play(&self) {
        self.order(AuditionOrder::Play { joint: self.index, length: self.length() });
    }

    fn turn(&mut self, to: Option<usize>) {
        if let Some(to) = to.filter(|to| *to < self.joints.len()) {
            self.index = to;
            self.play();
        }
    }

    /// Another length for the crossfade into this track; as the plan has it is no change.
    fn set(&mut self, length: Span) {
        let card = self.card();
        let (track, length) = (card.track, length.min(card.longest).max(SHORTEST));
        if length == card.length {
            self.changed.remove(&track);
        } else {
            self.changed.insert(track, length);
        }
        self.play();
    }

    /// The next whole number of seconds.
    fn longer(&mut self) {
        self.set(Span::from_secs(self.length().millis().div_euclid(1000)) + STEP);
    }

    /// The whole number of seconds before.
    fn shorter(&mut self) {
        self.set(Span::from_secs((self.length().millis() - 1).div_euclid(1000)));
    }

    fn write(&mut self) {
        if !self.changed.is_empty() {
            self.order(AuditionOrder::Write(self.changed.clone()));
        }
    }

    fn answer(&mut self, key: Key) -> Option<Exit> {
        self.asking = false;
        match key {
            Key::Char('w') => {
                self.leaving = true;
                self.write();
            }
            Key::Char('x') => return Some(Exit::Quit),
            _ => {}
        }
        None
    }

    fn leave(&mut self) -> Option<Exit> {
        self.asking = !self.changed.is_empty();
        (!self.asking).then_some(Exit::Quit)
    }

    fn key(&mut self, key: Key) -> Option<Exit> {
        self.said = None;
        match key {
            _ if self.asking => return self.answer(key),
            Key::Char('n') | Key::Right | Key::PageDown => self.turn(Some(self.index + 1)),
            Key::Char('b') | Key::Left | Key::PageUp => self.turn(self.index.checked_sub(1)),
            Key::Char('a') | Key::Space | Key::Enter => self.play(),
            Key::Char('+' | '=') | Key::Up => self.longer(),
            Key::Char('-') | Key::Down => self.shorter(),
            Key::Char('u') => self.set(self.card().length),
            Key::Char('s') => self.order(AuditionOrder::Stop),
            Key::Char('w') => self.write(),
            Key::Char('q') => return self.leave(),
            _ => {}
        }
        None
    }
}

impl Small for Audition {
    type News = AuditionNews;

    fn draw(&mut self, page: &mut Page<'_>) {
        view::audition::draw(self, page);
    }

    fn press(&mut self, key: &KeyEvent) -> Option<Exit> {
        match Stroke::of(key)? {
            Stroke::Key { key, .. } => self.key(key),
            // Control and c, as elsewhere; nothing that was changed is lost by it.
            Stroke::Control => self.leave(),
        }
    }

    fn hear(&mut self, news: AuditionNews) -> Option<Exit> {
        match news {
            AuditionNews::Heard(sounds) => self.sounds = sounds,
            AuditionNews::Written => {
                for card in &mut self.joints {
                    card.length = self.changed.get(&card.track).copied().unwrap_or(card.length);
                }
                self.changed.clear();
                self.said = Some(super::strings::AUDITION_WRITTEN.into());
                return self.leaving.then_some(Exit::Quit);
            }
            AuditionNews::NotWritten(why) => {
                self.leaving = false;
                self.said = Some(why);
            }
            AuditionNews::Said(what) => self.said = Some(what),
            AuditionNews::Hangup => return Some(Exit::TerminalLost),
            AuditionNews::Terminate => return Some(Exit::Terminated),
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;

    use crossterm::event::{KeyCode, KeyModifiers};

    use super::*;

    fn card(track: usize, secs: i64) -> JointCard {
        JointCard {
            track,
            titles: ("Stones".into(), "Waves".into()),
            phases: (PhaseKind::Onset, PhaseKind::Ascent),
            at: SessionTime::at(Span::from_mins(19)),
            left_at: TrackTime::at(Span::from_secs(460)),
            length: Span::from_secs(secs),
            longest: Span::from_secs(30),
        }
    }

    fn screen() -> (Audition, Receiver<AuditionOrder>) {
        let (orders, ordered) = channel();
        // The same piece comes twice: its length is one value of the text.
        (Audition::new("Low tide".into(), vec![card(3, 12), card(5, 29), card(3, 12)], orders), ordered)
    }

    fn press(screen: &mut Audition, keys: &str) -> Option<Exit> {
        let pressed = keys.chars().map(|key| KeyEvent::new(KeyCode::Char(key), KeyModifiers::NONE));
        pressed.map(|key| screen.press(&key)).last().flatten()
    }

    fn secs(secs: i64) -> Span {
        Span::from_secs(secs)
    }

    #[test]
    fn longer_and_shorter_are_heard_at_once_and_hold_wherever_the_piece_comes() {
        let (mut screen, ordered) = screen();
        press(&mut screen, "++-");
        let length = |order| match order {
            AuditionOrder::Play { joint: 0, length } => length,
            other => panic!("{other:?}"),
        };
        let lengths: Vec<Span> = ordered.try_iter().map(length).collect();
        assert_eq!(lengths, [secs(13), secs(14), secs(13)]);
        press(&mut screen, "nn");
        assert_eq!((screen.index, screen.length()), (2, secs(13)));
        press(&mut screen, "u");
        assert!(screen.changed.is_empty() && screen.length() == secs(12));
    }

    #[test]
    fn a_length_stays_between_what_can_be() {
        let (mut screen, _ordered) = screen();
        press(&mut screen, "n+++++");
        assert_eq!(screen.length(), secs(30));
        press(&mut screen, "b");
        press(&mut screen, &"-".repeat(40));
        assert_eq!(screen.length(), secs(2));
        assert_eq!(press(&mut screen, "bbb"), None, "there is nothing before the first");
        assert_eq!(screen.index, 0);
    }

    #[test]
    fn nothing_that_was_changed_is_left_behind_without_a_word() {
        let (mut screen, ordered) = screen();
        assert_eq!(press(&mut screen, "q"), Some(Exit::Quit), "nothing was changed");
        assert_eq!(press(&mut screen, "+q"), None);
        assert!(screen.asking);
        assert_eq!(press(&mut screen, "n"), None);
        assert!(!screen.asking && screen.index == 0, "any other key stays");
        assert_eq!(press(&mut screen, "qx"), Some(Exit::Quit));
        assert_eq!(press(&mut screen, "qw"), None, "not before it is written");
        let last = ordered.try_iter().last();
        assert_eq!(last, Some(AuditionOrder::Write(BTreeMap::from([(3, secs(13))]))));
        assert_eq!(screen.hear(AuditionNews::NotWritten("no room".into())), None);
        assert_eq!((screen.changed.len(), screen.said.as_ref().map(SafeText::as_str)), (1, Some("no room")));
        press(&mut screen, "qw");
        assert_eq!(screen.hear(AuditionNews::Written), Some(Exit::Quit));
        assert!(screen.changed.is_empty() && screen.joints[2].length == secs(13));
    }
}
