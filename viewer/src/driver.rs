//! What the machine can show: asked before anything is opened, so that what is missing is said in
//! one sentence. Not the renderer, which is Bevy's.

use bevy::render::settings::Backends;
use bevy::tasks::block_on;
use wgpu::{DeviceType, Instance, InstanceDescriptor};

/// What Bevy may say: warnings, but not about what software drivers always lack.
pub const LOG_FILTER: &str = "error,wgpu_hal=off,wgpu_core=off,bevy_egui=error";

/// What draws.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Graphics {
    /// Whether it is a program and no card: some things are then drawn more simply.
    pub is_software: bool,
}

/// The graphics that Bevy will find.
///
/// # Errors
/// One sentence that says what is missing.
pub fn graphics() -> Result<Graphics, String> {
    let backends =
        Backends::from_env().unwrap_or(Backends::VULKAN | Backends::METAL | Backends::DX12);
    let instance = Instance::new(InstanceDescriptor {
        backends,
        ..InstanceDescriptor::new_without_display_handle()
    });
    let adapters = block_on(instance.enumerate_adapters(backends));
    let best = adapters.iter().map(|adapter| adapter.get_info().device_type);
    let hardware = |kind: DeviceType| !matches!(kind, DeviceType::Cpu);
    match best.map(hardware).reduce(|a, b| a || b) {
        Some(found) => Ok(Graphics { is_software: !found }),
        None => {
            Err("the viewer found no Vulkan driver: install the driver of your graphics card; \
                     without a graphics card, on Debian and Ubuntu, run \
                     `sudo apt-get install mesa-vulkan-drivers`"
                .to_owned())
        }
    }
}

/// Whether there is a screen to open a window on.
///
/// # Errors
/// One sentence that says what is missing.
pub fn display() -> Result<(), String> {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    let here = cfg!(not(all(unix, not(target_os = "macos"))));
    if here || is_set("DISPLAY") || is_set("WAYLAND_DISPLAY") || is_set("WAYLAND_SOCKET") {
        return Ok(());
    }
    Err("the viewer found no screen to open a window on: start it under X11 (DISPLAY) or Wayland \
         (WAYLAND_DISPLAY), or write a picture to a file with `--screenshot PNG`"
        .to_owned())
}
