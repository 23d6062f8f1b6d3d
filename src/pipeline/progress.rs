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
    /// What an epoch on the samples of a start costs, next to one on all samples.
    of_start: f64,
    /// The part that runs.
    pub part: Option<Part>,
    /// The last finished epoch.
    pub last: Option<EpochStats>,
    /// Share of the map's iterations that are done, while a UMAP runs.
    pub layout: Option<f32>,
    recent: Vec<f64>,
}

impl Progress {
    /// Nothing done yet of an analysis of so many samples.
    pub fn new(spec: &AnalysisSpec, samples: usize) -> Self {
        let train = &spec.train;
        let some = train.starts > 1 && train.start_samples < samples;
        Self {
            train: train.clone(),
            epochs: train.planned(),
            of_start: match some {
                true => train.start_samples as f64 / samples as f64,
                false => 1.0,
            },
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
            }
            Event::Epoch(stats) => {
                // Stages differ in pace.
                if self.last.as_ref().is_some_and(|l| l.stage != stats.stage) {
                    self.recent.clear();
                }
                // The uncertainty may learn for fewer epochs than were planned.
                self.epochs[stats.stage as usize] = stats.epochs;
                // The first epoch of a run compiles GPU kernels and says little of the pace.
                if stats.epoch > 1 || self.epochs.iter().all(|&n| n < 3) {
                    if self.recent.len() == RECENT {
                        self.recent.remove(0);
                    }
                    let cost = self.cost(stats.stage, stats.epoch)
                        - self.cost(stats.stage, stats.epoch - 1);
                    self.recent.push(stats.seconds / cost);
                }
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
        let total = self
            .epochs
            .iter()
            .fold(0_usize, |a, &b| a.saturating_add(b));
        let done = self.last.as_ref().map_or(0, |last| {
            let before = &self.epochs[..last.stage as usize];
            before.iter().sum::<usize>() + last.epoch
        });
        (done, total)
    }

    /// What so many epochs of a stage cost, in epochs on all samples: the starts, and the models but the last, may see only
    /// some of them.
    fn cost(&self, stage: Stage, epochs: usize) -> f64 {
        let planned = self.epochs[stage as usize];
        let turns = self.train.turns(stage).max(1);
        let on_some = match stage {
            Stage::Pretrain => planned,
            Stage::UncertaintyFinetune => planned / turns * (turns - 1),
            Stage::Clustering => 0,
        };
        let some = epochs.min(on_some);
        some as f64 * self.of_start + (epochs - some) as f64
    }

    /// The cost of what is done, and of everything.
    fn costs(&self) -> (f64, f64) {
        let all = |stage: &Stage| self.cost(*stage, self.epochs[*stage as usize]);
        let done = self.last.as_ref().map_or(0.0, |last| {
            let before = &Stage::ALL[..last.stage as usize];
            before.iter().map(all).sum::<f64>() + self.cost(last.stage, last.epoch)
        });
        (done, Stage::ALL.iter().map(all).sum())
    }

    /// Share of the training that is done, 0 to 1.
    pub fn share(&self) -> f32 {
        if self.part == Some(Part::Umap(2)) {
            return 1.0;
        }
        let (done, total) = self.costs();
        (done / total.max(1e-9)) as f32
    }

    /// Time to the end of training at the present pace, once there is one.
    pub fn time_left(&self) -> Option<Duration> {
        let (done, total) = self.costs();
        if self.recent.is_empty() || total <= done || self.part == Some(Part::Umap(2)) {
            return None;
        }
        // The median: a pause within an epoch does not count.
        let mut recent = self.recent.clone();
        recent.sort_by(f64::total_cmp);
        let pace = recent[recent.len() / 2];
        Duration::try_from_secs_f64(pace * (total - done)).ok()
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
        let mut progress = Progress::new(&AnalysisSpec::of(Recipe::Published), 9);
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

    #[test]
    fn epochs_on_some_samples_count_less() {
        let spec = AnalysisSpec::default();
        let mut progress = Progress::new(&spec, 10 * spec.train.start_samples);
        let (models, each) = (spec.train.models(), spec.train.epochs[1]);
        progress.on_event(&Event::Epoch(EpochStats {
            stage: Stage::UncertaintyFinetune,
            epoch: (models - 1) * each,
            epochs: models * each,
            loss: Some(1.0),
            seconds: 0.1,
            clustering: None,
            sizes: Vec::new(),
        }));
        // One model is left, and stage 2, with epochs that take ten times as long.
        let left = progress.time_left().unwrap().as_secs_f64();
        assert!(
            (left - (each + spec.train.epochs[2]) as f64).abs() < 1e-6,
            "{left}"
        );
        assert!(progress.share() < 0.4, "{}", progress.share());
    }
}
