//! The convergence curve and the losses, live.

use eframe::egui::{self, Ui};

use super::{TABS, starts, tabs};
use crate::{
    app::{AppState, RunState},
    data::Labels,
    figure::palette::score,
    train::{EpochStats, Stage, StopReason},
    ui::{
        theme,
        widgets::live_plot::{self, Curve, Frame},
    },
};

/// What the lower plot shows.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Shown {
    /// The loss of a stage.
    Loss(Stage),
    /// The sizes of the clusters in stage 2.
    Sizes,
}

/// ACC, NMI, ASW and ARI in % as in the paper; without labels ASW and the share of labels changed.
pub(super) fn convergence(ui: &mut Ui, state: &AppState, size: egui::Vec2) {
    let run = state.run.as_ref();
    let epochs: Vec<&EpochStats> = run.map_or(Vec::new(), |r| r.stage(Stage::Clustering).collect());
    let labels = |r: &RunState| r.dataset.labels.as_ref().is_some_and(Labels::tell_apart);
    let labelled = run.is_none_or(labels);
    let series = |name: &str, colour, value: fn(&EpochStats) -> Option<f64>| Curve {
        name: name.into(),
        colour: theme::colour(colour),
        points: epochs
            .iter()
            .filter_map(|e| Some([e.epoch as f64, value(e)? * 100.0]))
            .collect(),
    };
    // Of very many samples it is estimated, and says so.
    let error = epochs.last().and_then(|e| e.clustering?.scores.asw_error);
    let mut asw = series("ASW", score::ASW, |e| e.clustering?.scores.asw);
    if let Some(error) = error {
        asw.name = format!("ASW \u{b1}{:.1}", error * 100.0);
    }
    let curves = if labelled {
        vec![
            series("ACC", score::ACC, |e| e.clustering?.scores.acc),
            series("NMI", score::NMI, |e| e.clustering?.scores.nmi),
            asw,
            series("ARI", score::ARI, |e| e.clustering?.scores.ari),
        ]
    } else {
        vec![
            asw,
            series("changed cluster", score::CHANGE, |e| {
                Some(e.clustering?.label_change)
            }),
        ]
    };
    let mark = run.and_then(mark);
    let planned = run.map_or(state.document.spec.train.epochs[2], |r| {
        r.spec.train.epochs[2]
    });
    live_plot::show(
        ui,
        &Frame {
            title: "Convergence",
            tip: "Stage 2: how the groups settle. ACC, NMI and ARI compare them with the labels; \
                  ASW measures how well they are separated; of very many samples it is estimated, \
                  with the half width of its 95 % confidence interval.",
            y_label: "%",
            step: "epoch",
            epochs: planned.max(1) as f64,
            y: Some((0.0, 100.0)),
            log: false,
            mark,
            remark: None,
            waiting: if run.is_some_and(RunState::is_active) {
                "starts after stage 1"
            } else {
                "grows here during stage 2"
            },
        },
        &curves,
        size,
    );
}

/// What happened to the clusters of stage 2: where it converged, what the guard kept, or where one was lost.
fn mark(run: &RunState) -> Option<(f64, String)> {
    let lost = || {
        let empty = |e: &&EpochStats| e.sizes.contains(&0);
        let epoch = run.stage(Stage::Clustering).find(empty)?.epoch;
        Some((epoch as f64, format!("cluster lost at epoch {epoch}")))
    };
    match run.stop() {
        Some(StopReason::Guarded(epoch)) => {
            let text = format!("epoch {epoch} kept: a cluster was emptying");
            Some((epoch as f64, text))
        }
        Some(StopReason::Converged(epoch)) => {
            let converged = (epoch as f64, format!("converged at epoch {epoch}"));
            Some(lost().unwrap_or(converged))
        }
        _ => lost(),
    }
}

/// Where the uncertainty has learned long enough, if that is before its last epoch.
fn enough(run: &RunState, stage: Stage) -> Option<(f64, String)> {
    let [_, _, epochs] = run.spec.train.turn_of(run.stage(stage).next()?);
    let fewer = stage == Stage::UncertaintyFinetune && epochs < run.spec.train.epochs[1];
    fewer.then(|| {
        (
            epochs as f64,
            format!("{epochs} epochs are best for samples held out"),
        )
    })
}

/// How many samples every cluster holds, from the largest to the smallest band.
fn sizes(ui: &mut Ui, run: Option<&RunState>, epochs: usize, size: egui::Vec2) {
    let history: Vec<&EpochStats> =
        run.map_or(Vec::new(), |r| r.stage(Stage::Clustering).collect());
    let clusters = history.first().map_or(0, |e| e.sizes.len());
    let last = history.last().map_or(&[][..], |e| &e.sizes);
    let smallest = (0..clusters).min_by_key(|&k| last[k]);
    let remark = smallest.map(|k| format!("smallest: cluster {} with {}", k + 1, last[k]));
    // One line stands out: the cluster that is nearest to being lost.
    let (accent, weak) = (theme::colours(ui).accent, theme::colours(ui).weak);
    let curves: Vec<Curve> = (0..clusters)
        .map(|k| Curve {
            name: format!("cluster {}", k + 1),
            colour: if smallest == Some(k) { accent } else { weak },
            points: history
                .iter()
                .filter_map(|e| Some([e.epoch as f64, (*e.sizes.get(k)?).max(1) as f64]))
                .collect(),
        })
        .collect();
    live_plot::show(
        ui,
        &Frame {
            title: "Cluster sizes",
            tip: "Samples in every cluster, on a logarithmic scale: a line that falls to the bottom is a cluster \
                  that empties",
            y_label: "samples",
            step: "epoch",
            epochs: epochs.max(1) as f64,
            // Down to a single sample, so that the bottom means what the tip says.
            y: (clusters > 0).then(|| (1.0, last.iter().sum::<usize>().max(2) as f64)),
            log: true,
            mark: run.and_then(mark).map(|(epoch, _)| (epoch, String::new())),
            remark,
            waiting: "grows here during stage 2",
        },
        &curves,
        size,
    );
}

/// The loss of one stage: of the one that runs, unless the user picks another.
pub(super) fn losses(ui: &mut Ui, state: &AppState, size: egui::Vec2, picked: &mut Option<Shown>) {
    let run = state.run.as_ref();
    let running = run
        .and_then(|r| r.history.last())
        .map_or(Stage::Pretrain, |e| e.stage);
    let follow = match running {
        Stage::Clustering => Shown::Sizes,
        stage => Shown::Loss(stage),
    };
    let shown = picked.unwrap_or(follow);
    let stage = match shown {
        Shown::Loss(stage) => stage,
        Shown::Sizes => Stage::Clustering,
    };
    let train = run.map_or(&state.document.spec.train, |r| &r.spec.train);
    let several = train.turns(stage) > 1;
    let (name, turn, index, tip) = match stage {
        Stage::Pretrain => (
            "MSE",
            "start",
            5,
            "Mean squared error of the reconstruction, on a logarithmic scale",
        ),
        Stage::UncertaintyFinetune => (
            "NLL",
            "model",
            4,
            "Negative log-likelihood: the error weighed by the uncertainty",
        ),
        Stage::Clustering => (
            "KL",
            "",
            6,
            "Kullback-Leibler divergence between the target and the soft assignment",
        ),
    };
    let tip = match several {
        true => format!("{tip}; one line a {turn}"),
        false => tip.to_string(),
    };
    ui.vertical(|ui| {
        let choices = [
            (Shown::Loss(Stage::Pretrain), "Reconstruction"),
            (Shown::Loss(Stage::UncertaintyFinetune), "Uncertainty"),
            (Shown::Loss(Stage::Clustering), "Clustering"),
            (Shown::Sizes, "Sizes"),
        ];
        let follow = "Show the loss of this part, or the sizes of the clusters; again to follow the training";
        tabs(ui, &choices, shown, picked, follow);
        let size = egui::vec2(size.x, size.y - TABS);
        if shown == Shown::Sizes {
            return sizes(ui, run, train.epochs[2], size);
        }
        let epochs = run.into_iter().flat_map(|run| run.stage(stage));
        let (mut curves, mut remark) = starts::losses(ui, epochs, train, (turn, name), index);
        // A single one has its value beside its name.
        if !several {
            remark = None;
            curves.iter_mut().for_each(|curve| curve.name = name.into());
        }
        live_plot::show(
            ui,
            &Frame {
                title: "Loss",
                tip: &tip,
                y_label: "loss",
                step: "epoch",
                epochs: train.epochs[stage as usize].max(1) as f64,
                y: None,
                log: stage == Stage::Pretrain,
                mark: run.and_then(|run| enough(run, stage)),
                remark,
                waiting: "grows here while training",
            },
            &curves,
            size,
        );
    });
}
