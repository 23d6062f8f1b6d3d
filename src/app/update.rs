//! How the state changes: by commands from the pages and by news from the workers.

use std::{path::PathBuf, sync::Arc};

use super::{
    AppState, Command, LoadedData, Notice, NoticeKind, Saved, SavedAs, Source, Then, Until,
    opening, train_on::Beginning,
};
use crate::{
    document::{RunId, autosave::LeftSession},
    error::{Error, UserMessage},
    export::{self, ExportSpec, X},
    io::Inputs,
    job::{CancelToken, EventSink},
    model::device,
    pipeline::AnalysisResult,
};

impl AppState {
    /// Carries out a command.
    pub fn apply(&mut self, command: Command) {
        match command {
            Command::Open { source, then } => self.open(source, Vec::new(), then),
            Command::OpenMoved { path, moved_to } => {
                let of_path = |left: &mut LeftSession| left.file() == path;
                match self.unrecovered.take_if(of_path) {
                    Some(left) => self.recover(left, moved_to),
                    None => self.open(Source::files(vec![path]), moved_to, Then::Nothing),
                }
            }
            Command::LookFor(path) => self.looking_for = Some(path),
            Command::SaveSession {
                file,
                carry,
                replace,
            } => self.save_session(file, carry, replace),
            Command::Recover(left) => self.recover(*left, Vec::new()),
            Command::ForgetLeft(left) => self.forget_left(&left),
            Command::KeepWork(keep) => self.keep_work(keep),
            Command::Anyway(command) => {
                self.notices.retain(|n| n.kind != NoticeKind::Question);
                self.anyway = true;
                self.apply(*command);
                self.anyway = false;
            }
            Command::Preview { modality, recipe } => self.preview(modality, recipe),
            Command::GoOn(run) => self.go_on(&run),
            Command::ForgetRun(run) => self.forget_run(&run),
            Command::Train => self.train(self.document.spec.clone(), Beginning::Anew, None),
            Command::QuickLook => {
                self.train(self.document.spec.quick_look(), Beginning::Anew, None);
            }
            Command::Refine => self.refine(),
            Command::TrainOn(without) => self.train_on(&without),
            Command::Repeat => self.repeat(),
            Command::Pause => self.hold(true),
            Command::Resume => self.hold(false),
            Command::Cancel => self.cancel(),
            Command::ContinueOnCpu => self.continue_on_cpu(),
            Command::Save { directory, replace } => self.save(directory, replace),
            Command::SaveElsewhere { directory } => self.save_elsewhere(directory),
            Command::SaveForPython { file, replace } => self.save_for_python(file, replace),
            Command::Do(edit) => self.edit(edit),
            Command::Undo(steps) => self.travel(false, steps),
            Command::Redo(steps) => self.travel(true, steps),
            Command::AddServer(server) => self.add_server(*server),
            Command::ForgetServer(name) => self.forget_server(&name),
            Command::AskServer(name) => self.ask_server(&name),
            Command::Suggest => self.suggest(),
            Command::ForgetSuggestion => self.forget_suggestion(),
            Command::CheckNoise(spec) => self.check_noise(spec),
            Command::Compare(methods) => self.compare(methods),
            Command::Show(page) => {
                if self.page_is_open(page).is_ok() {
                    self.page = page;
                }
            }
            Command::SetTheme(theme) => self.settings.theme = theme,
            Command::SetMarkerSets(sets) => self.settings.marker_sets = sets,
            Command::Tell { title, text } => {
                self.notify(NoticeKind::Info, UserMessage::new(title, text, ""), None);
            }
            Command::Dismiss(id) => self.dismiss(id),
            Command::ForgetRecent => self.settings.recent.clear(),
            Command::Close => self.close(),
        }
    }

    fn dismiss(&mut self, id: u64) {
        let at = self.notices.iter().position(|notice| notice.id == id);
        let Some(notice) = at.map(|at| self.notices.remove(at)) else {
            return;
        };
        // Not to go on with a run is to be back where one was.
        if notice.has_answer(|command| *command == Command::ContinueOnCpu) && !self.is_training() {
            self.back_to_the_run_before();
        }
    }

    /// Closing asks once when something would be lost, and waits for results that are being saved; closing again is an
    /// answer.
    fn close(&mut self) {
        let asked = self.notices.iter().any(Notice::asks_to_close) || self.close_when_saved;
        if asked || self.anyway {
            self.forget_resting();
            self.forget_kept();
            self.closing = true;
        } else if self.tasks.save.is_busy() || self.tasks.session.is_busy() {
            self.close_when_saved = true;
            let message = UserMessage::new(
                "Something is being saved",
                "The window closes when that is done.",
                "",
            );
            let close = "Close now, without it";
            self.question(Until::SavingEnds, message, close, Command::Close);
        } else if let Some(stake) = self.at_stake() {
            self.question(Until::NothingAtStake, stake, "Close anyway", Command::Close);
        } else if self.is_training() {
            let message = UserMessage::new(
                "Training is still running",
                "Closing the window ends it.",
                "Save what is finished first, or close without it.",
            );
            self.question(Until::TrainingEnds, message, "Close anyway", Command::Close);
        } else {
            self.forget_kept();
            self.closing = true;
        }
    }

    /// Starts looking for GPUs; once, after the window is up.
    pub fn probe_devices(&mut self) {
        let wake = self.waker();
        let probe = |_: &EventSink<()>, cancel: &CancelToken| Ok(device::probe(cancel));
        self.tasks.devices.start("devices", wake, probe);
    }

    /// The command that opens what was asked for, once the user has agreed to something.
    pub(super) fn opening_again(&self, source: Source, then: Then) -> Command {
        match (source, self.moved_to.as_slice()) {
            (Source::Files(mut spec), [_, ..]) if spec.paths.len() == 1 => Command::OpenMoved {
                path: spec.paths.remove(0),
                moved_to: self.moved_to.clone(),
            },
            (source, _) => Command::Open { source, then },
        }
    }

    fn open(&mut self, source: Source, moved_to: Vec<PathBuf>, then: Then) {
        // Runs stay listed when their files are read in another way.
        let same_files = |data: &LoadedData| data.has_files_of(&source);
        let stake = match self.data.as_ref().is_some_and(same_files) {
            true => self.work_at_stake(),
            false => self.at_stake(),
        };
        self.moved_to = moved_to;
        if self.is_training() {
            let open = self.opening_again(source, then);
            self.end_training_to(open, stake.as_ref());
            return;
        }
        if let Some(stake) = stake {
            let open = self.opening_again(source, then);
            self.question(Until::NothingAtStake, stake, "Open anyway", open);
            return;
        }
        self.forget(Until::Opened);
        let now = self.data.as_ref();
        let wanted = opening::Wanted {
            source: source.clone(),
            known: self.anyway || now.is_some_and(|now| now.has_files_of(&source)),
            present: self.data.clone(),
            model: self.model.clone().filter(|model| model.samples == source),
            moved_to: self.moved_to.clone(),
            runs: self.listed_runs(),
        };
        let wake = self.waker();
        let load = move |_: &EventSink<()>, cancel: &CancelToken| opening::open(&wanted, cancel);
        self.tasks.load.start("load", wake, load);
        self.loading = Some(source);
        self.then = then;
    }

    /// Ends the training to open something, if the user agrees to that and to what else would be lost.
    fn end_training_to(&mut self, open: Command, stake: Option<&UserMessage>) {
        if self.anyway {
            self.cancel();
            self.opened_next = Some(open);
            return;
        }
        let ends = "Opening other data ends it.";
        let (text, hint) = match stake {
            Some(stake) => (format!("{ends} {}", stake.text), stake.hint.clone()),
            None => (ends.into(), "Or wait until it is done.".into()),
        };
        let message = UserMessage::new("Training is still running", text, hint);
        self.question(Until::TrainingEnds, message, "End it and open", open);
    }

    /// The runs that are listed, with their data.
    fn listed_runs(&self) -> Vec<(RunId, LoadedData, Arc<AnalysisResult>)> {
        let runs = self.document.runs.iter().map(|run| run.id);
        let of = |id| {
            let (data, result) = (self.shelf.data_of(id)?, self.shelf.result(id)?);
            Some((id, data.clone(), result.clone()))
        };
        runs.filter_map(of).collect()
    }

    fn save(&mut self, directory: PathBuf, replace: bool) {
        let spec = ExportSpec {
            directory: directory.clone(),
            replace,
        };
        self.start_saving(directory, SavedAs::Folder, move |result, inputs, cancel| {
            export::export(result, inputs, &spec, cancel).map(|_| spec.directory)
        });
    }

    fn save_elsewhere(&mut self, asked: PathBuf) {
        self.start_saving(
            asked.clone(),
            SavedAs::Elsewhere,
            move |result, inputs, cancel| {
                export::rescue(result, inputs, &asked, cancel).map(|(directory, _)| directory)
            },
        );
    }

    fn save_for_python(&mut self, file: PathBuf, replace: bool) {
        self.start_saving(
            file.clone(),
            SavedAs::ForPython,
            move |result, inputs, cancel| {
                export::check_anndata(&result.dataset, inputs, &file, replace)?;
                export::write_anndata(result, inputs, X::Read, &file, cancel).map(|()| file)
            },
        );
    }

    /// Starts a worker that writes the results and says where they are.
    fn start_saving(
        &mut self,
        asked: PathBuf,
        saved_as: SavedAs,
        write: impl FnOnce(&AnalysisResult, &Inputs, &CancelToken) -> Result<PathBuf, Error>
        + Send
        + 'static,
    ) {
        self.forget_problems();
        let shown = self.document.shown;
        let of_shown = shown.and_then(|id| Some((self.shelf.result(id)?, self.shelf.data_of(id)?)));
        let Some((result, data)) = of_shown else {
            return;
        };
        let result = result.clone();
        if self.tasks.save.is_busy() {
            return;
        }
        let inputs = data.inputs.clone();
        let names = shown.and_then(|run| self.document.cluster_names_of(run));
        let named = AnalysisResult {
            cluster_names: names.cloned().unwrap_or_default(),
            colours: self.document.colours.clone(),
            selections: self.document.kept_selections(),
            ..(*result).clone()
        };
        let saving = Saved {
            directory: asked,
            saved_as,
            result: Arc::downgrade(&result),
        };
        let wake = self.waker();
        let save = move |_: &EventSink<()>, cancel: &CancelToken| write(&named, &inputs, cancel);
        self.tasks.save.start("save", wake, save);
        self.saving = Some(saving);
    }

    pub(super) fn question(
        &mut self,
        until: Until,
        message: UserMessage,
        text: &'static str,
        command: Command,
    ) {
        let answer = Some((text, Command::Anyway(Box::new(command))));
        self.notify_until(until, NoticeKind::Question, message, answer);
    }

    /// What went wrong before a new start is no longer of interest; what is good to know stays.
    pub(super) fn forget_problems(&mut self) {
        self.notices.retain(|n| n.kind == NoticeKind::Info);
    }

    pub(super) fn problem(&mut self, error: &Error) {
        self.notify(NoticeKind::Problem, error.message(), None);
    }
}
