//! `gridtwin meters`: a simulated site whose meters publish to a broker in real time.

use super::link::{NO_ZONE, connection, instant_now, stop_on_signal};
use crate::arguments::MetersArguments;
use crate::commands::run::now;
use crate::failure::Failure;
use gridtwin_kernel::{SimTime, Span};
use gridtwin_link::broker::Broker;
use gridtwin_link::session::{Clock, Meters};
use gridtwin_twin::Scenario;
use gridtwin_twin::scenario::Override;
use std::io::Write;

pub(crate) fn meters(wanted: &MetersArguments) -> Result<(), Failure> {
    let (changes, began) = (&wanted.changes, now());
    let load = |set: &[Override]| {
        Scenario::load_with(&wanted.file, set, changes.days, changes.seed).map_err(Failure::input)
    };
    let scenario = load(&changes.set)?;
    if scenario.meters.is_empty() {
        return Err(Failure::input(format_args!(
            "{} has no `meters`, so there is nothing to publish; add a `meters` list, as in \
             scenarios/campus.ron",
            wanted.file.display()
        )));
    }
    // The simulated site starts at midnight, so that energy counters and states of charge have a
    // history.
    let zone = scenario.site.zone().ok_or_else(|| Failure::input(NO_ZONE))?;
    let midnight = began.to_zoned(zone).start_of_day().map_err(Failure::work)?;
    let start: Override =
        format!("start=\"{}\"", midnight.datetime()).parse().map_err(Failure::input)?;
    let scenario = load(&[changes.set.as_slice(), &[start]].concat())?;
    let seed = wanted.site_seed.unwrap_or(scenario.seed ^ 0x5eed);
    let period = Span::from_secs_f64(wanted.period_s);
    let mut meters = Meters::new(&scenario, seed, period, Vec::new()).map_err(Failure::input)?;
    let since = began.duration_since(meters.twin().catalog().start);
    let at = SimTime(u64::try_from(since.as_nanos()).unwrap_or(0));
    meters.skip_to(at);
    let mut options =
        connection(&wanted.connection, &format!("gridtwin-meters-{}", scenario.name))?;
    options.filters = meters.subscriptions();
    let broker = Broker::connect(options).map_err(Failure::input)?;
    let stop = stop_on_signal()?;
    let mut say = |text: &str| {
        let _ = writeln!(std::io::stderr(), "{text}");
    };
    say(&format!("publishing {} meters; Ctrl-C stops", scenario.meters.len()));
    let clock = Clock::new(instant_now(), at, 1.0);
    let done = meters.run(&broker, clock, &stop, &mut say);
    let _ = broker.close_and_forget();
    done.map_err(Failure::work)
}
