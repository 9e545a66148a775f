//! The explorer: model checking of small groups. There are three kinds of search, since no protocol
//! of interest can be explored completely message by message once anything fails:
//!
//! - [`Grain::Message`]: every order in which messages can arrive, one by one, with time-outs and
//!   brown-outs at any moment within the budget. Exhaustive if the instance is small.
//! - [`Grain::Epoch`]: time is divided into epochs. In each, some nodes are connected and the rest
//!   isolated, a Byzantine node behaves in one of a few ways, and messages arrive in the order of
//!   sending until none is left; then time-outs expire. It covers several view changes, in which
//!   published protocols have had their errors (Bano et al., "Twins", 2020, divides time likewise).
//! - [`Grain::Drawn`]: random epochs from a set too large to enumerate, in which single message kinds
//!   are lost and some receivers get Byzantine variants. It extends states that differ from previous
//!   ones, and minimises a violating run. It finds planted quorums, whose violations need several
//!   unlikely epochs in a row; finding no violation is no proof.
//!
//! The search for all runs is stateright's. Nothing here has a clock: a search is bounded by its
//! states.

mod drawn;
mod epoch;
mod epochs;
mod messages;
mod searches;
mod trace;
mod world;

use crate::registry::{by_name, dispatch};
use crate::{Members, NodeId, ProtocolName, Replicated, Setup, Timing};
use stateright::{Checker, HasDiscoveries, Model};
use thiserror::Error;

pub use searches::{Search, find_planted, searches};
pub use trace::Step;

/// How finely time is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Grain {
    /// Message by message.
    Message,
    /// Epoch by epoch.
    Epoch,
    /// Epoch by epoch, drawn at random.
    Drawn,
}

/// What to explore.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ExploreOptions {
    /// The protocol.
    pub protocol: ProtocolName,
    /// How many members; by default the fewest that it works with.
    pub nodes: Option<usize>,
    /// The number of requests: all submitted first in a search by messages; two first and then one
    /// per epoch in a search by epochs; up to two per epoch in a random search.
    pub requests: u64,
    /// How many clients there are. Where runs are drawn all ask, otherwise the first does.
    pub clients: u16,
    /// How finely time is cut.
    pub grain: Grain,
    /// The Byzantine node, if any.
    pub byzantine: Option<NodeId>,
    /// A quorum that is one vote too small, by its place in [`ProtocolName::quorums`].
    pub planted: Option<usize>,
    /// Message by message: how many time-outs may run out.
    pub timeouts: u8,
    /// How many members may lose power and start again.
    pub restarts: u8,
    /// Epoch by epoch: how many epochs there are.
    pub epochs: u8,
    /// The search ends after this many states.
    pub states: usize,
    /// Where runs are drawn: which.
    pub seed: u64,
}

impl ExploreOptions {
    /// The smallest fault-free instance: one request, no Byzantine node, no failures.
    pub fn honest(protocol: ProtocolName) -> Self {
        Self {
            protocol,
            nodes: None,
            requests: 1,
            clients: 1,
            grain: Grain::Message,
            byzantine: None,
            planted: None,
            timeouts: 0,
            restarts: 0,
            epochs: 5,
            states: 1_000_000,
            seed: 1,
        }
    }
}

/// What is wrong with the options.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ExploreError {
    /// The group size is invalid for the protocol.
    #[error(transparent)]
    Group(#[from] crate::GroupError),
    /// No such quorum.
    #[error(
        "{protocol} has no quorum number {found}; its quorums, numbered from 0: {}",
        .protocol.quorums().join(", ")
    )]
    Quorum {
        /// The protocol.
        protocol: ProtocolName,
        /// What was asked for.
        found: usize,
    },
    /// A Byzantine node that is not a member.
    #[error("member {0} cannot be Byzantine: there is no such member; they are numbered from 0")]
    Byzantine(NodeId),
    /// A number outside its range.
    #[error("{name} must be {range}; found {found}")]
    Range {
        /// The option.
        name: &'static str,
        /// What it may be.
        range: &'static str,
        /// What it is.
        found: u64,
    },
}

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExploreReport {
    /// How many members there were.
    pub nodes: usize,
    /// How many different states were seen; where runs are drawn, how many states at all.
    pub states: usize,
    /// The longest way to one of them, in messages or epochs.
    pub depth: usize,
    /// Whether there are no more: nothing was left out within the budgets.
    pub exhaustive: bool,
    /// Whether some run answered every request: a search in which nothing can happen proves
    /// nothing.
    pub decides: bool,
    /// A run that breaks the specification, if there is one: a shortest one, or where runs are
    /// drawn one that nothing can be left out of.
    pub violation: Option<Vec<Step>>,
}

/// Explores.
///
/// # Errors
/// Where an option is out of its range.
pub fn explore(options: &ExploreOptions) -> Result<ExploreReport, ExploreError> {
    let nodes = options.nodes.unwrap_or_else(|| options.protocol.min_members());
    crate::group::check_members(options.protocol, nodes)?;
    let protocol = options.protocol;
    if let Some(found) = options.planted.filter(|&which| which >= protocol.quorums().len()) {
        return Err(ExploreError::Quorum { protocol, found });
    }
    if let Some(byzantine) = options.byzantine.filter(|byzantine| byzantine.index() >= nodes) {
        return Err(ExploreError::Byzantine(byzantine));
    }
    let ranges = [
        ("requests", "1 to 8", options.requests, 1..=8),
        ("clients", "1 to 8", options.clients.into(), 1..=8),
        ("epochs", "1 to 12", options.epochs.into(), 1..=12),
    ];
    for (name, range, found, allowed) in ranges {
        if !allowed.contains(&found) {
            return Err(ExploreError::Range { name, range, found });
        }
    }
    let mut setup = Setup::new(nodes as u16, options.clients, &Timing::TWIN);
    setup.planted = options.planted;
    let byzantine: Members = options.byzantine.into_iter().collect();
    Ok(by_name!(protocol, P => search::<P>(options, &setup, byzantine)))
}

fn search<P: Replicated>(
    options: &ExploreOptions,
    setup: &Setup,
    byzantine: Members,
) -> ExploreReport {
    let mut instance = world::Instance::<P>::new(setup, byzantine, options.requests);
    instance.sorts = options.grain == Grain::Message;
    match options.grain {
        Grain::Message => {
            let (timeouts, restarts) = (options.timeouts, options.restarts);
            let model = messages::Messages { instance, timeouts, restarts };
            check(model, setup, options.states)
        }
        Grain::Epoch => {
            let (epochs, restarts) = (options.epochs, options.restarts);
            check(epochs::Epochs { instance, epochs, restarts }, setup, options.states)
        }
        Grain::Drawn => {
            let (epochs, restarts, seed) = (options.epochs, options.restarts, options.seed);
            let right = setup.planted.map(|_| {
                let setup = Setup { planted: None, ..*setup };
                world::Instance::<P>::new(&setup, byzantine, options.requests)
            });
            drawn::Drawn { instance, right, epochs, restarts, seed }.search(options.states)
        }
    }
}

/// A model whose steps can be described.
trait Tell: Model {
    /// What a step does from a state on, in words.
    fn tell(&self, state: &Self::State, action: &Self::Action) -> Step;
}

/// The names of what is looked for.
const SAFE: &str = "keeps its promises";
const DECIDES: &str = "answers every request";

fn check<M>(model: M, setup: &Setup, states: usize) -> ExploreReport
where
    M: Tell + Send + Sync + 'static,
    M::State: Clone + std::fmt::Debug + PartialEq + std::hash::Hash + Send + Sync + 'static,
    M::Action: Clone + std::fmt::Debug + PartialEq + Send + Sync + 'static,
{
    // A single thread, so that the search is the same on every machine.
    let checker = model
        .checker()
        .threads(1)
        .target_state_count(states)
        .finish_when(HasDiscoveries::AnyFailures)
        .spawn_bfs()
        .join();
    let mut found = checker.discoveries();
    let violation = found.remove(SAFE).map(|path| {
        let steps = path.into_vec();
        let told = steps.iter().filter_map(|(state, action)| {
            action.as_ref().map(|action| checker.model().tell(state, action))
        });
        told.collect()
    });
    ExploreReport {
        nodes: setup.members.into(),
        states: checker.unique_state_count(),
        depth: checker.max_depth(),
        exhaustive: violation.is_none() && checker.state_count() < states,
        decides: found.contains_key(DECIDES),
        violation,
    }
}
