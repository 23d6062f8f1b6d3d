//! Settings that outlast the window, in a file.

use std::{io, path::PathBuf};

use crate::{
    app::Settings,
    job::{Cancelled, EventSink, JobOutcome, Task},
};

/// The file of the settings, and what it holds.
pub(super) struct Remembered {
    /// None where nothing is kept.
    path: Option<PathBuf>,
    saved: Settings,
    /// A worker that writes: a disk may be slow.
    saving: Task<(), io::Result<()>, Cancelled>,
    /// Whether the user knows that they cannot be written.
    told: bool,
}

impl Remembered {
    /// The file that holds these, if any are kept.
    pub fn new(path: Option<PathBuf>, saved: Settings) -> Self {
        Self {
            path,
            saved,
            saving: Task::default(),
            told: false,
        }
    }

    /// Has a worker write settings that changed, one after the other. Gives why it could not, but only once: a disk may stay full.
    pub fn save(&mut self, settings: &Settings) -> Option<String> {
        let why = match self.saving.drain(|()| {}) {
            None if self.saving.is_busy() => return None,
            Some(JobOutcome::Finished(Err(error))) => Some(error.to_string()),
            Some(JobOutcome::Panicked(why)) => Some(why),
            _ => None,
        };
        let news = why.filter(|_| !self.told);
        self.told |= news.is_some();
        if let Some(path) = self.path.clone().filter(|_| *settings != self.saved) {
            self.saved = settings.clone();
            let settings = settings.clone();
            let save = move |_: &EventSink<()>, _: &_| Ok(settings.save(&path));
            self.saving.start("settings", || {}, save);
        }
        news
    }

    /// Writes settings that are not in the file yet, and waits for it.
    pub fn finish(&self, settings: &Settings) {
        if let Some(path) = &self.path
            && (self.saving.is_busy() || *settings != self.saved)
            && let Err(error) = settings.save(path)
        {
            tracing::warn!("settings could not be saved: {error}");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::Theme;

    #[test]
    fn settings_that_cannot_be_saved_are_told_once() {
        let folder = tempfile::tempdir().unwrap();
        // A file stands where a folder would have to be.
        let file = folder.path().join("file");
        std::fs::write(&file, "").unwrap();
        let mut settings = Settings::default();
        let mut remembered = Remembered::new(Some(file.join("settings.json")), settings.clone());
        let mut told = Vec::new();
        for theme in [Theme::Dark, Theme::Light, Theme::Dark] {
            settings.theme = theme;
            told.extend(remembered.save(&settings));
            while remembered.saving.is_busy() {
                told.extend(remembered.save(&settings));
            }
        }
        assert_eq!(told.len(), 1, "{told:?}");
        let path = folder.path().join("settings.json");
        let mut remembered = Remembered::new(Some(path.clone()), Settings::default());
        assert_eq!(remembered.save(&settings), None);
        while remembered.saving.is_busy() {
            assert_eq!(remembered.save(&settings), None);
        }
        assert_eq!(Settings::load(&path).unwrap(), settings);
    }
}
