//! Names: one namespace for all that has one, so that a name in an event or a report means one
//! thing.

use super::Checker;
use crate::scenario::Id;
use crate::scenario::nearest::{list, nearest};
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

    /// The same without its article.
    fn bare(self) -> &'static str {
        let noun = self.noun();
        noun.split_once(' ').map_or(noun, |(_, bare)| bare)
    }
}

/// `a, b or c`.
fn any_of(words: impl Iterator<Item = &'static str>) -> String {
    let words: Vec<&str> = words.collect();
    match words.split_last() {
        Some((last, before)) if !before.is_empty() => format!("{} or {last}", before.join(", ")),
        _ => words.concat(),
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
        let message = match self.0.get(id.as_str()) {
            Some(kind) if kinds.contains(kind) => return true,
            Some(kind) => {
                let wanted = any_of(kinds.iter().map(|kind| kind.noun()));
                format!("found `{id}`, which is {}, expected {wanted}", kind.noun())
            }
            None => {
                let wanted = any_of(kinds.iter().map(|kind| kind.bare()));
                format!("there is no {wanted} `{id}`")
            }
        };
        checker.report(path, message, self.suggest(id, kinds));
        false
    }

    fn suggest(&self, id: &Id, kinds: &[Kind]) -> String {
        let fitting = self.0.iter().filter(|(_, kind)| kinds.contains(kind));
        let names: Vec<&str> = fitting.map(|(name, _)| *name).collect();
        match nearest(id.as_str(), names.iter().copied()) {
            Some(name) => format!("did you mean `{name}`?"),
            None if names.is_empty() => {
                let wanted = any_of(kinds.iter().map(|kind| kind.bare()));
                format!("the scenario has no {wanted}: add one, or remove this entry")
            }
            None => format!("choose {}", list(names)),
        }
    }
}
