//! The panels by their accessible names: what a user clicks, types and reads.

mod bench;
mod charts;
mod compare;
mod keys;
mod palette;
mod small;
mod things;
mod time;
mod what_if;
