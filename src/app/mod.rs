//! The window's state and how it changes. Knows neither egui nor Burn: the pages read an
//! [`AppState`] and answer with [`Command`]s, and [`AppState::apply`] is the only way in.

mod checking;
mod command;
mod comparing;
mod describing;
mod drain;
mod editing;
mod opening;
mod preview;
mod refining;
mod replay;
mod resuming;
mod run;
mod servers;
mod sessions;
mod settings;
mod stake;
mod state;
mod suggestion;
mod tasks;
mod train_on;
mod training;
mod update;

pub use crate::document::{LoadedData, Page};
pub use crate::io::Source;
pub use checking::Checking;
pub use command::{Command, Then};
pub use comparing::Comparing;
pub use preview::{Preview, Previewed};
pub use replay::{Frame, Replay};
pub use run::{RunState, Status};
pub use servers::Servers;
pub use sessions::SessionFile;
pub use settings::{Recent, Settings, Theme};
pub use state::{AppState, Devices, Notice, NoticeKind, Saved, SavedAs, Until};
pub use suggestion::Suggestion;
