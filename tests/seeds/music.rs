//! The music of the seeded sessions: steady tones in real files, measured once.
//!
//! Their frequencies are multiples of 10 Hz, so that in any tenth of a second two that cross add up by their powers, and
//! what is measured of a session is the session's own doing.

use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use undertone::media::{Cache, Facts, MediaError, examine_all};
use undertone::playlist::{self, Loaded, Options};

/// Frequency in Hz and length in seconds of each file.
pub const TONES: [(u32, u32); 5] = [(220, 300), (330, 200), (440, 130), (550, 90), (660, 50)];
const RATE: u32 = 48_000;

/// Where the files are, and the playlists beside them.
pub fn folder() -> &'static Path {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("seeds");
        fs::create_dir_all(&folder).unwrap();
        for (hz, seconds) in TONES {
            let file = folder.join(name(hz));
            if !file.exists() {
                let aside = folder.join(format!("{hz}.{}.part", std::process::id()));
                write(&aside, hz, seconds);
                fs::rename(aside, file).unwrap();
            }
        }
        folder
    })
}

/// The file of a tone.
pub fn name(hz: u32) -> String {
    format!("tone-{hz}.wav")
}

fn write(file: &Path, hz: u32, seconds: u32) {
    let sample_format = hound::SampleFormat::Int;
    let spec = hound::WavSpec { channels: 1, sample_rate: RATE, bits_per_sample: 16, sample_format };
    let mut file = hound::WavWriter::create(file, spec).unwrap();
    for number in 0..seconds * RATE {
        let sample = (TAU * (f64::from(hz) * f64::from(number) / f64::from(RATE)).fract()).sin();
        file.write_sample((sample * 0.2 * 32_767.0) as i16).unwrap();
    }
    file.finalize().unwrap();
}

fn facts() -> &'static BTreeMap<PathBuf, Result<Facts, MediaError>> {
    static FACTS: OnceLock<BTreeMap<PathBuf, Result<Facts, MediaError>>> = OnceLock::new();
    FACTS.get_or_init(|| {
        let files: Vec<PathBuf> =
            TONES.iter().map(|(hz, _)| fs::canonicalize(folder().join(name(*hz))).unwrap()).collect();
        examine_all(&files, &Cache::at(folder().join("cache")), &|_, _| ())
    })
}

/// A playlist of this text, as the program reads it from this file beside the tones.
pub fn load(file: &str, text: &str) -> Result<Loaded, String> {
    let path = folder().join(file);
    fs::write(&path, text).unwrap();
    let mut examine = |files: &[PathBuf]| {
        let known = |file: &PathBuf| (file.clone(), facts()[&fs::canonicalize(file).unwrap()].clone());
        files.iter().map(known).collect()
    };
    let (loaded, findings) = playlist::load(&path, &Options::default(), &mut examine);
    loaded.ok_or_else(|| playlist::draw(&findings))
}
