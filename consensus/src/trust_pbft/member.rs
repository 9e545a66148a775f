//! A member: on the committee or beside it, from era to era.

use super::era::{ERA, Era, Opinion, tolerated};
use super::message::bytes_of;
use super::{Msg, Stored, Timer, TrustPbft, VIEWS, salt_of, within};
use crate::fx::To;
use crate::pbft::quorum::{Quorums, quorum};
use crate::pbft::{self, Pbft, Replica};
use crate::{Executed, Fx, Ledger, Members, NodeId, Outcome, Part, Request, Setup};
use gridtwin_kernel::Span;
use std::sync::Arc;

/// A committee of an era, as PBFT knows it: its members from 0, then the clients.
pub(super) fn seats(setup: &Setup, era: u64, committee: Members) -> Part {
    let clients = (setup.members..setup.members + setup.clients).map(NodeId);
    let nodes = committee.iter().chain(clients).collect();
    Part { nodes, members: committee.len() as u16, salt: salt_of(era, false) }
}

/// A place on the committee.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Seat {
    place: NodeId,
    part: Part,
    /// Decides requests, up to the era's end and no further: its state is the member's.
    work: Replica,
    /// The same members, each of them a client as well: what it asks for is that its opinion
    /// counts.
    feedback_part: Part,
    feedback: Replica,
    /// The opinions that count, so far.
    opinions: Vec<Opinion>,
    /// Answers that wait for the next era to be known.
    owed: Vec<(NodeId, Msg)>,
    /// The next era, once that is known. It begins when a quorum knows it.
    next: Option<Arc<Era>>,
}

impl Seat {
    fn new(place: NodeId, setup: &Setup, era: &Era) -> Self {
        let part = seats(setup, era.number, era.committee);
        let members = &part.nodes[..part.members.into()];
        let nodes = members.iter().chain(members).copied().collect();
        let feedback_part = Part { nodes, salt: salt_of(era.number, true), ..part };
        let within = within(setup);
        let quorums = Quorums::flat(&within);
        let genesis = (era.ledger, era.executed.clone());
        let work = Replica::new(place, &within, quorums.clone())
            .beginning_with(genesis)
            .ending_after(era.ledger.length + ERA);
        Self {
            place,
            part,
            work,
            feedback_part,
            feedback: Replica::new(place, &within, quorums),
            opinions: Vec::new(),
            owed: Vec::new(),
            next: None,
        }
    }
}

/// A member's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    id: NodeId,
    setup: Setup,
    era: Arc<Era>,
    seat: Option<Box<Seat>>,
    /// Later eras that other members have reported, the latest of each.
    told: Vec<(NodeId, Arc<Era>)>,
    /// Messages of the next era.
    early: Vec<(NodeId, Msg)>,
    asking: bool,
    recovering: bool,
    retries: u32,
}

impl Member {
    pub(super) fn new(id: NodeId, setup: &Setup) -> Self {
        let era = Arc::new(Era::first(setup.members));
        let mut member = Self {
            id,
            setup: *setup,
            era,
            seat: None,
            told: Vec::new(),
            early: Vec::new(),
            asking: false,
            recovering: false,
            retries: 0,
        };
        member.sit_down();
        member
    }

    fn sit_down(&mut self) {
        let place = self.era.committee.iter().position(|member| member == self.id);
        let seat = |place| Box::new(Seat::new(NodeId(place as u16), &self.setup, &self.era));
        self.seat = place.map(seat);
    }

    pub(super) fn on_start(&mut self, durable: &Stored, fx: &mut Fx<TrustPbft>) {
        let restarted = durable.work.replica != pbft::Durable::default() || durable.era.is_some();
        if let Some(era) = &durable.era {
            self.era = era.clone();
            self.sit_down();
        }
        if let (Some(seat), Some(next)) = (&mut self.seat, &durable.next) {
            seat.next = Some(next.clone());
            fx.arm(Timer::Opinion, self.setup.timing.request_timeout);
        }
        if restarted {
            let Ledger { length, digest } = self.ledger();
            fx.out(Outcome::Installed { length, digest });
            self.recovering = true;
            self.ask(fx);
        }
        // What it takes up again may end the era: by then it must know what it has said of
        // opinions.
        self.feedback(fx, |replica, fx| replica.on_start(&durable.feedback.replica, fx));
        self.work(fx, |replica, fx| replica.on_start(&durable.work.replica, fx));
        if self.seat.is_none() && !restarted {
            // So that a restart is known for one.
            let era = self.era.clone();
            fx.persist(1, |stored: &mut Stored| stored.era = Some(era));
        }
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<TrustPbft>) {
        let is_member = from.0 < self.setup.members;
        match msg {
            Msg::Work { era, .. } | Msg::Feedback { era, .. } if *era != self.era.number => {
                self.on_other_era(from, *era, msg, fx);
            }
            Msg::Work { msg: inner @ pbft::Msg::Request(_), .. } if !self.is_closed() => {
                let place = self.seat.as_ref().and_then(|seat| seat.part.inner(from));
                match place {
                    Some(place) => self.work(fx, |replica, fx| replica.on_msg(place, inner, fx)),
                    None => self.send_on(from, fx),
                }
            }
            Msg::Work { msg: pbft::Msg::Request(_), .. }
                if !is_member && self.latest().number > self.era.number =>
            {
                self.answer_late(from, msg, fx);
            }
            Msg::Work { msg: pbft::Msg::Request(_), .. } => {}
            Msg::Work { msg, .. } => {
                let place = self.seat.as_ref().and_then(|seat| seat.part.inner(from));
                if let Some(place) = place {
                    self.work(fx, |replica, fx| replica.on_msg(place, msg, fx));
                }
            }
            Msg::Feedback { msg, .. } => {
                let place = self.seat.as_ref().and_then(|seat| seat.feedback_part.inner(from));
                if let Some(place) = place {
                    self.feedback(fx, |replica, fx| replica.on_msg(place, msg, fx));
                }
            }
            Msg::Result(era) if is_member => self.on_result(from, era, fx),
            Msg::Ask { era, recovering } => {
                fx.mac(1, 9);
                if !is_member {
                    self.send_on(from, fx);
                } else if *era < self.latest().number || (*recovering && *era == self.era.number) {
                    self.tell(from, fx);
                }
            }
            _ => {}
        }
    }

    /// A message of another era: tells a lagging sender the current era, or asks for it if this
    /// member may lag itself.
    fn on_other_era(&mut self, from: NodeId, era: u64, msg: &Msg, fx: &mut Fx<TrustPbft>) {
        let is_member = from.0 < self.setup.members;
        if era < self.era.number {
            if is_member {
                self.tell(from, fx);
            } else {
                self.answer_late(from, msg, fx);
            }
            return;
        }
        if era == self.era.number + 1 && self.early.len() < 8 * usize::from(self.setup.members) {
            self.early.push((from, msg.clone()));
        }
        if is_member && !self.asking {
            self.ask(fx);
        }
    }

    /// To a client that turns to a former committee.
    fn answer_late(&self, client: NodeId, msg: &Msg, fx: &mut Fx<TrustPbft>) {
        let (era, committee) = (self.latest().number, self.latest().committee);
        match msg {
            Msg::Work { msg: pbft::Msg::Request(signed), .. }
                if self.executed().contains(&signed.request) =>
            {
                let Request { number, digest: result, .. } = signed.request;
                fx.mac(1, 50);
                fx.send(client, Msg::Reply { era, committee, view: 0, number, result });
            }
            _ => self.send_on(client, fx),
        }
    }

    /// Tells a client the current committee.
    fn send_on(&self, client: NodeId, fx: &mut Fx<TrustPbft>) {
        let (era, committee) = (self.latest().number, self.latest().committee);
        fx.mac(1, 24);
        fx.send(client, Msg::Moved { era, committee });
    }

    /// Sends a member the initial state of the latest era.
    fn tell(&self, member: NodeId, fx: &mut Fx<TrustPbft>) {
        fx.mac(1, bytes_of(self.latest()));
        fx.send(member, Msg::Result(self.latest().clone()));
    }

    /// The latest era that it knows: the one that it is in, or the next.
    fn latest(&self) -> &Arc<Era> {
        self.seat.as_ref().and_then(|seat| seat.next.as_ref()).unwrap_or(&self.era)
    }

    pub(super) fn on_timer(&mut self, timer: Timer, fx: &mut Fx<TrustPbft>) {
        match timer {
            Timer::Work(timer) => self.work(fx, |replica, fx| replica.on_timer(timer, fx)),
            Timer::Feedback(timer) => {
                self.feedback(fx, |replica, fx| replica.on_timer(timer, fx));
            }
            Timer::Opinion => {
                self.ask(fx); // the others may have come to a result
                if self.latest().number > self.era.number {
                    fx.arm(Timer::Opinion, self.patience());
                } else {
                    self.express(fx);
                }
            }
            Timer::Ask => {
                self.asking = false;
                if self.recovering {
                    self.ask(fx);
                }
            }
        }
    }

    fn ask(&mut self, fx: &mut Fx<TrustPbft>) {
        let (era, recovering) = (self.era.number, self.recovering);
        self.asking = true;
        fx.arm(Timer::Ask, self.patience());
        self.retries += 1;
        fx.mac(u32::from(self.setup.members) - 1, 9);
        fx.broadcast(Msg::Ask { era, recovering });
    }

    /// The time-out, doubled by every question in a row.
    fn patience(&self) -> Span {
        self.setup.timing.request_timeout * (1 << self.retries.min(6))
    }

    /// Runs a handler of the replica that decides requests, and passes on what it says.
    fn work(&mut self, fx: &mut Fx<TrustPbft>, handler: impl FnOnce(&mut Replica, &mut Fx<Pbft>)) {
        let closed = self.is_closed();
        let Some(seat) = &mut self.seat else { return };
        let (start, mut outs, era) = (fx.sends.len(), Vec::new(), self.era.number);
        let wrap = |msg| Msg::Work { era, msg };
        let stored: fn(&mut Stored) -> &mut pbft::Stored = |stored| &mut stored.work;
        let (part, place, replica) = (&seat.part, seat.place, &mut seat.work);
        let handler = |fx: &mut Fx<Pbft>| handler(replica, fx);
        fx.nest(part, place, stored, wrap, Timer::Work, &mut outs, handler);
        let sent = fx.sends.split_off(start);
        for out in outs {
            self.pass_on(out, fx);
        }
        if !closed && self.is_closed() {
            self.express(fx);
        }
        for (to, msg) in sent {
            self.route(to, msg, fx);
        }
    }

    /// Reports PBFT's outcomes, with the outer node numbers.
    fn pass_on(&mut self, out: Outcome, fx: &mut Fx<TrustPbft>) {
        let Some(seat) = &self.seat else { return };
        let (era, part) = (self.era.number, seat.part.clone());
        let ours = |request: Request| Request { client: part.outer(request.client), ..request };
        match out {
            Outcome::Delivered { position, request } => {
                fx.out(Outcome::Delivered { position, request: ours(request) });
            }
            // It has caught up by a checkpoint within the era.
            Outcome::Installed { length, digest } if length > self.era.ledger.length => {
                fx.out(Outcome::Installed { length, digest });
            }
            Outcome::View { view, leader } => {
                let (view, leader) = (era * VIEWS + view, part.outer(leader));
                fx.out(Outcome::View { view, leader });
            }
            Outcome::Elected { view } => fx.out(Outcome::Elected { view: era * VIEWS + view }),
            Outcome::Suspected { view } => fx.out(Outcome::Suspected { view: era * VIEWS + view }),
            Outcome::Proposed { request } => fx.out(Outcome::Proposed { request: ours(request) }),
            Outcome::CaughtUp { .. } if self.recovering => self.caught_up(fx),
            _ => {}
        }
    }

    fn caught_up(&mut self, fx: &mut Fx<TrustPbft>) {
        self.recovering = false;
        self.retries = 0;
        fx.out(Outcome::CaughtUp { length: self.ledger().length });
    }

    /// Sends what PBFT sends; but a reply says which committee is next, and waits until that is
    /// known.
    fn route(&mut self, to: To, msg: Msg, fx: &mut Fx<TrustPbft>) {
        let Msg::Work { msg: pbft::Msg::Reply { view, number, result, .. }, .. } = msg else {
            fx.sends.push((to, msg));
            return;
        };
        let To::One(client) = to else { return };
        let (closed, era, committee) =
            (self.is_closed(), self.latest().number, self.latest().committee);
        let reply = Msg::Reply { era, committee, view, number, result };
        match &mut self.seat {
            Some(seat) if closed && seat.next.is_none() => {
                if seat.owed.iter().all(|owed| *owed != (client, reply.clone())) {
                    seat.owed.push((client, reply));
                }
            }
            _ => fx.send(client, reply),
        }
    }

    /// Whether the era's last request is decided.
    fn is_closed(&self) -> bool {
        self.seat.as_ref().is_some_and(|seat| seat.work.is_done())
    }

    /// What was decided, as far as it knows: up to the era's beginning beside the committee, up to
    /// the era's end on it.
    fn ledger(&self) -> Ledger {
        self.seat.as_ref().map_or(self.era.ledger, |seat| seat.work.ledger())
    }

    fn executed(&self) -> &Executed {
        self.seat.as_ref().map_or(&self.era.executed, |seat| seat.work.executed())
    }

    /// Runs a handler of the replica that decides which opinions count.
    fn feedback(
        &mut self,
        fx: &mut Fx<TrustPbft>,
        handler: impl FnOnce(&mut Replica, &mut Fx<Pbft>),
    ) {
        let Some(seat) = &mut self.seat else { return };
        let (start, mut outs, era) = (fx.sends.len(), Vec::new(), self.era.number);
        let wrap = |msg| Msg::Feedback { era, msg };
        let stored: fn(&mut Stored) -> &mut pbft::Stored = |stored| &mut stored.feedback;
        let (part, place, replica) = (&seat.feedback_part, seat.place, &mut seat.feedback);
        let handler = |fx: &mut Fx<Pbft>| handler(replica, fx);
        fx.nest(part, place, stored, wrap, Timer::Feedback, &mut outs, handler);
        let answers = |msg: &Msg| matches!(msg, Msg::Feedback { msg: pbft::Msg::Reply { .. }, .. });
        let sent = fx.sends.split_off(start);
        fx.sends.extend(sent.into_iter().filter(|(_, msg)| !answers(msg))); // nobody waits for them
        let g = part.members;
        for out in outs {
            if let Outcome::Delivered { request, .. } = out
                && request.number == 0
                && seat.opinions.len() < quorum(g)
            {
                let (from, content) = (request.client.0 - g, request.digest);
                seat.opinions.push(Opinion { from, content });
            }
        }
        if seat.opinions.len() >= quorum(g) && self.is_closed() {
            self.conclude(fx);
        }
    }

    /// Submits its opinion of the committee's members.
    fn express(&mut self, fx: &mut Fx<TrustPbft>) {
        let (timeout, closed) = (self.patience(), self.is_closed());
        let Some(seat) = self.seat.as_mut().filter(|_| closed) else {
            return;
        };
        fx.arm(Timer::Opinion, timeout);
        let (place, client) = (seat.place, NodeId(seat.part.members + seat.place.0));
        // The highest bit distinguishes it from the null request.
        let content = seat.work.content_with() | 1 << 63;
        let request = Request { client, number: 0, bytes: 8, digest: content };
        self.feedback(fx, |replica, fx| {
            let sig = fx.sign(pbft::message::request_digest(&request));
            let msg = pbft::Msg::Request(crate::Signed { request, sig });
            fx.broadcast(msg.clone());
            replica.on_msg(place, &msg, fx);
        });
    }

    /// The committee has done its work: what follows is the same for all of its members.
    fn conclude(&mut self, fx: &mut Fx<TrustPbft>) {
        if let Some(seat) = self.seat.as_ref().filter(|seat| seat.next.is_none()) {
            let executed = seat.work.executed().clone();
            let next = self.era.next(seat.work.ledger(), executed, &seat.opinions);
            self.know(&Arc::new(next), fx);
        }
    }

    /// Records the next era and announces it to all members; but continues with this one until a
    /// quorum knows the next, since members that do not know it still need PBFT's quorum. From then
    /// on f + 1 honest members can report it.
    fn know(&mut self, next: &Arc<Era>, fx: &mut Fx<TrustPbft>) {
        let wait = self.patience();
        let Some(seat) = &mut self.seat else { return };
        seat.next = Some(next.clone());
        let kept = Some(next.clone());
        fx.persist(bytes_of(next), |stored: &mut Stored| stored.next = kept);
        for (client, reply) in std::mem::take(&mut seat.owed) {
            if let Msg::Reply { view, number, result, .. } = reply {
                let (era, committee) = (next.number, next.committee);
                fx.send(client, Msg::Reply { era, committee, view, number, result });
            }
        }
        fx.mac(u32::from(self.setup.members) - 1, bytes_of(next));
        fx.broadcast(Msg::Result(next.clone()));
        fx.arm(Timer::Opinion, wait);
        self.hand_over(fx);
    }

    /// Begins the next era if a quorum of the committee knows it.
    fn hand_over(&mut self, fx: &mut Fx<TrustPbft>) {
        let (next, committee) = (self.latest().clone(), self.era.committee);
        if next.number == self.era.number {
            return;
        }
        let told = self.told.iter().filter(|(_, told)| told.number >= next.number);
        let mut know: Members = told.map(|&(member, _)| member).collect();
        know.insert(self.id);
        if know.and(committee).len() >= quorum(committee.len() as u16) {
            self.enter(next, fx);
        }
    }

    /// What f + 1 members say a later era began with, it did.
    fn on_result(&mut self, from: NodeId, era: &Arc<Era>, fx: &mut Fx<TrustPbft>) {
        fx.mac(1, bytes_of(era));
        let current = era.number == self.era.number;
        if era.number < self.era.number {
            self.tell(from, fx);
        }
        if era.number < self.era.number || (current && !self.recovering) {
            return;
        }
        self.told.retain(|(member, _)| *member != from);
        self.told.push((from, era.clone()));
        let same = self.told.iter().filter(|(_, told)| told == era).count();
        let (known, seated) = (same > tolerated(self.setup.members), self.seat.is_some());
        if current {
            // On the committee, PBFT says when it has caught up.
            if known && !seated {
                self.caught_up(fx);
            }
        } else if known && seated && era.number == self.era.number + 1 {
            if self.latest().number == self.era.number {
                self.know(era, fx);
            }
        } else if known {
            self.enter(era.clone(), fx);
        }
        self.hand_over(fx);
    }

    /// Begins an era.
    fn enter(&mut self, era: Arc<Era>, fx: &mut Fx<TrustPbft>) {
        let kept = era.clone();
        fx.persist(bytes_of(&era), |stored: &mut Stored| {
            *stored = Stored { era: Some(kept), ..Stored::default() };
        });
        for timer in pbft::Timer::ALL {
            fx.cancel(Timer::Work(timer));
            fx.cancel(Timer::Feedback(timer));
        }
        fx.cancel(Timer::Opinion);
        if era.ledger.length > self.ledger().length {
            let Ledger { length, digest } = era.ledger;
            fx.out(Outcome::Installed { length, digest });
        }
        self.told.retain(|(_, told)| told.number > era.number);
        self.era = era;
        self.retries = 0;
        self.sit_down();
        self.work(fx, |replica, fx| replica.on_start(&pbft::Durable::default(), fx));
        self.feedback(fx, |replica, fx| replica.on_start(&pbft::Durable::default(), fx));
        if self.recovering {
            self.caught_up(fx);
        }
        for (from, msg) in std::mem::take(&mut self.early) {
            self.on_msg(from, &msg, fx);
        }
    }

    /// The era that it is in.
    pub fn era(&self) -> &Era {
        &self.era
    }

    pub(super) fn view(&self) -> u64 {
        self.era.number * VIEWS + self.seat.as_ref().map_or(0, |seat| seat.work.view())
    }

    pub(super) fn leader(&self) -> Option<NodeId> {
        self.seat.as_ref().and_then(|seat| Some(seat.part.outer(seat.work.leader()?)))
    }

    pub(super) fn held(&self) -> usize {
        let seat = self.seat.as_ref().map_or(0, |seat| {
            seat.work.held() + seat.feedback.held() + seat.opinions.len() + seat.owed.len()
        });
        seat + self.told.len() + self.early.len()
    }
}
