//! What another device does, or another engine on the same processor.

use std::{
    ops::Range,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use super::{Crew, Trained, Work, are_alike};
use crate::{
    data::{Masked, Storage},
    job::{CancelToken, Cancelled, EventSink, MaybeCancelled},
    model::{DeviceChoice, DeviceInfo, NetworkSpec, Weights},
    train::{Batches, Snapshot, TrainSpec, open_device},
};

/// What a piece begins with, by its number.
pub(super) type Begins = Box<dyn Fn(usize) -> Snapshot + Send + Sync>;

/// What every helper gets.
pub(super) struct Brief {
    pub network: NetworkSpec,
    pub spec: TrainSpec,
    pub inputs: Vec<Masked>,
    pub batches: Batches,
    /// What each piece begins with, by its number: made when it is taken.
    pub from: Begins,
    pub pieces: Range<usize>,
    pub work: Work,
    /// The run's own device.
    pub own: DeviceInfo,
    /// Of the run.
    pub cancel: CancelToken,
    /// The next piece that nobody has.
    pub next: Arc<AtomicUsize>,
    pub crew: Crew,
}

/// What a helper says.
pub(super) enum Says {
    /// It is ready.
    Ready {
        /// What it is.
        device: DeviceInfo,
        /// Whether it is of the same kind as the run's own.
        alike: bool,
    },
    /// It has taken a piece.
    Takes(usize),
    /// It has trained it.
    Trained(usize, Box<Trained>),
}

/// Why a helper does not go on.
pub(super) enum Failed {
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

/// Trains pieces until none is left, the run ends, or nobody wants them any more (`stop`): on another device, or with another engine
/// on the run's own processor.
pub(super) fn help(
    brief: &Brief,
    device: Option<&DeviceChoice>,
    says: &EventSink<Says>,
    stop: &CancelToken,
) -> Result<(), Failed> {
    let cancel = stop.and(&brief.cancel);
    let because = |error: &dyn std::fmt::Display| match cancel.is_cancelled() {
        true => Failed::Cancelled,
        false => Failed::Because(error.to_string()),
    };
    let mut storages = brief.inputs.iter().map(|input| input.values.storage());
    let on_disk = storages.any(|storage| storage == Storage::Disk);
    let choice = device.unwrap_or(&DeviceChoice::Cpu);
    let maker = open_device(choice, on_disk, &cancel).map_err(|error| because(&error))?;
    let info = maker.device().clone();
    if device.is_some() && info == brief.own {
        return Err(because(&"it is the device that trains already"));
    }
    // Others may have been quicker.
    if brief.next.load(Ordering::Relaxed) >= brief.pieces.end {
        return Ok(());
    }
    let weights = Weights::initialise(&brief.network, 0);
    let engine = maker.make(&brief.network, brief.inputs.clone(), &weights);
    let mut engine = engine.map_err(|error| because(&error))?;
    let samples = brief.inputs.first().map_or(0, |x| x.values.samples());
    let step = brief.batches.largest(samples);
    if engine.most_samples().is_some_and(|most| most < step) {
        return Err(because(&"it cannot take the same mini-batches"));
    }
    engine.use_batches(brief.batches.clone());
    says.send(Says::Ready {
        alike: are_alike(&brief.own, &info),
        device: info,
    });
    loop {
        cancel.check()?;
        let number = brief.next.fetch_add(1, Ordering::Relaxed);
        if number >= brief.pieces.end {
            return Ok(());
        }
        says.send(Says::Takes(number));
        if device.is_none() {
            engine.use_threads(brief.crew.threads_for(number));
        }
        let how = (&brief.spec, &cancel);
        let trained = brief
            .work
            .train(engine.as_mut(), how, number, &(brief.from)(number));
        let trained = trained.map_err(|error| because(&error))?;
        says.send(Says::Trained(number, Box::new(trained)));
    }
}
