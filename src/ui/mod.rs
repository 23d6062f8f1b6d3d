//! The window: drains the workers in `logic`, paints in `ui`, and answers with commands.

mod bidi;
mod context;
mod dialog;
mod fonts;
mod help;
mod later;
mod menu;
mod notices;
mod pace;
mod pages;
mod remembered;
pub mod scatter;
mod session;
mod shell;
mod suggestion;
mod theme;
mod widgets;

use std::{path::PathBuf, sync::Arc};

use eframe::egui;

use crate::{
    app::{AppState, Command, Page, Servers, Settings, Source, Then},
    data::demo::DemoSpec,
    job::{Cancelled, JobHandle},
    model::remote::SERVERS,
};
use context::Context;
use dialog::Dialogs;
use pages::Pages;
use remembered::Remembered;
use session::SaveSheet;

/// Opens the window and runs until it is closed; the reason where there is no display.
pub fn open(demo: bool, paths: Vec<PathBuf>) -> Result<(), String> {
    if cfg!(target_os = "linux")
        && std::env::var_os("DISPLAY").is_none()
        && std::env::var_os("WAYLAND_DISPLAY").is_none()
    {
        return Err("there is no display".into());
    }
    let options = eframe::NativeOptions {
        viewport: egui::ViewportBuilder::default()
            .with_title("hdumec")
            .with_app_id("hdumec")
            .with_icon(icon())
            .with_inner_size([1280.0, 800.0])
            .with_min_inner_size([720.0, 480.0])
            .with_drag_and_drop(true),
        renderer: eframe::Renderer::Wgpu,
        ..Default::default()
    };
    let start = move |creation: &eframe::CreationContext<'_>| {
        pace::notice(&creation.egui_ctx, creation.wgpu_render_state.as_ref());
        scatter::install(&creation.egui_ctx, creation.wgpu_render_state.as_ref());
        Ok(Box::new(HdumecApp::new(
            &creation.egui_ctx,
            Settings::path(),
            demo,
            paths,
        )) as Box<dyn eframe::App>)
    };
    eframe::run_native("hdumec", options, Box::new(start)).map_err(|error| error.to_string())
}

/// The icon of the window; none where it cannot be read.
fn icon() -> egui::IconData {
    let png = include_bytes!("../../assets/hdumec-64.png");
    let read = crate::figure::png::decoded(png);
    let read = read.inspect_err(|error| tracing::warn!("{error}"));
    let ([width, height], rgba) = read.unwrap_or_default();
    egui::IconData {
        rgba,
        width,
        height,
    }
}

/// The application as eframe runs it.
pub struct HdumecApp {
    state: AppState,
    remembered: Remembered,
    pages: Pages,
    dialogs: Dialogs,
    commands: Vec<Command>,
    help: bool,
    save: SaveSheet,
    /// Presses of the pointer so far: each begins a gesture.
    presses: u64,
    title: String,
    /// Number of clusters picked among those suggested.
    picked: Option<usize>,
    probed: bool,
    /// Held while fonts are looked for.
    _fonts: Option<JobHandle<(), (), Cancelled>>,
}

impl HdumecApp {
    /// The application with settings from `settings_path` (none are kept without one), opening
    /// the demo or some paths at once.
    pub fn new(
        ctx: &egui::Context,
        settings_path: Option<PathBuf>,
        demo: bool,
        paths: Vec<PathBuf>,
    ) -> Self {
        let mut trouble = None;
        let settings = settings_path
            .as_deref()
            .map(Settings::load)
            .unwrap_or_else(|| Ok(Settings::default()))
            .unwrap_or_else(|error| {
                trouble = Some(error.to_string());
                Settings::default()
            });
        theme::install(ctx);
        let repaint = ctx.clone();
        let mut state = AppState::new(
            settings,
            Arc::new(move || repaint.request_repaint_after(pace::frame(&repaint))),
        );
        let servers = settings_path
            .as_deref()
            .map(|path| path.with_file_name(SERVERS));
        match servers.map(Servers::load).transpose() {
            Ok(servers) => state.servers = servers.unwrap_or_default(),
            Err(error) => state.apply(Command::Tell {
                title: "The list of other machines could not be read".into(),
                text: error.to_string(),
            }),
        }
        if let Some(text) = trouble {
            state.apply(Command::Tell {
                title: "The remembered settings could not be read".into(),
                text: format!("Defaults are used instead ({text})."),
            });
        }
        if demo {
            state.apply(Command::Open {
                source: Source::Demo(DemoSpec::default()),
                then: Then::MapsFirst,
            });
        } else if !paths.is_empty() {
            state.apply(Command::Open {
                source: Source::files(paths),
                then: Then::Nothing,
            });
        }
        Self {
            remembered: Remembered::new(settings_path, state.settings.clone()),
            state,
            pages: Pages::default(),
            dialogs: Dialogs::default(),
            commands: Vec::new(),
            help: false,
            save: SaveSheet::default(),
            presses: 0,
            title: String::new(),
            picked: None,
            probed: false,
            _fonts: None,
        }
    }

    /// What the window shows.
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Carries out a command, as a page's would be.
    pub fn apply(&mut self, command: Command) {
        self.state.apply(command);
    }

    fn take_drops(&mut self, ctx: &egui::Context) {
        let dropped: Vec<PathBuf> = ctx.input(|input| {
            input
                .raw
                .dropped_files
                .iter()
                .map(|file| file.path().to_path_buf())
                .collect()
        });
        if !dropped.is_empty() {
            self.commands.push(Command::Open {
                source: Source::files(dropped),
                then: Then::Nothing,
            });
        }
    }

    fn take_keys(&mut self, ctx: &egui::Context) {
        use egui::{Key, Modifiers};
        let pressed = |modifiers: Modifiers, key: Key| {
            ctx.input_mut(|input| input.consume_key(modifiers, key))
        };
        if pressed(Modifiers::NONE, Key::F1) {
            self.help = !self.help;
        }
        if self.help && pressed(Modifiers::NONE, Key::Escape) {
            self.help = false;
        }
        // While an outline is drawn, Escape drops it.
        let down = ctx.input(|input| input.pointer.any_down());
        let drawing = down || scatter::is_drawing(ctx);
        if let Some(last) = self.state.notices.last()
            && !drawing
            && pressed(Modifiers::NONE, Key::Escape)
        {
            self.commands.push(Command::Dismiss(last.id));
        }
        let numbers = [
            Key::Num1,
            Key::Num2,
            Key::Num3,
            Key::Num4,
            Key::Num5,
            Key::Num6,
            Key::Num7,
        ];
        for (page, key) in Page::ALL.into_iter().zip(numbers) {
            if pressed(Modifiers::COMMAND, key) {
                self.commands.push(Command::Show(page));
            }
        }
        if pressed(Modifiers::COMMAND | Modifiers::SHIFT, Key::O) {
            self.dialogs.open_folder(ctx);
        }
        if pressed(Modifiers::COMMAND, Key::O) {
            self.dialogs.open_files(ctx);
        }
        if pressed(Modifiers::COMMAND, Key::Period) {
            self.commands.push(Command::Cancel);
        }
        if pressed(Modifiers::COMMAND | Modifiers::SHIFT, Key::S) && self.state.has_work() {
            self.save.open(&self.state);
        }
        if pressed(Modifiers::COMMAND, Key::S) && self.state.has_work() {
            self.save.save(&self.state, &mut self.commands);
        }
        // A text that is being edited has steps of its own.
        if ctx.text_edit_focused() {
            return;
        }
        if pressed(Modifiers::COMMAND | Modifiers::SHIFT, Key::Z)
            || pressed(Modifiers::COMMAND, Key::Y)
        {
            self.commands.push(Command::Redo(1));
        }
        if pressed(Modifiers::COMMAND, Key::Z) {
            self.commands.push(Command::Undo(1));
        }
    }

    /// The drag, or the text, that edits of this frame belong to, if it may still go on.
    fn gesture(&mut self, ctx: &egui::Context) -> Option<u64> {
        let (pressed, held) = ctx.input(|input| {
            let pointer = &input.pointer;
            (
                pointer.any_pressed(),
                pointer.any_down() || pointer.any_released(),
            )
        });
        self.presses += u64::from(pressed);
        (held || ctx.text_edit_focused()).then_some(self.presses)
    }

    /// The window is called after the data, with a mark where something is not saved.
    fn retitle(&mut self, ctx: &egui::Context) {
        let data = self.state.data.as_ref();
        let mark = if menu::is_unsaved(&self.state) {
            "\u{2022} "
        } else {
            ""
        };
        let title = match data {
            Some(data) => format!("{mark}{} \u{2013} hdumec", data.dataset.name),
            None => "hdumec".into(),
        };
        if title != self.title {
            ctx.send_viewport_cmd(egui::ViewportCommand::Title(title.clone()));
            self.title = title;
        }
    }

    /// Settings that changed outlast the window.
    fn save_settings(&mut self) {
        if let Some(why) = self.remembered.save(&self.state.settings) {
            self.state.apply(Command::Tell {
                title: "The settings could not be saved".into(),
                text: format!("They hold until the window is closed ({why})."),
            });
        }
    }
}

impl eframe::App for HdumecApp {
    fn logic(&mut self, ctx: &egui::Context, _frame: &mut eframe::Frame) {
        if !self.probed {
            // After the window is up: neither a slow driver nor many fonts must hold it back.
            self.probed = true;
            self.state.probe_devices();
            self.state.look_for_left_runs();
            self._fonts = Some(fonts::find(ctx));
        }
        self.state.drain();
        self.dialogs.drain(&mut self.commands);
        if let Some(text) = later::failure(ctx) {
            self.commands.push(Command::Tell {
                title: "Something could not be drawn".into(),
                text,
            });
        }
        self.take_drops(ctx);
        self.take_keys(ctx);
        if ctx.input(|input| input.viewport().close_requested()) && !self.state.closing {
            ctx.send_viewport_cmd(egui::ViewportCommand::CancelClose);
            self.commands.push(Command::Close);
        }
        for command in std::mem::take(&mut self.commands) {
            self.state.apply(command);
        }
        if let Some(path) = self.state.looking_for.take() {
            self.dialogs.look_for_data(ctx, path);
        }
        if self.state.closing {
            ctx.send_viewport_cmd(egui::ViewportCommand::Close);
        }
        self.retitle(ctx);
        theme::choose(ctx, self.state.settings.theme);
        self.save_settings();
        if self.state.is_busy() || self.dialogs.is_open() {
            let held = self.state.is_held() && !self.dialogs.is_open();
            ctx.request_repaint_after(if held { pace::HELD } else { pace::frame(ctx) });
        }
    }

    fn ui(&mut self, ui: &mut egui::Ui, _frame: &mut eframe::Frame) {
        let mut context = Context {
            state: &self.state,
            dialogs: &mut self.dialogs,
            commands: &mut self.commands,
        };
        shell::top(ui, &mut context, &mut self.help, &mut self.save);
        shell::bottom(ui, &mut context);
        self.pages.show(ui, &mut context);
        notices::show(ui, &mut context);
        shell::drop_hint(ui);
        if self.help {
            help::show(ui.ctx(), &mut self.help);
        }
        let (state, picked) = (&self.state, &mut self.picked);
        suggestion::show(ui.ctx(), state, picked, &mut self.commands);
        self.save
            .show(ui.ctx(), state, &mut self.dialogs, &mut self.commands);
        self.state.gesture = self.gesture(ui.ctx());
        theme::focus_ring(ui.ctx());
        if !self.commands.is_empty() {
            ui.ctx().request_repaint();
        }
    }

    fn on_exit(&mut self) {
        self.remembered.finish(&self.state.settings);
        self.state.apply(Command::Cancel);
        self.state.end();
        if self.state.is_busy() || self.dialogs.is_open() {
            // A step on the CPU may take seconds, a driver or a system dialog for ever; nothing
            // they could still do is wanted.
            std::process::exit(0);
        }
    }
}
