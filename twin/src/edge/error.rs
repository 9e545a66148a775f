//! Why an edge cannot be built. Not how a scenario file is refused: positions in the file are the
//! reader's business, names are enough here.

use thiserror::Error;

/// What is wrong with the scenario's tasks, machines or links.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EdgeError {
    /// A name that nothing bears.
    #[error("{place} names \"{name}\", expected {expected}{}", did_you_mean(.nearest.as_deref()))]
    Unknown {
        /// Who names it.
        place: String,
        /// The name.
        name: String,
        /// What would have been right.
        expected: &'static str,
        /// The nearest name that is.
        nearest: Option<String>,
    },
    /// Two things of one name.
    #[error(
        "two things are called \"{0}\": devices, servers, switches and the cloud share their names"
    )]
    Duplicate(String),
    /// A link from a thing to itself.
    #[error("a link leads from \"{0}\" to itself")]
    Loop(String),
    /// A link between two fleets: devices carry nobody else's data.
    #[error(
        "a link connects the fleets \"{0}\" and \"{1}\": a device needs a switch or a server at the other end"
    )]
    FleetToFleet(String, String),
    /// A server without cores.
    #[error("the edge server \"{0}\" has no core, expected at least 1")]
    NoCores(String),
    /// A server that draws less when it works.
    #[error("the edge server \"{0}\" draws less with every core busy (busy_w) than idle (idle_w)")]
    BusyBelowIdle(String),
    /// A uniform distribution upside down.
    #[error(
        "the task stream \"{stream}\" has a uniform {size} whose least value lies above its greatest"
    )]
    UpsideDown {
        /// The stream.
        stream: String,
        /// Which size.
        size: &'static str,
    },
    /// Tasks for the cloud, and no cloud.
    #[error("the offload policy sends every task to the cloud, but the scenario has no cloud")]
    NoCloud,
    /// Tasks that can never leave their device under a policy that sends them away.
    #[error(
        "no way leads from the fleet \"{fleet}\" (task stream \"{stream}\") to {goal}: add links, or choose the offload policy Local"
    )]
    Unreachable {
        /// The fleet.
        fleet: String,
        /// A stream that it makes.
        stream: String,
        /// What it has to reach.
        goal: &'static str,
    },
    /// More than indices can count.
    #[error("the scenario has {found} {what}, expected at most {limit}")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many.
        found: u64,
        /// How many there may be.
        limit: u64,
    },
}

fn did_you_mean(nearest: Option<&str>) -> String {
    nearest.map_or(String::new(), |name| format!("; did you mean \"{name}\"?"))
}
