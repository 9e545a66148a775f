//! SACZyzzyva (Gunn, Liu, Vavala and Asokan, Making Speculative BFT Resilient with Trusted
//! Monotonic Counters, SRDS 2019): Zyzzyva in which the primary binds each order to the next number
//! of a trusted counter, so that no number can be given twice. n = 3f + 1 members, partial
//! synchrony, 2n messages and 3 delays a request; 2f + 1 responses that match complete it, so that
//! f slow members change nothing, and there is no slow path: no commit certificates, and a quorum
//! of responses at a checkpoint's number makes that stable.
//!
//! Every member has a counter, but only the primary's is in use (a single active counter): the
//! counters of other members stand still. A view begins at the current value of its primary's
//! counter: its NEW-VIEW takes a number, members confirm the difference to the sequence numbers,
//! and every order of the view must keep that difference. The orders of a view form one history, of
//! which members hold prefixes of different lengths, so a new view begins with the longest one of
//! the latest view.
//!
//! Reconstructed: the messages of the view change. Everything else is [Zyzzyva's](crate::zyzzyva).
//! Not included: several active counters, trusted components without a counter.

use crate::zyzzyva::{Certificate, Ordered, Rule, Stable, ViewChange, Zyzzyva};
use crate::{Facts, FaultModel, Members, TimeModel};
use std::sync::Arc;

/// SACZyzzyva.
pub type SacZyzzyva = Zyzzyva<Counted>;

/// The rule of SACZyzzyva: the longest history of the latest view.
///
/// Why it is safe. A request that completed in view v stands, with all before it, in the logs of
/// 2f + 1 members, one correct one of which is in any quorum of view changes, in v or a later view.
/// How a log's view began a quorum has confirmed, and what follows the counter proves: logs of one
/// view are beginnings of one another, and a later view began with what had completed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Counted;

impl Rule for Counted {
    const NAME: &'static str = "sac-zyzzyva";
    const FACTS: Facts = Facts {
        family: "zyzzyva",
        faults: FaultModel::Byzantine,
        time: TimeModel::PartiallySynchronous,
        members: "3f + 1, each with a trusted counter; only the primary's is used",
        messages: "2n",
        delays: "3",
        paper: "Gunn, Liu, Vavala and Asokan, SRDS 2019",
        reconstructed: "the view-change messages: those of Zyzzyva, with the paper's counter added",
        weakness: "fails with f + 1 Byzantine members, or with a broken trusted counter",
    };
    const QUORUMS: &'static [&'static str] = &["response", "view change"];
    const COUNTER: bool = true;

    fn withstands(_byzantine: Members) -> bool {
        true
    }

    fn prefers(_new: &Certificate, _old: &Certificate) -> bool {
        false
    }

    fn history(_matching: usize, changes: &[Arc<ViewChange>], base: &Stable) -> Vec<Ordered> {
        let end = |change: &ViewChange| change.stable.seq + change.log.len() as u64;
        let latest = changes.iter().max_by_key(|change| (change.installed, end(change)));
        let (mut chosen, mut history) = (Vec::new(), base.history);
        let entries = latest.iter().flat_map(|change| change.log.iter());
        for ordered in entries.filter(|ordered| ordered.seq > base.seq) {
            if !ordered.follows(history) {
                break;
            }
            history = ordered.history;
            chosen.push(*ordered);
        }
        chosen
    }
}
