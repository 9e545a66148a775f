//! The baselines that look at no cost: local, nearest, least loaded, cloud.

use super::{EdgeView, OffloadPolicy, Placement, TaskView};

/// On the device that made it, always.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LocalOnly;

impl OffloadPolicy for LocalOnly {
    #[inline]
    fn decide(&mut self, _task: &TaskView, _view: &EdgeView<'_>) -> Placement {
        Placement::Local
    }
}

/// On the running server with the shortest way; on the device where none can be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Nearest;

impl OffloadPolicy for Nearest {
    #[inline]
    fn decide(&mut self, _task: &TaskView, view: &EdgeView<'_>) -> Placement {
        let nearest = view.nearest.iter().copied().find(|&s| view.usable(s));
        nearest.map_or(Placement::Local, Placement::Server)
    }
}

/// On the running server with the fewest tasks, waiting and running, for each of its cores (join
/// the shortest queue); the nearest of equals. On the device where none can be reached.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LeastLoaded;

impl OffloadPolicy for LeastLoaded {
    #[inline]
    fn decide(&mut self, _task: &TaskView, view: &EdgeView<'_>) -> Placement {
        let mut best: Option<(u16, u64, u64)> = None;
        for &server in view.nearest {
            if !view.usable(server) {
                continue;
            }
            let i = usize::from(server);
            let (tasks, cores) =
                (u64::from(view.servers.tasks[i]), u64::from(view.servers.cores[i]));
            // tasks / cores < best's, without the division.
            if best.is_none_or(|(_, t, c)| tasks * c < t * cores) {
                best = Some((server, tasks, cores));
                if tasks == 0 {
                    break;
                }
            }
        }
        best.map_or(Placement::Local, |(server, ..)| Placement::Server(server))
    }
}

/// In the cloud, always. Where no way leads there the task is lost.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CloudOnly;

impl OffloadPolicy for CloudOnly {
    #[inline]
    fn decide(&mut self, _task: &TaskView, _view: &EdgeView<'_>) -> Placement {
        Placement::Cloud
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::offload::view::tests::{Fixture, task};

    #[test]
    fn nearest_takes_the_next_when_the_nearest_is_down() {
        let mut edge = Fixture::new(3);
        edge.nearest = vec![2, 0, 1];
        assert_eq!(Nearest.decide(&task(), &edge.view()), Placement::Server(2));
        edge.running[2] = false;
        assert_eq!(Nearest.decide(&task(), &edge.view()), Placement::Server(0));
        edge.running = vec![false; 3];
        assert_eq!(Nearest.decide(&task(), &edge.view()), Placement::Local);
    }

    #[test]
    fn least_loaded_counts_tasks_for_each_core() {
        let mut edge = Fixture::new(3);
        edge.cores = vec![4, 2, 1];
        edge.tasks = vec![5, 2, 2];
        let decide = |edge: &Fixture| LeastLoaded.decide(&task(), &edge.view());
        assert_eq!(decide(&edge), Placement::Server(1));
        edge.running[1] = false;
        assert_eq!(decide(&edge), Placement::Server(0));
    }

    #[test]
    fn least_loaded_takes_the_nearest_of_equals() {
        let mut edge = Fixture::new(3);
        edge.nearest = vec![1, 2, 0];
        edge.tasks = vec![3; 3];
        let chosen = LeastLoaded.decide(&task(), &edge.view());
        assert_eq!(chosen, Placement::Server(1));
    }

    #[test]
    fn local_and_cloud_never_waver() {
        let edge = Fixture::new(1);
        assert_eq!(LocalOnly.decide(&task(), &edge.view()), Placement::Local);
        assert_eq!(CloudOnly.decide(&task(), &edge.view()), Placement::Cloud);
    }
}
