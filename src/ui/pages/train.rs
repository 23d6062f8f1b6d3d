//! Settings on the left; the live curves and the settling map on the canvas.

use std::sync::Arc;

use eframe::egui::{self, Ui};

use super::{canvas, step_panel};
use crate::{
    analysis::umap::UmapSpec,
    app::{AppState, Command, Devices, Page, RunState, Status},
    figure::palette,
    model::DeviceChoice,
    pipeline::AnalysisSpec,
    train::{EpochStats, Stage, StopReason, TrainSpec},
    ui::{
        context::Context,
        scatter::{Bounds, Camera, Cloud, Colors, ScatterView},
        theme,
        widgets::{
            form,
            live_plot::{self, Curve, Frame},
        },
    },
};

#[derive(Default)]
pub(super) struct TrainPage {
    map: LiveMap,
    /// The stage whose loss the user picked to see.
    loss: Option<Stage>,
}

impl TrainPage {
    pub fn show(&mut self, ui: &mut Ui, context: &mut Context<'_>) {
        step_panel_for(ui, context);
        canvas(ui, |ui| {
            let size = ui.available_size();
            let gap = 4.0 * theme::GRID;
            let narrow = size.x < 560.0;
            let left = if narrow {
                size.x
            } else {
                (size.x - gap) * 0.58
            };
            let top = (size.y - gap) * if narrow { 0.5 } else { 0.6 };
            let run = context.state.run.as_ref();
            ui.horizontal_top(|ui| {
                ui.vertical(|ui| {
                    ui.set_width(left);
                    convergence(ui, context.state, egui::vec2(left, top));
                    ui.add_space(gap - ui.spacing().item_spacing.y);
                    losses(
                        ui,
                        context.state,
                        egui::vec2(left, size.y - top - gap),
                        &mut self.loss,
                    );
                });
                if !narrow {
                    ui.add_space(gap - ui.spacing().item_spacing.x);
                    self.map.show(ui, run);
                }
            });
        });
    }
}

fn step_panel_for(ui: &mut Ui, context: &mut Context<'_>) {
    let state = context.state;
    let mut spec = state.spec.clone();
    let training = state.is_training();
    let ready = state.ready_to_train();
    step_panel(
        ui,
        context,
        |ui, _| {
            ui.label(theme::heading("Training"));
            ui.add_enabled_ui(!training, |ui| settings(ui, state, &mut spec));
        },
        |ui, context| {
            let finished = state
                .run
                .as_ref()
                .is_some_and(|run| run.status == Status::Finished);
            if let Err(message) = &ready {
                ui.add(egui::Label::new(theme::weak(ui, crate::ui::empty(message))).wrap());
            }
            if training {
                theme::primary(ui, "Training\u{2026}", false);
            } else if finished {
                if theme::primary(ui, "Look at the maps", true).clicked() {
                    context.commands.push(Command::Show(Page::Explore));
                }
                if ui
                    .add_enabled(ready.is_ok(), egui::Button::new("Train again"))
                    .on_hover_text("Start anew with these settings (Ctrl+Enter)")
                    .clicked()
                {
                    context.commands.push(Command::Train);
                }
            } else if theme::primary(ui, "Start training", ready.is_ok())
                .on_hover_text("Start with these settings (Ctrl+Enter)")
                .clicked()
            {
                context.commands.push(Command::Train);
            }
        },
    );
    if spec != state.spec {
        context.ask(Command::SetSpec(Box::new(spec)));
    }
}

fn settings(ui: &mut Ui, state: &AppState, spec: &mut AnalysisSpec) {
    let labels = state.data.as_ref().and_then(|d| d.dataset.labels.as_ref());
    let classes = labels.map(|l| l.classes.len());
    let most = state
        .data
        .as_ref()
        .map_or(1000, |d| d.dataset.sample_ids.len().clamp(2, 1000));
    let mut clusters = spec.clusters.or(classes).unwrap_or(0);
    let tip = match classes {
        Some(n) => format!("Number of groups to find; the labels have {n} classes"),
        None => "Number of groups to find; there are no labels to count, so set it".into(),
    };
    let lowest = if classes.is_none() && spec.clusters.is_none() {
        0
    } else {
        2
    };
    if form::number(ui, "Clusters", &tip, &mut clusters, lowest..=most).changed() {
        spec.clusters = (clusters >= 2 && Some(clusters) != classes).then_some(clusters);
    }
    form::number(
        ui,
        "Seed",
        "Decides the starting weights, k-means and the map; the same seed gives the same result",
        &mut spec.seed,
        0..=u64::from(u32::MAX),
    );
    form::choice(
        ui,
        "Device",
        "What computes",
        &mut spec.device,
        &devices(state),
    );
    theme::title(ui, "Epochs");
    let names = [
        ("Reconstruction", "Epochs that learn to reproduce the data"),
        ("Uncertainty", "Epochs that learn how noisy each value is"),
        (
            "Clustering",
            "Epochs that sharpen the groups; may end sooner",
        ),
    ];
    for (i, (name, tip)) in names.into_iter().enumerate() {
        let lowest = usize::from(i == 0);
        form::number(ui, name, tip, &mut spec.train.epochs[i], lowest..=100_000);
    }
    ui.add_space(theme::GRID);
    ui.collapsing("All parameters", |ui| {
        train_parameters(ui, &mut spec.train);
        umap_parameters(ui, &mut spec.umap);
        if ui
            .button("Published values")
            .on_hover_text("Set every parameter back to the value of the paper")
            .clicked()
        {
            spec.train = TrainSpec::default();
            spec.umap = UmapSpec::default();
        }
    });
}

fn devices(state: &AppState) -> Vec<(DeviceChoice, String)> {
    let mut choices = vec![
        (DeviceChoice::Auto, "automatic".to_string()),
        (DeviceChoice::Gpu, "GPU".into()),
        (DeviceChoice::Cpu, "CPU".into()),
    ];
    if let Devices::Known(adapters) = &state.devices {
        for adapter in adapters {
            choices.push((
                DeviceChoice::Named(adapter.info.name.clone()),
                adapter.info.to_string(),
            ));
        }
    }
    choices
}

fn train_parameters(ui: &mut Ui, train: &mut TrainSpec) {
    let [first, second, third] = &mut train.learning_rates;
    let rate = 1e-6..=1.0;
    form::number(
        ui,
        "Rate 1",
        "Adam's learning rate of the reconstruction",
        first,
        rate.clone(),
    );
    form::number(
        ui,
        "Rate 2",
        "Adam's learning rate of the uncertainty",
        second,
        rate.clone(),
    );
    form::number(
        ui,
        "Rate 3",
        "Adam's learning rate of the clustering",
        third,
        rate,
    );
    form::number(
        ui,
        "Decay",
        "Factor on the clustering's learning rate",
        &mut train.decay,
        0.01..=1.0,
    );
    form::number(
        ui,
        "Decay every",
        "Epochs between two decays",
        &mut train.decay_every,
        1..=10_000,
    );
    form::number(
        ui,
        "Tolerance",
        "Converged when a smaller share of labels changes; 0 never stops early",
        &mut train.tolerance,
        0.0..=1.0,
    );
    form::number(
        ui,
        "Embedding",
        "Numbers that stand for a sample",
        &mut train.embedding,
        1..=512,
    );
    form::number(
        ui,
        "Hidden",
        "Width of the hidden layers",
        &mut train.hidden,
        1..=8192,
    );
    form::number(
        ui,
        "Heads",
        "Attention heads; must divide the embedding",
        &mut train.heads,
        1..=512,
    );
    form::number(
        ui,
        "Alpha",
        "Degrees of freedom of the soft assignment",
        &mut train.alpha,
        0.01..=100.0,
    );
    form::number(
        ui,
        "k-means restarts",
        "Tries; the best is kept",
        &mut train.kmeans_restarts,
        1..=1000,
    );
    form::number(
        ui,
        "k-means steps",
        "Iterations of each try at most",
        &mut train.kmeans_iterations,
        1..=100_000,
    );
    form::number(
        ui,
        "k-means tolerance",
        "Stops when centres move less, of the mean variance",
        &mut train.kmeans_tolerance,
        0.0..=1.0,
    );
}

fn umap_parameters(ui: &mut Ui, umap: &mut UmapSpec) {
    form::number(
        ui,
        "Neighbours",
        "UMAP: neighbours of each sample; more show the large shape",
        &mut umap.neighbours,
        2..=200,
    );
    form::number(
        ui,
        "Distance",
        "UMAP: smallest distance between points",
        &mut umap.min_dist,
        0.0..=10.0,
    );
    form::number(
        ui,
        "Spread",
        "UMAP: scale of the map",
        &mut umap.spread,
        0.1..=10.0,
    );
}

/// ACC, NMI, ASW and ARI in % as in the paper; without labels ASW and the share of labels changed.
fn convergence(ui: &mut Ui, state: &AppState, size: egui::Vec2) {
    let run = state.run.as_ref();
    let epochs: Vec<&EpochStats> = run.map_or(Vec::new(), |r| r.stage(Stage::Clustering).collect());
    let labelled = run.is_none_or(|r| r.dataset.labels.is_some());
    let series = |name, index, value: fn(&EpochStats) -> Option<f64>| Curve {
        name,
        colour: theme::colour(palette::category(index)),
        points: epochs
            .iter()
            .filter_map(|e| Some([e.epoch as f64, value(e)? * 100.0]))
            .collect(),
    };
    let asw = series("ASW", 2, |e| e.clustering?.scores.asw);
    let curves = if labelled {
        vec![
            series("ACC", 0, |e| e.clustering?.scores.acc),
            series("NMI", 1, |e| e.clustering?.scores.nmi),
            asw,
            series("ARI", 3, |e| e.clustering?.scores.ari),
        ]
    } else {
        vec![
            asw,
            series("labels changed", 1, |e| Some(e.clustering?.label_change)),
        ]
    };
    let mark = run.and_then(RunState::stop).and_then(|stop| match stop {
        StopReason::Converged(epoch) => Some((epoch as f64, format!("converged at epoch {epoch}"))),
        StopReason::MaxEpochs(_) => None,
    });
    let planned = run.map_or(state.spec.train.epochs[2], |r| r.spec.train.epochs[2]);
    live_plot::show(
        ui,
        &Frame {
            title: "Convergence",
            tip: "Stage 2: how the groups settle. ACC, NMI and ARI compare them with the labels; \
                  ASW measures how well they are separated.",
            y_label: "%",
            epochs: planned.max(1) as f64,
            y: Some((0.0, 100.0)),
            log: false,
            mark,
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

/// The loss of one stage: of the one that runs, unless the user picks another.
fn losses(ui: &mut Ui, state: &AppState, size: egui::Vec2, picked: &mut Option<Stage>) {
    let run = state.run.as_ref();
    let running = run
        .and_then(|r| r.history.last())
        .map_or(Stage::Pretrain, |e| e.stage);
    let stage = picked.unwrap_or(running);
    let train = run.map_or(&state.spec.train, |r| &r.spec.train);
    let (name, index, epochs, tip) = match stage {
        Stage::Pretrain => (
            "MSE",
            5,
            train.epochs[0],
            "Mean squared error of the reconstruction, on a logarithmic scale",
        ),
        Stage::UncertaintyFinetune => (
            "NLL",
            4,
            train.epochs[1],
            "Negative log-likelihood: the error weighed by the uncertainty",
        ),
        Stage::Clustering => (
            "KL",
            6,
            train.epochs[2],
            "Kullback-Leibler divergence between the target and the soft assignment",
        ),
    };
    ui.vertical(|ui| {
        ui.horizontal(|ui| {
            for (of, text) in [
                (Stage::Pretrain, "Reconstruction"),
                (Stage::UncertaintyFinetune, "Uncertainty"),
                (Stage::Clustering, "Clustering"),
            ] {
                if ui
                    .selectable_label(of == stage, text)
                    .on_hover_text("Show the loss of this part; again to follow the training")
                    .clicked()
                {
                    *picked = (*picked != Some(of)).then_some(of);
                }
            }
        });
        let points = run.map_or(Vec::new(), |run| {
            run.stage(stage)
                .filter_map(|e| Some([e.epoch as f64, e.loss?]))
                .collect()
        });
        live_plot::show(
            ui,
            &Frame {
                title: "Loss",
                tip,
                y_label: "loss",
                epochs: epochs.max(1) as f64,
                y: None,
                log: stage == Stage::Pretrain,
                mark: None,
                waiting: "grows here while training",
            },
            &[Curve {
                name,
                colour: theme::colour(palette::category(index)),
                points,
            }],
            egui::vec2(size.x, size.y - 36.0),
        );
    });
}

/// The embedding as it settles, coloured by the clusters of the moment.
#[derive(Default)]
struct LiveMap {
    /// Addresses of the layout and the labels shown, and after which stage.
    key: (usize, usize, u8),
    cloud: Option<Cloud>,
    colours: Option<Colors>,
    bounds: Option<Bounds>,
    camera: Camera,
}

impl LiveMap {
    fn show(&mut self, ui: &mut Ui, run: Option<&RunState>) {
        ui.vertical(|ui| {
            let stage = run.and_then(|r| r.layout.as_ref()).map(|(stage, _)| *stage);
            let title = match stage {
                Some(stage) => format!("Map after stage {stage}"),
                None => "Map".into(),
            };
            ui.strong(title)
                .on_hover_text("UMAP of the embedding, coloured by the clusters of the moment");
            let Some(run) = run.filter(|r| r.layout.is_some()) else {
                self.cloud = None;
                let rect = ui.available_rect_before_wrap();
                ui.painter().text(
                    rect.center(),
                    egui::Align2::CENTER_CENTER,
                    "settles here after stage 1",
                    egui::FontId::proportional(14.0),
                    theme::colours(ui).weak,
                );
                return;
            };
            self.update(run);
            if let (Some(cloud), Some(colours)) = (&self.cloud, &self.colours) {
                ScatterView::new("live map", cloud, colours, &mut self.camera)
                    .bounds(self.bounds)
                    .background(theme::colours(ui).canvas)
                    .summary("Live map of the embedding, coloured by cluster")
                    .show(ui);
            }
        });
    }

    /// Makes new buffers only when the worker has sent new coordinates or labels.
    fn update(&mut self, run: &RunState) {
        let Some((stage, layout)) = &run.layout else {
            return;
        };
        let labels = run.labels.as_ref();
        let key = (
            Arc::as_ptr(layout) as usize,
            labels.map_or(0, |l| Arc::as_ptr(l) as usize),
            *stage,
        );
        if self.key.0 != key.0 || self.cloud.is_none() {
            let points = layout.rows().into_iter().map(|p| [p[0], p[1]]).collect();
            let cloud = match &self.cloud {
                Some(cloud) if cloud.len() == layout.nrows() => cloud.moved(points),
                _ => Cloud::new(points),
            };
            // The view only grows while one map settles, so that nothing jumps.
            let now = cloud.bounds();
            self.bounds = match (self.bounds, now) {
                (Some(before), Some(now)) if self.key.2 == *stage && run.is_active() => {
                    Some(before.union(now))
                }
                _ => now,
            };
            self.cloud = Some(cloud);
        }
        if self.key.1 != key.1 || self.colours.is_none() {
            self.colours = Some(match labels {
                Some(labels) => cluster_colours(run, labels),
                None => Colors::uniform(layout.nrows(), [128, 128, 128, 255]),
            });
        }
        self.key = key;
    }
}

/// Colours of the clusters; a cluster has the colour of the class it mostly consists of.
fn cluster_colours(run: &RunState, clusters: &[u32]) -> Colors {
    let codes: Vec<Option<u32>> = clusters.iter().map(|&k| Some(k)).collect();
    let count = clusters.iter().max().map_or(0, |&k| k as usize + 1);
    let colours = match &run.dataset.labels {
        Some(labels) => {
            palette::match_to_classes(&labels.codes, labels.classes.len(), &codes, count)
        }
        None => (0..count).collect(),
    };
    let colours: Vec<[u8; 4]> = colours
        .into_iter()
        .map(|c| theme::colour(palette::category(c)).to_array())
        .collect();
    Colors::new(clusters.iter().map(|&k| colours[k as usize]).collect())
}
