//! A client's end: connect, send requests, receive updates on a channel.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::time::Duration;

use interprocess::local_socket::{Stream, traits::Stream as _};

use super::frame::{LONGEST_UPDATE, Lines, send};
use super::message::{Hello, Request, Update, VERSION};
use super::{WireError, name_of};

/// How long a host may take to answer; a busy disk is waited for, a hung host is not.
const PATIENCE: Duration = Duration::from_secs(5);

/// A connection to the running host.
pub struct Client {
    requests: Requests,
    updates: Receiver<Update>,
}

/// The sending end of a connection; its clones may live on other threads.
#[derive(Clone)]
pub struct Requests {
    stream: Arc<Stream>,
}

impl Requests {
    /// Sends a request.
    ///
    /// # Errors
    /// [`WireError::Socket`] when the host is gone.
    pub fn send(&self, request: &Request) -> Result<(), WireError> {
        send(&*self.stream, request)
    }
}

impl Client {
    /// Connects to the host that listens at `path` and exchanges greetings.
    ///
    /// # Errors
    /// [`WireError::Nobody`] when none listens, [`WireError::Version`] when it is another version.
    pub fn connect(path: &Path) -> Result<Self, WireError> {
        let stream = Arc::new(Stream::connect(name_of(path)?).map_err(|_| WireError::Nobody)?);
        stream.set_send_timeout(Some(PATIENCE)).or_else(unsupported)?;
        let hello = Hello { version: VERSION, program: env!("CARGO_PKG_VERSION").into() };
        send(&*stream, &Request::Hello(hello))?;
        // A full queue makes the reader wait, and the host drops a client that does not read: both bounded.
        let (sender, updates) = sync_channel(64);
        let reading = Arc::clone(&stream);
        std::thread::Builder::new().name("wire-updates".into()).spawn(move || {
            let mut lines = Lines::new(&*reading, LONGEST_UPDATE);
            while let Ok(update) = lines.next::<Update>() {
                if sender.send(update).is_err() {
                    break;
                }
            }
        })?;
        let client = Self { requests: Requests { stream }, updates };
        match client.receive(PATIENCE)? {
            Some(Update::Hello(hello)) if hello.version == VERSION => Ok(client),
            Some(Update::Hello(hello)) => Err(WireError::Version(hello.program)),
            _ => Err(WireError::Nonsense),
        }
    }

    /// The sending end, for another thread.
    #[must_use]
    pub fn requests(&self) -> Requests {
        self.requests.clone()
    }

    /// The next update, or `None` when there is none within `patience`.
    ///
    /// # Errors
    /// [`WireError::Closed`] when the host is gone and everything it said was received.
    pub fn receive(&self, patience: Duration) -> Result<Option<Update>, WireError> {
        match self.updates.recv_timeout(patience) {
            Ok(update) => Ok(Some(update)),
            Err(RecvTimeoutError::Timeout) => Ok(None),
            Err(RecvTimeoutError::Disconnected) => Err(WireError::Closed),
        }
    }

    /// Sends a request and waits for its answer, passing over updates that are none.
    ///
    /// # Errors
    /// [`WireError::Closed`] when the host goes away, [`WireError::Unconfirmed`] when it does not answer in time.
    pub fn ask(&self, request: &Request) -> Result<Update, WireError> {
        self.requests.send(request)?;
        let wants_status = matches!(request, Request::Status);
        loop {
            match self.receive(PATIENCE)? {
                Some(update) if matches!(update, Update::Status(_)) == wants_status => return Ok(update),
                Some(_) => {}
                None => return Err(WireError::Unconfirmed),
            }
        }
    }
}

/// Named pipes know no time limits; without one a hung peer is found by [`Client::receive`] instead.
pub(super) fn unsupported(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == std::io::ErrorKind::Unsupported { Ok(()) } else { Err(error) }
}
