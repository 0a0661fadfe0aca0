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
/// How long a client may take to greet.
const GREETING: Duration = Duration::from_secs(5);
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

/// The way to a client.
struct Peer {
    lines: SyncSender<Vec<u8>>,
    stream: Arc<Stream>,
}

type Clients = Arc<Mutex<BTreeMap<ClientId, Peer>>>;

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
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = client.lines.try_send(line)
            && let Some(client) = clients.remove(&to)
        {
            hang_up(&client.stream);
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
        let stream = Arc::new(stream);
        {
            let mut clients = clients.lock().unwrap_or_else(PoisonError::into_inner);
            if clients.len() >= MOST_CLIENTS {
                continue;
            }
            clients.insert(id, Peer { lines: sender.clone(), stream: Arc::clone(&stream) });
        }
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
            return hang_up(stream);
        }
    }
}

/// Ends a connection under whoever is still reading or writing it.
fn hang_up(stream: &Stream) {
    #[cfg(unix)]
    {
        use std::os::fd::AsFd as _;
        let Stream::UdSocket(socket) = stream;
        if let Ok(same) = socket.as_fd().try_clone_to_owned() {
            // It may be gone already.
            let _ = std::os::unix::net::UnixStream::from(same).shutdown(std::net::Shutdown::Both);
        }
    }
    #[cfg(not(unix))]
    let _ = stream;
}

/// Reads requests until the client is gone or speaks nonsense; the greeting comes first.
fn serve(id: ClientId, stream: &Stream, answers: &SyncSender<Vec<u8>>, heard: &dyn Fn(Call)) {
    let mut lines = Lines::new(stream, LONGEST_REQUEST);
    // Who connects and says nothing would keep a place from the panel.
    let greeted = stream.set_recv_timeout(Some(GREETING)).or_else(unsupported).is_ok();
    let Ok(Request::Hello(hello)) = lines.next() else { return };
    if !greeted || stream.set_recv_timeout(None).or_else(unsupported).is_err() {
        return;
    }
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

#[cfg(all(test, unix))]
mod tests {
    use std::io::{Read as _, Write as _};
    use std::os::unix::net::UnixStream;
    use std::sync::mpsc::channel;

    use super::*;
    use crate::session::{Source, Verb};
    use crate::wire::Client;

    #[test]
    fn who_does_not_read_is_hung_up_on() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ctl");
        let (tell, told) = channel();
        let server = Server::listen(&path, None, move |call| drop(tell.send(call))).expect("a socket");
        let mut client = UnixStream::connect(&path).expect("a connection");
        let hello =
            format!("{{\"request\":\"hello\",\"version\":{VERSION},\"program\":\"x\"}}\n{{\"request\":\"status\"}}\n");
        client.write_all(hello.as_bytes()).expect("sent");
        let Ok(Call::Request(id, Request::Status)) = told.recv() else { panic!("no request") };
        for _ in 0..1_000_000 {
            server.send(id, &Update::Done);
            if !server.clients.lock().expect("whole").contains_key(&id) {
                break;
            }
        }
        client.set_read_timeout(Some(Duration::from_secs(20))).expect("set");
        let mut rest = Vec::new();
        client.read_to_end(&mut rest).expect("its end");
        assert!(matches!(told.recv(), Ok(Call::Gone(gone)) if gone == id));
    }

    #[test]
    fn what_nobody_answers_is_neither_done_nor_refused() {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path().join("ctl");
        let (tell, told) = channel();
        let _server = Server::listen(&path, None, move |call| drop(tell.send(call))).expect("a socket");
        let client = Client::connect(&path).expect("a connection");
        let request = Request::Verb { verb: Verb::Mute, source: Source::Ctl };
        assert!(matches!(client.ask(&request), Err(WireError::Unconfirmed)));
        assert!(matches!(told.recv(), Ok(Call::Request(_, heard)) if heard == request), "it may yet be done");
    }
}
