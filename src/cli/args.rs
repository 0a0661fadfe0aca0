//! Every command and its arguments; the doc comments are the help texts.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

use super::audition::AuditionArgs;
use super::doctor::DoctorArgs;
use super::exchange::{ExportArgs, ImportArgs};
use super::new::NewArgs;
use super::pack::{PackArgs, UnpackArgs};
use super::plan::PlanArgs;
use super::relink::RelinkArgs;
use super::sessions::SessionsAction;
use super::watch::WatchArgs;
use crate::units::Span;

/// Plays the music of a ketamine-assisted psychotherapy session.
///
/// Without a command: shows the running session, or the playlists to begin one.
#[derive(Parser)]
#[command(name = "undertone", version, after_help = "Example: undertone play low-tide")]
pub(super) struct Arguments {
    #[command(subcommand)]
    pub(super) command: Option<Command>,
}

#[derive(Subcommand)]
pub(super) enum Command {
    /// Begin a session with this playlist, straight to the panel
    #[command(after_help = "Example: undertone play low-tide --output headphones --exclude water")]
    Play(PlayArgs),
    /// The built-in session, hurried, to see and hear everything in minutes
    #[command(after_help = "Example: undertone demo --speed 20")]
    Demo {
        /// Session seconds in a second between joints, 2 to 60
        #[arg(long, default_value_t = 20, value_parser = clap::value_parser!(u32).range(2..=60))]
        speed: u32,
    },
    /// Say everything that is wrong with playlists, at once
    #[command(
        after_help = "Example: undertone check playlists/ --format json\nExit code: 0 clean, 1 errors, 2 could not run"
    )]
    Check(CheckArgs),
    /// The session as a picture: arc, phases, pieces to scale, joints, exits, spare
    #[command(
        after_help = "Examples: undertone plan low-tide\n          undertone plan my-playlist.toml --svg plan.svg\n          \
                      undertone plan low-tide --script late-dose.script\n\
                      Exit code: 0 drawn, 1 an expectation of the script failed, or the playlist has errors, 2 could not run"
    )]
    Plan(PlanArgs),
    /// Draw the plan and what is wrong with it anew after each save, while a playlist is edited
    #[command(after_help = "Example: undertone watch my-playlist.toml\nKeys: arrows scroll, q or Ctrl-C leaves")]
    Watch(WatchArgs),
    /// Measure music files: length, loudness, true peak, silence at the edges
    #[command(after_help = "Example: undertone analyze ~/Music/sessions")]
    Analyze {
        /// Files, or folders to look through
        #[arg(required = true)]
        paths: Vec<PathBuf>,
    },
    /// Propose a playlist from a folder of music, by measuring it
    #[command(after_help = "Example: undertone new ~/Music/sessions\n\
                            Exit code: 0 written, and `check` has no errors; 1 too little music; 2 could not be done")]
    New(NewArgs),
    /// Make a playlist of a list from another program: M3U8 or XSPF
    #[command(after_help = "Example: undertone import evening.m3u8 --route iv40\n\
                            Exit code: 0 can be played; 1 written, and something is to mend; 2 could not be done")]
    Import(ImportArgs),
    /// Write a playlist's files as a list for other programs: M3U8 or XSPF
    #[command(after_help = "Example: undertone export my-playlist.toml -o my-playlist.xspf")]
    Export(ExportArgs),
    /// Find a playlist's music again after it was moved, by checksum; or write the checksums
    #[command(after_help = "Examples: undertone relink my-playlist.toml --checksums\n          \
                            undertone relink my-playlist.toml music/\n\
                            Exit code: 0 nothing is missing; 1 something still is; 2 could not be done")]
    Relink(RelinkArgs),
    /// Pack a playlist, its music, checksums and licences into one archive
    #[command(after_help = "Example: undertone pack my-playlist.toml -o my-playlist.tar")]
    Pack(PackArgs),
    /// Unpack an archive of `undertone pack`, and verify every file in it
    #[command(after_help = "Example: undertone unpack my-playlist.tar ~/playlists")]
    Unpack(UnpackArgs),
    /// Hear the joints of a playlist alone, make each crossfade longer or shorter, and write that back
    #[command(after_help = "Example: undertone audition my-playlist.toml --output headphones\n\
                            Only the `fade_in` of the pieces in question is written; the rest of the file stays to the byte")]
    Audition(AuditionArgs),
    /// Write a session's sound to a WAV or FLAC file, faster than real time
    #[command(after_help = "Example: undertone render low-tide -o session.flac")]
    Render(RenderArgs),
    /// Run a whole session in virtual time and check what a script expects
    #[command(after_help = "Example: undertone simulate low-tide --script late-dose.script --journal out.jsonl\n\
                            Exit code: 0 as expected, 1 an expectation failed, 2 could not run")]
    Simulate(SimulateArgs),
    /// Ask something of the running session: any verb, `status [--json]`, or `watch`
    #[command(
        after_help = "Examples: undertone ctl duck\n          undertone ctl dose --ago 2m\n          undertone ctl status --json"
    )]
    Ctl {
        /// The verb and its argument
        #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
        words: Vec<String>,
    },
    /// List the sound outputs of this machine
    #[command(after_help = "Example: undertone devices")]
    Devices,
    /// Say whether this machine is fit for a session, and what to do about what is not
    #[command(after_help = "Example: undertone doctor low-tide\nExit code: 0 fit, 1 not fit, 2 could not look")]
    Doctor(DoctorArgs),
    /// Print the route presets: when each phase ends after the dose mark
    #[command(after_help = "Example: undertone routes")]
    Routes,
    /// Past sessions: list them, read a report, or delete them
    #[command(after_help = "Example: undertone sessions report K7QF3M")]
    Sessions {
        #[command(subcommand)]
        action: Option<SessionsAction>,
    },
    /// Print the rules of a playlist as JSON Schema, for editors
    #[command(after_help = "Example: undertone schema > undertone.schema.json\n\
                            Then begin a playlist with the line: #:schema ./undertone.schema.json")]
    Schema,
    /// Print the curator's guide: from a folder of music to a playlist that can be trusted
    #[command(after_help = "Example: undertone guide | less")]
    Guide,
    /// Print the completions for a shell
    #[command(
        after_help = "Example: undertone completions bash > ~/.local/share/bash-completion/completions/undertone"
    )]
    Completions {
        /// Which shell
        shell: Shell,
    },
    /// Print the manual page
    #[command(after_help = "Example: undertone man | man -l -")]
    Man,
    /// The panel that cannot be left without its PIN; its PIN, installation and check-up
    #[command(
        after_help = "Examples: undertone kiosk pin\n          sudo undertone kiosk install --user music\n          \
                            undertone kiosk doctor\nExit code of doctor: 0 fit, 1 not fit, 2 could not look"
    )]
    Kiosk {
        #[command(subcommand)]
        action: Option<KioskAction>,
    },
    /// Break everything that may break in a session, without a sound in the room, and measure what happens
    #[cfg(target_os = "linux")]
    #[command(
        after_help = "Example: undertone selftest --faults --rows 1-8,13\nIt takes some ten minutes for all rows; needs \
                            pulseaudio.\nExit code: 0 all that could run passed, 1 a row failed, 2 could not run"
    )]
    Selftest(super::selftest::SelftestArgs),
    /// The session process; started by the other commands
    #[command(hide = true)]
    Host(HostArgs),
}

#[derive(Subcommand)]
pub(super) enum KioskAction {
    /// Set or change the PIN
    Pin,
    /// Write the system's files: a service on a text console, lid and power keys off, no sleep
    Install {
        /// The user who runs the kiosk
        #[arg(long)]
        user: String,
        /// Write below this folder, to look at them first
        #[arg(long, value_name = "FOLDER", default_value = "/")]
        into: PathBuf,
    },
    /// Say what is missing before this machine can be left alone with a client
    Doctor,
}

/// What a playlist is played with.
#[derive(Args, Clone, Default)]
pub(super) struct PlaylistArgs {
    /// A playlist file, or the name of a built-in one
    pub(super) playlist: PathBuf,
    /// Use this route preset instead of the playlist's own (see `undertone routes`)
    #[arg(long)]
    pub(super) route: Option<String>,
    /// How long the infusion takes (route `iv`), such as 50m
    #[arg(long)]
    pub(super) infusion: Option<Span>,
    /// Leave out pieces with this tag; may be given again
    #[arg(long, value_name = "TAG")]
    pub(super) exclude: Vec<String>,
    /// Decides every choice the playlist leaves open
    #[arg(long, value_name = "N")]
    pub(super) seed: Option<u64>,
}

#[derive(Args)]
pub(super) struct PlayArgs {
    #[command(flatten)]
    pub(super) playlist: PlaylistArgs,
    /// Play on this output (see `undertone devices`), or `null` for none
    #[arg(long, value_name = "NAME")]
    pub(super) output: Option<String>,
    /// Without the panel: begin at once and end with the session
    #[arg(long)]
    pub(super) headless: bool,
    /// Cannot be left without the PIN (see `undertone kiosk`)
    #[arg(long)]
    pub(super) kiosk: bool,
    /// A rehearsal: hurry the waits between joints and fades, 2 to 60 times
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(2..=60))]
    pub(super) speed: Option<u32>,
}

#[derive(Args)]
pub(super) struct CheckArgs {
    /// Playlists, or folders to look through
    #[arg(required_unless_present = "codes")]
    pub(super) paths: Vec<PathBuf>,
    /// Print every code that a diagnostic can have, and what it stands for
    #[arg(long)]
    pub(super) codes: bool,
    /// How to say it
    #[arg(long, value_enum, default_value_t = Format::Text)]
    pub(super) format: Format,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// For people
    Text,
    /// For editors
    Json,
}

#[derive(Args)]
pub(super) struct RenderArgs {
    #[command(flatten)]
    pub(super) playlist: PlaylistArgs,
    /// Where to write: a name ending in .wav or .flac
    #[arg(short, long, value_name = "FILE")]
    pub(super) output: PathBuf,
    /// What happens in the session; without it, the dose comes at the planned end of preparation
    #[arg(long, value_name = "SCRIPT")]
    pub(super) script: Option<PathBuf>,
    /// Only this phase
    #[arg(long, value_name = "PHASE")]
    pub(super) phase: Option<String>,
}

#[derive(Args)]
pub(super) struct SimulateArgs {
    #[command(flatten)]
    pub(super) playlist: PlaylistArgs,
    /// What happens in the session, and what is expected of it
    #[arg(long, value_name = "SCRIPT")]
    pub(super) script: PathBuf,
    /// Write the journal here
    #[arg(long, value_name = "FILE")]
    pub(super) journal: Option<PathBuf>,
    /// Render the sound too, into this WAV or FLAC file
    #[arg(long, value_name = "FILE")]
    pub(super) audio: Option<PathBuf>,
}

#[derive(Args)]
pub(super) struct HostArgs {
    #[command(flatten)]
    pub(super) play: PlayArgs,
    /// Go on with this session
    #[arg(long)]
    pub(super) resume: Option<String>,
    /// Nothing but the safe bed: it died again and again
    #[arg(long)]
    pub(super) safe: bool,
}
