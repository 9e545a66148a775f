//! The cleanest place that is fast enough.

use super::{EdgeView, OffloadPolicy, Placement, TaskView};

/// Joules in a kWh.
const JOULES_PER_KWH: f64 = 3.6e6;

/// Where the task emits least, network and computing together, among the places that are expected
/// to meet its deadline; the fastest where none is. Of equally clean places the fastest; of equally
/// fast ones the device, then the nearest server, then the cloud.
///
/// The wait at a server is an estimate: the waiting tasks' core-time spread over its cores, and,
/// where every core is busy, the mean time until the first of them is free if they all run
/// tasks like this one (exponential: compute / cores).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeastCarbon;

/// What a place would cost.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cost {
    time_s: f64,
    carbon_g: f64,
}

impl OffloadPolicy for LeastCarbon {
    #[inline]
    fn decide(&mut self, task: &TaskView, view: &EdgeView<'_>) -> Placement {
        let limit_s = task.time_left.as_secs_f64();
        let mut best = (Placement::Local, local(task, view));
        let mut consider = |placement, cost: Cost| {
            if better(&cost, &best.1, limit_s) {
                best = (placement, cost);
            }
        };
        for &server in view.nearest {
            if view.usable(server) && has_room(view, server) {
                consider(Placement::Server(server), at_server(task, view, server));
            }
        }
        if let Some(cost) = in_cloud(task, view) {
            consider(Placement::Cloud, cost);
        }
        best.0
    }
}

/// Whether `a` is to be preferred to `b`.
fn better(a: &Cost, b: &Cost, limit_s: f64) -> bool {
    match (a.time_s <= limit_s, b.time_s <= limit_s) {
        (true, true) => (a.carbon_g, a.time_s) < (b.carbon_g, b.time_s),
        (false, false) => (a.time_s, a.carbon_g) < (b.time_s, b.carbon_g),
        (in_time, _) => in_time,
    }
}

/// Whether a task that arrived now would find a core or a place in the queue.
fn has_room(view: &EdgeView<'_>, server: u16) -> bool {
    let (i, s) = (usize::from(server), &view.servers);
    u64::from(s.tasks[i]) < u64::from(s.cores[i]) + u64::from(s.queue_limit[i])
}

fn local(task: &TaskView, view: &EdgeView<'_>) -> Cost {
    let device = &view.device;
    Cost {
        time_s: device.core_wait.as_secs_f64() + task.cycles / device.frequency_hz,
        carbon_g: task.cycles * device.joules_per_cycle * device.g_per_kwh / JOULES_PER_KWH,
    }
}

fn at_server(task: &TaskView, view: &EdgeView<'_>, server: u16) -> Cost {
    let (i, s) = (usize::from(server), &view.servers);
    let route = &view.routes[i];
    let cores = f64::from(s.cores[i]);
    let compute_s = task.cycles / s.frequency_hz[i];
    let wait_s = if s.tasks[i] < s.cores[i] {
        0.0
    } else {
        (s.waiting_ns[i] as f64 * 1e-9 + compute_s) / cores
    };
    let bits = task.input_bits + task.output_bits;
    let joules = bits * route.site_joules_per_bit + s.core_w[i] * compute_s;
    Cost {
        time_s: view.device.radio_wait.as_secs_f64()
            + route.transfer_s(bits)
            + 2.0 * route.latency.as_secs_f64()
            + wait_s
            + compute_s,
        carbon_g: joules * view.site_g_per_kwh / JOULES_PER_KWH,
    }
}

fn in_cloud(task: &TaskView, view: &EdgeView<'_>) -> Option<Cost> {
    let (cloud, route) = (view.cloud?, &view.cloud_route);
    if !route.exists() {
        return None;
    }
    let compute_s = task.cycles / cloud.frequency_hz;
    let bits = task.input_bits + task.output_bits;
    let site_g = bits * route.site_joules_per_bit * view.site_g_per_kwh;
    let cloud_g = cloud.core_w * compute_s * cloud.g_per_kwh;
    Some(Cost {
        time_s: view.device.radio_wait.as_secs_f64()
            + route.transfer_s(bits)
            + 2.0 * route.latency.as_secs_f64()
            + compute_s,
        carbon_g: (site_g + cloud_g) / JOULES_PER_KWH,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offload::view::tests::{Fixture, task};
    use gridtwin_kernel::Span;

    fn decide(edge: &Fixture, time_left_s: f64) -> Placement {
        let task = TaskView { time_left: Span::from_secs_f64(time_left_s), ..task() };
        LeastCarbon.decide(&task, &edge.view())
    }

    #[test]
    fn takes_the_cleanest_place_in_time() {
        // Local: 1 s, 1 J at 300 g. Server: 0.12 s, 2 J at 300 g. Cloud: 0.2 s, 1 J at 100 g.
        let mut edge = Fixture::new(1);
        assert_eq!(decide(&edge, 2.0), Placement::Cloud);
        edge.cloud_route.rate_bit_s = 0.0;
        assert_eq!(decide(&edge, 2.0), Placement::Local);
        assert_eq!(decide(&edge, 0.5), Placement::Server(0));
    }

    #[test]
    fn takes_the_fastest_where_none_is_in_time() {
        assert_eq!(decide(&Fixture::new(1), 0.01), Placement::Server(0));
    }

    #[test]
    fn a_device_with_its_own_cell_emits_nothing() {
        let mut edge = Fixture::new(1);
        edge.device.g_per_kwh = 0.0;
        assert_eq!(decide(&edge, 2.0), Placement::Local);
    }

    #[test]
    fn a_queue_costs_time() {
        let mut edge = Fixture::new(2);
        (edge.tasks[0], edge.waiting_ns[0]) = (40, 3_000_000_000);
        assert_eq!(decide(&edge, 0.01), Placement::Server(1));
        edge.running[1] = false;
        assert_eq!(decide(&edge, 0.01), Placement::Cloud);
    }
}
