//! A playlist as a session began with it, so that a later host of the same session needs neither its file as it was nor any
//! of its music to be there: whoever has changed or unplugged it meanwhile, the session comes back.

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::diagnostic::Diagnostic;
use super::findings::Findings;
use super::library::Library;
use super::routes::Preset;
use super::source::Source;
use super::{Loaded, Options, understand};

/// All that a plan was made of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Kept {
    pub(super) text: String,
    pub(super) presets: Vec<Preset>,
    pub(super) files: Library,
}

impl Kept {
    /// The same plan again, given the same options; nothing is looked at on the disk.
    ///
    /// # Errors
    /// The findings, when this version reads it otherwise than the one that kept it.
    pub fn load(self, path: &Path, options: &Options) -> Result<Loaded, Vec<Diagnostic>> {
        let source = Source::checked(path, self.text.into_bytes()).map_err(|finding| vec![*finding])?;
        let source = Arc::new(source);
        let mut findings = Findings::about(Arc::clone(&source));
        let loaded = understand(&source, options, self.presets, &mut |_, _, _| self.files.clone(), &mut findings);
        let failed = findings.failed();
        loaded.filter(|_| !failed).ok_or_else(|| findings.into_list())
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;
    use std::fs;
    use std::path::PathBuf;

    use super::*;
    use crate::media::{Facts, MediaError, examine};
    use crate::playlist::load;

    const LIST: &str = r#"format = 1
title = "Kept"
route = "here"
[[phase]]
kind = "peak"
[[phase.track]]
file = "half.wav"
[[phase.track]]
generator = "rain"
minutes = 3
"#;
    const ROUTES: &str = r#"[here]
summary = "of this house"
preparation = "15m"
ends = { onset = "4m", ascent = "12m", peak = "38m", return = "62m", integration = "90m" }
"#;

    fn facts(files: &[PathBuf]) -> BTreeMap<PathBuf, Result<Facts, MediaError>> {
        files.iter().map(|file| (file.clone(), examine(file))).collect()
    }

    #[test]
    fn the_same_plan_is_made_when_playlist_routes_and_music_are_gone() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/media/note-7.wav");
        fs::copy(fixture, at("half.wav")).unwrap();
        fs::write(at("list.toml"), LIST).unwrap();
        fs::write(at("routes.toml"), ROUTES).unwrap();
        let options = Options { clinic_routes: Some(at("routes.toml")), ..Options::default() };
        let (loaded, findings) = load(&at("list.toml"), &options, &mut facts);
        let loaded = loaded.unwrap_or_else(|| panic!("{}", crate::playlist::draw(&findings)));
        let text = serde_json::to_string(&*loaded.kept).unwrap();
        ["half.wav", "list.toml", "routes.toml"].iter().for_each(|name| fs::remove_file(at(name)).unwrap());
        let again = serde_json::from_str::<Kept>(&text).unwrap().load(&at("list.toml"), &options).unwrap();
        assert_eq!(again.plan, loaded.plan);
        assert_eq!(again.shelf.tracks, loaded.shelf.tracks);
        assert_eq!((again.rules, &again.sha), (loaded.rules, &loaded.sha));
    }
}
