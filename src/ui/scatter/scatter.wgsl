// Round points: one instance per point, four vertices each.
//
// Vertices 0-3, 4-7 and 8-11 are the same quad in three layers. With marks, the
// points are drawn once per layer and each shows in its own one, so dimmed
// points lie below and highlighted ones on top without any sorting.

struct Uniforms {
    screen_px: vec2<f32>,
    // The middle of the plot on the screen.
    origin_px: vec2<f32>,
    // The data position shown there.
    center: vec2<f32>,
    px_per_unit: f32,
    radius_px: f32,
    background: vec4<f32>,
    // How much of its colour a dimmed point keeps.
    dim: f32,
    // Radius of a highlighted point relative to the others.
    highlight: f32,
    has_marks: u32,
    padding: u32,
};

@group(0) @binding(0) var<uniform> view: Uniforms;

struct Point {
    @location(0) position: vec2<f32>,
    @location(1) color: vec4<f32>,
    @location(2) mark: u32,
};

struct Corner {
    @builtin(position) position: vec4<f32>,
    // Offset from the middle of the point, in pixels.
    @location(0) offset: vec2<f32>,
    @location(1) @interpolate(flat) radius: f32,
    // Straight alpha, sRGB.
    @location(2) @interpolate(flat) color: vec4<f32>,
};

const DIMMED: u32 = 1u;
const HIGHLIGHTED: u32 = 2u;
const HIDDEN: u32 = 3u;

fn layer_of(mark: u32) -> u32 {
    if mark == DIMMED { return 0u; }
    if mark == HIGHLIGHTED { return 2u; }
    return 1u;
}

@vertex
fn vs_main(@builtin(vertex_index) vertex: u32, point: Point) -> Corner {
    let mark = select(0u, point.mark, view.has_marks == 1u);
    let elsewhere = view.has_marks == 1u && layer_of(mark) != vertex / 4u;

    var out: Corner;
    if point.color.a == 0.0 || mark == HIDDEN || elsewhere {
        // All four corners in one place outside of the screen: nothing drawn.
        out.position = vec4<f32>(2.0, 2.0, 0.0, 1.0);
        return out;
    }

    out.radius = view.radius_px;
    out.color = point.color;
    if mark == HIGHLIGHTED {
        out.radius = view.radius_px * view.highlight;
    }
    if mark == DIMMED {
        // Towards the background and not transparent: transparent points would
        // add up to full colour where many overlap.
        out.color = vec4<f32>(mix(view.background.rgb, point.color.rgb, view.dim), point.color.a);
    }

    let corner = vec2<f32>(f32(vertex & 1u), f32((vertex >> 1u) & 1u)) * 2.0 - 1.0;
    // One more pixel for the smooth edge.
    out.offset = corner * (out.radius + 1.0);
    let from_middle = (point.position - view.center) * view.px_per_unit;
    let at = view.origin_px + vec2<f32>(from_middle.x, -from_middle.y) + out.offset;
    let ndc = at / view.screen_px * 2.0 - 1.0;
    out.position = vec4<f32>(ndc.x, -ndc.y, 0.0, 1.0);
    return out;
}

fn coverage(corner: Corner) -> f32 {
    return clamp(corner.radius + 0.5 - length(corner.offset), 0.0, 1.0);
}

// Blending in sRGB, as the toolkit does on its preferred targets.
@fragment
fn fs_gamma(corner: Corner) -> @location(0) vec4<f32> {
    let alpha = corner.color.a * coverage(corner);
    return vec4<f32>(corner.color.rgb * alpha, alpha);
}

// For targets that encode to sRGB themselves.
@fragment
fn fs_linear(corner: Corner) -> @location(0) vec4<f32> {
    let alpha = corner.color.a * coverage(corner);
    let srgb = corner.color.rgb;
    let low = srgb / 12.92;
    let high = pow((srgb + 0.055) / 1.055, vec3<f32>(2.4));
    let linear = select(high, low, srgb <= vec3<f32>(0.04045));
    return vec4<f32>(linear * alpha, alpha);
}
