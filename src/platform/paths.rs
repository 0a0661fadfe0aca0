//! Where things are kept, all for this user only, and where the program's own music is.

use std::env;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use etcetera::BaseStrategy as _;

use super::NotHere;

/// The program's folders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Paths {
    /// What the clinic sets.
    pub settings: PathBuf,
    /// What sessions leave behind.
    pub state: PathBuf,
    /// What can be computed again.
    pub cache: PathBuf,
    /// What dies with the login: the socket, the lock.
    pub runtime: PathBuf,
    /// The developer's log file.
    pub log: PathBuf,
}

impl Paths {
    /// This user's folders: under `$UNDERTONE_HOME` if that is set, otherwise where the system keeps such things.
    ///
    /// # Errors
    /// When this user has no home.
    pub fn find() -> Result<Self, NotHere> {
        if let Some(home) = env::var_os("UNDERTONE_HOME").filter(|home| !home.is_empty()) {
            return Ok(Self::under(Path::new(&home)));
        }
        let base = etcetera::choose_base_strategy()
            .map_err(|_| NotHere::because("this user has no home folder; set UNDERTONE_HOME to a folder to use"))?;
        let ours = |folder: PathBuf| folder.join("undertone");
        let state = ours(base.state_dir().unwrap_or_else(|| base.data_dir()));
        let runtime = base.runtime_dir().map_or_else(|| state.join("run"), ours);
        let log = state.join("undertone.log");
        Ok(Self { settings: ours(base.config_dir()), state, cache: ours(base.cache_dir()), runtime, log })
    }

    /// Everything under one folder.
    #[must_use]
    pub fn under(home: &Path) -> Self {
        let state = home.join("state");
        let log = state.join("undertone.log");
        Self { settings: home.join("settings"), cache: home.join("cache"), runtime: home.join("run"), state, log }
    }

    /// Makes the folders, for this user only; one that others could read is closed to them.
    ///
    /// # Errors
    /// When one cannot be made or closed.
    pub fn create(&self) -> io::Result<()> {
        for folder in [&self.settings, &self.state, &self.sessions(), &self.cache, &self.runtime] {
            let mut builder = fs::DirBuilder::new();
            builder.recursive(true);
            #[cfg(unix)]
            {
                std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
                builder.create(folder)?;
                fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))?;
            }
            #[cfg(not(unix))]
            builder.create(folder)?;
        }
        Ok(())
    }

    /// The journals.
    #[must_use]
    pub fn sessions(&self) -> PathBuf {
        self.state.join("sessions")
    }

    /// The host's socket.
    #[must_use]
    pub fn socket(&self) -> PathBuf {
        self.runtime.join("ctl")
    }

    /// The host's lock.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.runtime.join("lock")
    }
}

/// The folder of the program's own recordings and routes: `$UNDERTONE_ASSETS`, or `assets` beside the program or above it,
/// or where the program was built.
#[must_use]
pub fn assets() -> Option<PathBuf> {
    match env::var_os("UNDERTONE_ASSETS").filter(|folder| !folder.is_empty()) {
        Some(folder) => Some(folder.into()).filter(|folder: &PathBuf| folder.is_dir()),
        None => beside_program("assets"),
    }
}

/// The folder of the playlists that come with the program, found as [`assets`] is, beside it.
#[must_use]
pub fn playlists() -> Option<PathBuf> {
    match assets().as_deref().and_then(Path::parent).map(|beside| beside.join("playlists")) {
        Some(folder) if folder.is_dir() => Some(folder),
        _ => beside_program("playlists"),
    }
}

fn beside_program(name: &str) -> Option<PathBuf> {
    let program = env::current_exe().ok()?;
    let above = program.ancestors().skip(1).flat_map(|folder| [folder.to_owned(), folder.join("share/undertone")]);
    above
        .chain([PathBuf::from(env!("CARGO_MANIFEST_DIR"))])
        .find(|folder| is_ours(folder))
        .map(|folder| folder.join(name))
        .filter(|folder| folder.is_dir())
}

/// A folder that happens to be called `assets` is not enough: only ours holds the routes.
fn is_ours(folder: &Path) -> bool {
    folder.join("assets/routes.toml").is_file()
}
