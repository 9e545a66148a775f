//! What an offloading policy may see: plain data, borrowed from the twin without allocation. Times
//! and costs are computed on demand, so that a policy pays only for those it uses.

use gridtwin_kernel::Span;

/// The task to be placed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct TaskView {
    /// What must be sent to where it runs, bits.
    pub input_bits: f64,
    /// What must be computed, cycles.
    pub cycles: f64,
    /// What comes back, bits.
    pub output_bits: f64,
    /// Time that is left until its result is late.
    pub time_left: Span,
}

/// The device that makes the task.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct DeviceView {
    /// Index among all devices.
    pub device: u32,
    /// Clock of its core, Hz.
    pub frequency_hz: f64,
    /// Energy of a cycle, above idle.
    pub joules_per_cycle: f64,
    /// Carbon intensity of its power: zero where it harvests its own.
    pub g_per_kwh: f64,
    /// How long its core is taken by earlier tasks.
    pub core_wait: Span,
    /// How long its radio is taken by earlier tasks.
    pub radio_wait: Span,
}

/// The way from a device to a server or to the cloud; it is the same way back.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Route {
    /// Time of a bit from end to end.
    pub latency: Span,
    /// The slowest link's rate, bit/s; zero where there is no way.
    pub rate_bit_s: f64,
    /// Energy of a bit that the site pays, all links together.
    pub site_joules_per_bit: f64,
    /// Energy of a bit that the device's own cell pays: none unless it has one.
    pub own_joules_per_bit: f64,
}

impl Route {
    /// No way.
    pub const NONE: Self = Self {
        latency: Span::ZERO,
        rate_bit_s: 0.0,
        site_joules_per_bit: 0.0,
        own_joules_per_bit: 0.0,
    };

    /// Whether there is a way.
    pub fn exists(&self) -> bool {
        self.rate_bit_s > 0.0
    }

    /// Seconds for sending this much.
    pub fn transfer_s(&self, bits: f64) -> f64 {
        bits / self.rate_bit_s
    }
}

/// The edge servers; every slice is as long as there are servers.
#[derive(Clone, Copy, Debug)]
pub struct ServersView<'a> {
    /// Whether it runs: it has power and has booted.
    pub running: &'a [bool],
    /// How many cores it has.
    pub cores: &'a [u32],
    /// Clock of a core, Hz.
    pub frequency_hz: &'a [f64],
    /// What a busy core draws above idle, W.
    pub core_w: &'a [f64],
    /// Tasks that wait or run there.
    pub tasks: &'a [u32],
    /// Core-time that the waiting tasks need, ns.
    pub waiting_ns: &'a [u64],
    /// How many tasks may wait.
    pub queue_limit: &'a [u32],
}

/// The cloud.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CloudView {
    /// Clock of a core, Hz; there is always a free one.
    pub frequency_hz: f64,
    /// What a busy core draws, its building included, W.
    pub core_w: f64,
    /// Carbon intensity of its power.
    pub g_per_kwh: f64,
}

/// The edge at the instant of the decision, as seen from one device.
#[derive(Clone, Copy, Debug)]
pub struct EdgeView<'a> {
    /// The device.
    pub device: DeviceView,
    /// The servers.
    pub servers: ServersView<'a>,
    /// The ways to them, one for each.
    pub routes: &'a [Route],
    /// Indices of all servers that can be reached, running or not, the nearest first: by latency,
    /// then by distance in metres, then by index.
    pub nearest: &'a [u16],
    /// The cloud, where there is one.
    pub cloud: Option<CloudView>,
    /// The way to it.
    pub cloud_route: Route,
    /// Carbon intensity of the site's power, as far as it is known.
    pub site_g_per_kwh: f64,
}

impl EdgeView<'_> {
    /// Whether a task may be sent to this server: it runs, and a way leads there.
    #[inline]
    pub fn usable(&self, server: u16) -> bool {
        let i = usize::from(server);
        self.servers.running[i] && self.routes[i].exists()
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// A task of 1e9 cycles and a megabit there, nothing back, due in a second.
    pub(crate) fn task() -> TaskView {
        TaskView { input_bits: 1e6, cycles: 1e9, output_bits: 0.0, time_left: Span::from_secs(1) }
    }

    /// Equal, idle servers of 4 cores at 10 GHz and 20 W a core, 10 ms away; a device of 1 GHz
    /// and 1 W; a cloud of 10 GHz and 10 W a core, 45 ms away.
    pub(crate) struct Fixture {
        pub(crate) device: DeviceView,
        pub(crate) running: Vec<bool>,
        pub(crate) cores: Vec<u32>,
        pub(crate) tasks: Vec<u32>,
        pub(crate) waiting_ns: Vec<u64>,
        pub(crate) nearest: Vec<u16>,
        pub(crate) cloud_route: Route,
        frequency_hz: Vec<f64>,
        core_w: Vec<f64>,
        queue_limit: Vec<u32>,
        routes: Vec<Route>,
    }

    fn route(latency_ms: u64) -> Route {
        Route {
            latency: Span::from_millis(latency_ms),
            rate_bit_s: 1e8,
            site_joules_per_bit: 0.0,
            own_joules_per_bit: 0.0,
        }
    }

    impl Fixture {
        pub(crate) fn new(servers: u16) -> Self {
            let n = usize::from(servers);
            Self {
                device: DeviceView {
                    device: 0,
                    frequency_hz: 1e9,
                    joules_per_cycle: 1e-9,
                    g_per_kwh: 300.0,
                    core_wait: Span::ZERO,
                    radio_wait: Span::ZERO,
                },
                running: vec![true; n],
                cores: vec![4; n],
                tasks: vec![0; n],
                waiting_ns: vec![0; n],
                nearest: (0..servers).collect(),
                cloud_route: route(45),
                frequency_hz: vec![1e10; n],
                core_w: vec![20.0; n],
                queue_limit: vec![1000; n],
                routes: vec![route(5); n],
            }
        }

        pub(crate) fn view(&self) -> EdgeView<'_> {
            EdgeView {
                device: self.device,
                servers: ServersView {
                    running: &self.running,
                    cores: &self.cores,
                    frequency_hz: &self.frequency_hz,
                    core_w: &self.core_w,
                    tasks: &self.tasks,
                    waiting_ns: &self.waiting_ns,
                    queue_limit: &self.queue_limit,
                },
                routes: &self.routes,
                nearest: &self.nearest,
                cloud: Some(CloudView { frequency_hz: 1e10, core_w: 10.0, g_per_kwh: 100.0 }),
                cloud_route: self.cloud_route,
                site_g_per_kwh: 300.0,
            }
        }
    }
}
