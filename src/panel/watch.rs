//! A plan that is looked at while its file is edited: drawn anew after each save, the last good one kept in view.

use std::sync::mpsc::Receiver;

use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};

use super::run::{Exit, PanelError};
use super::setup::Setup;
use super::sheet::Sheet;
use super::small::{self, Small};
use super::view;
use super::view::page::Page;
use crate::playlist::{Diagnostic, Severity, gravest};
use crate::units::SafeText;

/// What the owner of a watched file tells.
#[derive(Debug)]
pub enum Sight {
    /// Music is being measured: so many of so many files.
    Measuring(usize, usize),
    /// The file was read.
    Read {
        /// Its plan; `None` when it cannot be played as it is.
        sheet: Option<Box<Sheet>>,
        /// All that was found.
        findings: Vec<Diagnostic>,
    },
    /// The process is asked to end.
    Leave,
    /// The terminal is gone.
    Hangup,
}

/// What the screen shows.
#[derive(Clone, Debug, Default)]
pub struct Watched {
    /// The file's name.
    pub name: SafeText,
    /// The last good plan.
    pub sheet: Option<Box<Sheet>>,
    /// What was found in the latest save.
    pub findings: Vec<Diagnostic>,
    /// Music is being measured.
    pub measuring: Option<(usize, usize)>,
    /// How many times the file was read.
    pub readings: usize,
    /// Rows scrolled away.
    pub scroll: u16,
}

impl Watched {
    /// Whether the plan in view is not the one in the file.
    #[must_use]
    pub fn is_stale(&self) -> bool {
        self.sheet.is_some() && gravest(&self.findings) == Some(Severity::Error)
    }

    fn take(&mut self, sight: Sight) -> Option<Exit> {
        match sight {
            Sight::Measuring(done, total) => self.measuring = Some((done, total)),
            Sight::Read { sheet, findings } => {
                self.sheet = sheet.or(self.sheet.take());
                self.findings = findings;
                self.measuring = None;
                self.readings += 1;
            }
            Sight::Leave => return Some(Exit::Terminated),
            Sight::Hangup => return Some(Exit::TerminalLost),
        }
        None
    }

    fn press(&mut self, key: KeyEvent) -> Option<Exit> {
        let control = key.modifiers.contains(KeyModifiers::CONTROL);
        match key.code {
            KeyCode::Char('c' | 'd') if control => return Some(Exit::Quit),
            KeyCode::Char('q') | KeyCode::Esc => return Some(Exit::Quit),
            KeyCode::Up => self.scroll = self.scroll.saturating_sub(1),
            KeyCode::Down => self.scroll = self.scroll.saturating_add(1),
            KeyCode::PageUp => self.scroll = self.scroll.saturating_sub(10),
            KeyCode::PageDown | KeyCode::Char(' ') => self.scroll = self.scroll.saturating_add(10),
            KeyCode::Home => self.scroll = 0,
            _ => {}
        }
        None
    }
}

impl Small for Watched {
    type News = Sight;

    fn draw(&mut self, page: &mut Page<'_>) {
        self.scroll = self.scroll.min(view::watch::draw(self, page));
    }

    fn press(&mut self, key: &KeyEvent) -> Option<Exit> {
        self.press(*key)
    }

    fn hear(&mut self, news: Sight) -> Option<Exit> {
        self.take(news)
    }
}

/// Shows a watched file on the process's terminal until it is left by `q` or Ctrl-C; the terminal is given back as it was.
///
/// It installs no signal handler: send [`Sight::Leave`] and [`Sight::Hangup`] from the one that the process has.
///
/// # Errors
/// When there is no usable terminal.
pub fn watch_plan(name: SafeText, setup: &Setup, news: Receiver<Sight>) -> Result<Exit, PanelError> {
    small::show(&mut Watched { name, ..Watched::default() }, setup, news)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn press(watched: &mut Watched, code: KeyCode, modifiers: KeyModifiers) -> Option<Exit> {
        watched.press(KeyEvent::new(code, modifiers))
    }

    #[test]
    fn only_its_own_keys_leave_it() {
        let mut watched = Watched::default();
        for code in [KeyCode::Char('c'), KeyCode::Char('x'), KeyCode::Enter, KeyCode::F(5)] {
            assert_eq!(press(&mut watched, code, KeyModifiers::NONE), None);
        }
        assert_eq!(press(&mut watched, KeyCode::Char('c'), KeyModifiers::CONTROL), Some(Exit::Quit));
        assert_eq!(press(&mut watched, KeyCode::Char('q'), KeyModifiers::NONE), Some(Exit::Quit));
        assert_eq!(watched.take(Sight::Hangup), Some(Exit::TerminalLost));
    }

    #[test]
    fn scrolling_stops_at_the_top() {
        let mut watched = Watched::default();
        press(&mut watched, KeyCode::Up, KeyModifiers::NONE);
        assert_eq!(watched.scroll, 0);
        press(&mut watched, KeyCode::PageDown, KeyModifiers::NONE);
        press(&mut watched, KeyCode::Up, KeyModifiers::NONE);
        assert_eq!(watched.scroll, 9);
        press(&mut watched, KeyCode::Home, KeyModifiers::NONE);
        assert_eq!(watched.scroll, 0);
    }
}
