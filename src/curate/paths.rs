//! Paths as a playlist writes them: from its own folder, in UTF-8, with `/` on every system.

use std::path::{Component, Path, PathBuf};

/// From a folder to a file, both absolute: down into the folder, or up first with `..`. `None` where no way leads.
#[must_use]
pub fn relative(folder: &Path, file: &Path) -> Option<PathBuf> {
    let (mut from, mut to) = (folder.components().peekable(), file.components().peekable());
    let mut common = 0;
    while let (Some(one), Some(other)) = (from.peek(), to.peek())
        && one == other
    {
        common += usize::from(!matches!(one, Component::Prefix(_)));
        from.next();
        to.next();
    }
    // Another drive, or one of them is not absolute.
    if common == 0 {
        return None;
    }
    Some(from.map(|_| Component::ParentDir).chain(to).collect())
}

/// A relative path as text that [`crate::playlist`] reads as the same path; `None` where it is not UTF-8.
#[must_use]
pub fn written(path: &Path) -> Option<String> {
    let parts: Option<Vec<&str>> = path.components().map(|part| part.as_os_str().to_str()).collect();
    let text = parts?.join("/");
    // What begins like a home, a drive or a root is refused there; after `./` it is only a name.
    let odd = text.starts_with(['/', '\\', '~']) || text.chars().nth(1) == Some(':');
    Some(if odd { format!("./{text}") } else { text })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_way_to_a_file_goes_down_or_up_first() {
        let check = |folder: &str, file: &str, expected: Option<&str>| {
            assert_eq!(relative(Path::new(folder), Path::new(file)), expected.map(PathBuf::from), "{folder} {file}");
        };
        check("/m", "/m/a.flac", Some("a.flac"));
        check("/m/lists", "/m/music/a.flac", Some("../music/a.flac"));
        check("/m/x/y", "/m/a.flac", Some("../../a.flac"));
        check("/", "/a", Some("a"));
        check("m", "/a", None);
    }

    #[test]
    fn an_odd_name_is_written_so_that_it_is_only_a_name() {
        for (path, expected) in [
            ("a/b c.flac", Some("a/b c.flac")),
            ("~x.flac", Some("./~x.flac")),
            ("\\x.flac", Some("./\\x.flac")),
            ("a:b.flac", Some("./a:b.flac")),
            ("../a", Some("../a")),
        ] {
            assert_eq!(written(Path::new(path)).as_deref(), expected);
        }
    }

    #[cfg(unix)]
    #[test]
    fn a_name_that_is_not_utf_8_cannot_be_written() {
        use std::os::unix::ffi::OsStrExt;
        assert_eq!(written(Path::new(std::ffi::OsStr::from_bytes(b"a\xff.flac"))), None);
    }
}
