//! The settings of the next run.

use eframe::egui::{self, Ui};

use crate::{
    analysis::umap::{Initialisation, UmapSpec},
    app::{AppState, Command, Devices, Page, Status},
    data::Labels,
    model::DeviceChoice,
    pipeline::{AnalysisSpec, Recipe, Warning},
    train::TrainSpec,
    ui::{context::Context, pages::step_panel, theme, widgets::form},
};

/// Shows the step panel.
pub(super) fn show(ui: &mut Ui, context: &mut Context<'_>) {
    let state = context.state;
    let mut spec = state.spec.clone();
    let training = state.is_training();
    let ready = state.ready_to_train();
    let can_start = ready.is_ok() && state.loading.is_none();
    step_panel(
        ui,
        Page::Train,
        context,
        |ui, context| {
            ui.label(theme::heading("Training"));
            ui.add_enabled_ui(!training, |ui| {
                settings(ui, state, &mut spec, context.commands);
            });
        },
        |ui, context| {
            let finished = state
                .run
                .as_ref()
                .is_some_and(|run| run.status == Status::Finished);
            if state.run.as_ref().is_some_and(|run| run.can_go_on())
                && ui
                    .button("Continue on the CPU")
                    .on_hover_text("Go on from the last saved epoch, without the GPU")
                    .clicked()
            {
                context.commands.push(Command::ContinueOnCpu);
            }
            // While it trains, it is the run itself that takes what the next one lacks.
            if let (Err(message), false) = (&ready, training) {
                ui.add(
                    egui::Label::new(theme::weak(
                        ui,
                        format!("{} {}", message.text, message.hint),
                    ))
                    .wrap(),
                );
            }
            let samples = state.data.as_ref().map(|data| data.dataset.samples());
            if let (Ok((clusters, estimate)), Some(samples), false) = (&ready, samples, training) {
                let few = Warning::few_samples(samples, *clusters).map(|few| few.to_string());
                for text in few.into_iter().chain([format!("This takes {estimate}.")]) {
                    ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
                }
            }
            if training {
                theme::primary(ui, "Training\u{2026}", false);
            } else if finished {
                if theme::primary(ui, "Look at the maps", true).clicked() {
                    context.commands.push(Command::Show(Page::Explore));
                }
                if ui
                    .add_enabled(can_start, egui::Button::new("Train again"))
                    .on_hover_text("Start anew with these settings")
                    .clicked()
                {
                    context.commands.push(Command::Train);
                }
            } else if theme::primary(ui, "Start training", can_start)
                .on_hover_text("Start with these settings")
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

fn settings(ui: &mut Ui, state: &AppState, spec: &mut AnalysisSpec, commands: &mut Vec<Command>) {
    let labels = state.data.as_ref().and_then(|d| d.dataset.labels.as_ref());
    let classes = labels.and_then(Labels::clusters);
    let most = state
        .data
        .as_ref()
        .map_or(1000, |d| d.dataset.samples.len().clamp(2, 1000));
    let mut clusters = spec.clusters.or(classes).unwrap_or(0);
    let tip = match classes {
        Some(n) => format!("Number of groups to find; the labels have {n} classes"),
        None => "Number of groups to find; there are no labels of two classes to count, so set it"
            .into(),
    };
    let lowest = if classes.is_none() && spec.clusters.is_none() {
        0
    } else {
        2
    };
    if form::number(ui, "Clusters", &tip, &mut clusters, lowest..=most).changed() {
        // One cluster is none: stepping up from the empty field goes straight to two.
        let wanted = (clusters > 0).then_some(clusters.max(2));
        spec.clusters = wanted.filter(|_| wanted != classes);
    }
    ui.horizontal(|ui| {
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let tip = "Try numbers of clusters on the data, without looking at labels";
            let ask = ui.add_enabled(state.data.is_some(), egui::Button::new("How many?"));
            if ask.on_hover_text(tip).clicked() {
                commands.push(Command::Suggest);
            }
        });
    });
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
    let before = spec.recipe;
    form::choice(
        ui,
        "Recipe",
        "Robust: several starts and other looks at the data vote, and stage 2 is gentle and guarded, so that answers agree \
         from seed to seed. Robust 0.1: the same without the other looks, as it was before. Published: the recipe of the paper, whose stage 2 can merge clusters",
        &mut spec.recipe,
        &[
            (Recipe::Robust, "robust".into()),
            (Recipe::Robust01, "robust 0.1".into()),
            (Recipe::Published, "published".into()),
        ],
    );
    if spec.recipe != before {
        spec.train = spec.recipe.train();
    }
    theme::title(ui, "Epochs");
    let names = [
        (
            "Reconstruction",
            "Epochs that learn to reproduce the data, of each start",
        ),
        (
            "Uncertainty",
            "Epochs that learn how noisy each value is, of each model",
        ),
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
    let changes = spec.changes();
    let title = match changes.len() {
        0 => "All parameters".to_string(),
        n => format!("All parameters, {n} changed"),
    };
    let all = egui::CollapsingHeader::new(title).id_salt("all parameters");
    let all = all.show(ui, |ui| {
        train_parameters(ui, &mut spec.train);
        umap_parameters(ui, &mut spec.umap);
        if ui
            .button("Values of the recipe")
            .on_hover_text("Set every parameter back to the value of the recipe")
            .clicked()
        {
            spec.train = spec.recipe.train();
            spec.umap = UmapSpec::default();
        }
    });
    if !changes.is_empty() {
        let tip = format!("Not as in the recipe: {}", changes.join("; "));
        all.header_response.on_hover_text(tip);
    }
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
                DeviceChoice::Named(adapter.info.to_string()),
                adapter.info.to_string(),
            ));
        }
    }
    choices
}

fn train_parameters(ui: &mut Ui, train: &mut TrainSpec) {
    let mut batch = train.batch.unwrap_or(0);
    let tip = "Starts from other weights; with several they vote on the clusters, and the one that shows these most plainly \
               goes on. A handful is too few for votes to even out what is chance: the recipe has 16";
    form::number(ui, "Starts", tip, &mut train.starts, 1..=200);
    if train.starts > 1 {
        let tip = "Samples, drawn at random, that each start is trained on at most";
        let range = 32..=10_000_000;
        form::number(
            ui,
            "Samples of a start",
            tip,
            &mut train.start_samples,
            range,
        );
        let tip = "Clusterings of neighbour graphs, each of another look at the data, that vote beside the starts; 0 for none";
        form::number(ui, "Graph votes", tip, &mut train.graph_votes, 0..=1000);
        let tip = "Data of up to so many samples get four times the graph votes: small data leave more to chance; 0 for never";
        form::number(ui, "Small data", tip, &mut train.small_data, 0..=100_000);
        let tip = "Of the starts, so many learn the uncertainty at most, which is averaged: what one alone takes for clean, others do not";
        form::number(ui, "Models", tip, &mut train.ensemble, 1..=200);
    }
    let tip = "Whether the uncertainty learns without changing the embedding, and is fitted to each sample";
    form::row(ui, "Uncertainty apart", tip, |ui| {
        ui.checkbox(&mut train.faithful, "")
    });
    let tip = "Whether values that are missing in the files are left out of the losses; else the mean of each feature is learned there";
    form::row(ui, "Masked", tip, |ui| ui.checkbox(&mut train.masked, ""));
    let tip = "Share of the samples (of up to 10,000) held out to find out how long to learn the uncertainty; 0 takes all epochs";
    form::number(ui, "Held out", tip, &mut train.held_out, 0.0..=0.5);
    let tip = "Share of the samples held out that is passed over at either end, so that no outlier decides; 0 counts all";
    form::number(
        ui,
        "Held out, trimmed",
        tip,
        &mut train.held_out_trim,
        0.0..=0.4,
    );
    let mut weight = train.clustering_weight.unwrap_or(0.0);
    let tip = "Weight of the clustering beside the reconstruction that stage 2 keeps; 0 clusters alone, as published";
    if form::number(ui, "Cluster weight", tip, &mut weight, 0.0..=1000.0).changed() {
        train.clustering_weight = (weight > 0.0).then_some(weight);
    }
    let tip = "Whether stage 2 goes back to its last sound epoch before a cluster is lost";
    form::row(ui, "Guard", tip, |ui| ui.checkbox(&mut train.guard, ""));
    let tip = "Samples of a training step; 0 takes all at once, as published";
    if form::number(ui, "Batch", tip, &mut batch, 0..=10_000_000).changed() {
        train.batch = (batch > 0).then_some(batch);
    }
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
        "Converged when a smaller share of samples changes cluster; 0 never stops early",
        &mut train.tolerance,
        0.0..=1.0,
    );
    let tip = "Epochs, one after the other, in which so few samples change cluster";
    form::number(ui, "Patience", tip, &mut train.patience, 1..=1000);
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
    let mut epochs = umap.epochs.unwrap_or(0);
    let tip = "UMAP: iterations of the layout; 0 is automatic: 500, or 200 above 10,000 samples";
    if form::number(ui, "Iterations", tip, &mut epochs, 0..=10_000).changed() {
        umap.epochs = (epochs > 0).then_some(epochs);
    }
    form::number(
        ui,
        "Repulsions",
        "UMAP: random samples that each sample is pushed from, per attraction",
        &mut umap.negative_samples,
        0..=100,
    );
    form::number(
        ui,
        "Step",
        "UMAP: learning rate of the layout",
        &mut umap.learning_rate,
        0.01..=10.0,
    );
    form::choice(
        ui,
        "Start",
        "UMAP: where the layout begins",
        &mut umap.initialisation,
        &[
            (Initialisation::Spectral, "spectral".into()),
            (Initialisation::Pca, "PCA".into()),
        ],
    );
}
