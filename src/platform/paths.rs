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

/// Why the program's folders cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum FolderError {
    /// It is there, and not for this user only.
    #[error(
        "other users of this machine can look into {folder}, where sessions are kept; close it first: chmod 700 '{folder}'"
    )]
    Open {
        /// Which.
        folder: String,
    },
    /// It cannot be made, or not be made private.
    #[error("{} cannot be used ({source}); it must be a folder of yours", folder.display())]
    Unusable {
        /// Which.
        folder: PathBuf,
        /// The system's reason.
        source: io::Error,
    },
}

/// A folder and those above it, for this user only.
fn make_private(folder: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    {
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(folder)?;
        fs::set_permissions(folder, std::os::unix::fs::PermissionsExt::from_mode(0o700))
    }
    #[cfg(not(unix))]
    builder.create(folder)
}

/// Whether anybody else may do anything in a folder that is there.
fn is_open_to_others(folder: &Path) -> bool {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        fs::metadata(folder).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
    }
    #[cfg(not(unix))]
    {
        let _ = folder;
        false
    }
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

    /// Makes the folders, for this user only. One that others could read is closed to them; but where sessions are kept, it
    /// may have been read already, which a person has to know.
    ///
    /// # Errors
    /// When one cannot be made, or what sessions leave behind lies open to others.
    pub fn create(&self) -> Result<(), FolderError> {
        for folder in [&self.state, &self.sessions()] {
            if is_open_to_others(folder) {
                return Err(FolderError::Open { folder: folder.display().to_string() });
            }
        }
        for folder in [&self.settings, &self.state, &self.sessions(), &self.cache, &self.runtime] {
            make_private(folder).map_err(|source| FolderError::Unusable { folder: folder.clone(), source })?;
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

    /// The host's lock: beside the sessions, since it is they that must not be written by two. The socket's folder may be another
    /// one for a shell of the same user that was opened in another way.
    #[must_use]
    pub fn lock(&self) -> PathBuf {
        self.state.join("lock")
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
