//! What to compute on.

use super::{RunError, run::Run};
use crate::{
    data::{Masked, Storage},
    job::CancelToken,
    model::{DeviceChoice, Weights, device::DeviceError},
    train::{Batches, Engine, EngineMaker, open_device},
};

/// An engine, with what makes more of them on the same device.
type Opened = (Box<dyn EngineMaker>, Box<dyn Engine>);

/// Opens a device, or says why it cannot: which was asked for, and whether the data are held on disk.
pub type OpenDevice<'a> =
    dyn Fn(&DeviceChoice, bool) -> Result<Box<dyn EngineMaker>, DeviceError> + 'a;

/// Opens this machine's devices.
pub(super) fn opener(
    cancel: &CancelToken,
) -> impl Fn(&DeviceChoice, bool) -> Result<Box<dyn EngineMaker>, DeviceError> {
    move |choice, on_disk| open_device(choice, on_disk, cancel)
}

impl Run<'_> {
    /// The device that was asked for, with an engine on it that has these data.
    pub(super) fn open(&self, inputs: Vec<Masked>) -> Result<Opened, RunError> {
        let mut storages = inputs.iter().map(|data| data.values.storage());
        let on_disk = storages.any(|storage| storage == Storage::Disk);
        let maker = (self.open_device)(&self.spec.device, on_disk)?;
        let engine = self.make(&*maker, inputs)?;
        Ok((maker, engine))
    }

    /// Another engine on a device that is open.
    pub(super) fn make(
        &self,
        maker: &dyn EngineMaker,
        inputs: Vec<Masked>,
    ) -> Result<Box<dyn Engine>, RunError> {
        let weights = Weights::initialise(&self.network, self.spec.seed);
        let mut engine = maker.make(&self.network, inputs, &weights)?;
        engine.use_batches(self.batches());
        Ok(engine)
    }

    /// The mini-batches that were asked for, or all samples at once.
    pub(super) fn batches(&self) -> Batches {
        let size = self.spec.train.batch.unwrap_or(usize::MAX);
        Batches::new(size, self.spec.seed, self.cancel.clone())
    }
}
