//! `report.html`: one page that stands alone, without network or script. This module listens to the
//! run and puts the sections together; each section has a module of its own.

mod axis;
mod base;
mod carbon;
mod cars;
mod chart;
mod consensus;
mod cost;
mod deciding;
mod duration;
mod energy;
mod findings;
mod headline;
mod heat;
mod history;
pub(crate) mod ink;
mod inputs;
pub(crate) mod markup;
mod monthly;
mod notes;
mod plugged;
mod power;
mod resilience;
mod sankey;
mod story;
mod suspicions;
mod tasks;
mod tiers;
mod trace;
mod votes;

use crate::clock::Clock;
use crate::tally::{cars::Session, tasks::Hour};
use crate::{Error, RunInfo, Summary, Tally};
pub(crate) use base::Base;
use chart::Chart;
use gridtwin_kernel::{SimTime, Span};
use gridtwin_twin::record::{Catalog, Event, Sample};
use markup::escape;

/// What the page needs of a run, gathered while it goes on.
#[derive(Debug)]
pub(crate) struct Page {
    catalog: Catalog,
    clock: Clock,
    history: history::History,
    votes: Vec<votes::Votes>,
    story: story::Story,
    latency: tasks::Latency,
    cars: cars::Shown,
    plugged: plugged::Plugged,
    heats: heat::Heats,
    trace: trace::Trace,
    months: monthly::Months,
}

/// What the sections draw on.
struct Context<'a> {
    catalog: &'a Catalog,
    clock: &'a Clock,
    tally: &'a Tally,
    summary: &'a Summary,
    history: &'a history::History,
    end: SimTime,
    ticks: Vec<(f64, String)>,
    outages: Vec<(SimTime, SimTime)>,
    base: Option<&'a Base>,
}

impl Context<'_> {
    /// A chart over the whole run's time, with outages shaded.
    fn over_time(&self, label: &str, unit: &str, low: f64, high: f64) -> Chart {
        let (y, y_ticks) = chart::round_ticks(low, high);
        let shade = |(from, to): &(SimTime, SimTime)| {
            chart::Mark::Shade(ink::Ink::Outage, from.as_hours_f64(), to.as_hours_f64())
        };
        Chart {
            label: label.to_owned(),
            height: 520,
            margin: 130,
            x: (0.0, self.end.as_hours_f64().max(1e-6)),
            x_ticks: self.ticks.clone(),
            y,
            y_ticks,
            unit: unit.to_owned(),
            log: false,
            marks: self.outages.iter().map(shade).collect(),
        }
    }

    /// A metric of the summary, as a reader sees it.
    fn shown(&self, metric: &str) -> String {
        crate::number::human(self.summary.get(metric).unwrap_or(f64::NAN))
    }

    /// The site's time: the day, and the time of day to the second.
    fn when(&self, at: SimTime) -> (String, String) {
        let at = self.clock.zoned(at);
        // In a run of a year or more, a day and a month may come twice.
        let date = if self.catalog.days > 300 { "%a %-d %b %Y" } else { "%a %-d %b" };
        (at.strftime(date).to_string(), at.strftime("%H:%M:%S").to_string())
    }

    /// The legend's entry for outages, where there are any.
    fn outage_key(&self) -> Vec<(markup::Key, String)> {
        let key = (markup::Key::Area(ink::Ink::Outage), "Grid outage".to_owned());
        if self.outages.is_empty() { Vec::new() } else { vec![key] }
    }
}

impl Page {
    /// Nothing heard yet.
    pub(crate) fn new(catalog: &Catalog) -> Self {
        let history = history::History::new(catalog);
        Self {
            clock: Clock::new(catalog),
            votes: votes::Votes::all(catalog),
            story: story::Story::new(catalog),
            latency: tasks::Latency::new(history.block.max(Span::HOUR)),
            cars: cars::Shown::default(),
            plugged: plugged::Plugged::default(),
            heats: heat::Heats::default(),
            trace: trace::Trace::new(catalog),
            months: monthly::Months::new(catalog),
            catalog: catalog.clone(),
            history,
        }
    }

    /// Hours of tasks that are over.
    pub(crate) fn hours(&mut self, over: &[Hour]) {
        over.iter().for_each(|hour| self.latency.hour(hour));
    }

    /// One interval.
    pub(crate) fn sample(&mut self, sample: &Sample) {
        self.history.sample(sample);
        self.story.sample(sample);
        let local = self.clock.zoned(sample.at);
        self.heats.sample(sample, local.date(), local.hour());
        self.plugged.sample(sample, local.hour());
        self.trace.sample(sample);
        self.months.sample(sample, local.date());
    }

    /// One event, and the EV session that it ends.
    pub(crate) fn event(&mut self, at: SimTime, event: &Event, over: Option<Session>) {
        self.story.event(at, event, &self.catalog);
        votes::follow(&mut self.votes, at, &event.kind);
        over.iter().for_each(|session| self.plugged.left(session));
        self.cars.add(over);
    }

    /// The page.
    ///
    /// # Errors
    /// A plot that could not be drawn.
    pub(crate) fn render(
        mut self,
        tally: &Tally,
        summary: &Summary,
        base: Option<&Base>,
        scenario: &str,
        info: &RunInfo,
    ) -> Result<String, Error> {
        let end = tally.end;
        self.votes.iter_mut().for_each(|votes| votes.end(end));
        self.latency.end();
        self.story.end(end);
        let context = Context {
            catalog: &self.catalog,
            clock: &self.clock,
            tally,
            summary,
            history: &self.history,
            end,
            ticks: axis::time_ticks(&self.clock, end),
            // Where there is no grid, its being away is no event.
            outages: if self.catalog.has_grid { tally.outages.until(end) } else { Vec::new() },
            base,
        };
        let (heats, trace) = (&self.heats, &self.trace);
        let months = &self.months;
        let energy = power::section(&context)?
            + &months.energy(&context)
            + &energy::section(&context, &trace.energy, heats)?;
        let carbon = carbon::section(&context, &trace.carbon, heats)? + &months.carbon(&context);
        let cost = cost::section(&context) + &months.cost(&context);
        let sections = [
            ("energy", "Energy", energy),
            ("carbon", "Carbon", carbon),
            ("cost", "Cost", cost),
            ("autonomy", "Autonomy", resilience::section(&context)?),
            ("tasks", "Tasks", tasks::section(&context, &self.latency)?),
            ("consensus", "Consensus", consensus::section(&context, &self.votes)?),
            ("events", "Chronology", consensus::chronology(&context, &self.story)),
            ("cars", "Electric cars", cars::section(&context, &self.cars, &self.plugged)?),
            ("findings", "Anomalies and violations", findings::section(&context, &self.story)),
            ("method", "Method, sources and seed", notes::section(&context, scenario, info)),
        ];
        let name = escape(&self.catalog.name);
        let mut out = format!(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
             <meta name=\"color-scheme\" content=\"light dark\"/>\n<title>{name} \u{2013} gridtwin</title>\n\
             <style>\n{}</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#main\">Skip to the figures</a>\n{}",
            include_str!("style.css"),
            ink::patterns(),
        );
        out += &headline::header(&context);
        out += "<nav aria-label=\"Sections\"><ul>";
        for (id, title, _) in &sections {
            out += &format!("<li><a href=\"#{id}\">{title}</a></li>");
        }
        out += "</ul></nav>\n<main id=\"main\">\n";
        out += &headline::figures(&context);
        out += &base::section(&context);
        for (id, title, body) in &sections {
            out += &format!("<section id=\"{id}\">\n<h2>{title}</h2>\n{body}</section>\n");
        }
        out += "</main>\n</body>\n</html>\n";
        Ok(out)
    }
}
