//! What the sizing model promises. One program, since each one links the whole twin.

mod money;
mod operation;
mod reader;
mod reference;
mod support;
