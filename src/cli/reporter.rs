//! The events of an analysis on a terminal, in a pipe, or as JSON lines.

use std::{
    cell::RefCell,
    io::IsTerminal as _,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressStyle};
use serde_json::{Value, json};

use super::terminal::{print_json, tell, visible};
use crate::{
    error::UserMessage,
    pipeline::{
        AnalysisSpec, Event, HelperNews, Part, Progress, Resumed, limited_in_words, time_in_words,
    },
    train::EpochStats,
};

/// Without a terminal, a line at least this often.
const LINE_EVERY: Duration = Duration::from_secs(15);

/// How to report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    /// A moving bar.
    Bar,
    /// A line now and then.
    Lines,
    /// One JSON object per event on standard output.
    Json,
    /// Nothing.
    Quiet,
}

impl Style {
    /// The style for the flags and for where standard error goes.
    pub fn choose(json: bool, quiet: bool) -> Self {
        match (json, quiet) {
            (true, _) => Self::Json,
            (_, true) => Self::Quiet,
            _ if std::io::stderr().is_terminal() => Self::Bar,
            _ => Self::Lines,
        }
    }
}

/// Reports the events of one analysis.
pub struct Reporter {
    style: Style,
    state: RefCell<State>,
}

struct State {
    progress: Progress,
    bar: Option<ProgressBar>,
    said: Option<Part>,
    last_line: Instant,
}

impl Reporter {
    /// A reporter for an analysis of so many samples.
    pub fn new(style: Style, spec: &AnalysisSpec, samples: usize) -> Self {
        let progress = Progress::new(spec, samples);
        let bar = (style == Style::Bar).then(|| {
            let bar = ProgressBar::new(progress.epochs().1 as u64);
            let template = "{spinner} {msg}\n  [{bar:40}] {pos}/{len} epochs, {prefix}";
            if let Ok(style) = ProgressStyle::with_template(template) {
                bar.set_style(style.progress_chars("=> "));
            }
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        Self {
            style,
            state: RefCell::new(State {
                progress,
                bar,
                said: None,
                last_line: Instant::now(),
            }),
        }
    }

    /// Takes an event.
    pub fn event(&self, event: Event) {
        let mut state = self.state.borrow_mut();
        state.progress.on_event(&event);
        match self.style {
            Style::Quiet => {}
            Style::Json => {
                if let Some(value) = event_json(&event) {
                    print_json(&value);
                }
            }
            Style::Bar => state.draw(&event),
            Style::Lines => state.line(&event),
        }
    }

    /// Tells the user something that is no progress.
    pub fn notice(&self, message: &UserMessage) {
        let state = self.state.borrow();
        let UserMessage {
            title,
            text,
            hint,
            details,
        } = message;
        let said = match details.as_str() {
            "" => format!("{title}: {text}\n{hint}"),
            details => format!("{title}: {text}\n{hint}\n({details})"),
        };
        match (&self.style, &state.bar) {
            (Style::Json, _) => print_json(&json!({
                "event": "notice", "title": title, "text": text, "hint": hint, "details": details
            })),
            (_, Some(bar)) => bar.println(visible(&said)),
            _ => tell(&said),
        }
    }

    /// Takes the bar away.
    pub fn finish(&self) {
        if let Some(bar) = self.state.borrow_mut().bar.take() {
            bar.finish_and_clear();
        }
    }
}

impl State {
    fn draw(&mut self, event: &Event) {
        let Some(bar) = &self.bar else { return };
        match event {
            Event::Device(device) => {
                bar.println(visible(&format!("Computing on {device}")));
            }
            Event::Helper { name, news } => {
                let words = news.in_words(name);
                words.iter().for_each(|words| bar.println(visible(words)));
            }
            Event::Limited { samples } => bar.println(limited_in_words(*samples)),
            Event::Resumed(resumed) => bar.println(visible(&going_on(resumed))),
            Event::Part(_) => bar.set_message(self.progress.in_words()),
            Event::Epoch(stats) => {
                let (done, total) = self.progress.epochs();
                bar.set_length(total as u64);
                bar.set_position(done as u64);
                bar.set_message(epoch_in_words(&self.progress, stats));
            }
            Event::Layout { epoch, epochs, .. } => {
                if let Some(part) = self.progress.part {
                    bar.set_message(format!("{part}: {epoch}/{epochs}"));
                }
            }
            Event::Share { done, of } => {
                if let Some(part) = self.progress.part {
                    bar.set_message(format!("{part}: {done}/{of}"));
                }
            }
            Event::Start(_) | Event::Labels(_) | Event::Result(_) | Event::SideBySide(_) => {}
        }
        let left = match self.progress.time_left() {
            Some(time) => format!("{} left", time_in_words(time)),
            None => "measuring".into(),
        };
        bar.set_prefix(left);
    }

    fn line(&mut self, event: &Event) {
        match event {
            Event::Device(device) => tell(&format!("Computing on {device}")),
            Event::Helper { name, news } => {
                news.in_words(name).iter().for_each(|words| tell(words));
            }
            Event::Limited { samples } => tell(&limited_in_words(*samples)),
            Event::Resumed(resumed) => tell(&going_on(resumed)),
            Event::Part(
                part @ (Part::GraphVotes | Part::Uncertainty | Part::KMeans | Part::Umap(_)),
            ) if self.said != Some(*part) => {
                self.said = Some(*part);
                tell(&part.to_string());
            }
            Event::Epoch(stats) => {
                let every = stats.epochs.div_ceil(10).max(1);
                let due = self.last_line.elapsed() > LINE_EVERY;
                if stats.epoch == 1
                    || stats.epoch.is_multiple_of(every)
                    || stats.loss.is_none()
                    || due
                {
                    self.last_line = Instant::now();
                    let left = self
                        .progress
                        .time_left()
                        .map_or(String::new(), |t| format!(", {} left", time_in_words(t)));
                    tell(&format!("{}{left}", epoch_in_words(&self.progress, stats)));
                }
            }
            _ => {}
        }
    }
}

fn going_on(resumed: &Resumed) -> String {
    format!("{} (--fresh begins anew.)", resumed.in_words())
}

fn epoch_in_words(progress: &Progress, stats: &EpochStats) -> String {
    let mut text = progress.epoch_in_words(stats);
    if let Some(loss) = stats.loss {
        text += &format!(", loss {loss:.5}");
    }
    if let Some(clustering) = &stats.clustering {
        for (name, value) in [
            ("ACC", clustering.scores.acc),
            ("ASW", clustering.scores.asw),
        ] {
            if let Some(value) = value {
                text += &format!(", {name} {value:.3}");
            }
        }
        text += &format!(", {:.1} % changed cluster", clustering.label_change * 100.0);
    }
    text
}

fn event_json(event: &Event) -> Option<Value> {
    Some(match event {
        Event::Device(device) => json!({ "event": "device", "device": device }),
        Event::Resumed(resumed) => {
            json!({ "event": "resumed", "at": resumed.at, "taken_over": resumed.from })
        }
        Event::Helper { name, news } => match news {
            HelperNews::Trains { device, .. } => {
                json!({ "event": "helper", "name": name, "device": device })
            }
            HelperNews::Fails(why) => json!({ "event": "helper", "name": name, "fails": why }),
            HelperNews::Done => return None,
        },
        Event::Limited { samples } => json!({ "event": "limited", "samples": samples }),
        Event::Part(part) => json!({ "event": "part", "part": part.key() }),
        Event::Epoch(stats) => named("epoch", stats)?,
        Event::Start(stats) => named("start", stats)?,
        Event::Share { done, of } => json!({ "event": "share", "done": done, "of": of }),
        Event::Labels(_) | Event::Layout { .. } | Event::Result(_) | Event::SideBySide(_) => {
            return None;
        }
    })
}

/// What it holds, with the name of the event.
fn named(event: &str, stats: &impl serde::Serialize) -> Option<Value> {
    let mut value = serde_json::to_value(stats).ok()?;
    value
        .as_object_mut()?
        .insert("event".into(), Value::from(event));
    Some(value)
}
