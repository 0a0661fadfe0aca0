//! An oracle of where a session stands: phases, ends, the dose mark, what can be taken back. Written from the product's
//! description with plain milliseconds, and knowing nothing of how the core does it. It hears the verbs, says whether each
//! is carried out, and where every boundary then lies.

use super::*;

const MINUTE: i64 = 60_000;
/// The soft end.
const FADE: i64 = 20_000;
/// A verb can be taken back for so long.
const OFFER: i64 = 30_000;
/// A destructive verb again within this is the same press.
const ONE_PRESS: i64 = 700;
const DESTRUCTIVE: [&str; 13] = [
    "start",
    "dose",
    "booster",
    "device",
    "shift",
    "extend",
    "next",
    "return",
    "goto",
    "steer",
    "home",
    "different",
    "end",
];
/// What `undo` means.
const TAKEN_BACK: [&str; 14] = [
    "dose",
    "booster",
    "device",
    "shift",
    "hold",
    "release",
    "extend",
    "next",
    "return",
    "goto",
    "steer",
    "home",
    "different",
    "end",
];

/// What the therapist has made of the session.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Life {
    Ready,
    Running,
    Held,
    /// The last fade, until an instant; whether the plan began it.
    Ending(i64, bool),
    Ended,
}

/// What a verb does, as far as the oracle can know.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Verdict {
    Done,
    Refused,
    /// That depends on the music or on levels.
    Either,
}

/// Where the session stands, and its rules.
#[derive(Clone, Debug)]
pub(super) struct Oracle {
    kinds: Vec<PhaseKind>,
    lengths: Vec<i64>,
    automatic: Vec<bool>,
    booster: Option<i64>,
    device: Option<i64>,
    pub now: i64,
    pub life: Life,
    pub phase: usize,
    /// When each phase ends by the mark and the therapist's hand.
    ends: Vec<Option<i64>>,
    pub mark: Option<i64>,
    pub last_device: Option<i64>,
    /// The peak ends no earlier; `false` once it was left by hand.
    peak_until: Option<(i64, bool)>,
    /// The latest phase entered by hand.
    by_hand: usize,
    presses: Vec<(&'static str, i64)>,
    taken: Option<(i64, Box<Oracle>)>,
}

impl Oracle {
    pub(super) fn of(plan: &Plan) -> Self {
        let count = plan.phases.len();
        Self {
            kinds: plan.phases.iter().map(|phase| phase.kind).collect(),
            lengths: plan.phases.iter().map(|phase| phase.planned.millis()).collect(),
            automatic: plan.phases.iter().map(|phase| phase.advance == Advance::Auto).collect(),
            booster: plan.route.booster.map(Span::millis),
            device: plan.route.device.map(Span::millis),
            now: 0,
            life: Life::Ready,
            phase: 0,
            ends: vec![None; count],
            mark: None,
            last_device: None,
            peak_until: None,
            by_hand: 0,
            presses: Vec::new(),
            taken: None,
        }
    }

    fn last(&self) -> usize {
        self.kinds.len() - 1
    }

    /// The first phase that the dose mark times.
    fn first_timed(&self) -> Option<usize> {
        self.kinds.iter().position(|kind| *kind != PhaseKind::Preparation)
    }

    /// The phase with the peak's minutes: the peak, else its earlier neighbour, else the first that is timed.
    fn peak(&self) -> Option<usize> {
        let first = self.first_timed()?;
        Some((first..=self.last()).take_while(|phase| self.kinds[*phase] <= PhaseKind::Peak).last().unwrap_or(first))
    }

    /// When a phase ends: "peak end = max(peak end, booster + rule); return and integration slide".
    pub(super) fn end(&self, phase: usize) -> Option<i64> {
        let end = self.ends[phase]?;
        let (Some(peak), Some((until, true))) = (self.peak(), self.peak_until) else { return Some(end) };
        let short = self.ends[peak].map_or(0, |planned| (until - planned).max(0));
        Some(if phase >= peak { end + short } else { end })
    }

    /// Its time is up and it waits for the therapist.
    pub(super) fn overdue(&self) -> bool {
        let up = self.end(self.phase).is_some_and(|end| end <= self.now);
        self.life == Life::Running && !self.automatic[self.phase] && up
    }

    /// The end that may be shown for a phase from the present one on.
    pub(super) fn shown(&self, phase: usize) -> Option<i64> {
        match self.life {
            Life::Running if !self.overdue() => self.end(phase),
            Life::Ending(done, _) if phase == self.phase => Some(done),
            _ => None,
        }
    }

    /// Lets time pass: "`auto` moves on by itself"; the last phase into the soft end.
    pub(super) fn pass(&mut self, until: i64) {
        loop {
            let due = match self.life {
                Life::Running if self.automatic[self.phase] => self.end(self.phase),
                Life::Ending(done, _) => Some(done),
                _ => None,
            };
            let Some(due) = due.filter(|due| *due <= until) else { break };
            self.now = self.now.max(due);
            match self.life {
                Life::Ending(..) => {
                    self.life = Life::Ended;
                    self.taken = None;
                }
                _ if self.phase == self.last() => self.life = Life::Ending(self.now + FADE, true),
                _ => self.phase += 1,
            }
        }
        self.now = until;
    }

    /// What comes of a verb, given as in scripts. Where the oracle cannot know, `carried_out` tells it.
    pub(super) fn hear(&mut self, text: &str, carried_out: bool) -> Verdict {
        let words: Vec<&str> = text.split_whitespace().collect();
        let name = match words[0] {
            "ground" | "warmer" | "deeper" => "steer",
            name => name,
        };
        let admitted = match (self.life, name) {
            (Life::Ready, _) => ["start", "comfort", "louder", "softer", "output", "mark"].contains(&name),
            (Life::Ending(_, true), "hold") => true,
            (Life::Ending(..), _) => ["undo", "mute", "duck", "unduck", "softer", "output", "mark"].contains(&name),
            (Life::Ended, _) => false,
            _ => name != "start",
        };
        if !admitted || self.same_press(name) {
            return Verdict::Refused;
        }
        let before = self.clone();
        let verdict = self.carry_out(name, &words[1..]);
        let done = verdict == Verdict::Done || (verdict == Verdict::Either && carried_out);
        if !done {
            // A refused press leaves everything as it was.
            *self = before;
            return verdict;
        }
        let mut presses = before.presses.clone();
        if DESTRUCTIVE.contains(&name) {
            presses.retain(|(pressed, _)| *pressed != name);
            presses.extend(DESTRUCTIVE.iter().filter(|known| **known == name).map(|known| (*known, before.now)));
        }
        if TAKEN_BACK.contains(&name) {
            self.taken = Some((before.now, Box::new(before)));
        }
        self.presses = presses;
        self.pass(self.now);
        verdict
    }

    /// "A destructive verb given twice within 700 ms counts once"; a stuck key stays one press.
    fn same_press(&mut self, name: &str) -> bool {
        let now = self.now;
        let known = self.presses.iter_mut().find(|(pressed, at)| *pressed == name && now - *at < ONE_PRESS);
        known.map(|(_, at)| *at = now).is_some()
    }

    fn carry_out(&mut self, name: &str, arguments: &[&str]) -> Verdict {
        let span = |at: usize| arguments[at].parse::<Span>().expect("a span").millis();
        let ago = || arguments.iter().position(|word| *word == "--ago").map_or(0, |at| span(at + 1));
        let done = match name {
            "start" => {
                self.life = Life::Running;
                true
            }
            "dose" => self.dose(ago(), arguments.contains(&"--confirm")),
            "booster" => self.boost(self.booster, ago()),
            "device" => {
                let done = self.boost(self.device, 0);
                self.last_device = if done { Some(self.now) } else { self.last_device };
                done
            }
            "shift" => self.shift(span(0)),
            "extend" => self.extend(span(0)),
            "hold" => std::mem::replace(&mut self.life, Life::Held) != Life::Held,
            "release" => self.release(),
            "next" => self.phase < self.last() && self.go(self.phase + 1),
            "return" => self.go_to(PhaseKind::Return),
            "goto" => PhaseKind::named(arguments[0]).is_some_and(|kind| self.go_to(kind)),
            "end" => {
                self.life = Life::Ending(self.now + FADE, false);
                true
            }
            "undo" => self.undo(),
            _ => return Verdict::Either,
        };
        if done { Verdict::Done } else { Verdict::Refused }
    }

    fn slide(&mut self, phase: usize, by: i64) {
        for end in self.ends[phase..].iter_mut().flatten() {
            *end += by;
        }
    }

    /// By hand every boundary slides as it is seen; a peak that a booster holds open is moved like any other.
    fn slide_by_hand(&mut self, phase: usize, by: i64) {
        if let (Some(peak), Some((until, true))) = (self.peak(), self.peak_until)
            && phase <= peak
        {
            let seen: Vec<_> = (0..self.ends.len()).map(|phase| self.end(phase)).collect();
            self.ends = seen;
            self.slide(phase, by);
            self.peak_until = Some((self.ends[peak].map_or(until, |end| until.min(end)), true));
        } else {
            self.slide(phase, by);
        }
    }

    /// "starts the medicine clock; given again it corrects the mark (asks for confirmation above 60 min)"
    fn dose(&mut self, ago: i64, confirmed: bool) -> bool {
        let mark = self.now - ago;
        let Some(old) = self.mark else {
            self.mark = Some(mark);
            if let Some(first) = self.first_timed() {
                self.ends[..first].fill(Some(mark));
                self.by_hand = first;
                self.last_from(first, mark);
                if self.life == Life::Held && self.phase < first {
                    self.life = Life::Running;
                }
                self.join(self.at(first));
            }
            return true;
        };
        if !confirmed && (ago > 60 * MINUTE || (mark - old).abs() > 60 * MINUTE) {
            return false;
        }
        let waits = self.overdue();
        self.mark = Some(mark);
        self.slide(0, mark - old);
        let right = self.at(self.by_hand);
        // A phase that waits for the therapist is not left by a correction.
        self.join(if waits && right > self.phase { self.phase } else { right });
        true
    }

    /// Phases from `first` on last their planned lengths from an instant.
    fn last_from(&mut self, first: usize, begins: i64) {
        let mut end = begins;
        for phase in first..self.ends.len() {
            end += self.lengths[phase];
            self.ends[phase] = Some(end);
        }
    }

    /// The right phase now, not before `first`.
    fn at(&self, first: usize) -> usize {
        let over = |phase: &usize| self.end(*phase).is_some_and(|end| end <= self.now);
        (first..self.last()).find(|phase| !over(phase)).unwrap_or(self.last())
    }

    /// "The plan rejoins at the right phase"; a held one is not left, and the last keeps a countdown to veto.
    fn join(&mut self, phase: usize) {
        if self.life == Life::Held {
            return;
        }
        let countdown = self.end(self.last()).map_or(0, |end| self.now + MINUTE - end);
        if phase == self.last() && countdown > 0 {
            self.slide_by_hand(phase, countdown);
        }
        self.phase = phase;
    }

    /// "peak end = max(peak end, booster + rule)"; once the peak is over nothing moves.
    fn boost(&mut self, rule: Option<i64>, ago: i64) -> bool {
        let (Some(rule), Some(mark)) = (rule, self.mark) else { return false };
        if self.now - ago < mark {
            return false;
        }
        if self.peak().is_some_and(|peak| self.phase <= peak) {
            let until = self.now - ago + rule;
            self.peak_until = Some((self.peak_until.map_or(until, |(known, _)| known.max(until)), true));
        }
        true
    }

    /// "slides every later boundary"; it does not end the phase before now.
    fn shift(&mut self, by: i64) -> bool {
        let possible = self.end(self.phase).is_some_and(|end| by >= 0 || end + by > self.now);
        if possible {
            self.slide_by_hand(self.phase, by);
        }
        possible
    }

    /// "this phase ends T later": from now, if its time is up already.
    fn extend(&mut self, by: i64) -> bool {
        let Some(end) = self.end(self.phase) else { return false };
        let late = if self.overdue() { self.now - end } else { 0 };
        self.slide_by_hand(self.phase, late + by);
        true
    }

    /// "after release later boundaries slide by the held overrun, once"
    fn release(&mut self) -> bool {
        if self.life != Life::Held {
            return false;
        }
        self.life = Life::Running;
        let overrun = self.end(self.phase).map_or(0, |end| self.now - end);
        if overrun > 0 {
            self.slide_by_hand(self.phase, overrun);
        }
        true
    }

    fn go_to(&mut self, kind: PhaseKind) -> bool {
        let to = self.kinds.iter().position(|known| *known == kind);
        to.is_some_and(|to| to != self.phase && self.go(to))
    }

    /// "crossfade to the named phase now, from any phase; later phases keep their lengths"
    fn go(&mut self, to: usize) -> bool {
        self.life = Life::Running;
        self.by_hand = to;
        if to == 0 && self.mark.is_none() {
            self.ends.fill(None);
        } else {
            for phase in 0..to {
                self.ends[phase] = Some(self.end(phase).map_or(self.now, |end| end.min(self.now)));
            }
            self.last_from(to, self.now);
            let holds = self.peak().is_some_and(|peak| to <= peak);
            self.peak_until = self.peak_until.map(|(until, _)| (until, holds));
        }
        self.phase = to;
        true
    }

    /// "takes back the last reversible verb within 30 s": the session in which it never was, at this instant.
    fn undo(&mut self) -> bool {
        let now = self.now;
        let Some((at, before)) = self.taken.take().filter(|(at, _)| now - at < OFFER) else { return false };
        debug_assert!(at <= now);
        let presses = std::mem::take(&mut self.presses);
        *self = *before;
        self.taken = None;
        self.presses = presses;
        // A last fade that would have begun meanwhile begins now.
        while !matches!(self.life, Life::Ending(..)) {
            let ends =
                if self.life == Life::Running && self.automatic[self.phase] { self.end(self.phase) } else { None };
            let Some(end) = ends.filter(|end| *end <= now) else { break };
            self.pass(end.max(self.now));
        }
        if let Life::Ending(_, planned) = self.life {
            self.life = Life::Ending(now + FADE, planned);
        }
        self.now = now;
        true
    }
}
