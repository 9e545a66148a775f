//! Raft's replication (section 5.3): AppendEntries, its answers, and what lagging followers get.

use super::log::{Content, Entry, Snapshot};
use super::member::{Member, Role};
use super::message::{Append, Msg, Purpose, Timer};
use super::{Quorum, Raft, Stored};
use crate::{Fx, Members, NodeId, Outcome};
use std::sync::Arc;

impl Member {
    /// Takes an entry into the leader's log, and sends it to all.
    pub(super) fn replicate(&mut self, content: Content, fx: &mut Fx<Raft>) {
        let term = self.term;
        let (prev, prev_term) = (self.log.last(), self.log.last_term());
        let entry = Entry { term, content };
        self.log.push(entry);
        fx.persist(24 + content.bytes(), |stored: &mut Stored| {
            stored.member.log.push(entry);
        });
        if let Content::Config(_) = content {
            self.take_config();
        }
        let (last, commit, id) = (self.log.last(), self.commit, self.id);
        let Role::Leader(leading) = &mut self.role else {
            return;
        };
        leading.matched[id.index()] = last;
        leading.busy = true;
        let asked = matches!(content, Content::Request(_));
        let purpose = if asked { Purpose::Replicate } else { Purpose::CatchUp };
        let append = Append {
            term,
            prev,
            prev_term,
            commit,
            purpose,
            quiet: false,
            entry: Some(entry),
            more: None,
        };
        // Sent on the assumption that what went before arrives; who lacks it says so.
        if std::mem::take(&mut leading.quiet) || !asked {
            fx.arm(Timer::Heartbeat, self.setup.timing.heartbeat);
        }
        fx.multicast(&self.peers, Msg::Append(append));
        self.count(last, fx); // enough where it alone votes
    }

    pub(super) fn on_heartbeat(&mut self, fx: &mut Fx<Raft>) {
        let (last, commit) = (self.log.last(), self.commit);
        let Role::Leader(leading) = &mut self.role else {
            return;
        };
        let busy = std::mem::take(&mut leading.busy);
        let knows = |peer: &NodeId| leading.matched[peer.index()] == last;
        let all_know = commit == last && self.peers.iter().all(knows);
        leading.quiet = !busy && all_know && self.setup.timing.quiesce;
        if !leading.quiet {
            fx.arm(Timer::Heartbeat, self.setup.timing.heartbeat);
        }
        if !busy {
            let append = Append {
                term: self.term,
                prev: last,
                prev_term: self.log.last_term(),
                commit,
                purpose: Purpose::Heartbeat,
                quiet: leading.quiet,
                entry: None,
                more: None,
            };
            fx.multicast(&self.peers, Msg::Append(append));
        }
    }

    pub(super) fn on_append(&mut self, from: NodeId, append: &Append, fx: &mut Fx<Raft>) {
        if append.term < self.term {
            self.answer(from, false, 0, append.purpose, fx);
            return;
        }
        self.hear(from, append.term, fx);
        let (mut prev, mut entries) = (append.prev, append.entries());
        if prev < self.log.base() {
            // What the snapshot holds is committed, and so the same.
            let known = (self.log.base() - prev) as usize;
            entries = entries.get(known..).unwrap_or_default();
            prev = self.log.base();
        } else if self.log.term(prev) != Some(append.prev_term) {
            let hint = self.may_match(prev);
            self.answer(from, false, hint, append.purpose, fx);
            return;
        }
        let (mut index, mut reconfigured) = (prev, false);
        for &entry in entries {
            index += 1;
            match self.log.term(index) {
                Some(term) if term == entry.term => continue,
                Some(_) => self.log.truncate(index), // step 3 of figure 2
                None => {}
            }
            // A configuration that is overwritten is in force no longer (section 4.1).
            reconfigured |= index <= self.config_at || matches!(entry.content, Content::Config(_));
            self.log.push(entry);
            fx.persist(24 + entry.content.bytes(), |stored: &mut Stored| {
                stored.member.log.truncate(index);
                stored.member.log.push(entry);
            });
        }
        if reconfigured {
            self.take_config();
            self.await_leader(fx);
        }
        self.advance(append.commit.min(index), fx);
        if append.quiet && self.commit == self.log.last() {
            self.quiet = true;
            fx.cancel(Timer::Election);
        }
        if self.recovering && self.applied >= append.commit {
            self.recovering = false;
            let length = self.ledger.length;
            fx.out(Outcome::CaughtUp { length });
        }
        self.answer(from, true, index, append.purpose, fx);
    }

    /// Where the log may match if it does not at `prev`: at its end, or else before all of the term
    /// that is in conflict (section 5.3).
    fn may_match(&self, prev: u64) -> u64 {
        let mut index = self.log.last();
        if prev <= index {
            let conflicting = self.log.term(prev);
            index = prev;
            while index > self.commit && self.log.term(index) == conflicting {
                index -= 1;
            }
        }
        index.max(self.commit)
    }

    /// Takes the word of a leader of a term that is not older.
    fn hear(&mut self, leader: NodeId, term: u64, fx: &mut Fx<Raft>) {
        self.enter_term(term, fx);
        self.role = Role::Follower;
        self.quiet = false;
        if self.leader != Some(leader) {
            self.leader = Some(leader);
            fx.out(Outcome::View { view: term, leader });
        }
        self.heard = fx.now();
        self.await_leader(fx);
    }

    fn answer(&self, to: NodeId, success: bool, matched: u64, purpose: Purpose, fx: &mut Fx<Raft>) {
        let term = self.term;
        fx.send(to, Msg::Ack { term, success, matched, purpose });
    }

    pub(super) fn on_ack(
        &mut self,
        from: NodeId,
        term: u64,
        success: bool,
        matched: u64,
        purpose: Purpose,
        fx: &mut Fx<Raft>,
    ) {
        self.enter_term(term, fx);
        let Role::Leader(leading) = &mut self.role else {
            return;
        };
        if term < self.term {
            return;
        }
        if !success {
            // Of entries that came before their turn one such answer is enough, until it is
            // repaired.
            if leading.repairing.insert(from) || purpose != Purpose::Replicate {
                self.repair(from, matched + 1, fx);
            }
            return;
        }
        if purpose == Purpose::CatchUp {
            leading.repairing.remove(from);
        }
        let known = &mut leading.matched[from.index()];
        *known = matched.max(*known);
        self.count(matched, fx);
        self.change_members(fx);
    }

    /// Commits up to `index`, if enough of those that vote have it.
    fn count(&mut self, index: u64, fx: &mut Fx<Raft>) {
        let Role::Leader(leading) = &self.role else {
            return;
        };
        // Section 5.4.2: only entries of the leader's own term are committed by counting.
        if index <= self.commit || index < leading.first {
            return;
        }
        let first_of_term = self.commit < leading.first;
        let has = |&(_, &matched): &(u16, &u64)| matched >= index;
        let have: Members =
            (0..).zip(&leading.matched).filter(has).map(|(m, _)| NodeId(m)).collect();
        if !self.enough(Quorum::Commit, have) {
            return;
        }
        if first_of_term {
            let term = self.term;
            for client in fx.clients() {
                fx.send(client, Msg::Leading { term });
            }
        }
        self.advance(index, fx);
    }

    /// Commits up to `index`, with all that follows from it.
    fn advance(&mut self, index: u64, fx: &mut Fx<Raft>) {
        let before = self.commit;
        self.commit = before.max(index);
        self.apply(fx);
        if (before + 1..=self.commit).contains(&self.config_at) {
            self.settle_config(fx);
        }
    }

    /// Probes a server that does not receive regular entries: its answer says what it lacks.
    pub(super) fn probe(&mut self, to: NodeId, fx: &mut Fx<Raft>) {
        if let Role::Leader(leading) = &mut self.role {
            leading.repairing.remove(to);
            self.repair(to, self.log.last() + 1, fx);
        }
    }

    /// Sends a follower all from `next` on, or the snapshot where that is gone.
    pub(super) fn repair(&mut self, to: NodeId, next: u64, fx: &mut Fx<Raft>) {
        let term = self.term;
        let prev = next.saturating_sub(1);
        let Some(prev_term) = self.log.term(prev) else {
            let snapshot = Arc::new(self.snapshot.clone());
            fx.send(to, Msg::Install { term, snapshot });
            return;
        };
        let more: Arc<[Entry]> = self.log.from(next).copied().collect();
        let append = Append {
            term,
            prev,
            prev_term,
            commit: self.commit,
            purpose: Purpose::CatchUp,
            quiet: false,
            entry: None,
            more: Some(more),
        };
        fx.send(to, Msg::Append(append));
    }

    pub(super) fn on_install(
        &mut self,
        from: NodeId,
        term: u64,
        snapshot: &Arc<Snapshot>,
        fx: &mut Fx<Raft>,
    ) {
        if term < self.term {
            self.answer(from, false, 0, Purpose::CatchUp, fx);
            return;
        }
        self.hear(from, term, fx);
        let index = snapshot.index;
        if index > self.commit {
            if self.log.term(index) != Some(snapshot.term) {
                self.log.restart(index, snapshot.term); // figure 13, step 7
            }
            let (log, state) = (self.log.clone(), (**snapshot).clone());
            fx.persist(96, |stored: &mut Stored| {
                (stored.member.log, stored.member.snapshot) = (log, state);
            });
            self.restore((**snapshot).clone(), fx);
            self.take_config();
            self.await_leader(fx);
        }
        // Known to match up to the snapshot; the rest is asked for by failing to match.
        self.answer(from, false, self.commit, Purpose::Heartbeat, fx);
    }
}
