//! What a page may see and ask for.

use super::dialog::Dialogs;
use crate::app::{AppState, Command};

/// Read-only state in, commands out.
pub(crate) struct Context<'a> {
    pub state: &'a AppState,
    pub dialogs: &'a mut Dialogs,
    pub commands: &'a mut Vec<Command>,
}

impl Context<'_> {
    /// Asks for something.
    pub fn ask(&mut self, command: Command) {
        self.commands.push(command);
    }
}
