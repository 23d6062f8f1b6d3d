//! What becomes of the selection when samples are picked.

use std::collections::VecDeque;

use eframe::egui::{self, Ui};

use crate::{
    data::{Axis, SampleSet},
    document::{Combine, View},
    job::{self, Cancelled, EventSink, JobHandle, JobOutcome},
    ui::later::AT_ONCE,
};

/// What becomes of the selection there is: what is chosen, unless a key says otherwise.
pub(super) fn combine(ui: &Ui, view: &View) -> Combine {
    let keys = ui.input(|input| input.modifiers);
    match (keys.command, keys.alt) {
        (true, true) => Combine::Intersect,
        (true, false) => Combine::Add,
        (false, true) => Combine::Subtract,
        (false, false) => view.combine,
    }
}

/// Finds the samples that were picked; a worker does where there are many samples.
#[derive(Default)]
pub(super) struct Picking {
    /// The selection that there was, and what comes of it.
    at_work: Option<(Option<SampleSet>, Picked)>,
    /// What is picked next, to be combined with that.
    next: VecDeque<(Combine, Find)>,
}

type Picked = JobHandle<(), Option<SampleSet>, Cancelled>;

/// Finds samples among those of a list.
type Find = Box<dyn FnOnce(&Axis) -> SampleSet + Send>;

impl Picking {
    /// Picks those of the samples that `find` finds.
    pub fn pick(
        &mut self,
        ctx: &egui::Context,
        samples: &Axis,
        view: &mut View,
        how: Combine,
        find: impl FnOnce(&Axis) -> SampleSet + Send + 'static,
    ) {
        if how == Combine::Replace {
            self.forget();
        } else if self.at_work.is_some() {
            self.next.push_back((how, Box::new(find)));
            return;
        }
        let before = view.selection.clone();
        if samples.len() <= AT_ONCE {
            view.selection = how.with(before.as_ref(), find(samples));
            return;
        }
        let (repaint, samples, old) = (ctx.clone(), samples.clone(), before.clone());
        let wake = move || repaint.request_repaint();
        let job = job::spawn("pick", wake, move |_: &EventSink<()>, _| {
            Ok(how.with(old.as_ref(), find(&samples)))
        });
        self.at_work = Some((before, job));
    }

    /// Takes over what a worker found, unless something else was selected meanwhile; or gives why it found nothing.
    pub fn take(&mut self, ctx: &egui::Context, samples: &Axis, view: &mut View) -> Option<String> {
        let (_, job) = self.at_work.as_ref()?;
        let outcome = job.try_outcome()?;
        let before = self.at_work.take().and_then(|(before, _)| before);
        let mut problem = None;
        match outcome {
            JobOutcome::Finished(selection) if view.selection == before => {
                view.selection = selection;
            }
            JobOutcome::Panicked(why) => problem = Some(why),
            JobOutcome::Finished(_) | JobOutcome::Cancelled | JobOutcome::Failed(_) => {}
        }
        if let Some((how, find)) = self.next.pop_front() {
            self.pick(ctx, samples, view, how, find);
        }
        problem
    }

    /// Drops what is being found: something else is selected now, or nothing.
    pub fn forget(&mut self) {
        self.at_work = None;
        self.next.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_worker_picks_among_many_and_what_is_selected_meanwhile_stays() {
        let names = (0..=AT_ONCE).map(|at| format!("cell {at}"));
        let list = Axis::new(names.collect()).unwrap();
        let of = |places: std::ops::Range<u32>| SampleSet::at(&list, places);
        let ctx = egui::Context::default();
        let (mut picking, mut view) = (Picking::default(), View::default());
        let pick = |picking: &mut Picking, view: &mut View, how, places| {
            let find = move |list: &Axis| SampleSet::at(list, places);
            picking.pick(&ctx, &list, view, how, find);
        };
        // Waits for the worker.
        let wait = |picking: &mut Picking, view: &mut View| {
            while picking.at_work.is_some() {
                picking.take(&ctx, &list, view);
                std::thread::sleep(std::time::Duration::from_millis(1));
            }
        };
        pick(&mut picking, &mut view, Combine::Replace, 0..20);
        assert_eq!(view.selection, None, "it is not waited for");
        wait(&mut picking, &mut view);
        assert_eq!(view.selection, Some(of(0..20)));
        pick(&mut picking, &mut view, Combine::Subtract, 0..5);
        wait(&mut picking, &mut view);
        assert_eq!(view.selection, Some(of(5..20)));
        pick(&mut picking, &mut view, Combine::Add, 30..40);
        view.selection = None;
        wait(&mut picking, &mut view);
        assert_eq!(view.selection, None, "it was cleared");
        // Of two, the later one is meant.
        pick(&mut picking, &mut view, Combine::Replace, 0..3);
        pick(&mut picking, &mut view, Combine::Replace, 3..9);
        wait(&mut picking, &mut view);
        assert_eq!(view.selection, Some(of(3..9)));
        // What is added is added to what is being found.
        pick(&mut picking, &mut view, Combine::Replace, 0..3);
        pick(&mut picking, &mut view, Combine::Add, 3..5);
        pick(&mut picking, &mut view, Combine::Subtract, 0..1);
        wait(&mut picking, &mut view);
        assert_eq!(view.selection, Some(of(1..5)));
        pick(&mut picking, &mut view, Combine::Replace, 0..3);
        picking.forget();
        wait(&mut picking, &mut view);
        assert_eq!(view.selection, Some(of(1..5)));
    }
}
