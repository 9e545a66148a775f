//! What can be looked at and selected: everything that has a name at the site.

use gridtwin_twin::record::{Catalog, ConsumerKind};
use gridtwin_twin::scenario::Scenario;

/// One thing of the site; indices are those of the record's catalogue.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Thing {
    /// A PV array.
    Pv(u16),
    /// A battery.
    Battery(u16),
    /// A genset.
    Genset(u16),
    /// The grid connection.
    Grid,
    /// A load, and the building it stands for.
    Load(u16),
    /// A group of chargers.
    Chargers(u16),
    /// A fleet of devices.
    Fleet(u16),
    /// An edge server.
    Server(u16),
    /// A switch.
    Switch(u16),
    /// A link, as the scenario lists them.
    Link(u16),
    /// The cloud.
    Cloud,
    /// A consensus group.
    Group(u16),
}

impl Thing {
    /// All things of a scenario, kind by kind, in the order of the variants.
    pub fn all(scenario: &Scenario) -> Vec<Self> {
        fn each(n: usize, thing: fn(u16) -> Thing) -> impl Iterator<Item = Thing> {
            (0..n as u16).map(thing)
        }
        let s = scenario;
        let grid = s.grid.iter().map(|_| Self::Grid);
        let cloud = s.cloud.iter().map(|_| Self::Cloud);
        each(s.pv.len(), Self::Pv)
            .chain(each(s.batteries.len(), Self::Battery))
            .chain(each(s.gensets.len(), Self::Genset))
            .chain(grid)
            .chain(each(s.loads.len(), Self::Load))
            .chain(each(s.chargers.len(), Self::Chargers))
            .chain(each(s.devices.len(), Self::Fleet))
            .chain(each(s.edge_servers.len(), Self::Server))
            .chain(each(s.switches.len(), Self::Switch))
            .chain(each(s.links.len(), Self::Link))
            .chain(cloud)
            .chain(each(s.consensus.len(), Self::Group))
            .collect()
    }

    /// Its name in the scenario.
    pub fn name(self, scenario: &Scenario) -> String {
        let s = scenario;
        let name = |id: Option<&gridtwin_twin::scenario::Id>| {
            id.map(ToString::to_string).unwrap_or_default()
        };
        match self {
            Self::Pv(i) => name(s.pv.get(usize::from(i)).map(|p| &p.id)),
            Self::Battery(i) => name(s.batteries.get(usize::from(i)).map(|b| &b.id)),
            Self::Genset(i) => name(s.gensets.get(usize::from(i)).map(|g| &g.id)),
            Self::Grid => "grid".to_owned(),
            Self::Load(i) => name(s.loads.get(usize::from(i)).map(|l| &l.id)),
            Self::Chargers(i) => name(s.chargers.get(usize::from(i)).map(|c| &c.id)),
            Self::Fleet(i) => name(s.devices.get(usize::from(i)).map(|d| &d.id)),
            Self::Server(i) => name(s.edge_servers.get(usize::from(i)).map(|e| &e.id)),
            Self::Switch(i) => name(s.switches.get(usize::from(i)).map(|w| &w.id)),
            Self::Link(i) => s
                .links
                .get(usize::from(i))
                .map(|link| format!("{} to {}", link.from, link.to))
                .unwrap_or_default(),
            Self::Cloud => name(s.cloud.as_ref().map(|cloud| &cloud.id)),
            Self::Group(i) => name(s.consensus.get(usize::from(i)).map(|g| &g.id)),
        }
    }

    /// The name of its kind.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Pv(_) => "PV array",
            Self::Battery(_) => "battery",
            Self::Genset(_) => "genset",
            Self::Grid => "grid connection",
            Self::Load(_) => "load",
            Self::Chargers(_) => "EV chargers",
            Self::Fleet(_) => "devices",
            Self::Server(_) => "edge server",
            Self::Switch(_) => "switch",
            Self::Link(_) => "link",
            Self::Cloud => "cloud",
            Self::Group(_) => "consensus group",
        }
    }

    /// Its index among the catalogue's consumers, if it can lose power on its own.
    pub fn consumer(self, catalog: &Catalog) -> Option<usize> {
        let kind = match self {
            Self::Load(i) => ConsumerKind::Load(i),
            Self::Chargers(i) => ConsumerKind::Chargers(i),
            Self::Fleet(i) => ConsumerKind::Devices(i),
            Self::Server(i) => ConsumerKind::Server(i),
            Self::Switch(i) => ConsumerKind::Switch(i),
            _ => return None,
        };
        catalog.consumers.iter().position(|consumer| consumer.kind == kind)
    }

    /// The thing of this name, as a scenario or a command line says it.
    pub fn find(scenario: &Scenario, name: &str) -> Option<Self> {
        Self::all(scenario).into_iter().find(|thing| thing.name(scenario) == name)
    }
}
