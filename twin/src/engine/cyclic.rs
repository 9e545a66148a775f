//! Batteries that start with what they hold at the run's end: which that is, found before the run
//! begins. Not what a battery is, nor what it does.
//!
//! A copy of the twin lives through the whole run from the middle of the batteries' windows; what it
//! holds at the end is the next start, and so on until the two are the same. A battery that is full
//! or empty somewhere on the way forgets where it began, so that two passes are the rule. Each costs
//! what the run itself costs: a year of a site without tasks and votes takes a fraction of a second.

use super::Twin;
use crate::record::EventKind;
use crate::scenario::SocStart;
use gridtwin_kernel::SimTime;

/// Start and end are the same where they differ by less than this share of the capacity.
const SAME: f64 = 1e-3;
/// After so many passes a battery that never comes round starts as it last ended.
const MOST_PASSES: usize = 20;

/// Lets each battery whose scenario asks for it start with what it holds at the end.
pub(super) fn close(twin: &mut Twin) {
    let batteries = &twin.fixed.scenario.batteries;
    let is_cyclic = |&i: &usize| batteries[i].soc_start == SocStart::Cyclic;
    let cyclic: Vec<usize> = (0..batteries.len()).filter(is_cyclic).collect();
    if cyclic.is_empty() {
        return;
    }
    for pass in 1..=MOST_PASSES {
        let mut shadow = twin.clone();
        shadow.advance(shadow.end(), &mut ());
        let mut moved = 0.0_f64;
        for &i in &cyclic {
            let start = twin.bank.batteries()[i].soc();
            start_at(twin, i, shadow.bank.batteries()[i].soc());
            moved = moved.max((twin.bank.batteries()[i].soc() - start).abs());
        }
        if moved < SAME || pass == MOST_PASSES {
            return tell(twin, &cyclic, pass, moved);
        }
    }
}

/// Puts a battery at a state of charge before the run begins, within its window: one that has rested
/// empty for long is a little below it.
fn start_at(twin: &mut Twin, battery: usize, soc: f64) {
    let Some(config) = twin.fixed.scenario.batteries.get(battery) else { return };
    let soc = soc.clamp(config.soc_min.get(), config.soc_max.get());
    if let Some(battery) = twin.bank.battery_mut(battery) {
        battery.set_soc(soc);
    }
    let stored_kwh = twin.bank.batteries()[battery].stored_kwh();
    twin.mixes[battery] = twin.fixed.initial.mix(config, stored_kwh);
}

/// Says where the run starts, and whether it does not come round.
fn tell(twin: &mut Twin, cyclic: &[usize], passes: usize, moved: f64) {
    for &i in cyclic {
        let (id, soc) = (&twin.fixed.scenario.batteries[i].id, twin.bank.batteries()[i].soc());
        let percent = |share: f64| (share * 1000.0).round() / 10.0;
        let mut text = format!(
            "battery {id} starts at {} % (`soc_start: Cyclic`): the state of charge at which the \
             run ends, found in {passes} passes",
            percent(soc)
        );
        if moved >= SAME {
            text += &format!(
                "; start and end still differ by up to {} % of the capacity, because the run is too \
                 short for them to meet",
                percent(moved)
            );
        }
        twin.tell(SimTime::ZERO, EventKind::Assumed { text });
    }
}
