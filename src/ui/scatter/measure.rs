//! What a map costs, drawn off the screen.

use std::time::Instant;

use eframe::egui::{self, Context, Rect, Vec2};
use eframe::egui_wgpu::{
    RenderState, RendererOptions, ScreenDescriptor, WgpuConfiguration, WgpuSetup,
    WgpuSetupCreateNew, wgpu,
};
use serde::{Deserialize, Serialize};

use super::{Camera, Cloud, Colors, ScatterView, install};

/// Frames of which the median is told.
const FRAMES: usize = 30;

/// Seconds that the window's thread is busy.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// With everything that is made and uploaded once.
    pub first: f64,
    /// For one frame, the camera moving.
    pub frame: f64,
    /// What draws.
    pub adapter: String,
}

/// Draws a map of these samples off the screen; `None` where nothing can draw.
pub fn measure(positions: Vec<[f32; 2]>) -> Option<Measured> {
    let setup = WgpuSetup::CreateNew(WgpuSetupCreateNew::without_display_handle());
    let instance = pollster::block_on(setup.new_instance());
    let configuration = WgpuConfiguration {
        wgpu_setup: setup,
        ..WgpuConfiguration::default()
    };
    let options = RendererOptions::default();
    let state = RenderState::create(&configuration, &instance, None, options);
    let state = pollster::block_on(state).ok()?;
    let ctx = Context::default();
    install(&ctx, Some(&state));
    let screen = Screen::new(&state);
    let mut camera = Camera::default();
    // The fonts' texture and the pipeline are there before.
    screen.draw(&ctx, |_| {});

    let start = Instant::now();
    let count = positions.len();
    let cloud = Cloud::new(positions);
    let colors = Colors::uniform(count, [0, 114, 178, 255]);
    let mut frame = |step: f32| {
        let busy = screen.draw(&ctx, |ui| {
            let _ = ScatterView::new("measured", &cloud, &colors, &mut camera).show(ui);
        });
        camera.fitted = false;
        camera.center[0] += step;
        busy
    };
    let made = start.elapsed().as_secs_f64();
    let first = made + frame(0.0);
    let mut times: Vec<f64> = (0..FRAMES).map(|_| frame(0.01)).collect();
    times.sort_by(f64::total_cmp);
    // A driver that still draws when its device is let go may bring the process down.
    _ = state.device.poll(wgpu::PollType::wait_indefinitely());
    Some(Measured {
        first,
        frame: times[FRAMES / 2],
        adapter: state.adapter.get_info().name,
    })
}

/// A texture in place of a window.
struct Screen<'a> {
    state: &'a RenderState,
    view: wgpu::TextureView,
}

impl<'a> Screen<'a> {
    const SIZE: [u32; 2] = [1280, 800];

    fn new(state: &'a RenderState) -> Self {
        let [width, height] = Self::SIZE;
        let texture = state.device.create_texture(&wgpu::TextureDescriptor {
            label: Some("off the screen"),
            size: wgpu::Extent3d {
                width,
                height,
                depth_or_array_layers: 1,
            },
            mip_level_count: 1,
            sample_count: 1,
            dimension: wgpu::TextureDimension::D2,
            format: state.target_format,
            usage: wgpu::TextureUsages::RENDER_ATTACHMENT,
            view_formats: &[],
        });
        Self {
            state,
            view: texture.create_view(&wgpu::TextureViewDescriptor::default()),
        }
    }

    /// One frame as the window makes it; the seconds until it is handed to the graphics card.
    fn draw(&self, ctx: &Context, ui: impl FnMut(&mut egui::Ui)) -> f64 {
        let start = Instant::now();
        let [width, height] = Self::SIZE;
        let input = egui::RawInput {
            screen_rect: Some(Rect::from_min_size(
                egui::Pos2::ZERO,
                Vec2::new(width as f32, height as f32),
            )),
            ..egui::RawInput::default()
        };
        let output = ctx.run_ui(input, ui);
        let (device, queue) = (&self.state.device, &self.state.queue);
        let mut renderer = self.state.renderer.write();
        for (id, images) in &output.textures_delta.set {
            for image in images {
                renderer.update_texture(device, queue, *id, image);
            }
        }
        let shapes = ctx.tessellate(output.shapes, output.pixels_per_point);
        let screen = ScreenDescriptor {
            size_in_pixels: Self::SIZE,
            pixels_per_point: output.pixels_per_point,
        };
        let mut encoder = device.create_command_encoder(&wgpu::CommandEncoderDescriptor::default());
        let buffers = renderer.update_buffers(device, queue, &mut encoder, &shapes, &screen);
        {
            let attachment = wgpu::RenderPassColorAttachment {
                view: &self.view,
                resolve_target: None,
                ops: wgpu::Operations::default(),
                depth_slice: None,
            };
            let pass = encoder.begin_render_pass(&wgpu::RenderPassDescriptor {
                color_attachments: &[Some(attachment)],
                ..wgpu::RenderPassDescriptor::default()
            });
            renderer.render(&mut pass.forget_lifetime(), &shapes, &screen);
        }
        queue.submit(buffers.into_iter().chain([encoder.finish()]));
        let busy = start.elapsed().as_secs_f64();
        // So that the next frame does not wait for this one.
        if let Err(error) = device.poll(wgpu::PollType::wait_indefinitely()) {
            tracing::debug!("the graphics card did not finish a frame: {error}");
        }
        busy
    }
}
