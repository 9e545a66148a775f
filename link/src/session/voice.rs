//! What a live twin publishes by MQTT, and when: discovery at the start, its state every few
//! seconds, a forecast after every interval, alarms as they occur, and set points if control is
//! enabled. Data only; the session sends it.

use crate::announce::{
    self, Control, ControlOptions, DeviceInfo, DeviceState, Forecast, Interval, Limits, Message,
    MeterCounts, MeterHealth, SiteInfo, SiteState, Source, Wish,
};
use crate::live::{Live, Lived, MeterNow, Now};
use crate::site::Device;
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::record::{Observer, Sample};
use gridtwin_twin::scenario::{Change, Metered};

/// Home Assistant's own prefix.
const DISCOVERY: &str = "homeassistant";
/// How far a forecast reaches.
const FORECAST: Span = Span::from_secs(48 * 3600);

/// What is published, and how often.
#[derive(Clone, Copy, Debug)]
pub struct VoiceOptions {
    /// The interval between two publications of the state, on the twin's clock.
    pub state_every: Span,
    /// Set points, where they are asked for.
    pub control: Option<ControlOptions>,
}

impl Default for VoiceOptions {
    fn default() -> Self {
        Self { state_every: Span::from_secs(10), control: None }
    }
}

/// Something to publish.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// Its topic.
    pub topic: String,
    /// Its bytes.
    pub payload: Vec<u8>,
    /// Whether the broker is to keep it.
    pub retain: bool,
    /// When it is not to be sent any more.
    pub expires: Option<SimTime>,
}

impl From<Message> for Outgoing {
    fn from(message: Message) -> Self {
        let Message { topic, payload, retain } = message;
        Self { topic, payload, retain, expires: None }
    }
}

/// Decides what is published.
pub struct Voice {
    options: VoiceOptions,
    control: Control,
    /// When the state is published next.
    next: SimTime,
    totals: Totals,
    active: u32,
    /// What batteries are to do by the twin's own policy, kW.
    wanted_kw: Vec<f64>,
}

/// Energy since the start, kWh.
#[derive(Clone, Copy, Debug, Default)]
struct Totals {
    pv: f64,
    load: f64,
    import: f64,
    export: f64,
    charged: f64,
    discharged: f64,
}

/// Keeps what batteries do.
#[derive(Default)]
struct Batteries(Vec<f64>);

impl Observer for Batteries {
    fn sample(&mut self, sample: &Sample) {
        self.0 = sample.batteries.iter().map(|battery| battery.power_kw).collect();
    }
}

impl Voice {
    /// Nothing has been published yet.
    pub fn new(options: VoiceOptions) -> Self {
        Self {
            control: options.control.map_or_else(Control::off, Control::on),
            options,
            next: SimTime::ZERO,
            totals: Totals::default(),
            active: 0,
            wanted_kw: Vec::new(),
        }
    }

    /// The publications at the start: discovery, for displays.
    pub(super) fn begin(&mut self, live: &Live, out: &mut Vec<Outgoing>) {
        let twin = live.twin();
        let info = |now: Now| DeviceInfo {
            id: live.name_of(now.device).to_owned(),
            kind: kind(now.device).to_owned(),
            has_soc: matches!(now.device, Device::Battery(_)),
        };
        let site = SiteInfo {
            id: twin.catalog().name.clone(),
            name: twin.catalog().name.clone(),
            version: env!("CARGO_PKG_VERSION").to_owned(),
            currency: twin.catalog().has_grid.then(|| twin.catalog().currency.clone()),
            has_battery: !twin.catalog().batteries.is_empty(),
            devices: live.devices().map(info).collect(),
        };
        out.extend(announce::discovery(DISCOVERY, &site).into_iter().map(Into::into));
    }

    /// Publishes the state at each of its times before `until`, and set points.
    pub(super) fn speak_until(&mut self, until: SimTime, live: &Live, out: &mut Vec<Outgoing>) {
        if self.next >= until {
            return;
        }
        // After a long pause, only the last of these times is published.
        let every = self.options.state_every.0.max(1);
        let at = SimTime((until.0 - 1) / every * every);
        self.next = at + self.options.state_every;
        out.push(
            announce::state_message(&live.twin().catalog().name, &self.state(at, live)).into(),
        );
        self.order(at, live, out);
    }

    /// The publications after an interval.
    pub(super) fn after(&mut self, lived: &Lived, live: &Live, out: &mut Vec<Outgoing>) {
        let twin = live.twin();
        let site = &twin.catalog().name;
        let (sample, hours) = (twin.last_sample(), twin.catalog().step.as_hours_f64());
        let flows = &sample.flows;
        self.totals.pv += flows.pv_kw * hours;
        self.totals.load += flows.load_kw * hours;
        self.totals.import += flows.import_kw * hours;
        self.totals.export += flows.export_kw * hours;
        self.totals.charged += flows.charge_kw * hours;
        self.totals.discharged += flows.discharge_kw * hours;
        for alarm in &lived.alarms {
            let change = if alarm.active { 1 } else { -1 };
            self.active = self.active.saturating_add_signed(change);
            let said = announce::Alarm {
                at: stamp(live, live.now()),
                device: alarm.device.clone(),
                kind: alarm.kind.to_owned(),
                since: stamp(live, alarm.since),
                measured_kw: alarm.measured_kw,
                expected_kw: alarm.expected_kw,
                evidence: alarm.evidence.clone(),
                active: alarm.active,
            };
            out.push(announce::alarm_message(site, &said).into());
        }
        out.push(announce::forecast_message(site, &forecast(live)).into());
        if self.control.is_on() {
            self.wanted_kw = wanted_kw(live);
        }
    }

    fn state(&self, at: SimTime, live: &Live) -> SiteState {
        let twin = live.twin();
        let sample = twin.last_sample();
        let mut state = SiteState { at: stamp(live, at), ..SiteState::default() };
        let (mut grid_kw, mut stored_kwh, mut capacity_kwh) = (0.0, 0.0, 0.0);
        for now in live.devices() {
            match now.device {
                Device::Pv(_) => state.pv_kw += now.power_kw,
                Device::Load(_) => state.load_kw += now.power_kw,
                Device::Chargers(_) => state.charging_kw += now.power_kw,
                Device::Grid => grid_kw += now.power_kw,
                Device::Battery(i) => {
                    state.battery_kw += now.power_kw;
                    let size_kwh = twin.catalog().batteries[i].1;
                    capacity_kwh += size_kwh;
                    stored_kwh += size_kwh * now.soc.map_or(0.0, |soc| soc.value);
                }
            }
            state.devices.push(DeviceState {
                id: live.name_of(now.device).to_owned(),
                kind: kind(now.device).to_owned(),
                power_kw: now.power_kw,
                soc: now.soc.map(|soc| soc.value),
                source: match now.meter {
                    Some(MeterNow::Good | MeterNow::Poor) => Source::Meter,
                    Some(MeterNow::Silent) | None => Source::Model,
                },
                quality: now.meter.map(|meter| quality(meter).to_owned()),
            });
        }
        state.load_kw += sample.flows.compute_kw + sample.flows.network_kw;
        state.genset_kw = sample.flows.genset_kw;
        (state.import_kw, state.export_kw) = (grid_kw.max(0.0), (-grid_kw).max(0.0));
        state.soc = (capacity_kwh > 0.0).then(|| stored_kwh / capacity_kwh);
        state.pv_kwh = self.totals.pv;
        state.load_kwh = self.totals.load;
        state.import_kwh = self.totals.import;
        state.export_kwh = self.totals.export;
        state.charged_kwh = self.totals.charged;
        state.discharged_kwh = self.totals.discharged;
        if twin.catalog().has_grid {
            let k = (twin.now().0 / twin.catalog().step.0.max(1)) as usize;
            state.carbon_g_per_kwh = twin.grid_course_g_per_kwh().get(k).copied();
            state.price_per_kwh = twin.price_course_per_kwh().get(k).copied();
        }
        state.alarms = self.active;
        let [good, late, silent] = live.meters();
        state.meters = MeterCounts { good, late, silent };
        state
    }

    /// Set points for the batteries, where control is on and there is something to order.
    fn order(&mut self, at: SimTime, live: &Live, out: &mut Vec<Outgoing>) {
        if !self.control.is_on() {
            return;
        }
        let twin = live.twin();
        for now in live.devices() {
            let Device::Battery(i) = now.device else { continue };
            let Some(&power_kw) = self.wanted_kw.get(i) else { continue };
            let battery = &twin.scenario().batteries[i];
            let silent_s = live.site().batteries[i]
                .power
                .map_or(0.0, |meter| twin.scenario().meters[meter].silent_s.get());
            let wish = Wish {
                device: live.name_of(now.device).to_owned(),
                power_kw,
                measured_kw: now.power_kw,
                limits: Limits {
                    min_kw: -battery.charge_kw.get(),
                    max_kw: battery.discharge_kw.get(),
                },
                meter: MeterHealth {
                    last_good: live.last_reading(now.device),
                    silent: Span::from_secs_f64(silent_s),
                },
            };
            if let Some(set_point) = self.control.set_point(&wish, at) {
                let start = twin.catalog().start;
                let message = announce::setpoint_message(&twin.catalog().name, &set_point, start);
                let expires = Some(set_point.valid_until);
                out.push(Outgoing { expires, ..message.into() });
            }
        }
    }
}

/// The power that the scenario's policy would give the batteries in the next interval: a fork of
/// the twin simulates it, with the expected output of arrays and loads.
fn wanted_kw(live: &Live) -> Vec<f64> {
    let mut fork = live.twin().clone();
    let step = fork.catalog().step;
    let until = fork.now() + step;
    let expected = live.expected();
    let applied = fork.apply(&Change::Metered(Metered { batteries_kw: Vec::new(), ..expected }));
    let mut batteries = Batteries::default();
    if applied.is_ok() {
        fork.advance(until, &mut batteries);
    }
    batteries.0
}

fn forecast(live: &Live) -> Forecast {
    let catalog = live.twin().catalog();
    let intervals = (FORECAST.0 / catalog.step.0.max(1)) as usize;
    let estimate = |[mean, deviation]: [f64; 2]| announce::Estimate { mean, deviation };
    let known = |mean| announce::Estimate { mean, deviation: 0.0 };
    let all = live.outlook(intervals).into_iter().map(|outlook| Interval {
        pv_kw: estimate(outlook.pv_kw),
        load_kw: estimate(outlook.load_kw),
        price_per_kwh: known(outlook.price_per_kwh),
        carbon_g_per_kwh: known(outlook.grid_g_per_kwh),
    });
    Forecast {
        at: stamp(live, live.now()),
        start: stamp(live, live.twin().now()),
        step_s: catalog.step.as_secs_f64() as u32,
        currency: catalog.currency.clone(),
        intervals: all.collect(),
    }
}

fn kind(device: Device) -> &'static str {
    match device {
        Device::Pv(_) => "pv",
        Device::Battery(_) => "battery",
        Device::Load(_) => "load",
        Device::Chargers(_) => "charger",
        Device::Grid => "grid",
    }
}

fn quality(meter: MeterNow) -> &'static str {
    match meter {
        MeterNow::Good => "good",
        MeterNow::Poor => "poor",
        MeterNow::Silent => "silent",
    }
}

/// An instant of the run, in UTC.
fn stamp(live: &Live, at: SimTime) -> String {
    let local = live.twin().catalog().local_time(at);
    format!("{:.0}", local.timestamp())
}
