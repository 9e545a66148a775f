//! The whole way without a broker: a second twin plays the site, its meters write, the live twin
//! reads, follows, estimates, and says what cannot be right.

use gridtwin_kernel::{SimTime, Span};
use gridtwin_link::Device;
use gridtwin_link::fleet::{Fault, FaultKind, Publication, Target};
use gridtwin_link::live::{Alarm, Live};
use gridtwin_link::session::{Arrived, Keeper, Meters, Voice, VoiceOptions};
use gridtwin_twin::Scenario;
use gridtwin_twin::record::{Observer, Sample};
use gridtwin_twin::scenario::{Id, Override};
use std::path::Path;

/// The campus without its tasks and votes, which have no meters.
fn campus(days: u32, set: &[&str]) -> Scenario {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/campus.ron");
    let quiet = ["tasks=[]", "consensus=[]"];
    let set: Vec<Override> = quiet.iter().chain(set).map(|set| set.parse().unwrap()).collect();
    Scenario::load_with(&file, &set, Some(days), None).unwrap()
}

#[test]
fn a_live_twin_does_not_start_where_a_simulated_run_would_end() {
    let error = Live::new(&campus(1, &["batteries.container.soc_start=Cyclic"])).err().unwrap();
    let text = error.to_string();
    assert!(text.contains("battery `container` has `soc_start: Cyclic`"), "{text}");
}

/// Keeps every sample.
#[derive(Clone, Default)]
struct Log(Vec<Sample>);

impl Observer for Log {
    fn sample(&mut self, sample: &Sample) {
        self.0.push(sample.clone());
    }
}

/// What came of a run: what the live twin lived, what the site really did, alarms.
struct Followed {
    keeper: Keeper<Log>,
    real: Vec<Sample>,
    alarms: Vec<(SimTime, Alarm)>,
}

fn follow(scenario: &Scenario, real: &Scenario, period_s: u64, faults: Vec<Fault>) -> Followed {
    let mut meters =
        Meters::new(real, real.seed ^ 0x5eed, Span::from_secs(period_s), faults).unwrap();
    let mut keeper = Keeper::new(
        Live::new(scenario).unwrap(),
        Log::default(),
        None,
        Voice::new(VoiceOptions { state_every: Span::HOUR, ..VoiceOptions::default() }),
    )
    .unwrap();
    let step = meters.twin().catalog().step;
    let (mut alarms, mut out, mut real) = (Vec::new(), Vec::<Publication>::new(), Vec::new());
    let mut at = SimTime::ZERO;
    while at < meters.twin().end() {
        at += step;
        meters.publish(at, &mut out);
        real.push(meters.twin().last_sample().clone());
        for p in out.drain(..) {
            let (topic, payload) = (p.topic.as_str(), p.payload.as_slice());
            // A broker's kept copy goes to who comes later alone.
            let arrived = Arrived { at: p.at, topic, payload, retained: false };
            keeper.look_at(&arrived).unwrap();
            for alarm in keeper.take_alarms() {
                alarms.push((keeper.live().twin().now(), alarm));
            }
        }
        keeper.take_said();
    }
    keeper.pass(at + Span::HOUR).unwrap();
    Followed { keeper, real, alarms }
}

impl Followed {
    fn lived(self) -> Vec<Sample> {
        self.keeper.end().unwrap().1.0
    }

    fn raised(&self, device: &str, kind: &str) -> Option<SimTime> {
        let found = self
            .alarms
            .iter()
            .find(|(_, alarm)| alarm.active && alarm.device == device && alarm.kind == kind);
        found.map(|(at, _)| *at)
    }
}

/// A quantity of a sample.
type Of = fn(&Sample) -> f64;

fn energy(samples: &[Sample], of: impl Fn(&Sample) -> f64) -> f64 {
    samples.iter().map(|sample| of(sample) * sample.step.as_hours_f64()).sum()
}

#[test]
fn the_twin_does_what_the_site_does_whatever_its_own_models_say() {
    let scenario = campus(3, &[]);
    let followed = follow(&scenario, &scenario, 10, Vec::new());
    assert_eq!(followed.alarms, [], "nothing is wrong");
    let counts = followed.keeper.live().counts();
    assert_eq!((counts.unknown, counts.unreadable), (0, 0), "{counts:?}");
    let real = followed.real.clone();
    let lived = followed.lived();
    assert_eq!(lived.len(), real.len());
    let quantities: [(&str, Of); 6] = [
        ("PV", |s| s.pv_kw.iter().sum()),
        ("loads", |s| s.loads_kw.iter().sum()),
        ("cars", |s| s.chargers_kw[0]),
        ("charge", |s| s.flows.charge_kw),
        ("discharge", |s| s.flows.discharge_kw),
        ("import", |s| s.flows.import_kw),
    ];
    for (name, of) in quantities {
        let (ours, theirs) = (energy(&lived, of), energy(&real, of));
        assert!((ours - theirs).abs() < 0.02 * theirs + 1.0, "{name}: {ours} and {theirs} kWh");
    }
    for (ours, theirs) in lived.iter().zip(&real).skip(12) {
        let apart = (ours.batteries[0].soc - theirs.batteries[0].soc).abs();
        assert!(apart < 0.02, "{} and {}", ours.batteries[0].soc, theirs.batteries[0].soc);
        assert!(ours.residual_kwh.abs() < 1e-9);
    }
}

#[test]
fn a_state_of_charge_that_begins_wrong_is_put_right_within_the_first_hour() {
    let (scenario, real) = (
        campus(1, &["batteries.container.soc_start=0.9"]),
        campus(1, &["batteries.container.soc_start=0.3"]),
    );
    let followed = follow(&scenario, &real, 10, Vec::new());
    let real = followed.real.clone();
    let lived = followed.lived();
    assert!(lived[0].batteries[0].soc > 0.8);
    for (ours, theirs) in lived.iter().zip(&real).skip(12) {
        let apart = (ours.batteries[0].soc - theirs.batteries[0].soc).abs();
        assert!(apart < 0.02, "{} and {}", ours.batteries[0].soc, theirs.batteries[0].soc);
    }
}

#[test]
fn a_device_whose_meter_dies_follows_its_model_and_says_so() {
    let scenario = campus(3, &[]);
    let from = SimTime::from_secs_f64(86_400.0 * 1.5);
    let target = Target::Device(Id::new("roof-library").unwrap());
    let fault = Fault { target, from, until: SimTime::MAX, kind: FaultKind::Dies };
    let followed = follow(&scenario, &scenario, 10, vec![fault]);
    let raised = followed.raised("roof-library", "dead").expect("it is missed");
    assert!(raised <= from + Span::from_secs(900), "{raised}");
    let live = followed.keeper.live();
    assert!(live.devices().any(|now| now.device == Device::Pv(0)));
    let ratio = live.performance(0).unwrap().value;
    let model: Vec<f64> = live.twin().pv_course_kw(0).to_vec();
    let lived = followed.lived();
    let k = 86_400 * 3 / 300 - 130; // a time of the third day
    let expected = model[k] * ratio;
    assert!((lived[k].pv_kw[0] - expected).abs() < 0.05 * expected + 0.1);
}

#[test]
fn meters_that_cannot_be_right_are_named_and_not_followed() {
    let scenario = campus(2, &[]);
    let from = SimTime::from_secs_f64(86_400.0 + 10.0 * 3600.0);
    let fault = |device: &str, kind: FaultKind| {
        let target = Target::Device(Id::new(device).unwrap());
        vec![Fault { target, from, until: SimTime::MAX, kind }]
    };
    let cases = [
        ("roof-labs", FaultKind::FlipsSign, "flipped sign", 13),
        ("library", FaultKind::FlipsSign, "flipped sign", 13),
        ("labs", FaultKind::Jumps { factor: 3.0 }, "jump", 13),
    ];
    for (device, kind, name, intervals) in cases {
        let followed = follow(&scenario, &scenario, 10, fault(device, kind));
        let raised = followed.raised(device, name);
        let raised = raised.unwrap_or_else(|| panic!("{device}: {name}: {:?}", followed.alarms));
        let after = (raised - from).as_secs_f64() / 300.0;
        assert!(after <= f64::from(intervals), "{device}: after {after} intervals");
        assert!(followed.alarms.iter().all(|(at, _)| *at >= from), "{:?}", followed.alarms);
    }
}

#[test]
fn what_somebody_takes_behind_the_meter_is_seen_in_the_balance() {
    let scenario = campus(2, &[]);
    let from = SimTime::from_secs_f64(86_400.0);
    let target = Target::Device(Id::new("library").unwrap());
    let fault = Fault { target, from, until: SimTime::MAX, kind: FaultKind::Theft { kw: 20.0 } };
    let followed = follow(&scenario, &scenario, 10, vec![fault]);
    let raised = followed.raised("grid", "unexplained power").expect("it is seen");
    assert!(raised <= from + Span::from_secs(300 * 49), "{raised}");
}

#[test]
fn a_clean_month_raises_no_alarm() {
    let scenario = campus(30, &[]);
    let followed = follow(&scenario, &scenario, 60, Vec::new());
    assert_eq!(followed.alarms, []);
}

#[test]
fn the_same_messages_give_the_same_bytes() {
    let scenario = campus(1, &[]);
    let lived = |_| follow(&scenario, &scenario, 30, Vec::new()).lived();
    assert_eq!(lived(0), lived(1));
}

#[test]
fn a_meter_that_sticks_is_named_once_it_is_known_how_it_moves() {
    let scenario = campus(6, &[]);
    let from = SimTime::from_secs_f64(86_400.0 * 4.0 + 10.0 * 3600.0);
    let target = Target::Device(Id::new("library").unwrap());
    let fault = Fault { target, from, until: SimTime::MAX, kind: FaultKind::Sticks };
    let followed = follow(&scenario, &scenario, 10, vec![fault]);
    let raised = followed.raised("library", "stuck");
    let raised = raised.unwrap_or_else(|| panic!("{:?}", followed.alarms));
    assert!(raised <= from + Span::from_secs(3 * 3600), "{raised}: {:?}", followed.alarms);
    assert!(followed.alarms.iter().all(|(at, _)| *at >= from), "{:?}", followed.alarms);
}
