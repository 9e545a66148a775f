//! Tasks counted: by hour, class and place, and over the run. An hour holds the tasks that *arrived*
//! in it, whenever they ended, so that arrived = completed + missed + lost in every row. Percentiles
//! are those of tasks whose result came back, in time or late.

use gridtwin_kernel::{Histogram, SimTime, Span};
use gridtwin_twin::record::{Outcome, Place, TaskRecord};
use std::collections::{BTreeMap, VecDeque};

/// An hour stays open so long after its end. What ends even later gets a further row of its hour.
const PATIENCE_HOURS: u64 = 24;

/// All outcomes, in the order of [`Cell::outcomes`].
pub(crate) const OUTCOMES: [Outcome; 6] = [
    Outcome::Completed,
    Outcome::Missed,
    Outcome::LostDeviceDark,
    Outcome::LostBrownOut,
    Outcome::LostQueueFull,
    Outcome::LostNoRoute,
];

/// Tasks of one kind.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cell {
    /// How many ended how, in the order of [`OUTCOMES`].
    pub(crate) outcomes: [u64; 6],
    /// Latency of those whose result came back, ms.
    pub(crate) latency_ms: Histogram,
    /// Energy, all outcomes.
    pub(crate) energy_j: f64,
    /// Carbon, all outcomes.
    pub(crate) carbon_g: f64,
}

impl Cell {
    fn add(&mut self, task: &TaskRecord) {
        self.outcomes[task.outcome as usize] += 1;
        if !task.outcome.is_lost() {
            self.latency_ms.record(task.latency_ms());
        }
        self.energy_j += task.energy.total_j();
        self.carbon_g += task.carbon_g;
    }

    /// Adds all of `other`.
    pub(crate) fn merge(&mut self, other: &Self) {
        for (sum, n) in self.outcomes.iter_mut().zip(other.outcomes) {
            *sum += n;
        }
        self.latency_ms.merge(&other.latency_ms);
        self.energy_j += other.energy_j;
        self.carbon_g += other.carbon_g;
    }

    /// All tasks.
    pub(crate) fn arrived(&self) -> u64 {
        self.outcomes.iter().sum()
    }

    /// Those in time.
    pub(crate) fn completed(&self) -> u64 {
        self.outcomes[0]
    }

    /// Those that came back late.
    pub(crate) fn missed(&self) -> u64 {
        self.outcomes[1]
    }

    /// Those that were lost.
    pub(crate) fn lost(&self) -> u64 {
        self.outcomes[2..].iter().sum()
    }
}

/// Cells of one hour or one run, by class, then place.
pub(crate) type Grid = Vec<Option<Box<Cell>>>;

/// An hour that is over.
#[derive(Clone, Debug)]
pub(crate) struct Hour {
    /// Hours since the run's start.
    pub(crate) hour: u64,
    /// Its tasks.
    pub(crate) cells: Grid,
}

impl Hour {
    /// All classes and places together.
    pub(crate) fn whole(&self) -> Cell {
        let mut whole = Cell::default();
        self.cells.iter().flatten().for_each(|cell| whole.merge(cell));
        whole
    }
}

/// The count of all tasks.
#[derive(Clone, Debug)]
pub(crate) struct Tasks {
    classes: usize,
    places: usize,
    first: u64,
    open: VecDeque<Grid>,
    late: BTreeMap<u64, Grid>,
    totals: Grid,
}

impl Tasks {
    /// Nothing counted yet.
    pub(crate) fn new(classes: usize, servers: usize) -> Self {
        let places = servers + 2;
        let totals = vec![None; classes * places];
        Self { classes, places, first: 0, open: VecDeque::new(), late: BTreeMap::new(), totals }
    }

    /// A place's index: 0 is the device, then the servers, then the cloud.
    fn place(&self, place: Place) -> usize {
        match place {
            Place::Local => 0,
            Place::Server(server) => 1 + usize::from(server),
            Place::Cloud => self.places - 1,
        }
    }

    /// Counts one task.
    pub(crate) fn add(&mut self, task: &TaskRecord) {
        let hour = task.arrived.0 / Span::HOUR.0;
        let index = usize::from(task.stream) * self.places + self.place(task.place);
        let cells = self.classes * self.places;
        let grid = match hour.checked_sub(self.first) {
            Some(ahead) => {
                let ahead = ahead as usize;
                while self.open.len() <= ahead {
                    self.open.push_back(vec![None; cells]);
                }
                &mut self.open[ahead]
            }
            None => self.late.entry(hour).or_insert_with(|| vec![None; cells]),
        };
        grid[index].get_or_insert_default().add(task);
    }

    /// Takes the hours that are over at `now`, oldest first, or all of them at the run's end.
    pub(crate) fn close(&mut self, now: Option<SimTime>) -> Vec<Hour> {
        let end = now.map_or(u64::MAX, |now| (now.0 / Span::HOUR.0).saturating_sub(PATIENCE_HOURS));
        if end <= self.first {
            return Vec::new();
        }
        let late = std::mem::take(&mut self.late).into_iter();
        let mut closed: Vec<_> = late.map(|(hour, cells)| Hour { hour, cells }).collect();
        while self.first < end {
            let Some(cells) = self.open.pop_front() else {
                self.first = if now.is_some() { end } else { self.first };
                break;
            };
            closed.push(Hour { hour: self.first, cells });
            self.first += 1;
        }
        for hour in &closed {
            for (total, cell) in self.totals.iter_mut().zip(&hour.cells) {
                if let Some(cell) = cell {
                    total.get_or_insert_default().merge(cell);
                }
            }
        }
        closed
    }

    /// The whole run by class and place, open hours included.
    pub(crate) fn totals(&self) -> Totals {
        let mut whole = self.clone();
        whole.close(None);
        Totals { places: whole.places, grid: whole.totals }
    }
}

/// The whole run by class and place.
#[derive(Clone, Debug)]
pub(crate) struct Totals {
    places: usize,
    grid: Grid,
}

impl Totals {
    /// Cells whose class and place are chosen, together.
    pub(crate) fn sum(&self, chosen: impl Fn(usize, usize) -> bool) -> Cell {
        let mut sum = Cell::default();
        for (i, cell) in self.grid.iter().enumerate() {
            if let Some(cell) = cell.as_ref().filter(|_| chosen(i / self.places, i % self.places)) {
                sum.merge(cell);
            }
        }
        sum
    }
}
