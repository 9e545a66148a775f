//! Agreement by exponential information gathering with oral messages (Lamport, Shostak and Pease
//! 1982; Bar-Noy, Dolev, Dwork and Strong 1987): the tree that one node gathers in a few rounds,
//! and its resolution. A pure function of the received values: no messages, no clock.

use std::collections::BTreeMap;

/// The largest number of faults among `nodes` that oral messages tolerate: floor((n_j - 1)/3), and
/// so the largest f_j with n_j > floor((n_j - 1)/3) + 2 f_j.
pub fn faults(nodes: usize) -> usize {
    nodes.saturating_sub(1) / 3
}

/// Rounds of messages: floor((n_j - 1)/3) + 1.
pub fn rounds(nodes: usize) -> usize {
    faults(nodes) + 1
}

/// Who said that who said .. what: the source first, at most 15 nodes and eight of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Path(u32);

impl Path {
    /// The empty path: the root.
    pub const ROOT: Self = Self(0);

    /// This, as `node` says.
    #[must_use]
    pub fn by(self, node: usize) -> Self {
        Self(self.0 << 4 | (node as u32 + 1) & 15)
    }

    /// How many nodes are on it.
    pub fn len(self) -> usize {
        (0..8).take_while(|place| self.0 >> (4 * place) != 0).count()
    }

    /// Whether the path is empty.
    pub fn is_empty(self) -> bool {
        self == Self::ROOT
    }

    /// Whether a node is on it.
    pub fn contains(self, node: usize) -> bool {
        (0..self.len()).any(|place| (self.0 >> (4 * place) & 15) as usize == node + 1)
    }
}

/// What one node has received in an instance among `nodes` nodes. A missing value is the default
/// value, the same for all nodes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Tree<V> {
    nodes: usize,
    me: usize,
    heard: BTreeMap<Path, V>,
}

impl<V: Clone + Ord + Default> Tree<V> {
    /// The tree of node `me`, whose own value is `own`.
    pub fn new(nodes: usize, me: usize, own: V) -> Self {
        Self { nodes, me, heard: [(Path::ROOT.by(me), own)].into() }
    }

    /// What this node sends in `round`, from 1: what it received in the round before, from all
    /// others; first its own value. It also receives its own message.
    pub fn say(&mut self, round: usize) -> Vec<(Path, V)> {
        if round == 1 {
            let own = self.get(Path::ROOT.by(self.me));
            return vec![(Path::ROOT, own)];
        }
        let last: Vec<_> = paths(self.nodes, round - 1, self.me);
        let said: Vec<_> = last.into_iter().map(|path| (path, self.get(path))).collect();
        let own = said.iter().map(|(path, value)| (path.by(self.me), value.clone()));
        self.heard.extend(own);
        said
    }

    /// Takes what `from` sends in `round`. Invalid entries are ignored: paths of another length,
    /// with `from` on them, or with a node twice.
    pub fn hear(&mut self, round: usize, from: usize, said: &[(Path, V)]) {
        if from >= self.nodes || from == self.me {
            return;
        }
        let expected = paths(self.nodes, round.saturating_sub(1), from);
        for (path, value) in said.iter().take(expected.len()) {
            if expected.binary_search(path).is_ok() {
                // What was said first stands.
                self.heard.entry(path.by(from)).or_insert_with(|| value.clone());
            }
        }
    }

    /// The value of every node, after all rounds: the same at all honest nodes, and for honest
    /// nodes the one that they have (interactive consistency). `short` is zero; one makes a vote
    /// less enough to be a majority, which is wrong.
    pub fn vector(&self, short: usize) -> Vec<V> {
        let source = |node| self.resolve(Path::ROOT.by(node), short);
        (0..self.nodes).map(source).collect()
    }

    fn get(&self, path: Path) -> V {
        self.heard.get(&path).cloned().unwrap_or_default()
    }

    /// The majority of what others report of a path; the received value at the leaves.
    fn resolve(&self, path: Path, short: usize) -> V {
        if path.len() >= rounds(self.nodes) {
            return self.get(path);
        }
        let others = (0..self.nodes).filter(|&node| !path.contains(node));
        let mut votes: BTreeMap<V, usize> = BTreeMap::new();
        let mut count = 0;
        for node in others {
            *votes.entry(self.resolve(path.by(node), short)).or_default() += 1;
            count += 1;
        }
        let enough = (count / 2 + 1 - short).max(1);
        let greatest_last = votes.into_iter().rev();
        greatest_last
            .into_iter()
            .find(|&(_, votes)| votes >= enough)
            .map_or_else(V::default, |v| v.0)
    }

    /// How many values it holds.
    pub fn held(&self) -> usize {
        self.heard.len()
    }
}

/// All paths of a length among `nodes` nodes, without `but` on them, in order.
fn paths(nodes: usize, length: usize, but: usize) -> Vec<Path> {
    let mut all = vec![Path::ROOT];
    for _ in 0..length {
        let longer = |path: &Path| {
            let path = *path;
            let free = (0..nodes).filter(move |&node| node != but && !path.contains(node));
            free.map(move |node| path.by(node)).collect::<Vec<_>>()
        };
        all = all.iter().flat_map(longer).collect();
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rounds_are_a_third_of_the_nodes_and_one() {
        let published = [(4, 2), (5, 2), (6, 2), (7, 3), (8, 3), (9, 3), (10, 4)];
        for (nodes, expected) in published {
            assert_eq!(rounds(nodes), expected, "{nodes}");
            assert!(nodes > (nodes - 1) / 3 + 2 * faults(nodes), "{nodes}");
            assert!(nodes > 3 * faults(nodes) && nodes <= 3 * faults(nodes) + 3);
        }
    }

    #[test]
    fn paths_are_sorted_and_never_name_anybody_twice() {
        for (length, count) in [(0, 1), (1, 6), (2, 30), (3, 120)] {
            let all = paths(7, length, 3);
            assert!(all.is_sorted() && all.len() == count);
            assert!(all.iter().all(|path| path.len() == length && !path.contains(3)));
        }
    }

    /// A run among `nodes` of which `byzantine` are Byzantine: `lie(round, byzantine, to, path)` is
    /// what they send, or nothing.
    fn vectors(
        values: &[u8],
        byzantine: &[usize],
        lie: &dyn Fn(usize, usize, usize, Path) -> Option<u8>,
    ) -> Vec<(usize, Vec<u8>)> {
        let nodes = values.len();
        let tree = |me| Tree::new(nodes, me, values[me]);
        let mut trees: Vec<_> = (0..nodes).map(tree).collect();
        for round in 1..=rounds(nodes) {
            let said: Vec<_> = trees.iter_mut().map(|tree| tree.say(round)).collect();
            for (from, said) in said.iter().enumerate() {
                for to in (0..nodes).filter(|&to| to != from) {
                    if !byzantine.contains(&from) {
                        trees[to].hear(round, from, said);
                        continue;
                    }
                    let lies = said.iter().filter_map(|&(path, _)| {
                        lie(round, from, to, path).map(|value| (path, value))
                    });
                    trees[to].hear(round, from, &lies.collect::<Vec<_>>());
                }
            }
        }
        let honest = (0..nodes).filter(|node| !byzantine.contains(node));
        honest.map(|node| (node, trees[node].vector(0))).collect()
    }

    /// Whether honest nodes have the same vector, right where honest nodes are.
    fn consistent(values: &[u8], vectors: &[(usize, Vec<u8>)]) -> bool {
        vectors.iter().all(|(_, vector)| {
            *vector == vectors[0].1 && vectors.iter().all(|&(node, _)| vector[node] == values[node])
        })
    }

    /// Digit `place` of `code` in base `base`.
    fn digit(code: usize, base: usize, place: usize) -> usize {
        code / base.pow(place as u32) % base
    }

    #[test]
    fn one_liar_of_four_changes_nothing_whatever_it_says() {
        // Every input of the others; to each of them the Byzantine node sends 1, 2 or nothing about
        // itself, and 1 or 2 about each of the others: all 4 * 8 * 27 * 512 runs.
        for byzantine in 0..4 {
            let others: Vec<_> = (0..4).filter(|&node| node != byzantine).collect();
            let rank = |node: usize| others.iter().position(|&other| other == node).unwrap();
            for input in 0..8 {
                let value =
                    |node: usize| if node == byzantine { 1 } else { digit(input, 2, rank(node)) };
                let values: Vec<u8> = (0..4).map(|node| value(node) as u8 + 1).collect();
                for first in 0..27 {
                    for second in 0..512 {
                        let lie = |round: usize, _: usize, to: usize, path: Path| {
                            if round == 1 {
                                let said = digit(first, 3, rank(to)) as u8;
                                return (said > 0).then_some(said);
                            }
                            let of = others.iter().position(|&node| path.contains(node)).unwrap();
                            Some(digit(second, 2, 3 * rank(to) + of) as u8 + 1)
                        };
                        let vectors = vectors(&values, &[byzantine], &lie);
                        assert!(
                            consistent(&values, &vectors),
                            "{byzantine} {values:?} {first} {second}"
                        );
                    }
                }
            }
        }
    }

    #[test]
    fn two_liars_of_four_break_it_and_two_of_seven_do_not() {
        let broken = |values: &[u8], byzantine: &[usize]| {
            // Byzantine values from a fixed sequence, anew for each run.
            (0..2000u64).any(|run| {
                let lie = |round: usize, from: usize, to: usize, path: Path| {
                    let words = [run, round as u64, from as u64, to as u64, path.0.into()];
                    let drawn = crate::digest(words) % 3;
                    (drawn > 0).then_some(drawn as u8)
                };
                !consistent(values, &vectors(values, byzantine, &lie))
            })
        };
        assert!(broken(&[1, 1, 1, 1], &[2, 3]));
        assert!(!broken(&[1, 2, 1, 1, 2, 1, 1], &[2, 5]));
        assert!(broken(&[1, 2, 1, 1, 2, 1, 1], &[1, 2, 5]));
    }
}
