//! What the command promises, as its users meet it. One program, since each one links the whole twin.

mod bad_input;
mod balance;
mod blackout;
mod changes;
mod command;
mod common;
mod determinism;
mod link;
mod messages;
mod newcomer;
mod places;
mod prices;
mod random_scenarios;
mod readme;
mod series;
mod study;
mod weather;
