//! A node, or one of its devices: its subscribed metrics, and their definitions in the birth
//! certificate. Not the order of messages, which concerns the whole node: see `node`.
use super::super::number::finite;
use super::super::{Reason, Said, Taken, What, intake};
use super::message::{Message, Metric};
use std::collections::BTreeMap;

/// The metrics of one place that are asked for.
#[derive(Default)]
pub(super) struct Place {
    /// Whether its birth was seen, and not its death.
    pub(super) born: bool,
    metrics: Vec<Asked>,
    names: BTreeMap<Box<str>, usize>,
    /// The metric of each alias, sorted: at most one for each subscribed metric.
    aliases: Vec<(u64, usize)>,
}

/// A metric that meters ask for.
#[derive(Default)]
struct Asked {
    /// Its datatype, from its birth.
    datatype: u32,
    alias: Option<u64>,
    /// The meters, and the factor from the metric to their base unit.
    meters: Vec<(u32, f64)>,
}

impl Place {
    /// Subscribes a meter to a metric.
    pub(super) fn add(&mut self, metric: &str, meter: u32, factor: f64) {
        let next = self.metrics.len();
        let at = *self.names.entry(metric.into()).or_insert(next);
        if at == next {
            self.metrics.push(Asked::default());
        }
        if let Some(asked) = self.metrics.get_mut(at) {
            asked.meters.push((meter, factor));
        }
    }

    /// How many metrics, and how many of their aliases are known.
    pub(super) fn held(&self) -> (usize, usize) {
        (self.metrics.len(), self.aliases.len())
    }

    /// Forgets its birth.
    pub(super) fn forget(&mut self) {
        self.born = false;
        self.aliases.clear();
    }

    /// Takes a birth certificate, with the values in it.
    pub(super) fn birth(&mut self, message: Message<'_>, out: &mut Vec<Said>) -> Taken {
        self.born = true;
        for asked in &mut self.metrics {
            asked.alias = None;
            asked.datatype = 0;
        }
        for metric in message.metrics() {
            let at = metric.name.and_then(|name| self.names.get(name));
            if let Some(asked) = at.and_then(|at| self.metrics.get_mut(*at)) {
                asked.alias = metric.alias;
                asked.datatype = metric.datatype.unwrap_or(0);
            }
        }
        self.aliases.clear();
        for (at, asked) in self.metrics.iter().enumerate() {
            self.aliases.extend(asked.alias.map(|alias| (alias, at)));
        }
        self.aliases.sort_unstable();
        self.data(message, out)
    }

    /// Takes new values, by their names or by the aliases of the birth. Metrics without a
    /// subscription are skipped.
    pub(super) fn data(&self, message: Message<'_>, out: &mut Vec<Said>) -> Taken {
        let before = out.len();
        let mut unread = None;
        for metric in message.metrics() {
            let Some(asked) = self.find(&metric) else {
                continue;
            };
            for &(meter, factor) in &asked.meters {
                match what(&metric, asked.datatype, factor) {
                    Ok(Some(what)) => {
                        let stamp = metric.timestamp.or(message.timestamp);
                        let stamped_ms = stamp.and_then(|stamp| stamp.try_into().ok());
                        out.push(Said { meter, what, stamped_ms });
                    }
                    Ok(None) => {}
                    Err(reason) => unread = unread.or(Some((meter, reason))),
                }
            }
        }
        intake::taken(out.len() > before, unread)
    }

    /// Reports every metric as offline.
    pub(super) fn gone(&self, out: &mut Vec<Said>) {
        for asked in &self.metrics {
            let gone = |&(meter, _): &_| Said { meter, what: What::Gone, stamped_ms: None };
            out.extend(asked.meters.iter().map(gone));
        }
    }

    fn find(&self, metric: &Metric<'_>) -> Option<&Asked> {
        let at = match (metric.name, metric.alias) {
            (Some(name), _) => *self.names.get(name)?,
            (None, Some(alias)) => {
                let found = self.aliases.binary_search_by_key(&alias, |(alias, _)| *alias).ok()?;
                self.aliases.get(found)?.1
            }
            (None, None) => return None,
        };
        self.metrics.get(at)
    }
}

/// The value of a metric, if any: not `null`, and not a historical one.
fn what(metric: &Metric<'_>, datatype: u32, factor: f64) -> Result<Option<What>, Reason> {
    if metric.historical {
        return Ok(None);
    }
    if metric.is_bad() {
        return Ok(Some(What::Gone));
    }
    let value = metric.number(metric.datatype.unwrap_or(datatype))?;
    value.map(|value| finite(value * factor).map(What::Value)).transpose()
}
