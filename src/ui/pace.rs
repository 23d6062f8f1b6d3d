//! How often the window is drawn while a worker is busy.

use std::time::Duration;

use eframe::egui;

/// Time between two frames.
const USUAL: Duration = Duration::from_millis(33);

/// The same where the processor itself draws: every frame takes from it what workers compute with.
const BY_PROCESSOR: Duration = Duration::from_millis(250);

/// The same while a training is held: then nothing moves.
pub(super) const HELD: Duration = Duration::from_secs(1);

fn id() -> egui::Id {
    egui::Id::unique("pace")
}

/// Takes note of what draws this context.
pub(super) fn notice(ctx: &egui::Context, state: Option<&eframe::egui_wgpu::RenderState>) {
    let kind = state.map(|state| state.adapter.get_info().device_type);
    let slow = kind == Some(eframe::wgpu::DeviceType::Cpu);
    ctx.data_mut(|data| data.insert_temp(id(), slow));
}

/// Time between two frames.
pub(super) fn frame(ctx: &egui::Context) -> Duration {
    match ctx.data(|data| data.get_temp(id())) {
        Some(true) => BY_PROCESSOR,
        _ => USUAL,
    }
}
