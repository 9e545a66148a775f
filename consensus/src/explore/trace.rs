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
    Lies { from: NodeId, to: NodeId, kind: &'static str },
    Withholds { from: NodeId, to: NodeId, kind: &'static str },
    Says { node: NodeId, lies: bool, what: Outcome },
}

impl Line {
    /// Whether a reader who wants the story can do without.
    fn is_said(&self) -> bool {
        matches!(
            self,
            Self::Says { what: Outcome::Proposed { .. } | Outcome::Suspected { .. }, .. }
        )
    }

    /// Whether another can stand on one line with it.
    fn joins(&self, next: &Self) -> bool {
        match (self, next) {
            (Self::Message { kind, .. }, Self::Message { kind: other, .. }) => kind == other,
            (Self::Timeout { timer, .. }, Self::Timeout { timer: other, .. }) => timer == other,
            (Self::Lies { from, kind, .. }, Self::Lies { from: f, kind: k, .. })
            | (Self::Withholds { from, kind, .. }, Self::Withholds { from: f, kind: k, .. }) => {
                (from, kind) == (f, k)
            }
            _ => false,
        }
    }

    /// From whom to whom a message is.
    fn way(&self) -> Option<(NodeId, NodeId)> {
        match *self {
            Self::Message { from, to, .. }
            | Self::Lies { from, to, .. }
            | Self::Withholds { from, to, .. } => Some((from, to)),
            _ => None,
        }
    }

    /// Whose timer it is about.
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
            Self::Timeout { node, timer } => write!(f, "{node}: its timer {timer} runs out"),
            Self::Asks { client, number } => {
                write!(f, "client {client} asks for its request {number}")
            }
            Self::Restart { node } => write!(f, "{node} loses power and starts again"),
            Self::Lies { from, to, kind } => write!(f, "{from} sends {to} another {kind}"),
            Self::Withholds { from, to, kind } => write!(f, "{from} keeps its {kind} from {to}"),
            Self::Says { node, lies, what } => {
                let liar = if *lies { " (a liar)" } else { "" };
                match what {
                    Outcome::Delivered { position, request } => {
                        write!(f, "{node}{liar} delivers {request} at position {position}")
                    }
                    Outcome::Installed { length, .. } => {
                        write!(f, "{node}{liar} takes over a state of {length} requests")
                    }
                    Outcome::Answered { request, position: Some(position) } => write!(
                        f,
                        "client {node} has the answer to its request {}: position {position}",
                        request.number
                    ),
                    Outcome::Answered { request, position: None } => {
                        write!(f, "client {node} has the answer to its request {}", request.number)
                    }
                    Outcome::View { view, leader } => {
                        write!(f, "{node}{liar} is in view {view} under {leader}")
                    }
                    Outcome::Elected { view } => write!(f, "{node}{liar} leads view {view}"),
                    Outcome::Suspected { view } => write!(f, "{node}{liar} asks for view {view}"),
                    Outcome::Proposed { request } => {
                        write!(f, "{node}{liar} proposes {request}")
                    }
                    Outcome::CaughtUp { length } => {
                        write!(f, "{node}{liar} has caught up with {length} requests")
                    }
                }
            }
        }
    }
}

/// The story that lines tell: what is alike and follows on each other is joined.
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
            Line::Lies { from, kind, .. } => {
                let ways: Vec<(NodeId, NodeId)> = alike.iter().filter_map(|l| l.way()).collect();
                format!("{from} (a liar) sends another {kind} to {}", receivers(&ways))
            }
            Line::Withholds { from, kind, .. } => {
                let ways: Vec<(NodeId, NodeId)> = alike.iter().filter_map(|l| l.way()).collect();
                format!("{from} (a liar) keeps its {kind} from {}", receivers(&ways))
            }
            Line::Timeout { timer, .. } => {
                let nodes: Vec<String> = alike.iter().filter_map(|line| line.timed_out()).collect();
                format!("{}: the timer {timer} runs out", nodes.join(", "))
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
