//! Every protocol by name: the one list that the command, scenarios and groups are made from. A
//! protocol is added by one line here.

use crate::{Facts, GroupError, Helper, Members, Replicated};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Hands the list of protocols, variant by type, to a macro.
macro_rules! with_protocols {
    ($macro:ident $(, $($rest:tt)*)?) => {
        $macro! {
            {
                Paxos = crate::paxos::Paxos,
                MultiPaxos = crate::multi_paxos::MultiPaxos,
                Raft = crate::raft::Raft,
                VirtualSynchrony = crate::virtual_synchrony::VirtualSynchrony,
                EdgeCons = crate::edgecons::EdgeCons,
                Nomad = crate::nomad::Nomad,
                Pbft = crate::pbft::Pbft,
                Zyzzyva2007 = crate::zyzzyva::Zyzzyva2007,
                Zyzzyva = crate::zyzzyva::ZyzzyvaRepaired,
                SacZyzzyva = crate::sac_zyzzyva::SacZyzzyva,
                BftRdma = crate::bft_rdma::BftRdma,
                TrustPbft = crate::trust_pbft::TrustPbft,
                SdmaPbft = crate::sdma_pbft::SdmaPbft,
                Rcmec = crate::rcmec::Rcmec,
                OuroborosBft = crate::ouroboros_bft::OuroborosBft,
                WebBft = crate::web_bft::WebBft,
            }
            $($($rest)*)?
        }
    };
}
pub(crate) use with_protocols;

macro_rules! names {
    ({ $($variant:ident = $protocol:ty,)* }) => {
        /// A protocol by name.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
        )]
        pub enum ProtocolName {
            $(#[doc = concat!("[`", stringify!($protocol), "`]")] $variant,)*
        }

        impl ProtocolName {
            /// All of them.
            pub const ALL: [Self; [$(stringify!($variant)),*].len()] = [$(Self::$variant,)*];
        }
    };
}
with_protocols!(names);

macro_rules! dispatch {
    ({ $($variant:ident = $protocol:ty,)* } $name:expr, $alias:ident => $expression:expr) => {
        match $name {
            $($crate::ProtocolName::$variant => {
                type $alias = $protocol;
                $expression
            })*
        }
    };
}
pub(crate) use dispatch;

/// The same expression with an alias for the protocol of a name.
macro_rules! by_name {
    ($name:expr, $alias:ident => $expression:expr) => {
        $crate::registry::with_protocols!(dispatch, $name, $alias => $expression)
    };
}
pub(crate) use by_name;

impl ProtocolName {
    /// Its name on the command line.
    pub fn as_str(self) -> &'static str {
        by_name!(self, P => P::NAME)
    }

    /// The fewest members it works with.
    pub fn min_members(self) -> usize {
        by_name!(self, P => P::MIN_MEMBERS)
    }

    /// Its published properties.
    pub fn facts(self) -> Facts {
        by_name!(self, P => P::FACTS)
    }

    /// Its quorums by name.
    pub fn quorums(self) -> &'static [&'static str] {
        by_name!(self, P => P::QUORUMS)
    }

    /// Whether the protocol, as published, is known to break its promises within its fault model.
    pub fn is_broken(self) -> bool {
        by_name!(self, P => P::BROKEN)
    }

    /// The number of members, out of `members`, that may be without power without stopping the
    /// protocol.
    pub fn tolerates(self, members: u16) -> u16 {
        by_name!(self, P => P::tolerates(members))
    }

    /// Whether safety and liveness hold while these of `members` members are Byzantine.
    pub fn withstands(self, members: u16, byzantine: Members) -> bool {
        by_name!(self, P => P::withstands(members, byzantine))
    }

    /// The helpers of a group of `members`.
    pub fn helpers(self, members: u16) -> Vec<Helper> {
        by_name!(self, P => P::helpers(members))
    }

    /// Messages of the published count for one request among `members` where nothing fails.
    pub fn expected_messages(self, members: u64) -> u64 {
        use crate::Protocol;
        by_name!(self, P => P::expected_messages(members))
    }

    /// Message delays from request to answer where nothing fails.
    pub fn expected_delays(self) -> u32 {
        use crate::Protocol;
        by_name!(self, P => P::expected_delays())
    }
}

impl fmt::Display for ProtocolName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for ProtocolName {
    type Err = GroupError;

    fn from_str(name: &str) -> Result<Self, GroupError> {
        let found = Self::ALL.into_iter().find(|protocol| protocol.as_str() == name);
        found.ok_or_else(|| GroupError::UnknownProtocol(name.to_owned()))
    }
}
