//! The session's file, and what is kept of work that was not saved.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Weak},
    time::{Duration, Instant},
};

use super::{AppState, Command, NoticeKind, Page, Source, Until};
use crate::{
    document::{
        Document, History, RunId, Shelf,
        autosave::{AboutSession, Autosave, LeftSession},
        session,
    },
    error::{Error, UserMessage},
    job::{self, Cancelled, EventSink, JobHandle, JobOutcome},
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
    written: Option<Written>,
    saving: Option<(JobHandle<(), (), Error>, PathBuf, Written)>,
}

/// What is kept of the session should the window be killed.
#[derive(Debug, Default)]
pub(super) struct Kept {
    /// Its files, once there is something to keep.
    files: Option<Arc<Autosave>>,
    written: Option<Written>,
    writing: Option<(KeepJob, Written)>,
    last: Option<Instant>,
    /// Whether nothing can be kept.
    failed: bool,
}

type KeepJob = JobHandle<(), Result<Arc<Autosave>, std::io::Error>, Cancelled>;

/// What was written.
#[derive(Clone, Debug)]
struct Written {
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

    /// Whether it is being written.
    pub fn is_being_saved(&self) -> bool {
        self.saving.is_some()
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

    pub(super) fn save_session(&mut self, file: PathBuf, replace: bool) {
        if self.session.saving.is_some() {
            return;
        }
        self.forget_problems();
        let own = self.session.path.as_ref() == Some(&file);
        let written = Written::of(self);
        let (path, page) = (file.clone(), self.page);
        let (document, shelf) = (self.document.clone(), self.shelf.clone());
        let job = job::spawn("session", self.waker(), move |_: &EventSink<()>, _| {
            if !own && !replace && path.exists() {
                return Err(Error::Exists(path));
            }
            session::write(&path, page, &document, &shelf)
                .map_err(|source| Error::Write { path, source })
        });
        match job {
            Ok(job) => self.session.saving = Some((job, file, written)),
            Err(error) => self.thread_failed(&error),
        }
    }

    pub(super) fn drain_session(&mut self) {
        let outcome = match &self.session.saving {
            Some((job, ..)) => job.try_outcome(),
            None => None,
        };
        let Some(outcome) = outcome else { return };
        let Some((_, file, written)) = self.session.saving.take() else {
            return;
        };
        let close = std::mem::take(&mut self.close_when_saved);
        match outcome {
            JobOutcome::Finished(()) => {
                self.session.path = Some(file.clone());
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
            self.session.written = Some(Written::of(self));
        }
        if let Some((files, left)) = self.recovering.take() {
            // Those files are this window's from now on.
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
    pub(super) fn recover(&mut self, left: LeftSession) {
        if self.load_job.is_some() || self.is_training() {
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
        let wanted = super::opening::Wanted {
            source: Source::files(Vec::new()),
            known: true,
            present: self.data.clone(),
            moved_to: Vec::new(),
        };
        let session = left.clone();
        let job = job::spawn("load", self.waker(), move |_: &EventSink<()>, cancel| {
            let path = Path::new(&session.about.name).to_owned();
            super::opening::session_at(&path, session.read(), &wanted, cancel)
        });
        match job {
            Ok(job) => {
                self.load_job = Some(job);
                self.loading = Some(Source::files(Vec::new()));
                self.recovering = Some((files, left));
            }
            Err(error) => self.thread_failed(&error),
        }
    }

    /// Keeps what was made since the last time, should the window be killed. Called once a frame.
    pub(super) fn autosave(&mut self) {
        let outcome = self.kept.writing.as_ref();
        if let Some(outcome) = outcome.and_then(|(job, _)| job.try_outcome())
            && let Some((_, written)) = self.kept.writing.take()
        {
            match outcome {
                JobOutcome::Finished(Ok(files)) => {
                    self.kept.files = Some(files);
                    self.kept.written = Some(written);
                    self.forget_resting_of_saved();
                }
                JobOutcome::Finished(Err(error)) => self.cannot_keep(&error.to_string()),
                JobOutcome::Panicked(why) => self.cannot_keep(&why),
                JobOutcome::Cancelled | JobOutcome::Failed(_) => {}
            }
        }
        // What the session's file has is not kept a second time.
        if self.kept.written.is_some() && (!self.has_work() || self.session_is_saved()) {
            self.kept.written = None;
            self.forget_kept();
        }
        let Some(whole) = self.unkept() else { return };
        let recent = self.kept.last.is_some_and(|last| last.elapsed() < EVERY);
        if self.kept.writing.is_some() || self.gesture.is_some() || recent {
            return;
        }
        let Some(folder) = self.settings.autosaves() else {
            return;
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
        let job = job::spawn("autosave", self.waker(), move |_: &EventSink<()>, _| {
            let write = || {
                let files = match files {
                    Some(files) => files,
                    None => Arc::new(folder.take()?),
                };
                match whole {
                    true => files.write(&about, page, &document, &shelf)?,
                    false => files.write_document(page, &document)?,
                }
                Ok(files)
            };
            Ok(write())
        });
        self.kept.last = Some(Instant::now());
        match job {
            Ok(job) => self.kept.writing = Some((job, written)),
            Err(error) => self.cannot_keep(&error.to_string()),
        }
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
        self.kept.writing.is_some() || self.unkept().is_some()
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

    /// The process ends: what is still being kept of a session that was closed is waited for a moment, and deleted.
    pub fn end(&mut self) {
        let since = Instant::now();
        if let Some((job, _)) = self.kept.writing.take() {
            let outcome = loop {
                let outcome = job.try_outcome();
                if outcome.is_some() || since.elapsed() > AT_THE_END {
                    break outcome;
                }
                std::thread::sleep(Duration::from_millis(5));
            };
            if let Some(JobOutcome::Finished(Ok(files))) = outcome {
                files.clear();
            }
        }
        self.forget_kept();
    }

    /// Nothing is kept of a session that is closed.
    pub(super) fn forget_kept(&mut self) {
        if let Some(files) = &self.kept.files {
            files.clear();
        }
    }
}
