//! The real terminal: entered dark, painted whole, always given back.

use std::io::{self, BufWriter, IsTerminal, Stdout, Write};
use std::panic;
use std::sync::Arc;
use std::thread::{self, ThreadId};

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::style::{Color, ResetColor, SetBackgroundColor};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, DisableLineWrap, EnableLineWrap, EndSynchronizedUpdate,
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{execute, queue};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// What the previous panic hook was, so that it can be put back.
type Hook = Arc<dyn Fn(&panic::PanicHookInfo<'_>) + Sync + Send>;

/// The alternate screen, as long as this lives.
///
/// ratatui's own `Terminal` clears on every resize, which shows as a blink; here each frame is a buffer of which only the
/// changed cells are written, and after a resize every cell is, without ever erasing.
pub struct Screen {
    backend: CrosstermBackend<BufWriter<Stdout>>,
    shown: Option<Buffer>,
    previous_hook: Option<Hook>,
    /// Whether the terminal is still there to be given back.
    alive: bool,
}

impl Screen {
    /// Takes the terminal: raw, black before anything is shown, without a cursor.
    ///
    /// # Errors
    /// When there is no terminal, or it refuses.
    pub fn enter() -> io::Result<Self> {
        if !io::stdout().is_terminal() {
            return Err(io::Error::other("standard output goes elsewhere"));
        }
        enable_raw_mode()?;
        let previous_hook = Some(hook_panics(thread::current().id()));
        let mut writer = BufWriter::with_capacity(1 << 16, io::stdout());
        let entered = execute!(
            writer,
            SetBackgroundColor(Color::Black),
            EnterAlternateScreen,
            Clear(ClearType::All),
            Hide,
            DisableLineWrap,
            EnableBracketedPaste
        );
        let screen = Self { backend: CrosstermBackend::new(writer), shown: None, previous_hook, alive: true };
        entered.map(|()| screen)
    }

    /// Draws one frame with `paint`; `whole` writes every cell, whatever is believed to be there.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, whole: bool, paint: impl FnOnce(Rect, &mut Buffer)) -> io::Result<()> {
        let size = self.backend.size()?;
        let area = Rect::new(0, 0, size.width, size.height);
        let mut next = Buffer::empty(area);
        paint(area, &mut next);
        let before = self.shown.take().filter(|shown| !whole && shown.area == area);
        queue!(self.backend, BeginSynchronizedUpdate)?;
        match &before {
            Some(shown) => self.backend.draw(shown.diff(&next).into_iter())?,
            None => self.backend.draw(every_cell(&next))?,
        }
        queue!(self.backend, EndSynchronizedUpdate)?;
        self.shown = Some(next);
        Backend::flush(&mut self.backend)
    }

    /// The terminal is gone: touch it no more.
    pub fn abandon(mut self) {
        self.alive = false;
    }
}

/// All cells, but those hidden behind a wide character to their left.
fn every_cell(buffer: &Buffer) -> impl Iterator<Item = (u16, u16, &ratatui::buffer::Cell)> {
    let blank = Buffer::filled(buffer.area, ratatui::buffer::Cell::new("\u{fffd}"));
    blank.diff(buffer).into_iter()
}

impl Drop for Screen {
    fn drop(&mut self) {
        if self.alive {
            give_back();
        }
        if let (Some(hook), false) = (self.previous_hook.take(), thread::panicking()) {
            panic::set_hook(Box::new(move |info| hook(info)));
        }
    }
}

/// Puts the terminal back as it was found. What was drawn is blackened first and never reaches the scrollback.
fn give_back() {
    let mut out = io::stdout();
    // Nothing can be done about a terminal that does not take this.
    let _ = queue!(
        out,
        EndSynchronizedUpdate,
        SetBackgroundColor(Color::Black),
        Clear(ClearType::All),
        ResetColor,
        DisableBracketedPaste,
        EnableLineWrap,
        LeaveAlternateScreen,
        Show
    );
    let _ = out.flush();
    let _ = disable_raw_mode();
}

/// A panic of the panel's own thread gives the terminal back before it is reported; a panic elsewhere must not, because
/// the panel plays on: it is only logged.
fn hook_panics(panel: ThreadId) -> Hook {
    let previous: Hook = Arc::from(panic::take_hook());
    let inner = Arc::clone(&previous);
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == panel {
            give_back();
            inner(info);
        } else {
            tracing::error!("a helper thread of the panel failed: {info}");
        }
    }));
    previous
}
