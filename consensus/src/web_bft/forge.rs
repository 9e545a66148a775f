//! The Byzantine variants of a web-bft member's messages.

use super::WebBft;
use super::message::{Accept, Msg, State, Told, Vote};
use crate::Fx;
use crate::crypto::mix;
use std::sync::Arc;

/// Another submitted request in place of this one, or the same in another version; a false
/// decision; a state without its lock, its own signatures or its log. Others' signatures can only
/// be omitted.
pub(super) fn variants(msg: &Msg, fx: &mut Fx<WebBft>) -> Vec<Msg> {
    let neighbour = |version: u64| (version.wrapping_sub(1) ^ 1).wrapping_add(1);
    match *msg {
        Msg::Vote { vote: Vote { version, round, value, .. }, ref lock, other } => {
            let mut vote = |version, value, lock, other| {
                let vote = Vote::new(version, round, value, fx);
                Msg::Vote { vote, lock, other }
            };
            // A lock on the one request would speak against the other.
            let another = other.map(|other| vote(version, other, None, Some(value)));
            let elsewhere = vote(neighbour(version), value, lock.clone(), other);
            another.into_iter().chain([elsewhere]).collect()
        }
        Msg::Accept { ref accept, ref against, other } => {
            let Accept { version, round, value, before, .. } = *accept;
            let mut accept = |version, value| {
                let accept = Accept::new(version, round, value, before, fx);
                Msg::Accept { accept, against: against.clone(), other }
            };
            let another = accept(version, other.unwrap_or(mix(value, 1)));
            vec![another, accept(neighbour(version), value)]
        }
        Msg::Answer { number, result, other } => {
            let early = other.map(|other| Msg::Answer {
                number: other.number,
                result: other.digest,
                other: None,
            });
            let wrong = Msg::Answer { number, result: !result, other };
            early.into_iter().chain([wrong]).collect()
        }
        Msg::State(ref state) => {
            let me = fx.me();
            let unlocked = State { lock: None, ..State::clone(state) };
            let mut silent = unlocked.clone();
            silent.votes.retain(|&(member, _)| member != me);
            silent.accepts.retain(|&(member, _)| member != me);
            let told = [silent, unlocked].into_iter().filter(|told| told != &**state);
            told.map(|told| Msg::State(Arc::new(told))).collect()
        }
        Msg::Told(ref told) if told.missed.is_some() => {
            let told = [None, told.certificate.clone()];
            let told = told.map(|certificate| Arc::new(Told { missed: None, certificate }));
            told.map(Msg::Told).into()
        }
        Msg::Request(_) | Msg::Fetch { .. } | Msg::Told(_) | Msg::Proof { .. } => Vec::new(),
    }
}
