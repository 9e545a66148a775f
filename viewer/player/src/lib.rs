//! Plays a twin: its futures are lived through off the render thread, recorded in columns with
//! keyframes in between, and shown wherever the playhead stands. Seeking, what-if forks and undo
//! are all one thing: a clone of the twin that goes on. Not a window, and no panel.

mod history;
mod plan;
mod player;
mod playhead;
mod thing;
mod view;

pub use history::{History, Metric};
pub use plan::{Edit, Planned};
pub use player::{Future, Job, Player, PlayerError};
pub use playhead::{Playhead, SPEEDS};
pub use thing::Thing;
pub use view::{Detail, Snapshot, View};
