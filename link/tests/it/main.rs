//! What the link promises. One program, since each one links the whole twin; only what measures the
//! memory of its process is apart (`../memory.rs`).

mod common;
mod control;
mod demo;
mod discovery;
mod faults;
mod follow;
mod hostile;
mod mosquitto;
mod payload;
mod payloads;
mod setpoint;
mod sparkplug;
mod support;
mod topics;
