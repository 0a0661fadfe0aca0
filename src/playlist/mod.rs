//! Playlists: TOML text to *schema* (exactly as written) to [`Plan`] (valid by construction), or diagnostics.
//!
//! *Invariant:* never the first mistake only: every finding about a file is collected and shown with its place. A plan comes
//! out exactly when there is no error among them. Files are named and examined here, never opened.
//!
//! In the order of [`load`]: `source` (the text), `syntax` (TOML), `reader` and `value` (one key at a time), `schema` and
//! `track_schema` (everything as written), `timing` and `routes` (when), `paths` and `library` (the files), `pool`, `cut`,
//! `fitness` and `beds` (what sounds, and how loud), `plan` (the whole), `outlook` (what it comes to). `findings`,
//! `diagnostic` and `draw` tell of it. `settings` reads the clinic's own settings by the same means. `json_schema` tells
//! editors the same rules. `named` tells which files a playlist names, and where; `kept` makes the same plan again without any
//! of them; `edit` changes single values of a text, `replace` puts it in its file's place.

mod beds;
mod cut;
mod diagnostic;
mod draw;
mod edit;
mod findings;
mod fitness;
mod json_schema;
mod kept;
mod library;
mod named;
mod outlook;
mod paths;
mod plan;
mod pool;
mod reader;
mod replace;
mod routes;
mod same;
mod schema;
mod settings;
mod source;
mod syntax;
mod timing;
mod track_schema;
mod value;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use findings::Findings;
use library::Library;
use paths::Roots;
use pool::Excluded;
use schema::Schema;
use source::Source;

pub use diagnostic::{Code, Diagnostic, Grade, Place, Severity, gravest};
pub use draw::draw;
pub use edit::{EditError, Manuscript};
pub use json_schema::json_schema;
pub use kept::Kept;
pub use named::{Named, NamedFile, NamedTrack, Part, named};
pub use routes::{Ends, Preset, presets};
pub use settings::{Dim, KeepError, Lost, Output, Screen, Settings, keep};

use crate::media::{self, Facts, Material, MediaError};
use crate::session::Plan;
use crate::units::{DbTp, Decibels, Lufs, SafeText, Span};

/// What the caller decides beside the playlist's text.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Takes the place of the playlist's own route.
    pub route: Option<String>,
    /// How long the infusion takes; the route `iv` needs it, and only that route.
    pub infusion: Option<Span>,
    /// Tags to leave out, beside the playlist's own `[exclude]`.
    pub exclude: Vec<String>,
    /// Folders where files may lie, beside the playlist's own.
    pub library_roots: Vec<PathBuf>,
    /// The clinic's own route presets; a file that does not exist adds nothing.
    pub clinic_routes: Option<PathBuf>,
}

/// A playlist, ready to play.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// What the session core follows.
    pub plan: Plan,
    /// What the plan's numbers stand for.
    pub shelf: Shelf,
    /// How loud it may be.
    pub rules: SoundRules,
    /// BLAKE3 of the playlist's text, in hex.
    pub sha: String,
    /// What it was made of.
    pub kept: Arc<Kept>,
}

/// The material behind a plan.
#[derive(Clone, Debug)]
pub struct Shelf {
    /// By [`crate::session::TrackId`].
    pub tracks: Vec<Material>,
    /// By the same: which track of the text it is, as [`Manuscript`] counts them.
    pub written: Vec<usize>,
    /// By [`crate::session::BedId`].
    pub beds: Vec<Bed>,
    /// The playlist's bed of last resort (`[sound] bed`), for every gap and failure.
    pub safe_bed: Bed,
}

/// A bed and its gain.
#[derive(Clone, Debug, PartialEq)]
pub struct Bed {
    /// What to name it on screen.
    pub title: SafeText,
    /// A generator, or a file that repeats.
    pub material: Material,
    /// Brings the material to the bed's level.
    pub gain: Decibels,
}

/// The playlist's `[sound]` numbers that the engine needs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SoundRules {
    /// Every track is trimmed to this.
    pub target: Lufs,
    /// The limiter's ceiling.
    pub ceiling: DbTp,
}

/// Finds out about files: decodes each once, or remembers that it did.
pub type Examine<'a> = dyn FnMut(&[PathBuf]) -> BTreeMap<PathBuf, Result<Facts, MediaError>> + 'a;

/// Reads a playlist. All findings come at once, in the order of the text; with an error among them there is no plan.
pub fn load(path: &Path, options: &Options, examine: &mut Examine) -> (Option<Loaded>, Vec<Diagnostic>) {
    match Source::open(path) {
        Ok(source) => load_source(path, source, options, examine),
        Err(finding) => (None, vec![*finding]),
    }
}

/// As [`load`], for a text that is not in a file yet: `path` is where it would be.
pub fn load_text(
    path: &Path,
    text: String,
    options: &Options,
    examine: &mut Examine,
) -> (Option<Loaded>, Vec<Diagnostic>) {
    match Source::checked(path, text.into_bytes()) {
        Ok(source) => load_source(path, source, options, examine),
        Err(finding) => (None, vec![*finding]),
    }
}

fn load_source(
    path: &Path,
    source: Source,
    options: &Options,
    examine: &mut Examine,
) -> (Option<Loaded>, Vec<Diagnostic>) {
    let source = Arc::new(source);
    let (presets, mut found) = match presets(options.clinic_routes.as_deref()) {
        Ok(presets) => (presets, Vec::new()),
        Err(findings) => (routes::built_in(), findings),
    };
    let mut findings = Findings::about(Arc::clone(&source));
    let roots = Roots::of(path, &options.library_roots);
    let mut gather = |schema: &Schema, excluded: &Excluded, findings: &mut Findings| {
        Library::gather(schema, |track| excluded.lets(track), &roots, examine, findings)
    };
    let loaded = understand(&source, options, presets, &mut gather, &mut findings);
    let failed = findings.failed() || gravest(&found) == Some(Severity::Error);
    found.extend(findings.into_list());
    (loaded.filter(|_| !failed), found)
}

/// Finds the files that a playlist names.
type Gather<'a> = dyn FnMut(&Schema, &Excluded, &mut Findings) -> Library + 'a;

/// Text to schema to plan, whatever is found on the way.
fn understand(
    source: &Arc<Source>,
    options: &Options,
    presets: Vec<Preset>,
    gather: &mut Gather,
    findings: &mut Findings,
) -> Option<Loaded> {
    let (document, damage) = syntax::parse(source, findings);
    let schema = Schema::read(&document, findings);
    let excluded = plan::excluded(&schema, options, findings);
    let route = timing::route(schema.route.as_ref(), options, &presets, findings);
    let library = gather(&schema, &excluded, findings);
    let built = plan::build(&schema, route, &excluded, &library, findings);
    findings.retain(|finding| damage.spares(finding));
    let (plan, shelf) = built?;
    let rules = SoundRules::of(&schema.sound);
    let kept = Kept { text: source.text.clone(), presets, files: library };
    Some(Loaded { plan, shelf, rules, sha: media::hash(source.text.as_bytes()), kept: Arc::new(kept) })
}
