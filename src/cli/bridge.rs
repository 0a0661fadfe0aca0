//! Between a panel and its host: starts the host, passes requests and updates on, brings a dead host back.

use std::collections::VecDeque;
use std::ffi::OsString;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::sync::mpsc::{Receiver, RecvError, Sender, TryRecvError, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::args::{PlayArgs, PlaylistArgs};
use super::failure::Failure;
use super::{cards, play, preflight, settings};
use crate::host::live::this_boot;
use crate::panel::{Choices, LinkEvent, Order, PinAnswer, TypedPin};
use crate::platform::{self, Paths, Pin, Verdict};
use crate::record::{self, BrokenOff, Comeback, Past, WallTime};
use crate::session::{Source, Transport, Verb};
use crate::units::{SafeText, Span};
use crate::wire::{Client, Request, Requests, Status, Update};

/// How long a host may take from its start to its first answer: it reads the playlist and opens no device before that.
const STARTING: Duration = Duration::from_secs(20);
/// So many ends of the session process within this time, and it is brought back with nothing but the safe bed.
const CRASHES: usize = 3;
const CRASHES_WITHIN: Duration = Duration::from_secs(60);
/// A session that began longer ago is not the one whose host died at its very start.
const JUST_BEGUN: Span = Span::from_mins(2);

/// A host to be started.
pub(super) struct Opening {
    /// Its command line.
    pub(super) host: Vec<OsString>,
    /// Whether the session begins at once.
    pub(super) starts: bool,
    /// The code of a session that broke off and goes on.
    pub(super) resume: Option<SafeText>,
    /// What the preflight list is about; `None` goes without one.
    pub(super) preflight: Option<PlaylistArgs>,
}

/// The threads behind a panel.
pub(super) struct Bridge {
    requests: Outgoing,
    paths: Paths,
}

/// The way to the host, while there is one.
type Outgoing = Arc<Mutex<Option<Requests>>>;

impl Bridge {
    /// Starts the threads: one for the panel's orders, one for the host's updates.
    pub(super) fn open(
        paths: Paths,
        opening: Option<Opening>,
        attach: bool,
        orders: Receiver<Order>,
        events: Sender<LinkEvent>,
    ) -> Result<Self, Failure> {
        let requests = Outgoing::default();
        let (ask, asked) = channel();
        let (outgoing, settings_of, said) = (Arc::clone(&requests), paths.clone(), events.clone());
        let thread = |name: &str, work: Box<dyn FnOnce() + Send>| {
            let spawned = std::thread::Builder::new().name(name.into()).spawn(work);
            spawned.map(drop).map_err(|error| Failure::could_not(format!("the system refused a thread: {error}")))
        };
        thread("orders", Box::new(move || pass_orders(&orders, &outgoing, &ask, &settings_of, &said)))?;
        let keeper =
            Keeper { paths: paths.clone(), requests: Arc::clone(&requests), events, asked, looks: Arc::default() };
        thread("updates", Box::new(move || keeper.run(opening, attach)))?;
        Ok(Self { requests, paths })
    }

    /// Asks the host to go, and waits until it is gone.
    pub(super) fn leave(self, patience: Duration) {
        send(&self.requests, &Request::Leave);
        let since = Instant::now();
        while since.elapsed() < patience && Client::connect(&self.paths.socket()).is_ok() {
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// What the panel asks of the bridge itself.
enum Ask {
    Open(usize, Choices),
    Choose(usize, Choices),
    CheckAgain,
    NextClient,
}

fn pass_orders(
    orders: &Receiver<Order>,
    requests: &Outgoing,
    ask: &Sender<Ask>,
    paths: &Paths,
    events: &Sender<LinkEvent>,
) {
    for order in orders {
        let asked = match order {
            Order::Send(request) => {
                send(requests, &request);
                continue;
            }
            Order::Open { id, choices } => Ask::Open(id, choices),
            Order::Choose { id, choices } => Ask::Choose(id, choices),
            Order::TryPin(pin) => {
                try_pin(super::kiosk::pin(paths), pin, events.clone());
                continue;
            }
            Order::CheckAgain => Ask::CheckAgain,
            Order::NextClient => Ask::NextClient,
            Order::Bound { .. } | Order::Theme(_) => {
                if let Err(why) = settings::keep(paths, &order)
                    && events.send(LinkEvent::Said(SafeText::new(&why))).is_err()
                {
                    return;
                }
                continue;
            }
        };
        if ask.send(asked).is_err() {
            return;
        }
    }
}

/// Hashing takes its time on purpose; a mute must not wait behind it, so it has a thread of its own.
fn try_pin(pin: Pin, typed: TypedPin, events: Sender<LinkEvent>) {
    let verify = move || {
        let answer = match pin.verify(&typed.0) {
            Verdict::Right => PinAnswer::Right,
            Verdict::Wrong { left } => PinAnswer::Wrong { left },
            Verdict::Wait { left } => PinAnswer::Wait { left },
            Verdict::Missing => PinAnswer::Missing,
        };
        // A panel that is gone needs no answer.
        let _ = events.send(LinkEvent::Pin(answer));
    };
    // Without a thread there is no answer; the PIN can be typed again.
    let _ = std::thread::Builder::new().name("pin".into()).spawn(verify);
}

/// A request to a host that is gone is dropped: the panel sees that no answer comes.
fn send(requests: &Outgoing, request: &Request) {
    let requests = requests.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(requests) = requests.as_ref() {
        let _ = requests.send(request);
    }
}

/// Keeps the host alive and the panel informed.
struct Keeper {
    paths: Paths,
    requests: Outgoing,
    events: Sender<LinkEvent>,
    asked: Receiver<Ask>,
    /// How many preflight lists were begun or given up: only the latest is told.
    looks: Arc<AtomicUsize>,
}

/// The panel is gone; so is the bridge.
struct PanelGone;

/// The last that was heard of a host.
enum Last {
    Nothing,
    Status(Box<Status>),
    /// The panel had asked it to go.
    SentAway,
}

impl Keeper {
    fn run(self, opening: Option<Opening>, attach: bool) {
        let mut next = opening;
        let mut attach = attach;
        loop {
            if next.is_some() || attach {
                attach = false;
                if self.session(next.take()).is_err() {
                    return;
                }
            }
            match self.offer() {
                Ok(opening) => next = Some(opening),
                Err(PanelGone) => return,
            }
        }
    }

    /// Offers the playlists until one is opened: their names at once, all else as it becomes known.
    fn offer(&self) -> Result<Opening, PanelGone> {
        self.forget_looks();
        let files = cards::files(&self.paths);
        self.tell(LinkEvent::Playlists(cards::sketches(&self.paths)))?;
        let all = || (0..files.len()).map(|id| (id, Choices::default())).collect::<VecDeque<_>>();
        let mut unseen = all();
        loop {
            match self.asked(unseen.is_empty())? {
                Some(Ask::Choose(id, choices)) => {
                    unseen.retain(|(other, _)| *other != id);
                    unseen.push_front((id, choices));
                }
                Some(Ask::Open(id, choices)) => {
                    if let Some(file) = files.get(id) {
                        return Ok(opening(file, &choices));
                    }
                }
                // The panel knows nothing of any of them any more.
                Some(Ask::NextClient) => unseen = all(),
                Some(Ask::CheckAgain) => {}
                None => {
                    let Some((id, choices)) = unseen.pop_front() else { continue };
                    if let Some(file) = files.get(id) {
                        let card = cards::card(&self.paths, id, file, choices);
                        self.tell(LinkEvent::Playlist(Box::new(card)))?;
                    }
                }
            }
        }
    }

    /// What the panel asks next; waits for it, or gives `None` when it asks nothing now.
    fn asked(&self, wait: bool) -> Result<Option<Ask>, PanelGone> {
        if wait {
            return self.asked.recv().map(Some).map_err(|RecvError| PanelGone);
        }
        match self.asked.try_recv() {
            Ok(ask) => Ok(Some(ask)),
            Err(TryRecvError::Empty) => Ok(None),
            Err(TryRecvError::Disconnected) => Err(PanelGone),
        }
    }

    /// What is being looked at for an earlier list is not told any more; gives the number of the next.
    fn forget_looks(&self) -> usize {
        self.looks.fetch_add(1, Relaxed) + 1
    }

    /// Fills the preflight list, on a thread of its own: the host starts meanwhile, and no update waits for it.
    fn look_at(&self, playlist: &PlaylistArgs) {
        let (paths, playlist, events) = (self.paths.clone(), playlist.clone(), self.events.clone());
        let (looks, this) = (Arc::clone(&self.looks), self.forget_looks());
        let tell = move |items| looks.load(Relaxed) == this && events.send(LinkEvent::Preflight(items)).is_ok();
        let look = move || preflight::look(&paths, &playlist, tell);
        // Without a thread the list stays empty, and an empty list is not passed by one key.
        let _ = std::thread::Builder::new().name("preflight".into()).spawn(look);
    }

    fn tell(&self, event: LinkEvent) -> Result<(), PanelGone> {
        self.events.send(event).map_err(|_| PanelGone)
    }

    /// One session, from its host's start until it is over; a host that dies is brought back.
    fn session(&self, opening: Option<Opening>) -> Result<(), PanelGone> {
        let mut starts = opening.as_ref().is_some_and(|opening| opening.starts);
        let mut resume = opening.as_ref().and_then(|opening| opening.resume.clone());
        // Whoever opened it has agreed that it goes on.
        let mut agreed = resume.is_some();
        let preflight = opening.as_ref().and_then(|opening| opening.preflight.clone());
        if let Some(playlist) = &preflight {
            self.look_at(playlist);
        }
        let mut host = opening.map(|opening| opening.host);
        let mut crashes = Crashes::default();
        loop {
            let comeback = Comes { agreed, safe: crashes.are_too_many() };
            let client = match self.connect(host.as_deref(), resume.as_ref(), comeback) {
                Ok(client) => client,
                Err(why) => {
                    crashes.note();
                    self.tell(LinkEvent::Lost { why: Some(SafeText::new(&why)) })?;
                    std::thread::sleep(Duration::from_secs(1));
                    if let Some(Ask::NextClient) = self.asked(false)? {
                        return Ok(());
                    }
                    continue;
                }
            };
            *self.requests.lock().unwrap_or_else(PoisonError::into_inner) = Some(client.requests());
            let asked = std::mem::take(&mut starts);
            if asked {
                send(&self.requests, &Request::Verb { verb: Verb::Start, source: Source::Key });
            }
            self.tell(LinkEvent::Connected)?;
            let last = self.forward(&client, preflight.as_ref())?;
            *self.requests.lock().unwrap_or_else(PoisonError::into_inner) = None;
            match last {
                Last::Status(status) if status.session.transport == Transport::Ended => return Ok(()),
                Last::Status(status) if self.has_ended(&status.code) => return self.left_at_its_end(*status),
                // Died before the session began: the same host again. One that nobody here started is gone for good.
                Last::Status(status) if status.session.transport == Transport::Ready => {
                    if host.is_none() {
                        return Ok(());
                    }
                    if asked {
                        (resume, starts) = self.begun_or_to_begin();
                    }
                }
                // It plays before its start is on the disk: one that dies in between begins anew.
                Last::Status(status) if !self.is_recorded(&status.code) => {
                    host = host.or_else(|| resumed_host(&self.paths, &status.code));
                    (resume, starts) = (None, true);
                }
                Last::Status(status) => (resume, agreed) = (Some(status.code), false),
                Last::SentAway => return Ok(()),
                Last::Nothing if asked => (resume, starts) = self.begun_or_to_begin(),
                Last::Nothing => {}
            }
            crashes.note();
            self.tell(LinkEvent::Lost { why: None })?;
        }
    }

    fn has_ended(&self, code: &SafeText) -> bool {
        record::read(&record::journal_path(&self.paths.sessions(), code.as_str())).is_ok_and(|story| story.ended())
    }

    /// A host that nobody waits for leaves as soon as its session is over, perhaps before it could say so.
    fn left_at_its_end(&self, mut status: Status) -> Result<(), PanelGone> {
        let code = status.code.clone();
        status.session.transport = Transport::Ended;
        self.tell(LinkEvent::Update(Box::new(Update::Status(Box::new(status)))))?;
        self.report(&code)
    }

    /// The host died before it could say that the session begins: if it had begun it goes on, otherwise it begins now.
    fn begun_or_to_begin(&self) -> (Option<SafeText>, bool) {
        let begun = self.just_begun();
        let to_begin = begun.is_none();
        (begun, to_begin)
    }

    /// The code of the session that began a moment ago and has not ended.
    fn just_begun(&self) -> Option<SafeText> {
        let begun_and_open = |past: &Past| past.title.is_some() && !past.ended;
        let just_begun = |past: &Past| {
            let manifest = record::Manifest::read(&self.paths.sessions(), &past.code);
            let elapsed = |manifest: record::Manifest| manifest.elapsed(this_boot().as_ref(), WallTime::now());
            manifest.is_ok_and(|manifest| elapsed(manifest).now.since_start() <= JUST_BEGUN)
        };
        let sessions = record::sessions(&self.paths.sessions()).ok()?;
        let found = sessions.iter().find(|past| begun_and_open(past) && just_begun(past))?;
        Some(SafeText::new(&found.code))
    }

    /// Passes updates on until the host is gone; gives the last that was heard of it.
    fn forward(&self, client: &Client, preflight: Option<&PlaylistArgs>) -> Result<Last, PanelGone> {
        let mut last: Option<Status> = None;
        let mut sent_away = false;
        loop {
            match client.receive(Duration::from_millis(200)) {
                Ok(Some(update)) => {
                    let mut ended = None;
                    if let Update::Status(status) = &update {
                        let had_ended = last.as_ref().is_some_and(|last| last.session.transport == Transport::Ended);
                        last = Some((**status).clone());
                        ended =
                            (status.session.transport == Transport::Ended && !had_ended).then(|| status.code.clone());
                    }
                    self.tell(LinkEvent::Update(Box::new(update)))?;
                    // Behind the session that it is of.
                    ended.map_or(Ok(()), |code| self.report(&code))?;
                }
                Ok(None) => {}
                Err(_) if sent_away => return Ok(Last::SentAway),
                Err(_) => return Ok(last.map_or(Last::Nothing, |status| Last::Status(Box::new(status)))),
            }
            match (self.asked(false)?, preflight) {
                (Some(Ask::NextClient), _) => {
                    sent_away = true;
                    send(&self.requests, &Request::Leave);
                }
                (Some(Ask::CheckAgain), Some(playlist)) => self.look_at(playlist),
                _ => {}
            }
        }
    }

    /// Shows what happened, from the journal.
    fn report(&self, code: &SafeText) -> Result<(), PanelGone> {
        let Ok(story) = record::read(&record::journal_path(&self.paths.sessions(), code.as_str())) else {
            return Ok(());
        };
        self.tell(LinkEvent::Report(record::report_text(&story).lines().map(SafeText::new).collect()))
    }

    /// The running host, or one that is started now.
    fn connect(&self, host: Option<&[OsString]>, resume: Option<&SafeText>, comes: Comes) -> Result<Client, String> {
        if let Ok(client) = Client::connect(&self.paths.socket()) {
            return Ok(client);
        }
        if !comes.agreed && resume.is_some_and(|code| !self.comes_back_by_itself(code)) {
            return Err("it broke off some time ago: leave this with q, then `undertone` offers it".into());
        }
        let host = match (host, resume) {
            (Some(host), _) => host.to_vec(),
            (None, Some(code)) => resumed_host(&self.paths, code).ok_or("the session's record cannot be read")?,
            (None, None) => return Err("no session is running".to_owned()),
        };
        let mut line = host;
        if let Some(code) = resume {
            line.insert(1, format!("--resume={code}").into());
        }
        if comes.safe {
            line.insert(1, "--safe".into());
        }
        let exe = platform::this_program().map_err(|error| error.to_string())?;
        let started = platform::spawn_host(&exe, &line, &self.paths.log).map_err(|error| error.to_string())?;
        let since = Instant::now();
        while since.elapsed() < STARTING && !started.is_over() {
            if let Ok(client) = Client::connect(&self.paths.socket()) {
                return Ok(client);
            }
            std::thread::sleep(Duration::from_millis(30));
        }
        Err(format!("the session could not be started; the reason is in {}", self.paths.log.display()))
    }
}

/// When the session process died.
#[derive(Default)]
struct Crashes {
    at: Vec<Instant>,
    too_many: bool,
}

impl Crashes {
    fn note(&mut self) {
        self.at.retain(|at| at.elapsed() < CRASHES_WITHIN);
        self.at.push(Instant::now());
        self.too_many |= self.at.len() >= CRASHES;
    }

    /// Once it was so, it stays so for this session: whatever kills the host is still there.
    fn are_too_many(&self) -> bool {
        self.too_many
    }
}

/// In which manner a host that is gone is brought back.
#[derive(Clone, Copy)]
struct Comes {
    /// Whoever opened the session has agreed that it goes on, however long ago it broke off.
    agreed: bool,
    /// With nothing but the safe bed.
    safe: bool,
}

impl Keeper {
    /// Whether there is anything of the session to go on with. One whose files cannot be read is left to the host to refuse.
    fn is_recorded(&self, code: &SafeText) -> bool {
        BrokenOff::read(&self.paths.sessions(), code.as_str()).map_or(true, |told| told.is_begun())
    }

    /// Whether the session may go on without anybody's word. One whose files cannot be read is left to the host to refuse.
    fn comes_back_by_itself(&self, code: &SafeText) -> bool {
        let comeback = |told: BrokenOff| told.comeback(this_boot().as_ref(), WallTime::now());
        let found = BrokenOff::read(&self.paths.sessions(), code.as_str()).map(comeback);
        found.map_or(true, |comeback| matches!(comeback, Comeback::ByItself(_)))
    }
}

/// A playlist was picked: its host, and the list of what is looked at meanwhile.
fn opening(file: &Path, choices: &Choices) -> Opening {
    let playlist = cards::arguments(file, choices);
    let arguments = PlayArgs { playlist: playlist.clone(), output: None, headless: false, kiosk: false, speed: None };
    let host = play::host_arguments(&arguments, &file.as_os_str().to_owned());
    Opening { host, starts: false, resume: None, preflight: Some(playlist) }
}

/// The command line that began a session, from its record.
pub(super) fn resumed_host(paths: &Paths, code: &SafeText) -> Option<Vec<OsString>> {
    let manifest = record::Manifest::read(&paths.sessions(), code.as_str()).ok()?;
    let playlist = PlaylistArgs {
        playlist: manifest.playlist.clone(),
        route: manifest.options.route.map(String::from),
        infusion: manifest.options.infusion,
        exclude: manifest.options.exclude,
        seed: Some(manifest.options.seed),
    };
    let output = manifest.options.output.map(String::from);
    let arguments = PlayArgs { playlist, output, headless: false, kiosk: false, speed: manifest.options.speed };
    Some(play::host_arguments(&arguments, &manifest.playlist.into_os_string()))
}

#[cfg(test)]
mod tests;
