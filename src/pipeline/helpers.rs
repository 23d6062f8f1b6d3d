//! What trains beside the engine a run is on: other devices, and more engines on the same processor.
//!
//! Starts do not depend on each other, nor do the models that learn the uncertainty: whoever is free takes the next one. What they
//! come to is taken over in their order, whoever trained them, so on devices of one kind a run comes to the same bits as on one of them.
//! Devices of other kinds round otherwise: with these, who trained what is a matter of time, and stands in the record.

mod crew;
mod helper;
mod work;

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use serde::{Deserialize, Serialize};

use super::{Event, Part, RunError, run::Run};
use crate::{
    data::Masked,
    job::{self, EventSink, JobHandle, JobOutcome},
    model::{DeviceChoice, DeviceInfo, DeviceKind},
    train::{Batches, Engine, EngineMaker, Snapshot},
};
pub(super) use crew::Crew;
use helper::{Brief, Failed, Says, help};
pub(super) use work::{Trained, Work};

/// Time between two looks at what helpers have to say.
const LOOK: Duration = Duration::from_millis(20);

/// A piece that a helper has had for so many times as long as the run's own device takes is trained by that, too.
const PATIENCE: u32 = 2;

/// What another device did for a run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Helped {
    /// The device.
    pub device: DeviceInfo,
    /// The starts that it trained, counted from 1.
    pub starts: Vec<usize>,
    /// The models of the ensemble that it trained, counted from 1.
    pub models: Vec<usize>,
}

/// What is told of another device.
#[derive(Clone, Debug, PartialEq)]
pub enum HelperNews {
    /// It trains, too.
    Trains {
        /// What it is.
        device: DeviceInfo,
        /// Whether it is of the same kind as the run's own, so that it comes to the same bits.
        alike: bool,
    },
    /// It does not, or no longer.
    Fails(String),
    /// There is nothing to do for it any more.
    Done,
}

impl HelperNews {
    /// The same in a sentence about a device; nothing for what goes without saying.
    pub fn in_words(&self, name: &str) -> Option<String> {
        Some(match self {
            Self::Trains { alike: true, .. } => format!("Training on {name}, too."),
            Self::Trains { alike: false, .. } => format!(
                "Training on {name}, too. It may round otherwise than the first device, so the same seed need not come to the same bits."
            ),
            Self::Fails(why) => {
                format!("'{name}' does not train: {why}. The other devices do its part.")
            }
            Self::Done => return None,
        })
    }
}

/// A helper at work.
struct Helper {
    /// The device; another engine on the run's own processor where there is none.
    choice: Option<DeviceChoice>,
    /// What it is, once it is ready.
    device: Option<DeviceInfo>,
    /// The piece it has, and since when.
    has: Option<(usize, Instant)>,
    job: JobHandle<Says, (), Failed>,
}

/// The pieces, and who trains them.
pub(super) struct Helpers {
    work: Work,
    /// The next piece that nobody has.
    next: Arc<AtomicUsize>,
    /// After the last.
    end: usize,
    /// Pieces that are the run's own device's to train.
    own: Vec<usize>,
    helpers: Vec<Helper>,
    done: BTreeMap<usize, Trained>,
    /// How long the run's own device took for a piece.
    takes: Option<Duration>,
    crew: Crew,
}

impl Helpers {
    /// Has others train pieces beside the run's own engine, each of which begins with a state of `from`, on `inputs`, if there are any
    /// others, in these mini-batches: the devices that were asked for, and more engines where the run is on the processor. The
    /// first piece is the run's own.
    pub fn begin(
        run: &Run<'_>,
        maker: &dyn EngineMaker,
        inputs: Option<&[Masked]>,
        batches: Batches,
        pieces: Range<usize>,
        from: impl Fn(usize) -> Snapshot + Send + Sync + 'static,
        work: Work,
    ) -> Self {
        let Range { start: first, end } = pieces;
        let crew = run.crew(maker, inputs, first..end);
        let mut all = Self {
            work,
            next: Arc::new(AtomicUsize::new(first + 1)),
            end,
            own: (first < end).then_some(first).into_iter().collect(),
            helpers: Vec::new(),
            done: BTreeMap::new(),
            takes: None,
            crew,
        };
        let Some(inputs) = inputs.filter(|_| end > first + 1) else {
            return all;
        };
        run.sink.event(Event::SideBySide(crew.engines));
        let brief = Arc::new(Brief {
            network: run.network.clone(),
            spec: run.spec.train.clone(),
            inputs: inputs.to_vec(),
            batches,
            from: Box::new(from),
            pieces: first..end,
            work,
            own: maker.device().clone(),
            cancel: run.cancel.clone(),
            next: all.next.clone(),
            crew,
        });
        let lost = |choice: &DeviceChoice| run.lost_helpers.contains(choice);
        let devices = run.spec.helpers().into_iter();
        let devices = devices.filter(|choice| !lost(choice)).map(Some);
        let crew = std::iter::repeat_n(None, crew.engines.saturating_sub(1));
        for choice in devices.chain(crew) {
            let (device, brief) = (choice.clone(), brief.clone());
            let job = job::spawn(
                "helper",
                || {},
                move |says: &EventSink<Says>, stop| help(&brief, device.as_ref(), says, stop),
            );
            all.helpers.push(Helper {
                choice,
                device: None,
                has: None,
                job,
            });
        }
        all
    }

    /// A piece, once it is trained: by a helper, or by `told` on the run's own engine, from its state of `from`. While a helper still
    /// has it, the engine trains others, whose epochs are told later, and in the end this one as well.
    ///
    /// # Errors
    /// Those of the training; when cancelled.
    pub fn trained(
        &mut self,
        run: &mut Run<'_>,
        engine: &mut dyn Engine,
        number: usize,
        from: impl Fn(usize) -> Snapshot,
        mut told: impl FnMut(&mut Run<'_>, &mut dyn Engine, &Snapshot) -> Result<(), RunError>,
    ) -> Result<Trained, RunError> {
        loop {
            run.cancel.check()?;
            self.listen(run);
            if let Some(done) = self.done.remove(&number) {
                self.take_over(run, number, &done);
                return Ok(done);
            }
            let piece = self.take(number);
            run.clock.start(Part::Train(self.work.stage()));
            let Some(piece) = piece else {
                std::thread::sleep(LOOK);
                continue;
            };
            let since = Instant::now();
            engine.use_threads(self.crew.threads_for(piece));
            let trained = if piece == number {
                told(run, engine, &from(piece))?;
                Trained::told(engine.weights()?)
            } else {
                let how = (&run.spec.train, run.cancel);
                self.work.train(engine, how, piece, &from(piece))?
            };
            self.takes = Some(since.elapsed());
            if piece == number {
                return Ok(trained);
            }
            self.done.insert(piece, trained);
        }
    }

    /// Tells what was not told of a piece, and who trained it.
    fn take_over(&self, run: &mut Run<'_>, number: usize, done: &Trained) {
        for stats in &done.history {
            run.so_far.history.push(stats.clone());
            run.sink.event(Event::Epoch(stats.clone()));
        }
        let Some(device) = &done.by else { return };
        let all = &mut run.so_far.helpers;
        let known = all.iter().position(|helped| helped.device == *device);
        let at = known.unwrap_or_else(|| {
            all.push(Helped {
                device: device.clone(),
                starts: Vec::new(),
                models: Vec::new(),
            });
            all.len() - 1
        });
        match self.work {
            Work::Start => all[at].starts.push(number + 1),
            Work::Model(_) => all[at].models.push(number + 1),
        }
    }

    /// A piece for the run's own device: the one it waits for before others, and that even if a helper has it for too long.
    fn take(&mut self, wanted: usize) -> Option<usize> {
        self.own.retain(|&piece| piece >= wanted);
        if let Some(at) = self.own.iter().position(|&piece| piece == wanted) {
            return Some(self.own.swap_remove(at));
        }
        // The first of them, so that what fails is the same in every run.
        let first = (0..self.own.len()).min_by_key(|&at| self.own[at]);
        if let Some(at) = first {
            return Some(self.own.swap_remove(at));
        }
        let piece = self.next.fetch_add(1, Ordering::Relaxed);
        if piece < self.end {
            return Some(piece);
        }
        // An engine on the same processor is as quick.
        let has = |helper: &Helper| {
            let has = helper.has.filter(|(piece, _)| *piece == wanted);
            has.filter(|_| helper.choice.is_some())
        };
        let (piece, since) = self.helpers.iter().find_map(has)?;
        let late = self.takes.map(|takes| PATIENCE * takes);
        (since.elapsed() > late?).then_some(piece)
    }

    /// Takes in what helpers say. The piece of one that fails is the run's own to train.
    fn listen(&mut self, run: &mut Run<'_>) {
        let Self {
            own, helpers, done, ..
        } = self;
        helpers.retain_mut(|helper| {
            let outcome = helper.job.try_outcome();
            while let Some(says) = helper.job.try_event() {
                match says {
                    Says::Ready { device, alike } => {
                        helper.device = Some(device.clone());
                        tell(
                            run,
                            helper.choice.as_ref(),
                            HelperNews::Trains { device, alike },
                        );
                    }
                    Says::Takes(piece) => helper.has = Some((piece, Instant::now())),
                    Says::Trained(piece, trained) => {
                        helper.has = None;
                        let by = helper.device.clone().filter(|_| helper.choice.is_some());
                        done.insert(piece, Trained { by, ..*trained });
                    }
                }
            }
            let news = match outcome {
                None => return true,
                Some(JobOutcome::Failed(Failed::Because(why)) | JobOutcome::Panicked(why)) => {
                    run.lost_helpers.extend(helper.choice.clone());
                    HelperNews::Fails(why)
                }
                Some(_) => HelperNews::Done,
            };
            own.extend(helper.has.take().map(|(piece, _)| piece));
            tell(run, helper.choice.as_ref(), news);
            false
        });
    }

    /// No piece is left: the run's own engine has all threads to itself again.
    pub fn finish(mut self, run: &mut Run<'_>, engine: &mut dyn Engine) {
        engine.use_threads(None);
        run.sink.event(Event::SideBySide(1));
        self.listen(run);
        for helper in self.helpers.drain(..) {
            let news = match (helper.device, &helper.choice) {
                // An engine that was not needed any more has not failed.
                (Some(_), _) | (None, None) => HelperNews::Done,
                (None, Some(_)) => HelperNews::Fails("it was not ready in time".into()),
            };
            tell(run, helper.choice.as_ref(), news);
        }
    }
}

/// Says what another device does; of engines on the same processor nothing is said.
fn tell(run: &Run<'_>, choice: Option<&DeviceChoice>, news: HelperNews) {
    let Some(choice) = choice else {
        if let HelperNews::Fails(why) = news {
            tracing::warn!("another engine on this processor does not train: {why}");
        }
        return;
    };
    let name = choice.to_string();
    run.sink.event(Event::Helper { name, news });
}

/// Whether two devices come to the same bits.
fn are_alike(one: &DeviceInfo, other: &DeviceInfo) -> bool {
    match (one.kind, other.kind) {
        (DeviceKind::Cpu, DeviceKind::Cpu) => true,
        // What is lent is not told.
        (DeviceKind::Remote, _) | (_, DeviceKind::Remote) => false,
        _ => one == other,
    }
}
