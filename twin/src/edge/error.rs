//! Why an edge cannot be built. Positions in the scenario file are added by the reader; here names
//! suffice.

use thiserror::Error;

/// What is wrong with the scenario's tasks, machines or links.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum EdgeError {
    /// A name that does not exist.
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
        "\"{0}\" is used twice: device fleets, servers, switches and the cloud need different names"
    )]
    Duplicate(String),
    /// A link from a thing to itself.
    #[error("a link connects \"{0}\" with itself: name another node at one of its ends")]
    Loop(String),
    /// A link between two fleets: devices do not relay data.
    #[error(
        "a link connects the fleets \"{0}\" and \"{1}\": a device needs a switch or a server at the other end"
    )]
    FleetToFleet(String, String),
    /// A server without cores.
    #[error("the edge server \"{0}\" has no cores, expected at least 1")]
    NoCores(String),
    /// A server that draws less when it works.
    #[error("the edge server \"{0}\" draws less with every core busy (busy_w) than idle (idle_w)")]
    BusyBelowIdle(String),
    /// A uniform distribution upside down.
    #[error(
        "the task stream \"{stream}\" has a uniform {size} whose minimum is above its maximum: swap the two"
    )]
    UpsideDown {
        /// The stream.
        stream: String,
        /// Which size.
        size: &'static str,
    },
    /// Tasks for the cloud, and no cloud.
    #[error(
        "the offload policy sends every task to the cloud, but the scenario has no cloud: add `cloud`, or choose another offload policy"
    )]
    NoCloud,
    /// Tasks that can never leave their device under a policy that sends them away.
    #[error(
        "there is no path from the fleet \"{fleet}\" (task stream \"{stream}\") to {goal}: add links, or choose the offload policy Local"
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
