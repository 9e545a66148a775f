//! Set points, from the twin's policy to a battery that obeys them: within its limits, only where
//! control was asked for, and over when the twin dies.

use gridtwin_kernel::{SimTime, Span};
use gridtwin_link::announce::{ControlOptions, availability_message};
use gridtwin_link::live::Live;
use gridtwin_link::session::{Arrived, Keeper, Meters, Voice, VoiceOptions};
use gridtwin_twin::Scenario;
use gridtwin_twin::scenario::Override;
use std::path::Path;

fn campus() -> Scenario {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios/campus.ron");
    let set: Vec<Override> = ["tasks=[]", "consensus=[]"].map(|set| set.parse().unwrap()).into();
    Scenario::load_with(&file, &set, Some(1), None).unwrap()
}

/// The site and the twin in one loop until `until`; gives the powers that were ordered.
struct Loop {
    meters: Meters,
    keeper: Keeper<()>,
    at: SimTime,
    ordered_kw: Vec<f64>,
}

impl Loop {
    fn new(control: Option<ControlOptions>) -> Self {
        let scenario = campus();
        let voice = Voice::new(VoiceOptions { control, ..VoiceOptions::default() });
        let mut meters = Meters::new(&scenario, 77, Span::from_secs(10), Vec::new()).unwrap();
        let online = availability_message("campus", true);
        meters.hear(&online.topic, &online.payload, SimTime::ZERO);
        let live = Live::new(&scenario).unwrap();
        let keeper = Keeper::new(live, (), None, voice).unwrap();
        Self { meters, keeper, at: SimTime::ZERO, ordered_kw: Vec::new() }
    }

    fn run(&mut self, until: SimTime) {
        let mut out = Vec::new();
        while self.at < until {
            self.at += Span::from_secs(5);
            self.meters.publish(self.at, &mut out);
            for p in out.drain(..) {
                let (topic, payload) = (p.topic.as_str(), p.payload.as_slice());
                self.keeper
                    .look_at(&Arrived { at: p.at, topic, payload, retained: false })
                    .unwrap();
            }
            self.keeper.pass(self.at).unwrap();
            for said in self.keeper.take_said() {
                self.meters.hear(&said.topic, &said.payload, self.at);
            }
            self.ordered_kw.extend(self.meters.ordered_kw(self.at).into_iter().flatten());
        }
    }
}

fn hours(hours: f64) -> SimTime {
    SimTime::from_secs_f64(hours * 3600.0)
}

#[test]
fn without_control_nothing_is_ordered() {
    let mut site = Loop::new(None);
    site.run(hours(3.0));
    assert!(site.ordered_kw.is_empty());
}

#[test]
fn with_control_the_battery_does_what_the_policy_wants_within_its_limits() {
    let mut site = Loop::new(Some(ControlOptions::default()));
    site.run(hours(7.5));
    assert!(site.ordered_kw.len() > 1000);
    assert!(site.ordered_kw.iter().all(|kw| (-250.0..=250.0).contains(kw)));
    // It carries the morning's load.
    assert!(site.ordered_kw.iter().any(|&kw| kw > 10.0), "{:?}", site.ordered_kw.first());
    // The site did as it was told: its battery's power is what was ordered when the interval began.
    let done = site.meters.twin().last_sample().batteries[0];
    let near = site.ordered_kw.iter().rev().take(200).any(|kw| (kw - done.power_kw).abs() < 1.0);
    assert!(near, "{done:?} {:?}", &site.ordered_kw[site.ordered_kw.len() - 200..]);
}

#[test]
fn when_the_twin_dies_the_battery_is_on_its_own_again_within_the_time_out() {
    let mut site = Loop::new(Some(ControlOptions::default()));
    site.run(hours(3.0));
    assert!(site.meters.ordered_kw(site.at)[0].is_some());
    // Nothing more comes of the twin: the last set point holds for its minute and no longer.
    let timeout = ControlOptions::default().timeout;
    assert_eq!(site.meters.ordered_kw(site.at + timeout), [None]);
    // And the broker's last will for it ends it at once.
    let gone = availability_message("campus", false);
    site.meters.hear(&gone.topic, &gone.payload, site.at);
    assert_eq!(site.meters.ordered_kw(site.at), [None]);
}
