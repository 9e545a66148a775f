//! What a device needs to know of the network, laid out for the hot path: its fleet's ways to each
//! server and to the cloud, and the servers by nearness. Made from the [`Network`] when that changes.

use super::network::{Network, Node, Path};
use gridtwin_scheduler::offload::Route;

/// Every fleet's ways.
#[derive(Clone, Debug)]
pub(super) struct Routes {
    servers: usize,
    /// By fleet, then by server.
    to_servers: Vec<Route>,
    /// By fleet.
    to_cloud: Vec<Route>,
    /// By fleet: servers that can be reached, the nearest first.
    nearest: Vec<Vec<u16>>,
    /// By fleet, then by server: metres, infinite where a place is not known.
    distance_m: Vec<f64>,
    /// By fleet: whether its own cell pays for its links.
    own_supply: Vec<bool>,
}

impl Routes {
    pub(super) fn new(servers: usize, distance_m: Vec<f64>, own_supply: Vec<bool>) -> Self {
        let fleets = own_supply.len();
        Self {
            servers,
            to_servers: vec![Route::NONE; fleets * servers],
            to_cloud: vec![Route::NONE; fleets],
            nearest: vec![Vec::new(); fleets],
            distance_m,
            own_supply,
        }
    }

    /// Other places of fleets and servers.
    pub(super) fn set_distances(&mut self, distance_m: Vec<f64>) {
        self.distance_m = distance_m;
    }

    /// Reads all ways anew.
    pub(super) fn update(&mut self, network: &Network) {
        for fleet in 0..self.own_supply.len() {
            let from = Node::Fleet(fleet as u16);
            let own = self.own_supply[fleet];
            let ways = fleet * self.servers..(fleet + 1) * self.servers;
            for (server, route) in self.to_servers[ways.clone()].iter_mut().enumerate() {
                *route = route_of(network.path(from, Node::Server(server as u16)), own);
            }
            self.to_cloud[fleet] = route_of(network.path(from, Node::Cloud), own);

            let routes = &self.to_servers[ways.clone()];
            let distance_m = &self.distance_m[ways];
            let nearest = &mut self.nearest[fleet];
            nearest.clear();
            nearest.extend((0..self.servers as u16).filter(|&s| routes[usize::from(s)].exists()));
            nearest.sort_by(|&a, &b| {
                let (a, b) = (usize::from(a), usize::from(b));
                let by_latency = routes[a].latency.cmp(&routes[b].latency);
                by_latency.then(distance_m[a].total_cmp(&distance_m[b])).then(a.cmp(&b))
            });
        }
    }

    /// A fleet's ways to all servers.
    #[inline]
    pub(super) fn to_servers(&self, fleet: u16) -> &[Route] {
        let first = usize::from(fleet) * self.servers;
        &self.to_servers[first..first + self.servers]
    }

    /// A fleet's way to one server.
    #[inline]
    pub(super) fn to_server(&self, fleet: u16, server: u16) -> &Route {
        &self.to_servers[usize::from(fleet) * self.servers + usize::from(server)]
    }

    /// A fleet's way to the cloud.
    #[inline]
    pub(super) fn to_cloud(&self, fleet: u16) -> &Route {
        &self.to_cloud[usize::from(fleet)]
    }

    /// A fleet's servers, the nearest first.
    #[inline]
    pub(super) fn nearest(&self, fleet: u16) -> &[u16] {
        &self.nearest[usize::from(fleet)]
    }
}

fn route_of(path: Option<Path>, own_supply: bool) -> Route {
    path.map_or(Route::NONE, |path| {
        let own_joules_per_bit = if own_supply { path.fleet_joules_per_bit } else { 0.0 };
        Route {
            latency: path.latency,
            rate_bit_s: path.rate_bit_s,
            site_joules_per_bit: path.joules_per_bit - own_joules_per_bit,
            own_joules_per_bit,
        }
    })
}
