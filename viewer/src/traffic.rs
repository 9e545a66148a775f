//! What travels: tasks from their devices to where they run and back, votes among servers, and the
//! pulse of a new view. What takes milliseconds is stretched so that it can be seen. All of it is a
//! function of the instant and the speed; at most some hundred dots are drawn, thinned evenly.

use crate::layout::Layout;
use crate::scene::{On, Plot, Side, Stage, Wish, Yard};
use crate::tag::Look;
use bevy::light::NotShadowCaster;
use bevy::mesh::MeshTag;
use bevy::prelude::*;
use gridtwin_kernel::SimTime;
use gridtwin_panels::palette::{self, Rgb};
use gridtwin_player::{Detail, Thing};
use gridtwin_twin::record::{Catalog, EventKind, Place, TaskRecord};
use std::sync::Arc;

/// A dot that stands for a task, or for several.
#[derive(Component, Clone, Copy, Debug)]
pub struct TaskDot(usize);

/// A message's mark; its shape says what kind it is.
#[derive(Component, Clone, Copy, Debug)]
pub struct VoteDot {
    shape: Form,
    number: usize,
}

/// The ring of a new view.
#[derive(Component, Clone, Copy, Debug)]
pub struct Pulse(usize);

/// What one dot stands for: for the legend.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TrafficScale {
    /// So many tasks.
    pub tasks_a_dot: u32,
}

/// Shapes of messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    Cube,
    Ball,
    Diamond,
}

const TASK_DOTS: usize = 160;
const VOTE_DOTS: usize = 48;
const PULSES: usize = 4;
/// Seconds of the wall's over which something is shown at least.
const SHOWN_S: f64 = 1.5;

/// A message kind's mark and its colour, by what it does in whichever protocol: ask and propose,
/// agree, decide, answer, mend.
fn kind(name: &str) -> (Form, Rgb) {
    match name {
        "request" | "forward" | "pre-prepare" | "append" | "1a" | "2a" | "accept" | "order"
        | "order-req" | "block" | "empty-block" | "write" | "read" | "round" | "multicast" => {
            (Form::Cube, palette::ORANGE)
        }
        "prepare" | "ack" | "heartbeat" | "heartbeat-ack" | "1b" | "2b" | "accepted" | "vote"
        | "spec-response" | "local-commit" | "written" | "copied" | "seen" | "report" | "skip" => {
            (Form::Ball, palette::SKY)
        }
        "commit" | "decision" | "learn" | "proven" | "notice" => (Form::Diamond, palette::GREEN),
        "reply" | "answer" | "receipt" | "settled" | "redirect" | "leading" => {
            (Form::Ball, palette::YELLOW)
        }
        // Views, votes for a leader, and whatever mends.
        _ => (Form::Diamond, palette::PURPLE),
    }
}

pub(crate) fn spawn(yard: &mut Yard, plot: &Plot) {
    let matte = yard.kit.matte.clone();
    let (dot, cube, diamond, ring) = (
        yard.kit.dot.clone(),
        yard.kit.cube.clone(),
        yard.kit.diamond.clone(),
        yard.kit.ring.clone(),
    );
    let hidden = || (Visibility::Hidden, NotShadowCaster);
    for i in 0..TASK_DOTS {
        plot.part(&mut yard.commands, None, &dot, &matte, Transform::default())
            .insert((TaskDot(i), hidden()));
    }
    for (shape, mesh) in [(Form::Cube, &cube), (Form::Ball, &dot), (Form::Diamond, &diamond)] {
        for number in 0..VOTE_DOTS {
            plot.part(&mut yard.commands, None, mesh, &matte, Transform::default())
                .insert((VoteDot { shape, number }, hidden()));
        }
    }
    for i in 0..PULSES {
        plot.part(&mut yard.commands, None, &ring, &matte, Transform::default())
            .insert((Pulse(i), hidden()));
    }
}

/// A dot as it is drawn.
#[derive(Clone, Copy, Debug)]
struct Dot {
    at: Vec3,
    size: f32,
    color: Rgb,
}

/// Rounds of votes in a detail: first and last instant, and which messages.
#[derive(Clone, Debug)]
struct Round {
    group: u16,
    from: SimTime,
    until: SimTime,
    messages: (usize, usize),
}

/// What is drawn of a side's traffic: rooms that are used again.
#[derive(Default)]
pub(crate) struct Plan {
    detail: Option<Arc<Detail>>,
    rounds: Vec<Round>,
    order: Vec<usize>,
    tasks: Vec<Dot>,
    votes: [Vec<Dot>; 3],
    pulses: Vec<Dot>,
    clients: Vec<Option<Thing>>,
}

/// A round ends where a group is silent for so long.
const SILENCE_S: f64 = 0.4;

impl Plan {
    fn learn(&mut self, side: &Side, catalog: &Catalog) {
        let same = match (&self.detail, &side.detail) {
            (Some(a), Some(b)) => Arc::ptr_eq(a, b),
            (None, None) => true,
            _ => false,
        };
        if same {
            return;
        }
        self.detail.clone_from(&side.detail);
        self.rounds.clear();
        self.order.clear();
        self.clients.clear();
        let scenario = &side.scenario;
        self.clients.extend(scenario.consensus.iter().map(|group| {
            let default = || {
                let switch = (!scenario.switches.is_empty()).then_some(Thing::Switch(0));
                switch.or(scenario.cloud.is_some().then_some(Thing::Cloud))
            };
            match &group.client {
                Some(name) => Thing::find(scenario, name.as_str()),
                None => default(),
            }
        }));
        let Some(detail) = &self.detail else { return };
        self.order.extend(0..detail.messages.len());
        self.order.sort_by_key(|&i| (detail.messages[i].group, detail.messages[i].sent, i));
        for (n, &i) in self.order.iter().enumerate() {
            let message = &detail.messages[i];
            let ends = message.arrives.unwrap_or(message.sent);
            match self.rounds.last_mut() {
                Some(round)
                    if round.group == message.group
                        && (message.sent <= round.until
                            || (message.sent - round.until).as_secs_f64() < SILENCE_S) =>
                {
                    round.until = round.until.max(ends);
                    round.messages.1 = n + 1;
                }
                _ => self.rounds.push(Round {
                    group: message.group,
                    from: message.sent,
                    until: ends,
                    messages: (n, n + 1),
                }),
            }
        }
        let _ = catalog;
    }

    fn votes(&mut self, side: &Side, catalog: &Catalog, at: SimTime, speed: f64) {
        for dots in &mut self.votes {
            dots.clear();
        }
        let Some(detail) = &self.detail else { return };
        let least_s = SHOWN_S * speed;
        let mut last: Option<(u16, u64)> = None;
        for round in &self.rounds {
            let real_s = (round.until - round.from).as_secs_f64();
            let shown_s = real_s.max(least_s);
            // Where rounds come faster than they can be seen, the first in each stretch is shown.
            let slot = (round.group, (round.from.as_secs_f64() / shown_s) as u64);
            if last == Some(slot) {
                continue;
            }
            last = Some(slot);
            if at < round.from {
                continue;
            }
            let share = (at - round.from).as_secs_f64() / shown_s;
            if share >= 1.0 {
                continue;
            }
            // The instant within the round that is seen now.
            let now_s = share * real_s.max(1e-9);
            let Some(group) = catalog.groups.get(usize::from(round.group)) else { continue };
            let client = self.clients.get(usize::from(round.group)).copied().flatten();
            let place = |member: u16| match group.members.get(usize::from(member)) {
                Some(&server) => head(&side.layout, Thing::Server(server)),
                None => client
                    .and_then(|thing| head(&side.layout, thing))
                    .or_else(|| head(&side.layout, Thing::Server(*group.members.first()?))),
            };
            for &i in &self.order[round.messages.0..round.messages.1] {
                let message = &detail.messages[i];
                let sent_s = (message.sent - round.from).as_secs_f64();
                let ends_s = match message.arrives {
                    Some(arrives) => (arrives - round.from).as_secs_f64(),
                    // It is lost half way.
                    None => sent_s + real_s * 0.1,
                };
                if now_s < sent_s || now_s > ends_s {
                    continue;
                }
                let way = ((now_s - sent_s) / (ends_s - sent_s).max(1e-9)) as f32;
                let way = if message.arrives.is_none() { way * 0.5 } else { way };
                let (Some(a), Some(b)) = (place(message.from), place(message.to)) else { continue };
                let (form, color) = kind(message.kind);
                let dots = &mut self.votes[form as usize];
                if dots.len() < VOTE_DOTS {
                    let lane = f32::from(message.from % 5) * 0.5;
                    dots.push(Dot { at: arc(a, b, way, 2.0 + lane), size: 1.5, color });
                }
            }
        }
    }

    fn pulses(&mut self, side: &Side, catalog: &Catalog, at: SimTime, speed: f64) {
        self.pulses.clear();
        let Some(detail) = &self.detail else { return };
        let shown_s = SHOWN_S * speed * 2.0;
        let mut last = None;
        for event in &detail.events {
            let EventKind::ViewChanged { group, view, leader, .. } = event.kind else { continue };
            if last == Some((group, view)) || at < event.at {
                continue;
            }
            last = Some((group, view));
            let share = ((at - event.at).as_secs_f64() / shown_s) as f32;
            let info = catalog.groups.get(usize::from(group));
            let server = info.and_then(|info| info.members.get(usize::from(leader)));
            if let Some(&server) = server
                && share < 1.0
                && self.pulses.len() < PULSES
                && let Some(middle) = head(&side.layout, Thing::Server(server))
            {
                let at = Vec3::new(middle.x, 0.5, middle.z);
                self.pulses.push(Dot { at, size: 3.0 + share * 22.0, color: palette::PURPLE });
            }
        }
    }

    fn tasks(&mut self, side: &Side, catalog: &Catalog, at: SimTime, speed: f64) -> u32 {
        self.tasks.clear();
        let Some(detail) = &self.detail else { return 1 };
        let least_s = SHOWN_S * speed;
        let share = |task: &TaskRecord| {
            let shown_s = (task.finished - task.arrived).as_secs_f64().max(least_s);
            if at < task.arrived {
                return None;
            }
            let share = (at - task.arrived).as_secs_f64() / shown_s;
            (share < 1.0).then_some(share as f32)
        };
        // They stand in order of their end: what ended long ago is not looked at.
        let first = detail.tasks.partition_point(|task| {
            task.finished < at && (at - task.finished).as_secs_f64() > least_s
        });
        let recent = &detail.tasks[first..];
        let count = recent.iter().filter(|task| share(task).is_some()).count();
        // Powers of two, so that it is the same tasks from frame to frame.
        let stride = (count as u64).div_ceil(TASK_DOTS as u64 * 2 / 3).max(1).next_power_of_two();
        for task in recent.iter().filter(|task| task.number % stride == 0) {
            let Some(share) = share(task) else { continue };
            if self.tasks.len() == TASK_DOTS {
                break;
            }
            let Some(stream) = catalog.streams.get(usize::from(task.stream)) else { continue };
            let fleet = usize::from(stream.fleet);
            let number = catalog.fleets.get(fleet).map_or(0, |f| task.device - f.1) as usize;
            let spot = side.layout.devices.get(fleet).and_then(|spots| spots.get(number));
            let Some(device) = spot.map(|spot| Vec3::new(spot.x, 3.4, spot.y)) else { continue };
            let goal = match task.place {
                Place::Local => Some(device + Vec3::Y * 2.0),
                Place::Server(server) => head(&side.layout, Thing::Server(server)),
                Place::Cloud => head(&side.layout, Thing::Cloud),
            };
            let Some(goal) = goal else { continue };
            self.tasks.push(journey(task, device, goal, share));
        }
        stride as u32
    }
}

/// Where a task is on its way there, at work, or on its way back.
fn journey(task: &TaskRecord, device: Vec3, goal: Vec3, share: f32) -> Dot {
    let lost = task.outcome.is_lost();
    let late = task.outcome == gridtwin_twin::record::Outcome::Missed;
    let lift = 3.0 + device.distance(goal).min(300.0) * 0.06;
    let (at, size) = if share < 0.4 {
        (arc(device, goal, share / 0.4, lift), 0.85)
    } else if lost {
        // It falls where it was lost.
        let fall = (share - 0.4) / 0.6;
        (goal - Vec3::Y * fall * goal.y.min(4.0), 0.85 * (1.0 - fall * 0.6))
    } else if share < 0.6 {
        (goal + Vec3::Y * 0.7, 0.95)
    } else {
        (arc(goal, device, (share - 0.6) / 0.4, lift * 0.6), 0.7)
    };
    let color = match (lost, late, share < 0.6) {
        (true, ..) => palette::VERMILLION,
        (_, true, _) => palette::ORANGE,
        (_, _, true) => palette::SKY,
        (_, _, false) => [130, 230, 170],
    };
    Dot { at, size, color }
}

fn arc(from: Vec3, to: Vec3, share: f32, lift: f32) -> Vec3 {
    from.lerp(to, share) + Vec3::Y * lift * 4.0 * share * (1.0 - share)
}

/// The head of a thing, where what travels comes and goes.
fn head(layout: &Layout, thing: Thing) -> Option<Vec3> {
    let place = layout.place(thing)?;
    Some(Vec3::new(place.at.x, place.body.height(), place.at.y))
}

type Shown = (&'static mut MeshTag, &'static mut Transform, &'static mut Visibility);

/// Draws what travels.
#[allow(clippy::type_complexity, reason = "three pools of one form")]
pub(crate) fn show(
    stage: Res<Stage>,
    wish: Res<Wish>,
    mut scale: ResMut<TrafficScale>,
    mut plans: Local<[Plan; 2]>,
    mut tasks: Query<(&On, &TaskDot, Shown), (Without<VoteDot>, Without<Pulse>)>,
    mut votes: Query<(&On, &VoteDot, Shown), (Without<TaskDot>, Without<Pulse>)>,
    mut pulses: Query<(&On, &Pulse, Shown), (Without<TaskDot>, Without<VoteDot>)>,
) {
    let at = stage.at();
    let speed = wish.speed.max(1e-3);
    for (index, (side, plan)) in stage.sides.iter().zip(plans.iter_mut()).enumerate() {
        plan.learn(side, &stage.catalog);
        plan.votes(side, &stage.catalog, at, speed);
        plan.pulses(side, &stage.catalog, at, speed);
        let tasks_a_dot = plan.tasks(side, &stage.catalog, at, speed);
        if index == 0 {
            scale.set_if_neq(TrafficScale { tasks_a_dot });
        }
    }
    for (on, dot, shown) in &mut tasks {
        put(plans[on.0].tasks.get(dot.0).copied(), shown, false);
    }
    for (on, dot, shown) in &mut votes {
        put(plans[on.0].votes[dot.shape as usize].get(dot.number).copied(), shown, false);
    }
    for (on, pulse, shown) in &mut pulses {
        put(plans[on.0].pulses.get(pulse.0).copied(), shown, true);
    }
}

fn put(
    dot: Option<Dot>,
    (mut tag, mut transform, mut visibility): (Mut<MeshTag>, Mut<Transform>, Mut<Visibility>),
    flat: bool,
) {
    let Some(dot) = dot else {
        visibility.set_if_neq(Visibility::Hidden);
        return;
    };
    visibility.set_if_neq(Visibility::Inherited);
    let scale = if flat { Vec3::new(dot.size, 1.0, dot.size) } else { Vec3::splat(dot.size) };
    transform.set_if_neq(Transform::from_translation(dot.at).with_scale(scale));
    tag.set_if_neq(Look::tinted(dot.color, 1.0, 0.8).tag());
}
