//! Pictures, judged by coarse statistics and never by their bytes. They need a Vulkan driver, Mesa's
//! for drawing in software included; without one they say so and pass, unless
//! GRIDTWIN_REQUIRE_SHARED is set.

use crate::common::scenario;
use gridtwin_kernel::{SimTime, Span};
use gridtwin_panels::Overlay;
use gridtwin_player::Thing;
use gridtwin_viewer::picture::{Picture, PictureOrder, draw, find_driver};
use gridtwin_viewer::scene::SkyKind;

/// A small picture of the campus, or nothing where there is nothing to draw with.
fn shot(hours: u64, change: impl FnOnce(&mut PictureOrder)) -> Option<Picture> {
    if let Err(missing) = find_driver() {
        assert!(std::env::var_os("GRIDTWIN_REQUIRE_SHARED").is_none(), "{missing}");
        eprintln!("skipped: {missing}");
        return None;
    }
    let mut order =
        PictureOrder::new(scenario("campus"), SimTime::ZERO + Span::from_secs(hours * 3600));
    order.size = (320, 180);
    order.caption = false;
    order.sky = SkyKind::Gradient;
    change(&mut order);
    Some(draw(&order).unwrap_or_else(|error| panic!("{error}")))
}

/// Mean colour of a part of a picture, in shares of its width and height.
fn mean(picture: &Picture, x: (f32, f32), y: (f32, f32)) -> [f32; 3] {
    let (w, h) = (picture.width as f32, picture.height as f32);
    let mut sum = [0.0; 3];
    let mut count = 0.0;
    for row in (y.0 * h) as u32..(y.1 * h) as u32 {
        for column in (x.0 * w) as u32..(x.1 * w) as u32 {
            for (sum, value) in sum.iter_mut().zip(picture.pixel(column, row)) {
                *sum += f32::from(value);
            }
            count += 1.0;
        }
    }
    sum.map(|sum| sum / count)
}

fn brightness([r, g, b]: [f32; 3]) -> f32 {
    0.2126 * r + 0.7152 * g + 0.0722 * b
}

/// How many pixels are of about this kind.
fn count(picture: &Picture, like: impl Fn([u8; 3]) -> bool) -> usize {
    picture.rgb.chunks_exact(3).filter(|p| like([p[0], p[1], p[2]])).count()
}

#[test]
fn day_is_bright_and_blue_above_and_night_is_dark_with_lit_windows() {
    let (Some(noon), Some(night)) = (shot(37, |_| {}), shot(47, |_| {})) else { return };
    let whole = ((0.0, 1.0), (0.0, 1.0));
    let (day, dark) = (mean(&noon, whole.0, whole.1), mean(&night, whole.0, whole.1));
    assert!(brightness(day) > brightness(dark) * 2.0, "{day:?} {dark:?}");
    assert!(brightness(dark) > 8.0, "a night that is black shows nothing: {dark:?}");
    assert!(brightness(day) < 225.0, "a day that is blown out shows nothing: {day:?}");
    let sky = mean(&noon, (0.6, 1.0), (0.0, 0.03));
    assert!(sky[2] > sky[0], "the sky at noon is blue: {sky:?}");
    let lit = |[r, g, b]: [u8; 3]| r > 150 && g > 100 && r > b.saturating_add(30);
    assert!(count(&night, lit) > 15, "windows are lit: {}", count(&night, lit));
}

#[test]
fn an_overlay_takes_the_worlds_colour_and_brings_its_own() {
    let order = |order: &mut PictureOrder| order.overlay = Overlay::Power;
    let (Some(plain), Some(overlay)) = (shot(37, |_| {}), shot(37, order)) else { return };
    let green = |[r, g, b]: [u8; 3]| g > r.saturating_add(6) && g > b.saturating_add(20);
    assert!(count(&plain, green) > 10_000 && count(&overlay, green) < count(&plain, green) / 10);
    // Buildings take, and are vermillion; roofs give, and are blue.
    let vermillion = |[r, g, b]: [u8; 3]| r > g.saturating_add(25) && g > b;
    assert!(count(&overlay, vermillion) > 150, "{}", count(&overlay, vermillion));
}

#[test]
fn the_selected_thing_wears_a_ring() {
    let select = |order: &mut PictureOrder| {
        order.select = Some(Thing::Battery(0));
        order.near = true;
    };
    let Some(picture) = shot(37, select) else { return };
    let at = picture.selected_px.expect("it is in view");
    let (w, h) = (picture.width as f32, picture.height as f32);
    assert!((at.x / w - 0.5).abs() < 0.2 && (at.y / h - 0.5).abs() < 0.25, "{at}");
    let orange = |[r, g, b]: [u8; 3]| r > 190 && g > 90 && g < 200 && b < 110;
    assert!(count(&picture, orange) > 60, "{}", count(&picture, orange));
}
