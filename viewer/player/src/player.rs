//! The player: the playhead, the futures and the threads behind them. Its face never waits, but for
//! [`Player::settle`] and [`Player::finish`], which are for pictures and tests.

mod follow;

use crate::future::Future;
use crate::job::{Job, Jobs};
use crate::live::{News, Order, live};
use crate::look::{Seen, Wanted, look};
use crate::plan::{Plan, Plans};
use crate::run::{Keyframe, Run, made_before, next_start};
use crate::{Edit, Playhead};
use gridtwin_kernel::SimTime;
use gridtwin_twin::Twin;
use gridtwin_twin::record::{Catalog, Event, EventKind};
use gridtwin_twin::scenario::{Change, PlannedChange, Scenario};
use std::path::Path;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// Runs that were undone and are kept, should they be done again.
const SHELVED: usize = 8;
/// News taken in a frame at most.
const NEWS_A_FRAME: usize = 32;

/// Why something could not be done. Nothing was changed.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{0}")]
pub struct PlayerError(pub String);

/// An edit that the twin has agreed to, or why it has not.
type Tried = Result<Edit, PlayerError>;

/// Plays a scenario and its alternatives.
#[derive(Debug)]
pub struct Player {
    scenario: Scenario,
    catalog: Catalog,
    end: SimTime,
    playhead: Playhead,
    /// The base case, then the alternatives of the plan.
    futures: Vec<Future>,
    plans: Plans,
    /// What the site's meters said, where it is a live one, and up to where they have spoken.
    readings: Vec<Edit>,
    followed: Option<SimTime>,
    /// Up to where they had spoken when the base case was last asked to follow.
    asked: Option<SimTime>,
    shelf: Vec<Run>,
    next_run: u64,
    jobs: Jobs,
    /// Edits that are being tried, and those that were refused.
    tried: (Sender<Tried>, Mutex<Receiver<Tried>>),
    refusals: Vec<PlayerError>,
    orders: Option<Sender<Order>>,
    news: Mutex<Receiver<News>>,
    wanted: Arc<Wanted>,
    seen: Mutex<Receiver<Seen>>,
    stop: Arc<AtomicBool>,
    threads: Vec<JoinHandle<()>>,
}

impl Player {
    /// Starts to live through a scenario, off this thread.
    ///
    /// # Errors
    /// What the twin refuses.
    pub fn new(scenario: &Scenario) -> Result<Self, PlayerError> {
        let refused = |error: &dyn std::fmt::Display| PlayerError(error.to_string());
        let twin = Twin::new(scenario).map_err(|error| refused(&error))?;
        let (orders, ordered) = channel();
        let (told, news) = channel();
        let (saw, seen) = channel();
        let (tried, agreed) = channel();
        let (stop, wanted) = (Arc::new(AtomicBool::new(false)), Arc::new(Wanted::default()));
        let thread = |name: &str, work: Box<dyn FnOnce() + Send>| {
            let named = std::thread::Builder::new().name(name.to_owned());
            named.spawn(work).map_err(|error| refused(&error))
        };
        let stopped = Arc::clone(&stop);
        let lives = thread("live", Box::new(move || live(&ordered, &told, &stopped)))?;
        let asked = Arc::clone(&wanted);
        let looks = thread("look", Box::new(move || look(&asked, &saw)))?;
        let mut player = Self {
            scenario: scenario.clone(),
            catalog: twin.catalog().clone(),
            end: twin.end(),
            playhead: Playhead::default(),
            futures: Vec::new(),
            plans: Plans::default(),
            readings: Vec::new(),
            followed: None,
            asked: None,
            shelf: Vec::new(),
            next_run: 1,
            jobs: Jobs::default(),
            tried: (tried, Mutex::new(agreed)),
            refusals: Vec::new(),
            orders: Some(orders),
            news: Mutex::new(news),
            wanted,
            seen: Mutex::new(seen),
            stop,
            threads: vec![lives, looks],
        };
        let base = Run::new(0, twin);
        player.order(&base);
        player.futures.push(Future::new("base case".to_owned(), Vec::new(), base));
        Ok(player)
    }

    /// Takes what has been lived through meanwhile, and moves the playhead by what `wall` is worth.
    pub fn tick(&mut self, wall: Duration) {
        for _ in 0..NEWS_A_FRAME {
            let news = receiver(&mut self.news).try_recv();
            let Ok(news) = news else { break };
            self.take(news);
        }
        while let Ok(tried) = receiver(&mut self.tried.1).try_recv() {
            match tried {
                Ok(edit) => self.agree(edit),
                Err(error) => self.refusals.push(error),
            }
        }
        self.playhead.tick(wall, self.known(), self.end);
        self.show();
        self.catch_up_when_seen();
        self.jobs.tick();
    }

    /// Waits until everything at the playhead is there.
    pub fn settle(&mut self) {
        loop {
            self.tick(Duration::ZERO);
            let at = self.place();
            let ready = self.in_sight().all(|i| {
                let future = &self.futures[i];
                future.is_at(at) || future.failed().is_some()
            });
            if ready {
                return;
            }
            std::thread::sleep(Duration::from_millis(1));
        }
    }

    /// Waits until what is shown is known up to `at`.
    pub fn wait_for(&mut self, at: SimTime) {
        let broken =
            |player: &Self| player.in_sight().any(|i| player.futures[i].failed().is_some());
        while self.known() < at.min(self.end) && !broken(self) {
            let news = receiver(&mut self.news).recv();
            let Ok(news) = news else { return };
            self.take(news);
        }
    }

    /// Waits until every future has been lived through to its end.
    pub fn finish(&mut self) {
        let busy = |future: &Future| future.summary().is_none() && future.failed().is_none();
        loop {
            self.catch_up();
            if self.followed == self.asked && !self.futures.iter().any(busy) {
                break;
            }
            let news = receiver(&mut self.news).recv();
            let Ok(news) = news else { return };
            self.take(news);
        }
        self.tick(Duration::ZERO);
    }

    /// The scenario as it was opened.
    pub fn scenario(&self) -> &Scenario {
        &self.scenario
    }

    /// Names behind the indices.
    pub fn catalog(&self) -> &Catalog {
        &self.catalog
    }

    /// When the run is over.
    pub fn end(&self) -> SimTime {
        self.end
    }

    /// The place in time that is looked at.
    pub fn playhead(&self) -> &Playhead {
        &self.playhead
    }

    /// All futures; the first is the base case.
    pub fn futures(&self) -> &[Future] {
        &self.futures
    }

    /// The base case.
    pub fn base(&self) -> &Future {
        &self.futures[0]
    }

    /// Index of the alternative that is shown beside the base case.
    pub fn other(&self) -> Option<usize> {
        self.plans.now().shown.map(|index| index + 1)
    }

    /// Shows another alternative beside the base case, or none.
    pub fn show_other(&mut self, future: Option<usize>) {
        let known = future.filter(|&future| (1..self.futures.len()).contains(&future));
        self.plans.show(known.map(|future| future - 1));
    }

    /// Goes on; from the start again, if the end was reached.
    pub fn play(&mut self) {
        if self.playhead.at >= self.end {
            self.playhead.at = SimTime::ZERO;
        }
        self.playhead.playing = true;
    }

    /// Stands still.
    pub fn pause(&mut self) {
        self.playhead.playing = false;
    }

    /// Another speed: simulated seconds in a second of the wall's, from 1 to 10,000.
    pub fn set_speed(&mut self, speed: f64) {
        self.playhead.speed = if speed.is_nan() { 1.0 } else { speed.clamp(1.0, 10_000.0) };
    }

    /// Goes to an instant, or as near to it as is known.
    pub fn seek(&mut self, at: SimTime) {
        self.playhead.at = at.min(self.known()).min(self.end);
    }

    /// Goes to an instant, whether it is known already or will be soon.
    pub fn go_to(&mut self, at: SimTime) {
        self.playhead.at = at.min(self.end);
    }

    /// Goes on, or back, by so many intervals.
    pub fn step(&mut self, intervals: i64) {
        let step = self.catalog.step.0;
        let here = self.playhead.at.0 / step;
        let there = here.saturating_add_signed(intervals).saturating_mul(step);
        self.pause();
        self.seek(SimTime(there));
    }

    /// Plays a range again and again, or no longer.
    pub fn set_loop(&mut self, range: Option<(SimTime, SimTime)>) {
        self.playhead.looped = range.filter(|(from, until)| from < until);
    }

    /// Goes to the next event that is worth a stop, in any future that is shown. Whether there was
    /// one.
    pub fn next_event(&mut self) -> bool {
        let at = self.playhead.at;
        let next = |events: &[Event]| {
            let first = events.partition_point(|event| event.at <= at);
            events[first..].iter().find(|event| is_mark(&event.kind)).map(|event| event.at)
        };
        let all = self.in_sight().filter_map(|i| next(self.futures[i].events()));
        self.stop_at(all.min())
    }

    /// Goes to the event before.
    pub fn previous_event(&mut self) -> bool {
        let at = self.playhead.at;
        let before = |events: &[Event]| {
            let first = events.partition_point(|event| event.at < at);
            events[..first].iter().rev().find(|event| is_mark(&event.kind)).map(|event| event.at)
        };
        let all = self.in_sight().filter_map(|i| before(self.futures[i].events()));
        self.stop_at(all.max())
    }

    fn stop_at(&mut self, at: Option<SimTime>) -> bool {
        let Some(at) = at else { return false };
        self.pause();
        self.seek(at);
        true
    }

    /// Changes the alternative that is shown from the next interval on; where none is, the base
    /// case is forked there. Waits until the twin has agreed.
    ///
    /// # Errors
    /// What the twin refuses; nothing is changed then.
    pub fn what_if(&mut self, change: Change) -> Result<(), PlayerError> {
        let trial = self.trial(change)?;
        trial.run().map(|edit| self.agree(edit))
    }

    /// As [`Player::what_if`], off this thread: [`Player::tick`] carries it out when the twin has
    /// agreed, and [`Player::take_refusals`] tells where it has not.
    pub fn ask(&mut self, change: Change) {
        let asked = self.trial(change).and_then(|trial| {
            let tried = self.tried.0.clone();
            let work = move || {
                // Nobody hears it only when all is over.
                let _ = tried.send(trial.run());
            };
            let thread = std::thread::Builder::new().name("try".to_owned()).spawn(work);
            thread.map_err(|error| PlayerError(error.to_string()))
        });
        match asked {
            Ok(thread) => {
                self.threads.retain(|thread| !thread.is_finished());
                self.threads.push(thread);
            }
            Err(error) => self.refusals.push(error),
        }
    }

    /// What the twin has refused since this was last asked.
    pub fn take_refusals(&mut self) -> Vec<PlayerError> {
        std::mem::take(&mut self.refusals)
    }

    fn trial(&self, change: Change) -> Result<Trial, PlayerError> {
        let at = next_start(self.playhead.at, self.catalog.step);
        if at >= self.end {
            return Err(PlayerError(
                "the run has ended at this time: go back to an earlier time to make a change"
                    .to_owned(),
            ));
        }
        let run = &self.futures[self.other().unwrap_or(0)].run;
        Ok(Trial {
            keyframe: Arc::clone(run.keyframe(at)),
            edits: run.edits.clone(),
            edit: Edit { at, change },
        })
    }

    fn agree(&mut self, edit: Edit) {
        let mut plan = self.plans.now().clone();
        let label = edit.change.to_string();
        plan.edit(edit);
        self.make(label, plan);
    }

    /// Hides the alternative that is shown: the next change forks the base case again.
    pub fn new_alternative(&mut self) {
        self.show_other(None);
    }

    /// Drops an alternative.
    pub fn drop_future(&mut self, future: usize) {
        if !(1..self.futures.len()).contains(&future) {
            return;
        }
        let label = format!("drop {}", self.futures[future].name());
        let mut plan = self.plans.now().clone();
        plan.drop_alternative(future - 1);
        self.make(label, plan);
    }

    fn make(&mut self, label: String, plan: Plan) {
        self.plans.make(label, plan);
        self.realise();
    }

    /// Takes the last edit back. Whether there was one.
    pub fn undo(&mut self) -> bool {
        let undone = self.plans.undo();
        self.realise();
        undone
    }

    /// Does again what was taken back. Whether there was something.
    pub fn redo(&mut self) -> bool {
        let redone = self.plans.redo();
        self.realise();
        redone
    }

    /// What [`Player::undo`] would take back, in words.
    pub fn can_undo(&self) -> Option<&str> {
        self.plans.can_undo()
    }

    /// What [`Player::redo`] would do again, in words.
    pub fn can_redo(&self) -> Option<&str> {
        self.plans.can_redo()
    }

    /// A future as a scenario that runs to the same figures: the user's own text, with the edits
    /// as `changes` at their times.
    ///
    /// # Errors
    /// Where the text cannot take them.
    pub fn as_scenario(&self, future: usize) -> Result<Scenario, PlayerError> {
        let Some(future) = self.futures.get(future) else {
            return Err(PlayerError("this alternative no longer exists".to_owned()));
        };
        let planned = future.run.edits.iter().map(|edit| PlannedChange {
            at: self.catalog.local_time(edit.at).datetime(),
            change: edit.change.clone(),
        });
        let planned: Vec<_> = planned.collect();
        self.scenario.with_changes(&planned).map_err(|error| PlayerError(error.to_string()))
    }

    /// Writes [`Player::as_scenario`] to a file, which must not be there yet.
    ///
    /// # Errors
    /// Where the file is there or cannot be written.
    pub fn save(&self, future: usize, path: &Path) -> Result<(), PlayerError> {
        use std::io::Write;
        let scenario = self.as_scenario(future)?;
        let text = scenario.text_for(path.parent().unwrap_or(Path::new("")));
        let file = std::fs::OpenOptions::new().write(true).create_new(true).open(path);
        let written = file.and_then(|mut file| file.write_all(text.as_bytes()));
        written.map_err(|error| {
            let path = path.display();
            PlayerError(match error.kind() {
                std::io::ErrorKind::AlreadyExists => {
                    format!("{path} already exists: choose another name")
                }
                _ => format!("{path} cannot be written: {error}"),
            })
        })
    }

    /// Writes a future's report into a folder, beside the play: [`Player::jobs`] tells how it goes.
    ///
    /// # Errors
    /// Where there is no such future.
    pub fn export(&mut self, future: usize, folder: &Path) -> Result<(), PlayerError> {
        let scenario = self.as_scenario(future)?;
        self.jobs.export(scenario, folder.to_owned());
        Ok(())
    }

    /// What goes on beside the play, the latest last.
    pub fn jobs(&self) -> &[Job] {
        self.jobs.list()
    }

    /// Forgets a job that has ended.
    pub fn dismiss(&mut self, job: usize) {
        self.jobs.dismiss(job);
    }

    /// Up to where all that is shown is known.
    fn known(&self) -> SimTime {
        self.in_sight().map(|i| self.futures[i].known()).min().unwrap_or(SimTime::ZERO)
    }

    /// Indices of the futures that are shown.
    fn in_sight(&self) -> impl Iterator<Item = usize> + use<> {
        std::iter::once(0).chain(self.other())
    }

    /// The instant that is shown: the end's last one, at the end.
    fn place(&self) -> SimTime {
        SimTime(self.playhead.at.0.min(self.end.0.saturating_sub(1)))
    }

    /// Takes what was seen, shows what is known of the playhead, asks for the rest.
    fn show(&mut self) {
        while let Ok(seen) = receiver(&mut self.seen).try_recv() {
            if let Some(future) = self.futures.iter_mut().find(|f| f.run.id == seen.run) {
                future.take_detail(seen.detail);
            }
        }
        let (at, ahead) = (self.place(), self.playhead.playing);
        let mut looks = Vec::new();
        for i in self.in_sight() {
            self.futures[i].show(at, &self.catalog, ahead, &mut looks);
        }
        // What is there now comes before what will be.
        looks.sort_by_key(|look| look.from > at);
        self.wanted.replace(looks);
    }

    fn take(&mut self, mut news: News) {
        let futures = self.futures.iter_mut().map(|future| &mut future.run);
        let Some(run) = futures.chain(&mut self.shelf).find(|run| run.id == news.run) else {
            return;
        };
        run.history.append(&mut news.rows);
        run.events.append(&mut news.events);
        run.keyframes.extend(news.keyframe);
        if let Some(scenario) = news.scenario {
            run.scenario = scenario;
        }
        match news.ended {
            Some(Ok(summary)) => run.summary = Some(summary),
            Some(Err(why)) => run.failed = Some(why),
            None => {}
        }
    }

    fn order(&self, run: &Run) {
        let Some(from) = run.keyframes.last() else { return };
        let order = Order {
            run: run.id,
            edits: run.edits.clone(),
            from: Arc::clone(from),
            until: self.lived_until(),
            dropped: Arc::clone(&run.dropped),
        };
        if let Some(orders) = &self.orders {
            // Nobody takes orders any more only when all is over.
            let _ = orders.send(order);
        }
    }

    /// Makes the futures those of the plan: what is there already stays, what was there comes back
    /// from the shelf, and what is new forks from what it shares most of its past with.
    fn realise(&mut self) {
        let planned = self.plans.now().alternatives.clone();
        let mut old: Vec<Option<Future>> = self.futures.drain(1..).map(Some).collect();
        for wanted in planned {
            let edits = follow::with_readings(&self.readings, &wanted.edits);
            let find = |old: &[Option<Future>], test: &dyn Fn(&Future) -> bool| {
                old.iter().position(|future| future.as_ref().is_some_and(test))
            };
            let named = find(&old, &|future| future.name == wanted.name);
            let mut future = named.and_then(|i| old[i].take());
            if future.as_ref().is_none_or(|future| future.run.edits != edits) {
                let kept = self.shelf.iter().position(|run| run.edits == edits);
                let run = match kept {
                    Some(kept) => self.shelf.remove(kept),
                    None => {
                        let parent = future.as_ref().map_or(&self.futures[0].run, |f| &f.run);
                        let run = parent.fork(self.next_run, edits);
                        self.next_run += 1;
                        self.order(&run);
                        run
                    }
                };
                match &mut future {
                    Some(future) => {
                        let before = future.replace(run);
                        self.shelve(before);
                    }
                    None => future = Some(Future::new(wanted.name, Vec::new(), run)),
                }
            }
            if let Some(future) = &mut future {
                future.own = wanted.edits;
            }
            self.futures.extend(future);
        }
        for future in old.into_iter().flatten() {
            self.shelve(future.run);
        }
    }

    /// Keeps a run, should it be wanted again. A live site goes on: its past runs never are.
    fn shelve(&mut self, run: Run) {
        if self.followed.is_some() {
            return;
        }
        if self.shelf.len() == SHELVED {
            self.shelf.remove(0);
        }
        self.shelf.push(run);
    }
}

impl Drop for Player {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Relaxed);
        self.orders = None;
        self.wanted.close();
        self.jobs.stop();
        for thread in self.threads.drain(..) {
            // A thread that broke has said so already.
            let _ = thread.join();
        }
    }
}

/// Whether an event is worth a stop: cars come and go all day.
pub fn is_mark(kind: &EventKind) -> bool {
    use EventKind as K;
    !matches!(
        kind,
        K::CarArrived { .. } | K::CarLeft { .. } | K::CaughtUp { .. } | K::LeaderSuspected { .. }
    )
}

/// An edit that is tried on a copy, near the place where it is to be made.
struct Trial {
    keyframe: Arc<Keyframe>,
    edits: Vec<Edit>,
    edit: Edit,
}

impl Trial {
    /// The edit, if the twin takes it.
    fn run(self) -> Result<Edit, PlayerError> {
        let mut twin = self.keyframe.twin.clone();
        let first = made_before(&self.edits, twin.now());
        let before = self.edits[first..].iter().filter(|other| other.at <= self.edit.at);
        for edit in before.chain([&self.edit]) {
            twin.apply(&edit.change).map_err(|error| PlayerError(error.to_string()))?;
        }
        Ok(self.edit)
    }
}

/// A receiver of ours, which nobody else can hold.
fn receiver<T>(of: &mut Mutex<Receiver<T>>) -> &mut Receiver<T> {
    of.get_mut().unwrap_or_else(std::sync::PoisonError::into_inner)
}
