//! Every wording of the panel, in one place: plain, calm, short.

use super::action::Action;
use super::lock::PinAnswer;
use super::prompt::{Choice, Minutes, Prompt};
use super::setup::ThemeName;
use super::trial::Side;
use crate::session::{PhaseKind, Quiet, Steer, Transport};
use crate::units::{SafeText, SessionTime, Span, TrackTime};

pub const WAITING: &str = "Waiting for the host";
pub const WAITING_MORE: &str = "The sound is being made ready. Nothing plays yet.";
pub const LOST: &str = "The host is gone; it is being started again";
pub const HOST_GONE: &str = "the host is gone";
pub const COMING_BACK: &str = "; it is being started again";
pub const NOT_KNOWN: &str = "not known";
pub const PLAYING: &str = "playing";
pub const CHECK: &str = "check";
pub const OVERDUE: &str = "time is up";
pub const DUCKED: (&str, &str, &str) = ("ducked", "▼", "[v]");
pub const LOST_PLACE: &str = "The clocks go on. The music comes back at this place, softly, by itself.";
pub const ENDED: &str = "The session has ended";
pub const ENDED_MORE: &str = "Nothing plays. Nothing will start by itself.";
pub const REPORT_COMING: &str = "The report is being written.";
pub const NO_HOST: &str = "There is no session yet; the key was not passed on";
pub const NOT_PASSED_ON: &str = "The host is gone for the moment; the key was not passed on";
pub const CONTROL: &str = "That key does nothing here; the sound goes on";
pub const LEAVE_TWICE: &str = "The sound goes on without the panel. Press again to leave";
pub const NOT_AGAIN_SO_SOON: &str = "The key is being held; let go and press it twice";
pub const FOLLOWING: &str = "following the plan";
pub const NO_DOSE: &str = "no dose yet";
pub const OBSERVE: &str = "observe";
pub const SINCE_DOSE: &str = "since the dose";
pub const LEFT_HERE: &str = "left";
pub const TIME_HERE: &str = "in this phase";
pub const OVER_TIME: &str = "over time";
pub const REHEARSAL: &str = "rehearsal";
pub const NOTHING_NOW: &str = "nothing";
pub const PLANNED: &str = "planned";
pub const PICK: &str = "Which playlist?";
pub const NO_PLAYLISTS: &str = "No playlists were found. `undertone new DIR` makes one from a folder.";
pub const STILL_LOOKING_AT_IT: &str = "This playlist is still being looked at";
pub const LOOKING_SHORT: &str = "looking";
pub const ROUTE: &str = "Which route this time?";
pub const OWN_ROUTE: &str = "the playlist's own";
pub const EXCLUDE: &str = "Leave out this time";
pub const LEFT_OUT: &str = "left out";
pub const NOTHING_TO_LEAVE_OUT: &str = "The pieces of this playlist have no tags to leave out";
pub const SOUND: &str = "sound";
/// The host's own word for an output that waits for a session and has nothing the matter with it.
pub const OUTPUT_READY: &str = "ready";
pub const OUTPUT_MEND: &str = "Connect the headphones or speakers; it is tried again by itself.";
pub const EARS: &str = "ears";
pub const EARS_UNCHECKED: &str = "not tried yet";
pub const EARS_ASKING: &str = "a tone sounds";
pub const EARS_HEARD: &str = "left and right heard";
pub const TRY_BEFORE: &str = "That is tried before a session; this one has begun";
pub const TRY_WITH_PLAYLIST: &str = "Open a playlist first; then there is a sound to try";
pub const CANNOT_OPEN: &str = "This playlist has errors; `undertone check` shows each with its place";
pub const PREFLIGHT: &str = "Before the session";
pub const LOOKING: &str = "Looking at everything";
pub const PRESS_AGAIN_BAD: &str = "Something is not as it should be. Press again to go on all the same";
pub const STILL_LOOKING: &str = "Not everything has been looked at yet. Press again to go on all the same";
pub const NO_OUTPUTS: &str = "There is only one output; the settings can name others";
pub const CHECKING_AGAIN: &str = "Looking again";
pub const LEARN: &str = "Teach a clicker, a pedal or a number pad";
pub const LEARN_PRESS: &str = "Press the button once.";
pub const LEARN_BEFORE: &str = "Buttons are taught before a session";
pub const LEARN_CHOOSE: &str = "What shall it do? up, down, enter";
pub const HELP: &str = "Keys";
pub const LOCKED: (&str, &str, &str) = ("locked", "◫", "[#]");
pub const LOCKED_HINT: &str = ", enter twice unlocks";
pub const LOCKED_KEY: &str = "Locked; mute, duck and softer work. Press enter twice to unlock";
pub const UNLOCK_TWICE: &str = "Press enter again to unlock";
pub const UNLOCKED: &str = "Unlocked";

/// What became of a typed PIN.
#[must_use]
pub fn pin(answer: PinAnswer) -> String {
    match answer {
        PinAnswer::Right => String::new(),
        PinAnswer::Wrong { left: 1 } => "That is not the PIN; one more try before a wait".to_owned(),
        PinAnswer::Wrong { left } => format!("That is not the PIN; {left} more tries before a wait"),
        PinAnswer::Wait { left } => format!("Too many wrong PINs; the next try counts in {left}"),
        PinAnswer::Missing => "There is no PIN any more; an administrator sets one: undertone kiosk pin".to_owned(),
    }
}

/// Asks for the PIN; what was typed is shown as dots.
#[must_use]
pub fn ask_pin(typed: usize) -> String {
    format!("PIN to leave the panel, then enter (esc: stay)  {}", "*".repeat(typed))
}

/// A phase's kind as a word.
#[must_use]
pub fn phase(kind: PhaseKind) -> &'static str {
    kind.name()
}

/// A phase's kind in at most four letters, for narrow arcs.
#[must_use]
pub const fn phase_short(kind: PhaseKind) -> &'static str {
    match kind {
        PhaseKind::Preparation => "prep",
        PhaseKind::Onset => "on",
        PhaseKind::Ascent => "asc",
        PhaseKind::Peak => "peak",
        PhaseKind::Return => "ret",
        PhaseKind::Integration => "int",
    }
}

/// The word and the two shapes (block, ASCII) of an intended quiet.
#[must_use]
pub const fn quiet(quiet: Quiet) -> (&'static str, &'static str, &'static str) {
    match quiet {
        Quiet::Silence => ("silent", "○", "( )"),
        Quiet::Mute => ("muted", "×", "[x]"),
        Quiet::Break => ("break", "~", "[~]"),
    }
}

/// The word and the two shapes of a steering pool.
#[must_use]
pub const fn steer(steer: Steer) -> (&'static str, &'static str, &'static str) {
    match steer {
        Steer::Ground => ("grounded", "▂", "[_]"),
        Steer::Warmer => ("warmer", "◠", "[^]"),
        Steer::Deeper => ("deeper", "◡", "[v]"),
    }
}

/// What the session is doing, where that is not simply following the plan.
#[must_use]
pub const fn transport(transport: Transport) -> Option<(&'static str, &'static str, &'static str)> {
    match transport {
        Transport::Ready => Some(("ready", "◇", "<>")),
        Transport::Held => Some(("held", "■", "[=]")),
        Transport::Ending => Some(("ending softly", "◢", "[\\]")),
        Transport::Running | Transport::Ended => None,
    }
}

/// What the sound is when it is silent on purpose.
#[must_use]
pub const fn on_purpose(quiet: Quiet) -> &'static str {
    match quiet {
        Quiet::Silence | Quiet::Mute => "silent on purpose",
        Quiet::Break => "very soft on purpose",
    }
}

/// How a silence is lifted.
#[must_use]
pub fn lift(quiet: Quiet, key: &str) -> String {
    match quiet {
        Quiet::Silence | Quiet::Mute => format!(", {key} brings the music back"),
        Quiet::Break => format!(", {key} when the client is back"),
    }
}

/// What follows the seconds of a countdown: its veto.
#[must_use]
pub fn countdown(hold: &str) -> String {
    format!(" and it moves on, {hold} stays")
}

/// What follows `time is up`.
#[must_use]
pub fn overdue(next: &str) -> String {
    format!(", {next} goes on")
}

/// The undo offer.
#[must_use]
pub fn undo(key: &str, verb: &str, left: Span) -> String {
    format!("{key} takes back: {verb} ({} s)", seconds(left))
}

/// A first press that waits for its second.
#[must_use]
pub fn press_again(key: &str, action: Action) -> String {
    let does = match action {
        Action::End => "end softly",
        Action::Return => "cross to the return",
        Action::Device => "mark the next device",
        _ => "cross to the next phase",
    };
    format!("Press {key} again to {does}")
}

/// A question for minutes.
#[must_use]
pub fn ask_minutes(what: Minutes, digits: &str, key: &str) -> String {
    let typed = if digits.is_empty() { "_" } else { digits };
    match what {
        Minutes::DoseMarked => format!("Dose: now. If earlier: {typed} min ago, enter"),
        Minutes::DoseAgain => format!("Correct the dose: {typed} min ago, enter; {key} again: now"),
        Minutes::Booster => format!("Booster: {typed} min ago, enter; {key} again: now"),
        Minutes::Shift => format!("The pump stood still: {typed} min, enter"),
    }
}

/// The second question for an unusual time.
#[must_use]
pub fn confirm_dose(ago: Span) -> String {
    format!("That moves the dose by over an hour, to {} minutes ago. Enter if it is so", ago.millis() / 60_000)
}

/// What a question for minutes leaves undone when it is not answered.
#[must_use]
pub fn not_done(prompt: &Prompt) -> Option<&'static str> {
    match prompt {
        Prompt::Minutes { what: Minutes::Booster, .. } => Some("No booster was marked"),
        Prompt::Minutes { what: Minutes::Shift, .. } => Some("Nothing was shifted"),
        Prompt::Minutes { what: Minutes::DoseMarked, digits } if digits.is_empty() => None,
        Prompt::Minutes { what: Minutes::DoseMarked, .. } => Some("The dose stays at now"),
        Prompt::Minutes { what: Minutes::DoseAgain, .. } | Prompt::ConfirmDose { .. } => Some("The dose was not moved"),
        Prompt::Choice(_) => None,
    }
}

/// A question with a numbered list.
#[must_use]
pub fn ask_choice(choice: Choice, entries: &[String]) -> String {
    let what = match choice {
        Choice::Mark => "Stamp:",
        Choice::Phase => "Cross to:",
        Choice::Output => "Output:",
    };
    let numbered = entries.iter().enumerate().map(|(index, entry)| format!("{} {entry}", index + 1));
    std::iter::once(what.to_owned()).chain(numbered).collect::<Vec<_>>().join("  ")
}

/// A side as a word.
#[must_use]
pub const fn side(side: Side) -> &'static str {
    match side {
        Side::Left => "left",
        Side::Right => "right",
    }
}

/// What the ear check asks.
#[must_use]
pub fn ask_ear(which: Side, again: &str) -> String {
    format!("A soft tone comes up on the {}. enter: heard there; {again}: again; esc: no", side(which))
}

/// What an ear check found.
#[must_use]
pub const fn ears_not_heard(side: Side) -> &'static str {
    match side {
        Side::Left => "not heard on the left",
        Side::Right => "not heard on the right",
    }
}

/// How the ear check is made.
#[must_use]
pub fn ears_fix(key: &str) -> String {
    format!("{key} plays a soft tone on the left, then on the right.")
}

/// What to do when a side was not heard.
#[must_use]
pub fn ears_mend(key: &str) -> String {
    format!("Look at the plug and which side is on which ear, then {key} again.")
}

/// While the peak's loudness is heard.
#[must_use]
pub fn sampling(softer: &str, louder: &str, comfort: &str, end: &str) -> String {
    format!("The peak's loudness: {softer} softer, {louder} louder, {comfort} sets the level, {end} ends")
}

/// What can be tried while a session is ready.
#[must_use]
pub fn tries(ears: &str, sample: &str, comfort: &str) -> String {
    format!("Before you begin: {ears} tries the ears, {sample} the peak's loudness, {comfort} sets the level")
}

/// What was chosen for a playlist.
#[must_use]
pub fn chosen(route: Option<&str>, exclude: &[SafeText]) -> String {
    let route = route.map(|route| format!("this time by route {route}"));
    let without = exclude.iter().map(SafeText::as_str).collect::<Vec<_>>().join(", ");
    let without = (!exclude.is_empty()).then(|| format!("without {without}"));
    [route, without].into_iter().flatten().collect::<Vec<_>>().join("; ")
}

/// The colours in force.
#[must_use]
pub fn theme(name: ThemeName) -> String {
    format!("Colours: {}", name.name())
}

/// By how much the end has moved since the dose.
#[must_use]
pub fn moved(by: Span) -> String {
    let minutes = (by.abs().millis() + 30_000) / 60_000;
    format!("; the end is {minutes} min {}", if by < Span::ZERO { "earlier" } else { "later" })
}

/// No word from the host for this long.
#[must_use]
pub fn no_word(secs: u64) -> String {
    format!(": no word from the host for {secs} s")
}

/// The sound, when it is not shown to play although it should.
#[must_use]
pub fn not_shown(state: &SafeText) -> String {
    if state.is_empty() { ": nothing is shown to play".to_owned() } else { format!(": {state}") }
}

/// That the way to an output is clear, as far as the system tells.
#[must_use]
pub fn reaches(name: &SafeText) -> String {
    format!("reaches {name}")
}

/// What is to be known of an output that plays; nothing where all is well.
#[must_use]
pub fn but(state: &SafeText) -> String {
    if state.is_empty() || state.as_str() == PLAYING { String::new() } else { format!(": {state}") }
}

/// A length in minutes, for lists.
#[must_use]
pub fn minutes(length: Span) -> String {
    format!("{} min", (length.millis() + 30_000) / 60_000)
}

/// What is wrong with a playlist, in a few words.
#[must_use]
pub fn findings(errors: usize, warnings: usize) -> String {
    let count = |number: usize, word: &str| format!("{number} {word}{}", if number == 1 { "" } else { "s" });
    match (errors, warnings) {
        (0, 0) => "in order".to_owned(),
        (0, warnings) => count(warnings, "warning"),
        (errors, _) => count(errors, "error"),
    }
}

/// Whole seconds, counted up so that a countdown ends at 1 and not at 0.
#[must_use]
pub fn seconds(left: Span) -> i64 {
    (left.or_zero().millis() + 999) / 1000
}

/// How a loaded session is begun.
#[must_use]
pub fn ready(key: &str) -> String {
    format!(", {key} begins softly")
}

/// While no comfort level has been set.
#[must_use]
pub fn no_comfort(key: &str) -> String {
    format!("no cap yet: {key} sets it")
}

/// Where the medicine clock will be.
#[must_use]
pub fn no_dose(key: &str) -> String {
    format!("{NO_DOSE}, {key} marks it")
}

/// How the learn screen is closed.
#[must_use]
pub fn learn_hint(key: &str) -> String {
    format!("{key} closes")
}

/// The key that was heard.
#[must_use]
pub fn learn_heard(key: &str, now: Option<String>) -> String {
    let now = now.map(|action| format!(", now: {action}")).unwrap_or_default();
    format!("The button sends {key}{now}.")
}

/// A button was bound.
#[must_use]
pub fn learned(key: &str, action: Action) -> String {
    format!("{key} is now: {}", action.help())
}

/// How to turn and close the help pages.
#[must_use]
pub fn help_hint(key: &str) -> String {
    format!("{key} next page, esc closes")
}

/// That the list is longer than the screen.
#[must_use]
pub fn more(hidden: usize) -> String {
    format!("and {hidden} more")
}

pub const AUDITION_KEYS: &str = "n next  b back  a again  +/- length  u undo  s stop  w write  q leave";
pub const AUDITION_ASKING: &str = "There are lengths that are not in the playlist yet: w writes them and leaves, x leaves without \
                                   them, any other key stays";
pub const AUDITION_WRITTEN: &str = "Written into the playlist. The plan is laid out anew when it is next opened.";
pub const JOINT_LEAVES: &str = "leaving";
pub const JOINT_COMES: &str = "coming";
pub const JOINT_LENGTH: &str = "crossfade";
pub const JOINT_SILENT: &str = "silent";

/// Which joint is shown.
#[must_use]
pub fn joint_number(number: usize, all: usize) -> String {
    format!("joint {number} of {all}")
}

/// Where a piece is left.
#[must_use]
pub fn joint_left(kind: PhaseKind, at: TrackTime) -> String {
    format!("{}, left at {at}", phase(kind))
}

/// When a piece comes.
#[must_use]
pub fn joint_comes(kind: PhaseKind, at: SessionTime) -> String {
    format!("{}, at {at} of the session", phase(kind))
}

/// How long a crossfade was.
#[must_use]
pub fn joint_was(length: Span) -> String {
    format!("was {length}; not written yet")
}

/// How long it can be.
#[must_use]
pub fn joint_longest(longest: Span) -> String {
    format!("2s to {longest}")
}

/// How much was changed.
#[must_use]
pub fn changes(changed: usize) -> String {
    match changed {
        0 => "nothing changed".to_owned(),
        1 => "1 crossfade changed, not written yet: w writes".to_owned(),
        changed => format!("{changed} crossfades changed, not written yet: w writes"),
    }
}
