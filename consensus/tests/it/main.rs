//! What the protocols promise. One program, since each one links all sixteen.

mod bft_rdma;
mod byzantine;
mod chaos;
mod common;
mod counts;
mod edgecons;
mod explore;
mod faults;
mod long_runs;
mod network;
mod paxos;
mod pbft;
mod raft;
mod synchronous;
mod thresholds;
mod trust_sdma;
mod virtual_synchrony;
mod web_bft;
mod zyzzyva;
