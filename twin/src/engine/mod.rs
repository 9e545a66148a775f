//! The engine: a scenario's world, living on one clock. It keeps no history, reads no clock and
//! writes nothing; what happens is told to an [`Observer`](crate::record::Observer).

mod balance;
mod book;
mod build;
mod change;
mod consumers;
mod interval;
mod power;
mod schedule;
mod tell;
mod votes;
