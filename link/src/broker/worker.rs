//! The broker's thread: one session after the other, with waits between them. It reads and writes
//! the two boxes that it shares with the owner, and knows nothing of what is in them.
//!
//! Every session starts with a new client of rumqttc: unacknowledged messages are kept in our own
//! outbox, so that states can be superseded and no state of the old client can affect the new one.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rumqttc::{
    AsyncClient, Event, EventLoop, LastWill, MqttOptions, Outgoing as Wrote, Packet, QoS, SubAck,
    SubscribeFilter, SubscribeReasonCode, TlsConfiguration, Transport,
};
use tokio::runtime::{Builder, Runtime};
use tokio::sync::Notify;
use tokio::time::timeout;

use super::backoff::Waits;
use super::inbox::Inbox;
use super::outbox::{MOST_HANDED, Outbox, Outgoing};
use super::{News, Options, TlsError, Trouble};

/// Filters in one SUBSCRIBE packet.
const FILTERS_AT_ONCE: usize = 64;
/// The maximum number of unread connection events.
const MOST_NEWS: usize = 256;

/// What the thread and the owner share. The two locks are never held together.
#[derive(Debug)]
pub(crate) struct Shared {
    state: Mutex<State>,
    changed: Condvar,
    out: Mutex<Out>,
    stop: Notify,
    stopped: AtomicBool,
}

/// What came in, and how things stand.
#[derive(Debug)]
pub(crate) struct State {
    pub(crate) inbox: Inbox,
    pub(crate) news: VecDeque<News>,
    pub(crate) connected_once: bool,
    /// The last failure.
    pub(crate) trouble: Option<Trouble>,
    /// The thread has nothing more to do.
    pub(crate) ended: bool,
    attempts: u64,
}

/// What goes out.
#[derive(Debug)]
pub(crate) struct Out {
    pub(crate) outbox: Outbox,
    client: Option<AsyncClient>,
    /// Filters to subscribe to, and those of the SUBSCRIBE that is not answered yet. One at a
    /// time, so that the answer is surely that one's.
    to_ask: VecDeque<Vec<String>>,
    asked: Option<Vec<String>>,
    closing: bool,
    forget: bool,
    leaving: bool,
}

impl Shared {
    pub(crate) fn new(options: &Options) -> Self {
        Self {
            state: Mutex::new(State {
                inbox: Inbox::new(options.limits, &options.filters),
                news: VecDeque::new(),
                connected_once: false,
                trouble: None,
                ended: false,
                attempts: 0,
            }),
            changed: Condvar::new(),
            out: Mutex::new(Out {
                outbox: Outbox::new(options.limits),
                client: None,
                to_ask: VecDeque::new(),
                asked: None,
                closing: false,
                forget: false,
                leaving: false,
            }),
            stop: Notify::new(),
            stopped: AtomicBool::new(false),
        }
    }

    pub(crate) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn out(&self) -> MutexGuard<'_, Out> {
        self.out.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Waits until something changes, for `left` at most.
    pub(crate) fn wait<'a>(
        &self,
        state: MutexGuard<'a, State>,
        left: Duration,
    ) -> MutexGuard<'a, State> {
        self.changed.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
    }

    /// Tells the thread to end immediately.
    pub(crate) fn stop(&self) {
        self.stopped.store(true, Ordering::SeqCst);
        self.stop.notify_one();
    }

    fn is_over(&self) -> bool {
        self.stopped.load(Ordering::SeqCst) || self.out().closing
    }

    fn tell(&self, news: News) {
        let mut state = self.state();
        while state.news.len() >= MOST_NEWS {
            state.news.pop_front();
        }
        state.news.push_back(news);
        drop(state);
        self.changed.notify_all();
    }
}

impl Out {
    pub(crate) fn is_connected(&self) -> bool {
        self.client.is_some()
    }

    /// No more sessions after this one, which ends when all is acknowledged.
    pub(crate) fn close(&mut self, forget: bool, now: Instant) {
        self.closing = true;
        self.forget = forget;
        self.pump(now);
    }

    /// Hands to the client what it has room for. Called after everything that makes room or fills
    /// a box, by whichever thread did that.
    pub(crate) fn pump(&mut self, now: Instant) {
        let Some(client) = &self.client else { return };
        if self.asked.is_none()
            && let Some(filters) = self.to_ask.pop_front()
        {
            let all = filters.iter().map(|f| SubscribeFilter::new(f.clone(), QoS::AtLeastOnce));
            if client.try_subscribe_many(all).is_ok() {
                self.asked = Some(filters);
            } else {
                self.to_ask.push_front(filters);
            }
        }
        while let Some(next) = self.outbox.hand_over(now) {
            let (topic, payload) = (next.topic.clone(), next.payload.clone());
            if client.try_publish(topic, QoS::AtLeastOnce, next.retain, payload).is_err() {
                self.outbox.take_back();
                break;
            }
        }
        if self.closing && !self.leaving && self.outbox.unsent() == 0 {
            self.leaving = client.try_disconnect().is_ok();
        }
    }

    fn connected(&mut self, client: AsyncClient, options: &Options, now: Instant) {
        self.client = Some(client);
        self.to_ask = options.filters.chunks(FILTERS_AT_ONCE).map(<[String]>::to_vec).collect();
        self.asked = None;
        if let Some(here) = &options.availability
            && !self.closing
        {
            self.outbox.push(Outgoing {
                topic: here.topic.clone(),
                payload: here.online.clone(),
                retain: true,
                expires: None,
            });
        }
        self.pump(now);
    }

    fn disconnected(&mut self) {
        self.client = None;
        self.to_ask.clear();
        self.asked = None;
        self.outbox.lost();
    }

    /// The filters that the broker refuses by this answer.
    fn subscribed(&mut self, answer: &SubAck) -> Vec<String> {
        let asked = self.asked.take().unwrap_or_default();
        let answers = asked.into_iter().zip(&answer.return_codes);
        answers.filter(|(_, code)| **code == SubscribeReasonCode::Failure).map(|(f, _)| f).collect()
    }
}

/// The options as rumqttc wants them.
pub(crate) fn mqtt_options(options: &Options) -> Result<MqttOptions, TlsError> {
    let address = &options.address;
    let mut mqtt = MqttOptions::new(&options.client_id, &address.host, address.port);
    // rumqttc sends it as 16 bits of seconds.
    let keep_alive = options.keep_alive.as_secs().clamp(1, 0xffff);
    mqtt.set_keep_alive(Duration::from_secs(keep_alive));
    mqtt.set_clean_session(false);
    mqtt.set_max_packet_size(options.limits.packet_bytes(), usize::MAX);
    if let Some(who) = &options.credentials {
        mqtt.set_credentials(who.user(), who.password());
    }
    if let Some(here) = &options.availability {
        let will = LastWill::new(&here.topic, here.offline.clone(), QoS::AtLeastOnce, true);
        mqtt.set_last_will(will);
    }
    if address.tls {
        let config = TlsConfiguration::Rustls(options.tls.config()?);
        mqtt.set_transport(Transport::tls_with_config(config));
    }
    Ok(mqtt)
}

/// How a session ended.
enum End {
    /// The owner wants no more.
    Over,
    /// It failed, this long after the broker had accepted the connection.
    Failed(Trouble, Option<Duration>),
}

/// What drives the thread's sockets and waits.
pub(crate) fn runtime() -> std::io::Result<Runtime> {
    Builder::new_current_thread().enable_io().enable_time().build()
}

/// The thread's life.
pub(crate) fn run(shared: &Shared, options: &Options, mqtt: &MqttOptions, runtime: &Runtime) {
    sessions(shared, options, mqtt, runtime);
    shared.state().ended = true;
    shared.changed.notify_all();
}

fn sessions(shared: &Shared, options: &Options, mqtt: &MqttOptions, runtime: &Runtime) {
    let mut waits = Waits::new(options.backoff);
    while !shared.is_over() {
        // No bytes of a broker's are known to make rumqttc panic; if some do, it is one session.
        let one = || runtime.block_on(session(shared, options, mqtt));
        let end = catch_unwind(AssertUnwindSafe(one)).unwrap_or_else(|_| {
            let why = "its packets violate the protocol".to_owned();
            End::Failed(Trouble::NotMqtt { place: options.address.place(), why }, None)
        });
        shared.out().disconnected();
        let End::Failed(why, lasted) = end else { break };
        if shared.is_over() {
            break;
        }
        let again_in = waits.after(lasted.unwrap_or_default());
        {
            let mut state = shared.state();
            state.attempts = if lasted.is_some() { 0 } else { state.attempts + 1 };
            state.trouble = Some(why.clone());
            let attempts = state.attempts;
            drop(state);
            shared.tell(News::Disconnected { at: Instant::now(), attempts, why, again_in });
        }
        // Only the owner ends this wait early.
        let _ = runtime.block_on(async { timeout(again_in, shared.stop.notified()).await });
    }
    let forget = shared.out().forget && !shared.stopped.load(Ordering::SeqCst);
    if forget {
        runtime.block_on(forget_session(options, mqtt));
    }
}

fn client(options: &Options, mqtt: MqttOptions) -> (AsyncClient, EventLoop) {
    let (client, mut events) = AsyncClient::new(mqtt, MOST_HANDED + 8);
    let mut network = events.network_options();
    network.set_connection_timeout(options.attempt_timeout.as_secs().max(1));
    network.set_tcp_nodelay(true);
    events.set_network_options(network);
    (client, events)
}

/// One connection from its attempt to its end.
async fn session(shared: &Shared, options: &Options, mqtt: &MqttOptions) -> End {
    let (client, mut events) = client(options, mqtt.clone());
    let first = tokio::select! {
        first = events.poll() => first,
        () = shared.stop.notified() => return End::Over,
    };
    match first {
        Ok(Event::Incoming(Packet::ConnAck(greeting))) => {
            let at = Instant::now();
            shared.out().connected(client, options, at);
            shared.state().connected_once = true;
            shared.tell(News::Connected { at, resumed: greeting.session_present });
        }
        // rumqttc says nothing else first.
        Ok(_) => {
            let why = "its first packet is not CONNACK".to_owned();
            return End::Failed(Trouble::NotMqtt { place: options.address.place(), why }, None);
        }
        Err(error) => return End::Failed(Trouble::from_error(&error, options, false), None),
    }
    let since = Instant::now();
    // A working connection has an event with every ping. rumqttc itself waits forever on a broker
    // that stops reading.
    let longest = options.keep_alive.max(Duration::from_secs(1)) * 2 + options.attempt_timeout;
    loop {
        let event = tokio::select! {
            event = timeout(longest, events.poll()) => event,
            () = shared.stop.notified() => return End::Over,
        };
        let failed = match event {
            Ok(Ok(event)) => match handle(shared, &event) {
                Some(end) => return end,
                None => continue,
            },
            Ok(Err(error)) => Trouble::from_error(&error, options, true),
            Err(_) => Trouble::Silent(options.address.place()),
        };
        return End::Failed(failed, Some(since.elapsed()));
    }
}

fn handle(shared: &Shared, event: &Event) -> Option<End> {
    let now = Instant::now();
    match event {
        Event::Incoming(Packet::Publish(message)) => {
            let mut state = shared.state();
            let idle = state.inbox.is_empty();
            state.inbox.push(&message.topic, &message.payload, message.retain, now);
            drop(state);
            if idle {
                shared.changed.notify_all();
            }
        }
        Event::Incoming(Packet::PubAck(answer)) => {
            let mut out = shared.out();
            out.outbox.acknowledged(answer.pkid);
            out.pump(now);
        }
        Event::Incoming(Packet::SubAck(answer)) => {
            let mut out = shared.out();
            let refused = out.subscribed(answer);
            out.pump(now);
            drop(out);
            for filter in refused {
                shared.tell(News::NotAllowed { at: now, filter });
            }
        }
        Event::Outgoing(Wrote::Publish(packet_id)) => {
            let mut out = shared.out();
            out.outbox.wrote(*packet_id);
            out.pump(now);
        }
        Event::Outgoing(Wrote::Disconnect) => return Some(End::Over),
        _ => {}
    }
    None
}

/// Connects once more with a clean session, which makes the broker forget the old one. It may
/// fail: then the broker keeps it.
async fn forget_session(options: &Options, mqtt: &MqttOptions) {
    let mut clean = MqttOptions::new(mqtt.client_id(), &options.address.host, options.address.port);
    clean.set_transport(mqtt.transport());
    if let Some(who) = &options.credentials {
        clean.set_credentials(who.user(), who.password());
    }
    let (client, mut events) = client(options, clean);
    if client.try_disconnect().is_err() {
        return;
    }
    let all = async {
        loop {
            match events.poll().await {
                Ok(Event::Outgoing(Wrote::Disconnect)) | Err(_) => return,
                Ok(_) => {}
            }
        }
    };
    // The disconnect may not delay the end for longer than this.
    let _ = timeout(Duration::from_secs(3), all).await;
}
