//! Who has power: everything that can be switched off on its own, with the rules that say when. It
//! decides from what it is told; switching is the engine's.

use crate::energy::battery::SAME_SOC;
use crate::record::{ConsumerKind, PowerCause};
use crate::scenario::{Scenario, Shedding, Supply};

/// How far the state of charge must have risen above a threshold before what it switched off comes
/// back, where the scenario does not say.
const RESTORE_MARGIN_SOC: f64 = 0.1;
/// How far above its lowest state of charge a battery must be before it counts for what a shortage
/// took and would come back.
pub(crate) const SHORTAGE_MARGIN_SOC: f64 = 0.05;
/// A divisible load that went off as a whole comes back where this share of its demand can be met.
pub(crate) const RETURNING_SHARE: f64 = 0.1;
/// By how much PV must exceed the demand that it alone would meet for that.
pub(crate) const SHORTAGE_MARGIN: f64 = 1.1;
/// Powers below this are rounding, kW.
pub(crate) const NOTHING_KW: f64 = 1e-6;

/// Something that can be switched off on its own.
#[derive(Clone, Debug)]
pub(crate) struct Consumer {
    pub(crate) kind: ConsumerKind,
    priority: u8,
    /// Whether a part of it can go.
    divisible: bool,
    below_soc: Option<f64>,
    restore_above_soc: f64,
    /// Why it is off; on where there is no cause.
    off: Option<PowerCause>,
    /// Whether a fault of the scenario holds it down.
    faulted: bool,
}

impl Consumer {
    /// Whether its power can be held back at will: charging waits.
    fn is_managed(&self) -> bool {
        matches!(self.kind, ConsumerKind::Chargers(_))
    }
}

/// What the rules look at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Outlook {
    /// Whether the grid is gone.
    pub(crate) islanded: bool,
    /// Whether nothing holds the island up.
    pub(crate) dark: bool,
    /// State of charge of all batteries, 1 where there is none.
    pub(crate) soc: f64,
    /// All that could be supplied, kW.
    pub(crate) supply_kw: f64,
    /// Of it, what could be for a while, kW.
    pub(crate) lasting_kw: f64,
}

/// All consumers. Where supply falls short, they give way in this order: chargers first, whatever
/// their priority; then by priority, of the same priority those that can be divided first; then as
/// the catalogue has them.
#[derive(Clone, Debug)]
pub(crate) struct Consumers {
    /// As the catalogue has them: by kind, then as the scenario lists them.
    list: Vec<Consumer>,
    /// Indices into `list` by priority alone: the order in which rules switch them off.
    by_priority: Vec<u16>,
    /// Indices into `list` in the order in which they give way.
    yielding: Vec<u16>,
}

/// Who gives way to a shortfall.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum GivesWay {
    /// A divisible load gives up a part of its demand; index among the consumers.
    InPart(usize),
    /// A consumer goes as a whole.
    Whole(usize),
}

impl Consumers {
    /// In the catalogue's order: loads, chargers, device fleets on the bus, servers, switches.
    pub(crate) fn new(scenario: &Scenario) -> Self {
        let mut list = Vec::new();
        let mut add = |kind, shedding: &Shedding, divisible| {
            let below_soc = shedding.below_soc.map(|soc| soc.get());
            list.push(Consumer {
                kind,
                priority: shedding.priority,
                divisible,
                below_soc,
                restore_above_soc: shedding
                    .restore_above_soc
                    .map_or(below_soc.unwrap_or(0.0) + RESTORE_MARGIN_SOC, |soc| soc.get()),
                off: None,
                faulted: false,
            });
        };
        for (i, load) in scenario.loads.iter().enumerate() {
            add(ConsumerKind::Load(i as u16), &load.shedding, load.divisible);
        }
        for (i, chargers) in scenario.chargers.iter().enumerate() {
            add(ConsumerKind::Chargers(i as u16), &chargers.shedding, false);
        }
        for (i, fleet) in scenario.devices.iter().enumerate() {
            if fleet.supply == Supply::Site {
                add(ConsumerKind::Devices(i as u16), &fleet.shedding, false);
            }
        }
        for (i, server) in scenario.edge_servers.iter().enumerate() {
            add(ConsumerKind::Server(i as u16), &server.shedding, false);
        }
        for (i, switch) in scenario.switches.iter().enumerate() {
            add(ConsumerKind::Switch(i as u16), &switch.shedding, false);
        }
        let mut by_priority: Vec<u16> = (0..list.len() as u16).collect();
        let mut yielding = by_priority.clone();
        by_priority.sort_by_key(|&i| list[i as usize].priority);
        yielding.sort_by_key(|&i| {
            let consumer = &list[i as usize];
            (!consumer.is_managed(), consumer.priority, !consumer.divisible)
        });
        Self { list, by_priority, yielding }
    }

    /// Lives by another scenario's rules, in which the same things have the same order; who is off
    /// or broken stays so.
    pub(crate) fn rebuild(&mut self, scenario: &Scenario) {
        let mut new = Self::new(scenario);
        for (new, old) in new.list.iter_mut().zip(&self.list) {
            (new.off, new.faulted) = (old.off, old.faulted);
        }
        *self = new;
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.list.len()
    }

    /// What a consumer is.
    pub(crate) fn kind(&self, consumer: usize) -> ConsumerKind {
        self.list[consumer].kind
    }

    /// Whether it is on.
    pub(crate) fn is_on(&self, consumer: usize) -> bool {
        self.list[consumer].off.is_none()
    }

    /// Whether any is off.
    pub(crate) fn any_off(&self) -> bool {
        self.list.iter().any(|consumer| consumer.off.is_some())
    }

    /// Whether it is off because supply failed it, and not because it is broken.
    pub(crate) fn is_unserved(&self, consumer: usize) -> bool {
        self.list[consumer].off.is_some_and(|cause| cause != PowerCause::Fault)
    }

    /// Breaks or mends what is of this kind.
    pub(crate) fn set_faulted(&mut self, kind: ConsumerKind, faulted: bool) {
        for consumer in self.list.iter_mut().filter(|c| c.kind == kind) {
            consumer.faulted = faulted;
        }
    }

    /// Marks a consumer as switched.
    pub(crate) fn set_off(&mut self, consumer: usize, cause: Option<PowerCause>) {
        self.list[consumer].off = cause;
    }

    /// The first consumer that must go, whatever it draws, and why.
    pub(crate) fn must_go(&self, outlook: &Outlook) -> Option<(usize, PowerCause)> {
        self.by_priority.iter().map(|&i| i as usize).find_map(|i| {
            let consumer = &self.list[i];
            let low = |soc: f64| outlook.soc <= soc + SAME_SOC;
            let cause = if consumer.faulted {
                PowerCause::Fault
            } else if outlook.dark {
                PowerCause::Dark
            } else if outlook.islanded && consumer.below_soc.is_some_and(low) {
                PowerCause::LowCharge
            } else {
                return None;
            };
            consumer.off.is_none().then_some((i, cause))
        })
    }

    /// The charger group that gives way first: the one of lowest priority that draws something.
    pub(crate) fn managed(&self, draws_kw: impl Fn(usize) -> f64) -> Option<usize> {
        let mut groups = self.in_order().take_while(|&i| self.list[i].is_managed());
        groups.find(|&i| self.is_on(i) && draws_kw(i) > NOTHING_KW)
    }

    /// Who gives way to a shortfall after the chargers: the first in order that is on and draws
    /// something, in part where it can be divided and keeps something of its demand.
    pub(crate) fn gives_way(
        &self,
        shortfall_kw: f64,
        draws_kw: impl Fn(usize) -> f64,
    ) -> Option<GivesWay> {
        let mut others = self.in_order().filter(|&i| !self.list[i].is_managed());
        let first = others.find(|&i| self.is_on(i) && draws_kw(i) > NOTHING_KW)?;
        let keeps = self.list[first].divisible && shortfall_kw < draws_kw(first) - NOTHING_KW;
        Some(if keeps { GivesWay::InPart(first) } else { GivesWay::Whole(first) })
    }

    /// The divisible load that gives up whatever is missing, where it is the next to give way.
    pub(crate) fn divisible(&self, draws_kw: impl Fn(usize) -> f64) -> Option<usize> {
        match self.gives_way(0.0, draws_kw) {
            Some(GivesWay::InPart(consumer)) => Some(consumer),
            _ => None,
        }
    }

    fn in_order(&self) -> impl Iterator<Item = usize> {
        self.yielding.iter().map(|&i| i as usize)
    }

    /// The most important consumer that may come back, given what each draws or would draw: nobody
    /// overtakes one that gives way after it and waits for want of supply. What chargers draw, and
    /// divisible loads that give way before it, does not stand in its way. `more_kw` is what the
    /// servers may draw besides.
    pub(crate) fn may_return(
        &self,
        outlook: &Outlook,
        more_kw: f64,
        draws_kw: impl Fn(usize) -> f64,
    ) -> Option<usize> {
        // What stands in the way of the one that gives way last: all that is drawn but by those.
        let stands = |consumer: &Consumer| !consumer.is_managed() && !consumer.divisible;
        let all = self.in_order().filter(|&i| self.is_on(i) && stands(&self.list[i]));
        let mut drawn_kw = more_kw + all.map(&draws_kw).sum::<f64>();
        for i in self.yielding.iter().rev().map(|&i| i as usize) {
            let consumer = &self.list[i];
            let Some(cause) = consumer.off else {
                if consumer.divisible {
                    drawn_kw += draws_kw(i);
                }
                continue;
            };
            if consumer.faulted || outlook.dark {
                continue;
            }
            let low =
                consumer.below_soc.is_some() && outlook.soc < consumer.restore_above_soc - SAME_SOC;
            if outlook.islanded && low {
                continue;
            }
            let least = if consumer.divisible { RETURNING_SHARE } else { 1.0 };
            let demand_kw = drawn_kw + least * draws_kw(i);
            let short = matches!(cause, PowerCause::Shortage | PowerCause::Dark);
            let limit_kw = if short { outlook.lasting_kw } else { outlook.supply_kw };
            if demand_kw > limit_kw + NOTHING_KW {
                return None;
            }
            return Some(i);
        }
        None
    }

    /// Whether somebody is off for want of supply.
    pub(crate) fn lacks_supply(&self) -> bool {
        let short = |c: &Consumer| matches!(c.off, Some(PowerCause::Shortage | PowerCause::Dark));
        self.list.iter().any(short)
    }

    /// The next state of charge at which somebody is switched off on the way down.
    pub(crate) fn next_threshold_below(&self, soc: f64) -> Option<f64> {
        let on = self.list.iter().filter(|c| c.off.is_none() && !c.faulted);
        on.filter_map(|c| c.below_soc).filter(|&level| level < soc - SAME_SOC).reduce(f64::max)
    }

    /// The next state of charge at which somebody may come back on the way up.
    pub(crate) fn next_threshold_above(&self, soc: f64) -> Option<f64> {
        let off = self.list.iter().filter(|c| c.off.is_some() && c.below_soc.is_some());
        off.map(|c| c.restore_above_soc).filter(|&level| level > soc + SAME_SOC).reduce(f64::min)
    }
}

#[cfg(test)]
#[path = "consumers_tests.rs"]
mod tests;
