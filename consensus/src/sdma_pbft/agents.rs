//! How a group replaces a failed agent: the inner view change. A member that waits in vain, or
//! finds that it was disconnected, complains to its group; members join an honest member's
//! complaint; a quorum of complaints makes the next member the agent, which announces it to all
//! members.

use super::message::{Msg, Succession, complaint_digest};
use super::{Member, SdmaPbft, Stored};
use crate::{Fx, Members, NodeId, Sig};
use std::sync::Arc;

impl Member {
    /// Asks its group to replace the agent.
    pub(super) fn complain(&mut self, fx: &mut Fx<SdmaPbft>) {
        if self.tree.top() == 0 || self.is_agent(0) {
            return;
        }
        let term = self.terms[self.group].saturating_add(1);
        let sig = fx.sign(complaint_digest(self.group, term));
        let group = self.tree.below(0, self.group).iter().collect();
        fx.multicast(&group, Msg::Complaint { term, sig });
        self.note_complaint(self.id, sig, fx);
    }

    pub(super) fn on_complaint(
        &mut self,
        from: NodeId,
        term: u32,
        sig: Sig,
        fx: &mut Fx<SdmaPbft>,
    ) {
        if self.tree.group_of(from, 0) != self.group {
            return;
        }
        let current = self.terms[self.group];
        if term <= current {
            // The sender does not know the current agent.
            if let Some(known) = &self.successions[self.group] {
                fx.send(from, Msg::Succession(known.clone()));
            }
        } else if term - current > 1 {
            fx.send(from, Msg::Ask);
        } else if fx.verify(from, complaint_digest(self.group, term), sig) {
            self.note_complaint(from, sig, fx);
        }
    }

    fn note_complaint(&mut self, from: NodeId, sig: Sig, fx: &mut Fx<SdmaPbft>) {
        if self.complaints.iter().all(|&(member, _)| member != from) {
            self.complaints.push((from, sig));
        }
        let those: Members = self.complaints.iter().map(|&(member, _)| member).collect();
        let (quorum, weak) = self.tree.vouch(self.group, those);
        if quorum {
            let (group, votes) = (self.group as u16, self.complaints.clone());
            let term = self.terms[self.group].saturating_add(1);
            let succession = Arc::new(Succession { group, term, votes });
            self.adopt(&succession, fx);
            if self.is_agent(0) {
                fx.broadcast(Msg::Succession(succession));
            }
        } else if weak && !those.contains(self.id) {
            self.complain(fx);
        }
    }

    /// A group's word that it has another agent: a quorum of its members must have signed it.
    pub(super) fn on_succession(&mut self, succession: &Arc<Succession>, fx: &mut Fx<SdmaPbft>) {
        let Succession { group, term, ref votes } = **succession;
        let group = usize::from(group);
        if self.terms.get(group).is_none_or(|&known| known >= term) {
            return;
        }
        let (below, content) = (self.tree.below(0, group), complaint_digest(group, term));
        let mut voters = Members::NONE;
        for &(member, sig) in votes.iter().take(below.len()) {
            if below.contains(member) && fx.verify(member, content, sig) {
                voters.insert(member);
            }
        }
        if self.tree.vouch(group, voters).0 {
            self.adopt(succession, fx);
        }
    }

    fn adopt(&mut self, succession: &Arc<Succession>, fx: &mut Fx<SdmaPbft>) {
        let group = usize::from(succession.group);
        self.terms[group] = succession.term;
        self.successions[group] = Some(succession.clone());
        let kept = succession.clone();
        fx.persist(8, |stored: &mut Stored| {
            stored.successions.retain(|known| known.group != kept.group);
            stored.successions.push(kept);
        });
        if group == self.group {
            self.complaints.clear();
            self.carry_all(fx);
        }
    }

    /// Whether sender and receiver of aggregated votes agree on the agents of their groups: a node
    /// with an older view is sent the newer one, or asked for it.
    pub(super) fn check_agents(&self, from: NodeId, fx: &mut Fx<SdmaPbft>) {
        let theirs = self.tree.group_of(from, 0);
        if self.tree.agent(0, theirs, self.replica().view(), &self.terms) != from {
            fx.send(from, Msg::Ask);
        }
        if let Some(known) = self.successions[self.group].as_ref().filter(|_| !self.is_agent(0)) {
            fx.send(from, Msg::Succession(known.clone()));
        }
    }
}
