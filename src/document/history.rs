//! Undo and redo.

use super::{DataId, Document, Page, RunId};

/// Steps that can be undone at most.
const MOST: usize = 200;

/// A step that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Step {
    /// What it did, in a few words.
    pub title: String,
    /// The page that it was made on.
    pub page: Page,
    /// On the other side of it: what was before, or for a step that was undone what came of it.
    document: Document,
    /// The gesture it was made by, such as one drag, as long as that may go on.
    gesture: Option<u64>,
}

/// The steps that led to a document, and those that were undone.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct History {
    past: Vec<Step>,
    future: Vec<Step>,
}

impl History {
    /// Takes note of a step from the document `before` to `now`. What one gesture changes in one place is one step. Runs that only a
    /// step had that was undone are listed again in `now`: no edit loses what took long to compute.
    pub fn record(
        &mut self,
        title: String,
        page: Page,
        gesture: Option<u64>,
        before: Document,
        now: &mut Document,
    ) {
        for undone in std::mem::take(&mut self.future) {
            if undone.document.data != now.data {
                continue;
            }
            for run in undone.document.runs {
                if now.name_of(run.id).is_none() && before.name_of(run.id).is_none() {
                    now.runs.push(run);
                }
            }
        }
        let goes_on =
            |last: &Step| gesture.is_some() && last.gesture == gesture && last.title == title;
        if self.past.last().is_some_and(goes_on) {
            // Dragged back to where it was: nothing happened.
            if self.past.last().is_some_and(|last| last.document == *now) {
                self.past.pop();
            }
            return;
        }
        self.past.push(Step {
            title,
            page,
            document: before,
            gesture,
        });
        if self.past.len() > MOST {
            self.past.remove(0);
        }
    }

    /// Takes the last step back; the page it was made on.
    pub fn undo(&mut self, document: &mut Document) -> Option<Page> {
        let step = self.past.pop()?;
        let page = step.page;
        self.future.push(swap(step, document));
        Some(page)
    }

    /// Makes the step again that was undone last; the page it was made on.
    pub fn redo(&mut self, document: &mut Document) -> Option<Page> {
        let step = self.future.pop()?;
        let page = step.page;
        self.past.push(swap(step, document));
        Some(page)
    }

    /// The steps that can be undone, the latest last.
    pub fn past(&self) -> &[Step] {
        &self.past
    }

    /// The steps that can be made again, the next one last.
    pub fn future(&self) -> &[Step] {
        &self.future
    }

    /// The document that the next undo, or the next redo, leads to.
    pub(crate) fn next(&self, redo: bool) -> Option<&Document> {
        let steps = if redo { &self.future } else { &self.past };
        steps.last().map(|step| &step.document)
    }

    /// Whether a step speaks of these data.
    pub(super) fn has_data(&self, data: DataId) -> bool {
        self.documents().any(|document| document.data == Some(data))
    }

    /// Whether a step speaks of this run.
    pub(super) fn has_run(&self, run: RunId) -> bool {
        let listed = |document: &Document| document.runs.iter().any(|known| known.id == run);
        self.documents().any(listed)
    }

    /// Forgets the steps on the far side of which other data were open.
    pub fn forget_other_data(&mut self, data: Option<DataId>) {
        for steps in [&mut self.past, &mut self.future] {
            let others = steps.iter().rposition(|step| step.document.data != data);
            steps.drain(..others.map_or(0, |at| at + 1));
        }
    }

    fn documents(&self) -> impl Iterator<Item = &Document> {
        let steps = self.past.iter().chain(&self.future);
        steps.map(|step| &step.document)
    }
}

/// The step as seen from its other side; the document goes there.
fn swap(step: Step, document: &mut Document) -> Step {
    Step {
        document: std::mem::replace(document, step.document),
        gesture: None,
        ..step
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::{Edit, NamedRun, Shelf, View};

    fn edit(history: &mut History, document: &mut Document, gesture: Option<u64>, edit: Edit) {
        let before = document.clone();
        let title = edit.title(&before);
        edit.apply(document);
        if *document != before {
            history.record(title, Page::Explore, gesture, before, document);
        }
    }

    #[test]
    fn what_was_done_is_undone_exactly_and_done_again() {
        let (mut history, mut document) = (History::default(), Document::default());
        let mut shelf = Shelf::default();
        let data = shelf.next_data();
        let first = document.clone();
        let open = Edit::Open {
            data,
            labelled: false,
            same_files: false,
            described: None,
        };
        let run = |shelf: &mut Shelf, name: &str| NamedRun::new(shelf.next_run(), name);
        let (one, two) = (run(&mut shelf, "one"), run(&mut shelf, "two"));
        let mut spec = document.spec.clone();
        spec.clusters = Some(5);
        let edits = vec![
            open,
            Edit::Settings(Box::new(spec)),
            Edit::AddRun {
                run: one.clone(),
                show: true,
            },
            Edit::AddRun {
                run: two.clone(),
                show: true,
            },
            Edit::RenameRun(NamedRun::new(one.id, " first ")),
            Edit::NameCluster {
                run: one.id,
                cluster: 2,
                name: "T cells".into(),
            },
            Edit::ShowRun(one.id),
            Edit::RemoveRun(one.id),
        ];
        let mut seen = vec![first.clone()];
        for step in edits {
            edit(&mut history, &mut document, None, step);
            seen.push(document.clone());
        }
        assert_eq!(document.shown, Some(two.id));
        for before in seen.iter().rev().skip(1) {
            history.undo(&mut document).unwrap();
            assert_eq!(document, *before);
        }
        assert_eq!(history.undo(&mut document), None);
        for after in &seen[1..] {
            history.redo(&mut document).unwrap();
            assert_eq!(document, *after);
        }
        assert_eq!(history.redo(&mut document), None);

        // Another edit after an undo loses no run.
        while history.past().len() > 1 {
            history.undo(&mut document);
        }
        assert!(document.runs.is_empty());
        let methods = vec![crate::method::Method::Snf];
        edit(&mut history, &mut document, None, Edit::LeaveOut(methods));
        assert_eq!(document.runs.len(), 2);
        assert!(history.future().is_empty());
        history.undo(&mut document);
        assert!(document.left_out.is_empty());
    }

    #[test]
    fn a_drag_is_one_step() {
        let (mut history, mut document) = (History::default(), Document::default());
        let drag = |history: &mut History, document: &mut Document, gesture, percent| {
            let view = View {
                percent,
                ..document.view.clone()
            };
            edit(history, document, gesture, Edit::View(Box::new(view)));
        };
        for percent in [6.0, 7.0, 8.0] {
            drag(&mut history, &mut document, Some(1), percent);
        }
        assert_eq!(history.past().len(), 1);
        drag(&mut history, &mut document, Some(2), 9.0);
        // There and back again is none.
        drag(&mut history, &mut document, Some(2), 8.0);
        assert_eq!(history.past().len(), 1);
        drag(&mut history, &mut document, None, 1.0);
        drag(&mut history, &mut document, None, 2.0);
        assert_eq!(history.past().len(), 3);
        history.undo(&mut document);
        history.undo(&mut document);
        history.undo(&mut document);
        assert_eq!(document, Document::default());
        // What was undone is not gone on with.
        history.redo(&mut document);
        drag(&mut history, &mut document, Some(1), 3.0);
        assert_eq!(history.past().len(), 2);
    }
}
