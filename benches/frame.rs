//! Time of the UI thread for a frame while a large data set trains, without the graphics driver.
//!
//! `cargo bench --bench frame [-- SAMPLES]`

#[cfg(feature = "gui")]
fn main() {
    use std::time::{Duration, Instant};

    use egui_kittest::Harness;
    use hdumec::{
        app::{Command, Source},
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
    let mut spec = harness.state().state().spec.clone();
    spec.train.epochs = [60, 40, 40];
    harness.state_mut().apply(Command::SetSpec(Box::new(spec)));
    harness.state_mut().apply(Command::Open {
        source: Source::Demo(DemoSpec { samples, seed: 0 }),
        train: true,
    });
    let mut frames: Vec<f64> = Vec::new();
    let started = Instant::now();
    while started.elapsed() < Duration::from_secs(600) {
        let begun = Instant::now();
        harness.step();
        let took = begun.elapsed().as_secs_f64() * 1e3;
        let state = harness.state().state();
        let part = state.run.as_ref().and_then(|run| run.progress.part);
        if state.is_training() {
            frames.push(took);
            if took > 4.0 {
                println!("{took:.2} ms in {part:?}");
            }
        }
        if state.data.is_some() && state.run.is_some() && !state.is_training() {
            break;
        }
        std::thread::sleep(Duration::from_millis(16));
    }
    frames.sort_by(f64::total_cmp);
    let at = |share: f64| frames[((frames.len() - 1) as f64 * share) as usize];
    println!(
        "{} frames while {samples} samples train: median {:.2} ms, 99 % {:.2} ms, longest {:.2} ms",
        frames.len(),
        at(0.5),
        at(0.99),
        at(1.0)
    );
}

#[cfg(not(feature = "gui"))]
fn main() {
    println!("skipped: built without the window");
}
