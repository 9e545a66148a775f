//! Plays a twin: its futures are lived through off the render thread, recorded in columns with
//! keyframes in between, and shown wherever the playhead stands. Seeking, what-if forks and undo
//! are all one thing: a clone of the twin that goes on. Not a window, and no panel.

mod future;
mod history;
mod job;
mod live;
mod look;
mod plan;
mod player;
mod playhead;
mod recorder;
mod run;
mod thing;
mod view;

pub use future::Future;
pub use history::{History, Metric};
pub use job::Job;
pub use plan::Edit;
pub use player::{Player, PlayerError, is_mark};
pub use playhead::{Playhead, SPEEDS};
pub use thing::Thing;
pub use view::{Detail, Snapshot, View};
