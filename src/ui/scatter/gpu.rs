//! The graphics side: one pipeline, buffers shared by all plots, and the paint
//! callback that draws a cloud inside the toolkit's own render pass.

use std::collections::HashMap;

use bytemuck::{Pod, Zeroable};
use eframe::egui::{self, PaintCallbackInfo};
use eframe::egui_wgpu::{
    CallbackResources, CallbackTrait, RenderState, ScreenDescriptor,
    wgpu::{self, util::DeviceExt as _},
};

use super::cache::Cache;
use super::cloud::{Cloud, Colors, Emphasis};

/// Vertices of one layer's quad; see the shader.
const QUAD: u32 = 4;
/// Layers when points carry marks: dimmed, normal, highlighted.
const LAYERS: u32 = 3;

/// Prepare the window's renderer for scatter plots. Call it once, where the
/// application is created; without a render state the plots show a note
/// instead of points.
///
/// The pipeline matches a render pass without multisampling and without a
/// depth buffer, the toolkit's defaults.
pub fn install(ctx: &egui::Context, render_state: Option<&RenderState>) {
    let Some(state) = render_state else {
        return;
    };
    let renderer = Renderer::new(&state.device, state.target_format);
    state.renderer.write().callback_resources.insert(renderer);
    ctx.data_mut(|data| data.insert_temp(installed_id(), true));
}

/// Whether [`install`] found a renderer for this window.
pub(super) fn is_installed(ctx: &egui::Context) -> bool {
    ctx.data(|data| data.get_temp(installed_id()).unwrap_or(false))
}

fn installed_id() -> egui::Id {
    egui::Id::unique("scatter renderer installed")
}

/// The shader's `Uniforms`, field for field.
#[derive(Clone, Copy, Debug, PartialEq, Pod, Zeroable)]
#[repr(C)]
struct Uniforms {
    screen_px: [f32; 2],
    origin_px: [f32; 2],
    center: [f32; 2],
    px_per_unit: f32,
    radius_px: f32,
    background: [f32; 4],
    dim: f32,
    highlight: f32,
    has_marks: u32,
    padding: u32,
}

/// How many buffers of each kind were filled so far.
#[cfg(test)]
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Uploads {
    pub positions: usize,
    pub colors: usize,
    pub marks: usize,
}

/// Everything kept on the graphics card.
pub(super) struct Renderer {
    pipeline: wgpu::RenderPipeline,
    layout: wgpu::BindGroupLayout,
    positions: Cache,
    colors: Cache,
    marks: Cache,
    views: HashMap<egui::Id, View>,
}

/// What belongs to one plot alone.
struct View {
    uniforms: Uniforms,
    buffer: wgpu::Buffer,
    bind_group: wgpu::BindGroup,
}

impl Renderer {
    fn new(device: &wgpu::Device, target: wgpu::TextureFormat) -> Self {
        let module = device.create_shader_module(wgpu::ShaderModuleDescriptor {
            label: Some("scatter"),
            source: wgpu::ShaderSource::Wgsl(include_str!("scatter.wgsl").into()),
        });
        let layout = device.create_bind_group_layout(&wgpu::BindGroupLayoutDescriptor {
            label: Some("scatter"),
            entries: &[wgpu::BindGroupLayoutEntry {
                binding: 0,
                visibility: wgpu::ShaderStages::VERTEX,
                ty: wgpu::BindingType::Buffer {
                    ty: wgpu::BufferBindingType::Uniform,
                    has_dynamic_offset: false,
                    min_binding_size: None,
                },
                count: None,
            }],
        });
        let pipeline_layout = device.create_pipeline_layout(&wgpu::PipelineLayoutDescriptor {
            label: Some("scatter"),
            bind_group_layouts: &[Some(&layout)],
            immediate_size: 0,
        });
        let per_point = |stride, attributes| {
            Some(wgpu::VertexBufferLayout {
                array_stride: stride,
                step_mode: wgpu::VertexStepMode::Instance,
                attributes,
            })
        };
        let pipeline = device.create_render_pipeline(&wgpu::RenderPipelineDescriptor {
            label: Some("scatter"),
            layout: Some(&pipeline_layout),
            vertex: wgpu::VertexState {
                module: &module,
                entry_point: Some("vs_main"),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                buffers: &[
                    per_point(8, &wgpu::vertex_attr_array![0 => Float32x2]),
                    per_point(4, &wgpu::vertex_attr_array![1 => Unorm8x4]),
                    per_point(4, &wgpu::vertex_attr_array![2 => Uint32]),
                ],
            },
            primitive: wgpu::PrimitiveState {
                topology: wgpu::PrimitiveTopology::TriangleStrip,
                ..wgpu::PrimitiveState::default()
            },
            depth_stencil: None,
            multisample: wgpu::MultisampleState::default(),
            fragment: Some(wgpu::FragmentState {
                module: &module,
                entry_point: Some(if target.is_srgb() {
                    "fs_linear"
                } else {
                    "fs_gamma"
                }),
                compilation_options: wgpu::PipelineCompilationOptions::default(),
                targets: &[Some(wgpu::ColorTargetState {
                    format: target,
                    blend: Some(wgpu::BlendState::PREMULTIPLIED_ALPHA_BLENDING),
                    write_mask: wgpu::ColorWrites::ALL,
                })],
            }),
            multiview_mask: None,
            cache: None,
        });
        Self {
            pipeline,
            layout,
            positions: Cache::default(),
            colors: Cache::default(),
            marks: Cache::default(),
            views: HashMap::new(),
        }
    }

    /// Buffers filled since the start, for tests that guard against waste.
    #[cfg(test)]
    pub fn uploads(&self) -> Uploads {
        Uploads {
            positions: self.positions.uploads,
            colors: self.colors.uploads,
            marks: self.marks.uploads,
        }
    }

    /// Bring the plot's uniforms up to date; nothing is written when the
    /// picture stands still.
    fn set_uniforms(
        &mut self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        id: egui::Id,
        uniforms: Uniforms,
    ) {
        if let Some(view) = self.views.get_mut(&id) {
            if view.uniforms != uniforms {
                queue.write_buffer(&view.buffer, 0, bytemuck::bytes_of(&uniforms));
                view.uniforms = uniforms;
            }
            return;
        }
        let buffer = device.create_buffer_init(&wgpu::util::BufferInitDescriptor {
            label: Some("scatter view"),
            contents: bytemuck::bytes_of(&uniforms),
            usage: wgpu::BufferUsages::UNIFORM | wgpu::BufferUsages::COPY_DST,
        });
        let bind_group = device.create_bind_group(&wgpu::BindGroupDescriptor {
            label: Some("scatter view"),
            layout: &self.layout,
            entries: &[wgpu::BindGroupEntry {
                binding: 0,
                resource: buffer.as_entire_binding(),
            }],
        });
        self.views.insert(
            id,
            View {
                uniforms,
                buffer,
                bind_group,
            },
        );
    }
}

/// One plot in one frame: handles to the data and the numbers of the view.
pub(super) struct Paint {
    pub id: egui::Id,
    pub cloud: Cloud,
    pub colors: Colors,
    pub emphasis: Option<Emphasis>,
    /// Middle of the plot, in logical points.
    pub origin: egui::Pos2,
    /// Data position shown there.
    pub center: [f32; 2],
    /// Logical points per data unit.
    pub scale: f32,
    /// Radius of a point, in logical points.
    pub radius: f32,
    pub background: egui::Color32,
    pub dim: f32,
    pub highlight: f32,
}

impl Paint {
    fn uniforms(&self, screen: &ScreenDescriptor) -> Uniforms {
        let px = screen.pixels_per_point;
        let [r, g, b, _] = self
            .background
            .to_array()
            .map(|part| f32::from(part) / 255.0);
        Uniforms {
            screen_px: screen.size_in_pixels.map(|side| side as f32),
            origin_px: [self.origin.x * px, self.origin.y * px],
            center: self.center,
            px_per_unit: self.scale * px,
            radius_px: self.radius * px,
            background: [r, g, b, 1.0],
            dim: self.dim,
            highlight: self.highlight,
            has_marks: u32::from(self.emphasis.is_some()),
            padding: 0,
        }
    }
}

impl CallbackTrait for Paint {
    fn prepare(
        &self,
        device: &wgpu::Device,
        queue: &wgpu::Queue,
        screen: &ScreenDescriptor,
        _encoder: &mut wgpu::CommandEncoder,
        resources: &mut CallbackResources,
    ) -> Vec<wgpu::CommandBuffer> {
        if let Some(renderer) = resources.get_mut::<Renderer>() {
            let Cloud { points, order } = &self.cloud;
            let positions = &points.positions;
            renderer
                .positions
                .ensure(device, points, order, |index| positions[index]);
            let colors = &self.colors;
            renderer
                .colors
                .ensure(device, &colors.0, order, |index| colors.get(index));
            if let Some(marks) = &self.emphasis {
                let mark = |index| u32::from(marks.get(index) as u8);
                renderer.marks.ensure(device, &marks.0, order, mark);
            }
            renderer.set_uniforms(device, queue, self.id, self.uniforms(screen));
        }
        Vec::new()
    }

    fn paint(
        &self,
        info: PaintCallbackInfo,
        pass: &mut wgpu::RenderPass<'static>,
        resources: &CallbackResources,
    ) {
        let Some(renderer) = resources.get::<Renderer>() else {
            return;
        };
        let Cloud { points, order } = &self.cloud;
        let colors = renderer.colors.get(&self.colors.0, order);
        let marks = match &self.emphasis {
            Some(marks) => renderer.marks.get(&marks.0, order),
            // The slot must be filled, but the shader does not look at it.
            None => colors,
        };
        let (Some(positions), Some(colors), Some(marks), Some(view)) = (
            renderer.positions.get(points, order),
            colors,
            marks,
            renderer.views.get(&self.id),
        ) else {
            return;
        };
        let Ok(count) = u32::try_from(order.len()) else {
            return;
        };
        if count == 0 {
            return;
        }
        // The viewport set by the toolkit is cut off at the window's edges,
        // which would shift a plot that is partly outside. The scissor stays.
        let [width, height] = info.screen_size_px.map(|side| side as f32);
        pass.set_viewport(0.0, 0.0, width, height, 0.0, 1.0);
        pass.set_pipeline(&renderer.pipeline);
        pass.set_bind_group(0, &view.bind_group, &[]);
        pass.set_vertex_buffer(0, positions.slice(..));
        pass.set_vertex_buffer(1, colors.slice(..));
        pass.set_vertex_buffer(2, marks.slice(..));
        let layers = if self.emphasis.is_some() { LAYERS } else { 1 };
        for layer in 0..layers {
            pass.draw(layer * QUAD..(layer + 1) * QUAD, 0..count);
        }
    }
}
