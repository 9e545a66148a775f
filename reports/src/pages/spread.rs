//! Where a metric's values lie over all runs, and how its mean settles as runs are added.

use super::axis::Axis;
use super::draw::{self, Frame, WIDTH};
use super::rows::below;
use super::shell::with_unit;
use super::study::{MetricPage, Spread};

/// So many points of the mean's course are drawn.
const POINTS: usize = 240;

/// The strip: least to greatest as a thin line, 5 % to 95 % as a bar, the median as a notch, the
/// mean as a dot with its interval. Nothing where it is not known.
pub(super) fn strip(metric: &MetricPage) -> String {
    let Some(Spread { min, p5, p50, p95, max }) = metric.spread else {
        return String::new();
    };
    let bounds = metric.interval_95.map_or([f64::NAN; 2], |(low, high)| [low, high]);
    let all = [min, p5, p50, p95, max, metric.mean].into_iter().chain(bounds);
    let axis = Axis::around(all.filter(|v| v.is_finite()), 4);
    let (left, right) = (40.0, WIDTH - 40.0);
    let x = |v: f64| left + axis.share(v) * (right - left);
    let known = |values: &[f64]| values.iter().all(|v| !v.is_nan());
    let grid: String =
        axis.ticks.iter().map(|(value, _)| format!("M{:.1} 20V150", x(*value))).collect();
    let mut body = format!(
        "<path fill=\"none\" stroke=\"var(--faint)\" stroke-width=\"2\" d=\"{grid}\"/>\
         <path fill=\"none\" stroke=\"var(--axis)\" stroke-width=\"2\" d=\"M{left} 150H{right}\"/>\n{}",
        below(&axis, x, 190.0, "")
    );
    if known(&[min, max]) {
        let thin = "stroke=\"var(--axis)\" stroke-width=\"4\"";
        body += &draw::line(thin, [(x(min), 62.0), (x(max), 62.0)].into_iter());
        body += &draw::marks("v28", thin, [(x(min), 48.0), (x(max), 48.0)].into_iter());
    }
    if known(&[p5, p95]) {
        body += &draw::block("var(--sky)", (x(p5), 44.0), (x(p95), 80.0));
    }
    if known(&[p50]) {
        let notch = "stroke=\"var(--ink)\" stroke-width=\"5\"";
        body += &draw::marks("v44", notch, [(x(p50), 40.0)].into_iter());
    }
    if known(&[metric.mean]) {
        let blue = "stroke=\"var(--blue)\" stroke-width=\"5\"";
        if known(&bounds) {
            let ends = [x(bounds[0]), x(bounds[1])];
            body += &draw::line(blue, ends.map(|x| (x, 116.0)).into_iter());
            body += &draw::marks("v20", blue, ends.map(|x| (x, 106.0)).into_iter());
        }
        let dot = "stroke=\"var(--blue)\" stroke-width=\"16\" stroke-linecap=\"round\"";
        body += &draw::marks("h0", dot, [(x(metric.mean), 116.0)].into_iter());
    }
    let key = |drawn: &str, text: &str| (drawn.to_owned(), text.to_owned());
    let mut keys = vec![
        key(
            "<path d=\"M2 14H54M2 4v20M54 4v20\" stroke=\"var(--axis)\" stroke-width=\"4\"/>",
            "minimum to maximum",
        ),
        key("<rect y=\"4\" width=\"56\" height=\"20\" fill=\"var(--sky)\"/>", "5 % to 95 %"),
        key("<path d=\"M28 0V28\" stroke=\"var(--ink)\" stroke-width=\"6\"/>", "median"),
    ];
    let line = "<path d=\"M0 14H56\" stroke=\"var(--blue)\" stroke-width=\"5\"/>";
    let dot = "<circle cx=\"28\" cy=\"14\" r=\"9\" fill=\"var(--blue)\"/>";
    keys.push(match metric.interval_95 {
        Some(_) => key(&format!("{line}{dot}"), "mean and its 95 % confidence interval"),
        None => key(dot, "mean"),
    });
    let label = format!("{}: spread over all runs", metric.name);
    let svg = draw::open(WIDTH, 212.0, &label) + &body + "</svg>\n";
    let reading = with_unit("all runs", &metric.unit);
    draw::panel(&format!("Spread of {}", metric.name), &reading, &draw::legend(&keys), &svg)
}

/// The mean of the first so many runs, in a band of its interval. Nothing where it has no course.
pub(super) fn convergence(metric: &MetricPage) -> String {
    let course: Vec<_> = metric.convergence.iter().filter(|c| c.mean.is_finite()).collect();
    if course.len() < 2 {
        return String::new();
    }
    let course: Vec<_> =
        draw::thinned(course.len(), POINTS).into_iter().map(|i| course[i]).collect();
    let last = course.iter().map(|c| c.n).max().unwrap_or(1);
    // What is known after the first tenth of the runs gives the scale; the first intervals would
    // leave no room for the others.
    let settled = course.iter().filter(|c| c.n >= 10.min(last) && c.n * 10 >= last);
    let bounds = settled
        .flat_map(|c| [c.mean - c.half_width, c.mean + c.half_width])
        .filter(|v| v.is_finite());
    let y = Axis::around(bounds.chain(course.iter().map(|c| c.mean)), 5);
    let x = Axis::from_zero([last as f64].into_iter(), 4);
    let mut frame = Frame::new(x, y, "runs", &with_unit("mean", &metric.unit));
    let known: Vec<_> = course.iter().filter(|c| !c.half_width.is_nan()).collect();
    let above = known.iter().map(|c| (frame.x_of(c.n as f64), frame.y_of(c.mean + c.half_width)));
    let below = known.iter().map(|c| (frame.x_of(c.n as f64), frame.y_of(c.mean - c.half_width)));
    let around: Vec<_> = above.chain(below.rev()).collect();
    if known.len() > 1 {
        let band = draw::line("", around.into_iter())
            .replace("fill=\"none\" ", "fill=\"var(--blue)\" fill-opacity=\".25\"");
        frame.add(&band);
    }
    let style = "stroke=\"var(--blue)\" stroke-width=\"4\"";
    let mean: Vec<_> =
        course.iter().map(|c| (frame.x_of(c.n as f64), frame.y_of(c.mean))).collect();
    frame.add(&draw::line(style, mean.into_iter()));
    let mut keys =
        vec![(format!("<path d=\"M0 14H56\" {style}/>"), "mean of the first n runs".to_owned())];
    if known.len() > 1 {
        let band = "<rect width=\"56\" height=\"28\" fill=\"var(--blue)\" fill-opacity=\".25\"/>";
        keys.push((band.to_owned(), "its 95 % confidence interval".to_owned()));
    }
    let svg = frame.end(&format!("{}: mean of the first n runs", metric.name));
    let reading = "The mean of the first n runs; n is on the horizontal axis.";
    draw::panel(&format!("Convergence of {}", metric.name), reading, &draw::legend(&keys), &svg)
}
