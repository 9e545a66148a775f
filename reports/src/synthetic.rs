//! A made-up record for tests: a small site with sun, a battery, a grid that fails on the second
//! evening, tasks, cars and four voters. Not a model of anything, but its flows balance.

use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::energy::autonomy;
use gridtwin_twin::record::*;

/// Names and sizes.
pub(crate) fn catalog() -> Catalog {
    let names = |list: &[&str]| list.iter().map(|s| (*s).to_owned()).collect::<Vec<_>>();
    let servers = names(&["edge-1", "edge-2", "edge-3", "edge-4"]);
    let consumer = |name: &str, kind| Consumer { name: name.to_owned(), kind };
    Catalog {
        name: "valley <campus> & \"co\"".to_owned(),
        description:
            "A school, a workshop and six chargers share a roof, a battery and one feeder."
                .to_owned(),
        start: "2025-06-19T22:00:00Z".parse().unwrap(),
        time_zone: jiff::tz::TimeZone::get("Europe/Berlin").unwrap(),
        seed: 7,
        step: Span::from_secs(300),
        days: 3,
        currency: "EUR".to_owned(),
        pv: vec![("roof".to_owned(), 60.0)],
        batteries: vec![("battery-1".to_owned(), 120.0)],
        // 40 % of 120 kWh, 10 % of which stay in, discharged with 96 %.
        deliverable_start_kwh: 34.56,
        gensets: vec![("genset".to_owned(), 6.0)],
        fuel_cost_per_kwh: 0.4,
        loads: names(&["school", "workshop"]),
        chargers: vec![("yard".to_owned(), 6)],
        sessions: vec![Default::default()],
        fleets: vec![("camera".to_owned(), 0, 20), ("sensor".to_owned(), 20, 100)],
        servers,
        cloud: Some("cloud-west".to_owned()),
        streams: vec![
            StreamInfo { name: "video".to_owned(), fleet: 0, deadline_s: 0.5 },
            StreamInfo { name: "alarm".to_owned(), fleet: 1, deadline_s: 0.1 },
        ],
        groups: vec![GroupInfo {
            name: "ledger".to_owned(),
            protocol: "PBFT".to_owned(),
            members: vec![0, 1, 2, 3],
            needed: 3,
            about: "PBFT (1999) tolerates 1 crashed or 1 Byzantine member out of 4.".to_owned(),
        }],
        consumers: vec![
            consumer("school", ConsumerKind::Load(0)),
            consumer("edge-3", ConsumerKind::Server(2)),
            consumer("edge-4", ConsumerKind::Server(3)),
        ],
        faults: names(&["grid outage on 21 June from 18:00 for 6 h 30 min"]),
        has_grid: true,
        grid_renewable_share: 0.4,
        embodied_kg_per_year: (800.0, 500.0, 260.0),
        demand_price_per_kw: 9.5,
        fixed_per_month: 20.0,
        part_months_by_day: false,
        additions_per_kwh: [0.0; 3],
        vat: 0.0,
        carbon_price_per_t: 0.0,
        escalation_per_year: 0.0,
        inputs: Vec::new(),
        session_files: Vec::new(),
        resilience: Resilience {
            site: autonomy::Site {
                batteries: vec![autonomy::Storage {
                    capacity_kwh: 120.0,
                    charge_kw: 60.0,
                    discharge_kw: 60.0,
                    charge_efficiency: 0.95,
                    discharge_efficiency: 0.95,
                    self_discharge_per_day: 0.0,
                    soc_window: (0.1, 0.95),
                    grid_forming: true,
                }],
                gensets: Vec::new(),
                seed: 7,
            },
            longest_h: 168.0,
            ..Resilience::default()
        },
        policies: [
            ("dispatch", "self-consumption".to_owned()),
            ("offload", "least-carbon".to_owned()),
            ("brown-out", "migrate".to_owned()),
        ],
    }
}

/// A small generator of repeatable numbers in 0..1.
struct Dice(u64);

impl Dice {
    fn roll(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6364136223846793005).wrapping_add(1442695040888963407);
        (self.0 >> 11) as f64 / (1u64 << 53) as f64
    }
}

/// Second of the run at which the grid fails, and comes back.
const OUTAGE_S: (u64, u64) = (42 * 3600, 48 * 3600 + 1800);

/// Plays the record of `catalog` to an observer, with so many tasks in each interval.
pub(crate) fn play(catalog: &Catalog, tasks: u32, observer: &mut impl Observer) {
    let mut dice = Dice(catalog.seed);
    let step_s = catalog.step.as_secs_f64();
    let steps = u64::from(catalog.days) * (86_400.0 / step_s) as u64;
    let (mut soc, mut number, mut block) = (0.4f64, 0u64, 0u64);
    let mut stored_g = 180.0;
    let mut down = [false; 4];
    for k in 0..steps {
        let at = SimTime::ZERO + catalog.step * k;
        let now_s = at.as_secs_f64();
        let hour = now_s / 3600.0 % 24.0;
        let day = now_s / 86_400.0;
        let grid_up = !(OUTAGE_S.0..OUTAGE_S.1).contains(&(now_s as u64));
        let mut told: Vec<Event> = Vec::new();
        let mut tell = |at: SimTime, kind: EventKind| told.push(Event { at, kind });
        if now_s as u64 == OUTAGE_S.0 {
            tell(at, EventKind::FaultBegan { fault: 0 });
            tell(at, EventKind::GridDown);
        }
        if now_s as u64 == OUTAGE_S.1 {
            tell(at, EventKind::GridUp);
            tell(at, EventKind::FaultEnded { fault: 0 });
        }
        let mut view_changes = 0;
        // Servers 3 and 4 are shed in the dark hours of the outage: no quorum.
        for (server, from_h) in [(3u16, 45.0), (2, 46.5)] {
            let dark = (from_h..=OUTAGE_S.1 as f64 / 3600.0 + 0.1).contains(&(now_s / 3600.0));
            if dark != down[usize::from(server)] {
                down[usize::from(server)] = dark;
                let when = at + Span::from_secs(17);
                let consumer = server - 1;
                if dark {
                    tell(when, EventKind::PowerLost { consumer, cause: PowerCause::LowCharge });
                    tell(when, EventKind::ServerDown { server, lost: 3, migrated: 4 });
                    tell(when, EventKind::VoterDown { group: 0, member: server });
                    view_changes += 1;
                    for member in 0..server {
                        let view = u64::from(5 - server);
                        let seen = when + Span::from_secs(2);
                        let asked = when + Span::from_secs(1);
                        tell(asked, EventKind::LeaderSuspected { group: 0, member, view });
                        tell(seen, EventKind::ViewChanged { group: 0, member, view, leader: 1 });
                    }
                } else {
                    tell(when, EventKind::PowerRestored { consumer });
                    tell(when, EventKind::ServerUp { server });
                    tell(
                        when + Span::from_secs(31),
                        EventKind::VoterUp { group: 0, member: server },
                    );
                    tell(
                        when + Span::from_secs(90),
                        EventKind::CaughtUp { group: 0, member: server },
                    );
                }
            }
        }
        let up = down.iter().filter(|d| !**d).count() as u32;
        let mut decided = 0;
        let mut second = 20.0;
        while second < step_s {
            let latency_ms = 11.0 + 6.0 * dice.roll().powi(4) + f64::from(4 - up) * 9.0;
            if up >= 3 && step_s <= 600.0 {
                block += 1;
                decided += 1;
                let when = at + Span::from_secs_f64(second);
                tell(when, EventKind::Decided { group: 0, block, receipts: 12, latency_ms });
            }
            second += 60.0;
        }
        if hour == 8.0 || hour == 9.0 {
            let session = (day as u32) * 2 + u32::from(hour == 9.0);
            tell(at, EventKind::CarArrived { chargers: 0, session, asked_kwh: 24.0 });
        }
        if hour == 16.0 && day < 2.5 {
            let session = (day as u32) * 2;
            let delivered_kwh = if session == 2 { 15.5 } else { 24.0 };
            tell(
                at,
                EventKind::CarLeft {
                    chargers: 0,
                    session,
                    asked_kwh: 24.0,
                    delivered_kwh,
                    waited_h: 0.25,
                    stayed_h: 8.0,
                    carbon_kg: 1.75,
                    still_there: false,
                },
            );
        }
        if k + 1 == steps {
            for session in (0..catalog.days).map(|day| day * 2 + 1) {
                let there_h = 24.0 * (f64::from(catalog.days) - f64::from(session / 2)) - 9.0;
                let kind = EventKind::CarLeft {
                    chargers: 0,
                    session,
                    asked_kwh: 24.0,
                    delivered_kwh: 9.0,
                    waited_h: 0.0,
                    stayed_h: there_h,
                    carbon_kg: 0.5,
                    still_there: true,
                };
                tell(at + catalog.step, kind);
            }
        }
        told.sort_by_key(|event| event.at);
        told.iter().for_each(|event| observer.event(event.at, event));
        for _ in 0..tasks {
            number += 1;
            let video = dice.roll() < 0.4;
            let place = match dice.roll() {
                x if x < 0.3 => Place::Local,
                x if x < 0.85 => Place::Server((dice.roll() * f64::from(up)) as u16),
                _ => Place::Cloud,
            };
            let base = if video { 0.12 } else { 0.02 };
            let compute_s =
                (base * (0.5 - (1.0 - dice.roll()).ln()) * if grid_up { 1.0 } else { 1.8 }) as f32;
            let latency = Span::from_secs_f64(f64::from(compute_s) + 0.015);
            let deadline = if video { 0.5 } else { 0.1 };
            let outcome = match dice.roll() {
                x if x < 0.002 => Outcome::LostQueueFull,
                x if x < 0.02 && !grid_up => Outcome::LostBrownOut,
                _ if latency.as_secs_f64() > deadline => Outcome::Missed,
                _ => Outcome::Completed,
            };
            let arrived = at + Span::from_secs_f64(dice.roll() * step_s * 0.99);
            let joules = f64::from(compute_s) * 30.0;
            observer.task(&TaskRecord {
                number,
                stream: u16::from(!video),
                device: if video {
                    (dice.roll() * 20.0) as u32
                } else {
                    20 + (dice.roll() * 100.0) as u32
                },
                place,
                outcome,
                arrived,
                finished: arrived + latency,
                uplink_s: 0.008,
                queue_s: 0.002,
                compute_s,
                return_s: 0.005,
                migrations: 0,
                energy: TaskEnergy {
                    device_j: 0.2,
                    network_j: 0.05,
                    server_j: joules,
                    cloud_j: 0.0,
                },
                carbon_g: joules / 3.6e6 * 210.0,
            });
        }
        let sun = (std::f64::consts::PI * (hour - 5.0) / 16.0).sin().max(0.0);
        let season = 0.6 - 0.4 * (std::f64::consts::TAU * (day + 170.0) / 365.0).cos();
        let pv = 60.0 * season * sun * (0.7 + 0.3 * dice.roll());
        let loads = 8.0 + 9.0 * (-((hour - 13.0) / 5.0).powi(2)).exp() + 2.0 * dice.roll();
        let ev = if (8.0..14.0).contains(&hour) { 7.0 } else { 0.0 };
        let (compute, network) = (0.35 * f64::from(up) + 0.2, 0.12);
        let load = loads + ev + compute + network;
        let hours = step_s / 3600.0;
        let room = (0.98 - soc) * 120.0 / hours / 0.96;
        let held = (soc - 0.1) * 120.0 / hours * 0.96;
        let charge = (pv - load).clamp(0.0, 40.0).min(room.max(0.0));
        let discharge = (load - pv).clamp(0.0, 30.0).min(held.max(0.0));
        let genset = if grid_up { 0.0 } else { (load - pv - discharge).clamp(0.0, 6.0) };
        let short = (load - pv - discharge - genset).max(0.0);
        let (import, unserved) = if grid_up { (short, 0.0) } else { (0.0, short) };
        let surplus = (pv - load - charge).max(0.0);
        let (export, curtailed) =
            if grid_up { (surplus.min(20.0), (surplus - 20.0).max(0.0)) } else { (0.0, surplus) };
        soc += (charge * 0.96 - discharge / 0.96) * hours / 120.0;
        let grid_g = 320.0 - 140.0 * (std::f64::consts::TAU * (hour - 14.0) / 24.0).cos();
        stored_g += (0.0 - stored_g) * (charge * hours / (120.0 * soc + 1.0)).min(1.0);
        let served = load - unserved;
        let (from_grid, from_genset) = (import * hours, genset * hours);
        let initial = discharge * hours * 0.02;
        let from_pv = (served - import - genset) * hours - initial;
        let genset_g = 780.0;
        let mix = (from_grid * grid_g + from_genset * genset_g + discharge * hours * stored_g)
            / (served * hours);
        let flows = BusFlows {
            pv_kw: pv,
            genset_kw: genset,
            import_kw: import,
            discharge_kw: discharge,
            unserved_kw: unserved,
            load_kw: load,
            loads_kw: loads,
            ev_kw: ev,
            compute_kw: compute,
            network_kw: network,
            export_kw: export,
            charge_kw: charge,
            curtailed_kw: curtailed,
        };
        let residual_kwh =
            (pv + genset + import + discharge + unserved - load - export - charge - curtailed)
                * hours;
        observer.sample(&Sample {
            at,
            step: catalog.step,
            flows,
            residual_kwh,
            ghi_w_m2: 900.0 * sun,
            temperature_c: 14.0 + 8.0 * sun,
            grid_up,
            grid_g_per_kwh: grid_g,
            mix_g_per_kwh: mix,
            consumed_from: Sources {
                pv_kwh: from_pv,
                grid_kwh: from_grid,
                genset_kwh: from_genset,
                initial_kwh: initial,
            },
            emitted_kg: (from_grid * grid_g + from_genset * genset_g) / 1000.0,
            exported_kg: export * hours * 0.004,
            marginal_kg: None,
            money: Money {
                price_per_kwh: if (17.0..21.0).contains(&hour) { 0.42 } else { 0.28 },
                export_price_per_kwh: 0.08,
                import: from_grid * 0.3,
                energy: from_grid * 0.3,
                export: export * hours * 0.08,
                fuel: from_genset * 0.55,
                charged: charge * hours * 0.12,
                lost_load: unserved * hours * 8.0,
                ..Money::default()
            },
            pv_kw: vec![pv],
            batteries: vec![BatterySample {
                soc,
                power_kw: discharge - charge,
                stored_g_per_kwh: stored_g,
                deliverable_kwh: (soc - 0.1).max(0.0) * 120.0 * 0.96,
            }],
            gensets_kw: vec![genset],
            fuel_l: vec![genset * 0.3 * catalog.step.as_hours_f64()],
            tanks_l: vec![None],
            loads_kw: vec![loads * 0.7, loads * 0.3],
            chargers_kw: vec![ev],
            servers: down
                .iter()
                .map(|d| ServerSample {
                    up: !d,
                    power_w: if *d { 0.0 } else { 350.0 },
                    load: 0.4,
                    tasks: 2,
                })
                .collect(),
            groups: vec![GroupSample {
                decided,
                messages: decided * 36,
                view_changes,
                members_up: up,
                energy_j: 900.0,
                carbon_g: 0.05,
            }],
            cars: u32::from(ev > 0.0) * 2,
        });
    }
}
