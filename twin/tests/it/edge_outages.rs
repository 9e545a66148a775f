//! What becomes of tasks when something fails, one case at a time, by hand.

use crate::edge_support::{at, edge, live, scenario};
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::edge::{Edge, EdgeOut, Node, ServerChange, ServerNotice};
use gridtwin_twin::record::{Outcome, Place, TaskRecord};
use gridtwin_twin::scenario::Scenario;

/// One device that makes a task of 1 s on a server every 10 s from some phase on; two servers of
/// one core each behind their own switch; sending takes 0.1 s, each way 10 ms. `more` are further
/// fields of the policies, `extra` further fields of the scenario.
fn world(offload: &str, brown_out: &str, megacycles: f64) -> Scenario {
    scenario(&format!(
        r#"
        devices: [(id: "d", count: 1, frequency_ghz: 0.5, nj_per_cycle: 1.0, idle_w: 1.0)],
        edge_servers: [
            (id: "a", cores: 1, frequency_ghz: 1.0, idle_w: 10.0, busy_w: 30.0, queue_limit: 2, boot_s: 5.0),
            (id: "b", cores: 1, frequency_ghz: 1.0, idle_w: 10.0, busy_w: 30.0, queue_limit: 2, boot_s: 5.0),
        ],
        switches: [(id: "wa"), (id: "wb")],
        links: [
            (from: "d", to: "wa", latency_ms: 9.0, rate_mbit_s: 8.0, nj_per_bit: 100.0),
            (from: "wa", to: "a", latency_ms: 1.0, rate_mbit_s: 1000.0, nj_per_bit: 1.0),
            (from: "d", to: "wb", latency_ms: 19.0, rate_mbit_s: 8.0, nj_per_bit: 100.0),
            (from: "wb", to: "b", latency_ms: 1.0, rate_mbit_s: 1000.0, nj_per_bit: 1.0),
        ],
        tasks: [(id: "t", from: "d", arrivals: Periodic(every_s: 10.0), input_kb: Constant(100.0),
                 megacycles: Constant({megacycles:?}), output_kb: Constant(0.0), deadline_s: 3.0)],
        policies: (offload: {offload}, brown_out: {brown_out})"#
    ))
}

struct Lab {
    edge: Edge,
    out: EdgeOut,
    /// When the first task comes.
    first: SimTime,
}

impl Lab {
    fn new(scenario: &Scenario) -> Self {
        let edge = edge(scenario, at(10.0));
        let first = edge.next_time();
        assert!(first < at(10.0));
        let out = EdgeOut::default();
        Self { edge, out, first }
    }

    /// The instant so many milliseconds after the first task's arrival.
    fn after(&self, millis: u64) -> SimTime {
        self.first + Span::from_millis(millis)
    }

    fn to(&mut self, millis: u64) -> SimTime {
        let now = self.after(millis);
        self.edge.advance(now, &mut self.out);
        now
    }

    fn server(&mut self, server: u16, up: bool, millis: u64) {
        let now = self.to(millis);
        self.edge.set_server(server, up, now, &mut self.out);
    }

    /// The one task's record, after half an hour.
    fn only(mut self) -> TaskRecord {
        let mut records = Vec::new();
        self.to(1_800_000);
        self.edge.close_interval(self.after(1_800_000), 0.0, 0.0, &mut records);
        assert_eq!(records.len(), 1, "{records:?}");
        records[0]
    }
}

fn close(a: f64, b: f64) -> bool {
    (a - b).abs() < 1e-6
}

#[test]
fn an_undisturbed_task_takes_what_its_parts_take() {
    let task = Lab::new(&world("Nearest", "Migrate", 1000.0)).only();
    assert_eq!((task.place, task.outcome), (Place::Server(0), Outcome::Completed));
    assert!(close(task.latency_ms(), 100.0 + 10.0 + 1000.0 + 10.0), "{task:?}");
    assert!(close(f64::from(task.uplink_s), 0.11) && close(f64::from(task.compute_s), 1.0));
    assert!(close(task.energy.server_j, 20.0));
    assert!(close(task.energy.network_j, 8e5 * 101e-9));
    assert_eq!((task.energy.device_j, task.energy.cloud_j), (0.0, 0.0));
}

#[test]
fn a_brown_out_sends_a_running_task_elsewhere() {
    let mut lab = Lab::new(&world("Nearest", "Migrate", 1000.0));
    lab.server(0, false, 610);
    let change = ServerChange::Down { lost: 0, migrated: 1 };
    assert_eq!(lab.out.servers, [ServerNotice { at: lab.after(610), server: 0, change }]);
    let task = lab.only();
    assert_eq!(
        (task.place, task.outcome, task.migrations),
        (Place::Server(1), Outcome::Completed, 1)
    );
    // 0.5 s in vain, then all of it again over the longer way.
    assert!(close(task.latency_ms(), 610.0 + 100.0 + 20.0 + 1000.0 + 20.0), "{task:?}");
    assert!(close(task.energy.server_j, 20.0 * 1.5) && close(f64::from(task.compute_s), 1.5));
    assert!(close(task.energy.network_j, 2.0 * 8e5 * 101e-9));
}

#[test]
fn a_brown_out_loses_a_running_task() {
    let mut lab = Lab::new(&world("Nearest", "Lose", 1000.0));
    lab.server(0, false, 610);
    assert_eq!(lab.out.servers[0].change, ServerChange::Down { lost: 1, migrated: 0 });
    let (first, task) = (lab.first, lab.only());
    assert_eq!((task.outcome, task.migrations), (Outcome::LostBrownOut, 0));
    assert_eq!(task.finished, first + Span::from_millis(610));
    assert!(close(task.energy.server_j, 10.0), "{task:?}");
}

#[test]
fn a_task_on_its_way_to_a_dead_server_goes_elsewhere() {
    let mut lab = Lab::new(&world("Nearest", "Migrate", 1000.0));
    lab.server(0, false, 50);
    assert_eq!(lab.out.servers[0].change, ServerChange::Down { lost: 0, migrated: 0 });
    let task = lab.only();
    assert_eq!((task.place, task.migrations), (Place::Server(1), 1));
    assert!(close(task.latency_ms(), 110.0 + 100.0 + 20.0 + 1000.0 + 20.0), "{task:?}");
}

#[test]
fn without_servers_a_device_helps_itself() {
    let mut lab = Lab::new(&world("Nearest", "Migrate", 1000.0));
    lab.server(1, false, 0);
    lab.server(0, false, 610);
    let task = lab.only();
    assert_eq!((task.place, task.outcome, task.migrations), (Place::Local, Outcome::Completed, 1));
    assert!(
        close(task.latency_ms(), 610.0 + 2000.0) && close(task.energy.device_j, 1.0),
        "{task:?}"
    );
}

#[test]
fn a_server_boots_before_it_works() {
    let mut lab = Lab::new(&world("Nearest", "Migrate", 1000.0));
    lab.edge.advance(SimTime(1), &mut lab.out);
    lab.edge.set_server(0, false, SimTime(1), &mut lab.out);
    assert_eq!(lab.edge.server_power_w(0), 0.0);
    assert_eq!(lab.edge.power_bounds_w(), (10.0, 30.0));
    let on = at(1.0);
    lab.edge.advance(on, &mut lab.out);
    lab.edge.take_energy();
    lab.edge.set_server(0, true, on, &mut lab.out);
    assert!(lab.edge.server_powered(0) && !lab.edge.server_running(0));
    assert_eq!(lab.edge.server_power_w(0), 10.0);
    // Off again before it has booted, and on again: only the second boot counts.
    lab.edge.advance(at(3.0), &mut lab.out);
    lab.edge.set_server(0, false, at(3.0), &mut lab.out);
    lab.edge.set_server(0, true, at(3.0), &mut lab.out);
    lab.edge.advance(at(7.5), &mut lab.out);
    assert!(!lab.edge.server_running(0));
    lab.edge.advance(at(8.5), &mut lab.out);
    assert!(lab.edge.server_running(0));
    let last = lab.out.servers.last().unwrap();
    assert_eq!((last.at, last.change), (at(8.0), ServerChange::Up));
    let told = lab.edge.take_energy().servers[0];
    assert!(close(told.idle_j, 10.0 * 7.5), "{told:?}");
}

#[test]
fn a_dead_switch_cuts_and_the_next_server_takes_over() {
    let mut lab = Lab::new(&world("Nearest", "Migrate", 1000.0));
    lab.edge.set_switch(0, false, SimTime::ZERO, &mut lab.out);
    assert_eq!(lab.edge.network().path(Node::Fleet(0), Node::Server(0)), None);
    assert_eq!(lab.only().place, Place::Server(1));
}

#[test]
fn a_result_without_a_way_back_is_lost() {
    let mut lab = Lab::new(&world("Nearest", "Migrate", 1000.0));
    let now = lab.to(500);
    lab.edge.set_link(0, false, now, &mut lab.out);
    let task = lab.only();
    assert_eq!(task.outcome, Outcome::LostNoRoute);
    assert!(close(task.energy.server_j, 20.0), "it was computed all the same: {task:?}");
}

#[test]
fn a_dark_fleet_makes_nothing_and_forgets_what_it_held() {
    let mut lab = Lab::new(&world("Local", "Migrate", 1000.0));
    let now = lab.to(500);
    lab.edge.set_fleet(0, false, now, &mut lab.out);
    let task = lab.only();
    assert_eq!((task.outcome, task.finished), (Outcome::LostDeviceDark, now));
    // A quarter of two seconds' computing.
    assert!(close(task.energy.device_j, 0.25), "{task:?}");

    let mut lab = Lab::new(&world("Nearest", "Migrate", 1000.0));
    lab.edge.set_fleet(0, false, SimTime::ZERO, &mut lab.out);
    let (first, task) = (lab.first, lab.only());
    assert_eq!(
        (task.outcome, task.arrived, task.finished),
        (Outcome::LostDeviceDark, first, first)
    );

    let mut lab = Lab::new(&world("Nearest", "Migrate", 1000.0));
    let now = lab.to(500);
    lab.edge.set_fleet(0, false, now, &mut lab.out);
    let task = lab.only();
    assert_eq!(task.outcome, Outcome::LostDeviceDark, "nobody there to take the result");
}

#[test]
fn a_full_queue_turns_tasks_away() {
    // Every 0.2 s a task that computes for a minute: one runs, two wait, the rest is lost.
    let mut scenario = world("Nearest", "Migrate", 60_000.0);
    scenario.edge_servers.truncate(1);
    scenario.links.truncate(2);
    scenario.switches.truncate(1);
    scenario.tasks[0].arrivals = ron::from_str("Periodic(every_s: 0.2)").unwrap();
    let mut edge = edge(&scenario, at(10.0));
    let (records, _) = live(&mut edge, SimTime::ZERO, at(20.0), Span::from_secs(5));
    assert_eq!((edge.tasks_at(0), edge.in_flight(0)), (3, 3));
    assert_eq!(edge.arrived(0), 50);
    assert_eq!(records.len(), 47);
    assert!(records.iter().all(|r| r.outcome == Outcome::LostQueueFull));
}

#[test]
fn a_device_holds_so_much_and_no_more() {
    let mut scenario = world("Local", "Migrate", 60_000_000.0);
    scenario.tasks[0].arrivals = ron::from_str("Periodic(every_s: 0.005)").unwrap();
    let mut edge = edge(&scenario, at(10.0));
    let (records, _) = live(&mut edge, SimTime::ZERO, at(10.0), Span::from_secs(5));
    let limit = u64::from(gridtwin_twin::edge::DEVICE_LIMIT);
    assert_eq!((edge.in_flight(0), records.len() as u64), (limit, 2000 - limit));
}

#[test]
fn carbon_is_that_of_the_interval_in_which_energy_was_spent() {
    let mut lab = Lab::new(&world("Nearest", "Migrate", 1000.0));
    let mut records = Vec::new();
    // 0.4 s of computing, and the way there, at 1000 g/kWh; the rest at 100.
    let middle = lab.to(510);
    lab.edge.close_interval(middle, 1000.0, 0.0, &mut records);
    assert!(records.is_empty());
    let end = lab.to(5000);
    lab.edge.close_interval(end, 100.0, 0.0, &mut records);
    let dirty_j = 0.4 * 20.0 + 8e5 * 101e-9;
    let expected_g = (dirty_j * 1000.0 + 0.6 * 20.0 * 100.0) / 3.6e6;
    assert!((records[0].carbon_g / expected_g - 1.0).abs() < 1e-9, "{records:?}");
    assert!(close(records[0].energy.server_j, 20.0));
}

#[test]
fn finished_tasks_are_counted_by_server() {
    let mut edge = edge(&world("Nearest", "Migrate", 100.0), at(100.0));
    live(&mut edge, SimTime::ZERO, at(50.0), Span::from_secs(10));
    let before = edge.finished(0);
    assert!((4..=5).contains(&before), "{before}");
    live(&mut edge, at(50.0), at(110.0), Span::from_secs(10));
    assert_eq!((edge.finished(0), edge.finished(1)), (10, 0));
}

#[test]
fn what_cannot_work_is_refused_by_name() {
    let refusal = |change: &dyn Fn(&mut Scenario)| {
        let mut scenario = world("Nearest", "Migrate", 1.0);
        change(&mut scenario);
        let streams = gridtwin_kernel::Streams::new(1);
        Edge::new(&scenario, &streams, at(1.0)).expect_err("refused").to_string()
    };
    let id = |name| gridtwin_twin::scenario::Id::new(name).unwrap();
    let text = refusal(&|s| s.links[1].to = id("aa"));
    assert!(text.contains("\"aa\"") && text.contains("from \"wa\""), "{text}");
    let text = refusal(&|s| s.tasks[0].from = id("e"));
    assert!(text.contains("\"t\"") && text.contains("a device fleet"), "{text}");
    let text = refusal(&|s| s.links.clear());
    assert!(text.contains("fleet \"d\"") && text.contains("any edge server"), "{text}");
    let text = refusal(&|s| s.policies.offload = gridtwin_twin::scenario::Offload::Cloud);
    assert!(text.contains("no cloud"), "{text}");
    let text = refusal(&|s| s.edge_servers[1].id = id("a"));
    assert!(text.contains("\"a\" is used twice"), "{text}");
    let text = refusal(&|s| s.edge_servers[0].cores = 0);
    assert!(text.contains("\"a\" has no core"), "{text}");
}
