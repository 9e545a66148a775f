//! The sun's path: positions in quantity. What moves slowly (declination, equation of the hour
//! angle, parallax) is evaluated by the whole algorithm once a day and interpolated by cubics in
//! between; what turns with the Earth is exact. Within 0.00001 degrees of `spa::position`.

use super::spa::{geocentric, parallax_sin};
use super::{Direction, Frame, Observer, Position};

/// Seconds between two evaluations of the slow terms.
const KNOT_S: i64 = 86_400;
/// Seconds over which a series of directions takes the Earth's turn as even.
const BLOCK_S: f64 = 1800.0;

/// Positions of the sun for one observer between two instants.
#[derive(Clone, Debug)]
pub struct SunPath {
    frame: Frame,
    longitude_deg: f64,
    /// The instant of the second knot.
    origin_s: i64,
    /// One day each: the cubic through the four knots around it.
    days: Vec<Day>,
}

/// Cubics in the day's fraction, lowest power first.
#[derive(Clone, Copy, Debug)]
struct Day {
    /// Sidereal time less right ascension less one turn per day, radians.
    hour_angle: [f64; 4],
    sin_declination: [f64; 4],
    parallax_sin: f64,
}

impl SunPath {
    /// The path from `start_unix_s` to `end_unix_s`; outside of them it is extrapolated, and soon
    /// wrong.
    pub fn new(observer: &Observer, start_unix_s: i64, end_unix_s: i64) -> Self {
        let origin_s = start_unix_s.div_euclid(KNOT_S) * KNOT_S;
        let count = usize::try_from((end_unix_s - origin_s).max(0) / KNOT_S + 1).unwrap_or(1);
        let mut knots = Vec::with_capacity(count + 3);
        let mut previous_deg = f64::NAN;
        for k in 0..count + 3 {
            let at_s = origin_s + (k as i64 - 1) * KNOT_S;
            let sun = geocentric(at_s as f64, observer.delta_t_s);
            let raw_deg = sun.sidereal_time_deg - sun.right_ascension_deg;
            // The knots fall on midnight, so that the hour angle moves little between them.
            let turns = if k == 0 { 0.0 } else { ((raw_deg - previous_deg) / 360.0).round() };
            let unwrapped_deg = raw_deg - 360.0 * turns;
            previous_deg = unwrapped_deg;
            let declination = sun.declination_deg.to_radians();
            knots.push([
                unwrapped_deg.to_radians(),
                declination.sin(),
                parallax_sin(sun.radius_au),
            ]);
        }
        let days = knots
            .windows(4)
            .map(|k| Day {
                hour_angle: cubic([k[0][0], k[1][0], k[2][0], k[3][0]]),
                sin_declination: cubic([k[0][1], k[1][1], k[2][1], k[3][1]]),
                parallax_sin: (k[1][2] + k[2][2]) / 2.0,
            })
            .collect();
        Self { frame: observer.frame(), longitude_deg: observer.longitude_deg, origin_s, days }
    }

    /// Where the sun stands at `unix_s`.
    #[inline]
    pub fn position(&self, unix_s: f64) -> Position {
        let (hour, declination, parallax_sin) = self.equatorial(unix_s);
        self.frame.position(hour, declination, parallax_sin)
    }

    /// In which direction the sun is seen at `unix_s`.
    #[inline]
    pub fn direction(&self, unix_s: f64) -> Direction {
        let (hour, declination, parallax_sin) = self.equatorial(unix_s);
        self.frame.direction(hour, declination, parallax_sin)
    }

    /// In which direction the sun is seen at `count` instants, `step_s` apart, from `start_unix_s`:
    /// as [`SunPath::direction`] within 1e-6 degrees, and faster for steps of minutes.
    pub fn directions(
        &self,
        start_unix_s: f64,
        step_s: f64,
        count: usize,
    ) -> impl Iterator<Item = Direction> + '_ {
        // Inside a block the Earth turns evenly and the declination moves on a line.
        let block = (BLOCK_S / step_s).clamp(1.0, 1e6) as usize;
        let mut hour = (0.0, 1.0);
        let mut turn = (0.0, 1.0);
        let mut sin_declination = 0.0;
        let mut rise = 0.0;
        let mut parallax_sin = 0.0;
        (0..count).map(move |i| {
            if i % block == 0 {
                let at = start_unix_s + i as f64 * step_s;
                let now = self.slow(at);
                let then = self.slow(at + block as f64 * step_s);
                hour = now.hour_angle.sin_cos();
                let full = (then.hour_angle - now.hour_angle).rem_euclid(std::f64::consts::TAU);
                turn = (full / block as f64).sin_cos();
                sin_declination = now.sin_declination;
                rise = (then.sin_declination - now.sin_declination) / block as f64;
                parallax_sin = now.parallax_sin;
            }
            let cos_declination = (1.0 - sin_declination * sin_declination).sqrt();
            let seen = self.frame.direction(hour, (sin_declination, cos_declination), parallax_sin);
            hour = (hour.0 * turn.1 + hour.1 * turn.0, hour.1 * turn.1 - hour.0 * turn.0);
            sin_declination += rise;
            seen
        })
    }

    /// Sine and cosine of the local hour angle, of the declination, and the parallax' sine.
    #[inline]
    fn equatorial(&self, unix_s: f64) -> ((f64, f64), (f64, f64), f64) {
        let Slow { hour_angle, sin_declination, parallax_sin } = self.slow(unix_s);
        let cos_declination = (1.0 - sin_declination * sin_declination).sqrt();
        (hour_angle.sin_cos(), (sin_declination, cos_declination), parallax_sin)
    }

    #[inline]
    fn slow(&self, unix_s: f64) -> Slow {
        let since = (unix_s - self.origin_s as f64) / KNOT_S as f64;
        // `as` saturates: what lies before the first day is the first day's.
        let index = (since as usize).min(self.days.len() - 1);
        let t = since - index as f64;
        let day = &self.days[index];
        Slow {
            hour_angle: horner(&day.hour_angle, t)
                + std::f64::consts::TAU * t
                + self.longitude_deg.to_radians(),
            sin_declination: horner(&day.sin_declination, t),
            parallax_sin: day.parallax_sin,
        }
    }
}

/// The slow terms at one instant, and the local hour angle in radians.
struct Slow {
    hour_angle: f64,
    sin_declination: f64,
    parallax_sin: f64,
}

/// The cubic through values at -1, 0, 1, 2, as coefficients for t in [0, 1].
fn cubic([a, b, c, d]: [f64; 4]) -> [f64; 4] {
    let third = (d - a + 3.0 * (b - c)) / 6.0;
    let second = (a + c) / 2.0 - b;
    [b, c - b - second - third, second, third]
}

#[inline]
fn horner(c: &[f64; 4], t: f64) -> f64 {
    c[0] + t * (c[1] + t * (c[2] + t * c[3]))
}
