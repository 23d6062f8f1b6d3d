//! Machines that lend a device, as the window sees them.

use std::{path::PathBuf, time::Duration};

use super::AppState;
use crate::{
    document::Edit,
    error::Error,
    job::{CancelToken, EventSink, JobOutcome},
    model::{
        DeviceChoice, DeviceError,
        remote::{KnownServer, KnownServers, connect_to},
    },
    pipeline::AnalysisSpec,
};

/// The servers that the user knows.
#[derive(Debug, Default)]
pub struct Servers {
    known: KnownServers,
    /// Their file; nothing is kept where there is none.
    path: Option<PathBuf>,
    /// What the last one said that was asked: its name, and how long it takes to answer or why it does not.
    pub answer: Option<(String, Result<Duration, String>)>,
    /// The one that is being asked.
    asking: Option<String>,
    /// The one that is to be used once it is kept.
    adding: Option<String>,
}

impl Servers {
    /// Those in a file.
    ///
    /// # Errors
    /// If it cannot be read.
    pub fn load(path: PathBuf) -> std::io::Result<Self> {
        Ok(Self {
            known: KnownServers::load(&path)?,
            path: Some(path),
            ..Self::default()
        })
    }

    /// All of them.
    pub fn all(&self) -> &[KnownServer] {
        self.known.all()
    }

    /// The one that is being asked.
    pub fn asking(&self) -> Option<&str> {
        self.asking.as_deref()
    }
}

impl AppState {
    /// Knows a server from now on, computes on it, and asks whether it answers.
    pub(super) fn add_server(&mut self, server: KnownServer) {
        if self.is_changing_servers() {
            return;
        }
        self.servers.adding = Some(server.name.clone());
        self.change_servers(move |known| known.add(server));
    }

    pub(super) fn forget_server(&mut self, name: &str) {
        if self.is_changing_servers() {
            return;
        }
        let answer = self.servers.answer.take();
        self.servers.answer = answer.filter(|(of, _)| of != name);
        let forgotten = name.to_owned();
        self.change_servers(move |known| _ = known.remove(&forgotten));
        let device = DeviceChoice::Remote(name.to_owned());
        let mut spec = self.document.spec.clone();
        spec.also.retain(|other| *other != device);
        if spec.device == device {
            spec.device = DeviceChoice::Auto;
        }
        if spec != self.document.spec {
            self.edit(Edit::Settings(Box::new(spec)));
        }
    }

    /// Whether the list is being changed: one change is made at a time, and the sheet offers no other meanwhile.
    pub fn is_changing_servers(&self) -> bool {
        self.tasks.servers.is_busy()
    }

    /// Changes the list and its file.
    fn change_servers(&mut self, change: impl FnOnce(&mut KnownServers) + Send + 'static) {
        let (path, mut known) = (self.servers.path.clone(), self.servers.known.clone());
        let work = move |_: &EventSink<()>, _: &CancelToken| match path {
            Some(path) => KnownServers::change(&path, change).map_err(|error| {
                Error::from(DeviceError::Servers {
                    reason: error.to_string(),
                })
            }),
            None => {
                change(&mut known);
                Ok(known)
            }
        };
        let wake = self.waker();
        self.tasks.servers.start("servers", wake, work);
    }

    /// Asks a server whether it answers; one at a time.
    pub(super) fn ask_server(&mut self, name: &str) {
        let server = self.servers.all().iter().find(|server| server.name == name);
        let Some(server) = server.cloned() else {
            return;
        };
        self.tasks.server.forget();
        let ask = move |_: &EventSink<()>, cancel: &CancelToken| {
            let (_, takes) = connect_to(&server, cancel)?;
            Ok(takes)
        };
        let wake = self.waker();
        self.tasks.server.start("server", wake, ask);
        self.servers.answer = None;
        self.servers.asking = Some(name.to_owned());
    }

    pub(super) fn drain_servers(&mut self) {
        if let Some(outcome) = self.tasks.servers.drain(|()| {}) {
            let adding = self.servers.adding.take();
            if let Some(known) = self.found(outcome, "") {
                self.servers.known = known;
                if let Some(name) = adding {
                    self.use_server(name);
                }
            }
        }
        let Some(outcome) = self.tasks.server.drain(|()| {}) else {
            return;
        };
        let Some(name) = self.servers.asking.take() else {
            return;
        };
        let answer = match outcome {
            JobOutcome::Finished(takes) => Ok(takes),
            JobOutcome::Failed(error) => {
                let message = error.message();
                Err(format!("{} {}", message.text, message.hint))
            }
            JobOutcome::Panicked(why) => Err(why),
            JobOutcome::Cancelled => return,
        };
        self.servers.answer = Some((name, answer));
    }

    fn use_server(&mut self, name: String) {
        self.ask_server(&name);
        let device = DeviceChoice::Remote(name);
        let mut spec = AnalysisSpec {
            device: device.clone(),
            ..self.document.spec.clone()
        };
        spec.also.retain(|other| *other != device);
        self.edit(Edit::Settings(Box::new(spec)));
    }
}
