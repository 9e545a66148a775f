//! From a scenario to the next, in flight: whatever differs between the two is built anew at this
//! instant, and keeps its state. Not what may differ, which the scenario knows.

use super::change::ChangeError;
use super::courses::Sources;
use super::{Twin, build};
use crate::files;
use crate::scenario::Scenario;
use gridtwin_kernel::Streams;
use std::sync::Arc;

impl Twin {
    /// Lives by another scenario from now on.
    ///
    /// # Errors
    /// A data file that cannot be used; the twin is then half rebuilt, and not to be used again.
    pub(super) fn rebuild(&mut self, new: Scenario) -> Result<(), ChangeError> {
        let fixed = Arc::clone(&self.fixed);
        let old = &fixed.scenario;
        let sources = Sources::new(&new, &fixed.calendar);
        let now = self.interval_from_now();
        let traces =
            files::within(new.source.files(), || sources.following(old, &fixed.traces, now));
        let traces = traces.map_err(|error| ChangeError::new(error.to_string()))?;

        self.rebuild_batteries(old, &new);
        for (i, (config, old)) in new.gensets.iter().zip(&old.gensets).enumerate() {
            if config != old {
                self.gensets[i].rebuild(config);
            }
        }
        for (i, (config, old)) in new.chargers.iter().zip(&old.chargers).enumerate() {
            if config != old {
                self.garages[i].rebuild(config);
            }
        }
        self.consumers.rebuild(&new);
        if new.policies.dispatch != old.policies.dispatch {
            self.dispatch = build::dispatch_of(&new.policies.dispatch);
        }
        self.edge.set_policies(&old.policies, &new.policies);
        self.rebuild_edge(old, &new)?;
        let mut changed = build::fixed(
            new,
            fixed.calendar.clone(),
            traces,
            Arc::clone(&fixed.changes),
            &self.consumers,
            build::Given {
                sessions: fixed.catalog.sessions.clone(),
                session_files: fixed.catalog.session_files.clone(),
                initial: fixed.initial,
            },
        );
        changed.catalog.deliverable_start_kwh = fixed.catalog.deliverable_start_kwh;
        self.fixed = Arc::new(changed);
        Ok(())
    }

    /// The number of the interval that begins now.
    pub(super) fn interval_from_now(&self) -> usize {
        (self.now.0 / self.fixed.step.0) as usize
    }

    /// Batteries keep what they hold; what does not fit any more leaves with its carbon.
    fn rebuild_batteries(&mut self, old: &Scenario, new: &Scenario) {
        for (i, (config, old)) in new.batteries.iter().zip(&old.batteries).enumerate() {
            if config == old {
                continue;
            }
            let left_kwh = self.bank.rebuild(i, config);
            if left_kwh > 0.0 {
                let kept_kwh = self.bank.batteries()[i].stored_kwh();
                self.mixes[i].draw(kept_kwh / (kept_kwh + left_kwh));
            }
        }
    }

    /// Devices, servers, cloud and links, and the groups that agree over them.
    fn rebuild_edge(&mut self, old: &Scenario, new: &Scenario) -> Result<(), ChangeError> {
        let refuse = |error: &dyn std::fmt::Display| ChangeError::new(error.to_string());
        let same = new.devices == old.devices
            && new.edge_servers == old.edge_servers
            && new.cloud == old.cloud
            && new.switches == old.switches
            && new.links == old.links;
        if !same {
            let rerouted = self.edge.rebuild(new, self.now).map_err(|error| refuse(&error))?;
            if rerouted {
                self.reroute(self.now);
            }
        }
        if !same || new.consensus != old.consensus {
            let streams = Streams::new(new.seed);
            let rebuilt = self.votes.rebuild(old, new, &self.edge, &streams, self.now);
            rebuilt.map_err(|error| refuse(&error))?;
        }
        Ok(())
    }
}
