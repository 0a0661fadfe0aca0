//! The loop: waits for a key, for news from the host or for the next second; updates; draws.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread;
use std::time::{Duration, Instant};

use crossterm::event::{self, Event};

use super::link::{Link, LinkEvent, Order};
use super::message::{Command, Message};
use super::model::Model;
use super::setup::Setup;
use super::terminal::Screen;
use super::update::update;
use super::view::view;

/// How often the whole screen is painted again, whatever is believed to be on it: another program may have written there.
const REPAINT: Duration = Duration::from_secs(10);
/// Frames come no faster than this, however many resizes or updates arrive; a key is still seen within 50 ms.
pub const FRAME: Duration = Duration::from_millis(30);
/// How often the keyboard thread looks whether the panel has been left.
const LOOK_UP: Duration = Duration::from_millis(250);

/// How the panel was left.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// No session is running; the host was told to leave.
    Quit,
    /// The session goes on without a panel.
    Detached,
    /// The terminal is gone, or stands still and would keep whoever says a word to it; the session goes on.
    TerminalLost,
    /// [`LinkEvent::Terminate`] asked for it.
    Terminated,
}

/// Why the panel could not be shown.
#[derive(Debug, thiserror::Error)]
pub enum PanelError {
    /// There is no terminal, or it refused raw mode.
    #[error("this is not a terminal that the panel can use ({0}); open one, or run with --headless")]
    Terminal(#[source] io::Error),
    /// One of its threads could not be started.
    #[error("the machine has no room for another thread ({0}); close other programs and try again")]
    Thread(#[source] io::Error),
}

/// Shows the panel on the process's terminal until it is left.
///
/// Call it on the main thread. It installs no signal handler: send [`LinkEvent::Hangup`], [`LinkEvent::Terminate`] and
/// [`LinkEvent::Repaint`] from the one that the process has. After [`Exit::TerminalLost`] end the process soon: threads
/// may be stuck reading from a terminal that is gone, or writing to one that stands still.
///
/// # Errors
/// When there is no usable terminal. What happens later (a lost terminal, a lost host) is not an error but an [`Exit`]
/// or a screen.
pub fn run(link: Link, setup: Setup) -> Result<Exit, PanelError> {
    let began = Instant::now();
    let mut screen = Screen::enter()?;
    let (sender, inbox) = mpsc::channel();
    let left = Arc::new(AtomicBool::new(false));
    listen_to_keys(sender.clone(), Arc::clone(&left), began).map_err(PanelError::Thread)?;
    listen_to_link(link.events, sender, began).map_err(PanelError::Thread)?;
    let mut model = Model::new(setup);
    let exit = drive(&mut model, &mut screen, &inbox, &link.orders, began);
    left.store(true, Ordering::Relaxed);
    if exit == Exit::TerminalLost {
        screen.abandon();
    } else if !screen.leave() && exit == Exit::Detached {
        // Nobody reads a last word there, and it would wait to be written.
        return Ok(Exit::TerminalLost);
    }
    Ok(exit)
}

/// Runs the loop until the panel is left.
fn drive(
    model: &mut Model,
    screen: &mut Screen,
    inbox: &Receiver<Message>,
    orders: &Sender<Order>,
    began: Instant,
) -> Exit {
    let mut painted_whole: Option<Instant> = None;
    let mut next_frame = began;
    loop {
        let Ok(mut wait) = show(model, screen, &mut painted_whole) else { return Exit::TerminalLost };
        next_frame = next_frame.max(Instant::now()) + FRAME;
        // Take in all that is there until the next frame is due; only then draw once.
        loop {
            let message = match inbox.recv_timeout(wait) {
                Ok(message) => message,
                Err(RecvTimeoutError::Timeout) => Message::Tick { at: began.elapsed() },
                Err(RecvTimeoutError::Disconnected) => return Exit::TerminalLost,
            };
            let ticked = matches!(message, Message::Tick { .. });
            for command in update(model, message) {
                match command {
                    // A host that is gone is told by its own event, and shown.
                    Command::Order(order) => drop(orders.send(order)),
                    Command::Exit(exit) => return exit,
                }
            }
            wait = next_frame.saturating_duration_since(Instant::now());
            if ticked || wait.is_zero() {
                break;
            }
        }
    }
}

/// Draws, unless the terminal has yet to take the last frame; how long until there is something to draw.
fn show(model: &mut Model, screen: &mut Screen, painted_whole: &mut Option<Instant>) -> io::Result<Duration> {
    if !screen.is_ready()? {
        return Ok(FRAME);
    }
    let whole = model.take_repaint() || painted_whole.is_none_or(|at| at.elapsed() >= REPAINT);
    screen.draw(whole, |area, buffer| view(model, area, buffer))?;
    if whole {
        *painted_whole = Some(Instant::now());
    }
    Ok(model.until_change())
}

/// Passes on what the terminal sends. It ends by itself when reading fails or the panel was left.
fn listen_to_keys(to: Sender<Message>, left: Arc<AtomicBool>, began: Instant) -> io::Result<()> {
    let listen = move || {
        while !left.load(Ordering::Relaxed) {
            let message = match event::poll(LOOK_UP) {
                Ok(false) => continue,
                Ok(true) => event::read().map(|event| heard(event, began.elapsed())),
                Err(error) => Err(error),
            };
            let sent = match message {
                Ok(Some(message)) => to.send(message),
                Ok(None) => continue,
                Err(_) => {
                    drop(to.send(Message::Link { event: LinkEvent::Hangup, at: began.elapsed() }));
                    return;
                }
            };
            if sent.is_err() {
                return;
            }
        }
    };
    thread::Builder::new().name("panel-keys".to_owned()).spawn(listen).map(drop)
}

/// A terminal event as a message; the mouse, focus and pasted text mean nothing here.
fn heard(event: Event, at: Duration) -> Option<Message> {
    match event {
        Event::Key(key) => Some(Message::Key { key, at }),
        Event::Resize(..) => Some(Message::Resize),
        _ => None,
    }
}

/// Passes on what the panel's owner sends.
fn listen_to_link(events: Receiver<LinkEvent>, to: Sender<Message>, began: Instant) -> io::Result<()> {
    let listen = move || {
        for event in events {
            if to.send(Message::Link { event, at: began.elapsed() }).is_err() {
                return;
            }
        }
        // Whoever connected the panel is gone, and with it all knowledge of the host.
        drop(to.send(Message::Link { event: LinkEvent::Lost { why: None }, at: began.elapsed() }));
    };
    thread::Builder::new().name("panel-link".to_owned()).spawn(listen).map(drop)
}
