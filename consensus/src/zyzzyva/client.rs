//! A Zyzzyva client: part of the protocol, since it alone sees whether the members did the same
//! (section 3.2, steps 1 and 4).

use super::message::{Certificate, Commit, Mark, Msg, Timer, response_digest};
use super::{Effects, Quorums, Rule, is_sealed, primary_of};
use crate::{Desk, Members, NodeId, Outbox, Outcome, Request, Setup, Sig, Signed};
use gridtwin_kernel::Span;
use std::marker::PhantomData;
use std::sync::Arc;

/// Responses to one request that match: the same view, sequence number and history.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Matching {
    view: u64,
    mark: Mark,
    votes: Vec<(NodeId, Sig)>,
    /// The members that have a certificate of them.
    commits: Members,
}

/// The state of one outstanding request.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Tally {
    number: u64,
    groups: Vec<Matching>,
    /// The members that report it as committed long ago.
    committed: Members,
}

/// A client's state.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Client<R: Rule> {
    quorums: Quorums,
    /// How long it waits for the last responses.
    patience: Span,
    desk: Desk<Timer>,
    tallies: Vec<Tally>,
    /// The latest view that each member has answered in.
    views: Vec<u64>,
    /// The view that f + 1 members have reached.
    view: u64,
    /// The views before this one whose primary it has proved to be Byzantine.
    accused: u64,
    rule: PhantomData<R>,
}

impl<R: Rule> Client<R> {
    pub(super) fn new(setup: &Setup) -> Self {
        Self {
            quorums: Quorums::new::<R>(setup),
            patience: setup.timing.delta,
            desk: Desk::new(setup.timing.client_timeout, Timer::Retry),
            tallies: Vec::new(),
            views: vec![0; setup.members.into()],
            view: 0,
            accused: 0,
            rule: PhantomData,
        }
    }

    pub(super) fn on_start(&mut self, outbox: &Outbox, fx: &mut Effects<R>) {
        self.desk.restart(outbox, fx);
        let (view, leader) = (self.view, self.primary());
        fx.out(Outcome::View { view, leader });
        self.ask_everybody(fx);
    }

    pub(super) fn on_input(&mut self, request: Request, fx: &mut Effects<R>) {
        if let Some(request) = self.desk.take(request, fx) {
            self.ask(request, fx);
        }
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Effects<R>) {
        if from.index() >= self.views.len() {
            return;
        }
        match *msg {
            Msg::Response { view, number, ref mark, sig } => {
                self.on_response(from, view, number, mark, sig, fx);
            }
            Msg::LocalCommit { view, seq, history, number } => {
                self.on_local_commit(from, (view, seq, history), number, fx);
            }
            Msg::Committed { number, digest } => self.on_committed(from, number, digest, fx),
            _ => {}
        }
    }

    pub(super) fn on_timer(&mut self, timer: Timer, fx: &mut Effects<R>) {
        match timer {
            // Step 4b: some responses are missing, and enough are here.
            Timer::Slow(number) => self.commit(number, fx),
            // Step 4c: too few match.
            Timer::Retry => {
                self.desk.give_up_waiting(fx);
                self.ask_everybody(fx);
            }
            _ => {}
        }
    }

    /// Step 1.
    fn ask(&self, request: Request, fx: &mut Effects<R>) {
        fx.hash(request.bytes);
        let sig = fx.sign(request.digest);
        fx.send(self.primary(), Msg::Request(Signed { request, sig }));
    }

    fn ask_everybody(&self, fx: &mut Effects<R>) {
        for request in self.desk.under_way() {
            self.commit(request.number, fx);
            let sig = fx.sign(request.digest);
            fx.broadcast(Msg::Request(Signed { request, sig }));
        }
    }

    /// Step 4b: shows all members a certificate, if it has one.
    fn commit(&self, number: u64, fx: &mut Effects<R>) {
        let Some(tally) = self.tallies.iter().find(|tally| tally.number == number) else {
            return;
        };
        let needed = self.quorums.certificate;
        let enough = tally.groups.iter().filter(|group| group.votes.len() >= needed);
        if R::COUNTER {
            return;
        }
        let Some(group) = enough.max_by_key(|group| group.view) else {
            return;
        };
        let (view, mark) = (group.view, group.mark);
        let (seq, history) = (mark.seq, mark.history);
        let proof = group.votes.iter().take(needed).copied().collect();
        let certificate = Arc::new(Certificate { view, seq, history, offset: None, proof });
        fx.broadcast(Msg::Commit(Arc::new(Commit { certificate, mark, number })));
    }

    fn on_response(
        &mut self,
        from: NodeId,
        view: u64,
        number: u64,
        mark: &Mark,
        sig: Sig,
        fx: &mut Effects<R>,
    ) {
        let (seq, history) = (mark.seq, mark.history);
        if !fx.verify(from, response_digest(view, seq, history), sig) {
            return;
        }
        self.note_view(from, view);
        let Some(request) = self.asked(number, mark.digest) else {
            return;
        };
        let tally = tally(&mut self.tallies, number);
        if tally.groups.iter().any(|group| group.view > view && group.has(from)) {
            return;
        }
        for group in &mut tally.groups {
            group.votes.retain(|&(member, _)| member != from);
        }
        tally.groups.retain(|group| !group.votes.is_empty() || group.is(view, seq, history));
        let index = match tally.groups.iter().position(|group| group.is(view, seq, history)) {
            Some(index) => index,
            None => {
                let (votes, commits) = (Vec::new(), Members::NONE);
                tally.groups.push(Matching { view, mark: *mark, votes, commits });
                tally.groups.len() - 1
            }
        };
        let group = &mut tally.groups[index];
        group.votes.push((from, sig));
        let votes = group.votes.len();
        if votes >= self.quorums.response {
            self.close(request, Some(seq), fx); // step 4a
        } else if votes == self.quorums.certificate && !R::COUNTER {
            fx.arm(Timer::Slow(number), self.patience);
        }
        self.look_for_lies(mark, fx);
    }

    fn on_local_commit(
        &mut self,
        from: NodeId,
        (view, seq, history): (u64, u64, u64),
        number: u64,
        fx: &mut Effects<R>,
    ) {
        fx.mac(1, 32);
        let Some(tally) = self.tallies.iter_mut().find(|tally| tally.number == number) else {
            return;
        };
        let same = |group: &&mut Matching| group.is(view, seq, history);
        let Some(group) = tally.groups.iter_mut().find(same) else {
            return;
        };
        group.commits.insert(from);
        self.check_committed(number, fx);
    }

    fn on_committed(&mut self, from: NodeId, number: u64, digest: u64, fx: &mut Effects<R>) {
        fx.mac(1, 40);
        if self.asked(number, digest).is_some() {
            tally(&mut self.tallies, number).committed.insert(from);
            self.check_committed(number, fx);
        }
    }

    /// Completes a request that a quorum has a certificate of (step 4b.2; a member whose stable
    /// checkpoint covers it has more than that), or that f + 1 report as committed long ago.
    fn check_committed(&mut self, number: u64, fx: &mut Effects<R>) {
        let Some(request) = self.desk.asked(number) else {
            return;
        };
        let Some(tally) = self.tallies.iter().find(|tally| tally.number == number) else {
            return;
        };
        let needed = self.quorums.local_commit;
        let done = tally.groups.iter().find(|group| {
            !group.commits.is_empty() && group.commits.or(tally.committed).len() >= needed
        });
        if let Some(seq) = done.map(|group| group.mark.seq) {
            self.close(request, Some(seq), fx);
        } else if tally.committed.len() >= self.quorums.honest {
            self.close(request, None, fx);
        }
    }

    fn close(&mut self, request: Request, seq: Option<u64>, fx: &mut Effects<R>) {
        self.tallies.retain(|tally| tally.number != request.number);
        fx.cancel(Timer::Slow(request.number));
        for next in self.desk.close(request, seq.map(|seq| seq.saturating_sub(1)), fx) {
            self.ask(next, fx);
        }
    }

    /// Step 4d: two orders of one primary that cannot both be honest are shown to all.
    fn look_for_lies(&mut self, mark: &Mark, fx: &mut Effects<R>) {
        if R::COUNTER || mark.view < self.accused || mark.view != self.view {
            return;
        }
        let all = self.tallies.iter().flat_map(|tally| &tally.groups);
        let Some(other) = all.map(|group| group.mark).find(|other| other.conflicts(mark)) else {
            return;
        };
        let primary = primary_of(mark.view, self.views.len() as u16);
        let mut sealed = |mark: &Mark| is_sealed(primary, mark.content(), mark.seal, None, fx);
        if sealed(&other) && sealed(mark) {
            self.accused = mark.view + 1;
            fx.broadcast(Msg::Misbehaviour(Arc::new((other, *mark))));
        }
    }

    fn asked(&self, number: u64, digest: u64) -> Option<Request> {
        self.desk.asked(number).filter(|request| request.digest == digest)
    }

    fn note_view(&mut self, from: NodeId, view: u64) {
        if view > self.views[from.index()] {
            self.views[from.index()] = view;
            let mut views = self.views.clone();
            views.sort_unstable_by(|a, b| b.cmp(a));
            self.view = views[self.quorums.honest - 1];
        }
    }

    pub(super) fn view(&self) -> u64 {
        self.view
    }

    pub(super) fn primary(&self) -> NodeId {
        primary_of(self.view, self.views.len() as u16)
    }

    pub(super) fn held(&self) -> usize {
        self.desk.held() + self.tallies.iter().map(|tally| 1 + tally.groups.len()).sum::<usize>()
    }
}

impl Matching {
    fn is(&self, view: u64, seq: u64, history: u64) -> bool {
        (self.view, self.mark.seq, self.mark.history) == (view, seq, history)
    }

    fn has(&self, member: NodeId) -> bool {
        self.votes.iter().any(|&(voter, _)| voter == member)
    }
}

/// The tally of a request, a new one if need be.
fn tally(tallies: &mut Vec<Tally>, number: u64) -> &mut Tally {
    let index = match tallies.iter().position(|tally| tally.number == number) {
        Some(index) => index,
        None => {
            tallies.push(Tally { number, groups: Vec::new(), committed: Members::NONE });
            tallies.len() - 1
        }
    };
    &mut tallies[index]
}
