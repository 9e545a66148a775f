//! What a run adds up to, in bounded memory and without any file: the numbers of the summary.

pub(crate) mod cars;
pub(crate) mod demand;
pub(crate) mod energy;
pub(crate) mod groups;
mod metrics;
pub(crate) mod resilience;
pub(crate) mod stored;
pub(crate) mod tasks;

use crate::clock::Clock;
use gridtwin_kernel::SimTime;
use gridtwin_twin::record::{Catalog, Event, Observer, Sample, TaskRecord};

/// Listens to a run and knows its summary at any time. What a sweep needs of a run.
#[derive(Clone, Debug)]
pub struct Tally {
    pub(crate) catalog: Catalog,
    pub(crate) energy: energy::Energy,
    pub(crate) demand: demand::Demand,
    pub(crate) tasks: tasks::Tasks,
    pub(crate) groups: groups::Groups,
    pub(crate) cars: cars::Cars,
    pub(crate) outages: Outages,
    pub(crate) resilience: resilience::Outages,
    pub(crate) end: SimTime,
}

impl Tally {
    /// Nothing heard yet.
    pub fn new(catalog: &Catalog) -> Self {
        Self {
            energy: energy::Energy::default(),
            demand: demand::Demand::new(Clock::new(catalog)),
            tasks: tasks::Tasks::new(catalog.streams.len(), catalog.servers.len()),
            groups: groups::Groups(vec![groups::Group::default(); catalog.groups.len()]),
            cars: cars::Cars::new(catalog.chargers.len()),
            outages: Outages::default(),
            resilience: resilience::Outages::new(&catalog.resilience),
            end: SimTime::ZERO,
            catalog: catalog.clone(),
        }
    }

    /// One interval; gives the hours of tasks that are over with it.
    pub(crate) fn hear_sample(&mut self, sample: &Sample) -> Vec<tasks::Hour> {
        self.end = sample.at + sample.step;
        self.energy.add(sample);
        self.demand.add(sample.at, sample.step, sample.flows.import_kw);
        self.groups.sample(sample);
        self.outages.sample(sample);
        self.resilience.add(sample);
        self.tasks.close(Some(self.end))
    }

    /// One event; gives the EV session that it ends.
    pub(crate) fn hear_event(&mut self, at: SimTime, event: &Event) -> Option<cars::Session> {
        self.groups.event(at, &event.kind);
        self.outages.event(at, event);
        self.cars.event(at, &event.kind)
    }
}

impl Observer for Tally {
    fn sample(&mut self, sample: &Sample) {
        self.hear_sample(sample);
    }

    fn event(&mut self, at: SimTime, event: &Event) {
        self.hear_event(at, event);
    }

    fn task(&mut self, task: &TaskRecord) {
        self.tasks.add(task);
    }
}

/// When the grid was away.
#[derive(Clone, Debug, Default)]
pub(crate) struct Outages {
    over: Vec<(SimTime, SimTime)>,
    since: Option<SimTime>,
    heard: bool,
}

impl Outages {
    fn event(&mut self, at: SimTime, event: &Event) {
        use gridtwin_twin::record::EventKind::{GridDown, GridUp};
        match event.kind {
            GridDown => self.since = self.since.or(Some(at)),
            // A first word that it is back means that it was away from the start.
            GridUp if !self.heard => self.over.push((SimTime::ZERO, at)),
            GridUp => self.over.extend(self.since.take().map(|since| (since, at))),
            _ => return,
        }
        self.heard = true;
    }

    fn sample(&mut self, sample: &Sample) {
        if !self.heard && !sample.grid_up {
            self.since = self.since.or(Some(sample.at));
            self.heard = true;
        }
    }

    /// All of them, the last one up to `end`.
    pub(crate) fn until(&self, end: SimTime) -> Vec<(SimTime, SimTime)> {
        let open = self.since.map(|since| (since, end));
        self.over.iter().copied().chain(open).collect()
    }
}
