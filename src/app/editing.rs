//! Edits of the document, undo and redo, and what of the state follows from them.

use std::sync::Arc;

use super::{AppState, NoticeKind, Page, RunState, Until, train_on::Named};
use crate::{
    document::{Edit, NamedRun, RunId},
    error::UserMessage,
    io::Inputs,
    pipeline::{AnalysisResult, AnalysisSpec, recently_available_memory},
};

impl AppState {
    /// Makes an edit, as a step of the history.
    pub(super) fn edit(&mut self, edit: Edit) {
        let before = self.document.clone();
        let title = edit.title(&before);
        edit.apply(&mut self.document);
        if self.document == before {
            return;
        }
        let (page, gesture) = (self.page, self.gesture);
        self.history
            .record(title, page, gesture, before, &mut self.document);
        self.follow();
    }

    /// Takes so many steps back, or makes so many again that were undone, and shows the page where the last of them was made.
    pub(super) fn travel(&mut self, redo: bool, steps: usize) {
        for _ in 0..steps {
            let next = self.history.next(redo);
            let other_data = next.is_some_and(|next| next.data != self.document.data);
            if other_data && (self.is_training() || self.tasks.load.is_busy()) {
                let message = UserMessage::new(
                    "Something is at work on these data",
                    "That step leads to other data.",
                    "Cancel the training first, or wait until it is done.",
                );
                self.notify_until(Until::TrainingEnds, NoticeKind::Info, message, None);
                return;
            }
            let page = match redo {
                true => self.history.redo(&mut self.document),
                false => self.history.undo(&mut self.document),
            };
            let Some(page) = page else { return };
            self.follow();
            if self.page_is_open(page).is_ok() {
                self.page = page;
            }
        }
    }

    /// Brings everything up to the document: the data that are open, and the run that is shown.
    pub(super) fn follow(&mut self) {
        let data = self.document.data.and_then(|id| self.shelf.data(id));
        let same = match (&self.data, data) {
            (Some(now), Some(then)) => Arc::ptr_eq(&now.dataset, &then.dataset),
            (None, None) => true,
            _ => false,
        };
        if !same {
            self.data = data.cloned();
            self.forget_suggestion();
            self.forget_preview();
            self.forget_checking();
            self.forget_comparing();
            self.notices.retain(|n| n.until != Until::NextRun);
        }
        if !self.is_training() {
            self.show_run();
        }
        let shown = self.document.shown;
        if let Some(lens) = shown.and_then(|run| self.shelf.lens_of(run)) {
            self.document.view.follow(lens);
        }
        if self.page_is_open(self.page).is_err() {
            self.page = self.last_open_page();
        }
        // Data of other files are let go of where they would take much of the memory.
        let others: u64 = self.shelf.bytes_but_of(self.document.data);
        let free = recently_available_memory();
        if free > 0 && others > free / 4 {
            self.history.forget_other_data(self.document.data);
        }
        self.shelf.tidy(&self.document, &self.history);
    }

    /// Shows the run of the document, with its curves, where no training is at work.
    fn show_run(&mut self) {
        let shown = self.document.shown;
        let result = shown.and_then(|id| self.shelf.result(id));
        match (shown, result) {
            (Some(id), Some(result)) => {
                let same = |run: &RunState| run.id == id;
                if !self.run.as_ref().is_some_and(same) {
                    self.run = Some(RunState::reopened(id, result.clone()));
                }
            }
            // What ended without results still tells how far it came.
            _ => self.run = self.run.take().filter(|run| run.is_of(&self.data)),
        }
    }

    /// The page to be on where the present one has nothing to show.
    fn last_open_page(&self) -> Page {
        match self.data {
            Some(_) => Page::Train,
            None => Page::Data,
        }
    }

    /// The results that are shown.
    pub fn result(&self) -> Option<&Arc<AnalysisResult>> {
        self.shelf.result(self.document.shown?)
    }

    /// Where the data of the results that are shown came from.
    pub fn result_inputs(&self) -> Option<&Inputs> {
        let data = self.shelf.data_of(self.document.shown?)?;
        Some(&data.inputs)
    }

    /// The results of a run that is listed.
    pub fn result_of(&self, run: RunId) -> Option<&Arc<AnalysisResult>> {
        self.shelf.result(run)
    }

    /// Whether a run with these settings, on the data that are open, is listed with its whole result.
    pub(super) fn is_run_already(&self, spec: &AnalysisSpec) -> bool {
        let data = self.document.data;
        let whole = |result: &Arc<AnalysisResult>| result.spec == *spec && result.is_complete();
        let mut runs = self.document.runs.iter();
        runs.any(|run| {
            self.shelf.data_id_of(run.id) == data && self.shelf.result(run.id).is_some_and(whole)
        })
    }

    /// Takes over what the training at work has finished. Its run is listed as soon as there is something, and shown unless the user
    /// is looking at another.
    pub(super) fn take_result(&mut self, result: Arc<AnalysisResult>) {
        let Some(run) = &mut self.run else { return };
        let (id, listed) = (run.id, run.listed);
        run.listed = true;
        let named = run.named.take();
        let Some(data) = self.training_on else { return };
        let quick = result.spec.is_quick_look();
        self.shelf.put_result(id, data, result);
        if listed {
            return;
        }
        let show = self.page == Page::Train || self.document.shown.is_none();
        let run = match named {
            Some(Named { name, clusters }) => NamedRun {
                cluster_names: clusters,
                ..NamedRun::new(id, name)
            },
            None if quick => NamedRun::new(id, self.document.free_name_like("Quick look")),
            None => NamedRun::new(id, self.document.free_name()),
        };
        self.edit(Edit::AddRun { run, show });
    }

    /// Puts more into the results of a run.
    pub(super) fn change_result(&mut self, run: RunId, change: impl FnOnce(&mut AnalysisResult)) {
        self.shelf.change_result(run, change);
        if let Some(shown) = &mut self.run
            && shown.id == run
            && let Some(result) = self.shelf.result(run)
        {
            shown.keep(result.clone());
        }
    }
}
