//! The Byzantine variants of a Zyzzyva member's messages.

use super::message::{
    Mark, Msg, NewView, Ordered, ViewChange, checkpoint_digest, confirm_digest, response_digest,
};
use super::{Effects, Rule, primary_of, seal};
use crate::crypto::mix;
use std::sync::Arc;

/// The same request one number earlier, in place of the previous request: a receiver of this one
/// and not of that one sees another request under one number. (Number 0 is never accepted: the
/// first request is withheld.) Responses and view changes are consistent with it if the Byzantine
/// member was the primary; a view change may also omit ordered requests and the certificate, and a
/// new primary may show some members a view change of its own that does. Other votes are for
/// something that does not exist.
pub(super) fn variants<R: Rule>(msg: &Msg, fx: &mut Effects<R>) -> Vec<Msg> {
    match *msg {
        Msg::Order { ref ordered, before } if primary(ordered.view, fx) => {
            vec![Msg::Order { ordered: earlier(ordered, before, fx), before: 0 }]
        }
        Msg::Response { view, number, mark, .. } if primary(mark.view, fx) && mark.seq > 1 => {
            let (seq, history) = (mark.seq - 1, mix(mark.before, mark.digest));
            let mut mark = Mark { seq, history, ..mark };
            mark.seal = seal::<R>(mark.content(), fx);
            let sig = fx.sign(response_digest(view, seq, history));
            vec![Msg::Response { view, number, mark, sig }]
        }
        Msg::SpecCheckpoint { view, seq, history, .. } => {
            let history = mix(history, 1);
            let sig = fx.sign(response_digest(view, seq, history));
            vec![Msg::SpecCheckpoint { view, seq, history, sig }]
        }
        Msg::Checkpoint { view, seq, history, state, .. } => {
            let history = mix(history, 1);
            let sig = fx.sign(checkpoint_digest(view, seq, history, state));
            vec![Msg::Checkpoint { view, seq, history, state, sig }]
        }
        Msg::ViewConfirm { view, seq, history, offset, .. } => {
            let history = mix(history, 1);
            let sig = fx.sign(confirm_digest(view, seq, history, offset));
            vec![Msg::ViewConfirm { view, seq, history, offset, sig }]
        }
        Msg::ViewChange(ref change) => {
            let forged = changes(change, fx).into_iter();
            forged.map(|change| Msg::ViewChange(Arc::new(change))).collect()
        }
        Msg::NewView(ref new_view) if primary(new_view.view, fx) => {
            let own = new_view.changes.iter().position(|change| change.from == fx.me());
            let Some(own) = own else { return Vec::new() };
            let forged = changes(&new_view.changes[own], fx).into_iter().map(|change| {
                let (view, mut changes) = (new_view.view, new_view.changes.clone());
                changes[own] = Arc::new(change);
                let seal = seal::<R>(NewView::content(view, &changes), fx);
                Msg::NewView(Arc::new(NewView { view, changes, seal }))
            });
            forged.collect()
        }
        _ => Vec::new(),
    }
}

fn primary<R: Rule>(view: u64, fx: &Effects<R>) -> bool {
    primary_of(view, fx.members()) == fx.me()
}

fn earlier<R: Rule>(ordered: &Ordered, before: u64, fx: &mut Effects<R>) -> Ordered {
    let (seq, history) =
        (ordered.seq.saturating_sub(1), mix(before, ordered.signed.request.digest));
    let mut ordered = Ordered { seq, history, ..*ordered };
    ordered.seal = seal::<R>(ordered.content(), fx);
    ordered
}

fn changes<R: Rule>(change: &ViewChange, fx: &mut Effects<R>) -> Vec<ViewChange> {
    let first = change.begun.as_ref().map_or(0, |begun| begun.seq).max(change.stable.seq);
    let mut logs: Vec<Vec<Ordered>> = Vec::new();
    if let [start @ .., dropped, last] = &change.log[..]
        && dropped.seq > first
        && primary(change.installed, fx)
    {
        let before = start.last().map_or(change.stable.history, |ordered| ordered.history);
        let mut log = start.to_vec();
        log.push(earlier(last, before, fx));
        logs.push(log);
    }
    let hidden: Vec<_> = change.log.iter().filter(|o| o.seq <= first).copied().collect();
    if hidden.len() < change.log.len() || change.certificate.is_some() {
        logs.push(hidden);
    }
    let forged = logs.into_iter().map(|log| {
        let mut forged = ViewChange {
            certificate: None,
            chain: Arc::default(),
            log: log.into(),
            ..change.clone()
        };
        forged.sig = fx.sign(forged.content());
        forged
    });
    forged.collect()
}
