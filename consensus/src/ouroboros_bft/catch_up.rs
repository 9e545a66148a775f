//! How a member of Ouroboros-BFT obtains missing parts of the longest chain: from any member if the
//! blocks extend its own, since blocks prove themselves; and from t + 1 members that agree if the
//! blocks in between are no longer kept.

use super::member::Member;
use super::message::{Msg, Timer, Told};
use super::{OuroborosBft, Stored};
use crate::{Fx, Members, NodeId, Outcome};
use std::sync::Arc;

impl Member {
    /// Asks all others, and again later if that does not help.
    pub(super) fn fetch(&mut self, fx: &mut Fx<OuroborosBft>) {
        fx.arm(Timer::Fetch, self.delta * (2 << self.fetches.min(5)));
        self.fetches += 1;
        self.heard = Members::NONE;
        fx.broadcast(self.ask());
    }

    /// Asks one that has a longer chain.
    pub(super) fn ask_for_chain(&mut self, of: NodeId, fx: &mut Fx<OuroborosBft>) {
        fx.send(of, self.ask());
    }

    fn ask(&self) -> Msg {
        let (height, applied) = (self.chain.settled().height, self.chain.sequence.applied());
        Msg::Fetch { height, applied }
    }

    pub(super) fn on_fetch(
        &mut self,
        from: NodeId,
        height: u64,
        applied: u64,
        fx: &mut Fx<OuroborosBft>,
    ) {
        if from.0 < self.n {
            self.tell(from, height, applied, fx);
        }
    }

    /// Sends its chain to a member that has it up to a final `height`, with `applied` requests.
    pub(super) fn tell(&self, to: NodeId, height: u64, applied: u64, fx: &mut Fx<OuroborosBft>) {
        let missed = match height < self.chain.root().height {
            true => self.chain.sequence.since(applied),
            false => None,
        };
        let (settled, blocks) = (self.chain.settled(), self.chain.blocks().to_vec());
        fx.send(to, Msg::Told(Arc::new(Told { settled, missed, blocks })));
    }

    pub(super) fn on_told(&mut self, from: NodeId, told: &Arc<Told>, fx: &mut Fx<OuroborosBft>) {
        if from.0 >= self.n {
            return;
        }
        if self.follow(told, fx) || told.settled.height <= self.chain.settled().height {
            self.heard.insert(from);
        } else {
            self.told.retain(|&(member, _)| member != from);
            self.told.push((from, told.clone()));
            self.take_over(fx);
            if self.fetches == 0 {
                self.fetch(fx); // it alone is no witness
            }
        }
        self.check_caught_up(fx);
        if !self.recovering && self.is_waiting() {
            self.clock.wait(Timer::Slot, fx);
        }
    }

    /// Follows another's chain if it fits to its own and is longer: whether it fits.
    fn follow(&mut self, told: &Told, fx: &mut Fx<OuroborosBft>) -> bool {
        // All blocks up to here are its own, too.
        let shared = |block: &&_| {
            let block: &Arc<super::Block> = block;
            self.chain.at(block.point().height) == Some(block.point())
        };
        let known = told.blocks.iter().rposition(|block| shared(&block));
        let first = known.map_or(0, |last| last + 1);
        let new = &told.blocks[first..];
        let height = match (known, new.first()) {
            (Some(last), _) => told.blocks[last].point().height,
            (None, Some(block)) => {
                let below = block.point().height.saturating_sub(1);
                match self.chain.at(below) {
                    Some(at) if at.hash == block.parent() => below,
                    _ => return false,
                }
            }
            (None, None) => return told.settled == self.chain.root(),
        };
        let tip = new.last().map_or(0, |block| block.point().height);
        if tip > self.chain.tip().height && self.may_extend(height, new, fx) {
            self.extend(height, new, fx);
        }
        true
    }

    /// Takes over a state that enough others report, if there is one.
    fn take_over(&mut self, fx: &mut Fx<OuroborosBft>) {
        let ahead = self.chain.settled().height;
        let result = |told: &Told| {
            let missed = told.missed.as_ref()?;
            let mut after = self.chain.sequence.clone();
            after.adopt_silently(missed);
            while after.advance().is_some() {}
            (told.settled.height > ahead).then(|| (told.settled, after.digest()))
        };
        let results: Vec<_> = self.told.iter().map(|(_, told)| result(told)).collect();
        let enough = |found: &&Option<_>| {
            found.is_some() && results.iter().filter(|other| other == found).count() >= self.vouch
        };
        let Some(agreed) = results.iter().filter(enough).max() else { return };
        let Some(place) = results.iter().position(|found| found == agreed) else { return };
        let told = self.told[place].1.clone();
        let Some(missed) = &told.missed else { return };
        self.chain.sequence.adopt(missed, fx);
        let done = self.chain.sequence.carry_out(fx);
        self.chain.restart(told.settled);
        let chain = self.chain.clone();
        fx.persist(missed.bytes(), |stored: &mut Stored| stored.member.chain = chain);
        self.pool.retain(|_, signed| !self.chain.sequence.contains(&signed.request));
        for request in done {
            let (number, result) = (request.number, request.digest);
            fx.send(request.client, Msg::Settled { number, result });
        }
        for (from, told) in std::mem::take(&mut self.told) {
            if self.follow(&told, fx) || told.settled.height <= self.chain.settled().height {
                self.heard.insert(from);
            }
        }
    }

    /// A member that knows the chains of t + 1 others knows that of an honest one: the longest.
    fn check_caught_up(&mut self, fx: &mut Fx<OuroborosBft>) {
        if self.heard.len() < self.vouch {
            return;
        }
        fx.cancel(Timer::Fetch);
        self.fetches = 0;
        self.told.clear();
        self.heard = Members::NONE;
        if std::mem::take(&mut self.recovering) {
            let length = self.chain.sequence.ledger().length;
            fx.out(Outcome::CaughtUp { length });
        }
    }
}
