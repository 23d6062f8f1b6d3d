//! The sheet of machines that lend a device.

use eframe::egui::{self, Ui};

use crate::{
    app::{AppState, Command},
    document::Edit,
    model::{
        DeviceChoice,
        remote::{KnownServer, RemoteAddress, Token},
    },
    ui::{
        context::Context,
        theme,
        widgets::{form, name},
    },
};

const WIDTH: f32 = 520.0;
/// Room for names and addresses.
const NAMES: f32 = 130.0;
const ADDRESSES: f32 = 200.0;

/// What is typed, while the sheet is open.
#[derive(Default)]
pub(super) struct Servers {
    open: bool,
    address: String,
    name: String,
    /// Never shown, and forgotten with the sheet.
    token: String,
}

impl Servers {
    /// Opens the sheet.
    pub fn open(&mut self) {
        self.open = true;
    }

    /// Shows the sheet, if it is open.
    pub fn show(&mut self, ui: &Ui, context: &mut Context<'_>) {
        if !self.open {
            return;
        }
        let id = egui::Id::unique("servers");
        let sheet = egui::Modal::new(id).show(ui.ctx(), |ui| {
            ui.set_width(WIDTH);
            ui.label(theme::heading("Compute on another machine"));
            let text = "'hdumec serve', typed on a machine with a GPU, lends that GPU to whoever has its token. It prints the address, \
                        and where the token is.";
            ui.add(egui::Label::new(theme::weak(ui, text)).wrap());
            known(ui, context);
            unknown(ui, context);
            ui.add_space(theme::GRID);
            if !context.state.servers.all().is_empty() {
                theme::title(ui, "One more");
            }
            form::row(ui, "Address", "As 'hdumec serve' prints it", |ui| {
                form::field(ui, &mut self.address, "id@192.168.1.5:4733", 320.0)
            });
            form::row(ui, "Token", "The word in the server's token file", |ui| {
                let field = egui::TextEdit::singleline(&mut self.token).password(true);
                ui.add(field.desired_width(320.0))
            });
            form::row(ui, "Name", "What you want to call it", |ui| {
                form::field(ui, &mut self.name, "lab", 320.0)
            });
            let typed = self.typed();
            let free = !context.state.is_changing_servers();
            let nothing = self.address.trim().is_empty() && self.token.is_empty();
            if let (Err(why), false) = (&typed, nothing) {
                ui.add(egui::Label::new(theme::weak(ui, why)).wrap());
            }
            ui.add_space(theme::GRID);
            if theme::primary(ui, "Add and use it", typed.is_ok() && free).clicked()
                && let Ok(server) = typed
            {
                context.ask(Command::AddServer(Box::new(server)));
                *self = Self {
                    open: true,
                    ..Self::default()
                };
            }
            ui.button("Close").clicked()
        });
        if sheet.inner || sheet.should_close() {
            *self = Self::default();
        }
    }

    /// The server that is typed, or what is missing.
    fn typed(&self) -> Result<KnownServer, String> {
        let address = self.address.trim();
        let address = address.strip_prefix("remote:").unwrap_or(address);
        let address: RemoteAddress = address.parse()?;
        let token = Token::new(&self.token).map_err(|error| error.to_string())?;
        let name = match self.name.trim() {
            "" => address.to_string(),
            name => name.to_owned(),
        };
        Ok(KnownServer {
            name,
            address,
            token,
        })
    }
}

/// Devices that are to help and that nobody knows here: of a session of another machine, say.
fn unknown(ui: &mut Ui, context: &mut Context<'_>) {
    let state: &AppState = context.state;
    let known = |choice: &DeviceChoice| {
        let mut all = state.servers.all().iter();
        all.any(|server| *choice == DeviceChoice::Remote(server.name.clone()))
    };
    let also = &state.document.spec.also;
    for choice in also.iter().filter(|choice| !known(choice)) {
        ui.horizontal(|ui| {
            let text = format!("{choice} is to help, and is not known here.");
            ui.add(egui::Label::new(theme::weak(ui, text)).truncate());
            if ui.button("Leave it out").clicked() {
                let mut spec = state.document.spec.clone();
                spec.also.retain(|other| other != choice);
                let edit = Edit::Settings(Box::new(spec));
                context.commands.push(Command::Do(edit));
            }
        });
    }
}

/// Whether a server trains beside the device that is chosen.
fn helps(ui: &mut Ui, context: &mut Context<'_>, name: &str) {
    let spec = &context.state.document.spec;
    let device = DeviceChoice::Remote(name.to_owned());
    let mut helps = spec.also.contains(&device);
    let tip = "Trains starts and models beside the device that is chosen, so that a training takes less time. Where it is of another \
               kind it rounds otherwise, so that the same seed need not come to the same bits";
    let why_not = match (spec.device == device, spec.can_be_helped()) {
        (true, _) => "It is the device that is chosen",
        (false, false) => "By this recipe there is one start and one model: nothing to share",
        (false, true) => "While a training is at work, its devices stay",
    };
    let free = spec.device != device && spec.can_be_helped() && !context.state.is_training();
    let check = ui.add_enabled(free, egui::Checkbox::new(&mut helps, "Helps"));
    let check = check.on_hover_text(tip).on_disabled_hover_text(why_not);
    if check.changed() {
        let mut spec = spec.clone();
        spec.also.retain(|other| *other != device);
        spec.also.extend(helps.then_some(device));
        context.ask(Command::Do(Edit::Settings(Box::new(spec))));
    }
}

/// Those that are known, each with what it last said.
fn known(ui: &mut Ui, context: &mut Context<'_>) {
    let state: &AppState = context.state;
    let servers = &state.servers;
    for server in servers.all() {
        ui.add_space(theme::GRID);
        ui.horizontal(|ui| {
            let place = egui::vec2(NAMES, theme::CONTROL);
            ui.allocate_ui(place, |ui| {
                ui.set_width(NAMES);
                name::show(ui, &server.name, NAMES, |text| text.into());
            });
            let address = server.address.to_string();
            ui.allocate_ui(egui::vec2(ADDRESSES, theme::CONTROL), |ui| {
                ui.set_width(ADDRESSES);
                name::show(ui, &address, ADDRESSES, |text| text.into());
            });
            helps(ui, context, &server.name);
            let free = servers.asking().is_none();
            if ui.add_enabled(free, egui::Button::new("Ask")).clicked() {
                context
                    .commands
                    .push(Command::AskServer(server.name.clone()));
            }
            let tip = "Forget it and its token";
            let idle = !state.is_changing_servers();
            let forget = ui.add_enabled(idle, egui::Button::new("Forget"));
            if forget.on_hover_text(tip).clicked() {
                context
                    .commands
                    .push(Command::ForgetServer(server.name.clone()));
            }
        });
        let said = match &servers.answer {
            Some((of, Ok(takes))) if *of == server.name => {
                format!("It answers in {:.1} ms.", 1e3 * takes.as_secs_f64())
            }
            Some((of, Err(why))) if *of == server.name => why.clone(),
            _ if servers.asking() == Some(server.name.as_str()) => {
                "It is being asked \u{2026}".into()
            }
            _ => continue,
        };
        ui.add(egui::Label::new(theme::weak(ui, said)).wrap());
    }
}
