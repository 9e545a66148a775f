//! The workload: when tasks arrive, and their sizes. It does not depend on power or policies: each
//! (stream, device) draws from its own random stream, four numbers for every task, whatever the
//! distributions.

use super::agenda::Agenda;
use super::error::EdgeError;
use crate::scenario::{Arrivals, Distribution, Scenario};
use gridtwin_kernel::{SimTime, Span, Stream, Streams};
use rand::Rng;

/// A task as its device makes it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Made {
    /// The time.
    pub at: SimTime,
    /// Index of its stream.
    pub stream: u16,
    /// Index of its device among all devices.
    pub device: u32,
    /// What must be sent if it is offloaded, bits.
    pub input_bits: f64,
    /// What must be computed, cycles.
    pub cycles: f64,
    /// What comes back, bits.
    pub output_bits: f64,
}

/// All tasks of a scenario, in order of time, then of stream, then of device.
#[derive(Clone, Debug)]
pub struct Workload {
    shapes: Vec<Shape>,
    sources: Vec<Source>,
    /// The next arrival of each source that has one.
    due: Agenda,
    end: SimTime,
}

/// One device's part in one stream.
#[derive(Clone, Debug)]
struct Source {
    random: Stream,
    stream: u16,
    device: u32,
}

/// What the tasks of a stream are like.
#[derive(Clone, Debug)]
struct Shape {
    gap: Gap,
    input_kb: Distribution,
    megacycles: Distribution,
    output_kb: Distribution,
}

#[derive(Clone, Copy, Debug)]
enum Gap {
    Never,
    Exponential { mean_ns: f64 },
    Constant(Span),
}

impl Workload {
    /// The tasks that arrive before `end`. 1 kB is 1000 bytes.
    ///
    /// # Errors
    /// A stream of an unknown fleet, a distribution upside down, or too many of something.
    pub fn new(scenario: &Scenario, streams: &Streams, end: SimTime) -> Result<Self, EdgeError> {
        let mut workload = Self {
            shapes: Vec::with_capacity(scenario.tasks.len()),
            sources: Vec::new(),
            due: Agenda::default(),
            end,
        };
        let first_device = first_devices(scenario)?;
        super::build::limit("task streams", scenario.tasks.len(), u16::MAX.into())?;
        for (index, task) in scenario.tasks.iter().enumerate() {
            let fleet = super::build::fleet_of(scenario, task)?;
            for (size, distribution) in [
                ("input_kb", &task.input_kb),
                ("megacycles", &task.megacycles),
                ("output_kb", &task.output_kb),
            ] {
                if matches!(distribution, Distribution::Uniform { from, to } if from > to) {
                    let stream = task.id.to_string();
                    return Err(EdgeError::UpsideDown { stream, size });
                }
            }
            workload.shapes.push(Shape {
                gap: match task.arrivals {
                    Arrivals::Poisson { per_minute } if per_minute.get() == 0.0 => Gap::Never,
                    Arrivals::Poisson { per_minute } => {
                        Gap::Exponential { mean_ns: 6e10 / per_minute.get() }
                    }
                    // A span of nothing would never let time pass.
                    Arrivals::Periodic { every_s } => {
                        Gap::Constant(Span::from_secs_f64(every_s.get()).max(Span(1)))
                    }
                },
                input_kb: task.input_kb,
                megacycles: task.megacycles,
                output_kb: task.output_kb,
            });
            for number in 0..scenario.devices[fleet].count {
                let random = streams.stream(&format!("tasks/{}/{number}", task.id));
                workload.add(random, index as u16, first_device[fleet] + number);
            }
        }
        let sources = workload.sources.len();
        super::build::limit("pairs of task stream and device", sources, u32::MAX.into())?;
        Ok(workload)
    }

    fn add(&mut self, mut random: Stream, stream: u16, device: u32) {
        let drawn = uniform(&mut random);
        let first = match self.shapes[usize::from(stream)].gap {
            Gap::Never => SimTime::MAX,
            Gap::Exponential { mean_ns } => SimTime(exponential_ns(drawn, mean_ns)),
            Gap::Constant(every) => SimTime((drawn * every.0 as f64) as u64),
        };
        if first < self.end {
            self.due.push(first, self.sources.len() as u64);
        }
        self.sources.push(Source { random, stream, device });
    }

    /// When the next task comes; never where none does.
    #[inline]
    pub fn next_time(&self) -> SimTime {
        self.due.next_time()
    }

    fn take(&mut self) -> Option<Made> {
        let at = self.due.next_time();
        let index = self.due.first_tag()?;
        let source = &mut self.sources[index as usize];
        let shape = &self.shapes[usize::from(source.stream)];
        let random = &mut source.random;
        let made = Made {
            at,
            stream: source.stream,
            device: source.device,
            input_bits: 8e3 * size(random, &shape.input_kb),
            cycles: 1e6 * size(random, &shape.megacycles),
            output_bits: 8e3 * size(random, &shape.output_kb),
        };
        let drawn = uniform(random);
        let next = match shape.gap {
            Gap::Never => SimTime::MAX,
            Gap::Exponential { mean_ns } => at + Span(exponential_ns(drawn, mean_ns)),
            Gap::Constant(every) => at + every,
        };
        if next < self.end {
            self.due.replace_first(next, index);
        } else {
            self.due.pop();
        }
        Some(made)
    }
}

impl Iterator for Workload {
    type Item = Made;

    #[inline]
    fn next(&mut self) -> Option<Made> {
        self.take()
    }
}

/// Index of each fleet's first device among all devices.
fn first_devices(scenario: &Scenario) -> Result<Vec<u32>, EdgeError> {
    let total: u64 = scenario.devices.iter().map(|d| u64::from(d.count)).sum();
    super::build::limit("devices", total as usize, u32::MAX.into())?;
    let firsts = scenario.devices.iter().scan(0u32, |next, fleet| {
        let first = *next;
        *next += fleet.count;
        Some(first)
    });
    Ok(firsts.collect())
}

/// One number in [0, 1), from one draw.
#[inline]
fn uniform(random: &mut Stream) -> f64 {
    (random.next_u64() >> 11) as f64 * (1.0 / (1u64 << 53) as f64)
}

#[inline]
fn exponential_ns(uniform: f64, mean_ns: f64) -> u64 {
    // `as` saturates.
    (-(1.0 - uniform).ln() * mean_ns) as u64
}

/// One value, from exactly one draw, for every distribution.
#[inline]
fn size(random: &mut Stream, distribution: &Distribution) -> f64 {
    match *distribution {
        Distribution::Constant(value) => {
            random.next_u64();
            value.get()
        }
        Distribution::Exponential { mean } => -(1.0 - uniform(random)).ln() * mean.get(),
        Distribution::Uniform { from, to } => {
            from.get() + uniform(random) * (to.get() - from.get())
        }
        Distribution::LogNormal { median, sigma } => {
            median.get() * (sigma.get() * normal(random.next_u64())).exp()
        }
    }
}

/// A standard normal number from 64 random bits (Box and Muller 1958), within 6.7 standard
/// deviations.
fn normal(bits: u64) -> f64 {
    let scale = 1.0 / (1u64 << 32) as f64;
    let (radius, angle) = ((bits >> 32) as f64 * scale, (bits as u32) as f64 * scale);
    (-2.0 * (1.0 - radius).ln()).sqrt() * (std::f64::consts::TAU * angle).cos()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scenario::{NonNegative, Positive};

    fn mean_of(distribution: &Distribution) -> f64 {
        let mut random = Streams::new(3).stream("sizes");
        let sum: f64 = (0..200_000).map(|_| size(&mut random, distribution)).sum();
        sum / 2e5
    }

    #[test]
    fn sizes_have_their_means() {
        let p = Positive::of;
        let n = NonNegative::of;
        assert_eq!(mean_of(&Distribution::Constant(n(3.0))), 3.0);
        let exponential = mean_of(&Distribution::Exponential { mean: p(2.0) });
        assert!((exponential - 2.0).abs() < 0.02, "{exponential}");
        let uniform = mean_of(&Distribution::Uniform { from: n(1.0), to: n(4.0) });
        assert!((uniform - 2.5).abs() < 0.01, "{uniform}");
        let (median, sigma) = (p(2.0), n(0.5));
        let log_normal = mean_of(&Distribution::LogNormal { median, sigma });
        let exact = 2.0 * (0.5f64 * 0.5 / 2.0).exp();
        assert!((log_normal - exact).abs() < 0.02, "{log_normal} {exact}");
    }

    #[test]
    fn every_size_takes_one_draw() {
        let n = NonNegative::of;
        let after = |distribution: &Distribution| {
            let mut random = Streams::new(3).stream("sizes");
            size(&mut random, distribution);
            random.next_u64()
        };
        let constant = after(&Distribution::Constant(n(1.0)));
        let (median, sigma) = (Positive::of(1.0), n(1.0));
        assert_eq!(constant, after(&Distribution::Exponential { mean: median }));
        assert_eq!(constant, after(&Distribution::LogNormal { median, sigma }));
        let (from, to) = (n(0.0), n(1.0));
        assert_eq!(constant, after(&Distribution::Uniform { from, to }));
    }
}
