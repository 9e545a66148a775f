//! Who votes, and how that changes: one server at a time (Ongaro's dissertation, chapter 4), until
//! the set that a client asked for is reached.
//!
//! A configuration takes effect when it is appended (section 4.1), and the next is appended only
//! when it is committed. The first must wait until the leader has committed an entry of its own
//! term, otherwise two majorities might not intersect (Ongaro's note to raft-dev of 10 July 2015).
//! A new server catches up first, in rounds, without a vote (section 4.2.1); members are added
//! before others are removed, and the leader removes itself last and steps down (section 4.2.2).
//! Not included: leadership transfer and joint consensus.

use super::Raft;
use super::log::Content;
use super::member::{Member, Role};
use super::message::Msg;
use crate::{Fx, Members, NodeId};
use gridtwin_kernel::SimTime;

/// Who votes, and on whose wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Config {
    /// Those that vote.
    pub members: Members,
    /// The wish that it comes from: a client's count of its wishes, and the client. A wish that
    /// is less has been overtaken.
    pub asked: (u64, NodeId),
}

impl Config {
    /// Its size, in bytes.
    pub const BYTES: u32 = 26;

    /// The configuration that a group of `n` begins with: all vote.
    pub(super) fn first(n: u16) -> Self {
        Self { members: Members::first(n), asked: (0, NodeId(0)) }
    }
}

/// A server that does not vote yet, but receives everything that members do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Learner {
    member: NodeId,
    /// It has to match up to here for the round to end.
    goal: u64,
    /// When the round began.
    since: SimTime,
}

/// What a leader does about membership.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Changing {
    /// What is to be reached.
    wish: Option<Config>,
    learner: Option<Learner>,
    /// The member that the last configuration removes: it is informed when that is committed.
    leaving: Option<NodeId>,
}

impl Member {
    /// Finds out who votes, after the log has changed.
    pub(super) fn take_config(&mut self) {
        let found = self.log.config(self.snapshot.index, u64::MAX);
        let before = self.snapshot.config.unwrap_or(Config::first(self.setup.members));
        (self.config_at, self.config) = found.unwrap_or((self.snapshot.index, before));
        self.take_peers();
    }

    pub(super) fn take_peers(&mut self) {
        let mut peers = self.config.members;
        if let Role::Leader(leading) = &self.role
            && let Some(learner) = leading.changing.learner
        {
            peers.insert(learner.member);
        }
        self.peers = peers.iter().collect();
    }

    /// The configuration as of `index`, at the last snapshot or later.
    pub(super) fn config_as_of(&self, index: u64) -> Option<Config> {
        let found = self.log.config(self.snapshot.index, index);
        found.map(|(_, config)| config).or(self.snapshot.config)
    }

    /// Whether it may become a candidate: a member that is in no committed configuration it knows
    /// of is still needed until one without it is committed (section 4.2.2).
    pub(super) fn may_stand(&self) -> bool {
        self.config.members.contains(self.id) || self.config_at > self.commit
    }

    pub(super) fn on_reconfigure(
        &mut self,
        client: NodeId,
        number: u64,
        target: Members,
        fx: &mut Fx<Raft>,
    ) {
        let asked = (number, client);
        let Role::Leader(leading) = &mut self.role else {
            return; // the client asks again
        };
        if target.is_empty() || target.and(Members::first(self.setup.members)) != target {
            return;
        }
        if asked < self.config.asked {
            if self.config_at <= self.commit {
                fx.send(client, Msg::Configured(self.config));
            }
            return;
        }
        if leading.changing.wish.is_none_or(|wish| wish.asked < asked) {
            leading.changing.wish = Some(Config { members: target, asked });
        }
        self.change_members(fx);
    }

    /// Takes the next step towards the members that were asked for, if one may be taken.
    pub(super) fn change_members(&mut self, fx: &mut Fx<Raft>) {
        let (config, last, now) = (self.config, self.log.last(), fx.now());
        let Role::Leader(leading) = &mut self.role else {
            return;
        };
        let Some(wish) = leading.changing.wish else {
            return;
        };
        // Its own term's first entry, and the last change, must be committed.
        if self.commit < leading.first.max(self.config_at) {
            return;
        }
        if config == wish {
            leading.changing = Changing::default();
            self.take_peers();
            fx.send(wish.asked.1, Msg::Configured(config));
            return;
        }
        let missing = wish.members.iter().find(|&member| !config.members.contains(member));
        let surplus = |member: &NodeId| !wish.members.contains(*member);
        let me = self.id;
        let mut members = config.members;
        if let Some(member) = missing {
            let learner = leading.changing.learner.filter(|learner| learner.member == member);
            let Some(learner) = learner else {
                leading.changing.learner = Some(Learner { member, goal: last, since: now });
                leading.matched[member.index()] = 0;
                self.take_peers();
                self.probe(member, fx);
                return;
            };
            if leading.matched[member.index()] < learner.goal {
                return;
            }
            // Section 4.2.1: what came during the last round takes less than an election's time.
            if now - learner.since > self.setup.timing.election_min && learner.goal < last {
                let next = Learner { goal: last, since: now, ..learner };
                leading.changing.learner = Some(next);
                return;
            }
            members.insert(member);
        } else if let Some(member) =
            config.members.iter().filter(surplus).find(|&member| member != me).or(
                config.members.iter().find(surplus), // itself last
            )
        {
            leading.changing.leaving = Some(member);
            members.remove(member);
        }
        leading.changing.learner = None;
        self.replicate(Content::Config(Config { members, ..wish }), fx);
    }

    /// A configuration was committed: removed members are informed, and a removed leader steps
    /// down.
    pub(super) fn settle_config(&mut self, fx: &mut Fx<Raft>) {
        let inside = self.config.members.contains(self.id);
        if let Role::Leader(leading) = &mut self.role {
            let left = leading.changing.leaving.take().filter(|&member| member != self.id);
            let next = left.map(|member| (member, leading.matched[member.index()] + 1));
            if let Some((member, next)) = next {
                self.repair(member, next, fx);
            }
            self.change_members(fx);
        }
        if !inside {
            self.step_down(fx);
            self.leader = None;
            self.await_leader(fx);
        }
    }
}
