//! Offloading: where a task runs. A policy sees one task and the present state of the edge, and
//! names a place; it neither moves data nor manages queues.
//!
//! A policy names only servers that are running and reachable from the device. If there is none,
//! [`Nearest`] and [`LeastLoaded`] fall back to the device itself. [`CloudOnly`] does not: a task
//! without a path to the cloud is lost, and the twin reports that.

mod baselines;
mod least_carbon;
mod view;

pub use baselines::{CloudOnly, LeastLoaded, LocalOnly, Nearest};
pub use least_carbon::LeastCarbon;
pub use view::{CloudView, DeviceView, EdgeView, Route, ServersView, TaskView};

use gridtwin_kernel::Span;

/// Where a task is to run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Placement {
    /// On its own device.
    Local,
    /// On the edge server of this index.
    Server(u16),
    /// In the cloud.
    Cloud,
}

/// What became of a task, for policies that learn.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Outcome {
    /// Index of the device that made the task.
    pub device: u32,
    /// Where it ran, or was to run.
    pub placement: Placement,
    /// From its arrival to its end.
    pub latency: Span,
    /// Whether its result was back in time.
    pub in_time: bool,
    /// Energy it took, above what the machines draw anyway.
    pub energy_j: f64,
}

/// A policy for tasks.
pub trait OffloadPolicy {
    /// Where this task is to run.
    fn decide(&mut self, task: &TaskView, view: &EdgeView<'_>) -> Placement;

    /// A task of this policy ended.
    fn observe(&mut self, _outcome: &Outcome) {}
}

/// The policies, to be chosen by name. Cloned with the twin.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Offload {
    /// See [`LocalOnly`].
    Local(LocalOnly),
    /// See [`Nearest`].
    Nearest(Nearest),
    /// See [`LeastLoaded`].
    LeastLoaded(LeastLoaded),
    /// See [`LeastCarbon`].
    LeastCarbon(LeastCarbon),
    /// See [`CloudOnly`].
    Cloud(CloudOnly),
}

impl OffloadPolicy for Offload {
    #[inline]
    fn decide(&mut self, task: &TaskView, view: &EdgeView<'_>) -> Placement {
        match self {
            Self::Local(policy) => policy.decide(task, view),
            Self::Nearest(policy) => policy.decide(task, view),
            Self::LeastLoaded(policy) => policy.decide(task, view),
            Self::LeastCarbon(policy) => policy.decide(task, view),
            Self::Cloud(policy) => policy.decide(task, view),
        }
    }

    #[inline]
    fn observe(&mut self, outcome: &Outcome) {
        match self {
            Self::Local(policy) => policy.observe(outcome),
            Self::Nearest(policy) => policy.observe(outcome),
            Self::LeastLoaded(policy) => policy.observe(outcome),
            Self::LeastCarbon(policy) => policy.observe(outcome),
            Self::Cloud(policy) => policy.observe(outcome),
        }
    }
}
