//! The bill: every line of it is what one reckons by hand from what flowed.

mod hand;
mod run;
mod series;
