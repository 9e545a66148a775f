//! What the sizing model and the optimisation promise. One program, since each one links the whole twin.

mod choices;
mod money;
mod once;
mod operation;
mod optimum;
mod reader;
mod reference;
mod support;
