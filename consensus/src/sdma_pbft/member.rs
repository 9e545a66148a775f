//! A member of the hierarchy: PBFT's replica, and the ways of its proposals and votes up and down
//! the tree. What becomes of agents that fail is beside.

use super::message::{Ballot, Msg, Phase, Succession};
use super::tree::Tree;
use super::{SdmaPbft, Stored, of_pbft};
use crate::fx::To;
use crate::pbft::quorum::Quorums;
use crate::pbft::{self, Pbft, Replica};
use crate::{Fx, Members, NodeId, Part, Setup, Sig};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The votes of one phase that this member knows of, all for the proposal that it has accepted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Urn {
    members: Members,
    votes: Vec<(NodeId, Sig)>,
    /// In which layers it has carried its group's votes up, as bits.
    carried: u8,
    /// Whether it has carried a quorum of all down.
    told: bool,
}

impl Urn {
    fn insert(&mut self, member: NodeId, sig: Sig) -> bool {
        let new = self.members.insert(member);
        if new {
            self.votes.push((member, sig));
        }
        new
    }

    /// What was carried may not have arrived.
    pub(super) fn carry_again(&mut self) {
        (self.carried, self.told) = (0, false);
    }
}

/// The urns of one sequence number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Round {
    digest: u64,
    pub(super) prepares: Urn,
    pub(super) commits: Urn,
}

/// A member.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Member {
    pub(super) id: NodeId,
    n: u16,
    pub(super) tree: Arc<Tree>,
    pub(super) part: Part,
    pub(super) quorums: Quorums,
    replica: Replica,
    /// Its group in the lowest layer.
    pub(super) group: usize,
    /// How many agents each group of the lowest layer has replaced, and the last proof of it.
    pub(super) terms: Vec<u32>,
    pub(super) successions: Vec<Option<Arc<Succession>>>,
    /// Who in its group wants the next agent.
    pub(super) complaints: Vec<(NodeId, Sig)>,
    /// The view and the last number executed when it last waited in vain.
    waited: Option<(u64, u64)>,
    /// The current view, if one has begun.
    pub(super) view: Option<u64>,
    /// The votes of that view, by number; those up to the low water mark are forgotten.
    pub(super) rounds: BTreeMap<u64, Round>,
    /// What came before its view or its proposal.
    early: Vec<(NodeId, Msg)>,
}

impl Member {
    pub(super) fn new(
        id: NodeId,
        setup: &Setup,
        tree: &Arc<Tree>,
        part: &Part,
        quorums: &Quorums,
    ) -> Self {
        Self {
            id,
            n: setup.members,
            tree: tree.clone(),
            part: part.clone(),
            quorums: quorums.clone(),
            replica: Replica::new(id, setup, quorums.clone()).trying(1 + 7 * tree.top() as u32),
            group: tree.group_of(id, 0),
            terms: vec![0; tree.groups()],
            successions: vec![None; tree.groups()],
            complaints: Vec::new(),
            waited: None,
            view: None,
            rounds: BTreeMap::new(),
            early: Vec::new(),
        }
    }

    pub(super) fn on_start(&mut self, durable: &Stored, fx: &mut Fx<SdmaPbft>) {
        for succession in &durable.successions {
            let group = usize::from(succession.group);
            self.terms[group] = succession.term;
            self.successions[group] = Some(succession.clone());
        }
        self.nested(fx, |replica, fx| replica.on_start(&durable.pbft.replica, fx));
    }

    pub(super) fn on_msg(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<SdmaPbft>) {
        let before = self.view;
        self.handle(from, msg, fx);
        if self.view != before {
            self.replay(fx);
        }
    }

    fn handle(&mut self, from: NodeId, msg: &Msg, fx: &mut Fx<SdmaPbft>) {
        if from.0 >= self.n && !matches!(msg, Msg::Pbft(pbft::Msg::Request(_))) {
            return;
        }
        match msg {
            // These go by the tree.
            Msg::Pbft(
                pbft::Msg::PrePrepare { .. } | pbft::Msg::Prepare { .. } | pbft::Msg::Commit { .. },
            ) => {}
            Msg::Pbft(inner) => {
                if matches!(inner, pbft::Msg::Fetch { .. }) {
                    let known = self.successions.iter().flatten();
                    known.for_each(|known| fx.send(from, Msg::Succession(known.clone())));
                }
                self.nested(fx, |replica, fx| replica.on_msg(from, inner, fx));
            }
            Msg::Propose { view, .. } => {
                if Some(*view) == self.view {
                    self.on_proposal(msg, fx);
                } else if *view >= self.replica.view() {
                    self.keep(from, msg);
                }
            }
            Msg::Vote { ballot, sig } => {
                if self.tree.group_of(from, 0) == self.group {
                    self.on_vote(from, msg, *ballot, *sig, fx);
                }
            }
            Msg::Up { ballot, votes } => {
                self.check_agents(from, fx);
                self.take(from, msg, *ballot, votes, fx);
            }
            Msg::Down { ballot, votes } => self.take(from, msg, *ballot, votes, fx),
            Msg::Complaint { term, sig } => self.on_complaint(from, *term, *sig, fx),
            Msg::Succession(succession) => self.on_succession(succession, fx),
            Msg::Ask => {
                if let Some(known) = &self.successions[self.group] {
                    fx.send(from, Msg::Succession(known.clone()));
                }
            }
        }
    }

    pub(super) fn on_timer(&mut self, timer: pbft::Timer, fx: &mut Fx<SdmaPbft>) {
        let before = self.view;
        let here = (self.replica.view(), self.replica.progress().1);
        let in_vain = timer == pbft::Timer::Request && self.view.is_some();
        if in_vain && self.tree.top() > 0 && self.waited != Some(here) {
            // First its agent is suspected, and only then the primary.
            self.waited = Some(here);
            fx.arm(timer, self.replica.patience());
            self.complain(fx);
        } else {
            self.nested(fx, |replica, fx| replica.on_timer(timer, fx));
        }
        if self.view != before {
            self.replay(fx);
        }
    }

    /// Runs a handler of the replica, and sends what it has to say on the ways of the tree.
    pub(super) fn nested<R>(
        &mut self,
        fx: &mut Fx<SdmaPbft>,
        handler: impl FnOnce(&mut Replica, &mut Fx<Pbft>) -> R,
    ) -> R {
        let (start, mut outs) = (fx.sends.len(), Vec::new());
        let (part, id, replica) = (&self.part, self.id, &mut self.replica);
        let timer = |timer| timer;
        let handler = |fx: &mut Fx<Pbft>| handler(replica, fx);
        let result = fx.nest(part, id, of_pbft, Msg::Pbft, timer, &mut outs, handler);
        outs.into_iter().for_each(|out| fx.out(out));
        if self.replica.working_in() != self.view {
            self.view = self.replica.working_in();
            self.rounds.clear();
        }
        let low = self.replica.progress().0;
        while self.rounds.first_key_value().is_some_and(|(&seq, _)| seq <= low) {
            self.rounds.pop_first();
        }
        for (to, msg) in fx.sends.split_off(start) {
            self.route(to, msg, fx);
        }
        result
    }

    fn route(&mut self, to: To, msg: Msg, fx: &mut Fx<SdmaPbft>) {
        match msg {
            Msg::Pbft(pbft::Msg::PrePrepare { view, seq, proposal, sig }) => {
                let layer = self.tree.top() as u8;
                let again = self.rounds.get_mut(&seq);
                again.into_iter().for_each(|round| round.prepares.carry_again());
                let msg = Msg::Propose { layer, view, seq, proposal, sig };
                fx.multicast(&self.seated(self.tree.top()), msg.clone());
                self.pass_down(&msg, fx);
                self.replay(fx);
            }
            Msg::Pbft(pbft::Msg::Prepare { view, seq, digest, sig }) => {
                let ballot = Ballot { phase: Phase::Prepare, view, seq, digest };
                self.vote(ballot, sig, fx);
            }
            Msg::Pbft(pbft::Msg::Commit { view, seq, digest }) => {
                let ballot = Ballot { phase: Phase::Commit, view, seq, digest };
                let sig = fx.sign(ballot.content(&self.part));
                self.vote(ballot, sig, fx);
            }
            Msg::Pbft(pbft::Msg::Fetch { recovering, .. }) => {
                fx.sends.push((to, msg));
                if !recovering {
                    self.complain(fx); // it was cut off
                }
            }
            _ => fx.sends.push((to, msg)),
        }
    }

    /// Who sits in its group of a layer.
    fn seated(&self, layer: usize) -> Arc<[NodeId]> {
        let group = self.tree.group_of(self.id, layer);
        self.tree.seated(layer, group, self.replica.view(), &self.terms)
    }

    /// Whether it speaks for its group of a layer.
    pub(super) fn is_agent(&self, layer: usize) -> bool {
        let group = self.tree.group_of(self.id, layer);
        self.tree.agent(layer, group, self.replica.view(), &self.terms) == self.id
    }

    fn on_proposal(&mut self, msg: &Msg, fx: &mut Fx<SdmaPbft>) {
        let Msg::Propose { view, seq, proposal, sig, .. } = *msg else {
            return;
        };
        let new = self.replica.accepted(seq).is_none();
        if new {
            let primary = self.replica.primary();
            let msg = pbft::Msg::PrePrepare { view, seq, proposal, sig };
            self.nested(fx, |replica, fx| replica.on_msg(primary, &msg, fx));
        }
        if self.replica.accepted(seq) == Some(pbft::message::digest_of(&proposal)) {
            self.pass_down(msg, fx);
            if new {
                self.replay(fx);
            }
        }
    }

    /// An agent passes a pre-prepare on to its groups, if it came from above them.
    fn pass_down(&self, msg: &Msg, fx: &mut Fx<SdmaPbft>) {
        let Msg::Propose { layer, view, seq, proposal, sig } = *msg else {
            return;
        };
        for layer in (0..layer.min(self.tree.top() as u8)).rev() {
            if self.is_agent(layer.into()) {
                let msg = Msg::Propose { layer, view, seq, proposal, sig };
                fx.multicast(&self.seated(layer.into()), msg);
            }
        }
    }

    /// Casts its vote in its group.
    fn vote(&mut self, ballot: Ballot, sig: Sig, fx: &mut Fx<SdmaPbft>) {
        fx.multicast(&self.seated(0), Msg::Vote { ballot, sig });
        let id = self.id;
        let Some(urn) = self.urn(&ballot) else { return };
        if !urn.insert(id, sig) {
            urn.carry_again(); // it says it again: somebody lacks something
        }
        self.carry(ballot, fx);
    }

    /// The urn for a ballot on what it has accepted.
    fn urn(&mut self, ballot: &Ballot) -> Option<&mut Urn> {
        let accepted = self.replica.accepted(ballot.seq) == Some(ballot.digest);
        if Some(ballot.view) != self.view || !accepted {
            return None;
        }
        let round = self.rounds.entry(ballot.seq).or_default();
        round.digest = ballot.digest;
        Some(match ballot.phase {
            Phase::Prepare => &mut round.prepares,
            Phase::Commit => &mut round.commits,
        })
    }

    fn on_vote(
        &mut self,
        from: NodeId,
        msg: &Msg,
        ballot: Ballot,
        sig: Sig,
        fx: &mut Fx<SdmaPbft>,
    ) {
        let rule = match ballot.phase {
            Phase::Prepare => self.quorums.prepare.clone(),
            Phase::Commit => self.quorums.commit.clone(),
        };
        let primary = self.replica.primary();
        if let Some(urn) = self.urn(&ballot)
            && urn.members.contains(from)
        {
            // It repeats its vote, so it lacks what is known here.
            if rule.met(with_primary(urn.members, &ballot, primary)) {
                let votes = urn.votes.as_slice().into();
                fx.send(from, Msg::Down { ballot, votes });
            }
            return;
        }
        self.take(from, msg, ballot, &[(from, sig)], fx);
    }

    /// Takes in votes, whoever brings them.
    fn take(
        &mut self,
        from: NodeId,
        msg: &Msg,
        ballot: Ballot,
        votes: &[(NodeId, Sig)],
        fx: &mut Fx<SdmaPbft>,
    ) {
        let Ballot { phase, view, seq, digest } = ballot;
        let open = Some(view) == self.view && self.replica.accepted(seq).is_some();
        if !open && view >= self.replica.view() && seq > self.replica.progress().0 {
            self.keep(from, msg);
        }
        let (n, primary) = (self.n, self.replica.primary());
        let content = ballot.content(&self.part);
        let Some(urn) = self.urn(&ballot) else { return };
        let mut fresh = Vec::new();
        for &(member, sig) in votes.iter().take(n.into()) {
            let votes_here = member.0 < n && (phase == Phase::Commit || member != primary);
            if votes_here && !urn.members.contains(member) && fx.verify(member, content, sig) {
                urn.insert(member, sig);
                fresh.push((member, sig));
            }
        }
        self.nested(fx, |replica, fx| {
            for (member, sig) in fresh {
                match phase {
                    Phase::Prepare => replica.count_prepare(member, seq, digest, sig, fx),
                    Phase::Commit => replica.count_commit(member, seq, digest, fx),
                }
            }
        });
        self.carry(ballot, fx);
    }

    /// As an agent, carries its groups' votes up once they are quorums, and a quorum of all down.
    pub(super) fn carry(&mut self, ballot: Ballot, fx: &mut Fx<SdmaPbft>) {
        let top = self.tree.top();
        if top == 0 || !self.is_agent(0) {
            return;
        }
        let (tree, id, primary) = (self.tree.clone(), self.id, self.replica.primary());
        let rule = match ballot.phase {
            Phase::Prepare => self.quorums.prepare.clone(),
            Phase::Commit => self.quorums.commit.clone(),
        };
        for layer in 0..top {
            let group = tree.group_of(id, layer);
            let (speaks, above) = (self.is_agent(layer), self.seated(layer + 1));
            let Some(urn) = self.urn(&ballot) else { return };
            let voted = tree.has_voted(layer, group, with_primary(urn.members, &ballot, primary));
            if speaks && voted && urn.carried >> layer & 1 == 0 {
                urn.carried |= 1 << layer;
                let below = tree.below(layer, group);
                let votes = urn.votes.iter().filter(|(member, _)| below.contains(*member));
                fx.multicast(&above, Msg::Up { ballot, votes: votes.copied().collect() });
            }
        }
        let Some(urn) = self.urn(&ballot) else { return };
        if urn.told || !rule.met(with_primary(urn.members, &ballot, primary)) {
            return;
        }
        urn.told = true;
        let votes: Arc<[_]> = urn.votes.as_slice().into();
        for layer in (0..top).rev() {
            if self.is_agent(layer) {
                fx.multicast(&self.seated(layer), Msg::Down { ballot, votes: votes.clone() });
            }
        }
    }

    /// Carries everything that is open again, as a new agent.
    pub(super) fn carry_all(&mut self, fx: &mut Fx<SdmaPbft>) {
        let Some(view) = self.view else { return };
        let open: Vec<_> = self.rounds.iter().map(|(&seq, round)| (seq, round.digest)).collect();
        for (seq, digest) in open {
            for phase in [Phase::Prepare, Phase::Commit] {
                let ballot = Ballot { phase, view, seq, digest };
                if let Some(urn) = self.urn(&ballot) {
                    urn.carry_again();
                }
                self.carry(ballot, fx);
            }
        }
    }

    fn keep(&mut self, from: NodeId, msg: &Msg) {
        if self.early.len() < 8 * usize::from(self.n) {
            self.early.push((from, msg.clone()));
        }
    }

    fn replay(&mut self, fx: &mut Fx<SdmaPbft>) {
        for (from, msg) in std::mem::take(&mut self.early) {
            self.handle(from, &msg, fx);
        }
    }

    /// Its replica.
    pub fn replica(&self) -> &Replica {
        &self.replica
    }

    /// Who its group's agent is, as it sees it.
    pub fn agent(&self) -> NodeId {
        self.tree.agent(0, self.group, self.replica.view(), &self.terms)
    }

    pub(super) fn held(&self) -> usize {
        let votes = |round: &Round| round.prepares.votes.len() + round.commits.votes.len();
        let votes: usize = self.rounds.values().map(votes).sum();
        self.replica.held() + votes + self.early.len() + self.complaints.len()
    }
}

/// Those who voted, and in the first round the primary, whose proposal is its vote.
fn with_primary(mut voters: Members, ballot: &Ballot, primary: NodeId) -> Members {
    if ballot.phase == Phase::Prepare {
        voters.insert(primary);
    }
    voters
}
