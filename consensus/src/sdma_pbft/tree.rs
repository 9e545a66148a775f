//! The hierarchy: its groups, their agents, and which sets of members are quorums. It depends only
//! on the number of members; the agents also depend on the view and on how often a group has
//! replaced its agent.

use super::super::pbft::quorum::{Rule, quorum};
use crate::pbft::faulty;
use crate::{Members, NodeId};
use std::hash::{Hash, Hasher};
use std::ops::Range;
use std::sync::Arc;

/// The most seats of a group: k.
pub const GROUP: usize = 7;
/// The smallest group, except for the root: with four members a group tolerates one Byzantine
/// member.
const FEWEST: usize = 4;

/// A group.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Group {
    /// Its seats: members in the lowest layer, groups of the layer below in the others.
    seats: Range<usize>,
    /// All members below it.
    below: Members,
    quorum: Rule,
    weak: Rule,
    answer: Rule,
}

impl Group {
    fn of_members(seats: Range<usize>) -> Self {
        let below: Members = seats.clone().map(|id| NodeId(id as u16)).collect();
        let (need, weak) = needs(seats.len());
        let rule = |need| Rule::members(need, below);
        Self { below, quorum: rule(need), weak: rule(weak), answer: rule(weak), seats }
    }

    fn of_groups(seats: Range<usize>, groups: &[Self]) -> Self {
        let children = &groups[seats.clone()];
        let below = children.iter().fold(Members::NONE, |all, child| all.or(child.below));
        let (need, weak) = needs(seats.len());
        let rule = |need, of: fn(&Self) -> &Rule| {
            Rule::groups(need, children.iter().map(|child| of(child).clone()).collect())
        };
        let quorum = rule(need, |child| &child.quorum);
        let weak = rule(weak, |child| &child.weak);
        let answer = rule(need, |child| &child.answer);
        Self { seats, below, quorum, weak, answer }
    }
}

/// How many of a group's seats make a quorum, and how many have an honest one among them.
fn needs(seats: usize) -> (usize, usize) {
    (quorum(seats as u16), faulty(seats as u16) + 1)
}

/// The hierarchy of this many members.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tree {
    members: usize,
    /// The groups, layer by layer from below; the last layer is the root alone.
    layers: Vec<Vec<Group>>,
}

/// All the rest follows from it.
impl Hash for Tree {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.members.hash(state);
    }
}

/// Cuts seats into groups of nearly the same size.
fn cut(seats: usize) -> Vec<Range<usize>> {
    let count = if seats <= GROUP { 1 } else { seats / FEWEST };
    (0..count).map(|i| i * seats / count..(i + 1) * seats / count).collect()
}

impl Tree {
    /// The hierarchy of `members` members.
    pub fn new(members: u16) -> Self {
        let members = usize::from(members);
        let mut layers: Vec<Vec<Group>> =
            vec![cut(members).into_iter().map(Group::of_members).collect()];
        while let Some(top) = layers.last().filter(|top| top.len() > 1) {
            let next = cut(top.len()).into_iter().map(|seats| Group::of_groups(seats, top));
            let next = next.collect();
            layers.push(next);
        }
        Self { members, layers }
    }

    /// How many layers there are: one where all members are one group.
    pub fn depth(&self) -> usize {
        self.layers.len()
    }

    /// The layer of the root.
    pub(super) fn top(&self) -> usize {
        self.layers.len() - 1
    }

    fn root(&self) -> &Group {
        &self.layers[self.top()][0]
    }

    /// What makes a quorum of all: any two share an honest member.
    pub(crate) fn quorum(&self) -> Rule {
        self.root().quorum.clone()
    }

    /// What has an honest member.
    pub(crate) fn weak(&self) -> Rule {
        self.root().weak.clone()
    }

    /// What a client accepts as an answer: one honest member in each of a quorum of groups.
    pub(crate) fn answer(&self) -> Rule {
        self.root().answer.clone()
    }

    /// The group, in its layer, that a member is in or below.
    pub(super) fn group_of(&self, member: NodeId, layer: usize) -> usize {
        let found = self.layers[layer].iter().position(|group| group.below.contains(member));
        found.unwrap_or(0)
    }

    /// The members below a group.
    pub(super) fn below(&self, layer: usize, group: usize) -> Members {
        self.layers[layer][group].below
    }

    /// Whether a group of the lowest layer has a quorum, or at least an honest member, in `set`.
    pub(super) fn vouch(&self, group: usize, set: Members) -> (bool, bool) {
        let group = &self.layers[0][group];
        (group.quorum.met(set), group.weak.met(set))
    }

    /// Whether a group has a quorum in `set`.
    pub(super) fn has_voted(&self, layer: usize, group: usize, set: Members) -> bool {
        self.layers[layer][group].quorum.met(set)
    }

    /// The agent of a group: in the lowest layer in turn, by view and by how often the group has
    /// replaced its agent (`terms`); above, the agents below by view.
    pub fn agent(&self, layer: usize, group: usize, view: u64, terms: &[u32]) -> NodeId {
        let seats = &self.layers[layer][group].seats;
        let turn = |by: u64| seats.start + (by % seats.len() as u64) as usize;
        match layer.checked_sub(1) {
            None => NodeId(turn(view.wrapping_add(terms[group].into())) as u16),
            Some(below) => self.agent(below, turn(view), view, terms),
        }
    }

    /// The members of a group: nodes, or the agents of the groups below.
    pub fn seated(&self, layer: usize, group: usize, view: u64, terms: &[u32]) -> Arc<[NodeId]> {
        let seats = self.layers[layer][group].seats.clone();
        match layer.checked_sub(1) {
            None => seats.map(|id| NodeId(id as u16)).collect(),
            Some(below) => seats.map(|seat| self.agent(below, seat, view, terms)).collect(),
        }
    }

    /// How many groups the lowest layer has.
    pub fn groups(&self) -> usize {
        self.layers[0].len()
    }

    /// Whether the hierarchy fails with these Byzantine members: a group fails with more than f of
    /// them, and a group of groups with more than f failed groups.
    pub fn is_lost(&self, byzantine: Members) -> bool {
        let mut lost: Vec<bool> =
            (0..self.members).map(|id| byzantine.contains(NodeId(id as u16))).collect();
        for layer in &self.layers {
            let group = |group: &Group| {
                let seats = &lost[group.seats.clone()];
                seats.iter().filter(|&&lost| lost).count() > faulty(seats.len() as u16)
            };
            lost = layer.iter().map(group).collect();
        }
        lost[0]
    }

    /// The smallest number of members without which there is no quorum.
    pub fn fewest_to_stop(&self) -> usize {
        let mut costs = vec![1; self.members];
        for layer in &self.layers {
            let group = |group: &Group| {
                let mut seats = costs[group.seats.clone()].to_vec();
                seats.sort_unstable();
                let spare = seats.len() - needs(seats.len()).0;
                seats[..=spare].iter().sum()
            };
            costs = layer.iter().map(group).collect();
        }
        costs[0]
    }

    /// Messages of a request where nothing fails. A request and n replies; n - 1 pre-prepares down
    /// the tree; and two rounds of votes, in each of which every group of s seats sends s(s - 1)
    /// (the primary sends no prepare) and the outcome goes down to all but the root's seats.
    pub fn messages(&self) -> u64 {
        let groups = self.layers.iter().flatten();
        let within: usize = groups.map(|g| g.seats.len() * (g.seats.len() - 1)).sum();
        let down = if self.top() == 0 { 0 } else { self.members - self.root().seats.len() };
        let of_primary = self.layers[0][0].seats.len() - 1;
        (2 * self.members + 2 * (within + down) - of_primary) as u64
    }

    /// Delays of a request where nothing fails, along the slowest chain of messages that an answer
    /// waits for, if each takes one. At most 5L with L layers: a request and up to L down; twice a
    /// vote, L - 1 up and L - 1 down; a reply.
    pub fn delays(&self) -> u32 {
        // The request is at the primary, the first member of the first group, after one delay.
        let seats = self.root().seats.len();
        let proposed = self.down((0..seats).map(|seat| 1 + u32::from(seat > 0)).collect());
        let prepared = self.vote(&proposed);
        let mut times = self.vote(&prepared);
        for (layer, groups) in self.layers.iter().enumerate() {
            let answer = |group: &Group| {
                let (quorum, weak) = needs(group.seats.len());
                let need = if layer == 0 { weak } else { quorum };
                smallest(need, group.seats.clone().map(|seat| times[seat]))
            };
            times = groups.iter().map(answer).collect();
        }
        times[0] + 1
    }

    /// When every member knows something, if the root's seats do at these times.
    fn down(&self, at_root: Vec<u32>) -> Vec<u32> {
        let mut times = at_root;
        for groups in self.layers[..self.top()].iter().rev() {
            let mut below = Vec::new();
            for (group, &at) in groups.iter().zip(&times) {
                let first = group.seats.start;
                below.extend(group.seats.clone().map(|seat| at + u32::from(seat > first)));
            }
            times = below;
        }
        times
    }

    /// When every member knows of a quorum, if they vote at these times.
    fn vote(&self, cast: &[u32]) -> Vec<u32> {
        let mut times = cast.to_vec();
        // At one seat of a group: what the others say takes a delay.
        let at_seat = |times: &[u32], group: &Group, here: usize| {
            let seen = |seat: usize| times[seat] + u32::from(seat != here);
            smallest(needs(group.seats.len()).0, group.seats.clone().map(seen))
        };
        for groups in &self.layers[..self.top()] {
            let agents = groups.iter().map(|group| at_seat(&times, group, group.seats.start));
            times = agents.collect();
        }
        let root = self.root();
        self.down(root.seats.clone().map(|seat| at_seat(&times, root, seat)).collect())
    }
}

/// The last of the `need` smallest.
fn smallest(need: usize, times: impl Iterator<Item = u32>) -> u32 {
    let mut times: Vec<u32> = times.collect();
    times.sort_unstable();
    times[need - 1]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_group_has_four_to_seven_seats_but_the_root_may_have_fewer() {
        for n in 4..=128 {
            let tree = Tree::new(n);
            for (layer, groups) in tree.layers.iter().enumerate() {
                let mut next = 0;
                for group in groups {
                    assert_eq!(group.seats.start, next, "{n}");
                    next = group.seats.end;
                    let fewest = if layer > 0 && layer == tree.top() { 2 } else { FEWEST };
                    assert!((fewest..=GROUP).contains(&group.seats.len()), "{n}: {group:?}");
                }
                let below = layer.checked_sub(1).map_or(n.into(), |below| tree.layers[below].len());
                assert_eq!(next, below, "{n}");
            }
            assert_eq!(tree.root().below, Members::first(n));
        }
    }

    #[test]
    fn quorums_share_an_honest_member_and_outlive_any_loss_that_is_borne() {
        let mut state = 7;
        let mut draw = |below: u64| {
            state = crate::mix(state, 1);
            state % below
        };
        for _ in 0..20_000 {
            let n = 4 + draw(125) as u16;
            let tree = Tree::new(n);
            let mut some = |share: u64| -> Members {
                (0..n).map(NodeId).filter(|_| draw(100) < share).collect()
            };
            let (byzantine, a, b) = (some(12), some(85), some(85));
            if tree.is_lost(byzantine) {
                continue;
            }
            let honest = Members::first(n).and(Members::first(n));
            let honest: Members = honest.iter().filter(|&m| !byzantine.contains(m)).collect();
            assert!(tree.quorum().met(honest), "{n}: {byzantine:?}");
            assert!(!tree.weak().met(byzantine), "{n}: {byzantine:?}");
            if tree.quorum().met(a) && tree.quorum().met(b) {
                assert!(tree.weak().met(a.and(b)), "{n}: {a:?} {b:?}");
            }
        }
    }

    #[test]
    fn the_fewest_to_stop_it_do_and_fewer_do_not() {
        // Sixteen: four groups of four, each stopped by two, and two stopped groups stop the root.
        assert_eq!(Tree::new(16).fewest_to_stop(), 4);
        let up = |down: &[u16]| -> Members {
            (0..16).filter(|id| !down.contains(id)).map(NodeId).collect()
        };
        assert!(!Tree::new(16).quorum().met(up(&[0, 1, 4, 5])));
        assert!(Tree::new(16).quorum().met(up(&[0, 1, 4, 8, 12])));
        for n in 4..=7 {
            assert_eq!(Tree::new(n).fewest_to_stop(), usize::from(n) - quorum(n) + 1);
        }
    }

    #[test]
    fn agents_are_members_of_their_groups_and_take_turns() {
        let tree = Tree::new(64);
        let mut terms = vec![0; tree.groups()];
        assert_eq!(tree.seated(2, 0, 0, &terms).to_vec(), [0, 16, 32, 48].map(NodeId));
        assert_eq!(tree.seated(1, 1, 1, &terms).to_vec(), [17, 21, 25, 29].map(NodeId));
        terms[4] = 3;
        assert_eq!(tree.agent(1, 1, 0, &terms), NodeId(19));
        assert_eq!(tree.agent(2, 0, 0, &terms), NodeId(0));
    }
}
