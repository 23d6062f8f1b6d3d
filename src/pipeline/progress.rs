//! How far an analysis is and how long it will take, from its events.

use std::time::Duration;

use super::{AnalysisSpec, Event, Part};
use crate::train::{EpochStats, Stage, TrainSpec};

/// Epochs over which the pace is measured.
const RECENT: usize = 10;

/// A running account of an analysis.
#[derive(Clone, Debug)]
pub struct Progress {
    train: TrainSpec,
    epochs: [usize; 3],
    /// The part that runs.
    pub part: Option<Part>,
    /// The last finished epoch.
    pub last: Option<EpochStats>,
    /// Share of the map's iterations that are done, while a UMAP runs.
    pub layout: Option<f32>,
    recent: Vec<f64>,
}

impl Progress {
    /// Nothing done yet.
    pub fn new(spec: &AnalysisSpec) -> Self {
        Self {
            train: spec.train.clone(),
            epochs: spec.train.planned(),
            part: None,
            last: None,
            layout: None,
            recent: Vec::new(),
        }
    }

    /// Takes note of an event.
    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Part(part) => {
                self.part = Some(*part);
                self.layout = matches!(part, Part::Umap(_)).then_some(0.0);
                if matches!(
                    part,
                    Part::Train(Stage::UncertaintyFinetune | Stage::Clustering)
                ) {
                    // Stages differ in pace.
                    self.recent.clear();
                }
            }
            Event::Epoch(stats) => {
                // The first epoch of a run compiles GPU kernels and says little of the pace.
                if stats.epoch > 1 || self.epochs.iter().all(|&n| n < 3) {
                    if self.recent.len() == RECENT {
                        self.recent.remove(0);
                    }
                    self.recent.push(stats.seconds);
                }
                // The uncertainty may learn for fewer epochs than were planned.
                self.epochs[stats.stage as usize] = stats.epochs;
                self.last = Some(stats.clone());
            }
            Event::Layout { stage: 0, .. } => {}
            Event::Layout { epoch, epochs, .. } => {
                self.layout = Some(*epoch as f32 / (*epochs).max(1) as f32);
            }
            Event::Device(_) | Event::Start(_) | Event::Labels(_) | Event::Result(_) => {}
        }
    }

    /// Where an epoch belongs: `Stage 1: reconstruction, start 3/16, epoch 8/40`.
    pub fn epoch_in_words(&self, stats: &EpochStats) -> String {
        let stage = stats.stage;
        let [turn, epoch, each] = self.train.turn_of(stats);
        let name = match stage {
            Stage::Pretrain => "start",
            _ => "model",
        };
        match self.train.turns(stage) {
            0 | 1 => format!("{stage}, epoch {epoch}/{each}"),
            turns => format!("{stage}, {name} {turn}/{turns}, epoch {epoch}/{each}"),
        }
    }

    /// Epochs of all stages that are done, and planned.
    pub fn epochs(&self) -> (usize, usize) {
        let total = self.epochs.iter().sum();
        let done = self.last.as_ref().map_or(0, |last| {
            let before = &self.epochs[..last.stage as usize];
            before.iter().sum::<usize>() + last.epoch
        });
        (done, total)
    }

    /// Share of the epochs that are done, 0 to 1.
    pub fn share(&self) -> f32 {
        let (done, total) = self.epochs();
        if self.part == Some(Part::Umap(2)) {
            return 1.0;
        }
        done as f32 / total.max(1) as f32
    }

    /// Time to the end of training at the present pace, once there is one.
    pub fn time_left(&self) -> Option<Duration> {
        let (done, total) = self.epochs();
        if self.recent.is_empty() || total <= done || self.part == Some(Part::Umap(2)) {
            return None;
        }
        // The median: a pause within an epoch does not count.
        let mut recent = self.recent.clone();
        recent.sort_by(f64::total_cmp);
        let pace = recent[recent.len() / 2];
        Duration::try_from_secs_f64(pace * (total - done) as f64).ok()
    }
}

/// A duration as one would say it: `about 2 min`.
pub fn time_in_words(time: Duration) -> String {
    let seconds = time.as_secs_f64();
    match seconds {
        s if s < 1.5 => "about a second".into(),
        s if s < 10.0 => format!("about {s:.0} s"),
        s if s < 55.0 => format!("about {:.0} s", (s / 5.0).round() * 5.0),
        s if s < 3570.0 => format!("about {:.0} min", (s / 60.0).round().max(1.0)),
        s => {
            let minutes = (s / 60.0).round() as u64;
            format!("about {} h {} min", minutes / 60, minutes % 60)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pipeline::Recipe;

    #[test]
    fn durations_are_said_as_people_say_them() {
        let say = |s| time_in_words(Duration::from_secs_f64(s));
        assert_eq!(say(0.4), "about a second");
        assert_eq!(say(7.2), "about 7 s");
        assert_eq!(say(43.0), "about 45 s");
        assert_eq!(say(58.0), "about 1 min");
        assert_eq!(say(130.0), "about 2 min");
        assert_eq!(say(3900.0), "about 1 h 5 min");
    }

    #[test]
    fn time_left_follows_the_pace() {
        let mut progress = Progress::new(&AnalysisSpec::of(Recipe::Published));
        assert_eq!(progress.time_left(), None);
        for epoch in 1..=40 {
            progress.on_event(&Event::Epoch(EpochStats {
                stage: Stage::Pretrain,
                epoch,
                epochs: 200,
                loss: Some(1.0),
                seconds: if epoch == 1 { 30.0 } else { 0.5 },
                clustering: None,
                sizes: Vec::new(),
            }));
        }
        assert_eq!(progress.epochs(), (40, 400));
        let left = progress.time_left().unwrap().as_secs_f64();
        assert!((left - 180.0).abs() < 1e-6, "{left}");
        // Fewer epochs than planned turn out to be enough.
        progress.on_event(&Event::Epoch(EpochStats {
            stage: Stage::UncertaintyFinetune,
            epoch: 1,
            epochs: 30,
            loss: Some(1.0),
            seconds: 0.5,
            clustering: None,
            sizes: Vec::new(),
        }));
        assert_eq!(progress.epochs(), (201, 330));
    }
}
