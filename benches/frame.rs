//! Time of the UI thread for a frame while a large data set trains, and while its maps are explored on five panels, without the
//! graphics driver: by the clock, and on Linux also without the time the thread had to wait for a processor.
//!
//! `cargo bench --bench frame [-- SAMPLES] [--explore]`; with `--explore` the training is short.

#[cfg(feature = "gui")]
fn main() {
    use std::time::{Duration, Instant};

    use egui_kittest::Harness;
    use hdumec::{
        app::{Command, Source, Then},
        data::demo::DemoSpec,
        ui::HdumecApp,
    };

    let samples = std::env::args()
        .filter_map(|a| a.parse().ok())
        .next()
        .unwrap_or(25_517);
    let mut harness = Harness::builder()
        .with_size([1280.0, 800.0])
        .build_eframe(|creation| HdumecApp::new(&creation.egui_ctx, None, false, Vec::new()));
    let mut spec = harness.state().state().document.spec.clone();
    spec.train.epochs = [60, 40, 40];
    if std::env::args().any(|argument| argument == "--explore") {
        spec.recipe = hdumec::pipeline::Recipe::Published;
        spec.train = spec.recipe.train();
        spec.train.epochs = [2, 1, 1];
        spec.umap.epochs = Some(20);
    }
    harness
        .state_mut()
        .apply(Command::Do(hdumec::document::Edit::Settings(Box::new(
            spec,
        ))));
    harness.state_mut().apply(Command::Open {
        source: Source::Demo(DemoSpec { samples, seed: 0 }),
        then: Then::Train,
    });
    let (mut frames, mut at_work): (Vec<f64>, Vec<f64>) = Default::default();
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(600) {
        let (begun, before) = (Instant::now(), waited());
        harness.step();
        let took = begun.elapsed().as_secs_f64() * 1e3;
        let worked = before.zip(waited()).map(|(a, b)| took - (b - a));
        let state = harness.state().state();
        let part = state.run.as_ref().and_then(|run| run.progress.part);
        if state.is_training() {
            frames.push(took);
            at_work.extend(worked);
            if took > 4.0 {
                println!("{took:.2} ms, of it {worked:.2?} at work, in {part:?}");
            }
        }
        if state.data.is_some() && state.run.is_some() && !state.is_training() {
            break;
        }
        std::thread::sleep(Duration::from_millis(16));
    }
    println!("{} frames while {samples} samples train", frames.len());
    tell(frames, at_work);
    explored(&mut harness);
}

/// The pointer goes over five panels, then one map is moved: what a frame costs.
#[cfg(feature = "gui")]
fn explored(harness: &mut egui_kittest::Harness<'_, hdumec::ui::HdumecApp>) {
    use std::time::{Duration, Instant};

    use eframe::egui::{Event, PointerButton, Pos2};
    use hdumec::{
        app::{Command, Page},
        document::{Colour, ColourScale, Edit, Layout, Map, Panel},
        pipeline::Lens,
    };

    let mut view = harness.state().state().document.view.clone();
    let pinned = Map::Pinned {
        stage: 2,
        colour: Colour::Values(Lens::Ambiguity),
        scale: ColourScale::default(),
    };
    view.layout = Layout::grid([
        Panel::Map(Map::Groups),
        Panel::Map(Map::Values),
        Panel::Map(pinned),
        Panel::Distribution { sorted: true },
        Panel::Reasons,
    ]);
    let edit = Edit::View(Box::new(view));
    harness.state_mut().apply(Command::Do(edit));
    harness.state_mut().apply(Command::Show(Page::Explore));
    // Until workers have made what is shown.
    for _ in 0..2_000 {
        harness.step();
        std::thread::sleep(Duration::from_millis(10));
    }
    let (mut frames, mut at_work): (Vec<f64>, Vec<f64>) = Default::default();
    for frame in 0..400 {
        let angle = frame as f32 * 0.05;
        let place = Pos2::new(
            640.0 + 330.0 * angle.cos(),
            400.0 + 280.0 * (0.7 * angle).sin(),
        );
        harness.event(Event::PointerMoved(place));
        if frame == 200 {
            harness.event(Event::PointerButton {
                pos: place,
                button: PointerButton::Primary,
                pressed: true,
                modifiers: Default::default(),
            });
        }
        let (begun, before) = (Instant::now(), waited());
        harness.step();
        let took = begun.elapsed().as_secs_f64() * 1e3;
        frames.push(took);
        at_work.extend(before.zip(waited()).map(|(a, b)| took - (b - a)));
    }
    println!("{} frames of five panels", frames.len());
    tell(frames, at_work);
    lassoed(harness);
}

/// A lasso is drawn around most of the first map, and closed: what a frame costs then, and until all panels follow.
#[cfg(feature = "gui")]
fn lassoed(harness: &mut egui_kittest::Harness<'_, hdumec::ui::HdumecApp>) {
    use std::time::{Duration, Instant};

    use eframe::egui::{Event, Modifiers, PointerButton, Pos2};

    let button = |pos, pressed| Event::PointerButton {
        pos,
        button: PointerButton::Primary,
        pressed,
        modifiers: Modifiers::SHIFT,
    };
    let place = |frame: usize| {
        let angle = frame as f32 * std::f32::consts::TAU / 100.0;
        Pos2::new(400.0 + 100.0 * angle.cos(), 230.0 + 110.0 * angle.sin())
    };
    harness.event(button(place(0), false));
    harness.step();
    harness.event(Event::ModifiersChanged(Modifiers::SHIFT));
    let (mut frames, mut at_work): (Vec<f64>, Vec<f64>) = Default::default();
    for frame in 0..400 {
        match frame {
            0 => {
                harness.event(Event::PointerMoved(place(0)));
                harness.event(button(place(0), true));
            }
            1..100 => harness.event(Event::PointerMoved(place(frame))),
            100 => {
                harness.event(button(place(0), false));
                harness.event(Event::ModifiersChanged(Modifiers::NONE));
            }
            _ => std::thread::sleep(Duration::from_millis(10)),
        }
        let (begun, before) = (Instant::now(), waited());
        harness.step();
        let took = begun.elapsed().as_secs_f64() * 1e3;
        if frame == 100 {
            println!("the frame that closes the lasso: {took:.2} ms");
        }
        frames.push(took);
        at_work.extend(before.zip(waited()).map(|(a, b)| took - (b - a)));
    }
    let view = &harness.state().state().document.view;
    let selected = view.selection.as_ref().map_or(0, |ids| ids.len());
    println!(
        "{} frames with a lasso, which selects {selected} samples",
        frames.len()
    );
    tell(frames, at_work);
}

#[cfg(feature = "gui")]
fn tell(frames: Vec<f64>, at_work: Vec<f64>) {
    for (what, mut times) in [
        ("by the clock", frames),
        ("without waiting for a processor", at_work),
    ] {
        times.sort_by(f64::total_cmp);
        let at = |share: f64| times.get(((times.len().max(1) - 1) as f64 * share) as usize);
        if let (Some(median), Some(most), Some(longest)) = (at(0.5), at(0.99), at(1.0)) {
            println!("{what}: median {median:.2} ms, 99 % {most:.2} ms, longest {longest:.2} ms");
        }
    }
}

/// Milliseconds this thread has waited for a processor so far, where the system tells.
#[cfg(feature = "gui")]
fn waited() -> Option<f64> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    let nanoseconds: f64 = text.split_whitespace().nth(1)?.parse().ok()?;
    Some(nanoseconds / 1e6)
}

#[cfg(not(feature = "gui"))]
fn main() {
    println!("skipped: built without the window");
}
