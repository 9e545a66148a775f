//! Byzantine strategies, in one place for all protocols. An [`Adversary`] sits between a node's
//! handler and the network and changes what is sent; it also works without a network. It is
//! independent of the protocol: each protocol states what an equivocating node could send instead
//! ([`Forge::variants`]), and the node signs it as itself.
//!
//! A Byzantine node draws from a seed of its own, so that it changes no other node's draws. All
//! Byzantine nodes of a group collude: they split the others into the same two camps, and do not
//! deceive each other.

use crate::crypto::mix;
use crate::fx::To;
use crate::{Forge, Fx, NodeId, Protocol};
use gridtwin_kernel::Span;
use std::fmt;
use std::str::FromStr;
use std::sync::Arc;
use thiserror::Error;

/// How many of its own messages a replaying node remembers.
const REMEMBERED: usize = 32;
/// A node with the stale strategy saves its durable state after this many handlers, keeps two such
/// copies, and returns to the older one after twice as many.
const NOTE_EVERY: u64 = 32;
/// The mixed strategy changes after at most this many handlers.
const LONGEST_STRETCH: u64 = 16;
/// The mixed strategy delays messages by at most this many milliseconds.
const LONGEST_DELAY_MS: u64 = 250;

/// What a faulty node does to the messages that it should send.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Strategy {
    /// It sends what it should.
    #[default]
    Honest,
    /// It sends nothing.
    Silent,
    /// It sends every message this much later.
    Delay(Span),
    /// It never sends messages of the kind with this name.
    DropKind(String),
    /// It never sends anything to this node.
    DropTo(NodeId),
    /// It sends again what it has sent before, now and then, to one of those it had sent it to.
    Replay,
    /// It sends half of the receivers something else, where there is something plausible.
    Equivocate,
    /// It sends to these nodes alone.
    Selective(Vec<NodeId>),
    /// From time to time, and at every restart, it continues from an old durable state.
    Stale,
    /// All of these by turns, for a few handlers each.
    Mixed,
}

/// What is wrong with a strategy.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum StrategyError {
    /// Nothing like it is known.
    #[error(
        "unknown Byzantine strategy `{0}`; expected `honest`, `silent`, `delay:50ms`, `drop:KIND`, \
         `drop:@NODE`, `replay`, `equivocate`, `selective:0,1`, `stale` or `mixed`"
    )]
    Unknown(String),
    /// A length of time that is none.
    #[error("`{0}` is not a duration; write a number with a unit (ns, us, ms, s), as in `50ms`")]
    Span(String),
    /// A node that is none.
    #[error("`{0}` is not a node number; nodes are numbered from 0, as in `selective:0,1`")]
    Node(String),
    /// A kind of message that the protocol does not have.
    #[error("{protocol} has no message kind `{kind}`; its kinds are {known}")]
    Kind {
        /// The protocol.
        protocol: &'static str,
        /// What was asked for.
        kind: String,
        /// The kinds there are.
        known: String,
    },
}

impl fmt::Display for Strategy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Honest => f.write_str("honest"),
            Self::Silent => f.write_str("silent"),
            Self::Delay(span) => write!(f, "delay:{}", written(*span)),
            Self::DropKind(kind) => write!(f, "drop:{kind}"),
            Self::DropTo(node) => write!(f, "drop:@{node}"),
            Self::Replay => f.write_str("replay"),
            Self::Equivocate => f.write_str("equivocate"),
            Self::Selective(nodes) => {
                let nodes: Vec<_> = nodes.iter().map(NodeId::to_string).collect();
                write!(f, "selective:{}", nodes.join(","))
            }
            Self::Stale => f.write_str("stale"),
            Self::Mixed => f.write_str("mixed"),
        }
    }
}

impl FromStr for Strategy {
    type Err = StrategyError;

    fn from_str(text: &str) -> Result<Self, StrategyError> {
        let node = |text: &str| {
            let number = text.trim().parse().map(NodeId);
            number.map_err(|_| StrategyError::Node(text.to_owned()))
        };
        Ok(match text.split_once(':') {
            None => match text {
                "honest" => Self::Honest,
                "silent" => Self::Silent,
                "replay" => Self::Replay,
                "equivocate" => Self::Equivocate,
                "stale" => Self::Stale,
                "mixed" => Self::Mixed,
                _ => return Err(StrategyError::Unknown(text.to_owned())),
            },
            Some(("delay", span)) => Self::Delay(span_of(span)?),
            Some(("drop", what)) => match what.strip_prefix('@') {
                Some(target) => Self::DropTo(node(target)?),
                None => Self::DropKind(what.to_owned()),
            },
            Some(("selective", nodes)) => {
                Self::Selective(nodes.split(',').map(node).collect::<Result<_, _>>()?)
            }
            Some(_) => return Err(StrategyError::Unknown(text.to_owned())),
        })
    }
}

/// Units of time in nanoseconds, the shortest first: all end in `s`.
const UNITS: [(&str, u64); 4] = [("ns", 1), ("us", 1_000), ("ms", 1_000_000), ("s", 1_000_000_000)];

fn span_of(text: &str) -> Result<Span, StrategyError> {
    let wrong = || StrategyError::Span(text.to_owned());
    let unit = UNITS.iter().find_map(|&(name, ns)| Some((text.strip_suffix(name)?, ns)));
    let (number, ns) = unit.ok_or_else(wrong)?;
    let number: f64 = number.trim().parse().map_err(|_| wrong())?;
    let good = number.is_finite() && number >= 0.0;
    good.then(|| Span((number * ns as f64).round() as u64)).ok_or_else(wrong)
}

/// In the longest unit that leaves no fraction.
fn written(span: Span) -> String {
    let unit = UNITS.iter().rev().find(|(_, ns)| span.0.is_multiple_of(*ns));
    let (name, ns) = unit.copied().unwrap_or(UNITS[0]);
    format!("{}{name}", span.0 / ns)
}

/// The strategy that is currently in use.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Way {
    Honest,
    Silent,
    Delay(Span),
    DropKind(u8),
    DropTo(NodeId),
    Replay,
    Equivocate,
    Selective(Arc<[NodeId]>),
    Stale,
}

/// Delayed messages: by how much, to whom, and the message.
pub(crate) type Late<M> = Vec<(Span, To, M)>;

/// A faulty node's ways, and what it remembers for them.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Adversary<P: Protocol> {
    way: Way,
    /// How many handlers are left until its ways change; none where they never do.
    left: Option<u64>,
    /// What it draws from.
    drawn: u64,
    /// The seed of the two camps, common to all Byzantine nodes of the group.
    camps: u64,
    /// Some of what it has sent, each with one of its receivers.
    remembered: Vec<(NodeId, P::Msg)>,
    /// How many messages it has thought of remembering.
    seen: u64,
    /// Durable states from before, the older first.
    notes: [Option<P::Durable>; 2],
    handled: u64,
    relapses: bool,
}

impl<P: Forge> Adversary<P> {
    /// An adversary with this strategy. `seed` seeds its random choices; `camps`, the same for all
    /// Byzantine nodes of a group, decides which nodes receive which variant.
    ///
    /// # Errors
    /// Where the strategy names a kind of message that the protocol does not have.
    pub fn new(strategy: &Strategy, seed: u64, camps: u64) -> Result<Self, StrategyError> {
        let way = match strategy {
            Strategy::Honest | Strategy::Mixed => Way::Honest,
            Strategy::Silent => Way::Silent,
            Strategy::Delay(span) => Way::Delay(*span),
            Strategy::DropKind(name) => Way::DropKind(kind::<P>(name)?),
            Strategy::DropTo(node) => Way::DropTo(*node),
            Strategy::Replay => Way::Replay,
            Strategy::Equivocate => Way::Equivocate,
            Strategy::Selective(nodes) => Way::Selective(nodes.as_slice().into()),
            Strategy::Stale => Way::Stale,
        };
        Ok(Self {
            way,
            left: (*strategy == Strategy::Mixed).then_some(0),
            drawn: seed,
            camps,
            remembered: Vec::new(),
            seen: 0,
            notes: [None, None],
            handled: 0,
            relapses: false,
        })
    }

    /// Changes what a handler of the Byzantine node left in `fx` to be sent, right after that
    /// handler, and returns what is to be sent later. `accomplices` are all Byzantine nodes.
    pub(crate) fn intercept(&mut self, fx: &mut Fx<P>, accomplices: &[NodeId]) -> Late<P::Msg> {
        self.handled += 1;
        self.change_ways(fx);
        let sends = std::mem::take(&mut fx.sends);
        if self.left.is_some() || self.way == Way::Replay {
            self.remember(&sends, fx);
        }
        let mut late = Vec::new();
        match self.way.clone() {
            Way::Honest | Way::Stale => fx.sends = sends,
            Way::Silent => {}
            Way::Delay(span) => late.extend(sends.into_iter().map(|(to, msg)| (span, to, msg))),
            Way::DropKind(kind) => {
                fx.sends = sends;
                fx.sends.retain(|(_, msg)| P::wire(msg).kind != kind);
            }
            Way::DropTo(target) => narrow(sends, fx, |node| node != target),
            Way::Selective(nodes) => narrow(sends, fx, |node| nodes.contains(&node)),
            Way::Equivocate => self.equivocate(sends, fx, accomplices),
            Way::Replay => {
                fx.sends = sends;
                // Every other time, so that two nodes never answer each other's echoes for ever.
                if self.handled.is_multiple_of(2) && !self.remembered.is_empty() {
                    let pick = self.draw(self.remembered.len() as u64) as usize;
                    let (to, msg) = self.remembered[pick].clone();
                    fx.sends.push((To::One(to), msg));
                }
            }
        }
        late
    }

    /// Sends one camp what it should, and the other camp something else.
    fn equivocate(&mut self, sends: Vec<(To, P::Msg)>, fx: &mut Fx<P>, accomplices: &[NodeId]) {
        let camps = self.camps;
        let camp_of = |node| if accomplices.contains(&node) { 0 } else { camp_of(camps, node) };
        for (to, msg) in sends {
            let mut variants = P::variants(&msg, fx);
            if variants.is_empty() {
                fx.sends.push((to, msg));
                continue;
            }
            let other = variants.swap_remove(mix(camps, 1) as usize % variants.len());
            for (camp, msg) in [(0, msg), (1, other)] {
                if let Some(to) = narrowed(&to, fx, |node| camp_of(node) == camp) {
                    fx.sends.push((to, msg));
                }
            }
        }
    }

    /// Keeps a sample of all that was sent, evenly over the past.
    fn remember(&mut self, sends: &[(To, P::Msg)], fx: &Fx<P>) {
        for (to, msg) in sends {
            let receivers = receivers(to, fx);
            if receivers.is_empty() {
                continue;
            }
            let receiver = receivers[self.draw(receivers.len() as u64) as usize];
            self.seen += 1;
            if self.remembered.len() < REMEMBERED {
                self.remembered.push((receiver, msg.clone()));
                continue;
            }
            let place = self.draw(self.seen) as usize;
            if let Some(kept) = self.remembered.get_mut(place) {
                *kept = (receiver, msg.clone());
            }
        }
    }

    /// A mixture's next way, once the one before is over.
    fn change_ways(&mut self, fx: &Fx<P>) {
        match &mut self.left {
            None => return,
            Some(0) => {}
            Some(left) => {
                *left -= 1;
                return;
            }
        }
        self.left = Some(self.draw(LONGEST_STRETCH));
        let nodes = fx.nodes.all() as u64;
        self.way = match self.draw(12) {
            0 | 1 => Way::Honest,
            2 => Way::Silent,
            3 => Way::Delay(Span::from_millis(1 + self.draw(LONGEST_DELAY_MS))),
            4 => Way::DropKind(self.draw(P::KINDS.len() as u64) as u8),
            5 => Way::DropTo(NodeId(self.draw(nodes) as u16)),
            6 => Way::Replay,
            7 => {
                let camp = self.draw(2);
                let all = (0..nodes as u16).map(NodeId);
                Way::Selective(all.filter(|&node| camp_of(self.camps, node) == camp).collect())
            }
            8 => Way::Stale,
            _ => Way::Equivocate,
        };
        self.relapses = self.way == Way::Stale;
    }

    /// The old state to restart from immediately, if any, after a handler that left `durable` as
    /// its durable state.
    pub(crate) fn relapse(&mut self, durable: &P::Durable) -> Option<P::Durable> {
        if self.left.is_none() && self.way != Way::Stale {
            return None;
        }
        if self.handled % NOTE_EVERY == 1 {
            let newer = self.notes[1].replace(durable.clone());
            self.notes[0] = newer.or_else(|| self.notes[0].take());
        }
        let due = match self.left {
            Some(_) => std::mem::take(&mut self.relapses),
            None => self.handled.is_multiple_of(2 * NOTE_EVERY),
        };
        if due { self.notes[0].clone() } else { None }
    }

    /// The state that it starts from when its power is back, where that is not the latest.
    pub(crate) fn old_state(&self) -> Option<&P::Durable> {
        let [older, newer] = &self.notes;
        if self.way == Way::Stale { older.as_ref().or(newer.as_ref()) } else { None }
    }

    /// A number below `n`, from the adversary's own seed.
    fn draw(&mut self, n: u64) -> u64 {
        self.drawn = mix(self.drawn, 1);
        self.drawn % n.max(1)
    }
}

/// The number of the kind with this name.
fn kind<P: Protocol>(name: &str) -> Result<u8, StrategyError> {
    let found = P::KINDS.iter().position(|kind| kind.name == name);
    found.map(|index| index as u8).ok_or_else(|| {
        let known: Vec<_> = P::KINDS.iter().map(|kind| format!("`{}`", kind.name)).collect();
        let protocol = std::any::type_name::<P>().rsplit("::").next().unwrap_or_default();
        StrategyError::Kind { protocol, kind: name.to_owned(), known: known.join(", ") }
    })
}

/// Which of the two camps a node is in.
fn camp_of(camps: u64, node: NodeId) -> u64 {
    mix(camps, node.0.into()) >> 63
}

/// The receivers.
fn receivers<P: Protocol>(to: &To, fx: &Fx<P>) -> Vec<NodeId> {
    let others =
        |nodes: &mut dyn Iterator<Item = NodeId>| nodes.filter(|&n| n != fx.node).collect();
    match to {
        To::One(node) => others(&mut [*node].into_iter()),
        To::Members => others(&mut (0..fx.nodes.members).map(NodeId)),
        To::Each(nodes) => others(&mut nodes.iter().copied()),
    }
}

/// Those of the receivers that `keep` keeps, if any.
fn narrowed<P: Protocol>(to: &To, fx: &Fx<P>, keep: impl Fn(NodeId) -> bool) -> Option<To> {
    let mut kept = receivers(to, fx);
    kept.retain(|&node| keep(node));
    match kept.as_slice() {
        [] => None,
        [one] => Some(To::One(*one)),
        several => Some(To::Each(several.into())),
    }
}

/// Sends to those receivers alone that `keep` keeps.
fn narrow<P: Protocol>(sends: Vec<(To, P::Msg)>, fx: &mut Fx<P>, keep: impl Fn(NodeId) -> bool) {
    for (to, msg) in sends {
        if let Some(to) = narrowed(&to, fx, &keep) {
            fx.sends.push((to, msg));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pbft::{Msg, Pbft};
    use crate::{Nodes, Request};
    use gridtwin_kernel::Streams;

    const CAMPS: u64 = 5;

    fn fx() -> Fx<Pbft> {
        let nodes = Nodes { members: 7, clients: 1, helpers: 0 };
        Fx::new(nodes, &Streams::new(1), "liars")
    }

    fn byzantine(strategy: &str) -> Adversary<Pbft> {
        Adversary::new(&strategy.parse().unwrap(), 9, CAMPS).unwrap()
    }

    fn commit(seq: u64) -> Msg {
        Msg::Commit { view: 0, seq, digest: mix(seq, 1) }
    }

    /// Which node receives which message once node 0 has broadcast a commit and answered the
    /// client.
    fn sent(byzantine: &mut Adversary<Pbft>, fx: &mut Fx<Pbft>, seq: u64) -> Vec<(NodeId, Msg)> {
        fx.sends.clear();
        fx.broadcast(commit(seq));
        fx.send(NodeId(7), Msg::Reply { view: 0, number: seq, result: 3, tentative: None });
        let late = byzantine.intercept(fx, &[NodeId(0)]);
        assert!(late.iter().all(|(span, ..)| !span.is_zero()));
        let late = late.into_iter().map(|(_, to, msg)| (to, msg));
        let all: Vec<_> = fx.sends.drain(..).chain(late).collect();
        let each =
            |(to, msg): (To, Msg)| receivers(&to, fx).into_iter().map(move |n| (n, msg.clone()));
        all.into_iter().flat_map(each).collect()
    }

    #[test]
    fn each_strategy_does_what_it_says() {
        let mut fx = fx();
        let mut once = |strategy: &str| sent(&mut byzantine(strategy), &mut fx, 1);
        let honest = once("honest");
        assert_eq!(honest.len(), 7);
        assert_eq!(once("silent"), []);
        assert_eq!(once("delay:5ms"), honest);
        assert_eq!(once("stale"), honest);
        assert_eq!(once("drop:reply"), honest[..6]);
        assert_eq!(once("drop:commit"), honest[6..]);
        assert_eq!(once("drop:@1"), honest[1..]);
        assert_eq!(once("selective:2,7"), [honest[1].clone(), honest[6].clone()]);
    }

    #[test]
    fn an_equivocator_tells_each_camp_its_own_story_and_everybody_something() {
        let mut fx = fx();
        let sent = sent(&mut byzantine("equivocate"), &mut fx, 1);
        assert_eq!(sent.len(), 7);
        for (to, msg) in sent {
            let truth = [commit(1), Msg::Reply { view: 0, number: 1, result: 3, tentative: None }]
                .contains(&msg);
            assert_eq!(truth, camp_of(CAMPS, to) == 0, "{to}: {msg:?}");
        }
        let (mut fx, mut byzantine) = (fx, byzantine("equivocate"));
        fx.broadcast(commit(1));
        assert!(byzantine.intercept(&mut fx, &[0, 1, 2, 3, 4, 5, 6].map(NodeId)).is_empty());
        assert!(
            fx.sends.iter().all(|(_, msg)| *msg == commit(1)),
            "Byzantine nodes do not deceive each other"
        );
        let camps: u64 = (0..7).map(|node| camp_of(CAMPS, NodeId(node))).sum();
        assert!((1..=6).contains(&camps), "both camps have somebody");
    }

    #[test]
    fn replays_are_of_messages_sent_before_to_those_they_were_sent_to() {
        let (mut fx, mut byzantine) = (fx(), byzantine("replay"));
        let mut before = Vec::new();
        let mut old = 0;
        for seq in 1..=200 {
            let mut all = sent(&mut byzantine, &mut fx, seq);
            let replayed = all.split_off(7);
            before.extend(all);
            assert!(replayed.iter().all(|replay| before.contains(replay)));
            assert_eq!(replayed.len() as u64, 1 - seq % 2);
            let late = |(_, msg): &(NodeId, Msg)| match msg {
                Msg::Commit { seq: of, .. } => of + 20 < seq,
                _ => false,
            };
            old += replayed.iter().filter(|replay| late(replay)).count();
        }
        assert!(old > 10, "it remembers what is long past");
        assert!(byzantine.remembered.len() <= REMEMBERED);
    }

    #[test]
    fn a_stale_node_falls_back_to_what_it_had_written_down_long_before() {
        let (mut fx, mut byzantine) = (fx(), byzantine("stale"));
        let mut relapses = Vec::new();
        for seq in 1..=200u64 {
            sent(&mut byzantine, &mut fx, seq);
            let request = Request::new(NodeId(7), seq, 8);
            fx.persist(8, |stored| {
                stored.outbox.push(request);
            });
            if let Some(old) = byzantine.relapse(&fx.durables[0]) {
                relapses.push((seq, old.outbox.len()));
            }
        }
        assert_eq!(relapses, [(64, 1), (128, 65), (192, 129)]);
        assert!(byzantine.old_state().is_some_and(|old| old.outbox.len() == 161));
    }

    #[test]
    fn a_mixture_does_it_all_and_the_same_again_for_the_same_seed() {
        let run = |seed| {
            let (mut fx, mut ways) = (fx(), Vec::new());
            let mut byzantine = Adversary::<Pbft>::new(&Strategy::Mixed, seed, CAMPS).unwrap();
            let mut all = Vec::new();
            for seq in 0..2000 {
                all.extend(sent(&mut byzantine, &mut fx, seq));
                let way = std::mem::discriminant(&byzantine.way);
                if !ways.contains(&way) {
                    ways.push(way);
                }
            }
            (ways.len(), all)
        };
        assert_eq!(run(1), run(1));
        assert_eq!(run(1).0, 9);
        assert_ne!(run(1).1, run(2).1);
    }

    #[test]
    fn names_are_read_as_they_are_written() {
        let written = "honest silent delay:50ms delay:2s delay:1500us drop:commit drop:@2 replay \
                       equivocate selective:0,1 stale mixed";
        for name in written.split(' ') {
            assert_eq!(name.parse::<Strategy>().unwrap().to_string(), name);
        }
        assert_eq!("delay:1.5s".parse(), Ok(Strategy::Delay(Span::from_millis(1500))));
        let refused = |text: &str| text.parse::<Strategy>().unwrap_err().to_string();
        assert!(refused("silence").contains("`silence`; expected `honest`"));
        assert!(refused("delay:50").contains("`50` is not a duration"));
        assert!(refused("delay:-1s").contains("`-1s` is not a duration"));
        assert!(refused("drop:@x").contains("`x` is not a node number"));
        let unknown = Adversary::<Pbft>::new(&"drop:comit".parse().unwrap(), 0, 0).unwrap_err();
        assert!(
            unknown.to_string().starts_with("Pbft has no message kind `comit`; its kinds are `req")
        );
    }
}
