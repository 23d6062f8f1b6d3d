//! Several starts: what each found, in the upper plot until stage 2 converges there, and their losses.

use eframe::egui::{self, Ui};

use super::{TABS, curves, tabs};
use crate::{
    app::{AppState, RunState},
    figure::palette::{self, score},
    train::{EpochStats, Stage, StartStats, TrainSpec},
    ui::{
        pages::results::AGREEMENT,
        theme,
        widgets::live_plot::{self, Curve, Frame},
    },
};

/// What the upper plot shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// The starts of stage 1.
    Starts,
    /// The epochs of stage 2.
    Convergence,
}

/// The starts while they run, then stage 2, unless the user picks one; with a single start always stage 2.
pub(super) fn show(ui: &mut Ui, state: &AppState, size: egui::Vec2, picked: &mut Option<Shown>) {
    let run = state.run.as_ref();
    let train = run.map_or(&state.document.spec.train, |run| &run.spec.train);
    if train.starts < 2 {
        return curves::convergence(ui, state, size);
    }
    let clustering = |run: &RunState| run.stage(Stage::Clustering).next().is_some();
    let follow = match run {
        Some(run) if clustering(run) => Shown::Convergence,
        _ => Shown::Starts,
    };
    let shown = picked.unwrap_or(follow);
    ui.vertical(|ui| {
        let choices = [(Shown::Starts, "Starts"), (Shown::Convergence, "Stage 2")];
        let tip =
            "Show what every start found, or how stage 2 converges; again to follow the training";
        tabs(ui, &choices, shown, picked, tip);
        let size = egui::vec2(size.x, size.y - TABS);
        match shown {
            Shown::Starts => starts(ui, run, train.starts, size),
            Shown::Convergence => curves::convergence(ui, state, size),
        }
    });
}

/// ACC, NMI and ARI of the clusters of every start, and how far the starts agree so far, in %.
fn starts(ui: &mut Ui, run: Option<&RunState>, planned: usize, size: egui::Vec2) {
    let found = run.map_or(&[][..], |run| &run.starts);
    let series = |name: &str, colour, value: fn(&StartStats) -> Option<f64>| Curve {
        name: name.into(),
        colour: theme::colour(colour),
        points: found
            .iter()
            .filter_map(|s| Some([s.start as f64, value(s)? * 100.0]))
            .collect(),
    };
    let mut curves = vec![series("agreement", score::AGREEMENT, |s| s.agreement)];
    if run.is_none_or(|run| run.dataset.labels.is_some()) {
        curves.splice(
            0..0,
            [
                series("ACC", score::ACC, |s| s.scores.acc),
                series("NMI", score::NMI, |s| s.scores.nmi),
                series("ARI", score::ARI, |s| s.scores.ari),
            ],
        );
    }
    live_plot::show(
        ui,
        &Frame {
            title: "Every start",
            tip: &format!(
                "Stage 1 starts several times from other weights, and the starts vote on the clusters. ACC, NMI and ARI \
                 compare those of each start with the labels. Agreement: {AGREEMENT}"
            ),
            y_label: "%",
            step: "start",
            epochs: planned as f64,
            y: Some((0.0, 100.0)),
            log: false,
            mark: None,
            remark: None,
            waiting: "grows here while stage 1 runs",
        },
        &curves,
        size,
    );
}

/// The loss of every turn of a stage (a start, a model), one over the other; the last stands out in `colour`.
pub(super) fn losses<'a>(
    ui: &Ui,
    epochs: impl Iterator<Item = &'a EpochStats>,
    train: &TrainSpec,
    names: (&str, &str),
    colour: usize,
) -> (Vec<Curve>, Option<String>) {
    let faint = theme::colours(ui).weak.gamma_multiply(0.35);
    let (turn_name, loss_name) = names;
    let mut curves: Vec<Curve> = Vec::new();
    let mut last = None;
    for stats in epochs {
        let ([turn, epoch, _], Some(loss)) = (train.turn_of(stats), stats.loss) else {
            continue;
        };
        let name = format!("{turn_name} {turn}");
        // Turns run one after the other.
        if last != Some(turn) {
            last = Some(turn);
            curves.push(Curve {
                name: name.clone(),
                colour: faint,
                points: Vec::new(),
            });
        }
        if let Some(curve) = curves.last_mut() {
            curve.points.push([epoch as f64, loss]);
        }
    }
    let remark = curves.last_mut().and_then(|curve| {
        curve.colour = theme::colour(palette::category(colour));
        let [_, loss] = curve.points.last()?;
        Some(format!("{}, {loss_name} {loss:.4}", curve.name))
    });
    (curves, remark)
}
