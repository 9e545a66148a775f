//! Cars and the chargers that serve them: who comes when and asks for how much ([`sessions`]), and
//! what becomes of it ([`garage`]). Not who else wants the site's power.

mod csv_file;
mod elaad;
mod fleet;
pub mod garage;
mod on_run;
pub mod sessions;

pub use garage::{Car, CarNews, Garage, SessionRecord};
pub use sessions::{LaidOut, Session, generate, lay_out};
