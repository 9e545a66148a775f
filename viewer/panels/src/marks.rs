//! Events in words, and the shape and colour of their marks on a time line. Not the time line.

use crate::palette::{self, Rgb};
use egui::{Color32, Painter, Pos2, Shape, Stroke, vec2};
use gridtwin_player::Thing;
use gridtwin_twin::record::{Catalog, ConsumerKind, EventKind, PowerCause};

/// What an event is about; its order is the order in which marks lie above each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Class {
    /// A car came or went.
    Car,
    /// A battery is full or empty.
    Battery,
    /// A genset starts or stops.
    Genset,
    /// A group's leader or members changed.
    Vote,
    /// A server stops or starts.
    Server,
    /// A consumer loses or gets back its power.
    Power,
    /// Something fails or is repaired.
    Fault,
    /// Somebody changed the site.
    Change,
    /// The grid fails or comes back.
    Grid,
    /// A promise was broken.
    Violation,
}

impl Class {
    pub(crate) const ALL: [Self; 10] = [
        Self::Car,
        Self::Battery,
        Self::Genset,
        Self::Vote,
        Self::Server,
        Self::Power,
        Self::Fault,
        Self::Change,
        Self::Grid,
        Self::Violation,
    ];

    /// The class of an event.
    pub(crate) fn of(kind: &EventKind) -> Self {
        match kind {
            EventKind::GridDown | EventKind::GridUp => Self::Grid,
            EventKind::BatteryEmpty { .. } | EventKind::BatteryFull { .. } => Self::Battery,
            EventKind::GensetStarted { .. }
            | EventKind::GensetStopped { .. }
            | EventKind::GensetFailed { .. }
            | EventKind::GensetMended { .. }
            | EventKind::TankEmpty { .. }
            | EventKind::TankFilled { .. } => Self::Genset,
            EventKind::PowerLost { .. }
            | EventKind::PowerRestored { .. }
            | EventKind::LoadReduced { .. }
            | EventKind::LoadServed { .. } => Self::Power,
            EventKind::ServerDown { .. } | EventKind::ServerUp { .. } => Self::Server,
            EventKind::FaultBegan { .. } | EventKind::FaultEnded { .. } => Self::Fault,
            EventKind::CarArrived { .. } | EventKind::CarLeft { .. } => Self::Car,
            EventKind::Decided { .. }
            | EventKind::LeaderSuspected { .. }
            | EventKind::ViewChanged { .. }
            | EventKind::VoterDown { .. }
            | EventKind::VoterUp { .. }
            | EventKind::CaughtUp { .. } => Self::Vote,
            EventKind::Violation { .. } => Self::Violation,
            EventKind::Changed { .. } | EventKind::Noted { .. } | EventKind::Assumed { .. } => {
                Self::Change
            }
        }
    }

    /// What the legend of the marks, in the time line's tooltip, says.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Car => "cars",
            Self::Battery => "battery full or empty",
            Self::Genset => "genset",
            Self::Vote => "consensus",
            Self::Server => "server",
            Self::Power => "power lost or restored",
            Self::Fault => "fault",
            Self::Change => "change",
            Self::Grid => "grid",
            Self::Violation => "protocol violation",
        }
    }

    pub(crate) fn color(self) -> Rgb {
        match self {
            Self::Car => palette::GREY,
            Self::Battery => palette::GREEN,
            Self::Genset | Self::Power => palette::ORANGE,
            Self::Vote | Self::Server => palette::PURPLE,
            Self::Fault | Self::Violation => palette::VERMILLION,
            Self::Change => palette::YELLOW,
            Self::Grid => palette::SKY,
        }
    }
}

/// Draws the mark of a class around a point; `solid` for the base case, hollow for an alternative.
pub(crate) fn draw(painter: &Painter, class: Class, at: Pos2, solid: bool, dark: bool) {
    let ink = crate::style::color(class.color());
    let ink = if dark { ink } else { ink.lerp_to_gamma(Color32::BLACK, 0.25) };
    let polygon = |points: &[(f32, f32)]| {
        let points = points.iter().map(|(x, y)| at + vec2(*x, *y)).collect();
        if solid {
            Shape::convex_polygon(points, ink, Stroke::NONE)
        } else {
            Shape::closed_line(points, Stroke::new(1.2, ink))
        }
    };
    let r = 4.0;
    let shape = match class {
        Class::Car => {
            painter.circle_filled(at, 1.5, ink.gamma_multiply(0.7));
            return;
        }
        Class::Battery => polygon(&[(-2.5, -r), (2.5, -r), (2.5, r), (-2.5, r)]),
        Class::Genset => {
            polygon(&[(-r, 0.0), (-2.0, -3.5), (2.0, -3.5), (r, 0.0), (2.0, 3.5), (-2.0, 3.5)])
        }
        Class::Vote if solid => Shape::circle_filled(at, 3.2, ink),
        Class::Vote => Shape::circle_stroke(at, 3.2, Stroke::new(1.2, ink)),
        Class::Server => polygon(&[(-3.5, -3.5), (3.5, -3.5), (3.5, 3.5), (-3.5, 3.5)]),
        Class::Power => polygon(&[(-r, 3.0), (0.0, -4.0), (r, 3.0)]),
        Class::Grid => polygon(&[(-5.0, -4.0), (5.0, -4.0), (0.0, 5.0)]),
        Class::Change => polygon(&[(0.0, -5.0), (4.5, 0.0), (0.0, 5.0), (-4.5, 0.0)]),
        Class::Fault | Class::Violation => {
            let stroke = Stroke::new(if class == Class::Violation { 2.6 } else { 1.8 }, ink);
            painter.line_segment([at + vec2(-3.5, -3.5), at + vec2(3.5, 3.5)], stroke);
            painter.line_segment([at + vec2(-3.5, 3.5), at + vec2(3.5, -3.5)], stroke);
            return;
        }
    };
    painter.add(shape);
}

/// An event in words.
pub(crate) fn words(kind: &EventKind, catalog: &Catalog) -> String {
    let battery = |i: u16| catalog.batteries.get(usize::from(i)).map_or("battery", |b| &b.0);
    let genset = |i: u16| catalog.gensets.get(usize::from(i)).map_or("genset", |g| &g.0);
    let consumer = |i: u16| catalog.consumers.get(usize::from(i)).map_or("consumer", |c| &c.name);
    let server = |i: u16| catalog.servers.get(usize::from(i)).map_or("server", String::as_str);
    let fault = |i: u16| catalog.faults.get(usize::from(i)).map_or("a fault", String::as_str);
    let load = |i: u16| catalog.loads.get(usize::from(i)).map_or("a load", String::as_str);
    let chargers = |i: u16| catalog.chargers.get(usize::from(i)).map_or("chargers", |c| &c.0);
    let group = |i: u16| catalog.groups.get(usize::from(i)).map_or("group", |g| &g.name);
    let member = |g: u16, m: u16| {
        let info = catalog.groups.get(usize::from(g));
        info.and_then(|g| g.members.get(usize::from(m))).map_or("member", |s| server(*s))
    };
    match kind {
        EventKind::GridDown => "The grid failed".to_owned(),
        EventKind::GridUp => "The grid came back".to_owned(),
        EventKind::BatteryEmpty { battery: b } => format!("{} is empty", battery(*b)),
        EventKind::BatteryFull { battery: b } => format!("{} is full", battery(*b)),
        EventKind::GensetStarted { genset: g } => format!("{} started", genset(*g)),
        EventKind::GensetStopped { genset: g } => format!("{} stopped", genset(*g)),
        EventKind::GensetFailed { genset: g } => format!("{} failed", genset(*g)),
        EventKind::GensetMended { genset: g } => format!("{} is repaired", genset(*g)),
        EventKind::TankEmpty { genset: g } => format!("The tank of {} is empty", genset(*g)),
        EventKind::TankFilled { genset: g } => format!("The tank of {} was filled", genset(*g)),
        EventKind::LoadReduced { load: l, missing_kw } => {
            format!("{} was reduced by {missing_kw:.1} kW: supply fell short", load(*l))
        }
        EventKind::LoadServed { load: l } => format!("{} is fully supplied again", load(*l)),
        EventKind::PowerLost { consumer: c, cause } => {
            let why = match cause {
                PowerCause::LowCharge => "to save the battery",
                PowerCause::Shortage => "supply fell short",
                PowerCause::Dark => "no grid-forming source",
                PowerCause::Fault => "it failed",
            };
            format!("{} lost power: {why}", consumer(*c))
        }
        EventKind::PowerRestored { consumer: c } => format!("{} has power again", consumer(*c)),
        EventKind::ServerDown { server: s, lost, migrated } => {
            format!("{} stopped: {lost} tasks lost, {migrated} sent again", server(*s))
        }
        EventKind::ServerUp { server: s } => format!("{} runs", server(*s)),
        EventKind::FaultBegan { fault: f } => format!("Failed: {}", fault(*f)),
        EventKind::FaultEnded { fault: f } => format!("Repaired: {}", fault(*f)),
        EventKind::CarArrived { chargers: c, asked_kwh, .. } => {
            format!("A car arrived at {} for {}", chargers(*c), crate::number::energy(*asked_kwh))
        }
        EventKind::CarLeft { chargers: c, asked_kwh, delivered_kwh, .. } => format!(
            "A car left {} with {} of the requested {}",
            chargers(*c),
            crate::number::energy(*delivered_kwh),
            crate::number::energy(*asked_kwh)
        ),
        EventKind::Decided { group: g, block, .. } => {
            format!("{} decided block {block}", group(*g))
        }
        EventKind::LeaderSuspected { group: g, member: m, view } => {
            let member = member(*g, *m);
            format!("{}: {member} suspects its leader and asks for view {view}", group(*g))
        }
        EventKind::ViewChanged { group: g, member: m, view, leader } => {
            format!(
                "{}: {} entered view {view}, led by {}",
                group(*g),
                member(*g, *m),
                member(*g, *leader)
            )
        }
        EventKind::VoterDown { group: g, member: m } => {
            format!("{}: {} is down", group(*g), member(*g, *m))
        }
        EventKind::VoterUp { group: g, member: m } => {
            format!("{}: {} is up again", group(*g), member(*g, *m))
        }
        EventKind::CaughtUp { group: g, member: m } => {
            format!("{}: {} has caught up", group(*g), member(*g, *m))
        }
        EventKind::Violation { group: g, text } => {
            format!("{} violated its protocol's guarantees: {text}", group(*g))
        }
        EventKind::Changed { text } => format!("Changed: {text}"),
        EventKind::Noted { text } | EventKind::Assumed { text } => text.clone(),
    }
}

/// The thing that an event is about, if it is about one.
pub(crate) fn about(kind: &EventKind, catalog: &Catalog) -> Option<Thing> {
    Some(match kind {
        EventKind::GridDown | EventKind::GridUp => Thing::Grid,
        EventKind::BatteryEmpty { battery } | EventKind::BatteryFull { battery } => {
            Thing::Battery(*battery)
        }
        EventKind::GensetStarted { genset }
        | EventKind::GensetStopped { genset }
        | EventKind::GensetFailed { genset }
        | EventKind::GensetMended { genset }
        | EventKind::TankEmpty { genset }
        | EventKind::TankFilled { genset } => Thing::Genset(*genset),
        EventKind::LoadReduced { load, .. } | EventKind::LoadServed { load } => Thing::Load(*load),
        EventKind::PowerLost { consumer, .. } | EventKind::PowerRestored { consumer } => {
            match catalog.consumers.get(usize::from(*consumer))?.kind {
                ConsumerKind::Load(i) => Thing::Load(i),
                ConsumerKind::Chargers(i) => Thing::Chargers(i),
                ConsumerKind::Devices(i) => Thing::Fleet(i),
                ConsumerKind::Server(i) => Thing::Server(i),
                ConsumerKind::Switch(i) => Thing::Switch(i),
            }
        }
        EventKind::ServerDown { server, .. } | EventKind::ServerUp { server } => {
            Thing::Server(*server)
        }
        EventKind::CarArrived { chargers, .. } | EventKind::CarLeft { chargers, .. } => {
            Thing::Chargers(*chargers)
        }
        EventKind::Decided { group, .. }
        | EventKind::LeaderSuspected { group, .. }
        | EventKind::ViewChanged { group, .. }
        | EventKind::VoterDown { group, .. }
        | EventKind::VoterUp { group, .. }
        | EventKind::CaughtUp { group, .. }
        | EventKind::Violation { group, .. } => Thing::Group(*group),
        EventKind::FaultBegan { .. }
        | EventKind::FaultEnded { .. }
        | EventKind::Changed { .. }
        | EventKind::Noted { .. }
        | EventKind::Assumed { .. } => return None,
    })
}
