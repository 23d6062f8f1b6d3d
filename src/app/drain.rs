//! What the workers have to say, taken in once a frame.

use std::{path::PathBuf, sync::Arc};

use super::{
    AppState, Command, Devices, NoticeKind, Page, SavedAs, Source, Status, Then, Until,
    state::Opened,
};
use crate::{
    document::{Edit, RunId},
    error::{Error, UserMessage},
    io::{Answer, LoadError, Question},
    job::JobOutcome,
    pipeline::{HelperNews, RunError},
};

impl AppState {
    /// Takes in what the workers have to say. Called once a frame, before painting.
    pub fn drain(&mut self) {
        if let Some(outcome) = self.tasks.deleting.drain(|()| {}) {
            self.found(outcome, "");
        }
        self.drain_devices();
        self.drain_servers();
        self.drain_left_runs();
        self.drain_load();
        self.drain_save();
        self.drain_session();
        self.drain_run();
        self.drain_suggestion();
        self.drain_preview();
        self.drain_checking();
        self.drain_comparing();
        self.forget_what_is_over();
        self.autosave();
    }

    fn drain_devices(&mut self) {
        let Some(outcome) = self.tasks.devices.drain(|()| {}) else {
            return;
        };
        self.devices = match outcome {
            JobOutcome::Finished(Ok(adapters)) => Devices::Known(adapters),
            JobOutcome::Finished(Err(error)) => Devices::Failed(error.to_string()),
            JobOutcome::Panicked(message) => Devices::Failed(message),
            JobOutcome::Cancelled | JobOutcome::Failed(_) => Devices::Failed("cancelled".into()),
        };
    }

    fn drain_load(&mut self) {
        let Some(outcome) = self.tasks.load.drain(|()| {}) else {
            return;
        };
        let source = self.loading.take();
        let then = std::mem::take(&mut self.then);
        let model = self.model.take();
        match outcome {
            JobOutcome::Finished(mut opened) => {
                let on = match &mut opened {
                    Opened::Data(_, _, on) => on.take(),
                    Opened::Results(_) | Opened::Session(_) => None,
                };
                self.take_opened(opened, source.as_ref());
                let left = self.spec_when_loaded.take();
                let left = left.filter(|(of, _)| Some(of) == source.as_ref());
                self.live = then != Then::Nothing && left.is_none();
                match (model.zip(on), left) {
                    (Some((model, on)), _) => self.begin_with_model(&model, *on),
                    (None, Some((_, spec))) => self.go_on_with(spec),
                    (None, None) => match then {
                        Then::Nothing => {}
                        Then::Train => self.apply(Command::Train),
                        Then::MapsFirst => self.maps_first(),
                    },
                }
            }
            JobOutcome::Cancelled => {}
            JobOutcome::Failed(Error::Load(LoadError::Ask(question))) => {
                self.ask(*question, source, then);
            }
            // Very large files are read once the user says so.
            JobOutcome::Failed(Error::Load(error @ LoadError::Large { .. })) => {
                let title = "These files are large";
                let message = UserMessage::new(title, error.to_string(), error.advice());
                self.model = model;
                if let Some(source) = source {
                    let open = self.opening_again(source, then);
                    self.question(Until::Opened, message, "Open them", open);
                }
            }
            JobOutcome::Failed(error) => {
                let problem = NoticeKind::Problem;
                let message = error.message();
                let answer = match error {
                    Error::Moved { path, .. } => {
                        Some(("Show where\u{2026}", Command::LookFor(path)))
                    }
                    _ => None,
                };
                self.notify_until(Until::Opened, problem, message, answer);
            }
            JobOutcome::Panicked(message) => self.problem(&Error::Panicked(message)),
        }
        // Its files stay for another try.
        self.unrecovered = self.recovering.take().map(|(_, left)| left);
    }

    /// Asks how files are to be read; an answer loads them again.
    fn ask(&mut self, question: Question, source: Option<Source>, then: Then) {
        let Some(Source::Files(spec)) = source else {
            return;
        };
        let answer = |answer: &Answer| {
            let mut spec = spec.clone();
            spec.choose(&answer.choice);
            let source = Source::Files(spec);
            (answer.text.clone(), Command::Open { source, then })
        };
        let answers = question.answers.iter().map(answer).collect();
        let title = "How is this to be read?";
        let message = UserMessage::new(title, LoadError::Ask(Box::new(question)).to_string(), "");
        self.notify_with(Until::Opened, NoticeKind::Question, message, answers);
    }

    fn drain_run(&mut self) {
        let Some(run) = &mut self.run else { return };
        let outcome = self.tasks.train.drain(|event| run.on_event(event));
        let (resumed, found) = (run.resumed.take(), run.found.take());
        let limited = run.limited.take();
        let told = std::mem::take(&mut run.told);
        if let Some(samples) = limited {
            let text = crate::pipeline::limited_in_words(samples);
            let message = UserMessage::new("Mini-batches are used", text, "");
            self.notify_until(Until::TrainingEnds, NoticeKind::Info, message, None);
        }
        for (name, news) in told {
            let Some(text) = news.in_words(&name) else {
                continue;
            };
            let title = match news {
                HelperNews::Fails(_) => "One device less",
                HelperNews::Trains { .. } | HelperNews::Done => "Devices of several kinds",
            };
            let message = UserMessage::new(title, text, "");
            self.notify_until(Until::TrainingEnds, NoticeKind::Info, message, None);
        }
        if let Some(found) = found {
            self.take_result(found);
        }
        if let Some(resumed) = resumed {
            let title = match resumed.from {
                Some(_) => "Not all is computed again",
                None => "Going on where it stopped",
            };
            let message = UserMessage::new(title, resumed.in_words(), "");
            self.notify_until(Until::TrainingEnds, NoticeKind::Info, message, None);
        }
        let (Some(outcome), Some(run)) = (outcome, &mut self.run) else {
            return;
        };
        // What was asked while it ran is out of date.
        self.notices.retain(|n| !n.asks_to_close());
        match outcome {
            JobOutcome::Finished(trained) => {
                let (id, to_be_refined) = (run.id, run.to_be_refined);
                run.status = Status::Finished;
                let result = Arc::new(trained.result);
                run.keep(result.clone());
                self.shelf.show_by(id, trained.lens);
                self.resting
                    .extend(trained.resting.map(|resting| (id, resting)));
                self.take_result(result);
                match trained.repeated {
                    Some(repeated) => self.tell_repeated(id, repeated),
                    None => self.come_to(id),
                }
                if to_be_refined && self.opened_next.is_none() {
                    self.refine();
                }
                self.follow();
            }
            JobOutcome::Cancelled => {
                run.status = Status::Cancelled;
                self.back_to_the_run_before();
            }
            JobOutcome::Failed(error) => {
                run.status = Status::Failed;
                // A device that was not there leaves nothing to go on with.
                let before = self.document.shown.is_some();
                let begun = !matches!(error, Error::Run(RunError::Device(_))) || !before;
                if error.is_device_failure() && begun {
                    run.device_failed = true;
                    let message = error.message();
                    if let Error::Run(RunError::Engine { interrupted, .. }) = error {
                        run.interrupted = Some(Arc::from(interrupted));
                    }
                    let go_on = ("Continue on the CPU", Command::ContinueOnCpu);
                    self.notify(NoticeKind::Problem, message, Some(go_on));
                } else {
                    self.problem(&error);
                    self.back_to_the_run_before();
                }
            }
            JobOutcome::Panicked(message) => {
                run.status = Status::Failed;
                self.problem(&Error::Panicked(message));
                self.back_to_the_run_before();
            }
        }
        if let Some(open) = self.opened_next.take() {
            self.apply(Command::Anyway(Box::new(open)));
        }
    }

    /// Shows a run that is done to who watched it, and offers it to others.
    fn come_to(&mut self, run: RunId) {
        let shown = self.document.shown;
        let refined = shown.is_some_and(|shown| self.replaces(run, shown));
        if self.page == Page::Train || refined {
            self.edit(Edit::ShowRun(run));
            if self.page == Page::Train {
                self.page = Page::Explore;
            }
        } else if self.document.shown != Some(run)
            && let Some(name) = self.document.name_of(run)
        {
            let message = UserMessage::new(
                format!("{name} is done"),
                "It stands beside the others on the page Results.",
                "",
            );
            let show = ("Show it", Command::Do(Edit::ShowRun(run)));
            self.notify_until(Until::NextRun, NoticeKind::Info, message, Some(show));
        }
        self.take_over(run, refined);
    }

    /// A run that ended before it had results leaves those of the run that is shown.
    pub(super) fn back_to_the_run_before(&mut self) {
        let ended = self.run.as_ref().map(|run| run.id);
        if self.document.shown.is_some() && self.document.shown != ended {
            self.run = None;
            self.follow();
            let message = UserMessage::new(
                "Back to the run before",
                "The new run ended before it had results; what you see are those of the run before.",
                "",
            );
            self.notify_until(Until::NextRun, NoticeKind::Info, message, None);
        }
    }

    fn drain_save(&mut self) {
        let Some(outcome) = self.tasks.save.drain(|()| {}) else {
            return;
        };
        let Some(mut saving) = self.saving.take() else {
            return;
        };
        // After a failure the window stays, to say so.
        let close = std::mem::take(&mut self.close_when_saved);
        if close {
            self.notices.retain(|n| !n.asks_to_close());
        }
        match outcome {
            JobOutcome::Finished(file) if saving.saved_as == SavedAs::ForPython => {
                let text = format!("It is '{}'.", file.display());
                let title = "The file for Python is written";
                self.notify(NoticeKind::Info, UserMessage::new(title, text, ""), None);
                if close {
                    self.apply(Command::Close);
                }
            }
            JobOutcome::Finished(directory) => {
                // A folder becomes the habit once it has taken results.
                if directory == saving.directory {
                    self.settings.results_beside = directory.parent().map(PathBuf::from);
                } else {
                    let text = format!("They are in '{}'.", directory.display());
                    let title = "The results are saved in another place";
                    self.notify(NoticeKind::Info, UserMessage::new(title, text, ""), None);
                }
                saving.directory = directory;
                saving.saved_as = SavedAs::Folder;
                self.saved.push(saving);
                self.forget_resting_of_saved();
                if close {
                    self.apply(Command::Close);
                }
            }
            JobOutcome::Cancelled => {}
            JobOutcome::Failed(Error::Exists(path)) => {
                let message = Error::Exists(path.clone()).message();
                let replace = match saving.saved_as {
                    SavedAs::ForPython => Command::SaveForPython {
                        file: path,
                        replace: true,
                    },
                    _ => Command::Save {
                        directory: path,
                        replace: true,
                    },
                };
                self.notify(NoticeKind::Question, message, Some(("Replace", replace)));
            }
            JobOutcome::Failed(error) if saving.saved_as == SavedAs::ForPython => {
                self.problem(&error)
            }
            JobOutcome::Failed(error) => {
                let mut message = error.message();
                message.hint += " Or save elsewhere: to a new folder beside it, or else to hdumec's own folder for data.";
                let directory = saving.directory;
                let answer = ("Save elsewhere", Command::SaveElsewhere { directory });
                self.notify(NoticeKind::Problem, message, Some(answer));
            }
            JobOutcome::Panicked(message) => self.problem(&Error::Panicked(message)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        app::RunState,
        data::demo::{self, DemoSpec},
        document::Shelf,
        job::{CancelToken, EventSink},
        pipeline::{AnalysisSpec, Checkpoint, Event},
        train::EngineError,
    };

    #[test]
    fn who_does_not_go_on_after_a_lost_device_is_back_where_they_were() {
        let spec = DemoSpec {
            samples: 24,
            seed: 0,
        };
        let dataset = Arc::new(demo::generate(&spec));
        let lost = |_: &EventSink<Event>, _: &CancelToken| {
            Err(Error::Run(RunError::Engine {
                source: EngineError::Device("it was unplugged".into()),
                interrupted: Box::new(Checkpoint::default()),
            }))
        };
        let id = Shelf::default().next_run();
        let mut state = AppState {
            run: Some(RunState::new(id, dataset, AnalysisSpec::default())),
            ..AppState::default()
        };
        state.tasks.train.start("train", || (), lost);
        while state.is_training() {
            state.drain();
        }
        assert!(state.run.as_ref().unwrap().can_go_on());
        let notice = state.notices.last().unwrap();
        assert_eq!(notice.answers[0].1, Command::ContinueOnCpu);
        state.apply(Command::Dismiss(notice.id));
        assert!(state.run.is_some(), "there was none before");
    }
}
