//! A group's decisions, told in stretches: how many, how fast, with how many new views, and where it
//! decided nothing for unusually long.

use super::story::Weight;
use super::suspicions::Suspicions;
use crate::number::{count, duration};
use gridtwin_kernel::{Histogram, SimTime};

/// So many views of a stretch are told one by one.
const VIEWS_TOLD: usize = 3;
/// A gap is unusual once it is this many times as long as 95 % of all gaps before it.
const UNUSUAL: f64 = 4.0;
/// Gaps that must have been seen before one can be unusual.
const GAPS_KNOWN: u64 = 8;

/// A stretch of time and what is told of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Stretch {
    /// From when.
    pub(crate) at: SimTime,
    /// Until when; `None` for an instant.
    pub(crate) until: Option<SimTime>,
    /// How much it matters.
    pub(crate) weight: Weight,
    /// What is told.
    pub(crate) text: String,
}

/// What is known of a group while it decides.
#[derive(Clone, Debug, Default)]
pub(crate) struct Deciding {
    /// Its name.
    pub(crate) name: String,
    /// How many voters it has.
    pub(crate) members: usize,
    /// How many of them run.
    pub(crate) up: usize,
    needed: usize,
    suspicions: Suspicions,
    first: Option<SimTime>,
    last: SimTime,
    latency_ms: Histogram,
    views: Vec<(SimTime, u64, Option<String>)>,
    more_views: u64,
    highest: Option<u64>,
    last_decided: Option<SimTime>,
    gaps_s: Histogram,
    unusual_s: f64,
}

impl Deciding {
    /// A group that has decided nothing yet, all voters running.
    pub(crate) fn new(name: &str, members: usize, needed: usize) -> Self {
        Self {
            name: name.to_owned(),
            members,
            up: members,
            needed,
            unusual_s: f64::INFINITY,
            ..Self::default()
        }
    }

    /// A decision; tells of the unusual gap before it, if there was one.
    pub(crate) fn decided(&mut self, at: SimTime, latency_ms: f64) -> Vec<Stretch> {
        let mut told = Vec::new();
        if let Some(last) = self.last_decided {
            let gap_s = (at - last).as_secs_f64();
            if gap_s > self.unusual_s {
                // New views since the last decision belong into the gap, in order.
                told = self.pause();
                let text = format!("{}: no decision for {}", self.name, duration(gap_s));
                told.push(Stretch { at: last, until: Some(at), weight: Weight::Silence, text });
            } else {
                // Unusual gaps are left out, or they would soon be usual.
                self.gaps_s.record(gap_s);
                let n = self.gaps_s.count();
                if n >= GAPS_KNOWN && (n < 64 || n.is_multiple_of(256)) {
                    self.unusual_s = self.gaps_s.quantile(0.95).unwrap_or(f64::INFINITY) * UNUSUAL;
                }
            }
        }
        self.first.get_or_insert(at);
        (self.last, self.last_decided) = (at, Some(at));
        self.latency_ms.record(latency_ms);
        told
    }

    /// How many voters run, of how many, and how many are needed.
    pub(crate) fn running(&self) -> String {
        format!("({} of {} members run, {} needed)", self.up, self.members, self.needed)
    }

    /// A member suspects its leader and asks for a view.
    pub(crate) fn suspected(&mut self, at: SimTime, view: u64, member: &str) {
        self.suspicions.add(at, view, member);
    }

    /// A new view works; only the first word of each new highest view counts. Tells of suspicions
    /// that were folded until then.
    pub(crate) fn view(&mut self, at: SimTime, view: u64, leader: Option<String>) -> Vec<Stretch> {
        if self.highest.is_some_and(|highest| view <= highest) {
            return Vec::new();
        }
        self.highest = Some(view);
        let told = if self.suspicions.reach(view) { self.suspicions.end(&self.name) } else { None };
        if self.views.len() > VIEWS_TOLD {
            self.more_views += 1;
            self.views.pop();
        }
        self.views.push((at, view, leader));
        told.into_iter().collect()
    }

    /// Ends the stretch and tells of it.
    pub(crate) fn pause(&mut self) -> Vec<Stretch> {
        let views = std::mem::take(&mut self.views);
        let more = std::mem::take(&mut self.more_views);
        let latency = std::mem::take(&mut self.latency_ms);
        let first = self.first.take();
        let mut told = self.suspicions.pause(&self.name);
        let led = |leader: &Option<String>| {
            leader.as_ref().map_or(String::new(), |leader| format!(", leader {leader}"))
        };
        let mut views_text = String::new();
        if views.len() <= VIEWS_TOLD {
            told.extend(views.iter().map(|(at, view, leader)| Stretch {
                at: *at,
                until: None,
                weight: Weight::Effect,
                text: format!("{}: view {view} begins{}", self.name, led(leader)),
            }));
        } else if let Some((at, view, leader)) = views.last() {
            let n = views.len() as u64 + more;
            views_text = format!("{} new views up to view {view}{}", count(n), led(leader));
            if first.is_none() {
                let text = format!("{}: {views_text}, no decision", self.name);
                let weight = Weight::Effect;
                told.push(Stretch { at: views[0].0, until: Some(*at), weight, text });
            }
        }
        if let Some(first) = first {
            let n = latency.count();
            let blocks = if n == 1 { "1 block".to_owned() } else { format!("{} blocks", count(n)) };
            let after = |q| duration(latency.quantile(q).map_or(f64::NAN, |ms| ms / 1000.0));
            let mut text = format!("{}: {blocks} decided, latency p50 {}", self.name, after(0.5));
            if n >= 20 {
                text += &format!(", p99 {}", after(0.99));
            }
            if !views_text.is_empty() {
                text += &format!("; {views_text}");
            }
            let until = (self.last > first).then_some(self.last);
            told.push(Stretch { at: first, until, weight: Weight::Plain, text });
        }
        told
    }

    /// The run is over: tells of a group that stopped deciding and never began again.
    pub(crate) fn end(&mut self, end: SimTime) -> Vec<Stretch> {
        let mut told = self.pause();
        told.extend(self.suspicions.end(&self.name));
        let Some(last) = self.last_decided else {
            let text = format!("{}: no block was decided in the whole run", self.name);
            told.push(Stretch {
                at: SimTime::ZERO,
                until: Some(end),
                weight: Weight::Silence,
                text,
            });
            return told;
        };
        let gap_s = (end - last).as_secs_f64();
        if gap_s > self.unusual_s {
            let text = format!(
                "{}: no decision for {} until the end of the run",
                self.name,
                duration(gap_s)
            );
            told.push(Stretch { at: last, until: Some(end), weight: Weight::Silence, text });
        }
        told
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn minute(m: u64) -> SimTime {
        SimTime(m * 60_000_000_000)
    }

    #[test]
    fn a_gap_is_told_and_the_rest_is_folded() {
        let mut group = Deciding::new("ledger", 4, 3);
        let mut told = Vec::new();
        for m in (0..100).chain(160..200) {
            told.extend(group.decided(minute(m), 12.0));
        }
        told.extend(group.end(minute(200)));
        let texts: Vec<_> = told.iter().map(|s| s.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "ledger: 100 blocks decided, latency p50 12 ms, p99 12 ms",
                "ledger: no decision for 1 h 1 min",
                "ledger: 40 blocks decided, latency p50 12 ms, p99 12 ms",
            ]
        );
        assert_eq!((told[1].at, told[1].until), (minute(99), Some(minute(160))));
    }

    #[test]
    fn few_views_are_told_one_by_one_and_many_are_folded() {
        let mut group = Deciding::new("ledger", 4, 3);
        group.view(minute(1), 2, Some("edge-1".to_owned()));
        group.view(minute(1), 2, Some("edge-1".to_owned()));
        assert_eq!(group.pause().len(), 1);
        for view in 3..53 {
            group.view(minute(view), view, None);
        }
        let told = group.pause();
        assert_eq!(told.len(), 1);
        assert_eq!(told[0].text, "ledger: 50 new views up to view 52, no decision");
    }

    #[test]
    fn a_group_that_never_resumes_is_told_so() {
        let mut group = Deciding::new("ledger", 4, 3);
        for m in 0..50 {
            group.decided(minute(m), 12.0);
        }
        let told = group.end(minute(300));
        assert_eq!(told[1].text, "ledger: no decision for 4 h 11 min until the end of the run");
        assert_eq!(Deciding::new("mute", 3, 2).end(minute(1))[0].weight, Weight::Silence);
    }
}
