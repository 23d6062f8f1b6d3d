//! The session's file, and what is kept of work that was not saved.

use std::{
    path::PathBuf,
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use super::{AppState, Command, NoticeKind, Page, Source, Until, opening};
use crate::{
    document::{
        Document, History, RunId, Shelf,
        autosave::{AboutSession, Autosave, LeftSession},
        session,
    },
    error::{Error, UserMessage},
    job::{CancelToken, EventSink, JobOutcome},
    pipeline::AnalysisResult,
};

/// Time between two autosaves.
const EVERY: Duration = Duration::from_secs(1);

/// How long the end of the process waits for one.
const AT_THE_END: Duration = Duration::from_secs(3);

/// The file of the session, and what was written into it last.
#[derive(Debug, Default)]
pub struct SessionFile {
    /// The file, once there is one.
    pub path: Option<PathBuf>,
    /// Whether it carries the files of the data.
    pub carries: bool,
    written: Option<Written>,
    /// Where it is being written to.
    saving: Option<(PathBuf, bool)>,
}

/// What is kept of the session should the window be killed.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Its files, once there is something to keep.
    files: Option<Arc<Autosave>>,
    written: Option<Written>,
    last: Option<Instant>,
    /// Whether nothing can be kept.
    failed: bool,
}

/// What was written.
#[derive(Clone, Debug)]
pub(super) struct Written {
    page: Page,
    document: Document,
    results: Vec<(RunId, Weak<AnalysisResult>)>,
}

impl Written {
    fn of(state: &AppState) -> Self {
        let runs = state.document.runs.iter();
        let result = |id| state.shelf.result(id).map(Arc::downgrade);
        Self {
            page: state.page,
            document: state.document.clone(),
            results: runs
                .filter_map(|run| Some((run.id, result(run.id)?)))
                .collect(),
        }
    }

    /// Whether it has these results of a run.
    fn has(&self, run: RunId, result: &Arc<AnalysisResult>) -> bool {
        let same =
            |written: &Weak<AnalysisResult>| std::ptr::eq(written.as_ptr(), Arc::as_ptr(result));
        self.results
            .iter()
            .any(|(id, written)| *id == run && same(written))
    }

    /// Whether it has the results of all runs of a document.
    fn has_all(&self, document: &Document, shelf: &Shelf) -> bool {
        let has = |id| shelf.result(id).is_none_or(|result| self.has(id, result));
        self.document.data == document.data && document.runs.iter().all(|run| has(run.id))
    }
}

impl SessionFile {
    /// Whether the results of a run are in it as they stand.
    pub(super) fn has(&self, run: RunId, result: &Arc<AnalysisResult>) -> bool {
        let written = self.written.as_ref();
        written.is_some_and(|written| written.has(run, result))
    }
}

impl AppState {
    /// Whether the session's file has everything as it stands.
    pub fn session_is_saved(&self) -> bool {
        let written = self.session.written.as_ref();
        written.is_some_and(|written| {
            written.document == self.document && written.has_all(&self.document, &self.shelf)
        })
    }

    /// Whether there is something that a session would keep.
    pub fn has_work(&self) -> bool {
        !self.document.runs.is_empty() || !self.document.steps.is_empty()
    }

    /// Whether the session's file is being written.
    pub fn is_saving_session(&self) -> bool {
        self.tasks.session.is_busy()
    }

    pub(super) fn save_session(&mut self, file: PathBuf, carry: bool, replace: bool) {
        if self.is_saving_session() {
            return;
        }
        self.forget_problems();
        let own = self.session.path.as_ref() == Some(&file);
        let written = Written::of(self);
        let (path, page) = (file.clone(), self.page);
        let (document, shelf) = (self.document.clone(), self.shelf.clone());
        let save = move |_: &EventSink<()>, _: &CancelToken| {
            if !own && !replace && path.exists() {
                return Err(Error::Exists(path));
            }
            match session::write(&path, page, &document, &shelf, carry) {
                Ok(()) => Ok(written),
                Err(source) => Err(Error::Write { path, source }),
            }
        };
        let wake = self.waker();
        self.tasks.session.start("session", wake, save);
        self.session.saving = Some((file, carry));
    }

    pub(super) fn drain_session(&mut self) {
        let Some(outcome) = self.tasks.session.drain(|()| {}) else {
            return;
        };
        let Some((file, carry)) = self.session.saving.take() else {
            return;
        };
        let close = std::mem::take(&mut self.close_when_saved);
        match outcome {
            JobOutcome::Finished(written) => {
                self.session.path = Some(file.clone());
                self.session.carries = carry;
                self.session.written = Some(written);
                self.forget_resting_of_saved();
                if let Some(data) = self.data.clone() {
                    self.remember(&Source::files(vec![file]), false, &data);
                }
                if close {
                    self.notices.retain(|n| !n.asks_to_close());
                    self.apply(Command::Close);
                }
            }
            JobOutcome::Cancelled => {}
            JobOutcome::Failed(Error::Exists(file)) => {
                let message = UserMessage::new(
                    "There is a file of that name already",
                    format!("'{}' would be replaced.", file.display()),
                    "Choose another name, or replace it.",
                );
                let replace = Command::SaveSession {
                    file,
                    carry,
                    replace: true,
                };
                self.notify(NoticeKind::Question, message, Some(("Replace", replace)));
            }
            JobOutcome::Failed(error) => {
                let message = UserMessage {
                    title: "The session could not be saved".into(),
                    ..error.message()
                };
                self.notify(NoticeKind::Problem, message, None);
            }
            JobOutcome::Panicked(message) => self.problem(&Error::Panicked(message)),
        }
    }

    /// Takes over a session that was opened from a file, in the place of what is open.
    pub(super) fn take_session(&mut self, opened: session::Opened, source: Option<&Source>) {
        let session::Opened {
            page,
            document,
            shelf,
            changed,
        } = opened;
        self.forget_resting();
        self.forget_checking();
        self.forget_comparing();
        self.history = History::default();
        (self.document, self.shelf, self.run) = (document, shelf, None);
        self.saved.clear();
        self.follow();
        self.page = page;
        if self.page_is_open(page).is_err() {
            self.page = Page::Data;
        }
        self.session = SessionFile::default();
        if let (Some(Source::Files(spec)), None) = (source, &self.recovering)
            && let Some(path) = spec.paths.first()
        {
            self.session.path = Some(path.clone());
            let mut data = self.data.iter();
            self.session.carries = data.any(|data| data.unpacked.is_some());
            self.session.written = Some(Written::of(self));
        }
        if let Some((files, left)) = self.recovering.take() {
            // Those files are this window's from now on.
            self.forget_kept();
            self.session.path = left.about.path;
            self.kept = Kept {
                files: Some(files),
                ..Kept::default()
            };
        } else if let (Some(source), Some(data)) = (source, self.data.clone()) {
            self.remember(source, false, &data);
        }
        self.forget_problems();
        self.forget(Until::NextRun);
        if !changed.is_empty() {
            self.tell_of_changed_data();
        }
        self.offer_left_run();
    }

    /// Opens what a window that was killed has left.
    pub(super) fn recover(&mut self, left: LeftSession, moved_to: Vec<PathBuf>) {
        if self.tasks.load.is_busy() || self.is_training() {
            return;
        }
        let files = match Autosave::adopt(&left) {
            Ok(Some(files)) => Arc::new(files),
            Ok(None) | Err(_) => {
                let message = UserMessage::new(
                    "Another window has it",
                    "That session is open in another window of hdumec.",
                    "",
                );
                self.notify(NoticeKind::Info, message, None);
                return;
            }
        };
        self.forget(Until::Opened);
        let wanted = opening::Wanted {
            source: Source::files(Vec::new()),
            known: true,
            model: None,
            present: self.data.clone(),
            moved_to,
            runs: Vec::new(),
        };
        let session = left.clone();
        let load = move |_: &EventSink<()>, cancel: &CancelToken| {
            opening::session_at(session.file(), session.read(), &wanted, cancel)
        };
        let wake = self.waker();
        self.tasks.load.start("load", wake, load);
        self.loading = Some(Source::files(Vec::new()));
        self.recovering = Some((files, left));
    }

    /// Keeps what was made since the last time, should the window be killed. Called once a frame.
    pub(super) fn autosave(&mut self) {
        match self.tasks.keep.drain(|()| {}) {
            Some(JobOutcome::Finished(Ok((files, written)))) => {
                self.kept.files = Some(files);
                self.kept.written = Some(written);
                self.forget_resting_of_saved();
            }
            Some(JobOutcome::Finished(Err(error))) => self.cannot_keep(&error.to_string()),
            Some(JobOutcome::Panicked(why)) => self.cannot_keep(&why),
            Some(JobOutcome::Cancelled | JobOutcome::Failed(_)) | None => {}
        }
        // What the session's file has is not kept a second time.
        if self.kept.written.is_some() && (!self.has_work() || self.session_is_saved()) {
            self.kept.written = None;
            self.forget_kept();
        }
        let Some(whole) = self.unkept() else { return };
        let recent = self.kept.last.is_some_and(|last| last.elapsed() < EVERY);
        if self.tasks.keep.is_busy() || self.gesture.is_some() || recent {
            return;
        }
        let Some(folder) = self.settings.autosaves() else {
            return self.cannot_keep("this user has no folder for data");
        };
        let written = Written::of(self);
        let about = AboutSession {
            name: self
                .data
                .as_ref()
                .map_or_else(String::new, |data| data.dataset.name.clone()),
            runs: self.document.runs.len(),
            path: self.session.path.clone(),
        };
        let (page, document, shelf) = (self.page, self.document.clone(), self.shelf.clone());
        let files = self.kept.files.clone();
        let keep = move |_: &EventSink<()>, _: &CancelToken| {
            let write = || {
                let files = match files {
                    Some(files) => files,
                    None => Arc::new(folder.take()?),
                };
                match whole {
                    true => files.write(&about, page, &document, &shelf)?,
                    false => files.write_document(page, &document)?,
                }
                Ok((files, written))
            };
            Ok(write())
        };
        self.kept.last = Some(Instant::now());
        let wake = self.waker();
        self.tasks.keep.start("autosave", wake, keep);
    }

    /// Whether the results of a run are kept as they stand.
    pub(super) fn is_kept(&self, run: RunId) -> bool {
        let written = self.kept.written.as_ref();
        let result = self.shelf.result(run);
        written
            .zip(result)
            .is_some_and(|(written, result)| written.has(run, result))
    }

    /// Whether something is still to be kept: all of it, or only the document.
    fn unkept(&self) -> Option<bool> {
        let wanted = self.settings.keeps_work() && !self.kept.failed && !self.closing;
        if !wanted || !self.has_work() || self.session_is_saved() {
            return None;
        }
        let known = self.kept.written.as_ref();
        let same = known.filter(|known| known.has_all(&self.document, &self.shelf));
        match same {
            None => Some(true),
            Some(known) if known.document == self.document && known.page == self.page => None,
            Some(_) => Some(false),
        }
    }

    /// Whether what was made is being kept, or will be in a moment.
    pub(super) fn is_keeping(&self) -> bool {
        self.tasks.keep.is_busy() || self.unkept().is_some()
    }

    /// Told once: without it, the window works as ever.
    fn cannot_keep(&mut self, why: &str) {
        self.kept.failed = true;
        let message = UserMessage::new(
            "Unsaved work is not kept",
            format!("Should this window be killed, what is not saved is lost: {why}."),
            "Save the session with Ctrl+S.",
        );
        self.notify(NoticeKind::Info, message, None);
    }

    /// The process ends: what is still being kept of a session that was closed is waited for a moment, and deleted, as is what was to be
    /// deleted anyway.
    pub fn end(&mut self) {
        let since = Instant::now();
        while self.tasks.keep.is_busy() && since.elapsed() < AT_THE_END {
            match self.tasks.keep.drain(|()| {}) {
                Some(JobOutcome::Finished(Ok((files, _)))) => files.clear(),
                Some(_) => {}
                None => std::thread::sleep(Duration::from_millis(5)),
            }
        }
        self.forget_kept();
        while self.tasks.deleting.is_busy() && since.elapsed() < AT_THE_END {
            self.tasks.deleting.drain(|()| {});
            std::thread::sleep(Duration::from_millis(5));
        }
        // What was unpacked for the session goes with it.
        (self.data, self.run, self.shelf) = (None, None, Shelf::default());
    }

    /// Nothing is kept of a session that is closed.
    pub(super) fn forget_kept(&mut self) {
        if let Some(files) = &self.kept.files {
            files.clear();
        }
    }
}
