//! Other devices that train beside the one a run is on.
//!
//! Starts do not depend on each other, nor do the models that learn the uncertainty: whichever device is free takes the next one. What they
//! come to is taken over in their order, whoever trained them, so on devices of one kind a run comes to the same bits as on one of them.

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use super::{Event, RunError, run::Run};
use crate::{
    data::{Masked, Storage},
    job::{self, CancelToken, Cancelled, EventSink, JobHandle, JobOutcome, MaybeCancelled},
    model::{DeviceChoice, DeviceInfo, NetworkSpec, Weights},
    train::{self, Batches, Engine, EpochStats, Snapshot, TrainSpec, open_device},
};

/// Time between two looks at what helpers have to say.
const LOOK: Duration = Duration::from_millis(20);

/// What is trained.
#[derive(Clone, Copy, Debug)]
pub(super) enum Work {
    /// The reconstruction of a start.
    Start,
    /// The uncertainty of a model, for so many epochs.
    Model(usize),
}

impl Work {
    /// Trains a piece with the weights that the engine holds.
    fn train(
        self,
        engine: &mut dyn Engine,
        spec: &TrainSpec,
        number: usize,
        context: &mut train::Context<'_>,
    ) -> Result<(), train::TrainError> {
        match self {
            Self::Start => train::pretrain(engine, spec, number, 0, context),
            Self::Model(epochs) => train::finetune(engine, spec, number, 0, epochs, context),
        }
    }
}

/// A piece that is trained.
pub(super) struct Trained {
    /// Its state.
    pub snapshot: Snapshot,
    /// Its epochs, if they were not told while they ran.
    history: Vec<EpochStats>,
}

impl Trained {
    /// One whose epochs were told.
    pub fn told(snapshot: Snapshot) -> Self {
        Self {
            snapshot,
            history: Vec::new(),
        }
    }
}

/// What a helper says.
enum Says {
    /// It is ready.
    Ready(DeviceInfo),
    /// It has taken a piece.
    Takes(usize),
    /// It has trained it.
    Trained(usize, Box<Trained>),
}

/// Why a helper does not go on.
enum Failed {
    Cancelled,
    Because(String),
}

impl From<Cancelled> for Failed {
    fn from(_: Cancelled) -> Self {
        Self::Cancelled
    }
}

impl MaybeCancelled for Failed {
    fn is_cancelled(&self) -> bool {
        matches!(self, Self::Cancelled)
    }
}

/// A helper at work.
struct Helper {
    name: String,
    /// The piece it has.
    has: Option<usize>,
    job: JobHandle<Says, (), Failed>,
}

/// The pieces, and who trains them.
pub(super) struct Helpers {
    /// The next piece that nobody has.
    next: Arc<AtomicUsize>,
    /// After the last.
    end: usize,
    /// Pieces that are the run's own device's to train.
    own: Vec<usize>,
    helpers: Vec<Helper>,
    done: BTreeMap<usize, Trained>,
}

/// What every helper gets.
struct Brief {
    network: NetworkSpec,
    spec: TrainSpec,
    inputs: Vec<Masked>,
    batches: Batches,
    /// What each piece begins with, from the first on.
    from: Vec<Snapshot>,
    first: usize,
    work: Work,
    cancel: CancelToken,
    next: Arc<AtomicUsize>,
}

impl Helpers {
    /// Has the devices that a run asked for beside its own train pieces, each of which begins with a state of `from`: on `inputs`, if there
    /// are such devices, in these mini-batches. The first piece is the run's own.
    pub fn begin(
        run: &Run<'_>,
        inputs: Option<&[Masked]>,
        batches: Batches,
        pieces: Range<usize>,
        from: impl FnOnce() -> Vec<Snapshot>,
        work: Work,
    ) -> Self {
        let Range { start: first, end } = pieces;
        let mut all = Self {
            next: Arc::new(AtomicUsize::new(first + 1)),
            end,
            own: (first < end).then_some(first).into_iter().collect(),
            helpers: Vec::new(),
            done: BTreeMap::new(),
        };
        let Some(inputs) = inputs.filter(|_| end > first + 1) else {
            return all;
        };
        let brief = Arc::new(Brief {
            network: run.network.clone(),
            spec: run.spec.train.clone(),
            inputs: inputs.to_vec(),
            batches,
            from: from(),
            first,
            work,
            cancel: run.cancel.clone(),
            next: all.next.clone(),
        });
        for device in &run.spec.also {
            let (device, brief) = (device.clone(), brief.clone());
            let name = device.to_string();
            let job = job::spawn(
                "helper",
                || {},
                move |says: &EventSink<Says>, stop| help(&brief, &device, says, stop),
            );
            match job {
                Ok(job) => all.helpers.push(Helper {
                    name,
                    has: None,
                    job,
                }),
                Err(error) => run.sink.event(Event::Helper {
                    device: name,
                    failed: Some(error.to_string()),
                }),
            }
        }
        all
    }

    /// A piece, once it is trained: by a helper, or by `own` on the run's own device, which gets the number of a piece and whether its
    /// epochs are to be told. While a helper still has it, the run's device trains others.
    ///
    /// # Errors
    /// Those of `own`; when cancelled.
    pub fn trained(
        &mut self,
        run: &mut Run<'_>,
        number: usize,
        mut own: impl FnMut(&mut Run<'_>, usize, bool) -> Result<Trained, RunError>,
    ) -> Result<Snapshot, RunError> {
        loop {
            run.cancel.check()?;
            self.listen(run);
            if let Some(done) = self.done.remove(&number) {
                for stats in done.history {
                    run.so_far.history.push(stats.clone());
                    run.sink.event(Event::Epoch(stats));
                }
                return Ok(done.snapshot);
            }
            match self.take(number) {
                Some(piece) if piece == number => return Ok(own(run, piece, true)?.snapshot),
                Some(piece) => {
                    let trained = own(run, piece, false)?;
                    self.done.insert(piece, trained);
                }
                None => std::thread::sleep(LOOK),
            }
        }
    }

    /// A piece for the run's own device: the one it waits for before others.
    fn take(&mut self, wanted: usize) -> Option<usize> {
        if let Some(at) = self.own.iter().position(|&piece| piece == wanted) {
            return Some(self.own.swap_remove(at));
        }
        if let Some(piece) = self.own.pop() {
            return Some(piece);
        }
        let piece = self.next.fetch_add(1, Ordering::Relaxed);
        (piece < self.end).then_some(piece)
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
                    Says::Ready(device) => {
                        run.sink.event(Event::Helper {
                            device: device.to_string(),
                            failed: None,
                        });
                        if !run.so_far.helpers.contains(&device) {
                            run.so_far.helpers.push(device);
                        }
                    }
                    Says::Takes(piece) => helper.has = Some(piece),
                    Says::Trained(piece, trained) => {
                        helper.has = None;
                        done.insert(piece, *trained);
                    }
                }
            }
            let why = match outcome {
                None => return true,
                Some(JobOutcome::Finished(()) | JobOutcome::Cancelled) => None,
                Some(JobOutcome::Failed(Failed::Because(why)) | JobOutcome::Panicked(why)) => {
                    Some(why)
                }
                Some(JobOutcome::Failed(Failed::Cancelled)) => None,
            };
            own.extend(helper.has.take());
            if let Some(why) = why {
                run.sink.event(Event::Helper {
                    device: helper.name.clone(),
                    failed: Some(why),
                });
            }
            false
        });
    }
}

/// Trains a piece whose epochs are told later.
///
/// # Errors
/// Those of the training.
pub(super) fn train_unseen(
    engine: &mut dyn Engine,
    (spec, cancel): (&TrainSpec, &CancelToken),
    from: &Snapshot,
    (number, work): (usize, Work),
) -> Result<Trained, train::TrainError> {
    engine.restore(from)?;
    let mut history = Vec::new();
    work.train(
        engine,
        spec,
        number,
        &mut train::Context {
            cancel,
            on_stage: &mut |_| {},
            on_epoch: &mut |stats, _| history.push(stats.clone()),
            on_snapshot: None,
            on_embedding: None,
        },
    )?;
    Ok(Trained {
        snapshot: engine.snapshot()?,
        history,
    })
}

/// What a helper does until no piece is left.
fn help(
    brief: &Brief,
    device: &DeviceChoice,
    says: &EventSink<Says>,
    stop: &CancelToken,
) -> Result<(), Failed> {
    let because = |error: &dyn std::fmt::Display| match brief.cancel.is_cancelled() {
        true => Failed::Cancelled,
        false => Failed::Because(error.to_string()),
    };
    let mut storages = brief.inputs.iter().map(|input| input.values.storage());
    let on_disk = storages.any(|storage| storage == Storage::Disk);
    let maker = open_device(device, on_disk, &brief.cancel).map_err(|error| because(&error))?;
    let weights = Weights::initialise(&brief.network, 0);
    let engine = maker.make(&brief.network, brief.inputs.clone(), &weights);
    let mut engine = engine.map_err(|error| because(&error))?;
    engine.use_batches(brief.batches.clone());
    says.send(Says::Ready(maker.device().clone()));
    loop {
        stop.check()?;
        let number = brief.next.fetch_add(1, Ordering::Relaxed);
        let Some(from) = brief.from.get(number - brief.first) else {
            return Ok(());
        };
        says.send(Says::Takes(number));
        let how = (&brief.spec, &brief.cancel);
        let trained = train_unseen(engine.as_mut(), how, from, (number, brief.work));
        let trained = trained.map_err(|error| because(&error))?;
        says.send(Says::Trained(number, Box::new(trained)));
    }
}
