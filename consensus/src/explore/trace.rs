//! What a step of a search is in words. Not the search.

use crate::{NodeId, Outcome};
use std::fmt;

/// One step of a run: what was chosen, and what came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Step {
    /// What was chosen.
    pub chosen: String,
    /// What happened because of it, line by line.
    pub lines: Vec<String>,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.chosen)?;
        self.lines.iter().try_for_each(|line| write!(f, "\n    {line}"))
    }
}

/// Something that happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Line {
    Message { from: NodeId, to: NodeId, kind: &'static str },
    Timeout { node: NodeId, timer: String },
    Restart { node: NodeId },
    Asks { client: NodeId, number: u64 },
    Deviates { from: NodeId, to: NodeId, kind: &'static str },
    Withholds { from: NodeId, to: NodeId, kind: &'static str },
    Says { node: NodeId, byzantine: bool, what: Outcome },
}

impl Line {
    /// Whether it can be omitted from a description.
    fn is_said(&self) -> bool {
        matches!(
            self,
            Self::Says { what: Outcome::Proposed { .. } | Outcome::Suspected { .. }, .. }
        )
    }

    /// Whether another entry can be described on the same line.
    fn joins(&self, next: &Self) -> bool {
        match (self, next) {
            (Self::Message { kind, .. }, Self::Message { kind: other, .. }) => kind == other,
            (Self::Timeout { timer, .. }, Self::Timeout { timer: other, .. }) => timer == other,
            (Self::Deviates { from, kind, .. }, Self::Deviates { from: f, kind: k, .. })
            | (Self::Withholds { from, kind, .. }, Self::Withholds { from: f, kind: k, .. }) => {
                (from, kind) == (f, k)
            }
            _ => false,
        }
    }

    /// Sender and receiver of a message.
    fn way(&self) -> Option<(NodeId, NodeId)> {
        match *self {
            Self::Message { from, to, .. }
            | Self::Deviates { from, to, .. }
            | Self::Withholds { from, to, .. } => Some((from, to)),
            _ => None,
        }
    }

    /// The node whose timer it is about.
    fn timed_out(&self) -> Option<String> {
        match self {
            Self::Timeout { node, .. } => Some(node.to_string()),
            _ => None,
        }
    }
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Message { from, to, kind } => write!(f, "{from} -> {to}  {kind}"),
            Self::Timeout { node, timer } => write!(f, "{node}: timer {timer} expires"),
            Self::Asks { client, number } => {
                write!(f, "client {client} submits request {number}")
            }
            Self::Restart { node } => write!(f, "{node} loses power and restarts"),
            Self::Deviates { from, to, kind } => {
                write!(f, "{from} (Byzantine) sends {to} a different {kind}")
            }
            Self::Withholds { from, to, kind } => {
                write!(f, "{from} (Byzantine) withholds its {kind} from {to}")
            }
            Self::Says { node, byzantine, what } => {
                let byzantine = if *byzantine { " (Byzantine)" } else { "" };
                match what {
                    Outcome::Delivered { position, request } => {
                        write!(f, "{node}{byzantine} delivers {request} at position {position}")
                    }
                    Outcome::Installed { length, .. } => {
                        write!(f, "{node}{byzantine} installs a state with {length} requests")
                    }
                    Outcome::Answered { request, position: Some(position) } => write!(
                        f,
                        "client {node} receives the answer to request {}: position {position}",
                        request.number
                    ),
                    Outcome::Answered { request, position: None } => {
                        write!(f, "client {node} receives the answer to request {}", request.number)
                    }
                    Outcome::View { view, leader } => {
                        write!(f, "{node}{byzantine} enters view {view}, led by {leader}")
                    }
                    Outcome::Elected { view } => write!(f, "{node}{byzantine} leads view {view}"),
                    Outcome::Suspected { view } => {
                        write!(f, "{node}{byzantine} suspects its leader and votes for view {view}")
                    }
                    Outcome::Proposed { request } => {
                        write!(f, "{node}{byzantine} proposes {request}")
                    }
                    Outcome::CaughtUp { length } => {
                        write!(f, "{node}{byzantine} has caught up: it has {length} requests")
                    }
                }
            }
        }
    }
}

/// The description of a run: consecutive similar entries are joined.
pub(super) fn story(lines: &[Line]) -> Vec<String> {
    let mut story = Vec::new();
    let told: Vec<&Line> = lines.iter().filter(|line| !line.is_said()).collect();
    for alike in told.chunk_by(|one, next| one.joins(next)) {
        story.push(match alike[0] {
            Line::Message { kind, .. } => {
                let ways: Vec<(NodeId, NodeId)> = alike.iter().filter_map(|l| l.way()).collect();
                let from = ways.chunk_by(|one, next| one.0 == next.0);
                let ways: Vec<String> =
                    from.map(|ways| format!("{} -> {}", ways[0].0, receivers(ways))).collect();
                format!("{}  {kind}", ways.join("; "))
            }
            Line::Deviates { from, kind, .. } => {
                let ways: Vec<(NodeId, NodeId)> = alike.iter().filter_map(|l| l.way()).collect();
                format!("{from} (Byzantine) sends a different {kind} to {}", receivers(&ways))
            }
            Line::Withholds { from, kind, .. } => {
                let ways: Vec<(NodeId, NodeId)> = alike.iter().filter_map(|l| l.way()).collect();
                format!("{from} (Byzantine) withholds its {kind} from {}", receivers(&ways))
            }
            Line::Timeout { timer, .. } => {
                let nodes: Vec<String> = alike.iter().filter_map(|line| line.timed_out()).collect();
                format!("{}: timer {timer} expires", nodes.join(", "))
            }
            line => line.to_string(),
        });
    }
    story
}

/// Each receiver once, in the order of sending.
fn receivers(ways: &[(NodeId, NodeId)]) -> String {
    let mut receivers: Vec<String> = Vec::new();
    for (_, to) in ways {
        let to = to.to_string();
        if !receivers.contains(&to) {
            receivers.push(to);
        }
    }
    receivers.join(", ")
}
