//! The loop of the screens beside the session's panel: draws, waits for a key or for news, until the screen is left.

use std::io;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::Duration;

use crossterm::event::{self, Event, KeyEvent, KeyEventKind};

use super::run::{Exit, FRAME, PanelError};
use super::setup::Setup;
use super::terminal::Screen;
use super::theme::{Glyphs, Theme};
use super::view::page::Page;

/// A screen that is drawn anew after each key and each piece of news.
pub trait Small {
    /// What its owner tells it.
    type News: Send + 'static;

    /// Draws it.
    fn draw(&mut self, page: &mut Page<'_>);

    /// Takes in a key; `Some` leaves the screen.
    fn press(&mut self, key: &KeyEvent) -> Option<Exit>;

    /// Takes in news; `Some` leaves the screen.
    fn hear(&mut self, news: Self::News) -> Option<Exit>;
}

enum Wake<News> {
    Key(KeyEvent),
    Resize,
    News(News),
    TerminalGone,
}

/// Shows a screen on the process's terminal until it is left; the terminal is given back as it was.
///
/// # Errors
/// When there is no usable terminal.
pub fn show<S: Small>(small: &mut S, setup: &Setup, news: Receiver<S::News>) -> Result<Exit, PanelError> {
    let mut screen = Screen::enter()?;
    let (sender, inbox) = mpsc::channel();
    listen_to_keys(sender.clone()).map_err(PanelError::Thread)?;
    pass_on(news, sender).map_err(PanelError::Thread)?;
    let (theme, glyphs) = (Theme::new(setup.theme, setup.depth), Glyphs { unicode: setup.unicode });
    loop {
        // A frame waits until the terminal has taken the last one; keys and news do not.
        let wait = match screen.is_ready() {
            Ok(true) => screen
                .draw(false, |area, buffer| small.draw(&mut Page::new(buffer, area, theme, glyphs)))
                .map(|()| Duration::MAX),
            Ok(false) => Ok(FRAME),
            Err(error) => Err(error),
        };
        let exit = match wait.map(|wait| inbox.recv_timeout(wait)) {
            Ok(Ok(Wake::Key(key))) => small.press(&key),
            Ok(Ok(Wake::News(news))) => small.hear(news),
            Ok(Ok(Wake::Resize) | Err(RecvTimeoutError::Timeout)) => None,
            Ok(Ok(Wake::TerminalGone) | Err(RecvTimeoutError::Disconnected)) | Err(_) => Some(Exit::TerminalLost),
        };
        match exit {
            Some(Exit::TerminalLost) => {
                screen.abandon();
                return Ok(Exit::TerminalLost);
            }
            Some(exit) => return Ok(exit),
            None => {}
        }
    }
}

/// Passes on what the terminal sends; it ends with the process, or when reading fails.
fn listen_to_keys<News: Send + 'static>(to: Sender<Wake<News>>) -> io::Result<()> {
    let listen = move || {
        loop {
            let wake = match event::read() {
                Ok(Event::Key(key)) if key.kind != KeyEventKind::Release => Wake::Key(key),
                Ok(Event::Resize(..)) => Wake::Resize,
                Ok(_) => continue,
                Err(_) => Wake::TerminalGone,
            };
            let over = matches!(wake, Wake::TerminalGone);
            if to.send(wake).is_err() || over {
                return;
            }
        }
    };
    thread::Builder::new().name("small-keys".to_owned()).spawn(listen).map(drop)
}

fn pass_on<News: Send + 'static>(news: Receiver<News>, to: Sender<Wake<News>>) -> io::Result<()> {
    let listen = move || news.into_iter().try_for_each(|news| to.send(Wake::News(news)).map_err(drop)).unwrap_or(());
    thread::Builder::new().name("small-news".to_owned()).spawn(listen).map(drop)
}
