//! How a member of web-bft votes: what it may sign in which round, when it is locked, when
//! something is decided, and when it moves to another round. All of it follows from its knowledge,
//! whichever messages brought that.

use super::member::{Member, key};
use super::message::{Accept, Certificate, Lock, Msg, Timer, Vote};
use super::{Stored, WebBft};
use crate::{Fx, NodeId, Outcome, Signed};
use std::cmp::Reverse;
use std::sync::Arc;

/// A round's duration grows with each one that expires in a version, up to this multiple of the
/// first.
const LONGEST: u32 = 8;

impl Member {
    /// Takes every step that its knowledge allows.
    pub(super) fn act(&mut self, fx: &mut Fx<WebBft>) {
        loop {
            self.find_lock();
            self.accept(fx);
            if !(self.decide(fx) || self.follow(fx) || self.vote(fx) || self.leave_split(fx)) {
                break;
            }
        }
        self.wait(fx);
    }

    /// A quorum of votes in one round is a lock.
    fn find_lock(&mut self) {
        let version = self.version();
        let least = self.ballot.lock.as_ref().map_or(0, |lock| lock.round + 1);
        let Some(carried) = self.votes.carried(version, least, self.locks) else { return };
        let (round, value) = (carried.round, carried.value);
        let same = self
            .votes
            .on(version)
            .filter(|(_, vote)| (vote.round, vote.what()) == (round, value.request.digest));
        let votes = same.map(|(member, vote)| (member, vote.sig)).collect();
        self.ballot.lock = Some(Arc::new(Lock { version, round, value, votes }));
    }

    /// Takes over another's lock, if it is later than its own.
    pub(super) fn lock(&mut self, lock: &Arc<Lock>, fx: &mut Fx<WebBft>) {
        let own = self.ballot.lock.as_ref();
        let news = lock.version == self.version() && own.is_none_or(|own| own.round < lock.round);
        if news && lock.is_valid(self.n, self.locks, fx) && self.is_asked(&lock.value, fx) {
            self.ballot.lock = Some(lock.clone());
            self.pool.entry(key(&lock.value)).or_insert(lock.value);
        }
    }

    /// Signs that it is locked: once a round, and in none below one that it has voted in.
    fn accept(&mut self, fx: &mut Fx<WebBft>) {
        let Some(lock) = self.ballot.lock.clone() else { return };
        let voted_later = self.ballot.voted.is_some_and(|vote| vote.round > lock.round);
        let signed = self.ballot.accepted.is_some_and(|accept| accept.round >= lock.round);
        if voted_later || signed {
            return;
        }
        let (value, before) = (lock.value.request.digest, self.sequence.digest());
        let accept = Accept::new(lock.version, lock.round, value, before, fx);
        self.ballot.accepted = Some(accept);
        self.votes.take_accept(self.id, accept);
        let against = self.votes.on(lock.version).filter(|&(member, vote)| {
            member != self.id && vote.round == lock.round && vote.what() != value
        });
        let against = against.map(|(member, &vote)| (member, vote)).collect();
        let other = self.other_than(value).map(|other| other.request.digest);
        fx.persist(128 + 66 * lock.votes.len() as u32, |stored: &mut Stored| {
            let ballot = &mut stored.member.ballot;
            (ballot.accepted, ballot.lock) = (Some(accept), Some(lock));
        });
        fx.broadcast(Msg::Accept { accept, against, other });
    }

    /// A quorum of acceptances in one round decides.
    fn decide(&mut self, fx: &mut Fx<WebBft>) -> bool {
        let version = self.version();
        let Some(&accept) = self.votes.decided(version, self.decides) else { return false };
        let asked = |signed: &&Signed| signed.request.digest == accept.value;
        let lock = self.ballot.lock.iter().map(|lock| &lock.value);
        let Some(value) = lock.chain(self.pool.values()).find(asked) else {
            return false; // it never heard what this is: it will be told
        };
        let same = self.votes.accepted(version).filter(|(_, other)| other.agrees(&accept));
        let certificate = Certificate {
            version,
            round: accept.round,
            request: value.request,
            before: accept.before,
            accepts: same.map(|(member, accept)| (member, accept.sig)).collect(),
        };
        self.settle(certificate, fx);
        true
    }

    /// Casts its vote in the round that it is in, if it may and knows for what.
    fn vote(&mut self, fx: &mut Fx<WebBft>) -> bool {
        let (version, round) = (self.version(), self.round);
        if self.ballot.voted.is_some_and(|vote| vote.round >= round) {
            return false;
        }
        let tie_breaker = NodeId(((version + round) % u64::from(self.n)) as u16);
        let value = if round == 0 {
            self.choice()
        } else if tie_breaker != self.id {
            self.votes.of(tie_breaker, version, round).map(|vote| vote.value)
        } else if self.present() >= self.quorum {
            let locked = self.ballot.lock.as_ref().map(|lock| lock.value);
            locked.or_else(|| self.choice())
        } else {
            None
        };
        // A locked member votes for nothing else, and in no round up to the lock's.
        let bound = |value: &Signed| {
            let lock = self.ballot.lock.as_ref();
            lock.is_some_and(|lock| lock.round >= round || lock.value != *value)
        };
        let Some(value) = value.filter(|value| !bound(value) && self.is_open(value)) else {
            return false;
        };
        if self.votes.support(version, value.request.digest) == 0 {
            fx.out(Outcome::Proposed { request: value.request });
        }
        let vote = Vote::new(version, round, value, fx);
        self.ballot.voted = Some(vote);
        self.votes.take(self.id, vote);
        fx.persist(160 + value.request.bytes, |stored: &mut Stored| {
            stored.member.ballot.voted = Some(vote);
        });
        let lock = self.ballot.lock.clone();
        let other = self.other_than(value.request.digest);
        fx.broadcast(Msg::Vote { vote, lock, other });
        true
    }

    /// What it votes for: what most others vote for; or, without votes yet, the oldest pending
    /// request, taking clients in turn.
    fn choice(&self) -> Option<Signed> {
        let version = self.version();
        let votes = self.votes.on(version).map(|(_, vote)| vote.value);
        let voted = votes.filter(|value| self.is_open(value)).max_by_key(|value| {
            (self.votes.support(version, value.request.digest), Reverse(*value))
        });
        voted.or_else(|| {
            let clients = u64::from(self.clients.max(1));
            let turn = NodeId(self.n + (version % clients) as u16);
            let from = self.pool.range((turn, 0)..).chain(&self.pool);
            from.map(|(_, signed)| *signed).next()
        })
    }

    /// Another request than the one with this digest.
    fn other_than(&self, digest: u64) -> Option<Signed> {
        self.pool.values().find(|signed| signed.request.digest != digest).copied()
    }

    /// The latest round that another is known to be in.
    fn round_of(&self, member: NodeId) -> Option<u64> {
        self.votes.round_of(member, self.version()).max(self.rounds.get(&member).copied())
    }

    fn others(&self) -> impl Iterator<Item = NodeId> + use<> {
        let own = self.id;
        (0..self.n).map(NodeId).filter(move |&member| member != own)
    }

    /// How many are in its round or a later one, itself among them.
    fn present(&self) -> usize {
        let here = |&member: &NodeId| self.round_of(member).is_some_and(|r| r >= self.round);
        1 + self.others().filter(here).count()
    }

    /// Follows into a later round once one that is honest is there.
    fn follow(&mut self, fx: &mut Fx<WebBft>) -> bool {
        let ahead = self.others().filter_map(|member| self.round_of(member));
        let mut ahead: Vec<u64> = ahead.filter(|&round| round > self.round).collect();
        if ahead.len() <= self.f {
            return false;
        }
        ahead.sort_unstable_by_key(|&round| Reverse(round));
        self.enter(ahead[self.f], fx);
        true
    }

    /// Leaves the first round once it is plain to see that no quorum will come of its votes.
    fn leave_split(&mut self, fx: &mut Fx<WebBft>) -> bool {
        let version = self.version();
        if self.round > 0 || self.ballot.lock.is_some() {
            return false;
        }
        let first = |vote: &Vote| vote.round == 0;
        let cast = self.votes.on(version).filter(|(_, vote)| first(vote)).count();
        let most = self.votes.on(version).map(|(_, vote)| vote).filter(|vote| first(vote));
        let most = most.map(|vote| {
            let same = |other: &Vote| first(other) && other.what() == vote.what();
            self.votes.on(version).filter(|(_, other)| same(other)).count()
        });
        let may_come = usize::from(self.n) - cast - self.votes.byzantine().len();
        if cast == 0 || most.max().unwrap_or(0) + may_come >= self.locks {
            return false;
        }
        self.enter(1, fx);
        true
    }

    /// Enters a round, and sends all others what it knows about the vote. Only a vote is a promise,
    /// entering is not.
    fn enter(&mut self, round: u64, fx: &mut Fx<WebBft>) {
        self.round = round;
        self.tell_all(fx);
    }

    fn tell_all(&mut self, fx: &mut Fx<WebBft>) {
        self.armed = false;
        fx.broadcast(self.state());
    }

    /// The round's time is over. It moves to the next only if enough members are present; a lone
    /// member does not run ahead of the others.
    pub(super) fn on_time_out(&mut self, fx: &mut Fx<WebBft>) {
        self.armed = false;
        if self.is_busy() {
            self.waits += 1;
            if self.present() >= self.quorum {
                self.enter(self.round + 1, fx)
            } else {
                self.tell_all(fx)
            }
        }
        self.act(fx);
    }

    /// Whether there is anything to vote on, or to catch up with.
    pub(super) fn is_busy(&self) -> bool {
        let version = self.version();
        !self.pool.is_empty() || self.votes.on(version + 1).count() > self.f
    }

    /// Waits for the end of the round, if there is anything to wait for.
    fn wait(&mut self, fx: &mut Fx<WebBft>) {
        match (self.is_busy(), self.armed) {
            (true, false) => {
                fx.arm(Timer::Round, self.timeout * u64::from((self.waits + 1).min(LONGEST)))
            }
            (false, true) => fx.cancel(Timer::Round),
            _ => return,
        }
        self.armed = !self.armed;
    }
}
