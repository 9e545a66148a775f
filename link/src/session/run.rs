//! The loop in front of the broker: messages go into the journal and the twin, and the twin's
//! publications out. It ends when requested, or when the run is over.

use super::SessionError;
use super::clock::Clock;
use super::keeper::{Arrived, Keeper};
use super::replay::ENDED;
use crate::broker::{Broker, News};
use gridtwin_kernel::SimTime;
use gridtwin_twin::record::Observer;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Messages that arrive within this time are written together: half of a reading's allowed delay
/// from arrival to the twin.
const TOGETHER: Duration = Duration::from_millis(50);

/// Runs the twin until `stop` is set, or until the clock shows `until`. `tell` receives a sentence
/// for each change of the connection and each alarm.
///
/// # Errors
/// A journal that cannot be written. A lost broker is waited for.
pub fn run<O: Observer>(
    keeper: &mut Keeper<O>,
    broker: &Broker,
    clock: Clock,
    until: Option<SimTime>,
    stop: &AtomicBool,
    tell: &mut dyn FnMut(&str),
) -> Result<(), SessionError> {
    let over = |now: SimTime| until.is_some_and(|until| now >= until);
    while !stop.load(Ordering::Relaxed) && !keeper.live().is_over() && !over(clock.now()) {
        let next = clock.instant(keeper.live().next_turn());
        let batch = broker.receive(next.min(Instant::now() + TOGETHER));
        for news in &batch.news {
            let kind = match news {
                News::Connected { .. } => "connected",
                News::Disconnected { .. } => "disconnected",
                News::NotAllowed { .. } => "not allowed",
            };
            let text = news.to_string();
            tell(&text);
            let now = clock.now().max(keeper.live().now());
            keeper.mark(now, kind, &text)?;
        }
        // Never before what the twin has simulated: messages are seen in the order of time.
        let mut last = keeper.live().now();
        let arrived: Vec<Arrived> = batch
            .messages
            .iter()
            .map(|message| {
                last = last.max(clock.shows(message.at));
                let at = last;
                let (topic, payload) = (&*message.topic, message.payload.as_slice());
                Arrived { at, topic, payload, retained: message.retained }
            })
            .collect();
        if !arrived.is_empty() {
            keeper.take(&arrived)?;
        }
        let now: SimTime = clock.now().max(keeper.live().now());
        keeper.pass(now)?;
        for (topic, reason) in keeper.take_complaints() {
            tell(&format!("{topic}: message not understood: {reason}"));
        }
        for alarm in keeper.take_alarms() {
            tell(&alarm.sentence());
        }
        for said in keeper.take_said() {
            let sent = match said.expires {
                Some(expires) => {
                    let until = clock.instant(expires);
                    broker.publish_until(&said.topic, &said.payload, said.retain, until)
                }
                None => broker.publish(&said.topic, &said.payload, said.retain),
            };
            if let Err(error) = sent {
                tell(&error.to_string());
            }
        }
        for ask in keeper.take_asks() {
            if let Err(error) = broker.publish(&ask.topic, &ask.payload, false) {
                tell(&error.to_string());
            }
        }
        if arrived.len() < 1000 {
            // Messages that come now are taken together with those of the next moment.
            std::thread::sleep(Duration::from_millis(5));
        }
    }
    let now = clock.now().max(keeper.live().now());
    keeper.mark(now, ENDED, "")?;
    keeper.pass(now)
}
