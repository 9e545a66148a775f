//! The rule by which a view begins: the history that follows from a quorum of view changes. It is
//! the only difference between the published Zyzzyva and its repaired form.

use super::message::{Certificate, Ordered, Stable, ViewChange};
use crate::{Facts, FaultModel, Members, TimeModel};
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

/// What one protocol of the family does in its own way.
pub trait Rule: Copy + Debug + Default + Eq + Hash + Send + Sync + 'static {
    /// Its name on the command line.
    const NAME: &'static str;
    /// Whether it is known to break agreement.
    const BROKEN: bool = false;
    /// The protocol's published properties.
    const FACTS: Facts;
    /// Its quorums by name.
    const QUORUMS: &'static [&'static str];
    /// Whether the primary's orders are bound to its trusted counter: then a quorum of responses
    /// completes a request, and there are no commit certificates.
    const COUNTER: bool;

    /// Whether safety and liveness hold while these members, at most f, are Byzantine.
    fn withstands(byzantine: Members) -> bool;
    /// Which of two commit certificates a member keeps: whether it is the new one.
    fn prefers(new: &Certificate, old: &Certificate) -> bool;
    /// The history after the checkpoint `base`, the latest of theirs, that these view changes, all
    /// of them valid, call for; `matching` is f + 1.
    fn history(matching: usize, changes: &[Arc<ViewChange>], base: &Stable) -> Vec<Ordered>;
}

/// The quorums whose planting shows within a few requests and views. Certificates, checkpoints,
/// view confirmations and matching orders do not: the client detects the primary first, or it would
/// take more requests than a checkpoint covers, or several Byzantine members.
const QUORUMS: &[&str] = &["response", "local commit", "view change"];

const FACTS: Facts = Facts {
    family: "zyzzyva",
    faults: FaultModel::Byzantine,
    time: TimeModel::PartiallySynchronous,
    members: "3f + 1",
    messages: "2n fast, 4n slow",
    delays: "3 fast, 5 slow",
    paper: "Kotla, Alvisi, Dahlin, Clement and Wong, SOSP 2007",
    reconstructed: "",
    weakness: "fails with f + 1 Byzantine members; one slow member forces the slow path",
};

/// The rule as published in 2007: the commit certificate with the highest sequence number, and
/// after it what f + 1 have in the same order, whichever the views. Not safe.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Published;

impl Rule for Published {
    const NAME: &'static str = "zyzzyva-2007";
    const BROKEN: bool = true;
    const FACTS: Facts = Facts {
        weakness: "one Byzantine primary and two view changes can lose a committed request \
                   (arXiv 1712.01367)",
        ..FACTS
    };
    const QUORUMS: &'static [&'static str] = QUORUMS;
    const COUNTER: bool = false;

    fn withstands(byzantine: Members) -> bool {
        byzantine.is_empty()
    }

    fn prefers(new: &Certificate, old: &Certificate) -> bool {
        (new.seq, new.view) > (old.seq, old.view)
    }

    fn history(matching: usize, changes: &[Arc<ViewChange>], base: &Stable) -> Vec<Ordered> {
        let certified = changes.iter().filter_map(|c| Some((c, c.certificate.as_ref()?)));
        let highest = certified.max_by_key(|(_, cert)| (cert.seq, cert.view));
        extend(base, |seq| {
            let certified = highest.and_then(|(change, _)| change.certified(seq));
            certified.or_else(|| {
                let logged = changes.iter().filter_map(|change| change.logged(seq));
                let same = |one: &&Ordered| {
                    let histories = changes.iter().filter_map(|c| c.logged(seq));
                    histories.filter(|other| other.history == one.history).count() >= matching
                };
                logged.into_iter().find(same)
            })
        })
    }
}

/// The repaired rule (arXiv 1801.10022): evidence counts by the view it arose in first. At each
/// number stands what a certificate, or f + 1 logs of members that worked in that view or a later
/// one, show for the latest view, a certificate before logs of the same view.
///
/// Why it is safe: what all members have in view v is shown, from v or later, by f + 1 correct
/// members of any quorum; what a quorum holds a certificate of in view v, by one correct member.
/// Another request can be shown for a view from v on only by f Byzantine members, or, in v itself
/// and beside a certificate, by f Byzantine and f correct members: less than a certificate. So
/// every later view begins with it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct ByView;

impl Rule for ByView {
    const NAME: &'static str = "zyzzyva";
    const FACTS: Facts = Facts {
        paper: "Kotla, Alvisi, Dahlin, Clement and Wong, SOSP 2007; repaired by Abraham, Gueta, \
                Malkhi and Martin, arXiv 1801.10022",
        reconstructed: "the messages of the repair: its source gives only the order of precedence \
                        of the evidence",
        ..FACTS
    };
    const QUORUMS: &'static [&'static str] = QUORUMS;
    const COUNTER: bool = false;

    fn withstands(_byzantine: Members) -> bool {
        true
    }

    fn prefers(new: &Certificate, old: &Certificate) -> bool {
        (new.view, new.seq) > (old.view, old.seq)
    }

    fn history(matching: usize, changes: &[Arc<ViewChange>], base: &Stable) -> Vec<Ordered> {
        extend(base, |seq| {
            let mut best: Option<((u64, bool), &Ordered)> = None;
            let mut consider = |rank: (u64, bool), ordered| {
                if best.is_none_or(|(highest, _)| rank > highest) {
                    best = Some((rank, ordered));
                }
            };
            for change in changes {
                let begun = change.begun.as_ref().filter(|begun| begun.seq >= seq);
                if let (Some(begun), Some(ordered)) = (begun, change.logged(seq)) {
                    consider((begun.view, true), ordered);
                }
                if let (Some(cert), Some(ordered)) = (&change.certificate, change.certified(seq)) {
                    consider((cert.view, true), ordered);
                }
                if let Some(ordered) = change.logged(seq)
                    && let Some(view) = shown_since(matching, changes, ordered)
                {
                    consider((view, false), ordered);
                }
            }
            best.map(|(_, ordered)| ordered)
        })
    }
}

/// The latest view in or after which this many members' logs have the same.
fn shown_since(matching: usize, changes: &[Arc<ViewChange>], ordered: &Ordered) -> Option<u64> {
    let has = |change: &&Arc<ViewChange>| {
        change.logged(ordered.seq).is_some_and(|other| other.history == ordered.history)
    };
    let mut views: Vec<u64> = changes.iter().filter(has).map(|change| change.installed).collect();
    views.sort_unstable_by(|a, b| b.cmp(a));
    views.get(matching.checked_sub(1)?).copied()
}

/// A history from `base` on, number by number, as long as what is chosen follows what was: what is
/// committed does.
fn extend<'a>(base: &Stable, choice: impl Fn(u64) -> Option<&'a Ordered>) -> Vec<Ordered> {
    let (mut chosen, mut history) = (Vec::new(), base.history);
    for seq in base.seq + 1.. {
        let Some(ordered) = choice(seq).filter(|ordered| ordered.follows(history)) else {
            break;
        };
        history = ordered.history;
        chosen.push(*ordered);
    }
    chosen
}
