//! What passes between the halves: orders in, reports and used-up decks out, and the numbers anybody may read.

use std::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering::Relaxed};

use rtrb::{Consumer, Producer, RingBuffer};

use super::deck::Deck;
use super::outlet::{OUTLETS, OutletGauge};
use super::{BLOCK, line::Moment};
use crate::audio::{Curve, Lane};
use crate::units::{Decibels, ENGINE_RATE_HZ, Frames, Ticket};

/// Orders under way; more wait in the control half.
const ORDERS: usize = 256;
/// Reports under way.
const REPORTS: usize = 1024;
/// No order is taken while fewer reports than this would fit: what is already here can always be answered. Two buses hold at
/// most fourteen decks, and each has at most two more reports to make that may not be lost.
pub const RESERVE: usize = 64;

/// Control to render.
#[derive(Debug)]
pub enum Order {
    /// Cross the programme to this deck.
    Cross { deck: Box<Deck>, over: Frames, curve: Curve },
    /// Cross the bed to this deck, or to none.
    Bed { deck: Option<Box<Deck>>, over: Frames },
    /// Move a lane.
    Ramp { lane: Lane, from: Option<Decibels>, to: Decibels, over: Frames },
}

/// Render to control.
#[derive(Debug)]
pub enum Report {
    /// The crossfade to it has begun.
    Started(Ticket),
    /// Its decoder is late.
    Starved(Ticket),
    /// It ran out while it should sound.
    Ended(Ticket),
    /// It was not decoded in time to be crossed to.
    Late(Ticket),
    /// Nothing more comes from this deck; to be freed.
    Left(Box<Deck>),
}

/// The render half's ends of both rings.
pub struct Post {
    orders: Consumer<Order>,
    reports: Producer<Report>,
}

/// The control half's ends.
pub struct Desk {
    /// Orders go in here.
    pub orders: Producer<Order>,
    /// Reports come out here.
    pub reports: Consumer<Report>,
}

/// Both ends of both rings.
pub fn connect() -> (Desk, Post) {
    let (orders, taken) = RingBuffer::new(ORDERS);
    let (told, reports) = RingBuffer::new(REPORTS);
    (Desk { orders, reports }, Post { orders: taken, reports: told })
}

impl Post {
    /// The next order, if there is room to answer it.
    pub fn next_order(&mut self) -> Option<Order> {
        if self.reports.slots() < RESERVE {
            return None;
        }
        self.orders.pop().ok()
    }

    /// Whether no order waits.
    pub fn is_idle(&self) -> bool {
        self.orders.is_empty()
    }

    /// Makes a report about a piece; a bed (no ticket) has nobody to report to.
    pub fn tell(&mut self, ticket: Option<Ticket>, report: fn(Ticket) -> Report) {
        if let Some(ticket) = ticket {
            self.send(report(ticket));
        }
    }

    /// Makes a report.
    pub fn send(&mut self, report: Report) {
        let may_be_lost = matches!(report, Report::Starved(_)) && self.reports.slots() < RESERVE;
        if !may_be_lost && let Err(rtrb::PushError::Full(report)) = self.reports.push(report) {
            // Cannot be (see `RESERVE`); if it were, leaking is better than freeing on this thread.
            std::mem::forget(report);
        }
    }
}

/// The state of the render half, for anybody to read at any time.
#[derive(Debug, Default)]
pub struct Gauges {
    /// Frames rendered.
    pub rendered: AtomicU64,
    /// Mean squares of the last 400 ms by channel, as bits.
    pub squares: [AtomicU32; 2],
    /// Highest true peak so far, linear, as bits.
    pub peak: AtomicU32,
    /// One more than the ticket that sounds; 0 for none.
    pub sounding: AtomicU64,
    /// Frames of it that were played.
    pub heard: AtomicU64,
    /// Frames of it that are decoded ahead.
    pub lead: AtomicU64,
    /// What is asked of each outlet, and what it does.
    pub outlets: [OutletGauge; OUTLETS],
    /// When the output that sets the pace last began a burst (microseconds), and the block it began with: both in one.
    pulse: AtomicU64,
    /// Set when the render half has failed and plays the safe bed alone.
    pub bed_only: AtomicBool,
}

/// The pace at which sound is rendered, for an output that keeps its own time.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Clock {
    /// Frames by which an even pace would be ahead of what was rendered.
    pub ahead: f64,
    /// It is another output that sets the pace.
    pub elsewhere: bool,
}

/// A pace that has stopped is not reckoned with for longer than this, in microseconds: two of the largest buffers.
const STOPPED: i32 = 170_000;

impl Gauges {
    /// Notes that the output that sets the pace begins a burst.
    pub fn set_pulse(&self, now: Moment) {
        let blocks = (self.rendered.load(Relaxed) / BLOCK as u64) as u32;
        self.pulse.store(u64::from(blocks) << 32 | u64::from(now.micros), Relaxed);
    }

    /// The pace of another output, seen from here.
    pub fn clock(&self, now: Moment) -> Clock {
        let pulse = self.pulse.load(Relaxed);
        let blocks = (self.rendered.load(Relaxed) / BLOCK as u64) as u32;
        let done = f64::from(blocks.wrapping_sub((pulse >> 32) as u32)) * BLOCK as f64;
        // The two ends read the time by themselves: the other one's may be a little later than this.
        let passed = (now.micros.wrapping_sub(pulse as u32) as i32).clamp(0, STOPPED);
        let due = f64::from(passed) * f64::from(ENGINE_RATE_HZ) * 1e-6;
        Clock { ahead: due - done, elsewhere: true }
    }

    /// Notes the meter's readings.
    pub fn set_level(&self, squares: [f32; 2]) {
        for (gauge, square) in self.squares.iter().zip(squares) {
            gauge.store(square.to_bits(), Relaxed);
        }
    }

    /// Notes what sounds.
    pub fn set_sounding(&self, deck: Option<&Deck>, lead: u64) {
        let ticket = deck.and_then(|deck| deck.ticket).map_or(0, |ticket| u64::from(ticket.0) + 1);
        self.sounding.store(ticket, Relaxed);
        self.heard.store(deck.map_or(0, |deck| deck.heard().0), Relaxed);
        self.lead.store(lead, Relaxed);
    }

    /// The piece that sounds, and how much of it was played.
    pub fn sounding(&self) -> Option<(Ticket, Frames)> {
        let ticket = u32::try_from(self.sounding.load(Relaxed).checked_sub(1)?).ok()?;
        Some((Ticket(ticket), Frames(self.heard.load(Relaxed))))
    }
}
