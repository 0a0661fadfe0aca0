//! Finds the files that a playlist names, under its own folder or a library root and nowhere else.

use std::fs::{self, FileType, Metadata};
use std::path::{Component, Path, PathBuf};

use super::diagnostic::Code;
use super::findings::{Findings, nearest, quoted};
use super::reader::Written;

/// Looked at in a folder when a file is missing, to find the name that was meant.
const MOST_SIBLINGS: usize = 2000;

/// The folders that files may lie in, as they really are, the playlist's own first.
pub(super) struct Roots(Vec<PathBuf>);

/// Why a path is refused.
struct Refusal {
    code: Code,
    why: &'static str,
    advice: &'static str,
    nearest: Option<String>,
}

impl Roots {
    /// The playlist's folder and the library's; those that do not exist hold no files.
    pub fn of(playlist: &Path, library: &[PathBuf]) -> Self {
        let own = match playlist.parent() {
            Some(folder) if folder != Path::new("") => folder,
            _ => Path::new("."),
        };
        let all = std::iter::once(own).chain(library.iter().map(PathBuf::as_path));
        Self(all.filter_map(|root| fs::canonicalize(root).ok()).collect())
    }

    /// The real path of a file, or a finding. Nothing is opened.
    pub fn find(&self, file: &Written<String>, findings: &mut Findings) -> Option<PathBuf> {
        match self.resolve(&file.value) {
            Ok(path) => Some(path),
            Err(Refusal { code, why, advice, nearest }) => {
                findings
                    .error(code, file.at.clone(), format!("{} {why}", quoted(&file.value)))
                    .advise(advice)
                    .suggest(nearest);
                None
            }
        }
    }

    /// The real path of a file, or why it cannot be used, as the end of a sentence.
    pub fn look(&self, text: &str) -> Result<PathBuf, &'static str> {
        self.resolve(text).map_err(|refusal| refusal.why)
    }

    /// Where a file would lie, by each of the folders.
    pub fn expected(&self, text: &str) -> Vec<PathBuf> {
        self.0.iter().map(|root| root.join(text)).collect()
    }

    fn resolve(&self, text: &str) -> Result<PathBuf, Refusal> {
        let refuse = |code, why, advice| Err(Refusal { code, why, advice, nearest: None });
        let beside = "put the file into the playlist's folder or a library folder, and write the path from there";
        if text.contains("://") {
            return refuse(Code::PathOutside, "is an address on a network; sessions play without one", beside);
        }
        let absolute = text.starts_with(['/', '\\', '~']) || text.chars().nth(1) == Some(':');
        let written = Path::new(text);
        if absolute || written.components().any(|part| matches!(part, Component::RootDir | Component::Prefix(_))) {
            return refuse(Code::PathOutside, "does not begin in the playlist's folder", beside);
        }
        for root in &self.0 {
            let candidate = root.join(written);
            if fs::symlink_metadata(&candidate).is_err() {
                continue;
            }
            let Ok(real) = fs::canonicalize(&candidate) else {
                return refuse(Code::MissingFile, "is a link that leads nowhere", "put the file itself there");
            };
            if !self.0.iter().any(|root| real.starts_with(root)) {
                return refuse(Code::PathOutside, "leads out of the playlist's folder and the library", beside);
            }
            return match fs::metadata(&real) {
                Ok(metadata) if metadata.is_file() => Ok(real),
                Ok(metadata) => refuse(Code::SpecialFile, kind(&metadata), "name a music file"),
                Err(_) => refuse(Code::MissingFile, "cannot be looked at", "check who may read it"),
            };
        }
        let advice = match text.contains('\\') {
            true => "write the path with / between folders, on every system",
            false => "put the file there, or correct its path; paths begin in the playlist's folder",
        };
        Err(Refusal { code: Code::MissingFile, why: "is not there", advice, nearest: self.sibling(text) })
    }

    /// A file of nearly the same name in the same folder.
    fn sibling(&self, text: &str) -> Option<String> {
        let (folder, name) = text.rsplit_once('/').map_or(("", text), |(folder, name)| (folder, name));
        self.0.iter().find_map(|root| {
            let real = fs::canonicalize(root.join(folder)).ok().filter(|real| real.starts_with(root))?;
            let entries = fs::read_dir(real).ok()?.take(MOST_SIBLINGS).flatten();
            let mut names: Vec<String> = entries.filter_map(|entry| entry.file_name().into_string().ok()).collect();
            names.sort();
            // Without the endings, which are alike anyway; and the same piece in another format is a good guess.
            let meant = nearest(stem(name), names.iter().map(|name| stem(name)))?;
            let meant = names.iter().find(|name| stem(name) == meant)?;
            let path = if folder.is_empty() { meant.clone() } else { format!("{folder}/{meant}") };
            Some(quoted(&path).trim_matches('"').to_owned())
        })
    }
}

/// A file's name without its ending.
fn stem(name: &str) -> &str {
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

/// What a path is that is not a regular file, as the end of a sentence.
fn kind(metadata: &Metadata) -> &'static str {
    if metadata.is_dir() { "is a folder, not a file" } else { special(metadata.file_type()) }
}

#[cfg(unix)]
fn special(kind: FileType) -> &'static str {
    use std::os::unix::fs::FileTypeExt;
    match kind {
        kind if kind.is_fifo() => "is a pipe, not a file",
        kind if kind.is_socket() => "is a socket, not a file",
        _ => "is a device, not a file",
    }
}

#[cfg(not(unix))]
fn special(_kind: FileType) -> &'static str {
    "is not a regular file"
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(tempfile::TempDir);

    impl Folder {
        /// `lists/` with the playlist, `library/`, and `outside`.
        fn new() -> Self {
            let folder = Self(tempfile::tempdir().unwrap());
            for path in ["lists/music/Opening.flac", "library/tide.ogg", "outside.flac"] {
                let path = folder.path(path);
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                fs::write(path, "x").unwrap();
            }
            folder
        }

        fn path(&self, path: &str) -> PathBuf {
            self.0.path().join(path)
        }

        fn check(&self, text: &str, expected: Result<&str, Code>) {
            let roots = Roots::of(&self.path("lists/list.toml"), &[self.path("library"), self.path("none")]);
            let expected = expected.map(|path| fs::canonicalize(self.path(path)).unwrap());
            assert_eq!(roots.resolve(text).map_err(|refusal| refusal.code), expected, "{text}");
        }
    }

    #[test]
    fn files_lie_under_the_playlists_folder_or_the_library() {
        let folder = Folder::new();
        folder.check("music/Opening.flac", Ok("lists/music/Opening.flac"));
        folder.check("./music/../music/Opening.flac", Ok("lists/music/Opening.flac"));
        folder.check("tide.ogg", Ok("library/tide.ogg"));
        folder.check("../library/tide.ogg", Ok("library/tide.ogg"));
        folder.check("../outside.flac", Err(Code::PathOutside));
        folder.check("/etc/passwd", Err(Code::PathOutside));
        folder.check("C:\\music\\a.flac", Err(Code::PathOutside));
        folder.check("~/a.flac", Err(Code::PathOutside));
        folder.check("https://example.org/a.flac", Err(Code::PathOutside));
        folder.check("", Err(Code::SpecialFile));
        folder.check("music", Err(Code::SpecialFile));
        folder.check("none.flac", Err(Code::MissingFile));
        folder.check("a\0b", Err(Code::MissingFile));
    }

    #[cfg(unix)]
    #[test]
    fn links_may_not_leave_and_special_files_are_never_opened() {
        use std::os::unix::fs::symlink;
        let folder = Folder::new();
        symlink(folder.path("outside.flac"), folder.path("lists/out.flac")).unwrap();
        symlink(folder.path("library/tide.ogg"), folder.path("lists/in.ogg")).unwrap();
        symlink(folder.path("gone"), folder.path("lists/dangling.ogg")).unwrap();
        symlink("/dev/zero", folder.path("lists/zero.flac")).unwrap();
        let fifo = std::process::Command::new("mkfifo").arg(folder.path("lists/pipe.flac")).status().unwrap();
        assert!(fifo.success());
        folder.check("out.flac", Err(Code::PathOutside));
        folder.check("in.ogg", Ok("library/tide.ogg"));
        folder.check("dangling.ogg", Err(Code::MissingFile));
        folder.check("zero.flac", Err(Code::PathOutside));
        folder.check("pipe.flac", Err(Code::SpecialFile));
    }

    #[test]
    fn a_mistyped_name_finds_the_one_that_was_meant() {
        let folder = Folder::new();
        let roots = Roots::of(&folder.path("lists/list.toml"), &[]);
        assert_eq!(roots.sibling("music/opening.flac").as_deref(), Some("music/Opening.flac"));
        assert_eq!(roots.sibling("music/openin.flac").as_deref(), Some("music/Opening.flac"));
        assert_eq!(roots.sibling("music/opening.mp3").as_deref(), Some("music/Opening.flac"));
        assert_eq!(roots.sibling("music/rain.flac"), None);
        assert_eq!(roots.sibling("../outsid.flac"), None);
    }
}
