//! A site to try the link with: a second twin of the same scenario acts as the real site, and its
//! simulated meters publish its state. With [`Demo`] they do so over a built-in broker, on this
//! machine only. It is independent of the twin that follows its meters.

use super::SessionError;
use super::clock::Clock;
use crate::announce::{DeadMan, Limits, ONLINE, Order, availability_topic, setpoint_topic};
use crate::broker::demo::DemoBroker;
use crate::broker::{Address, Broker, Options};
use crate::fleet::{Course, Fault, Fleet, FleetOptions, Publication, Truth};
use crate::site::{Device, Site};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::scenario::{Change, Metered, Quantity};
use gridtwin_twin::{Scenario, Twin, TwinError};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// The longest that a simulated battery obeys one set point.
const LONGEST: Span = Span::from_secs(300);
/// The interval at which the meters are polled for messages.
const EVERY: Duration = Duration::from_millis(50);

/// A real site in the simulator, with its meters.
pub struct Meters {
    twin: Twin,
    site: Site,
    fleet: Fleet,
    /// What controls each battery's power, if anything does.
    dead_men: Vec<DeadMan>,
    /// How full the batteries were when the interval that is published now began.
    soc_before: Vec<f64>,
    truth: Truth,
    /// Up to here has been published.
    at: SimTime,
    /// The end of the interval that is published now.
    until: SimTime,
}

impl Meters {
    /// The site at its start, read once a `period` by every meter. Its clouds, loads and cars are
    /// those of `seed`.
    ///
    /// # Errors
    /// What the twin refuses.
    pub fn new(
        scenario: &Scenario,
        seed: u64,
        period: Span,
        faults: Vec<Fault>,
    ) -> Result<Self, TwinError> {
        let scenario = Scenario { seed, ..scenario.clone() };
        let twin = Twin::new(&scenario)?;
        let catalog = twin.catalog();
        let options = FleetOptions {
            start: catalog.start,
            utc_offset_s: catalog.local_time(SimTime::ZERO).offset().seconds(),
            period,
            faults,
            ..FleetOptions::default()
        };
        let limits = |battery: &gridtwin_twin::scenario::Battery| Limits {
            min_kw: -battery.charge_kw.get(),
            max_kw: battery.discharge_kw.get(),
        };
        let peaks_kw = vec![0.0; scenario.loads.len()];
        Ok(Self {
            fleet: Fleet::new(&scenario.meters, seed, options),
            site: Site::new(&scenario, &peaks_kw),
            dead_men: scenario
                .batteries
                .iter()
                .map(|battery| DeadMan::new(limits(battery), LONGEST))
                .collect(),
            soc_before: Vec::new(),
            truth: Truth::default(),
            at: SimTime::ZERO,
            until: SimTime::ZERO,
            twin,
        })
    }

    /// Starts at a later time than the scenario: everything before is simulated, and not published.
    pub fn skip_to(&mut self, at: SimTime) {
        let step = self.twin.catalog().step;
        let from = SimTime(at.0 / step.0 * step.0);
        self.twin.advance(from, &mut ());
        (self.at, self.until) = (from, from);
    }

    /// The simulated site, up to its latest interval.
    pub fn twin(&self) -> &Twin {
        &self.twin
    }

    /// Topics that the site subscribes to: set points, and requests to its meters.
    pub fn subscriptions(&self) -> Vec<String> {
        let catalog = self.twin.catalog();
        let batteries = catalog.batteries.iter();
        let mut all: Vec<String> =
            batteries.map(|(id, _)| setpoint_topic(&catalog.name, id)).collect();
        all.push(availability_topic(&catalog.name));
        all.extend(self.fleet.subscriptions());
        all
    }

    /// Receives a message.
    pub fn hear(&mut self, topic: &str, payload: &[u8], now: SimTime) {
        let catalog = self.twin.catalog();
        if topic == availability_topic(&catalog.name) {
            let online = payload == ONLINE.as_bytes();
            self.dead_men.iter_mut().for_each(|dead_man| dead_man.availability(online));
            return;
        }
        for ((id, _), dead_man) in catalog.batteries.iter().zip(&mut self.dead_men) {
            if topic == setpoint_topic(&catalog.name, id)
                && let Some(order) = Order::parse(payload, catalog.start)
                && order.device == *id
            {
                dead_man.receive(&order, now);
                return;
            }
        }
        self.fleet.on_message(topic, payload);
    }

    /// What each battery was ordered to do, where it obeys.
    pub fn ordered_kw(&self, now: SimTime) -> Vec<Option<f64>> {
        self.dead_men.iter().map(|dead_man| dead_man.power_kw(now)).collect()
    }

    /// What meters publish up to `now`, in order of time; nothing more once the run is over.
    pub fn publish(&mut self, now: SimTime, out: &mut Vec<Publication>) {
        while self.at < now {
            if self.at >= self.until && !self.live() {
                return;
            }
            let until = self.until.min(now);
            self.fleet.publish(self.at, until, &self.truth, out);
            self.at = until;
        }
    }

    /// Simulates the next interval, if there is one.
    fn live(&mut self) -> bool {
        if self.twin.now() >= self.twin.end() {
            return false;
        }
        let batteries = self.twin.catalog().batteries.len();
        self.soc_before = (0..batteries).map(|i| self.twin.state_of_charge(i)).collect();
        let ordered = Metered { batteries_kw: self.ordered_kw(self.at), ..Metered::default() };
        if !ordered.is_empty() {
            // Finite powers of batteries that are there: nothing that could be refused.
            let _ = self.twin.apply(&Change::Metered(ordered));
        }
        self.until = self.twin.now() + self.twin.catalog().step;
        self.twin.advance(self.until, &mut ());
        self.truth = self.truth_now();
        true
    }

    /// The readings of a perfect meter over the last simulated interval.
    fn truth_now(&self) -> Truth {
        let sample = self.twin.last_sample();
        let flows = &sample.flows;
        let at = |list: &[f64], i: usize| Course::constant(list.get(i).copied().unwrap_or(0.0));
        // Arrays are curtailed together.
        let pv_kw: f64 = sample.pv_kw.iter().sum();
        let used = if pv_kw > 0.0 { 1.0 - (flows.curtailed_kw / pv_kw).min(1.0) } else { 1.0 };
        let meters = &self.twin.scenario().meters;
        let course = |(meter, device): (&gridtwin_twin::scenario::Meter, &Device)| match *device {
            Device::Pv(i) => Course::constant(sample.pv_kw.get(i).map_or(0.0, |kw| kw * used)),
            Device::Load(i) => at(&sample.loads_kw, i),
            Device::Chargers(i) => at(&sample.chargers_kw, i),
            Device::Grid => Course::constant(flows.import_kw - flows.export_kw),
            Device::Battery(i) => {
                let power_kw = sample.batteries.get(i).map_or(0.0, |battery| battery.power_kw);
                let soc = Course::line(
                    self.soc_before.get(i).copied().unwrap_or(0.0),
                    self.twin.state_of_charge(i),
                );
                match meter.quantity {
                    Quantity::Soc => soc,
                    Quantity::Voltage => self.voltage(i, soc, power_kw),
                    _ => Course::constant(power_kw),
                }
            }
        };
        Truth { courses: meters.iter().zip(&self.site.devices).map(course).collect() }
    }

    /// A battery's voltage at its terminals; none where its cells are not known.
    fn voltage(&self, battery: usize, soc: Course, power_kw: f64) -> Course {
        let cells = self.twin.scenario().batteries[battery].cells.as_ref();
        let cells = cells.map(crate::live::cells);
        let volts = |soc: f64| {
            cells.as_ref().map_or(f64::NAN, |cells| {
                // V = E - R P / V, of the two solutions the one near E.
                let rest_v = cells.in_series * cells.curve.at(soc).0;
                let within = rest_v * rest_v - 4000.0 * cells.resistance_ohm * power_kw;
                (rest_v + within.max(0.0).sqrt()) / 2.0
            })
        };
        Course::line(volts(soc.from), volts(soc.until))
    }

    /// Publishes at a broker, in step with a clock, until `stop` or the end of the run.
    ///
    /// # Errors
    /// A message that the broker's connection refuses.
    pub fn run(
        &mut self,
        broker: &Broker,
        clock: Clock,
        stop: &AtomicBool,
        tell: &mut dyn FnMut(&str),
    ) -> Result<(), SessionError> {
        let mut out = Vec::new();
        while !stop.load(Ordering::Relaxed) && self.at < self.twin.end() {
            let batch = broker.receive(Instant::now() + EVERY);
            for news in &batch.news {
                tell(&news.to_string());
            }
            for message in &batch.messages {
                self.hear(&message.topic, &message.payload, clock.now());
            }
            self.publish(clock.now(), &mut out);
            for said in out.drain(..) {
                broker.publish(&said.topic, &said.payload, said.retain)?;
            }
        }
        self.fleet.stop(self.at, &mut out);
        for said in out.drain(..) {
            broker.publish(&said.topic, &said.payload, said.retain)?;
        }
        Ok(())
    }
}

/// A built-in broker, and a site whose meters publish to it.
pub struct Demo {
    broker: DemoBroker,
    stop: Arc<AtomicBool>,
    meters: Option<JoinHandle<Result<(), SessionError>>>,
}

impl Demo {
    /// Starts the broker.
    ///
    /// # Errors
    /// A broker that cannot be started.
    pub fn start() -> Result<Self, SessionError> {
        let (broker, stop) = (DemoBroker::start()?, Arc::new(AtomicBool::new(false)));
        Ok(Self { broker, stop, meters: None })
    }

    /// Publishes a site's meters in step with `clock`. Start it after the twin has subscribed, so
    /// that the twin receives the births.
    ///
    /// # Errors
    /// A connection that the broker refuses.
    pub fn speak(&mut self, mut meters: Meters, clock: Clock) -> Result<(), SessionError> {
        let mut options = Options::new(self.broker.address(), "gridtwin-meters");
        options.filters = meters.subscriptions();
        let connection = Broker::connect(options)?;
        let stopped = Arc::clone(&self.stop);
        let work = move || {
            let done = meters.run(&connection, clock, &stopped, &mut |_| {});
            // Messages left unsent at the end are not needed.
            let _ = connection.close_and_forget();
            done
        };
        let thread = std::thread::Builder::new().name("meters".to_owned()).spawn(work);
        self.meters = Some(thread.map_err(crate::broker::BrokerError::Thread)?);
        Ok(())
    }

    /// Where the broker is.
    pub fn address(&self) -> Address {
        self.broker.address()
    }

    /// Ends both.
    ///
    /// # Errors
    /// What went wrong with the meters.
    pub fn end(mut self) -> Result<(), SessionError> {
        self.stop.store(true, Ordering::Relaxed);
        let done = self.meters.take().map(JoinHandle::join);
        self.broker.stop();
        match done {
            Some(Ok(done)) => done,
            // The thread broke, and has said so itself.
            Some(Err(_)) | None => Ok(()),
        }
    }
}
