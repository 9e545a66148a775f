use gridtwin_consensus::explore::*;
use gridtwin_consensus::*;
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let protocol: ProtocolName = a[1].parse().unwrap();
    let mut o = ExploreOptions::honest(protocol);
    if a[2] == "epoch" {
        o.grain = Grain::Epoch;
        o.requests = 2;
    }
    for w in &a[3..] {
        let (k, v) = w.split_once('=').unwrap();
        let n: u64 = v.parse().unwrap();
        match k {
            "timeouts" => o.timeouts = n as u8,
            "restarts" => o.restarts = n as u8,
            "epochs" => o.epochs = n as u8,
            "states" => o.states = n as usize,
            "liar" => o.liar = Some(NodeId(n as u16)),
            "plant" => o.planted = Some(n as usize),
            "requests" => o.requests = n,
            "nodes" => o.nodes = Some(n as usize),
            _ => panic!(),
        }
    }
    let t = std::time::Instant::now();
    let r = explore(&o).unwrap();
    println!(
        "nodes {} states {} depth {} exhaustive {} decides {} in {:?}",
        r.nodes,
        r.states,
        r.depth,
        r.exhaustive,
        r.decides,
        t.elapsed()
    );
    if let Some(v) = r.violation {
        for s in v {
            println!("{s}");
        }
    }
}
