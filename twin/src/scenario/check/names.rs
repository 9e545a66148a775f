//! Names: one namespace for all that has one, so that a name in an event or a report means one
//! thing.

use super::Checker;
use crate::scenario::Id;
use crate::scenario::nearest::suggest;
use std::collections::BTreeMap;

/// What has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Pv,
    Battery,
    Genset,
    Load,
    Chargers,
    Devices,
    Server,
    Cloud,
    Switch,
    Group,
    Stream,
}

impl Kind {
    /// What it is called in a message.
    pub(super) fn noun(self) -> &'static str {
        match self {
            Self::Pv => "a PV array",
            Self::Battery => "a battery",
            Self::Genset => "a genset",
            Self::Load => "a load",
            Self::Chargers => "a charger group",
            Self::Devices => "a device fleet",
            Self::Server => "an edge server",
            Self::Cloud => "the cloud",
            Self::Switch => "a switch",
            Self::Group => "a consensus group",
            Self::Stream => "a task stream",
        }
    }
}

/// Every name with what it is.
pub(super) struct Names<'a>(BTreeMap<&'a str, Kind>);

impl<'a> Names<'a> {
    /// Collects all names, and reports those that are given twice.
    pub(super) fn collect(checker: &mut Checker<'a>) -> Self {
        let s = checker.scenario;
        let mut all: Vec<(&str, Kind, String)> = Vec::new();
        let mut add = |kind: Kind, list: &str, ids: Vec<&'a Id>| {
            for (i, id) in ids.into_iter().enumerate() {
                all.push((id.as_str(), kind, format!("{list}[{i}].id")));
            }
        };
        add(Kind::Pv, "pv", s.pv.iter().map(|x| &x.id).collect());
        add(Kind::Battery, "batteries", s.batteries.iter().map(|x| &x.id).collect());
        add(Kind::Genset, "gensets", s.gensets.iter().map(|x| &x.id).collect());
        add(Kind::Load, "loads", s.loads.iter().map(|x| &x.id).collect());
        add(Kind::Chargers, "chargers", s.chargers.iter().map(|x| &x.id).collect());
        add(Kind::Devices, "devices", s.devices.iter().map(|x| &x.id).collect());
        add(Kind::Server, "edge_servers", s.edge_servers.iter().map(|x| &x.id).collect());
        add(Kind::Switch, "switches", s.switches.iter().map(|x| &x.id).collect());
        add(Kind::Group, "consensus", s.consensus.iter().map(|x| &x.id).collect());
        add(Kind::Stream, "tasks", s.tasks.iter().map(|x| &x.id).collect());
        if let Some(cloud) = &s.cloud {
            all.push((cloud.id.as_str(), Kind::Cloud, "cloud.id".to_owned()));
        }
        let mut names = BTreeMap::new();
        for (id, kind, path) in all {
            if let Some(first) = names.get(id).copied() {
                let first: Kind = first;
                checker.report(
                    &path,
                    format!(
                        "found the name `{id}` twice: it is already the name of {}",
                        first.noun()
                    ),
                    "give each entry its own `id`",
                );
            } else {
                names.insert(id, kind);
            }
        }
        Self(names)
    }

    /// Whether the name is one of these kinds; reports it at `path` where it is not.
    pub(super) fn expect(
        &self,
        checker: &mut Checker,
        path: &str,
        id: &Id,
        kinds: &[Kind],
    ) -> bool {
        let wanted: Vec<&str> = kinds.iter().map(|kind| kind.noun()).collect();
        let wanted = wanted.join(" or ");
        match self.0.get(id.as_str()) {
            Some(kind) if kinds.contains(kind) => return true,
            Some(kind) => {
                let message = format!("found `{id}`, which is {}, expected {wanted}", kind.noun());
                checker.report(path, message, self.suggest(id, kinds));
            }
            None => {
                let message = format!("found `{id}`, which does not exist, expected {wanted}");
                checker.report(path, message, self.suggest(id, kinds));
            }
        }
        false
    }

    fn suggest(&self, id: &Id, kinds: &[Kind]) -> String {
        let fitting = self.0.iter().filter(|(_, kind)| kinds.contains(kind));
        suggest(id.as_str(), fitting.map(|(name, _)| *name))
    }
}
