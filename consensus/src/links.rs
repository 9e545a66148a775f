//! Links: what the network does to a message between two nodes. Latency, bandwidth with queueing,
//! loss, duplication, energy per bit, and whether the link is up; a partition is a set of links
//! that are down. [`Noise`] applies to all links: it reorders, corrupts or delays messages.
//!
//! Each kind of random draw has its own stream per sender, and is drawn whether or not another
//! fault has already occurred: an additional fault or message does not change any other node's
//! draws.

use gridtwin_kernel::{SimTime, Span, Stream, Streams};
use rand::{Rng, RngExt};
use rand_distr::{Distribution, StandardNormal};

/// The time that a message is in transit, in addition to its transmission time.
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
    /// Measured: microseconds at these percentiles, interpolated linearly between them. See
    /// [`Latency::measured`].
    Measured {
        /// The least.
        min_us: u32,
        /// The median.
        p50_us: u32,
        /// 95 of 100 are at most this.
        p95_us: u32,
        /// 99 of 100 are at most this.
        p99_us: u32,
        /// The greatest.
        max_us: u32,
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

    /// As measured, in microseconds: the least, the median, the 95th and the 99th percentile and
    /// the greatest. None where they do not rise.
    pub fn measured([min_us, p50_us, p95_us, p99_us, max_us]: [u32; 5]) -> Option<Self> {
        let measured = Self::Measured { min_us, p50_us, p95_us, p99_us, max_us };
        [min_us, p50_us, p95_us, p99_us, max_us].is_sorted().then_some(measured)
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
            Self::Measured { max_us, .. } => Span(u64::from(max_us) * 1000),
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
            Self::Measured { min_us, p50_us, p95_us, p99_us, max_us } => {
                let share: f64 = rng.random();
                let points =
                    [(0.0, min_us), (0.5, p50_us), (0.95, p95_us), (0.99, p99_us), (1.0, max_us)];
                let end = points.iter().skip(1).position(|&(at, _)| share < at).unwrap_or(3) + 1;
                let ((from, low), (to, high)) = (points[end - 1], points[end]);
                let part = (share - from) / (to - from);
                let us = f64::from(low) + part * (f64::from(high) - f64::from(low));
                Span((us * 1000.0) as u64)
            }
        }
    }
}

/// The way from one node to another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Link {
    /// The time that a message is in transit.
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
    /// The number of such latencies in sequence: more than one if the message is relayed.
    pub hops: u8,
}

impl Link {
    /// A link that only takes time: 1 Gbit/s Ethernet at 1 nJ a bit \[R\], nothing lost.
    pub fn ethernet(latency: Latency) -> Self {
        let (ns_per_byte, nj_per_bit) = (8.0, 1.0);
        Self { latency, ns_per_byte, loss: 0.0, duplicate: 0.0, nj_per_bit, up: true, hops: 1 }
    }

    /// The way over two such links, with a relay between them: twice the latency, the time to send
    /// and the energy, and what is lost on either.
    pub fn relayed(self) -> Self {
        let either = |share: f64| 1.0 - (1.0 - share) * (1.0 - share);
        Self {
            ns_per_byte: 2.0 * self.ns_per_byte,
            loss: either(self.loss),
            duplicate: either(self.duplicate),
            nj_per_bit: 2.0 * self.nj_per_bit,
            hops: 2 * self.hops,
            ..self
        }
    }

    /// The longest time in transit, or nearly.
    pub fn longest(&self) -> Span {
        self.latency.longest() * u64::from(self.hops)
    }

    fn draw(&self, rng: &mut Stream) -> Span {
        let first = self.latency.draw(rng);
        (1..self.hops).fold(first, |sum, _| sum + self.latency.draw(rng))
    }
}

/// What goes wrong on all links alike. By default, nothing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Noise {
    /// The share of messages that are held back, so that others overtake them, 0 to 1,
    pub reorder: f64,
    /// by a uniformly drawn time up to this.
    pub hold: Span,
    /// The share of messages that arrive corrupted, 0 to 1; receivers detect and drop them.
    pub corrupt: f64,
    /// Until then (the global stabilisation time), an adversary holds back every message,
    pub gst: SimTime,
    /// by a uniformly drawn time up to this, but never beyond the stabilisation time and the
    /// message's own latency.
    pub before_gst: Span,
}

/// The random streams for one node's messages, one for each kind of draw.
#[derive(Clone, Debug)]
pub(crate) struct Dice {
    latency: Stream,
    loss: Stream,
    duplicate: Stream,
    reorder: Stream,
    corrupt: Stream,
    before_gst: Stream,
}

impl Dice {
    /// Those of the node with this name.
    pub(crate) fn new(streams: &Streams, name: &str) -> Self {
        let stream = |sort| streams.stream(&format!("{name}/{sort}"));
        Self {
            latency: stream("latency"),
            loss: stream("loss"),
            duplicate: stream("duplicate"),
            reorder: stream("reorder"),
            corrupt: stream("corrupt"),
            before_gst: stream("before-gst"),
        }
    }
}

/// The links among `nodes` nodes, from each to each.
#[derive(Clone, Debug, PartialEq)]
pub struct Links {
    nodes: usize,
    links: Vec<Link>,
    /// Until when a link is busy sending what is queued on it.
    busy_until: Vec<SimTime>,
    noise: Noise,
}

/// One copy of a message, on its arrival.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) at: SimTime,
    pub(crate) corrupt: bool,
}

/// What became of a message: when it arrives, and when its duplicate does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Carried {
    pub(crate) first: Option<Arrival>,
    pub(crate) second: Option<Arrival>,
}

impl Links {
    /// The same link between every two of `nodes` nodes.
    pub fn uniform(nodes: usize, link: Link) -> Self {
        Self {
            nodes,
            links: vec![link; nodes * nodes],
            busy_until: vec![SimTime::ZERO; nodes * nodes],
            noise: Noise::default(),
        }
    }

    /// Links between nodes in regions: `region[i]` is the region of node `i`, and `between[a][b]`
    /// the link from region `a` to region `b`. None if a node's region has no link.
    pub fn regions(between: &[Vec<Link>], region: &[usize]) -> Option<Self> {
        let link = |&from: &usize, &to: &usize| between.get(from)?.get(to).copied();
        let pairs = region.iter().flat_map(|from| region.iter().map(move |to| (from, to)));
        let links = pairs.map(|(from, to)| link(from, to)).collect::<Option<Vec<_>>>()?;
        let nodes = region.len();
        Some(Self {
            nodes,
            links,
            busy_until: vec![SimTime::ZERO; nodes * nodes],
            noise: Noise::default(),
        })
    }

    /// Links between nodes in clusters that reach each other only through the cloud: `near` within
    /// a cluster, `far` between a cluster and the cloud, and `far` twice between clusters. A node
    /// without a cluster is in the cloud.
    pub fn clusters(cluster: &[Option<usize>], near: Link, far: Link) -> Self {
        let nodes = cluster.len();
        let mut links = Self::uniform(nodes, near);
        for (from, a) in cluster.iter().enumerate() {
            for (to, b) in cluster.iter().enumerate().filter(|(_, b)| *b != a) {
                let direct = a.is_none() || b.is_none();
                *links.link_mut(from, to) = if direct { far } else { far.relayed() };
            }
        }
        links
    }

    /// The longest latency of any link, or nearly, without adversarial delay.
    pub fn longest(&self) -> Span {
        self.links.iter().map(Link::longest).max().unwrap_or(Span::ZERO)
    }

    /// What goes wrong on all links alike, from now on.
    pub fn set_noise(&mut self, noise: Noise) {
        self.noise = noise;
    }

    /// What goes wrong on all links alike.
    pub fn noise(&self) -> &Noise {
        &self.noise
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
        dice: &mut Dice,
    ) -> Carried {
        let at = from * self.nodes + to;
        let link = &self.links[at];
        let mut sent = ready;
        if link.ns_per_byte > 0.0 {
            sent = ready.max(self.busy_until[at])
                + Span((f64::from(bytes) * link.ns_per_byte) as i64 as u64);
            self.busy_until[at] = sent;
        }
        let latency = link.draw(&mut dice.latency);
        let lost = hits(link.loss, &mut dice.loss);
        let twice = hits(link.duplicate, &mut dice.duplicate);
        // The duplicate is corrupted with the same probability, by a draw of its own.
        let second = twice.then(|| Arrival {
            at: sent + link.draw(&mut dice.duplicate),
            corrupt: hits(self.noise.corrupt, &mut dice.duplicate),
        });
        let Noise { reorder, hold, corrupt, gst, before_gst } = self.noise;
        let corrupt = hits(corrupt, &mut dice.corrupt);
        let mut arrives = sent + latency;
        let up_to = |high| Latency::Uniform { low: Span::ZERO, high };
        if hits(reorder, &mut dice.reorder) {
            arrives += up_to(hold).draw(&mut dice.reorder);
        }
        if sent < gst {
            let held = sent + up_to(before_gst).draw(&mut dice.before_gst);
            arrives = arrives.max(held.min(gst) + latency);
        }
        let there = link.up && !lost;
        let first = there.then_some(Arrival { at: arrives, corrupt });
        Carried { first, second: second.filter(|_| there) }
    }
}

/// Whether it strikes, where it strikes so often; nothing is drawn where it never does.
fn hits(share: f64, rng: &mut Stream) -> bool {
    share > 0.0 && rng.random::<f64>() < share
}

#[cfg(test)]
mod tests {
    use super::*;
    use gridtwin_kernel::Streams;

    fn carry_all(link: Link, count: usize) -> Vec<Carried> {
        let mut links = Links::uniform(2, link);
        let mut dice = Dice::new(&Streams::new(1), "links");
        (0..count).map(|_| links.carry(0, 1, 100, SimTime::ZERO, &mut dice)).collect()
    }

    fn times(carried: &[Carried]) -> Vec<u64> {
        carried.iter().map(|carried| carried.first.unwrap().at.0).collect()
    }

    #[test]
    fn messages_queue_for_bandwidth() {
        let mut link = Link::ethernet(Latency::Constant(Span(1000)));
        link.ns_per_byte = 10.0;
        assert_eq!(times(&carry_all(link, 3)), [2000, 3000, 4000]);
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
            let mut all = times(&carry_all(link, 4001));
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
        let measured = Latency::measured([1000, 2000, 5000, 9000, 20_000]).unwrap();
        let (low, middle, high) = median(measured);
        assert!(low >= 1_000_000 && high > 15_000_000 && middle.abs_diff(2_000_000) < 60_000);
        assert_eq!(Latency::measured([1, 2, 3, 5, 4]), None);
    }

    #[test]
    fn a_fault_more_changes_no_other_draw() {
        let mut link =
            Link::ethernet(Latency::Uniform { low: Span(1000), high: Span(1_000_000_000) });
        let calm = times(&carry_all(link, 100));
        link.duplicate = 0.5;
        let doubled = carry_all(link, 100);
        assert_eq!(times(&doubled), calm);
        let twice = |all: &[Carried]| all.iter().map(|c| c.second.is_some()).collect::<Vec<_>>();
        link.loss = 0.3;
        let lossy = carry_all(link, 100);
        for (index, carried) in lossy.iter().enumerate() {
            if let Some(first) = carried.first {
                assert_eq!(first.at.0, calm[index]);
                assert_eq!(carried.second.is_some(), twice(&doubled)[index]);
            }
        }
    }

    #[test]
    fn noise_spoils_and_holds_back_as_much_as_stated() {
        let mut links = Links::uniform(2, Link::ethernet(Latency::Constant(Span(1000))));
        let mut dice = Dice::new(&Streams::new(1), "links");
        let (gst, before_gst) = (SimTime(1_000_000), Span(500_000));
        let hold = Span(10_000);
        links.set_noise(Noise { reorder: 0.5, hold, corrupt: 0.1, gst, before_gst });
        let mut carry = |ready| links.carry(0, 1, 0, SimTime(ready), &mut dice).first.unwrap();
        let early: Vec<_> = (0..1000).map(|_| carry(0).at.0).collect();
        assert!(early.iter().all(|&at| (1000..=501_000).contains(&at)));
        assert!(early.iter().any(|&at| at > 400_000));
        assert!((0..1000).all(|_| carry(999_000).at <= SimTime(1_000_000 + 1000 + 10_000)));
        let late: Vec<_> = (0..1000).map(|_| carry(1_000_000)).collect();
        let held = late.iter().filter(|arrival| arrival.at > SimTime(1_001_000)).count();
        let corrupted = late.iter().filter(|arrival| arrival.corrupt).count();
        assert!((440..560).contains(&held) && (70..130).contains(&corrupted), "{held} {corrupted}");
        assert!(late.iter().all(|arrival| arrival.at <= SimTime(1_011_000)));
    }

    #[test]
    fn clusters_meet_in_the_cloud_and_regions_have_their_matrix() {
        let near = Link::ethernet(Latency::Constant(Span::from_millis(1)));
        let far = Link::ethernet(Latency::Constant(Span::from_millis(20)));
        let links = Links::clusters(&[Some(0), Some(0), Some(1), None], near, far);
        let ms = |from, to| links.link(from, to).longest().as_millis_f64();
        assert_eq!([ms(0, 1), ms(0, 2), ms(2, 3), ms(3, 1)], [1.0, 40.0, 20.0, 20.0]);
        let between = [vec![near, far], vec![far, near]];
        let links = Links::regions(&between, &[0, 1, 1]).unwrap();
        let ms = |from, to| links.link(from, to).longest().as_millis_f64();
        assert_eq!([ms(0, 1), ms(1, 2), ms(2, 0)], [20.0, 1.0, 20.0]);
        assert_eq!(Links::regions(&between, &[0, 2]), None);
    }
}
