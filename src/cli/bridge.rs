//! Between a panel and its host: starts the host, passes requests and updates on, brings a dead host back.

use std::ffi::OsString;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use super::args::{PlayArgs, PlaylistArgs};
use super::failure::Failure;
use super::{library, play};
use crate::panel::{ItemState, LinkEvent, Order, PlaylistCard, PreflightItem};
use crate::platform::{self, Paths};
use crate::playlist::{Severity, gravest};
use crate::record;
use crate::session::{PhaseKind, Session, Source, Transport, Verb};
use crate::units::{SafeText, SessionTime, Span};
use crate::wire::{Client, Request, Requests, Status, Update};

/// How long a host may take from its start to its first answer: it reads the playlist and opens no device before that.
const STARTING: Duration = Duration::from_secs(20);

/// A host to be started.
pub(super) struct Opening {
    /// Its command line.
    pub(super) host: Vec<OsString>,
    /// Whether the session begins at once.
    pub(super) starts: bool,
    /// The code of a session that broke off and goes on.
    pub(super) resume: Option<SafeText>,
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
        let outgoing = Arc::clone(&requests);
        let thread = |name: &str, work: Box<dyn FnOnce() + Send>| {
            let spawned = std::thread::Builder::new().name(name.into()).spawn(work);
            spawned.map(drop).map_err(|error| Failure::could_not(format!("the system refused a thread: {error}")))
        };
        thread("orders", Box::new(move || pass_orders(&orders, &outgoing, &ask)))?;
        let keeper = Keeper { paths: paths.clone(), requests: Arc::clone(&requests), events, asked };
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
    Open(usize),
    CheckAgain,
    NextClient,
}

fn pass_orders(orders: &Receiver<Order>, requests: &Outgoing, ask: &Sender<Ask>) {
    for order in orders {
        let asked = match order {
            Order::Send(request) => {
                send(requests, &request);
                continue;
            }
            Order::Open { id } => Ask::Open(id),
            Order::CheckAgain => Ask::CheckAgain,
            Order::NextClient => Ask::NextClient,
            // Kept in the settings from the panel's own settings screen on; for now it lasts as long as the panel.
            Order::Bound { .. } => continue,
        };
        if ask.send(asked).is_err() {
            return;
        }
    }
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
                if self.tell(LinkEvent::Playlists(cards(&self.paths))).is_err() {
                    return;
                }
            }
            match self.asked.recv() {
                Ok(Ask::Open(id)) => next = self.opening(id),
                Ok(Ask::CheckAgain | Ask::NextClient) => {}
                Err(_) => return,
            }
        }
    }

    fn tell(&self, event: LinkEvent) -> Result<(), PanelGone> {
        self.events.send(event).map_err(|_| PanelGone)
    }

    /// One session, from its host's start until it is over; a host that dies is brought back.
    fn session(&self, opening: Option<Opening>) -> Result<(), PanelGone> {
        let mut starts = opening.as_ref().is_some_and(|opening| opening.starts);
        let mut resume = opening.as_ref().and_then(|opening| opening.resume.clone());
        let host = opening.map(|opening| opening.host);
        loop {
            let client = match self.connect(host.as_deref(), resume.as_ref()) {
                Ok(client) => client,
                Err(why) => {
                    self.tell(LinkEvent::Lost { why: Some(SafeText::new(&why)) })?;
                    std::thread::sleep(Duration::from_secs(1));
                    continue;
                }
            };
            *self.requests.lock().unwrap_or_else(PoisonError::into_inner) = Some(client.requests());
            if starts {
                starts = false;
                send(&self.requests, &Request::Verb { verb: Verb::Start, source: Source::Key });
            }
            self.tell(LinkEvent::Connected)?;
            let last = self.forward(&client)?;
            *self.requests.lock().unwrap_or_else(PoisonError::into_inner) = None;
            match last {
                Last::Status(status) if status.session.transport == Transport::Ended => return Ok(()),
                // Died before the session began: the same host again. One that nobody here started is gone for good.
                Last::Status(status) if status.session.transport == Transport::Ready => {
                    if host.is_none() {
                        return Ok(());
                    }
                }
                Last::Status(status) => resume = Some(status.code),
                Last::SentAway => return Ok(()),
                Last::Nothing => {}
            }
            self.tell(LinkEvent::Lost { why: None })?;
        }
    }

    /// Passes updates on until the host is gone; gives the last that was heard of it.
    fn forward(&self, client: &Client) -> Result<Last, PanelGone> {
        let mut last: Option<Status> = None;
        let mut sent_away = false;
        loop {
            match client.receive(Duration::from_millis(200)) {
                Ok(Some(update)) => {
                    if let Update::Status(status) = &update {
                        let ended = status.session.transport == Transport::Ended;
                        if ended && last.as_ref().is_some_and(|last| last.session.transport != Transport::Ended) {
                            self.report(&status.code)?;
                        }
                        last = Some((**status).clone());
                    }
                    self.tell(LinkEvent::Update(Box::new(update)))?;
                }
                Ok(None) => {}
                Err(_) if sent_away => return Ok(Last::SentAway),
                Err(_) => return Ok(last.map_or(Last::Nothing, |status| Last::Status(Box::new(status)))),
            }
            if let Ok(Ask::NextClient) = self.asked.try_recv() {
                sent_away = true;
                send(&self.requests, &Request::Leave);
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
    fn connect(&self, host: Option<&[OsString]>, resume: Option<&SafeText>) -> Result<Client, String> {
        if let Ok(client) = Client::connect(&self.paths.socket()) {
            return Ok(client);
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
        let exe = std::env::current_exe().map_err(|error| error.to_string())?;
        platform::spawn_host(&exe, &line, &self.paths.log).map_err(|error| error.to_string())?;
        let since = Instant::now();
        while since.elapsed() < STARTING {
            if let Ok(client) = Client::connect(&self.paths.socket()) {
                return Ok(client);
            }
            std::thread::sleep(Duration::from_millis(30));
        }
        Err(format!("the session could not be started; the reason is in {}", self.paths.log.display()))
    }

    /// A playlist was picked: look at everything once more, then open it.
    fn opening(&self, id: usize) -> Option<Opening> {
        let file = playlists(&self.paths).into_iter().nth(id)?;
        let playlist = PlaylistArgs { playlist: file.clone(), ..PlaylistArgs::default() };
        let items = preflight(&self.paths, &playlist);
        self.tell(LinkEvent::Preflight(items)).ok()?;
        let arguments = PlayArgs { playlist, output: None, headless: false, speed: None };
        Some(Opening { host: play::host_arguments(&arguments, &file.into_os_string()), starts: false, resume: None })
    }
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
    let arguments = PlayArgs { playlist, output, headless: false, speed: None };
    Some(play::host_arguments(&arguments, &manifest.playlist.into_os_string()))
}

/// Every playlist that can be picked: the clinic's own, then the built-in ones.
fn playlists(paths: &Paths) -> Vec<std::path::PathBuf> {
    let mut found = library::in_folder(&paths.settings.join("playlists"));
    found.extend(library::in_folder(&library::built_in_playlists()));
    found
}

/// The picker's cards.
pub(super) fn cards(paths: &Paths) -> Vec<PlaylistCard> {
    playlists(paths).iter().enumerate().map(|(id, file)| card(paths, id, file)).collect()
}

fn card(paths: &Paths, id: usize, file: &std::path::Path) -> PlaylistCard {
    let arguments = PlaylistArgs { playlist: file.to_owned(), ..PlaylistArgs::default() };
    let (loaded, findings) = library::load_quietly(paths, file, &library::options(paths, &arguments));
    let errors = findings.iter().filter(|finding| finding.severity == Severity::Error).count();
    let name = file.file_stem().unwrap_or_default().to_string_lossy();
    let plan = loaded.map(|loaded| loaded.plan);
    let length: Span = plan
        .iter()
        .flat_map(|plan| &plan.phases)
        .filter(|phase| phase.kind != PhaseKind::Preparation)
        .map(|phase| phase.planned)
        .sum();
    PlaylistCard {
        id,
        title: plan.as_ref().map_or_else(|| SafeText::new(&name), |plan| plan.title.clone()),
        route: plan.as_ref().map_or_else(SafeText::default, |plan| plan.route.name.clone()),
        length,
        arc: plan.map_or_else(Vec::new, |plan| Session::new(plan, 0).snapshot(SessionTime::ZERO).arc),
        errors,
        warnings: findings.len() - errors,
        finding: findings.first().map(|finding| SafeText::new(&finding.message)),
    }
}

/// What is looked at before a session.
fn preflight(paths: &Paths, playlist: &PlaylistArgs) -> Vec<PreflightItem> {
    let item = |name: &str, state, text: String, fix: Option<&str>| PreflightItem {
        name: name.into(),
        state,
        text: SafeText::new(&text),
        fix: fix.map(SafeText::new),
    };
    let (loaded, findings) = library::load_quietly(paths, &playlist.playlist, &library::options(paths, playlist));
    let music = match (loaded, gravest(&findings)) {
        (Some(loaded), None) => {
            item("music", ItemState::Good, format!("{} pieces, all decoded", loaded.plan.tracks.len()), None)
        }
        (Some(_), _) => item(
            "music",
            ItemState::Caution,
            format!("{} things to know of", findings.len()),
            Some("undertone check tells them"),
        ),
        (None, _) => {
            item("music", ItemState::Bad, "the playlist has errors".into(), Some("undertone check tells them"))
        }
    };
    let devices = crate::audio::devices();
    let output = match devices.iter().find(|device| device.default).or(devices.first()) {
        Some(device) => item("output", ItemState::Good, device.name.to_string(), None),
        None => {
            item("output", ItemState::Bad, "no sound output was found".into(), Some("connect one, then check again"))
        }
    };
    let room = std::fs::create_dir_all(paths.sessions()).is_ok();
    let record = if room {
        item("record", ItemState::Good, "the session's record can be kept".into(), None)
    } else {
        item("record", ItemState::Caution, "the session cannot be recorded".into(), Some("free some disk space"))
    };
    vec![music, output, record]
}
