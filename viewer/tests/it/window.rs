//! The window on a real X server, with real keys: it opens, obeys, and closes cleanly in the middle
//! of a run. Where Xvfb, xdotool or a Vulkan driver is missing it says so and is left out, unless
//! GRIDTWIN_REQUIRE_SHARED is set.

use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// Far longer than anything takes: a window that does not come is a failure, not a hanging test.
const PATIENCE: Duration = Duration::from_secs(240);

/// An X server of its own.
struct Screen {
    server: Child,
    display: String,
}

impl Screen {
    fn open() -> Option<Self> {
        let there = |program: &str| {
            let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output();
            found.is_ok_and(|output| output.status.success())
        };
        let missing: Vec<&str> =
            ["Xvfb", "xdotool"].into_iter().filter(|program| !there(program)).collect();
        let graphics = gridtwin_viewer::driver::graphics();
        if !missing.is_empty() || graphics.is_err() {
            let lacks = format!("missing: {missing:?}, {:?}", graphics.err());
            assert!(std::env::var_os("GRIDTWIN_REQUIRE_SHARED").is_none(), "{lacks}");
            eprintln!("skipped: {lacks}");
            return None;
        }
        let mut server = Command::new("Xvfb")
            .args(["-displayfd", "1", "-screen", "0", "1280x720x24", "-nolisten", "tcp"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut number = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut number).unwrap();
        Some(Self { server, display: format!(":{}", number.trim()) })
    }

    fn viewer(&self, arguments: &[&str]) -> Child {
        let scenarios = Path::new(env!("CARGO_MANIFEST_DIR")).join("../scenarios");
        Command::new(env!("CARGO_BIN_EXE_gridtwin-viewer"))
            .arg(scenarios.join("campus.ron"))
            .args(arguments)
            .args(["--size", "640x360"])
            .env("DISPLAY", &self.display)
            .env_remove("WAYLAND_DISPLAY")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    }

    /// What xdotool says, if it can do what it is told.
    fn xdotool(&self, words: &[&str]) -> Option<String> {
        let output =
            Command::new("xdotool").args(words).env("DISPLAY", &self.display).output().unwrap();
        output.status.success().then(|| String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    /// The window, once it is there.
    fn window(&self) -> String {
        let mut waited = Duration::ZERO;
        loop {
            let found = self.xdotool(&["search", "--onlyvisible", "--name", "gridtwin"]);
            if let Some(window) = found.filter(|found| !found.is_empty()) {
                return window.lines().next().unwrap().to_owned();
            }
            assert!(waited < PATIENCE, "no window came");
            pause(&mut waited);
        }
    }

    /// Presses a key again and again until the program has ended: whether it ended well, and what
    /// it said.
    fn press_until_it_ends(&self, window: &str, key: &str, viewer: &mut Child) -> (bool, String) {
        let mut waited = Duration::ZERO;
        loop {
            if let Some(status) = viewer.try_wait().unwrap() {
                let mut said = String::new();
                viewer.stderr.take().unwrap().read_to_string(&mut said).unwrap();
                return (status.success(), said);
            }
            self.xdotool(&["windowfocus", window]);
            self.xdotool(&["key", key]);
            assert!(waited < PATIENCE, "it does not close");
            pause(&mut waited);
        }
    }
}

fn pause(waited: &mut Duration) {
    let step = Duration::from_millis(200);
    std::thread::sleep(step);
    *waited += step;
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

#[test]
fn a_window_that_is_closed_in_the_middle_of_a_run_ends_cleanly() {
    let Some(screen) = Screen::open() else { return };
    let mut viewer = screen.viewer(&["--days", "365"]);
    let window = screen.window();
    let (well, said) = screen.press_until_it_ends(&window, "ctrl+q", &mut viewer);
    assert!(well, "{said}");
    assert!(!said.contains("panicked"), "{said}");
}

/// Panels leave the scene a part of the window, which was measured a frame before: a window that has
/// become smaller since must not end the program.
#[test]
fn a_window_that_is_made_narrower_goes_on() {
    let Some(screen) = Screen::open() else { return };
    let mut viewer = screen.viewer(&[]);
    let window = screen.window();
    screen.xdotool(&["windowfocus", &window]);
    // The inspector takes its part of the window.
    screen.xdotool(&["key", "i"]);
    let mut waited = Duration::ZERO;
    for size in ["1200x690", "620x360", "1180x690", "500x300", "800x500", "330x240", "640x360"] {
        let (width, height) = size.split_once('x').unwrap();
        screen.xdotool(&["windowsize", &window, width, height]);
        for _ in 0..6 {
            pause(&mut waited);
        }
        if let Some(status) = viewer.try_wait().unwrap() {
            let mut said = String::new();
            viewer.stderr.take().unwrap().read_to_string(&mut said).unwrap();
            panic!("it ended with {status} at {size}: {said}");
        }
    }
    let (well, said) = screen.press_until_it_ends(&window, "ctrl+q", &mut viewer);
    assert!(well && !said.contains("panicked"), "{said}");
}
