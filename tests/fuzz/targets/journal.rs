//! Any bytes as a journal: read, reported, and repeated by a core that then comes back and goes on.

use std::sync::OnceLock;

use undertone::playlist::{Options, load};
use undertone::record::{Report, Story};
use undertone::session::{Input, Output, Plan, Session};
use undertone::units::{SessionTime, Span};

use super::scratch;

/// A session ends within this.
const LONGEST: Span = Span::from_mins(720);

fn plan() -> &'static Plan {
    static PLAN: OnceLock<Plan> = OnceLock::new();
    PLAN.get_or_init(|| {
        let playlist = scratch::file("plan.toml", include_bytes!("../../fixtures/playlists/good/minimal.toml"));
        load(&playlist, &Options::default(), &mut |_| Default::default()).0.expect("a good playlist").plan
    })
}

pub fn run(bytes: &[u8]) {
    let story = Story::of_bytes(bytes);
    let report = Report::of(&story);
    let _ = (report.text(), report.csv(), report.html());
    if story.until() > SessionTime::at(LONGEST) || story.records.len() > 200 {
        return;
    }
    let mut session = Session::new(plan().clone(), 7);
    for (at, input) in story.inputs() {
        hand_in(&mut session, at, input);
    }
    hand_in(&mut session, story.until(), Input::Resumed);
    let _ = session.snapshot(story.until() + Span::from_secs(1));
}

fn hand_in(session: &mut Session, at: SessionTime, input: Input) {
    session.handle(at, input);
    while !matches!(session.poll(), Output::Deadline(_)) {}
}
