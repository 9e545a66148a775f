//! Policies that can never act.

use super::{Doubt, doubt};
use crate::scenario::{Dispatch, Offload, Scenario};

fn dispatch_name(dispatch: &Dispatch) -> Option<&'static str> {
    match dispatch {
        Dispatch::TimeOfUse { .. } => Some("TimeOfUse"),
        Dispatch::BackupReserve { .. } => Some("BackupReserve"),
        Dispatch::SelfConsumption => None,
    }
}

pub(super) fn no_battery(s: &Scenario) -> Vec<Doubt> {
    let Some(name) = dispatch_name(&s.policies.dispatch).filter(|_| s.batteries.is_empty()) else {
        return Vec::new();
    };
    let message =
        format!("found the policy {name}, which controls batteries, but the site has no battery");
    vec![doubt("policies.dispatch", message, "add a battery, or remove the policy")]
}

pub(super) fn no_grid(s: &Scenario) -> Vec<Doubt> {
    let name = dispatch_name(&s.policies.dispatch);
    let Some(name) = name.filter(|_| s.grid.is_none() && !s.batteries.is_empty()) else {
        return Vec::new();
    };
    let message = format!("found the policy {name}, which has no effect on a site without a grid");
    vec![doubt(
        "policies.dispatch",
        message,
        "remove the policy: without a grid, batteries store surplus and cover the rest of demand",
    )]
}

pub(super) fn nowhere(s: &Scenario) -> Vec<Doubt> {
    let alone = s.edge_servers.is_empty() && s.cloud.is_none() && !s.tasks.is_empty();
    let found = alone && s.policies.offload == Offload::LeastCarbon;
    let message = "found the policy LeastCarbon, but neither an edge server nor a cloud: all tasks stay on \
                   their devices";
    let remedy = "add an edge server or the cloud, with links to it, or set offload: Local";
    found.then(|| doubt("policies.offload", message, remedy)).into_iter().collect()
}

pub(super) fn unused_servers(s: &Scenario) -> Vec<Doubt> {
    let offload = s.policies.offload;
    let unused = match offload {
        Offload::Local => !s.edge_servers.is_empty(),
        Offload::Cloud => !s.edge_servers.is_empty(),
        Offload::Nearest | Offload::LeastLoaded | Offload::LeastCarbon => false,
    };
    // Servers that vote have something to do.
    let votes = !s.consensus.is_empty();
    if !unused || votes || s.tasks.is_empty() {
        return Vec::new();
    }
    let message = format!(
        "found the policy {offload:?}: the edge servers get no tasks and draw their idle power"
    );
    let remedy = "set offload: LeastLoaded, Nearest or LeastCarbon, or remove the servers";
    vec![doubt("policies.offload", message, remedy)]
}
