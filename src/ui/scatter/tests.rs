//! The widget driven and drawn without a window, on a software renderer.

mod outlines;

use eframe::egui::{Color32, Rect, pos2, vec2};
use eframe::egui::{Event, Key, Modifiers, MouseWheelUnit, PointerButton, Pos2, TouchPhase, Vec2};
use eframe::egui_wgpu::{RenderState, RendererOptions};
use egui_kittest::{
    Harness,
    kittest::Queryable as _,
    wgpu::{WgpuTestRenderer, create_render_state, default_wgpu_setup},
};

use super::gpu::{Renderer, Uploads};
use super::*;
use crate::document::Outline;

const RED: [u8; 4] = [230, 20, 20, 255];
const GREEN: [u8; 4] = [20, 200, 20, 255];
const BLUE: [u8; 4] = [20, 20, 230, 255];
const PAPER: Color32 = Color32::from_rgb(250, 250, 250);
const SIZE: Vec2 = Vec2::splat(200.0);

/// A page with one or two linked plots, and what they last answered.
struct Page {
    cloud: Cloud,
    colors: Colors,
    emphasis: Option<Emphasis>,
    camera: Camera,
    plots: usize,
    radius: Option<f32>,
    hovered: Option<usize>,
    clicked: Option<usize>,
    lasso: Option<Vec<u32>>,
    outline: Outline,
    rect: Rect,
}

impl Page {
    fn new(positions: Vec<[f32; 2]>, colors: Vec<[u8; 4]>) -> Self {
        Self {
            cloud: Cloud::new(positions),
            colors: Colors::new(colors),
            emphasis: None,
            camera: Camera::default(),
            plots: 1,
            radius: Some(6.0),
            hovered: None,
            clicked: None,
            lasso: None,
            outline: Outline::Lasso,
            rect: Rect::NOTHING,
        }
    }

    /// Three points in the corners of a triangle, red, green and blue.
    fn triangle() -> Self {
        Self::new(
            vec![[0.0, 0.0], [10.0, 0.0], [0.0, 10.0]],
            vec![RED, GREEN, BLUE],
        )
    }

    fn place(&self, index: usize) -> Pos2 {
        self.camera
            .to_screen(self.rect, self.cloud.positions()[index])
    }
}

fn harness(page: Page, state: Option<&RenderState>) -> Harness<'static, Page> {
    let builder = Harness::builder()
        .with_size(vec2(440.0, 220.0))
        .with_step_dt(1.0 / 60.0);
    let builder = match state.cloned() {
        Some(state) => builder
            .renderer(WgpuTestRenderer::from_render_state(state.clone()))
            .with_context_setup(move |ctx| install(ctx, Some(&state))),
        None => builder,
    };
    let app = |ui: &mut eframe::egui::Ui, page: &mut Page| {
        ui.horizontal(|ui| {
            let names = ["left plot", "right plot"];
            for name in &names[..page.plots] {
                let shown = ScatterView::new(name, &page.cloud, &page.colors, &mut page.camera)
                    .emphasis(page.emphasis.as_ref())
                    .point_radius(page.radius)
                    .background(PAPER)
                    .size(SIZE)
                    .outline(page.outline)
                    .summary(name)
                    .show(ui);
                if *name == "left plot" {
                    page.rect = shown.response.rect;
                    page.hovered = shown.hovered;
                    page.clicked = shown.clicked.or(page.clicked);
                    let enclosed = shown.enclosed.map(|enclosed| enclosed.samples());
                    page.lasso = enclosed.or(page.lasso.take());
                }
            }
        });
    };
    builder.build_ui_state(app, page)
}

fn render_state() -> RenderState {
    create_render_state(default_wgpu_setup(), RendererOptions::PREDICTABLE)
}

fn uploads(state: &RenderState) -> Uploads {
    let renderer = state.renderer.read();
    renderer
        .callback_resources
        .get::<Renderer>()
        .map(Renderer::uploads)
        .unwrap_or_default()
}

/// The colour drawn at a place, from a fresh picture.
fn pixel(harness: &mut Harness<'_, Page>, place: Pos2) -> [u8; 4] {
    let image = harness.render().expect("the software renderer draws");
    image.get_pixel(place.x as u32, place.y as u32).0
}

#[test]
fn points_are_drawn_in_place_and_only_what_changed_is_uploaded() {
    let state = render_state();
    let mut harness = harness(Page::triangle(), Some(&state));
    harness.run();
    for (index, color) in [RED, GREEN, BLUE].into_iter().enumerate() {
        let place = harness.state().place(index);
        assert_eq!(pixel(&mut harness, place), color, "point {index}");
        // Round: the corner of the point's square is left empty.
        let corner = place + Vec2::splat(5.5);
        assert_eq!(pixel(&mut harness, corner), PAPER.to_array());
    }
    let once = Uploads {
        positions: 1,
        colors: 1,
        marks: 0,
    };
    assert_eq!(uploads(&state), once);

    // Panning uploads nothing; new colours upload colours alone.
    harness.state_mut().camera.pan(vec2(7.0, 3.0));
    harness.run();
    let place = harness.state().place(1);
    assert_eq!(pixel(&mut harness, place), GREEN);
    assert_eq!(uploads(&state), once);
    harness.state_mut().colors = Colors::new(vec![BLUE, [0; 4], RED]);
    harness.run();
    for (index, color) in [BLUE, PAPER.to_array(), RED].into_iter().enumerate() {
        let place = harness.state().place(index);
        assert_eq!(pixel(&mut harness, place), color, "point {index}");
    }
    assert_eq!(uploads(&state), Uploads { colors: 2, ..once });

    // A moved cloud keeps its draw order, so its colours stay as well.
    let cloud = harness.state().cloud.clone();
    harness.state_mut().cloud = cloud.moved(vec![[1.0, 1.0], [10.0, 0.0], [0.0, 9.0]]);
    harness.run();
    let place = harness.state().place(2);
    assert_eq!(pixel(&mut harness, place), RED);
    assert_eq!(
        uploads(&state),
        Uploads {
            positions: 2,
            colors: 2,
            marks: 0
        }
    );
}

#[test]
fn linked_plots_share_their_positions() {
    let state = render_state();
    let mut harness = harness(
        Page {
            plots: 2,
            ..Page::triangle()
        },
        Some(&state),
    );
    harness.run();
    let left = harness.state().place(0);
    let right = left + (harness.get_by_label("right plot").rect().min - harness.state().rect.min);
    assert_eq!(pixel(&mut harness, left), RED);
    assert_eq!(pixel(&mut harness, right), RED);
    assert_eq!(
        uploads(&state),
        Uploads {
            positions: 1,
            colors: 1,
            marks: 0
        }
    );
}

#[test]
fn marks_dim_raise_and_hide() {
    // The first two lie on one another: whichever is raised must show.
    let positions = vec![[0.0, 0.0], [0.0, 0.0], [10.0, 0.0], [0.0, 10.0]];
    let colors = vec![RED, GREEN, BLUE, RED];
    for (first, top) in [(Mark::Highlighted, RED), (Mark::Dimmed, GREEN)] {
        let marks = vec![first, Mark::Normal, Mark::Hidden, Mark::Dimmed];
        let page = Page {
            emphasis: Some(Emphasis::new(marks)),
            ..Page::new(positions.clone(), colors.clone())
        };
        let mut harness = harness(page, Some(&render_state()));
        harness.run();
        let [overlap, hidden, dimmed] = [0, 2, 3].map(|index| harness.state().place(index));
        assert_eq!(pixel(&mut harness, overlap), top);
        assert_eq!(pixel(&mut harness, hidden), PAPER.to_array());
        let [r, g, ..] = pixel(&mut harness, dimmed);
        assert!(r > g && g > 180, "a dimmed red is pale: {r} {g}");
    }
}

#[test]
fn the_pointer_finds_visible_points() {
    let mut harness = harness(Page::triangle(), None);
    harness.run();
    let near = harness.state().place(1) + vec2(4.0, 5.0);
    harness.hover_at(near);
    harness.run();
    assert_eq!(harness.state().hovered, Some(1));
    for pressed in [true, false] {
        let button = PointerButton::Primary;
        harness.event(Event::PointerButton {
            pos: near,
            button,
            pressed,
            modifiers: Modifiers::NONE,
        });
    }
    harness.run();
    assert_eq!(harness.state().clicked, Some(1));
    harness.state_mut().emphasis = Some(Emphasis::new(vec![
        Mark::Normal,
        Mark::Hidden,
        Mark::Normal,
    ]));
    harness.run();
    assert_eq!(harness.state().hovered, None);
    harness.hover_at(harness.state().rect.center());
    harness.run();
    assert_eq!(harness.state().hovered, None);
}

/// Press, move along the places and let go.
fn drag(harness: &mut Harness<'_, Page>, places: &[Pos2], modifiers: Modifiers) {
    let button = PointerButton::Primary;
    let [first, .., last] = *places else { return };
    harness.event(Event::PointerMoved(first));
    harness.event(Event::ModifiersChanged(modifiers));
    harness.event(Event::PointerButton {
        pos: first,
        button,
        pressed: true,
        modifiers,
    });
    harness.step();
    for &place in places {
        harness.event(Event::PointerMoved(place));
        harness.step();
    }
    harness.event(Event::PointerButton {
        pos: last,
        button,
        pressed: false,
        modifiers,
    });
    harness.run();
    harness.event(Event::ModifiersChanged(Modifiers::NONE));
}

#[test]
fn wheel_and_keyboard_move_the_camera() {
    let mut harness = harness(Page::triangle(), None);
    harness.run();
    let fitted = harness.state().camera;
    let place = harness.state().place(1);
    harness.hover_at(place);
    harness.event(Event::MouseWheel {
        unit: MouseWheelUnit::Point,
        delta: vec2(0.0, 60.0),
        phase: TouchPhase::Move,
        source: eframe::egui::MouseWheelSource::Wheel,
        modifiers: Modifiers::NONE,
    });
    // The toolkit spreads a turn of the wheel over some frames.
    harness.run_steps(30);
    assert!(harness.state().camera.scale > fitted.scale);
    assert!(
        harness.state().place(1).distance(place) < 0.5,
        "zoom about the pointer"
    );

    harness.get_by_label("left plot").focus();
    harness.run();
    harness.key_press(Key::Num0);
    harness.run();
    assert_eq!(harness.state().camera, fitted);
    harness.key_press(Key::ArrowRight);
    harness.key_press(Key::Plus);
    harness.run();
    let camera = harness.state().camera;
    assert!(camera.center[0] > fitted.center[0] && camera.scale > fitted.scale);
    assert!(harness.get_by_label("left plot").is_focused());
}

#[test]
fn empty_and_odd_clouds_do_no_harm() {
    let state = render_state();
    let mut harness = harness(Page::new(vec![], vec![]), Some(&state));
    harness.run();
    harness.state_mut().camera = Camera {
        center: [f32::NAN; 2],
        scale: -1.0,
        fitted: false,
    };
    for positions in [
        vec![[f32::NAN; 2]; 3],
        vec![[4.0, 4.0]; 3],
        vec![[0.0, -1e30], [1e14, 0.0]],
    ] {
        harness.state_mut().cloud = Cloud::new(positions);
        harness.state_mut().colors = Colors::new(vec![RED]);
        harness.hover_at(pos2(100.0, 100.0));
        harness.run();
        harness.render().expect("the software renderer draws");
    }
}
