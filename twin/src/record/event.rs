//! Everything discrete that is no task: power, faults, cars, votes.

use gridtwin_kernel::SimTime;

/// Something that happened at an instant.
#[derive(Clone, Debug, PartialEq)]
pub struct Event {
    /// The time.
    pub at: SimTime,
    /// The event.
    pub kind: EventKind,
}

/// What can happen. Indices are those of the [`super::Catalog`].
#[derive(Clone, Debug, PartialEq)]
pub enum EventKind {
    /// The grid failed.
    GridDown,
    /// The grid came back.
    GridUp,
    /// A battery reached its lowest state of charge.
    BatteryEmpty {
        /// The battery's index.
        battery: u16,
    },
    /// A battery reached its highest state of charge.
    BatteryFull {
        /// The battery's index.
        battery: u16,
    },
    /// A genset started.
    GensetStarted {
        /// The genset's index.
        genset: u16,
    },
    /// A genset stopped.
    GensetStopped {
        /// The genset's index.
        genset: u16,
    },
    /// A genset failed by itself.
    GensetFailed {
        /// Which.
        genset: u16,
    },
    /// A genset that failed by itself is repaired.
    GensetMended {
        /// Which.
        genset: u16,
    },
    /// A genset has burnt all that was in its tank.
    TankEmpty {
        /// Which.
        genset: u16,
    },
    /// A genset's tank was filled up.
    TankFilled {
        /// Which.
        genset: u16,
    },
    /// A divisible load gets only a part of its demand, because supply falls short.
    LoadReduced {
        /// Index among the catalogue's loads.
        load: u16,
        /// What it lacked at first.
        missing_kw: f64,
    },
    /// A divisible load that was reduced, and has not been switched off since, gets all of its demand
    /// again.
    LoadServed {
        /// Index among the catalogue's loads.
        load: u16,
    },
    /// A consumer lost its power.
    PowerLost {
        /// Index among the catalogue's consumers.
        consumer: u16,
        /// The cause.
        cause: PowerCause,
    },
    /// A consumer got its power back; a server then boots.
    PowerRestored {
        /// Index among the catalogue's consumers.
        consumer: u16,
    },
    /// An edge server stopped.
    ServerDown {
        /// The server's index.
        server: u16,
        /// Tasks that waited or ran on it and were lost.
        lost: u32,
        /// Tasks that waited or ran on it and were sent again.
        migrated: u32,
    },
    /// An edge server runs (again).
    ServerUp {
        /// The server's index.
        server: u16,
    },
    /// A fault of the scenario struck.
    FaultBegan {
        /// Index in the scenario's list.
        fault: u16,
    },
    /// A fault of the scenario was mended.
    FaultEnded {
        /// Index in the scenario's list.
        fault: u16,
    },
    /// A car was plugged in, or began to wait for a free charger.
    CarArrived {
        /// Which charger group.
        chargers: u16,
        /// Number of the session.
        session: u32,
        /// The requested energy.
        asked_kwh: f64,
    },
    /// A car left, or was still there when the run ended.
    CarLeft {
        /// Which charger group.
        chargers: u16,
        /// Number of the session.
        session: u32,
        /// What it asked for.
        asked_kwh: f64,
        /// What it got.
        delivered_kwh: f64,
        /// How long it waited for a free charger.
        waited_h: f64,
        /// How long it stayed.
        stayed_h: f64,
        /// Carbon of what it took from the bus.
        carbon_kg: f64,
        /// Whether the run ended before it left.
        still_there: bool,
    },
    /// A group decided.
    Decided {
        /// Which group.
        group: u16,
        /// Number of the block.
        block: u64,
        /// Receipts in it.
        receipts: u32,
        /// From proposal to the client's certainty.
        latency_ms: f64,
    },
    /// A member suspects its leader and votes for another view (or term).
    LeaderSuspected {
        /// Which group.
        group: u16,
        /// Index among the group's members.
        member: u16,
        /// The view or term asked for.
        view: u64,
    },
    /// A member of a group works in a new view (or term).
    ViewChanged {
        /// Which group.
        group: u16,
        /// Index among the group's members.
        member: u16,
        /// The view or term.
        view: u64,
        /// The leader.
        leader: u16,
    },
    /// A member fell silent.
    VoterDown {
        /// Which group.
        group: u16,
        /// Index among the group's members.
        member: u16,
    },
    /// A member came back from its durable state.
    VoterUp {
        /// Which group.
        group: u16,
        /// Index among the group's members.
        member: u16,
    },
    /// A member that came back knows all that was decided without it.
    CaughtUp {
        /// Which group.
        group: u16,
        /// Index among the group's members.
        member: u16,
    },
    /// A group broke its promise: two members disagree.
    Violation {
        /// Which group.
        group: u16,
        /// What was seen.
        text: String,
    },
    /// The twin was changed from outside.
    Changed {
        /// The text.
        text: String,
    },
    /// Something was found from outside that changes nothing by itself: a meter is silent, a
    /// reading cannot be.
    Noted {
        /// The text.
        text: String,
    },
    /// Something was assumed when the run was laid out, which its input does not say.
    Assumed {
        /// What.
        text: String,
    },
}

/// Why a consumer lost its power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowerCause {
    /// Its state-of-charge threshold was passed.
    LowCharge,
    /// Supply fell short of demand.
    Shortage,
    /// Nothing holds the site's bus up.
    Dark,
    /// A fault of the scenario.
    Fault,
}

impl EventKind {
    /// Its name in `events.csv`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::GridDown => "grid-down",
            Self::GridUp => "grid-up",
            Self::BatteryEmpty { .. } => "battery-empty",
            Self::BatteryFull { .. } => "battery-full",
            Self::GensetStarted { .. } => "genset-started",
            Self::GensetStopped { .. } => "genset-stopped",
            Self::GensetFailed { .. } => "genset-failed",
            Self::GensetMended { .. } => "genset-mended",
            Self::TankEmpty { .. } => "tank-empty",
            Self::TankFilled { .. } => "tank-filled",
            Self::LoadReduced { .. } => "load-reduced",
            Self::LoadServed { .. } => "load-served",
            Self::PowerLost { .. } => "power-lost",
            Self::PowerRestored { .. } => "power-restored",
            Self::ServerDown { .. } => "server-down",
            Self::ServerUp { .. } => "server-up",
            Self::FaultBegan { .. } => "fault-began",
            Self::FaultEnded { .. } => "fault-ended",
            Self::CarArrived { .. } => "car-arrived",
            Self::CarLeft { .. } => "car-left",
            Self::Decided { .. } => "decided",
            Self::LeaderSuspected { .. } => "leader-suspected",
            Self::ViewChanged { .. } => "view-changed",
            Self::VoterDown { .. } => "voter-down",
            Self::VoterUp { .. } => "voter-up",
            Self::CaughtUp { .. } => "caught-up",
            Self::Violation { .. } => "violation",
            Self::Changed { .. } => "changed",
            Self::Noted { .. } => "noted",
            Self::Assumed { .. } => "assumed",
        }
    }
}
