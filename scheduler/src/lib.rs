//! The decisions of gridtwin: what batteries do and where tasks run. Each policy is a function from
//! what it may see to its decision: data in, data out, without an engine and without random
//! numbers.

pub mod dispatch;
pub mod offload;
