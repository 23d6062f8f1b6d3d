//! The settings of the next run.

use eframe::egui::{self, Ui};

use super::{parameters, servers::Servers};
use crate::{
    analysis::umap::UmapSpec,
    app::{AppState, Command, Devices, Page, Status},
    data::Labels,
    document::Edit,
    model::DeviceChoice,
    pipeline::{AnalysisSpec, Recipe, Warning},
    ui::{context::Context, pages::step_panel, theme, widgets::form},
};

/// Shows the step panel.
pub(super) fn show(ui: &mut Ui, context: &mut Context<'_>, servers: &mut Servers) {
    let state = context.state;
    let mut spec = state.document.spec.clone();
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
                settings(ui, state, &mut spec, servers, context.commands);
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
            } else {
                let start = theme::primary(ui, "Start training", can_start);
                if start.on_hover_text("Start with these settings").clicked() {
                    context.commands.push(Command::Train);
                }
                quick_look(ui, context, can_start);
            }
        },
    );
    if spec != state.document.spec {
        context.ask(Command::Do(Edit::Settings(Box::new(spec))));
    }
}

/// A way to maps that come sooner.
fn quick_look(ui: &mut Ui, context: &mut Context<'_>, can_start: bool) {
    let quick = context.state.document.spec.quick_look();
    if !quick.is_quick_look() || quick == context.state.document.spec {
        return;
    }
    let takes = context.state.ready_with(&quick);
    let takes = takes.map_or(String::new(), |(_, estimate)| {
        format!("It takes {estimate}. ")
    });
    let tip = format!(
        "{takes}Fewer starts and looks at the data vote, and the uncertainty is rougher: maps to look at while you decide. 'Refine' then \
         runs the whole"
    );
    let button = ui.add_enabled(can_start, egui::Button::new("Quick look"));
    if button.on_hover_text(tip).clicked() {
        context.ask(Command::QuickLook);
    }
}

fn settings(
    ui: &mut Ui,
    state: &AppState,
    spec: &mut AnalysisSpec,
    servers: &mut Servers,
    commands: &mut Vec<Command>,
) {
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
    ui.horizontal(|ui| {
        if !cfg!(feature = "remote") {
            return;
        }
        ui.with_layout(egui::Layout::right_to_left(egui::Align::Center), |ui| {
            let tip = "Compute on the GPU of another machine that lends it";
            let button = ui.button("Another machine\u{2026}").on_hover_text(tip);
            if button.clicked() {
                servers.open();
            }
        });
    });
    let before = spec.recipe;
    form::choice(
        ui,
        "Recipe",
        "Robust: several starts and other looks at the data vote, and stage 2 is gentle and guarded, so that answers agree \
         from seed to seed. Robust 0.2: as it was before, slower on large data. Robust 0.1: the same without the other looks. Published: the recipe of the paper, whose stage 2 can merge clusters",
        &mut spec.recipe,
        &[
            (Recipe::Robust, "robust".into()),
            (Recipe::Robust02, "robust 0.2".into()),
            (Recipe::Robust01, "robust 0.1".into()),
            (Recipe::Published, "published".into()),
        ],
    );
    if spec.recipe != before {
        spec.train = spec.recipe.train();
    }
    theme::title(ui, "Epochs");
    parameters::epochs(ui, spec);
    ui.add_space(theme::GRID);
    let changes = spec.changes();
    let title = match changes.len() {
        0 => "All parameters".to_string(),
        n => format!("All parameters, {n} changed"),
    };
    let all = egui::CollapsingHeader::new(title).id_salt("all parameters");
    let all = all.show(ui, |ui| {
        parameters::all(ui, spec);
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
    let servers = state.servers.all().iter().map(|server| &server.name);
    let chosen = match &state.document.spec.device {
        DeviceChoice::Remote(name) if !servers.clone().any(|known| known == name) => Some(name),
        _ => None,
    };
    for name in servers.chain(chosen) {
        choices.push((DeviceChoice::Remote(name.clone()), format!("on {name}")));
    }
    choices
}
