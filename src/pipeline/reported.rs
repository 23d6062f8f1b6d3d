//! The long parts of a run, with their events.

use std::{cell::RefCell, sync::Arc};

use ndarray::{Array2, ArrayView2};

use super::{Event, Milestone, Part, RunError, Sink, run::Run};
use crate::{
    analysis::umap::{self, UmapLayout},
    job::{CancelToken, Cancelled},
    train::{self, Context, ResumePoint, TrainError},
};

/// What states of training are of.
#[derive(Clone, Copy, Debug)]
pub(super) enum States {
    /// The run, which goes on from them.
    OfRun,
    /// A model of the ensemble, after so many epochs of those before it.
    OfModel(usize),
}

/// Shows an embedding, samples x d, turned to follow the picture before.
fn show(
    embedding: &Array2<f32>,
    before: &mut Option<Arc<Array2<f32>>>,
    sink: &dyn Sink,
    cancel: &CancelToken,
) -> Result<(), Cancelled> {
    let view = before.as_ref().map(|b| b.view());
    let picture = Arc::new(umap::first_look(embedding.view(), view, cancel)?);
    sink.event(Event::Layout {
        stage: 0,
        epoch: 0,
        epochs: 0,
        coordinates: picture.clone(),
    });
    *before = Some(picture);
    Ok(())
}

impl Run<'_> {
    /// Shows an embedding, if anyone looks.
    pub fn show(&mut self, embedding: &Array2<f32>) -> Result<(), Cancelled> {
        match self.sink.wants_pictures() {
            true => show(embedding, &mut self.picture, self.sink, self.cancel),
            false => Ok(()),
        }
    }

    /// Runs a stage with its epochs recorded and reported; with pictures of the embedding, if anyone looks.
    pub fn training<T>(
        &mut self,
        pictures: bool,
        states: States,
        work: impl FnOnce(&train::TrainSpec, &mut Context<'_>) -> Result<T, TrainError>,
    ) -> Result<T, RunError> {
        let Self {
            clock,
            so_far,
            picture,
            sink,
            cancel,
            spec,
            ..
        } = self;
        // Both are asked while the other has its state open.
        let (clock, so_far) = (RefCell::new(clock), RefCell::new(so_far));
        let mut keep = |new: ResumePoint| {
            let so_far = &mut *so_far.borrow_mut();
            match states {
                States::OfRun => so_far.point = Some(new),
                States::OfModel(before) => {
                    let done = new.position.epoch - before;
                    so_far.ensemble.learns(done, new.snapshot);
                }
            }
            sink.checkpoint(Milestone::Within, &mut || {
                so_far.seconds = clock.borrow_mut().seconds();
                Some(so_far.clone())
            });
        };
        let mut look = |embedding: Array2<f32>| show(&embedding, picture, *sink, cancel);
        let result = work(
            &spec.train,
            &mut Context {
                cancel,
                on_stage: &mut |stage| clock.borrow_mut().start(Part::Train(stage)),
                on_epoch: &mut |stats, assignment| {
                    so_far.borrow_mut().history.push(stats.clone());
                    sink.event(Event::Epoch(stats.clone()));
                    if let Some(assignment) = assignment {
                        sink.event(Event::Labels(Arc::new(assignment.labels())));
                    }
                },
                on_snapshot: Some(&mut keep),
                on_embedding: (pictures && sink.wants_pictures()).then_some(&mut look),
            },
        )?;
        Ok(result)
    }

    pub fn umap(
        &mut self,
        stage: u8,
        embedding: &Array2<f32>,
        orientation: Option<&Array2<f32>>,
    ) -> Result<UmapLayout, RunError> {
        self.clock.start(Part::Umap(stage));
        let spec = umap::UmapSpec {
            seed: self.spec.seed,
            ..self.spec.umap
        };
        let orientation: Option<ArrayView2<'_, f32>> = orientation.map(|o| o.view());
        let fit = umap::fit(
            embedding.view(),
            &spec,
            orientation,
            self.cancel,
            &mut |frame| {
                self.sink.event(Event::Layout {
                    stage,
                    epoch: frame.epoch,
                    epochs: frame.epochs,
                    coordinates: Arc::new(frame.coordinates.to_owned()),
                });
            },
        );
        Ok(fit?)
    }
}
