//! `undertone audition`: the joints of a playlist, heard alone and changed.

use std::path::Path;
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::{Duration, Instant};

use clap::Args;

use super::args::PlaylistArgs;
use super::failure::Failure;
use super::{library, play, settings};
use crate::host::Outputs;
use crate::host::audition::{Audition, Joint, Progress, TAIL, joints};
use crate::media::content_hash;
use crate::panel::{self, AuditionNews, AuditionOrder, JointCard, PanelError, Setup, Sounds, Start};
use crate::platform::{self, Boottime, Paths, Signal};
use crate::playlist::{Loaded, Manuscript};
use crate::units::SafeText;
use crate::wire::Client;

/// How often what sounds is looked at, and the screen told.
const LOOK: Duration = Duration::from_millis(50);
/// How often it is made sure that no session has begun beside it.
const NEIGHBOUR: Duration = Duration::from_secs(2);
/// How long what sounds takes to go out, at most.
const OUT: Duration = Duration::from_millis(700);

#[derive(Args)]
pub(super) struct AuditionArgs {
    #[command(flatten)]
    playlist: PlaylistArgs,
    /// Play on this output (see `undertone devices`), or `null` for none
    #[arg(long, value_name = "NAME")]
    output: Option<String>,
}

pub(super) fn run(arguments: &AuditionArgs) -> Result<ExitCode, Failure> {
    let paths = library::paths()?;
    play::nobody_plays(&paths)?;
    let clinic = library::settings(&paths)?;
    let (file, loaded) = library::ready(&paths, &arguments.playlist)?;
    let manuscript = Manuscript::open(&file).map_err(Failure::could_not)?;
    // Measuring its music may have taken a while.
    if content_hash(&file).ok().as_ref() != Some(&loaded.sha) {
        return Err(Failure::could_not(format!(
            "{} was changed while it was read; begin again",
            library::shown(&file)
        )));
    }
    let joints = joints(&loaded.plan, arguments.playlist.seed.unwrap_or(1));
    if joints.is_empty() {
        return Err(Failure::could_not("a session of this playlist has one piece only, so there is no joint to hear"));
    }
    let mut setup = Setup::for_terminal(Start::Session, |name| std::env::var(name).ok());
    settings::set_up(&mut setup, &clinic.screen)?;
    let outputs = Outputs::begin(clinic, arguments.output.as_deref()).map_err(Failure::could_not)?;
    let title = loaded.plan.title.clone();
    let cards = joints.iter().map(|joint| card(&loaded, joint)).collect();
    let manuscript = if is_ours(&file) { Err(OURS) } else { Ok(manuscript) };
    let (orders, ordered) = channel();
    let (news, told) = channel();
    pass_signals_on(news.clone())?;
    let neighbour = paths.clone();
    let play = move || {
        // A signal that lands on the sound server's thread would end the sound; the main thread takes them.
        if let Err(error) = platform::block_all() {
            tracing::warn!(%error, "signals are not masked");
        }
        match Audition::new(loaded, outputs) {
            Ok(audition) => Player { audition, joints, manuscript, paths: neighbour, news }.run(&ordered),
            // A screen that is gone need not know.
            Err(error) => drop(news.send(AuditionNews::Said(SafeText::new(&error.to_string())))),
        }
    };
    let playing = std::thread::Builder::new().name("joints".into()).spawn(play);
    let playing = playing.map_err(|error| Failure::could_not(format!("the system refused a thread: {error}")))?;
    let shown = {
        // Whatever the system's sound libraries write must not land on the screen.
        let _quiet = platform::quiet_stderr(&paths.log).map_err(|error| {
            Failure::could_not(format!("the log {} cannot be written: {error}", library::shown(&paths.log)))
        })?;
        panel::audition(title, cards, &setup, orders, told)
    };
    shown.map_err(|error| match error {
        PanelError::Terminal(why) => Failure::could_not(format!(
            "joints are heard and changed in a terminal, and this is none ({why}); open one"
        )),
        PanelError::Thread(_) => Failure::could_not(error),
    })?;
    // It lets what sounds go out.
    let _ = playing.join();
    Ok(ExitCode::SUCCESS)
}

const OURS: &str = "This playlist came with the program. Copy it to a folder of your own to change it";

/// Whether a playlist belongs to the program.
fn is_ours(file: &Path) -> bool {
    let whole = |path: &Path| path.canonicalize().ok();
    let ours = whole(&library::built_in_playlists());
    ours.is_some() && whole(file).as_deref().and_then(Path::parent) == ours.as_deref()
}

/// A joint as it is shown.
fn card(loaded: &Loaded, joint: &Joint) -> JointCard {
    let (plan, Joint { leaving, coming }) = (&loaded.plan, joint);
    let title = |id| plan.track(id).title.clone();
    JointCard {
        track: loaded.shelf.written.get(coming.track.0 as usize).copied().unwrap_or(usize::MAX),
        titles: (title(leaving.track), title(coming.track)),
        phases: (leaving.phase, coming.phase),
        at: coming.begins,
        left_at: leaving.until(),
        length: coming.over,
        longest: joint.longest(plan),
    }
}

fn pass_signals_on(news: Sender<AuditionNews>) -> Result<(), Failure> {
    let heard = move |signal| {
        let event = match signal {
            Signal::Hangup => AuditionNews::Hangup,
            _ => AuditionNews::Terminate,
        };
        // A screen that is gone needs no signal.
        let _ = news.send(event);
    };
    platform::watch(&[Signal::Hangup, Signal::Terminate, Signal::Interrupt], heard)
        .map_err(|error| Failure::could_not(format!("signals cannot be watched: {error}")))
}

/// The thread behind the screen: it plays, and writes.
struct Player {
    audition: Audition,
    joints: Vec<Joint>,
    /// The playlist's text, or why it is not to be written.
    manuscript: Result<Manuscript, &'static str>,
    paths: Paths,
    news: Sender<AuditionNews>,
}

impl Player {
    fn run(mut self, orders: &Receiver<AuditionOrder>) {
        let mut looked = Instant::now();
        loop {
            match orders.recv_timeout(LOOK) {
                Ok(order) => self.carry_out(order),
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => break,
            }
            let sounds = self.audition.look(Boottime::now()).map(|progress| sounds(&progress));
            if self.news.send(AuditionNews::Heard(sounds)).is_err() {
                break;
            }
            if looked.elapsed() > NEIGHBOUR {
                looked = Instant::now();
                if !self.is_alone() {
                    self.audition.stop(Boottime::now());
                }
            }
        }
        self.audition.stop(Boottime::now());
        let gone = Instant::now() + OUT;
        while self.audition.look(Boottime::now()).is_some() && Instant::now() < gone {
            std::thread::sleep(LOOK);
        }
    }

    fn carry_out(&mut self, order: AuditionOrder) {
        let now = Boottime::now();
        match order {
            AuditionOrder::Play { joint, length } => {
                if let Some(joint) = self.joints.get(joint).filter(|_| self.is_alone()) {
                    self.audition.play(joint, length, now);
                }
            }
            AuditionOrder::Stop => self.audition.stop(now),
            AuditionOrder::Write(lengths) => {
                let written = match &mut self.manuscript {
                    Ok(manuscript) => manuscript.set_fades(&lengths).map_err(|error| error.to_string()),
                    Err(why) => Err((*why).to_owned()),
                };
                let answer = match written {
                    Ok(()) => AuditionNews::Written,
                    Err(why) => AuditionNews::NotWritten(SafeText::new(&why)),
                };
                // A screen that is gone needs no answer.
                let _ = self.news.send(answer);
            }
        }
    }

    /// A session that begins meanwhile has the room to itself.
    fn is_alone(&self) -> bool {
        let alone = Client::connect(&self.paths.socket()).is_err();
        if !alone {
            let _ = self
                .news
                .send(AuditionNews::Said("A session is running on this machine, so nothing sounds here".into()));
        }
        alone
    }
}

fn sounds(progress: &Progress) -> Sounds {
    let state = format!("{}: {}", progress.output.name, progress.output.state);
    Sounds { at: progress.at, parts: [progress.lead, progress.over, TAIL], output: SafeText::new(&state) }
}
