//! The decisions of gridtwin: what batteries do and where tasks run. Each policy is a function from
//! what it may see to what it decides: data in, data out, no engine inside, nobody's random stream.

pub mod dispatch;
pub mod offload;
