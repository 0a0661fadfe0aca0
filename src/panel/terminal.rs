//! The real terminal: entered dark, painted whole, always given back. Nothing here waits for it longer than a moment.

use std::io::{self, IsTerminal};
use std::panic;
use std::sync::Arc;
use std::thread::{self, ThreadId};
use std::time::Duration;

use crossterm::cursor::{Hide, Show};
use crossterm::event::{DisableBracketedPaste, EnableBracketedPaste};
use crossterm::style::{Color, ResetColor, SetBackgroundColor};
use crossterm::terminal::{
    BeginSynchronizedUpdate, Clear, ClearType, DisableLineWrap, EnableLineWrap, EndSynchronizedUpdate,
    EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode, enable_raw_mode,
};
use crossterm::{queue, terminal};
use ratatui::backend::{Backend, CrosstermBackend};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

use super::run::PanelError;
use super::writer::{UnderWay, Writer};

/// How long giving the terminal back may take; one that stands still must not keep the process from ending.
const FAREWELL: Duration = Duration::from_millis(500);

/// What the previous panic hook was, so that it can be put back.
type Hook = Arc<dyn Fn(&panic::PanicHookInfo<'_>) + Sync + Send>;

/// The alternate screen, as long as this lives.
///
/// ratatui's own `Terminal` clears on every resize, which shows as a blink; here each frame is a buffer of which only the
/// changed cells are written, and after a resize every cell is, without ever erasing.
pub struct Screen {
    writer: Writer,
    /// The last frame, until the terminal has taken it.
    under_way: Option<UnderWay>,
    /// The last frame, which the next one is compared with: none may be lost on its way.
    shown: Option<Buffer>,
    previous_hook: Option<Hook>,
    /// Whether the terminal is still there to be given back.
    alive: bool,
}

impl Screen {
    /// Takes the terminal: raw, black before anything is shown, without a cursor.
    ///
    /// # Errors
    /// When there is no terminal, or it refuses; when no thread can be started.
    pub fn enter() -> Result<Self, PanelError> {
        if !io::stdout().is_terminal() {
            return Err(PanelError::Terminal(io::Error::other("standard output goes elsewhere")));
        }
        let writer = Writer::start(io::stdout()).map_err(PanelError::Thread)?;
        enable_raw_mode().map_err(PanelError::Terminal)?;
        let previous_hook = Some(hook_panics(thread::current().id(), writer.clone()));
        let screen = Self { writer, under_way: None, shown: None, previous_hook, alive: true };
        let mut bytes = Vec::new();
        queue!(
            bytes,
            SetBackgroundColor(Color::Black),
            EnterAlternateScreen,
            Clear(ClearType::All),
            Hide,
            DisableLineWrap,
            EnableBracketedPaste
        )
        .map_err(PanelError::Terminal)?;
        // The first frame goes right behind it, and tells whether the terminal takes anything.
        drop(screen.writer.hand(bytes));
        Ok(screen)
    }

    /// Whether the terminal has taken the last frame, so that it is time to draw another.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn is_ready(&mut self) -> io::Result<bool> {
        if let Some(frame) = &self.under_way {
            if !frame.is_taken(Duration::ZERO)? {
                return Ok(false);
            }
            self.under_way = None;
        }
        Ok(true)
    }

    /// Draws one frame with `paint`; `whole` writes every cell, whatever is believed to be there.
    ///
    /// # Errors
    /// When the terminal is gone.
    pub fn draw(&mut self, whole: bool, paint: impl FnOnce(Rect, &mut Buffer)) -> io::Result<()> {
        let (width, height) = terminal::size()?;
        let area = Rect::new(0, 0, width, height);
        let mut next = Buffer::empty(area);
        paint(area, &mut next);
        let before = self.shown.take().filter(|shown| !whole && shown.area == area);
        let mut bytes = Vec::new();
        queue!(bytes, BeginSynchronizedUpdate)?;
        let mut backend = CrosstermBackend::new(&mut bytes);
        match &before {
            Some(shown) => backend.draw(shown.diff(&next).into_iter())?,
            None => backend.draw(every_cell(&next))?,
        }
        queue!(bytes, EndSynchronizedUpdate)?;
        self.shown = Some(next);
        self.under_way = Some(self.writer.hand(bytes));
        Ok(())
    }

    /// Gives the terminal back; whether it took that. One that did not must not be written to: that could wait for ever.
    pub fn leave(mut self) -> bool {
        self.alive = false;
        give_back(&self.writer)
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
            give_back(&self.writer);
        }
        if let (Some(hook), false) = (self.previous_hook.take(), thread::panicking()) {
            panic::set_hook(Box::new(move |info| hook(info)));
        }
    }
}

/// Puts the terminal back as it was found; whether it took all of that. What was drawn is blackened first and never reaches
/// the scrollback.
fn give_back(writer: &Writer) -> bool {
    let mut bytes = Vec::new();
    // Nothing can be done about a terminal that does not take this.
    let _ = queue!(
        bytes,
        EndSynchronizedUpdate,
        SetBackgroundColor(Color::Black),
        Clear(ClearType::All),
        ResetColor,
        DisableBracketedPaste,
        EnableLineWrap,
        LeaveAlternateScreen,
        Show
    );
    let taken = writer.hand(bytes).is_taken(FAREWELL);
    let _ = disable_raw_mode();
    matches!(taken, Ok(true))
}

/// A panic of the panel's own thread gives the terminal back before it is reported; a panic elsewhere must not, because
/// the panel plays on: it is only logged.
fn hook_panics(panel: ThreadId, writer: Writer) -> Hook {
    let previous: Hook = Arc::from(panic::take_hook());
    let inner = Arc::clone(&previous);
    panic::set_hook(Box::new(move |info| {
        if thread::current().id() == panel {
            give_back(&writer);
            inner(info);
        } else {
            tracing::error!("a helper thread of the panel failed: {info}");
        }
    }));
    previous
}
