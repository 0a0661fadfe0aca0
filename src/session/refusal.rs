//! Why a verb is not carried out: sentences for a tired therapist, each with a way out.

use super::plan::{PhaseKind, Steer};

/// The reason, in words for the screen.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refusal {
    #[error("pressed twice; counted once")]
    Twice,
    #[error("the session has not begun; `start` begins it")]
    NotBegun,
    #[error("the session has begun already")]
    Begun,
    #[error("the session is ending; `undo` takes the end back while it fades")]
    Ending,
    #[error("the session is ending as planned; `hold` stays in it while it fades")]
    EndingAsPlanned,
    #[error("the session is over; nothing plays any more")]
    Over,
    #[error("there is nothing to take back; a verb can be taken back for 30 seconds")]
    NothingToUndo,
    #[error("that moves the dose mark by more than an hour; give it again with --confirm if it is right")]
    Unconfirmed,
    #[error("no dose is marked yet; `dose` marks it")]
    NoMark,
    #[error("that is before the dose; look at the minutes again")]
    BeforeDose,
    #[error("this route has no rule for boosters; `extend` or `shift` moves the plan")]
    NoBooster,
    #[error("this route has no devices to count; `device` is for spravato")]
    NoDevice,
    #[error("this phase has no end to move yet; `next` moves on")]
    NoBoundary,
    #[error("that would end this phase before now; `next` moves on at once")]
    TooEarly,
    #[error("the phase is held already; `release` goes on")]
    HeldAlready,
    #[error("nothing is held; `hold` stays in this phase")]
    NotHeld,
    #[error("this is the last phase; `end` ends the session softly")]
    LastPhase,
    #[error("this playlist has no {}; `next` goes to the phase it has", .0.name())]
    NoSuchPhase(PhaseKind),
    #[error("the session is in the {} already; `different` takes another piece", .0.name())]
    ThereAlready(PhaseKind),
    #[error("this playlist has no music for {}; `different` takes another piece", steer_name(*.0))]
    NoSuchPool(Steer),
    #[error("{} plays already; `different` takes another piece, `home` goes back", steer_name(*.0))]
    SteeredAlready(Steer),
    #[error("the phase's own music plays already")]
    HomeAlready,
    #[error("there is no other piece to take; `next` or `ground` change the music")]
    NoOther,
    #[error("the music is not lowered; `duck` lowers it")]
    NotDucked,
    #[error("the music is not silenced; `silence` or `break` does that")]
    NotQuiet,
    #[error("it is silent already; `resume` brings the music back")]
    SilentAlready,
    #[error("there is no break; `resume` brings the music back")]
    NoBreak,
    #[error("this is the comfort cap; `comfort` sets it before the dose")]
    AtCap,
    #[error("the comfort level is set before the dose, with the client awake; `softer` and `louder` still work")]
    ComfortTooLate,
}

/// The verb that asks for a steering pool.
const fn steer_name(steer: Steer) -> &'static str {
    match steer {
        Steer::Ground => "ground",
        Steer::Warmer => "warmer",
        Steer::Deeper => "deeper",
    }
}
