//! The state of the panel: what it was told, and what is going on under the therapist's hand.

use std::time::Duration;

use super::action::Action;
use super::before::{self, Choices, ItemState, PlaylistCard, PreflightItem};
use super::chooser::Chooser;
use super::input::{Ear, TwoPresses};
use super::learn::Learn;
use super::lock::Lock;
use super::prompt::Prompt;
use super::setup::{Setup, Start};
use super::strings;
use super::theme::{Glyphs, Theme};
use super::trial::Ears;
use crate::session::{ArcPhase, PhaseKind, Snapshot, Transport};
use crate::units::{MedicineTime, SafeText, SessionTime, Span};
use crate::wire::Status;

/// After this long without a word from the host nothing is claimed of the sound any more.
pub const STALE: Duration = Duration::from_secs(3);
/// How long a sentence about a key stays.
const SAID: Duration = Duration::from_secs(6);

/// How long a key shows a screen that was darkened by key.
const GLIMPSE: Duration = Duration::from_secs(8);

/// What fills the screen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Screen {
    /// Choosing a playlist.
    Picker,
    /// What is checked before a session.
    Preflight,
    /// The session, from `ready` to its report.
    Session,
}

/// How the host is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Contact {
    /// Not yet.
    Waiting,
    /// It answers.
    Live,
    /// It is gone and is being brought back.
    Lost {
        /// Why, if known.
        why: Option<SafeText>,
    },
}

/// All that a frame is drawn from.
pub struct Model {
    /// What the panel was given at its start.
    pub setup: Setup,
    /// The styles in force.
    pub theme: Theme,
    /// The characters in force.
    pub glyphs: Glyphs,
    /// Time since the panel was opened.
    pub now: Duration,
    /// What fills the screen.
    pub screen: Screen,
    /// How the host is reached.
    pub contact: Contact,
    /// The playlists offered.
    pub cards: Vec<PlaylistCard>,
    /// The chosen one: an index into `cards`.
    pub chosen: usize,
    /// The preflight list.
    pub checks: Vec<PreflightItem>,
    /// The report, once it is there.
    pub report: Vec<SafeText>,
    /// The first line of it on the screen.
    pub report_from: usize,
    /// The last word from the host.
    pub status: Option<Status>,
    /// When it came.
    pub heard: Duration,
    /// When the host was last asked for a word that did not come by itself.
    pub asked: Duration,
    /// The arc as it was when the medicine clock began, to show what moved.
    pub first_arc: Vec<ArcPhase>,
    /// The open question and the action whose key opened it, and until when it stays.
    pub prompt: Option<(Prompt, Action, Duration)>,
    /// First presses that wait for their second.
    pub two_presses: TwoPresses,
    /// Keys as they come in.
    pub ear: Ear,
    /// The learn screen, while it is open.
    pub learn: Option<Learn>,
    /// The list that is open over the picker.
    pub chooser: Option<Chooser>,
    /// The ear check.
    pub ears: Ears,
    /// The peak's loudness is being heard, until then.
    pub sampling: Option<Duration>,
    /// The kiosk's lock; without a kiosk there is none.
    pub lock: Option<Lock>,
    /// The help page shown.
    pub help: Option<usize>,
    /// Darkened by key.
    pub darkened: bool,
    /// A key shows the darkened screen until then.
    pub shown_until: Duration,
    /// When a key was last pressed.
    pub touched: Duration,
    /// The preflight list was passed.
    pub preflight_passed: bool,
    /// The code of the session that was left for the next client.
    pub forgotten: Option<SafeText>,
    said: Option<(String, Duration)>,
    repaint: bool,
}

impl Model {
    /// A panel that has heard nothing yet.
    #[must_use]
    pub fn new(mut setup: Setup) -> Self {
        let (screen, cards) = match std::mem::replace(&mut setup.start, Start::Session) {
            Start::Pick(cards) => (Screen::Picker, cards),
            Start::Session => (Screen::Session, Vec::new()),
        };
        Self {
            theme: Theme::new(setup.theme, setup.depth),
            glyphs: Glyphs { unicode: setup.unicode },
            lock: setup.kiosk.then(Lock::default),
            setup,
            now: Duration::ZERO,
            screen,
            contact: Contact::Waiting,
            cards,
            chosen: 0,
            checks: Vec::new(),
            report: Vec::new(),
            report_from: 0,
            status: None,
            heard: Duration::ZERO,
            asked: Duration::ZERO,
            first_arc: Vec::new(),
            prompt: None,
            two_presses: TwoPresses::default(),
            ear: Ear::default(),
            learn: None,
            chooser: None,
            ears: Ears::default(),
            sampling: None,
            help: None,
            darkened: false,
            shown_until: Duration::ZERO,
            touched: Duration::ZERO,
            preflight_passed: false,
            forgotten: None,
            said: None,
            repaint: true,
        }
    }

    /// The session's state as last told.
    #[must_use]
    pub fn session(&self) -> Option<&Snapshot> {
        self.status.as_ref().map(|status| &status.session)
    }

    /// Whether leaving the panel leaves a session behind.
    #[must_use]
    pub fn in_session(&self) -> bool {
        self.session().is_some_and(|session| !matches!(session.transport, Transport::Ready | Transport::Ended))
    }

    /// The session clock now: the last word, carried on. It goes on whatever happens to the host.
    #[must_use]
    pub fn at(&self) -> SessionTime {
        let Some(status) = &self.status else { return SessionTime::ZERO };
        if self.in_session() { status.session.at + self.carried(status) } else { status.session.at }
    }

    /// The medicine clock now.
    #[must_use]
    pub fn medicine(&self) -> Option<MedicineTime> {
        let status = self.status.as_ref()?;
        let carried = if self.in_session() { self.carried(status) } else { Span::ZERO };
        status.session.medicine.map(|medicine| medicine + carried)
    }

    /// Session time since the last word.
    fn carried(&self, status: &Status) -> Span {
        let passed = i64::try_from(self.now.saturating_sub(self.heard).as_millis()).unwrap_or(i64::MAX);
        // A rehearsal is not hurried in a joint.
        let crossing = status.session.now.as_ref().is_some_and(|now| now.crossing);
        let speed = status.rehearsal.filter(|_| !crossing).unwrap_or(1);
        Span::from_millis(passed.saturating_mul(i64::from(speed)))
    }

    /// Whether the last word is too old to claim anything of the sound.
    #[must_use]
    pub fn stale(&self) -> bool {
        self.contact != Contact::Live || self.now.saturating_sub(self.heard) > STALE
    }

    /// Whether the sound is shown to play, now.
    #[must_use]
    pub fn playing(&self) -> bool {
        !self.stale() && self.status.as_ref().is_some_and(|status| status.output.playing)
    }

    /// Whether all but one line is black.
    #[must_use]
    pub fn dark(&self) -> bool {
        let idle = self.now.saturating_sub(self.touched);
        let by_key = self.darkened && self.now >= self.shown_until;
        let by_itself = self.setup.dim_after.is_some_and(|after| idle >= after);
        let asking = self.prompt.is_some() || self.two_presses.waiting().is_some();
        self.screen == Screen::Session && self.in_session() && !asking && (by_key || by_itself)
    }

    /// Whether the kiosk's lock keeps most keys shut.
    #[must_use]
    pub fn shut(&self) -> bool {
        self.lock.as_ref().is_some_and(Lock::is_shut)
    }

    /// The playlist's phases, for `goto`.
    #[must_use]
    pub fn phases(&self) -> Vec<PhaseKind> {
        self.session().map(|session| session.arc.iter().map(|phase| phase.kind).collect()).unwrap_or_default()
    }

    /// The preflight list: what was looked at for the panel, what the host knows of its output, and what only ears can tell.
    #[must_use]
    pub fn items(&self) -> Vec<PreflightItem> {
        if self.checks.is_empty() {
            return Vec::new();
        }
        let ears = self.ears.item(&self.setup.keymap.first(Action::EarCheck));
        self.checks.iter().cloned().chain([before::output_item(self.status.as_ref()), ears]).collect()
    }

    /// Items of the preflight list in that state.
    #[must_use]
    pub fn count(&self, state: ItemState) -> usize {
        self.items().iter().filter(|item| item.state == state).count()
    }

    /// A key was pressed: a screen that is dark is shown for a while.
    pub fn touch(&mut self) {
        self.touched = self.now;
        self.shown_until = self.now + GLIMPSE;
    }

    /// Says a sentence about the last key.
    pub fn say(&mut self, sentence: impl Into<String>) {
        self.said = Some((sentence.into(), self.now + SAID));
    }

    /// Says what an unanswered question leaves undone: it may be taken for done.
    pub fn say_not_done(&mut self, prompt: &Prompt) {
        if let Some(sentence) = strings::not_done(prompt) {
            self.say(sentence);
        }
    }

    /// The sentence to show, if any.
    #[must_use]
    pub fn said(&self) -> Option<&str> {
        self.said.as_ref().map(|(sentence, _)| sentence.as_str())
    }

    /// Forgets sentences and questions whose time is over.
    pub fn let_go(&mut self) {
        let (now, idle, in_session) = (self.now, self.now.saturating_sub(self.touched), self.in_session());
        if let Some(lock) = &mut self.lock {
            lock.advance(now, idle, in_session);
        }
        self.said.take_if(|(_, until)| *until <= now);
        if let Some((prompt, ..)) = self.prompt.take_if(|(_, _, until)| *until <= now) {
            self.say_not_done(&prompt);
        }
        self.sampling.take_if(|until| *until <= now);
    }

    /// Forgets the session: nothing of this client stays on the screen or in the model.
    pub fn forget_session(&mut self) {
        let setup = self.setup.clone();
        let (mut cards, now) = (std::mem::take(&mut self.cards), self.now);
        for card in &mut cards {
            (card.choices, card.looking) = (Choices::default(), true);
        }
        let forgotten = self.status.take().map(|status| status.code).or(self.forgotten.take());
        *self = Self { cards, now, forgotten, touched: now, screen: Screen::Picker, ..Self::new(setup) };
    }

    /// Turns the report by some lines; its last lines stay in sight.
    pub fn turn_report(&mut self, lines: isize) {
        let last = self.report.len().saturating_sub(1);
        self.report_from = self.report_from.saturating_add_signed(lines).min(last);
    }

    /// Whether the session is over and its report is shown.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.session().is_some_and(|session| session.transport == Transport::Ended)
    }

    /// Asks for the next frame to be painted whole.
    pub fn ask_repaint(&mut self) {
        self.repaint = true;
    }

    /// Whether the next frame is to be painted whole; asked once.
    pub fn take_repaint(&mut self) -> bool {
        std::mem::take(&mut self.repaint)
    }

    /// How long the picture stays true without news: until the next second of a clock, or what ends before it.
    #[must_use]
    pub fn until_change(&self) -> Duration {
        let speed = self.status.as_ref().and_then(|status| status.rehearsal).unwrap_or(1).max(1);
        let into_second = self.at().since_start().millis().rem_euclid(1000).unsigned_abs();
        let second = Duration::from_millis(1000 - into_second) / speed;
        let ends = [
            self.ear.deadline(),
            self.two_presses.deadline(),
            self.lock.as_ref().and_then(|lock| lock.deadline(self.touched, self.in_session())),
            self.said.as_ref().map(|(_, until)| *until),
            self.prompt.as_ref().map(|(_, _, until)| *until),
            self.sampling,
        ];
        let sooner = ends.into_iter().flatten().map(|end| end.saturating_sub(self.now)).min();
        // At a rehearsal's speed the clocks may jump by several seconds; ten frames a second are enough for anything.
        let second = second.max(Duration::from_millis(100));
        sooner.map_or(second, |sooner| sooner.min(second))
    }
}
