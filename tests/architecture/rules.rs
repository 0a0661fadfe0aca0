//! The rules, each a pure function from one file and the map to complaints.

use super::code::{Token, is_inner, names_under, spells, tokens, without_tests};
use super::map::{Home, Map};

/// A source file: its path from the repository's root, with `/`, and its text.
#[derive(Debug)]
pub struct File {
    pub path: String,
    pub text: String,
}

/// One rule of the house.
pub type Rule = fn(&File, &Map) -> Vec<String>;

const LONGEST_FILE: usize = 500;
/// The only file that names cpal, and the parts of rodio that open devices.
const DEVICE_FILE: &str = "src/audio/output/device.rs";
/// The terminal of the fault trials, whose process plays nothing.
const TERMINAL_FILE: &str = "src/platform/pty.rs";
/// rodio's contract for producers of sound: all that anyone but the device file needs of it.
const RODIO_CONTRACT: &[&str] = &["Source", "ChannelCount", "SampleRate", "Sample"];
/// The heads under which clippy denies clocks, files, sleeping and locks.
pub const PURE_HEADS: &[&str] = &["src/session/mod.rs", "src/audio/render.rs"];
const PURE_PROMISE: &str = "#![deny(clippy::disallowed_methods, clippy::disallowed_types)]";
/// What of `std` has no place in pure code; clippy's lists name single functions only.
const WORLDLY: &[&str] = &["env", "fs", "io", "net", "os", "process", "thread"];
const CLOCKS: &[&str] = &["Instant", "SystemTime"];

impl File {
    /// `src/audio/render.rs` lies in `audio`; `src/lib.rs` in none.
    fn folder(&self) -> Option<&str> {
        self.path.strip_prefix("src/")?.split_once('/').map(|(folder, _)| folder)
    }

    /// How far below the crate's root the file's module is.
    fn depth(&self) -> usize {
        let steps = self.path.split('/').count() - 1;
        let is_root = matches!(self.path.as_str(), "src/lib.rs" | "src/main.rs");
        if is_root || self.path.ends_with("/mod.rs") { steps - 1 } else { steps }
    }

    /// Whether nothing of it ships.
    fn is_test(&self) -> bool {
        !self.path.starts_with("src/")
            || self.path.ends_with("/tests.rs")
            || self.path.split('/').any(|part| part == "tests")
    }

    fn is_render(&self) -> bool {
        self.path == "src/audio/render.rs" || self.path.starts_with("src/audio/render/")
    }

    fn is_pure(&self) -> bool {
        self.is_render() || self.folder() == Some("session")
    }

    /// The tokens that ship.
    fn shipped(&self) -> Vec<Token<'_>> {
        if self.is_test() { Vec::new() } else { without_tests(&tokens(&self.text)) }
    }

    fn complain(&self, line: usize, what: &str) -> String {
        format!("{}:{line}: {what}", self.path)
    }
}

/// A folder names only what the map allows it, in tests too; the program itself names only `cli`.
pub fn folders(file: &File, map: &Map) -> Vec<String> {
    let code = tokens(&file.text);
    if file.path == "src/main.rs" {
        let others = names_under(&code, "undertone").into_iter().filter(|name| name.text != "cli");
        return others
            .map(|name| file.complain(name.line, "the program starts `cli` and names nothing else"))
            .collect();
    }
    let Some(own) = file.folder() else { return Vec::new() };
    let allowed =
        |name: &str| map.folder(own).is_some_and(|folder| name == own || folder.may_name.iter().any(|may| may == name));
    let named = names_under(&code, "crate").into_iter().filter(|name| !allowed(name.text));
    let mut found: Vec<String> =
        named.map(|name| file.complain(name.line, &format!("`{own}` may not name `{}`", name.text))).collect();
    let renamed = (0..code.len()).filter(|at| spells(&code[*at..], &["crate", "as"]));
    found.extend(renamed.map(|at| file.complain(code[at].line, "`crate` under another name hides who names whom")));
    found
}

/// `super` stays in the folder: beyond it only `crate::` paths, which the map judges.
pub fn supers(file: &File, _: &Map) -> Vec<String> {
    let code = tokens(&file.text);
    let mut found = Vec::new();
    let (mut braces, mut inline) = (0, Vec::new());
    for (at, token) in code.iter().enumerate() {
        match token.text {
            "{" => {
                braces += 1;
                if at >= 2 && code[at - 2].text == "mod" {
                    inline.push(braces);
                }
            }
            "}" => {
                if inline.last() == Some(&braces) {
                    inline.pop();
                }
                braces -= 1;
            }
            "super" if at < 2 || !spells(&code[at - 2..], &["super", "::"]) => {
                let climbed = code[at..].chunks(2).take_while(|step| step[0].text == "super").count();
                if file.path.starts_with("src/") && climbed >= file.depth() + inline.len() {
                    found.push(file.complain(token.line, "`super` leaves the folder; name it from `crate::`"));
                }
            }
            _ => {}
        }
    }
    found
}

/// A crate is named only where it is at home. Tests may name what they like.
pub fn crates(file: &File, map: &Map) -> Vec<String> {
    let code = file.shipped();
    let mut found = Vec::new();
    for (at, token) in code.iter().enumerate() {
        let named = token.text.replace('_', "-");
        let Some((name, home)) = map.crates.get_key_value(&named).or_else(|| map.crates.get_key_value(token.text))
        else {
            continue;
        };
        let is_path = code.get(at + 1).is_some_and(|next| next.text == "::") && !is_inner(&code, at);
        let is_import = at > 0 && matches!(code[at - 1].text, "use" | "crate") && !is_path;
        let at_home = match home {
            Home::Folders(folders) => file.folder().is_some_and(|own| folders.iter().any(|home| home == own)),
            Home::OutsideRender => !file.is_render(),
        };
        if (is_path || is_import) && !at_home {
            found.push(file.complain(token.line, &format!("`{name}` is not at home here")));
        }
    }
    found
}

/// Devices are named in one file.
pub fn devices(file: &File, _: &Map) -> Vec<String> {
    if file.path == DEVICE_FILE {
        return Vec::new();
    }
    let code = file.shipped();
    let cpal = code.iter().filter(|token| token.text == "cpal").copied();
    let rodio = names_under(&code, "rodio").into_iter().filter(|name| !RODIO_CONTRACT.contains(&name.text));
    let text = |token: Token| file.complain(token.line, &format!("`{}` belongs in {DEVICE_FILE}", token.text));
    cpal.chain(rodio).map(text).collect()
}

/// Files stay short enough to be read at a sitting.
pub fn length(file: &File, _: &Map) -> Vec<String> {
    let lines = file.text.lines().count();
    let too_long = (lines > LONGEST_FILE).then(|| file.complain(lines, &format!("longer than {LONGEST_FILE} lines")));
    too_long.into_iter().collect()
}

/// A file begins by saying what it is for.
pub fn head(file: &File, _: &Map) -> Vec<String> {
    let first = file.text.lines().next().unwrap_or_default();
    let says = first.strip_prefix("//! ").is_some_and(|sentence| !sentence.trim().is_empty());
    (!says).then(|| file.complain(1, "has no `//!` head that says what it is for")).into_iter().collect()
}

/// A folder's head says what always holds.
pub fn invariant(file: &File, _: &Map) -> Vec<String> {
    let is_folder_head = file.depth() == 1 && file.path.starts_with("src/") && file.path.ends_with("/mod.rs");
    let says = file.text.lines().any(|line| line.starts_with("//! *Invariant:* "));
    (is_folder_head && !says).then(|| file.complain(1, "has no `//! *Invariant:*` line")).into_iter().collect()
}

/// Unsafe code lies in `platform`, file by file.
pub fn unsafety(file: &File, _: &Map) -> Vec<String> {
    if file.folder() == Some("platform") {
        return Vec::new();
    }
    let code = tokens(&file.text);
    let words = code.iter().filter(|token| matches!(token.text, "unsafe" | "unsafe_code"));
    words.map(|token| file.complain(token.line, "unsafe code belongs in `platform`")).collect()
}

/// The session process is never copied: while it is, no thread of it gets memory, and the sound stops. What asks something of a
/// child before it becomes another program makes the standard library copy.
pub fn births(file: &File, _: &Map) -> Vec<String> {
    if file.path == TERMINAL_FILE {
        return Vec::new();
    }
    let code = file.shipped();
    let words = code.iter().filter(|token| matches!(token.text, "pre_exec" | "fork"));
    words.map(|token| file.complain(token.line, &format!("`{}` copies the process", token.text))).collect()
}

/// The core and the render half promise clippy that they know no clock, file or lock, and nothing in them takes it back.
pub fn purity(file: &File, _: &Map) -> Vec<String> {
    let mut found = Vec::new();
    if PURE_HEADS.contains(&file.path.as_str()) && !file.text.lines().any(|line| line == PURE_PROMISE) {
        found.push(file.complain(1, &format!("its head must say {PURE_PROMISE}")));
    }
    if !file.is_pure() {
        return found;
    }
    let code = file.shipped();
    let taken_back = code.iter().enumerate().filter(|(at, token)| {
        token.text.starts_with("disallowed_") && !code[..*at].iter().rev().take(12).any(|before| before.text == "deny")
    });
    found.extend(taken_back.map(|(_, token)| file.complain(token.line, "takes the promise of purity back")));
    let world = names_under(&code, "std").into_iter().filter(|name| WORLDLY.contains(&name.text));
    let clocks = code.iter().filter(|token| CLOCKS.contains(&token.text)).copied();
    found.extend(
        world.chain(clocks).map(|name| file.complain(name.line, &format!("`{}` has no place here", name.text))),
    );
    found
}
