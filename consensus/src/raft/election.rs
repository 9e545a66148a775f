//! Raft's elections (section 5.2 and 5.4.1), each preceded by a PreVote (dissertation, 9.6).

use super::log::Content;
use super::member::{Leading, Member, Role};
use super::membership::Changing;
use super::message::{Msg, Timer};
use super::{Quorum, Raft, Stored};
use crate::{Fx, Members, NodeId, Outcome};

impl Member {
    pub(super) fn on_election_timeout(&mut self, fx: &mut Fx<Raft>) {
        if matches!(self.role, Role::Leader(_)) {
            return;
        }
        self.leader = None;
        self.quiet = false;
        let term = self.term + 1;
        fx.out(Outcome::Suspected { view: term });
        let alone = self.alone();
        if !self.pre_vote || self.enough(Quorum::Election, alone) {
            self.campaign(fx);
            return;
        }
        self.role = Role::PreCandidate(alone);
        self.ask(true, term, fx);
        self.await_leader(fx);
    }

    fn campaign(&mut self, fx: &mut Fx<Raft>) {
        self.term += 1;
        self.vote = Some(self.id);
        let (term, vote) = (self.term, self.vote);
        fx.persist(10, |stored: &mut Stored| {
            (stored.member.term, stored.member.vote) = (term, vote);
        });
        let alone = self.alone();
        if self.enough(Quorum::Election, alone) {
            self.lead(fx);
            return;
        }
        self.role = Role::Candidate(alone);
        self.ask(false, term, fx);
        self.await_leader(fx);
    }

    /// Asks all members, since the current membership may be unknown here; only its votes count.
    fn ask(&self, pre: bool, term: u64, fx: &mut Fx<Raft>) {
        let (last, last_term) = (self.log.last(), self.log.last_term());
        fx.broadcast(Msg::Vote { pre, term, last, last_term });
    }

    fn alone(&self) -> Members {
        let mut votes = Members::NONE;
        votes.insert(self.id);
        votes
    }

    pub(super) fn on_vote(
        &mut self,
        from: NodeId,
        pre: bool,
        term: u64,
        log: (u64, u64),
        fx: &mut Fx<Raft>,
    ) {
        let content = self.believes_in_leader(fx);
        // Dissertation, section 4.2.3: a removed member does not raise the term of a live group.
        if !pre && !content {
            self.enter_term(term, fx);
        }
        // Section 5.4.1: the candidate's log must be at least as up to date as the voter's.
        let current = log >= (self.log.last_term(), self.log.last());
        let granted = if pre {
            term > self.term && current && !content
        } else {
            !content && term == self.term && current && self.vote.is_none_or(|vote| vote == from)
        };
        if granted && !pre {
            self.vote = Some(from);
            fx.persist(2, |stored: &mut Stored| stored.member.vote = Some(from));
            self.await_leader(fx);
        }
        if let Role::Leader(leading) = &mut self.role {
            // Some member does not know this leader: it sends a heartbeat, even if quiescent.
            (leading.busy, leading.quiet) = (false, false);
            self.on_heartbeat(fx);
            if !self.peers.contains(&from) {
                self.probe(from, fx); // it was removed, and will see that it was
            }
        } else if std::mem::take(&mut self.quiet) {
            self.await_leader(fx); // denied this time; next time the leader must have spoken
        }
        let term = if granted { term } else { self.term };
        fx.send(from, Msg::VoteReply { pre, term, granted });
    }

    /// Whether it leads, or has heard from a leader within the minimum election time-out.
    fn believes_in_leader(&self, fx: &Fx<Raft>) -> bool {
        matches!(self.role, Role::Leader(_))
            || self.leader.is_some()
                && (self.quiet || fx.now() - self.heard < self.setup.timing.election_min)
    }

    pub(super) fn on_vote_reply(
        &mut self,
        from: NodeId,
        pre: bool,
        term: u64,
        granted: bool,
        fx: &mut Fx<Raft>,
    ) {
        if !granted {
            self.enter_term(term, fx);
            return;
        }
        let votes = match &mut self.role {
            Role::PreCandidate(votes) if pre && term == self.term + 1 => votes,
            Role::Candidate(votes) if !pre && term == self.term => votes,
            _ => return,
        };
        votes.insert(from);
        let votes = *votes;
        if self.enough(Quorum::Election, votes) {
            if pre {
                self.campaign(fx);
            } else {
                self.lead(fx);
            }
        }
    }

    fn lead(&mut self, fx: &mut Fx<Raft>) {
        let last = self.log.last();
        self.role = Role::Leader(Leading {
            matched: vec![0; self.setup.members.into()],
            repairing: Members::NONE,
            busy: false,
            quiet: false,
            first: last + 1,
            changing: Changing::default(),
        });
        self.take_peers();
        self.leader = Some(self.id);
        self.recovering = false;
        let (view, leader) = (self.term, self.id);
        fx.out(Outcome::Elected { view });
        fx.out(Outcome::View { view, leader });
        fx.cancel(Timer::Election);
        // Section 8: an empty entry, to learn what is committed.
        self.replicate(Content::Blank, fx);
    }
}
