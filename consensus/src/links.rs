//! Links: what the network does to a message between two nodes. Latency, bandwidth with queueing,
//! loss, duplication, energy a bit, and whether the link is up; a partition is links that are down.

use gridtwin_kernel::{SimTime, Span, Stream};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};

/// How long a message is under way, besides the time its bits take to leave.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Latency {
    /// Always the same.
    Constant(Span),
    /// Evenly between the two.
    Uniform {
        /// The least.
        low: Span,
        /// The greatest.
        high: Span,
    },
    /// Normal, cut off at zero.
    Normal {
        /// The mean.
        mean: Span,
        /// The standard deviation.
        deviation: Span,
    },
    /// Log-normal: its logarithm is normal.
    LogNormal {
        /// The median.
        median: Span,
        /// The standard deviation of the natural logarithm.
        sigma: f64,
    },
}

impl Latency {
    /// Evenly within `jitter` of `middle`, never below zero; constant where there is no jitter.
    pub fn around(middle: Span, jitter: Span) -> Self {
        if jitter.is_zero() {
            return Self::Constant(middle);
        }
        Self::Uniform { low: Span(middle.0.saturating_sub(jitter.0)), high: middle + jitter }
    }

    /// The longest that it takes, or nearly: three standard deviations where there is no longest.
    pub fn longest(&self) -> Span {
        match *self {
            Self::Constant(span) => span,
            Self::Uniform { high, .. } => high,
            Self::Normal { mean, deviation } => mean + deviation * 3,
            Self::LogNormal { median, sigma } => {
                Span::from_secs_f64(median.as_secs_f64() * (3.0 * sigma).exp())
            }
        }
    }

    fn draw(&self, rng: &mut Stream) -> Span {
        match *self {
            Self::Constant(span) => span,
            Self::Uniform { low, high } => {
                let width = u128::from(high.0.saturating_sub(low.0)) + 1;
                low + Span(((u128::from(rng.next_u64()) * width) >> 64) as u64)
            }
            Self::Normal { mean, deviation } => {
                let z: f64 = StandardNormal.sample(rng);
                Span((mean.0 as f64 + z * deviation.0 as f64) as u64) // `as` cuts off at zero
            }
            Self::LogNormal { median, sigma } => {
                let z: f64 = StandardNormal.sample(rng);
                Span((median.0 as f64 * (sigma * z).exp()) as u64)
            }
        }
    }
}

/// The way from one node to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// How long a message is under way.
    pub latency: Latency,
    /// Nanoseconds that one byte occupies the link: messages queue for it. Zero is unlimited.
    pub ns_per_byte: f64,
    /// The share of messages that are lost, 0 to 1.
    pub loss: f64,
    /// The share of messages that arrive twice, 0 to 1.
    pub duplicate: f64,
    /// Energy of carrying one bit, in nJ: half is spent at either end.
    pub nj_per_bit: f64,
    /// Whether anything gets through.
    pub up: bool,
}

impl Link {
    /// A link that only takes time: 1 Gbit/s Ethernet at 1 nJ a bit \[R\], nothing lost.
    pub fn ethernet(latency: Latency) -> Self {
        Self { latency, ns_per_byte: 8.0, loss: 0.0, duplicate: 0.0, nj_per_bit: 1.0, up: true }
    }
}

/// The links among `nodes` nodes, from each to each.
#[derive(Clone, Debug, PartialEq)]
pub struct Links {
    nodes: usize,
    links: Vec<Link>,
    /// Until when a link is busy sending what is queued on it.
    busy_until: Vec<SimTime>,
}

/// What became of a message: when it arrives, and when its duplicate does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Carried {
    pub(crate) first: Option<SimTime>,
    pub(crate) second: Option<SimTime>,
}

impl Links {
    /// The same link between every two of `nodes` nodes.
    pub fn uniform(nodes: usize, link: Link) -> Self {
        Self {
            nodes,
            links: vec![link; nodes * nodes],
            busy_until: vec![SimTime::ZERO; nodes * nodes],
        }
    }

    /// The longest that a message is under way on any link.
    pub fn longest(&self) -> Span {
        self.links.iter().map(|link| link.latency.longest()).max().unwrap_or(Span::ZERO)
    }

    /// For how many nodes this is.
    pub fn nodes(&self) -> usize {
        self.nodes
    }

    /// The link from one node to another.
    pub fn link(&self, from: usize, to: usize) -> &Link {
        &self.links[from * self.nodes + to]
    }

    /// The link from one node to another, to change.
    pub fn link_mut(&mut self, from: usize, to: usize) -> &mut Link {
        &mut self.links[from * self.nodes + to]
    }

    /// Puts the links of another network of the same size in place; what is queued stays queued.
    pub(crate) fn replace(&mut self, other: &Self) {
        assert_eq!(self.nodes, other.nodes, "links for another number of nodes");
        self.links.copy_from_slice(&other.links);
    }

    /// Carries `bytes` bytes that are ready to leave at `ready`.
    pub(crate) fn carry(
        &mut self,
        from: usize,
        to: usize,
        bytes: u32,
        ready: SimTime,
        rng: &mut Stream,
    ) -> Carried {
        let at = from * self.nodes + to;
        let link = &self.links[at];
        let mut sent = ready;
        if link.ns_per_byte > 0.0 {
            sent = ready.max(self.busy_until[at])
                + Span((f64::from(bytes) * link.ns_per_byte) as i64 as u64);
            self.busy_until[at] = sent;
        }
        let gone = !link.up || (link.loss > 0.0 && rng.random::<f64>() < link.loss);
        let first = (!gone).then(|| sent + link.latency.draw(rng));
        let twice = first.is_some() && link.duplicate > 0.0 && rng.random::<f64>() < link.duplicate;
        Carried { first, second: twice.then(|| sent + link.latency.draw(rng)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use gridtwin_kernel::Streams;

    fn carry_all(link: Link, count: usize) -> Vec<Carried> {
        let mut links = Links::uniform(2, link);
        let mut rng = Streams::new(1).stream("links");
        (0..count).map(|_| links.carry(0, 1, 100, SimTime::ZERO, &mut rng)).collect()
    }

    #[test]
    fn messages_queue_for_bandwidth() {
        let mut link = Link::ethernet(Latency::Constant(Span(1000)));
        link.ns_per_byte = 10.0;
        let arrivals: Vec<_> = carry_all(link, 3).iter().map(|c| c.first.unwrap().0).collect();
        assert_eq!(arrivals, [2000, 3000, 4000]);
    }

    #[test]
    fn loss_and_duplication_are_as_frequent_as_stated() {
        let mut link = Link::ethernet(Latency::Constant(Span(1)));
        (link.loss, link.duplicate) = (0.2, 0.5);
        let carried = carry_all(link, 10_000);
        let arrived = carried.iter().filter(|c| c.first.is_some()).count();
        let twice = carried.iter().filter(|c| c.second.is_some()).count();
        assert!((7_800..8_200).contains(&arrived), "{arrived}");
        assert!((3_800..4_200).contains(&twice), "{twice}");
        link.up = false;
        assert!(carry_all(link, 10).iter().all(|c| c.first.is_none()));
    }

    #[test]
    fn latencies_have_their_distribution() {
        let median = |latency| {
            let mut link = Link::ethernet(latency);
            link.ns_per_byte = 0.0;
            let mut all: Vec<_> =
                carry_all(link, 4001).iter().map(|c| c.first.unwrap().0).collect();
            all.sort_unstable();
            (all[0], all[2000], all[4000])
        };
        let ms = Span::from_millis;
        let (low, middle, high) = median(Latency::around(ms(2), ms(1)));
        assert!(low >= 1_000_000 && high <= 3_000_000 && middle.abs_diff(2_000_000) < 60_000);
        let (_, middle, _) = median(Latency::Normal { mean: ms(2), deviation: ms(1) });
        assert!(middle.abs_diff(2_000_000) < 100_000);
        let (_, middle, high) = median(Latency::LogNormal { median: ms(2), sigma: 0.5 });
        assert!(middle.abs_diff(2_000_000) < 100_000 && high > 5_000_000);
    }
}
