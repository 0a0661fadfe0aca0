//! What a real host hears beside its clients: signals, media keys, the sound server, the power, its own journal. Each on a
//! thread of its own, since any of them may be slow to answer.

use std::sync::mpsc::Sender;
use std::time::Duration;

use super::sabotage::SyncTrouble;
use crate::platform::{
    Inhibit, MediaKey, MediaKeys, NotHere, Power, RouteTruth, Signal, hear_media_keys, hold_awake, listen, look,
};
use crate::record::{Journal, Told, Writer};
use crate::wire::Call;

/// How often the sound server is asked where the sound goes.
const ROUTE: Duration = Duration::from_secs(1);
/// How often while a stream is expected, and how many times before it is not expected so soon any more.
const ROUTE_SOON: Duration = Duration::from_millis(200);
const SOON: u32 = 25;
/// How long a sync takes where each is to be slow.
const SLOW_SYNC: Duration = Duration::from_secs(5);

/// What a host is told from outside, on its one queue.
pub(super) enum Message {
    Call(Call),
    Signal(Signal),
    MediaKey(MediaKey),
    Journal(Told),
    Awake(Result<Inhibit, NotHere>),
    Route(Result<Vec<RouteTruth>, NotHere>),
    Power(Power),
}

/// Takes the journal down on a thread of its own.
pub(super) fn write(
    mut journal: Journal,
    sync: Option<SyncTrouble>,
    sender: Sender<Message>,
) -> std::io::Result<Writer> {
    if sync == Some(SyncTrouble::Fails) {
        // Not that of the start: in the midst of the session.
        journal.fail_a_sync(2);
    }
    let slow = sync == Some(SyncTrouble::Slow);
    Writer::start(journal, move |told| {
        if slow && matches!(told, Told::Synced(_)) {
            // On the writer's own thread: whatever waits for the disk waits behind this.
            std::thread::sleep(SLOW_SYNC);
        }
        drop(sender.send(Message::Journal(told)));
    })
}

pub(super) fn listen_to_signals(sender: Sender<Message>) -> std::io::Result<()> {
    listen(move |signal| drop(sender.send(Message::Signal(signal))))
}

/// Asks the system not to sleep; it may take seconds to answer.
pub(super) fn stay_awake(sender: Sender<Message>) -> std::io::Result<()> {
    let ask = move || drop(sender.send(Message::Awake(hold_awake())));
    std::thread::Builder::new().name("awake".into()).spawn(ask).map(drop)
}

/// Asks the sound server again and again where the sound of this process goes, as long as somebody wants to hear it: soon after
/// a stream may have appeared, whose volume the server may remember from another day, so that it is known before anything of
/// it can be heard.
pub(super) fn look_where_it_goes(
    tell: impl Fn(Result<Vec<RouteTruth>, NotHere>) -> bool + Send + 'static,
) -> std::io::Result<()> {
    let ask = move || {
        let mut soon = SOON;
        loop {
            let heard = look(std::process::id());
            let appeared = heard.as_ref().is_ok_and(|streams| !streams.is_empty());
            soon = if appeared { SOON } else { soon.saturating_sub(1) };
            if !tell(heard) {
                return;
            }
            std::thread::sleep(if appeared || soon == 0 { ROUTE } else { ROUTE_SOON });
        }
    };
    std::thread::Builder::new().name("route".into()).spawn(ask).map(drop)
}

/// Media keys as long as the answer lives; without them a session is none the worse.
pub(super) fn listen_to_media_keys(sender: Sender<Message>) -> Option<MediaKeys> {
    hear_media_keys(move |key| drop(sender.send(Message::MediaKey(key))))
        .inspect_err(|why| tracing::warn!(%why, "no media keys"))
        .ok()
}
