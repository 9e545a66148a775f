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

/// The story that lines tell: messages of one kind from one node in one go are joined.
pub(super) fn story(lines: &[Line]) -> Vec<String> {
    let mut story = Vec::new();
    let mut rest = lines;
    while let Some((first, after)) = rest.split_first() {
        rest = after;
        if first.is_said() {
            continue;
        }
        let Line::Message { from, to, kind } = first else {
            story.push(first.to_string());
            continue;
        };
        let mut receivers = vec![*to];
        while let Some((Line::Message { from: f, to: t, kind: k }, after)) = rest.split_first()
            && (f, k) == (from, kind)
        {
            receivers.push(*t);
            rest = after;
        }
        let receivers: Vec<String> = receivers.iter().map(ToString::to_string).collect();
        story.push(format!("{from} -> {}  {kind}", receivers.join(", ")));
    }
    story
}
