//! The host of a real session: serves clients, follows the clock, outlives its panel.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::Duration;

use super::conduct::{Conductor, engine_settings};
use super::listeners::{Message, listen_to_media_keys, listen_to_signals, look_where_it_goes, stay_awake, write};
use super::outputs::Outputs;
use super::pace::Pace;
use super::room::{Answer, Room};
use super::sabotage::Sabotage;
use super::scribe::Scribe;
use super::supply::{Supply, look_for_power};
use super::trial::Trials;
use crate::audio::Engine;
use crate::platform::{Boottime, Inhibit, MediaKey, MediaKeys, Power, Signal, boot_id, user_id};
use crate::playlist::Loaded;
use crate::record::{Beat, BootMark, Journal, Manifest, RecordError, Told, WallTime};
use crate::session::{Input, Source, Verb};
use crate::units::{SafeText, SessionTime, Span};
use crate::wire::{Call, ClientId, Request, Server, Trial, Update, WireError};

/// The longest wait between two looks at the engine.
const LOOK: Duration = Duration::from_millis(50);
/// How often a watching client hears of moving things (clocks, meters).
const NEWS: Span = Span::from_millis(250);
/// A sign of life is left whenever the session clock has gone on by this.
const BEAT: Span = Span::from_secs(1);
/// A host that nobody needs goes after this: not begun or over, and no client.
const LONELY: Span = Span::from_secs(20);
/// The fade when the system asks the host to go (SIGTERM).
const LAST_FADE: Span = Span::from_secs(3);

/// Everything a host needs.
pub struct Booking {
    /// The playlist.
    pub loaded: Loaded,
    /// Decides every choice that the plan leaves open.
    pub seed: u64,
    /// The outputs, and which of them to begin with.
    pub outputs: Outputs,
    /// How the session was begun; stamped and written when it begins.
    pub manifest: Manifest,
    /// The folder of past sessions.
    pub sessions: PathBuf,
    /// Where it is recorded.
    pub journal: Journal,
    /// Where clients find it.
    pub socket: PathBuf,
    /// Session seconds in a real second between joints and fades; more than 1 is a rehearsal.
    pub speed: u32,
    /// Begins at once, and ends the process with the session: no panel is expected.
    pub headless: bool,
    /// Whether the desktop's media keys are heard.
    pub media_keys: bool,
    /// The session process died again and again: nothing but the safe bed.
    pub safe: bool,
    /// Failpoints, as [`super::sabotage::VARIABLE`] names them; empty in every real session.
    pub sabotage: String,
    /// Goes on with a session that broke off: what its journal tells, and the machine's clock at its start.
    pub resume: Option<Resume>,
}

/// A session that broke off.
pub struct Resume {
    /// Its inputs, in order.
    pub inputs: Vec<(SessionTime, Input)>,
    /// Where the session clock stood.
    pub now: SessionTime,
    /// When it stood there, on the machine's clock: nothing stops the session's while the host is being made.
    pub at: Span,
    /// What could not be read of the journal, in words; empty if it is whole.
    pub left_out: String,
}

/// Why there is no host.
#[derive(Debug, thiserror::Error)]
pub enum HostError {
    /// The socket.
    #[error(transparent)]
    Wire(#[from] WireError),
    /// A thread.
    #[error("the system refused a thread ({0}); close other programs and try again")]
    Thread(#[from] std::io::Error),
}

/// Serves until the session is over and nobody needs the host any more.
///
/// # Errors
/// [`HostError`] when it cannot begin; once begun it does not fail.
pub fn serve(booking: Booking) -> Result<(), HostError> {
    let (sender, messages) = channel();
    listen_to_signals(sender.clone())?;
    stay_awake(sender.clone())?;
    let routes = sender.clone();
    look_where_it_goes(move |heard| routes.send(Message::Route(heard)).is_ok())?;
    let media_keys = booking.media_keys.then(|| listen_to_media_keys(sender.clone())).flatten();
    let calls = sender.clone();
    let server = Server::listen(&booking.socket, user_id(), move |call| drop(calls.send(Message::Call(call))))?;
    let sabotage = Sabotage::of(&booking.sabotage);
    let supplies = sender.clone();
    look_for_power(sabotage.supplies.clone(), move |power| supplies.send(Message::Power(power)).is_ok())?;
    let writer = write(booking.journal, sabotage.sync, sender)?;
    let trials = Trials::of(&booking.loaded);
    let engine = Engine::real_time(engine_settings(&booking.loaded), booking.outputs.selection());
    let mut conductor = Conductor::new(engine, booking.loaded.shelf.clone(), booking.outputs);
    conductor.sabotage = sabotage;
    let mut room =
        Room::new(booking.loaded, booking.seed, conductor, Scribe::Disk(writer), SafeText::new(&booking.manifest.code));
    if booking.speed > 1 {
        room.rehearse(booking.speed);
    }
    if booking.safe {
        room.play_safe();
    }
    let mut host = Host {
        room,
        trials,
        server,
        clients: BTreeSet::new(),
        watchers: BTreeSet::new(),
        unanswered: BTreeMap::new(),
        mark: 0,
        _media_keys: media_keys,
        awake: None,
        supply: Supply::default(),
        manifest: booking.manifest,
        sessions: booking.sessions,
        pace: None,
        speed: booking.speed,
        headless: booking.headless,
        news: Boottime::now(),
        beaten: None,
        needed: Boottime::now(),
        leaving: None,
    };
    host.begin(booking.resume);
    if booking.safe {
        let now = host.now();
        host.room.report(now, super::conduct::fault("safe-mode", super::room::SAFE));
    }
    host.run(&messages);
    Ok(())
}

struct Host {
    room: Room,
    /// What can be heard before the session.
    trials: Trials,
    server: Server,
    clients: BTreeSet<ClientId>,
    watchers: BTreeSet<ClientId>,
    /// Answers that wait until the journal is on disk, by mark.
    unanswered: BTreeMap<u64, (ClientId, Update)>,
    mark: u64,
    _media_keys: Option<MediaKeys>,
    /// Keeps the machine from sleeping as long as it lives.
    awake: Option<Inhibit>,
    supply: Supply,
    manifest: Manifest,
    sessions: PathBuf,
    /// The session clock, from `start` on.
    pace: Option<Pace>,
    speed: u32,
    headless: bool,
    /// When the watchers last heard something.
    news: Span,
    /// The session clock at the last sign of life.
    beaten: Option<SessionTime>,
    /// When somebody last needed this host.
    needed: Span,
    /// When to go, once that is decided.
    leaving: Option<Span>,
}

impl Host {
    fn begin(&mut self, resume: Option<Resume>) {
        if let Some(Resume { inputs, now, at, left_out }) = resume {
            self.room.remember(&self.manifest.way);
            self.manifest.take_up(now, this_boot().map(|boot| BootMark { at, ..boot }));
            self.room.scribe().manifest(&self.manifest);
            self.room.replay(inputs);
            // A rehearsal stands still meanwhile.
            let at = if self.speed > 1 { Boottime::now() } else { at };
            self.pace = Some(Pace::new(self.speed, now, at));
            self.room.resume(now);
            if !left_out.is_empty() {
                self.room.report(now, super::conduct::fault("journal", &left_out));
            }
        } else if self.headless {
            self.verb(Verb::Start, Source::Ctl, None);
        }
    }

    fn run(&mut self, messages: &Receiver<Message>) {
        while !self.is_done() {
            match messages.recv_timeout(self.wait()) {
                Ok(Message::Call(Call::Request(client, request))) => self.request(client, request),
                Ok(Message::Call(Call::Gone(client))) => {
                    self.clients.remove(&client);
                    self.watchers.remove(&client);
                }
                Ok(Message::Signal(signal)) => self.signal(signal),
                Ok(Message::MediaKey(key)) => self.media_key(key),
                Ok(Message::Journal(told)) => self.journal_told(told),
                Ok(Message::Route(heard)) => {
                    let now = self.now();
                    self.room.hear_route(now, heard);
                    self.keep_the_way();
                }
                Ok(Message::Power(power)) => self.hear_power(power),
                Ok(Message::Awake(Ok(held))) => self.awake = Some(held),
                Ok(Message::Awake(Err(refused))) => tracing::warn!(%refused, "the machine may fall asleep"),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let now = self.now();
            self.room.advance(now);
            self.trials.look(Boottime::now(), self.room.engine());
            self.beat(now);
            self.tell_watchers();
        }
    }

    /// Leaves a sign of life, from the start to the end.
    fn beat(&mut self, now: SessionTime) {
        let due = self.beaten.is_none_or(|last| now - last >= BEAT);
        if due && !self.is_idle() {
            self.beaten = Some(now);
            self.room.scribe().beat(Beat { t: now, at: Boottime::now() });
        }
    }

    /// The session clock; it stands at 0 until `start`.
    fn now(&mut self) -> SessionTime {
        let Some(pace) = &mut self.pace else { return SessionTime::ZERO };
        let fading = self.room.is_fading(pace.now());
        pace.advance(Boottime::now(), fading)
    }

    fn wait(&self) -> Duration {
        let due = match (&self.pace, self.room.deadline()) {
            (Some(pace), Some(deadline)) => pace.wait(deadline, self.room.is_fading(pace.now())),
            _ => NEWS,
        };
        Duration::from_millis(u64::try_from(due.millis()).unwrap_or(0).max(1)).min(LOOK)
    }

    fn request(&mut self, client: ClientId, request: Request) {
        self.clients.insert(client);
        match request {
            Request::Hello(_) => {}
            Request::Verb { verb, source } => self.verb(verb, source, Some(client)),
            Request::Status => self.tell(client),
            Request::Watch => {
                self.watchers.insert(client);
                self.tell(client);
            }
            Request::Try { trial } => {
                let answer = update_of(self.try_out(trial));
                self.server.send(client, &answer);
            }
            Request::Leave if self.is_idle() => {
                let fade = self.trials.stop(self.room.engine());
                self.leaving = Some(Boottime::now() + fade);
            }
            Request::Leave => {
                let why = "a session is running: end it first".into();
                self.server.send(client, &Update::Refused { why });
            }
        }
    }

    /// Lets something be heard before the session; afterwards nothing may sound but the session.
    fn try_out(&mut self, trial: Trial) -> Answer {
        if self.pace.is_some() {
            return Answer::Refused("sounds are tried before the session; it has begun".into());
        }
        self.trials.begin(trial, Boottime::now(), self.room.engine())
    }

    /// Carries out a verb and answers once it is on disk.
    fn verb(&mut self, verb: Verb, source: Source, client: Option<ClientId>) {
        if matches!(verb, Verb::Start | Verb::Mute) {
            self.trials.stop(self.room.engine());
        }
        let now = self.now();
        // Before anything can sound, or fail: a host that dies in the next moment must be able to come back.
        let begins = (verb == Verb::Start && self.pace.is_none()).then(|| self.stamp());
        let answer = self.room.verb(now, verb, source);
        if let (Some(begins), Answer::Done) = (begins, &answer) {
            self.pace = Some(Pace::new(self.speed, SessionTime::ZERO, begins));
        }
        if let Some(pace) = &mut self.pace {
            pace.press();
        }
        self.news = Span::ZERO;
        self.mark += 1;
        let told = self.room.scribe().sync(self.mark);
        if !told {
            self.room.report(now, super::conduct::fault("journal", &RecordError::Behind.to_string()));
        }
        let Some(client) = client else { return };
        let answer = update_of(answer);
        if told {
            self.unanswered.insert(self.mark, (client, answer));
        } else {
            self.server.send(client, &answer);
        }
    }

    /// Writes down that the session clock stands at zero now, so that a later host can take it up; gives that instant.
    fn stamp(&mut self) -> Span {
        let begins = Boottime::now();
        self.manifest.began = WallTime::now();
        self.manifest.boot = boot_id().map(|id| BootMark { id, at: begins });
        if self.manifest.write(&self.sessions).is_err() {
            // The writer tells why, and tries again.
            self.room.scribe().manifest(&self.manifest);
        }
        begins
    }

    /// Writes down how the session is heard, once that is known and whenever it changes.
    fn keep_the_way(&mut self) {
        let way = self.room.way(&self.manifest.way);
        let is_new = way != self.manifest.way;
        self.manifest.way = way;
        if is_new && !self.is_idle() {
            self.room.scribe().manifest(&self.manifest);
        }
    }

    /// Answers what is on disk now; a trouble is for the screen and the journal itself.
    fn journal_told(&mut self, told: Told) {
        match told {
            Told::Synced(mark) => {
                let later = self.unanswered.split_off(&(mark + 1));
                for (client, answer) in std::mem::replace(&mut self.unanswered, later).into_values() {
                    self.server.send(client, &answer);
                }
            }
            Told::Trouble(error) => {
                let now = self.now();
                self.room.report(now, super::conduct::fault("journal", &error.to_string()));
            }
        }
    }

    /// Says what has become of the power; what is to be done about it is not for a program to decide.
    fn hear_power(&mut self, power: Power) {
        let said = self.supply.hear(power);
        // Before the start too: what is said once is in view as the session begins.
        if let Some(said) = said.filter(|_| !self.room.is_finished()) {
            let now = self.now();
            self.room.report(now, super::conduct::fault("power", &said));
        }
    }

    fn signal(&mut self, signal: Signal) {
        let now = self.now();
        match signal {
            // The first Ctrl-C of a session without a panel is the soft end, the second a short one.
            Signal::Interrupt if self.headless && !self.room.is_ending(now) => {
                self.verb(Verb::End, Source::Key, None);
            }
            Signal::Terminate | Signal::Interrupt
                if self.leaving.is_none() && (signal == Signal::Terminate || self.headless) =>
            {
                self.room.fade_out(LAST_FADE);
                let fade = if self.is_idle() { Span::ZERO } else { LAST_FADE };
                self.leaving = Some(Boottime::now() + fade);
            }
            Signal::UrgentMute => self.verb(Verb::Mute, Source::Ctl, None),
            // A closed window, a stop key, a resized terminal: none of them is about the sound.
            _ => {}
        }
    }

    /// A button on a headset or keyboard. It can lower the music and lift it again, or ask for another piece; it can never
    /// stop a session, whatever a program sends in its name.
    fn media_key(&mut self, key: MediaKey) {
        let now = self.now();
        let verb = match key {
            MediaKey::PlayPause if self.room.snapshot(now).ducked => Verb::Unduck,
            MediaKey::PlayPause => Verb::Duck,
            MediaKey::Next => Verb::Different,
            MediaKey::Other => return,
        };
        self.verb(verb, Source::Clicker, None);
    }

    fn tell(&mut self, client: ClientId) {
        let now = self.now();
        let status = Update::Status(Box::new(self.room.status(now)));
        self.server.send(client, &status);
    }

    fn tell_watchers(&mut self) {
        let at = Boottime::now();
        if self.watchers.is_empty() || at - self.news < NEWS {
            return;
        }
        self.news = at;
        let now = self.now();
        let status = Update::Status(Box::new(self.room.status(now)));
        for client in &self.watchers {
            self.server.send(*client, &status);
        }
    }

    /// Not begun, or over.
    fn is_idle(&self) -> bool {
        self.pace.is_none() || self.room.is_finished()
    }

    fn is_done(&mut self) -> bool {
        let at = Boottime::now();
        if !self.is_idle() || !self.clients.is_empty() {
            self.needed = at;
        }
        let lonely = at - self.needed > LONELY;
        lonely || (self.headless && self.room.is_finished()) || self.leaving.is_some_and(|when| at >= when)
    }
}

/// The machine's clock now, where one start of the machine can be told from another.
#[must_use]
pub fn this_boot() -> Option<BootMark> {
    boot_id().map(|id| BootMark { id, at: Boottime::now() })
}

fn update_of(answer: Answer) -> Update {
    match answer {
        Answer::Done => Update::Done,
        Answer::Refused(why) => Update::Refused { why },
    }
}
