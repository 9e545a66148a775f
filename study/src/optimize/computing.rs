//! Whether tasks run and consensus groups vote while candidates are tried. They take most of a run's
//! time and next to none of a site's energy: they are left out where nothing that is asked depends on
//! them. What they draw when idle stays.

use super::spec::{Objective, Optimization, TwinSite};
use gridtwin_twin::Scenario;
use gridtwin_twin::scenario::{Base, Override, ScenarioError};

/// What tasks and votes depend on.
const PLACES: [&str; 9] = [
    "edge_servers",
    "devices",
    "cloud",
    "tasks",
    "consensus",
    "links",
    "switches",
    "policies.offload",
    "policies.brown_out",
];

/// Whether they are simulated, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Computing {
    /// The scenario has neither tasks nor groups.
    Absent,
    /// They are, for this reason.
    On(String),
    /// They are not.
    Off,
}

impl Computing {
    /// Decides it for an optimisation of this base.
    pub(super) fn of(
        asked: &Optimization,
        site: &TwinSite,
        text: &Base,
        set: &[Override],
        base: &Scenario,
    ) -> Result<Self, ScenarioError> {
        if base.tasks.is_empty() && base.consensus.is_empty() {
            return Ok(Self::Absent);
        }
        let needed = needed(asked, site);
        match (site.simulate_computing, needed) {
            (Some(false), Some(why)) => {
                let message = format!("found false, but {why} depends on tasks or consensus");
                let help = format!(
                    "leave `simulate_computing` out, or remove {why} from the choices, objectives \
                     and limits"
                );
                Err(asked.source.error_at("site.simulate_computing", &message, &help))
            }
            (Some(true), _) => Ok(Self::On("`simulate_computing: true`".to_owned())),
            (None, Some(why)) => Ok(Self::On(format!("{why} depends on them"))),
            (Some(false), None) => Ok(Self::Off),
            (None, None) => {
                // What else names a task or a group, as a planned change does, needs it.
                let without = [set, &Self::Off.overrides()].concat();
                Ok(match text.scenario(&without, Some(1), None) {
                    Ok(_) => Self::Off,
                    Err(_) => {
                        Self::On("another part of the scenario refers to one of them".to_owned())
                    }
                })
            }
        }
    }

    /// What is set in every run.
    pub(super) fn overrides(&self) -> Vec<Override> {
        match self {
            Self::Off => ["tasks=[]", "consensus=[]"].iter().flat_map(|set| set.parse()).collect(),
            Self::On(_) | Self::Absent => Vec::new(),
        }
    }

    /// As the page and the terminal tell it.
    pub(super) fn tell(&self) -> Option<String> {
        match self {
            Self::Absent => None,
            Self::On(why) => Some(format!("simulated: {why}")),
            Self::Off => Some(
                "not simulated, only idle power is counted; to simulate them, set \
                 `simulate_computing: true`"
                    .to_owned(),
            ),
        }
    }
}

/// The first choice, objective or limit that depends on tasks or votes.
fn needed(asked: &Optimization, site: &TwinSite) -> Option<String> {
    let inside = |path: &str, place: &str| {
        path.strip_prefix(place).is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
    };
    let choice = site.choose.iter().map(|choice| choice.path.trim());
    let choice = choice.filter(|path| PLACES.iter().any(|place| inside(path, place)));
    let limits = asked.limits.iter().map(|limit| &limit.of);
    let metric = asked.minimise.iter().chain(limits).filter_map(|of| match of {
        Objective::Metric(name) | Objective::Most(name) => Some(name.as_str()),
        _ => None,
    });
    let metric = metric.filter(|name| name.starts_with("tasks.") || name.starts_with("consensus."));
    choice.chain(metric).next().map(|name| format!("`{name}`"))
}
