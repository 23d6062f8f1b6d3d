//! How far an analysis is and how long it will take, from its events.

use std::time::Duration;

use super::{AnalysisSpec, Event, Part, hold_out::HoldOut};
use crate::{
    model::DeviceKind,
    train::{EpochStats, Stage, TrainSpec},
};

/// Epochs over which the pace is measured.
const RECENT: usize = 10;

/// What an epoch of each stage costs, next to one of reconstruction on as many samples (measured on the CPU).
const EPOCH_COST: [f64; 3] = [1.0, 1.3, 1.5];

/// Share of the planned epochs that the uncertainty learns, where samples held out decide: the middle of what was seen.
const EXPECTED: f64 = 0.5;

/// Seconds in which a new estimate takes the place of the one before.
const SETTLING: f64 = 8.0;

/// The time left is told to be longer only when it has grown by more than this factor.
const LONGER: f64 = 1.25;

/// A running account of an analysis.
#[derive(Clone, Debug)]
pub struct Progress {
    train: TrainSpec,
    epochs: [usize; 3],
    /// What an epoch on the samples of a start costs, next to one on all samples.
    of_start: f64,
    /// The same of an epoch of the last model that learns the uncertainty.
    of_last: f64,
    /// Whether samples held out decide how many epochs the uncertainty learns.
    hold_out: bool,
    /// Pieces that are trained at once: an epoch of one is this much shorter for the run.
    at_once: f64,
    /// Whether the device compiles its kernels before the first step.
    compiles: bool,
    /// The part that runs.
    pub part: Option<Part>,
    /// The last finished epoch.
    pub last: Option<EpochStats>,
    /// Share of the part that is done, where it tells: a UMAP, the votes of neighbour graphs.
    pub share: Option<f32>,
    /// Seconds for a unit of cost, of the last epochs.
    recent: Vec<f64>,
    /// Seconds left, as estimated and as told.
    left: Option<(f64, f64)>,
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
            of_last: train.finetune_share(samples),
            hold_out: HoldOut::held(samples, train.held_out).is_some(),
            at_once: 1.0,
            compiles: false,
            part: None,
            last: None,
            share: None,
            recent: Vec::new(),
            left: None,
        }
    }

    /// Takes note of an event.
    pub fn on_event(&mut self, event: &Event) {
        match event {
            Event::Part(part) => {
                self.part = Some(*part);
                self.share = matches!(part, Part::Umap(_) | Part::GraphVotes | Part::Intervals)
                    .then_some(0.0);
            }
            Event::Epoch(stats) => {
                // The uncertainty may learn for fewer epochs than were planned.
                self.epochs[stats.stage as usize] = stats.epochs;
                // The first epoch of a run compiles GPU kernels and says little of the pace.
                if stats.epoch > 1 || self.epochs.iter().all(|&n| n < 3) {
                    let old = (self.recent.len() + 1).saturating_sub(RECENT);
                    self.recent.drain(..old);
                    let cost = self.cost(stats.stage, stats.epoch)
                        - self.cost(stats.stage, stats.epoch - 1);
                    self.recent.push(stats.seconds / self.at_once / cost);
                }
                self.last = Some(stats.clone());
                self.estimate(stats.seconds / self.at_once);
            }
            Event::Layout { stage: 0, .. } => {}
            Event::Layout { epoch, epochs, .. } => {
                self.share = Some(*epoch as f32 / (*epochs).max(1) as f32);
            }
            Event::Share { done, of } => self.share = Some(*done as f32 / (*of).max(1) as f32),
            Event::SideBySide(pieces) => self.at_once = (*pieces).max(1) as f64,
            Event::Device(device) => self.compiles = device.kind != DeviceKind::Cpu,
            Event::Helper { .. }
            | Event::Limited { .. }
            | Event::Start(_)
            | Event::Labels(_)
            | Event::Result(_) => {}
            Event::Resumed(resumed) => {
                for stats in &resumed.history {
                    self.epochs[stats.stage as usize] = stats.epochs;
                }
                self.last = resumed.history.last().cloned();
            }
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

    /// What is being done.
    pub fn in_words(&self) -> String {
        match (self.part, &self.last) {
            (Some(Part::Train(stage)), Some(last)) if last.stage == stage => {
                self.epoch_in_words(last)
            }
            // The first step waits for the driver, which keeps what it has compiled.
            (Some(Part::Train(stage)), None) if self.compiles => {
                format!("{stage}, while the GPU's driver prepares (once)")
            }
            (Some(part), _) => match self.share {
                Some(share) => format!("{part}, {:.0} %", share * 100.0),
                None => part.to_string(),
            },
            (None, _) => "Starting".into(),
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

    /// What so many epochs of a stage cost, in epochs of reconstruction on all samples: the starts, and the models but the
    /// last, may see only some of them.
    fn cost(&self, stage: Stage, epochs: usize) -> f64 {
        let planned = self.epochs[stage as usize];
        let turns = self.train.turns(stage).max(1);
        let on_some = match stage {
            Stage::Pretrain => planned,
            Stage::UncertaintyFinetune => planned / turns * (turns - 1),
            Stage::Clustering => 0,
        };
        let some = epochs.min(on_some);
        let of_rest = match stage {
            Stage::UncertaintyFinetune => self.of_last,
            _ => 1.0,
        };
        EPOCH_COST[stage as usize]
            * (some as f64 * self.of_start + (epochs - some) as f64 * of_rest)
    }

    /// What is likely to be run of a stage that has not begun, and what is known to be run of one that has.
    fn whole(&self, stage: Stage) -> f64 {
        let planned = self.cost(stage, self.epochs[stage as usize]);
        let begun = self.last.as_ref().is_some_and(|last| last.stage >= stage);
        if !self.hold_out || stage != Stage::UncertaintyFinetune {
            return planned;
        }
        // Holding out is about as long as one model's learning.
        let each = EPOCH_COST[stage as usize] * self.train.epochs[stage as usize] as f64;
        EXPECTED * each + if begun { planned } else { EXPECTED * planned }
    }

    /// The cost of everything, in epochs of reconstruction on all samples.
    pub(super) fn work(&self) -> f64 {
        self.costs().1
    }

    /// The cost of what is done, and of everything.
    fn costs(&self) -> (f64, f64) {
        let whole = |stage: &Stage| self.whole(*stage);
        let done = self.last.as_ref().map_or(0.0, |last| {
            let before = &Stage::ALL[..last.stage as usize];
            let hold_out =
                self.whole(last.stage) - self.cost(last.stage, self.epochs[last.stage as usize]);
            before.iter().map(whole).sum::<f64>() + hold_out + self.cost(last.stage, last.epoch)
        });
        (done, Stage::ALL.iter().map(whole).sum())
    }

    /// Takes in what the last epoch says of the time left: slowly, as epochs vary and stages differ in pace.
    fn estimate(&mut self, passed: f64) {
        if self.recent.is_empty() {
            return;
        }
        let (done, total) = self.costs();
        // The median: a pause within an epoch does not count.
        let mut recent = self.recent.clone();
        recent.sort_by(f64::total_cmp);
        let now = recent[recent.len() / 2] * (total - done).max(0.0);
        let (left, told) = self.left.unwrap_or((now + passed, f64::INFINITY));
        let expected = (left - passed).max(0.0);
        let slowly = passed / SETTLING;
        // The first epochs on a GPU compile kernels for seconds each; the ones after them are over in no time.
        let settled = match now < expected / 2.0 {
            true => slowly.max(1.0 / RECENT as f64),
            false => slowly,
        };
        let weight = 1.0 - (-settled).exp();
        let left = expected + weight * (now - expected);
        let told = match left > LONGER * (told - passed) {
            true => left,
            false => left.min(told),
        };
        self.left = Some((left, told));
    }

    /// Share of the training that is done, 0 to 1.
    pub fn share(&self) -> f32 {
        if self.part == Some(Part::Umap(2)) {
            return 1.0;
        }
        let (done, total) = self.costs();
        (done / total.max(1e-9)) as f32
    }

    /// Time to the end of training, once there is a pace. It counts down, and is told anew only when it turns out to be
    /// much longer.
    pub fn time_left(&self) -> Option<Duration> {
        let (_, told) = self.left.filter(|_| self.part != Some(Part::Umap(2)))?;
        (told > 0.0).then(|| Duration::try_from_secs_f64(told).ok())?
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
    use crate::{model::DeviceInfo, pipeline::Recipe};

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

    fn epoch(stage: Stage, epoch: usize, epochs: usize, seconds: f64) -> Event {
        Event::Epoch(EpochStats {
            stage,
            epoch,
            epochs,
            loss: Some(1.0),
            seconds,
            clustering: None,
            sizes: Vec::new(),
        })
    }

    #[test]
    fn time_left_forgets_the_kernels_that_were_compiled() {
        let mut progress = Progress::new(&AnalysisSpec::of(Recipe::Published), 9);
        for number in 1..=100 {
            let seconds = if number <= 5 { 10.0 } else { 0.05 };
            progress.on_event(&epoch(Stage::Pretrain, number, 200, seconds));
        }
        let left = progress.time_left().unwrap().as_secs_f64();
        assert!((15.0..60.0).contains(&left), "{left}");
    }

    #[test]
    fn a_gpu_is_said_to_prepare_until_its_first_step_is_done() {
        let said = |device: DeviceInfo| {
            let mut progress = Progress::new(&AnalysisSpec::of(Recipe::Published), 9);
            progress.on_event(&Event::Device(device));
            progress.on_event(&Event::Part(Part::Train(Stage::Pretrain)));
            let before = progress.in_words();
            progress.on_event(&epoch(Stage::Pretrain, 1, 200, 9.0));
            (before, progress.in_words())
        };
        let gpu = DeviceInfo {
            kind: DeviceKind::DiscreteGpu,
            ..DeviceInfo::cpu()
        };
        let (before, after) = said(gpu);
        assert!(before.contains("prepares"), "{before}");
        assert_eq!(after, "Stage 1: reconstruction, epoch 1/200");
        let (before, _) = said(DeviceInfo::cpu());
        assert_eq!(before, "Stage 1: reconstruction");
    }

    #[test]
    fn time_left_follows_the_pace() {
        let mut progress = Progress::new(&AnalysisSpec::of(Recipe::Published), 9);
        assert_eq!(progress.time_left(), None);
        for number in 1..=40 {
            let seconds = if number == 1 { 30.0 } else { 0.5 };
            progress.on_event(&epoch(Stage::Pretrain, number, 200, seconds));
        }
        assert_eq!(progress.epochs(), (40, 400));
        let left = progress.time_left().unwrap().as_secs_f64();
        let [first, second, third] = EPOCH_COST;
        let expected = 0.5 * (160.0 * first + 100.0 * second + 100.0 * third);
        assert!((left - expected).abs() < 1e-6, "{left}");
        // Fewer epochs than planned turn out to be enough.
        progress.on_event(&epoch(Stage::UncertaintyFinetune, 1, 30, 0.5));
        assert_eq!(progress.epochs(), (201, 330));
    }

    #[test]
    fn time_left_counts_down_whatever_the_stages_cost() {
        let spec = AnalysisSpec::default();
        let (starts, models) = (spec.train.starts, spec.train.models());
        let mut progress = Progress::new(&spec, 2_000);
        // What is learned costs three times as much as was thought, for a third of the epochs that were planned.
        let stages = [
            (Stage::Pretrain, starts * 40, 0.02),
            (Stage::UncertaintyFinetune, models * 60, 0.08),
            (Stage::Clustering, 40, 0.03),
        ];
        let whole: f64 = stages.iter().map(|(_, n, s)| *n as f64 * s).sum();
        let (mut passed, mut before, mut rises) = (0.0, f64::INFINITY, 0);
        for (stage, epochs, seconds) in stages {
            for number in 1..=epochs {
                progress.on_event(&epoch(stage, number, epochs, seconds));
                passed += seconds;
                let Some(left) = progress.time_left().map(|t| t.as_secs_f64()) else {
                    continue;
                };
                rises += usize::from(left > before);
                before = left;
                let truth = whole - passed;
                assert!(left < 3.0 * truth + 2.0, "{left} s said, {truth} s left");
                assert!(left > truth / 3.0 - 2.0, "{left} s said, {truth} s left");
            }
        }
        assert!(rises <= 2, "it went up {rises} times");
    }

    #[test]
    fn epochs_on_some_samples_count_less() {
        let spec = AnalysisSpec::default();
        let mut progress = Progress::new(&spec, 10 * spec.train.start_samples);
        let (models, each) = (spec.train.models(), spec.train.epochs[1]);
        let (done, all) = ((models - 1) * each, models * each);
        progress.on_event(&epoch(Stage::UncertaintyFinetune, done, all, 0.1));
        // One model is left, whose epochs see as many, and stage 2, with epochs that take ten times as long.
        let left = progress.time_left().unwrap().as_secs_f64();
        let [_, second, third] = EPOCH_COST;
        let expected = 0.1 * each as f64 + spec.train.epochs[2] as f64 * third / second;
        assert!((left - expected).abs() < 1e-6, "{left}");
        // In the second version of the recipe, the epochs of that model see all of them.
        let spec = AnalysisSpec::of(Recipe::Robust02);
        let mut progress = Progress::new(&spec, 10 * spec.train.start_samples);
        progress.on_event(&epoch(Stage::UncertaintyFinetune, done, all, 0.1));
        let longer = progress.time_left().unwrap().as_secs_f64();
        assert!((longer - left - 0.9 * each as f64).abs() < 1e-6, "{longer}");
        assert!(progress.share() < 0.4, "{}", progress.share());
    }
}
