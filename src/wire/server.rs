//! The host's end: accepts clients of the same user and passes their requests on, one queue for all.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use interprocess::local_socket::{
    Listener, ListenerOptions, Stream,
    traits::{Listener as _, Stream as _},
};

use super::client::unsupported;
use super::frame::{LONGEST_REQUEST, Lines, line};
use super::message::{Hello, Request, Update, VERSION};
use super::{WireError, name_of};

/// Clients at once: a panel, a `ctl watch`, and room for scripts; more are turned away.
const MOST_CLIENTS: usize = 16;
/// Updates that wait for a slow client before it is dropped.
const PATIENT_UPDATES: usize = 64;
/// Requests of one client in a second before it is made to wait: far above hands, far below a flood.
const REQUESTS_PER_SECOND: u32 = 40;

/// One connected client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ClientId(u64);

/// What a client does.
#[derive(Debug)]
pub enum Call {
    /// Asks.
    Request(ClientId, Request),
    /// Went away.
    Gone(ClientId),
}

type Clients = Arc<Mutex<BTreeMap<ClientId, SyncSender<Vec<u8>>>>>;

/// Listens for clients on threads of its own; dropped with the process.
pub struct Server {
    clients: Clients,
}

impl Server {
    /// Listens at `path`, whose directory must be private, and hands every call to `heard`. `owner` is the only user whose
    /// clients are let in, where the system can tell. Call this only while holding the host's lock: a socket left there by
    /// a dead host is replaced.
    ///
    /// # Errors
    /// [`WireError::Socket`] when the socket cannot be made.
    pub fn listen(
        path: &Path,
        owner: Option<u32>,
        heard: impl Fn(Call) + Send + Sync + 'static,
    ) -> Result<Self, WireError> {
        let listener = ListenerOptions::new().name(name_of(path)?).try_overwrite(true).create_sync()?;
        let clients = Clients::default();
        let accepting = Arc::clone(&clients);
        let heard = Arc::new(heard);
        std::thread::Builder::new()
            .name("wire-accept".into())
            .spawn(move || accept(&listener, owner, &accepting, &heard))?;
        Ok(Self { clients })
    }

    /// Sends to one client; a client that does not read is dropped.
    pub fn send(&self, to: ClientId, update: &Update) {
        let Ok(line) = line(update) else { return };
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(client) = clients.get(&to) else { return };
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = client.try_send(line) {
            clients.remove(&to);
        }
    }
}

/// Lets clients in, for ever; a failed accept is retried, never fatal.
fn accept<F: Fn(Call) + Send + Sync + 'static>(
    listener: &Listener,
    owner: Option<u32>,
    clients: &Clients,
    heard: &Arc<F>,
) {
    static NEXT: AtomicU64 = AtomicU64::new(1);
    loop {
        let Ok(stream) = listener.accept() else {
            std::thread::sleep(Duration::from_millis(100));
            continue;
        };
        if !is_owner(&stream, owner) {
            continue;
        }
        let id = ClientId(NEXT.fetch_add(1, Ordering::Relaxed));
        let (sender, lines) = sync_channel(PATIENT_UPDATES);
        {
            let mut clients = clients.lock().unwrap_or_else(PoisonError::into_inner);
            if clients.len() >= MOST_CLIENTS {
                continue;
            }
            clients.insert(id, sender.clone());
        }
        let stream = Arc::new(stream);
        let (writing, reading) = (Arc::clone(&stream), stream);
        let (clients, heard) = (Arc::clone(clients), Arc::clone(heard));
        // A thread that cannot be started is a client that is not served; the sound is not its business.
        let _ = std::thread::Builder::new().name("wire-write".into()).spawn(move || write(&writing, &lines));
        let _ = std::thread::Builder::new().name("wire-read".into()).spawn(move || {
            serve(id, &reading, &sender, heard.as_ref());
            clients.lock().unwrap_or_else(PoisonError::into_inner).remove(&id);
            heard(Call::Gone(id));
        });
    }
}

/// Whether the peer is the owner, as far as the system tells.
fn is_owner(stream: &Stream, owner: Option<u32>) -> bool {
    #[cfg(unix)]
    {
        use interprocess::local_socket::traits::StreamCommon as _;
        let peer = stream.peer_creds().ok().and_then(|creds| creds.euid());
        owner.is_none() || peer.is_none() || peer == owner
    }
    #[cfg(not(unix))]
    {
        let _ = (stream, owner);
        true
    }
}

/// Writes what is queued until the queue or the client is gone.
fn write(stream: &Stream, lines: &Receiver<Vec<u8>>) {
    use std::io::Write as _;
    if stream.set_send_timeout(Some(Duration::from_secs(2))).or_else(unsupported).is_err() {
        return;
    }
    while let Ok(line) = lines.recv() {
        let mut stream = stream;
        if stream.write_all(&line).is_err() {
            break;
        }
    }
}

/// Reads requests until the client is gone or speaks nonsense; the greeting comes first.
fn serve(id: ClientId, stream: &Stream, answers: &SyncSender<Vec<u8>>, heard: &dyn Fn(Call)) {
    let mut lines = Lines::new(stream, LONGEST_REQUEST);
    let Ok(Request::Hello(hello)) = lines.next() else { return };
    let ours = Hello { version: VERSION, program: env!("CARGO_PKG_VERSION").into() };
    let Ok(greeting) = line(&Update::Hello(ours)) else { return };
    if answers.send(greeting).is_err() || hello.version != VERSION {
        return;
    }
    let mut rate = Rate::new();
    while let Ok(request) = lines.next() {
        rate.wait();
        heard(Call::Request(id, request));
    }
}

/// Makes a flooding client wait, so that it costs nobody else anything.
struct Rate {
    second: Instant,
    requests: u32,
}

impl Rate {
    fn new() -> Self {
        Self { second: Instant::now(), requests: 0 }
    }

    fn wait(&mut self) {
        self.requests += 1;
        let passed = self.second.elapsed();
        if passed >= Duration::from_secs(1) {
            *self = Self { second: Instant::now(), requests: 1 };
        } else if self.requests > REQUESTS_PER_SECOND {
            std::thread::sleep(Duration::from_secs(1) - passed);
        }
    }
}
