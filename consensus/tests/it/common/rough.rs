//! A minute of brown-outs, partitions, loss and duplication at random, and then none of it: for
//! protocols that survive crashes. One request each 50 ms.

use gridtwin_consensus::{
    Cluster, CostModel, Latency, Link, Links, NodeId, Replicated, Setup, Timing,
};
use gridtwin_kernel::{SimTime, Span, Stream, Streams};
use rand::RngExt;

/// A schedule in progress.
pub(crate) struct Rough<P: Replicated> {
    pub(crate) cluster: Cluster<P>,
    pub(crate) rng: Stream,
    members: u16,
    /// Until when each member is without power, and until when it is cut off, in seconds.
    dark: Vec<f64>,
    cut: Vec<f64>,
}

impl<P: Replicated> Rough<P> {
    /// A group that draws its schedule by `seed`; a quorum may be planted too small.
    pub(crate) fn new(members: u16, seed: u64, planted: Option<usize>) -> Self {
        let streams = Streams::new(seed);
        let mut rng = streams.stream("rough");
        let latency = Latency::around(Span::from_millis(2), Span::from_millis(1));
        let (loss, duplicate) = (0.1 * rng.random::<f64>(), 0.05);
        let nodes = usize::from(members) + 1;
        let links = Links::uniform(nodes, Link { loss, duplicate, ..Link::ethernet(latency) });
        let setup = Setup { planted, ..Setup::new(members, 1, &Timing::LAB) };
        let costs = vec![CostModel::default(); nodes];
        let cluster = Cluster::new(&setup, links, &costs, &streams, "rough");
        let nobody = vec![0.0; members.into()];
        Self { cluster, rng, members, dark: nobody.clone(), cut: nobody }
    }

    /// Goes through the minute, telling `each` the time before every tick, and through the five
    /// after it, in which all is well.
    pub(crate) fn run(&mut self, mut each: impl FnMut(&mut Self, SimTime)) {
        for tick in 0..1200 {
            let now_s = 0.05 * f64::from(tick);
            let now = SimTime::from_secs_f64(now_s);
            self.cluster.advance(now);
            self.strike(now_s);
            each(self, now);
            self.cluster.submit(now, 32);
            self.cluster.notes().clear();
        }
        let now = SimTime::from_secs_f64(60.0);
        self.cluster.advance(now);
        (self.dark, self.cut) = (vec![0.0; self.dark.len()], vec![0.0; self.cut.len()]);
        self.apply(60.0);
        self.cluster.advance(SimTime::from_secs_f64(400.0));
    }

    /// Each member is struck once in ten seconds or so, for up to ten; now and then all at once.
    fn strike(&mut self, now_s: f64) {
        let all = self.rng.random::<f64>() < 0.002;
        for member in 0..usize::from(self.members) {
            if all || self.rng.random::<f64>() < 0.005 {
                let until = now_s + 10.0 * self.rng.random::<f64>().powi(2);
                let dark = all || self.rng.random::<f64>() < 0.7;
                let struck = if dark { &mut self.dark } else { &mut self.cut };
                struck[member] = until;
            }
        }
        self.apply(now_s);
    }

    fn apply(&mut self, now_s: f64) {
        let now = SimTime::from_secs_f64(now_s);
        let nodes = usize::from(self.members) + 1;
        let cut = |node: usize| self.cut.get(node).is_some_and(|&until| now_s < until);
        for (from, to) in (0..nodes).flat_map(|from| (0..nodes).map(move |to| (from, to))) {
            self.cluster.net_mut().links_mut().link_mut(from, to).up = cut(from) == cut(to);
        }
        for member in 0..self.members {
            if now_s < self.dark[usize::from(member)] {
                self.cluster.power_off(NodeId(member), now);
            } else {
                self.cluster.power_on(NodeId(member), now);
            }
        }
    }

    /// Checks that nothing was broken and everything was decided.
    pub(crate) fn assert_sound(&self, seed: u64) {
        assert_eq!(self.cluster.order().violations(), [] as [String; 0], "seed {seed}");
        assert_eq!(self.cluster.answered(), self.cluster.submitted(), "seed {seed}");
    }
}

/// How many seeds to try: more by `ROUGH_SEEDS`.
pub(crate) fn seeds(few: u64) -> std::ops::Range<u64> {
    0..std::env::var("ROUGH_SEEDS").ok().and_then(|seeds| seeds.parse().ok()).unwrap_or(few)
}
