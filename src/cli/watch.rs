//! `undertone watch`: a playlist's plan and what is wrong with it, while it is edited.

use std::collections::BTreeMap;
use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;

use clap::Args;

use super::args::PlaylistArgs;
use super::failure::Failure;
use super::{library, plan};
use crate::media::{Cache, examine_all};
use crate::panel::{self, Sight};
use crate::platform::{self, Paths, Signal};
use crate::playlist::{self, Options};
use crate::units::SafeText;

#[derive(Args)]
pub(super) struct WatchArgs {
    #[command(flatten)]
    playlist: PlaylistArgs,
}

pub(super) fn run(arguments: &WatchArgs) -> Result<ExitCode, Failure> {
    if !std::io::stdout().is_terminal() {
        let way_out = "`undertone check` and `undertone plan` say once what it shows";
        return Err(Failure::could_not(format!("watch draws on a terminal, and this is none; {way_out}")));
    }
    let paths = library::paths()?;
    let file = library::find(&arguments.playlist.playlist)?;
    let (tell, news) = channel();
    let (saved, saves) = channel();
    // The first reading; watched from before it, so that no save is missed.
    let _ = saved.send(());
    let _edits = platform::watch_file(&file, move || saved.send(()).unwrap_or_default()).map_err(Failure::could_not)?;
    pass_signals_on(tell.clone())?;
    let (setup, log) = (plan::look(&paths), paths.log.clone());
    let reader = Reader {
        options: library::options(&paths, &arguments.playlist),
        seed: arguments.playlist.seed,
        file: file.clone(),
        paths,
    };
    thread::Builder::new()
        .name("reader".to_owned())
        .spawn(move || reader.read_each(&saves, &tell))
        .map_err(|error| Failure::could_not(format!("the machine has no room for another thread: {error}")))?;
    // Whatever the system's libraries write must not land on the screen.
    let _quiet = platform::quiet_stderr(&log)
        .map_err(|error| Failure::could_not(format!("the log {} cannot be written: {error}", log.display())))?;
    panel::watch_plan(name_of(&file), &setup, news).map_err(Failure::could_not)?;
    Ok(ExitCode::SUCCESS)
}

fn name_of(file: &Path) -> SafeText {
    SafeText::new(&file.file_name().unwrap_or(file.as_os_str()).to_string_lossy())
}

/// Reads the file after each save.
struct Reader {
    paths: Paths,
    file: PathBuf,
    options: Options,
    seed: Option<u64>,
}

impl Reader {
    /// Until nobody looks any more.
    fn read_each(&self, saves: &Receiver<()>, tell: &Sender<Sight>) {
        while saves.recv().is_ok() {
            // What was saved while the last save was read is read once.
            while saves.try_recv().is_ok() {}
            if tell.send(self.read(tell)).is_err() {
                return;
            }
        }
    }

    fn read(&self, tell: &Sender<Sight>) -> Sight {
        let cache = Cache::at(&self.paths.cache);
        let (loaded, findings) = playlist::load(&self.file, &self.options, &mut |files| {
            let measuring = |done, total| drop(tell.send(Sight::Measuring(done, total)));
            if files.is_empty() { BTreeMap::new() } else { examine_all(files, &cache, &measuring) }
        });
        let sheet = loaded.map(|loaded| Box::new(plan::lay_out(&loaded, self.seed)));
        Sight::Read { sheet, findings }
    }
}

fn pass_signals_on(tell: Sender<Sight>) -> Result<(), Failure> {
    let heard = move |signal| {
        let sight = if signal == Signal::Hangup { Sight::Hangup } else { Sight::Leave };
        // A screen that is gone needs no signal.
        let _ = tell.send(sight);
    };
    let watched = [Signal::Hangup, Signal::Terminate, Signal::Interrupt];
    platform::watch(&watched, heard).map_err(|error| Failure::could_not(format!("signals cannot be watched: {error}")))
}
