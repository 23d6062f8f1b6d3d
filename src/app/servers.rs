//! Machines that lend a device, as the window sees them.

use std::{path::PathBuf, time::Duration};

use super::AppState;
use crate::{
    document::Edit,
    error::Error,
    job::{CancelToken, EventSink, JobOutcome},
    model::{
        DeviceChoice,
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
        let name = server.name.clone();
        self.servers.known.add(server);
        if self.keep_servers() {
            self.edit(Edit::Settings(Box::new(AnalysisSpec {
                device: DeviceChoice::Remote(name.clone()),
                ..self.document.spec.clone()
            })));
            self.ask_server(&name);
        }
    }

    pub(super) fn forget_server(&mut self, name: &str) {
        self.servers.known.remove(name);
        let answer = self.servers.answer.take();
        self.servers.answer = answer.filter(|(of, _)| of != name);
        self.keep_servers();
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

    fn keep_servers(&mut self) -> bool {
        let Some(path) = self.servers.path.clone() else {
            return true;
        };
        let kept = self.servers.known.save(&path);
        let kept = kept.map_err(|source| Error::Write { path, source });
        kept.inspect_err(|error| self.problem(error)).is_ok()
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
        match self.tasks.server.start("server", wake, ask) {
            Ok(()) => {
                self.servers.answer = None;
                self.servers.asking = Some(name.to_owned());
            }
            Err(error) => self.thread_failed(&error),
        }
    }

    pub(super) fn drain_server(&mut self) {
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
}
