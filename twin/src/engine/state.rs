//! What stands where at this instant, for whoever draws it.

use super::Twin;
use super::votes::Votes;
use crate::energy::ev::{Car, Garage};
use crate::record::{CarState, ConsumerKind, GroupState, ServerState, State};

impl Twin {
    /// What stands where now. It is a fresh copy: a run that nobody watches never pays for it.
    pub fn state(&self) -> State {
        let kinds = 0..self.consumers.len();
        let is_switch = |&c: &usize| matches!(self.consumers.kind(c), ConsumerKind::Switch(_));
        let links = 0..self.fixed.links as u16;
        State {
            at: self.now,
            grid_up: self.grid_up,
            consumers_on: kinds.clone().map(|c| self.consumers.is_on(c)).collect(),
            servers: (0..self.fixed.catalog.servers.len() as u16)
                .map(|server| self.server_state(server))
                .collect(),
            switches_up: kinds.filter(is_switch).map(|c| self.consumers.is_on(c)).collect(),
            links_up: links.map(|link| self.edge.network().link_up(link)).collect(),
            pv_in_order: self.pv_faulted.iter().map(|faulted| !faulted).collect(),
            soc: self.bank.batteries().iter().map(|b| b.soc()).collect(),
            batteries_in_order: self.bank.batteries().iter().map(|b| b.in_order()).collect(),
            gensets_running: self.gensets.iter().map(|genset| genset.is_running()).collect(),
            cars: self.garages.iter().map(cars).collect(),
            groups: self.votes.states(),
        }
    }

    fn server_state(&self, server: u16) -> ServerState {
        if self.edge.server_running(server) {
            ServerState::Running
        } else if self.edge.server_powered(server) {
            ServerState::Booting
        } else {
            ServerState::Dark
        }
    }
}

fn cars(garage: &Garage) -> Vec<CarState> {
    let state = |plugged: bool| {
        move |car: &Car| CarState {
            session: car.session.number,
            plugged,
            power_kw: car.power_kw,
            asked_kwh: car.session.asked_kwh,
            delivered_kwh: car.delivered_kwh,
        }
    };
    let plugged = garage.plugged().iter().map(state(true));
    plugged.chain(garage.waiting().map(state(false))).collect()
}

impl Votes {
    /// What each group is doing.
    pub(super) fn states(&self) -> Vec<GroupState> {
        let state = |group: &gridtwin_consensus::Group| {
            let members = || (0..group.members()).map(gridtwin_consensus::NodeId);
            let up: Vec<bool> = members().map(|member| group.is_up(member)).collect();
            let views: Vec<u64> = members().map(|member| group.view_of(member)).collect();
            let leader = group.leader().map(|leader| leader.0);
            GroupState {
                leader: leader.filter(|&leader| up.get(usize::from(leader)) == Some(&true)),
                view: views.iter().copied().max().unwrap_or(0),
                views,
                up,
            }
        };
        self.groups().map(state).collect()
    }
}
