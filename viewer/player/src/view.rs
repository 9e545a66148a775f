//! What one future looks like at the playhead: what the scene and the panels read.

use gridtwin_kernel::SimTime;
use gridtwin_twin::record::{
    CarState, Catalog, ConsumerKind, Event, EventKind, Message, Sample, ServerState, State,
    TaskRecord,
};
use gridtwin_twin::scenario::{FaultKind, Scenario};

/// One interval of a future in full: its sample, and what stood where as it began.
#[derive(Clone, Debug, Default)]
pub struct Snapshot {
    /// The interval.
    pub sample: Sample,
    /// As it began.
    pub state: State,
}

/// Some intervals of a future in every detail.
#[derive(Clone, Debug, Default)]
pub struct Detail {
    /// When the first interval begins.
    pub from: SimTime,
    /// When the last one ends.
    pub until: SimTime,
    /// Each interval.
    pub snapshots: Vec<Snapshot>,
    /// What happened, in order of time.
    pub events: Vec<Event>,
    /// Tasks that ended, in order of their end.
    pub tasks: Vec<TaskRecord>,
    /// Messages that were sent, in order of sending.
    pub messages: Vec<Message>,
}

/// A future at the playhead. Its buffers are used again from frame to frame.
#[derive(Clone, Debug, Default)]
pub struct View {
    /// The playhead.
    pub at: SimTime,
    /// The interval it is in: means over the interval.
    pub sample: Sample,
    /// What stands where at exactly this instant.
    pub state: State,
    /// Each battery's state of charge at exactly this instant, 0 to 1.
    pub soc: Vec<f64>,
}

/// How far a view has come: what it must not do again from frame to frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Cursor {
    run: u64,
    from: SimTime,
    interval: usize,
    /// Events of the detail that have happened.
    events: usize,
}

impl Cursor {
    pub(crate) fn is_of(self, run: u64) -> bool {
        self.run == run
    }
}

impl Detail {
    /// Whether an instant lies in it.
    pub fn contains(&self, at: SimTime) -> bool {
        self.from <= at && at < self.until
    }
}

impl View {
    /// Becomes the same as another, in the room that is there: nothing is allocated from frame to
    /// frame.
    pub fn copy_from(&mut self, from: &Self) {
        self.at = from.at;
        copy_sample(&mut self.sample, &from.sample);
        copy_state(&mut self.state, &from.state);
        self.soc.clone_from(&from.soc);
    }

    /// Shows an instant of a detail in which it lies. `cursor` is what the last call gave.
    pub(crate) fn show(
        &mut self,
        at: SimTime,
        detail: &Detail,
        run: u64,
        scenario: &Scenario,
        catalog: &Catalog,
        cursor: Option<Cursor>,
    ) -> Option<Cursor> {
        let step = catalog.step.0.max(1);
        let interval = (at.since(detail.from).0 / step) as usize;
        let snapshot = detail.snapshots.get(interval)?;
        let start = snapshot.sample.at;
        let first = detail.events.partition_point(|event| event.at < start);
        let upto = detail.events.partition_point(|event| event.at <= at);
        let here = Cursor { run, from: detail.from, interval, events: first };
        let mut done = match cursor {
            Some(old) if (Cursor { events: first, ..old }) == here && old.events <= upto => {
                old.events
            }
            _ => {
                copy_sample(&mut self.sample, &snapshot.sample);
                copy_state(&mut self.state, &snapshot.state);
                first
            }
        };
        while done < upto {
            happen(&mut self.state, &detail.events[done].kind, scenario, catalog);
            done += 1;
        }
        self.at = at;
        self.state.at = at;
        let share = (at.0 - start.0) as f64 / step as f64;
        self.soc.clear();
        let ends = self.sample.batteries.iter().map(|battery| battery.soc);
        let begins = snapshot.state.soc.iter();
        self.soc.extend(begins.zip(ends).map(|(begin, end)| begin + (end - begin) * share));
        self.state.soc.clone_from(&self.soc);
        Some(Cursor { events: upto, ..here })
    }
}

/// What an event makes of what stands where.
fn happen(state: &mut State, kind: &EventKind, scenario: &Scenario, catalog: &Catalog) {
    fn set<T>(list: &mut [T], index: usize, value: T) {
        if let Some(slot) = list.get_mut(index) {
            *slot = value;
        }
    }
    let mut power = |consumer: u16, on: bool| {
        let consumer = usize::from(consumer);
        set(&mut state.consumers_on, consumer, on);
        match catalog.consumers.get(consumer).map(|consumer| consumer.kind) {
            Some(ConsumerKind::Server(i)) => {
                let then = if on { ServerState::Booting } else { ServerState::Dark };
                set(&mut state.servers, usize::from(i), then);
            }
            Some(ConsumerKind::Switch(i)) => set(&mut state.switches_up, usize::from(i), on),
            _ => {}
        }
    };
    match *kind {
        EventKind::GridDown => state.grid_up = false,
        EventKind::GridUp => state.grid_up = true,
        EventKind::GensetStarted { genset } => {
            set(&mut state.gensets_running, usize::from(genset), true);
        }
        EventKind::GensetStopped { genset } => {
            set(&mut state.gensets_running, usize::from(genset), false);
        }
        EventKind::PowerLost { consumer, .. } => power(consumer, false),
        EventKind::PowerRestored { consumer } => power(consumer, true),
        EventKind::ServerUp { server } => {
            set(&mut state.servers, usize::from(server), ServerState::Running);
        }
        EventKind::ServerDown { server, .. } => {
            set(&mut state.servers, usize::from(server), ServerState::Dark);
        }
        EventKind::FaultBegan { fault } => strike(state, fault, false, scenario),
        EventKind::FaultEnded { fault } => strike(state, fault, true, scenario),
        EventKind::CarArrived { chargers, session, asked_kwh } => {
            let Some(cars) = state.cars.get_mut(usize::from(chargers)) else { return };
            let places =
                catalog.chargers.get(usize::from(chargers)).map_or(0, |(_, n)| *n as usize);
            let plugged = cars.iter().filter(|car| car.plugged).count() < places;
            let car = CarState { session, plugged, power_kw: 0.0, asked_kwh, delivered_kwh: 0.0 };
            cars.push(car);
        }
        EventKind::CarLeft { chargers, session, still_there: false, .. } => {
            if let Some(cars) = state.cars.get_mut(usize::from(chargers)) {
                cars.retain(|car| car.session != session);
            }
        }
        EventKind::ViewChanged { group, member, view, leader } => {
            let Some(group) = state.groups.get_mut(usize::from(group)) else { return };
            set(&mut group.views, usize::from(member), view);
            if view >= group.view {
                group.view = view;
                let up = group.up.get(usize::from(leader)) == Some(&true);
                group.leader = up.then_some(leader);
            }
        }
        EventKind::VoterDown { group, member } => {
            let Some(group) = state.groups.get_mut(usize::from(group)) else { return };
            set(&mut group.up, usize::from(member), false);
            group.leader = group.leader.filter(|&leader| leader != member);
        }
        EventKind::VoterUp { group, member } => {
            if let Some(group) = state.groups.get_mut(usize::from(group)) {
                set(&mut group.up, usize::from(member), true);
            }
        }
        _ => {}
    }
}

/// What a fault of the scenario holds down and nothing else tells.
fn strike(state: &mut State, fault: u16, works: bool, scenario: &Scenario) {
    let Some(fault) = scenario.faults.get(usize::from(fault)) else { return };
    let slot = match &fault.what {
        // A genset that is out of order stops: that is an event of its own.
        FaultKind::Node(_) | FaultKind::Genset(_) => None,
        FaultKind::Link(a, b) => {
            let ends = |link: &gridtwin_twin::scenario::Link| {
                (link.from == *a && link.to == *b) || (link.from == *b && link.to == *a)
            };
            let index = scenario.links.iter().position(ends);
            index.and_then(|i| state.links_up.get_mut(i))
        }
        FaultKind::Pv(id) => {
            let index = scenario.pv.iter().position(|array| array.id == *id);
            index.and_then(|i| state.pv_in_order.get_mut(i))
        }
        FaultKind::Battery(id) => {
            let index = scenario.batteries.iter().position(|battery| battery.id == *id);
            index.and_then(|i| state.batteries_in_order.get_mut(i))
        }
    };
    if let Some(slot) = slot {
        *slot = works;
    }
}

/// Copies into the room that is there.
fn copy_sample(to: &mut Sample, from: &Sample) {
    let room = std::mem::take(to);
    let Sample { mut pv_kw, mut batteries, mut gensets_kw, mut loads_kw, .. } = room;
    let Sample { mut fuel_l, mut tanks_l, .. } = room;
    let Sample { mut chargers_kw, mut servers, mut groups, .. } = room;
    pv_kw.clone_from(&from.pv_kw);
    batteries.clone_from(&from.batteries);
    gensets_kw.clone_from(&from.gensets_kw);
    fuel_l.clone_from(&from.fuel_l);
    tanks_l.clone_from(&from.tanks_l);
    loads_kw.clone_from(&from.loads_kw);
    chargers_kw.clone_from(&from.chargers_kw);
    servers.clone_from(&from.servers);
    groups.clone_from(&from.groups);
    *to = Sample {
        pv_kw,
        batteries,
        gensets_kw,
        fuel_l,
        tanks_l,
        loads_kw,
        chargers_kw,
        servers,
        groups,
        ..*from
    };
}

/// Copies into the room that is there.
fn copy_state(to: &mut State, from: &State) {
    to.at = from.at;
    to.grid_up = from.grid_up;
    to.consumers_on.clone_from(&from.consumers_on);
    to.servers.clone_from(&from.servers);
    to.switches_up.clone_from(&from.switches_up);
    to.links_up.clone_from(&from.links_up);
    to.pv_in_order.clone_from(&from.pv_in_order);
    to.soc.clone_from(&from.soc);
    to.batteries_in_order.clone_from(&from.batteries_in_order);
    to.gensets_running.clone_from(&from.gensets_running);
    to.cars.resize_with(from.cars.len(), Vec::new);
    for (to, from) in to.cars.iter_mut().zip(&from.cars) {
        to.clone_from(from);
    }
    to.groups.resize_with(from.groups.len(), Default::default);
    for (to, from) in to.groups.iter_mut().zip(&from.groups) {
        (to.leader, to.view) = (from.leader, from.view);
        to.views.clone_from(&from.views);
        to.up.clone_from(&from.up);
    }
}
