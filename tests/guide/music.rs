//! The guide's folder: sixty files in mixed formats, with names as they come. Eight are the program's own recordings (FLAC, MP3,
//! Ogg Vorbis), the others are made here: as WAV, and by ffmpeg in every other format that it has an encoder for.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::room::Room;

/// Long enough that sixty of them are more than a session.
const SECONDS: u32 = 125;

/// Names without ending, in turn.
const NAMES: [&str; 15] = [
    "Prelude",
    "two words",
    "it's \"so\"",
    "🌊 waves",
    "مقام صبا",
    "שיר ערש",
    "line\nbreak",
    "夜想曲",
    "Für Alina (live) [2]",
    "-dashes-",
    "#7",
    "100 %",
    "~ tilde",
    " space",
    "e\u{301}tude",
];

/// Makes it, and tells how many of its files can be used.
pub fn sixty_files(room: &Room) -> usize {
    let mut recordings: Vec<_> =
        fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/assets/recordings")).unwrap().flatten().collect();
    recordings.sort_by_key(fs::DirEntry::path);
    let endings = ["wav", "flac", "aiff", "mp3", "m4a", "ogg", "opus"];
    for number in 0..60usize {
        let folder = if number % 4 == 0 { "music/strings" } else { "music" };
        fs::create_dir_all(room.path(folder)).unwrap();
        let name = format!("{folder}/{} {number}", NAMES[number % NAMES.len()]);
        let place = |ending: &str| room.path(format!("{name}.{ending}"));
        if let Some(recording) = recordings.get(number) {
            let path = recording.path();
            fs::copy(&path, place(path.extension().unwrap().to_str().unwrap())).unwrap();
            continue;
        }
        room.tone("raw.wav", SECONDS, number as u32);
        let raw = room.path("raw.wav");
        let ending = endings[number % endings.len()];
        if ending == "wav" || !encode(&raw, &place(ending)) {
            fs::rename(&raw, place("wav")).unwrap();
        }
    }
    let _ = fs::remove_file(room.path("raw.wav"));
    60
}

/// Encodes by ffmpeg; that it, or its encoder, is missing is no failure of ours.
fn encode(from: &Path, to: &Path) -> bool {
    // A name that begins with a dash, or holds a colon, is only a name after `file:`.
    let named = |path: &Path| format!("file:{}", path.display());
    let mut command = Command::new("ffmpeg");
    command.args(["-v", "quiet", "-y", "-i", &named(from), &named(to)]);
    let encoded = command.stdin(Stdio::null()).status().is_ok_and(|status| status.success());
    if !encoded {
        let _ = fs::remove_file(to);
    }
    encoded
}
