//! The long parts of a run, with their events.

use std::{cell::RefCell, sync::Arc};

use ndarray::{Array2, ArrayView2};

use super::{
    Checkpoint, Event, Milestone, Part, Sink,
    run::{Run, TrainOrOther},
};
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
    ) -> Result<T, TrainOrOther> {
        let Self {
            clock,
            history,
            point,
            picture,
            sink,
            cancel,
            spec,
            consensus,
            ensemble,
            first,
            told,
            taken_over,
            ..
        } = self;
        // Both are asked while the other has its state open.
        let (clock, history) = (RefCell::new(clock), RefCell::new(history));
        let mut keep = |new: ResumePoint| {
            match states {
                States::OfRun => *point = Some(new),
                States::OfModel(before) => {
                    ensemble.learns(new.position.epoch - before, new.snapshot)
                }
            }
            sink.checkpoint(Milestone::Within, &mut || {
                Some(Checkpoint {
                    starts: Vec::new(),
                    trained: Vec::new(),
                    told: told.clone(),
                    point: point.clone(),
                    consensus: consensus.clone(),
                    ensemble: ensemble.clone(),
                    history: history.borrow().clone(),
                    result: first.clone(),
                    seconds: clock.borrow_mut().seconds(),
                    from: *taken_over,
                })
            });
        };
        let mut look = |embedding: Array2<f32>| show(&embedding, picture, *sink, cancel);
        let result = work(
            &spec.train,
            &mut Context {
                cancel,
                on_stage: &mut |stage| clock.borrow_mut().start(Part::Train(stage)),
                on_epoch: &mut |stats, assignment| {
                    history.borrow_mut().push(stats.clone());
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
    ) -> Result<UmapLayout, TrainOrOther> {
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
        match fit {
            Ok(layout) => Ok(layout),
            Err(umap::UmapError::Cancelled(cancelled)) => Err(cancelled.into()),
            Err(error) => Err(TrainOrOther::Other(error.into())),
        }
    }
}
