//! Whether a run that was repeated came out the same.

use super::RunRecord;
use crate::{
    analysis::scores::ClusterScores,
    data::Labels,
    io::{InputFile, Inputs},
    model::{DeviceInfo, DeviceKind},
    pipeline::AnalysisResult,
};

/// Differences of scores that rounding may explain.
const TOLERANCE: f64 = 0.01;

/// How a repeated run came out.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeated {
    /// How far it is from the one before.
    pub outcome: Outcome,
    /// What is not as it was, as sentences.
    pub reasons: Vec<String>,
}

/// How far two runs are from each other.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Outcome {
    /// The same, bit for bit.
    Same,
    /// No score, cluster's share or uncertainty differs by more than this, which rounding may explain.
    Near(f64),
    /// They differ: by so much, if the same scores are known of both.
    Differs(Option<f64>),
}

impl RunRecord {
    /// Whether a result, made of these inputs, is that of this record, whose parameters may be `edited`.
    pub fn repeated_by(&self, result: &AnalysisResult, inputs: &Inputs, edited: bool) -> Repeated {
        // Without labels of two classes, the silhouette is the only score.
        let labels = result.dataset.labels.as_ref();
        let scored = labels.is_none_or(Labels::tell_apart);
        let now = &Self::of(result, inputs);
        let mut reasons = self.reasons(now);
        // Another version may have other parameters.
        if edited && self.tool == now.tool {
            reasons
                .push("The parameters in the run.json were changed since it was written.".into());
        }
        let scores = furthest(self, now, scored);
        let same = self.has_bits_of(now);
        // The same clusters have other scores by other labels.
        if same && scores.is_some_and(|far| far < 1e-9) {
            let outcome = Outcome::Same;
            return Repeated { outcome, reasons };
        }
        let moved = moved(self.cluster_sizes.as_deref(), now.cluster_sizes.as_deref());
        let noise = change(
            self.mean_uncertainty.as_deref(),
            now.mean_uncertainty.as_deref(),
        );
        let furthest = scores.zip(moved).zip(noise);
        let furthest = furthest.map(|((a, b), c)| a.max(b).max(c));
        if let Some(far) = furthest.filter(|far| *far <= TOLERANCE) {
            let outcome = Outcome::Near(far);
            return Repeated { outcome, reasons };
        }
        if same {
            reasons.push(
                "Embedding, clusters and uncertainty are the same bit for bit: only the scores differ."
                    .into(),
            );
        }
        if reasons.is_empty() {
            reasons.push("Inputs, version and device are the same: please report this.".into());
        }
        Repeated {
            outcome: Outcome::Differs(furthest),
            reasons,
        }
    }

    /// What is not as it was.
    fn reasons(&self, now: &Self) -> Vec<String> {
        let mut reasons = Vec::new();
        // The data may be elsewhere now: files are known by their names.
        let same = |a: &InputFile, b: &InputFile| a.path.file_name() == b.path.file_name();
        for is in &now.inputs {
            let path = is.path.display();
            match self.inputs.iter().find(|was| same(was, is)) {
                Some(was) if was.sha256 == is.sha256 => {}
                Some(_) => reasons.push(format!("{path} has changed.")),
                None => reasons.push(format!("{path} was not there before.")),
            }
        }
        let known = |was: &&InputFile| now.inputs.iter().any(|is| same(was, is));
        let gone = self.inputs.iter().filter(|was| !known(was));
        reasons.extend(gone.map(|was| format!("{} is missing.", was.path.display())));
        if self.tool != now.tool {
            let [was, is] = [self, now].map(|run| &run.tool.version);
            reasons.push(format!("hdumec is another version: {is} instead of {was}."));
        }
        if self.crates != now.crates {
            let in_words = |run: &Self| {
                let each = run.crates.iter();
                let each: Vec<String> = each.map(|(name, of)| format!("{name} {of}")).collect();
                each.join(", ")
            };
            reasons.push(format!(
                "other versions of libraries: {} instead of {}.",
                in_words(now),
                in_words(self)
            ));
        }
        if self.processor != now.processor {
            let [was, is] = [self, now].map(|run| run.processor.as_deref().unwrap_or("unknown"));
            reasons.push(format!("another kind of processor: {is} instead of {was}."));
        }
        // The number of threads is part of the processor's name, and has no say.
        let devices = |run: &Self| {
            let own = run.device.iter();
            let mut helped: Vec<_> = run.helpers.iter().map(|helped| &helped.device).collect();
            helped.sort_by(|a, b| a.name.cmp(&b.name));
            own.chain(helped).cloned().collect::<Vec<_>>()
        };
        let [was, is] = [devices(self), devices(now)];
        let all_cpu = |all: &[DeviceInfo]| {
            !all.is_empty() && all.iter().all(|device| device.kind == DeviceKind::Cpu)
        };
        if was != is && !(all_cpu(&was) && all_cpu(&is)) {
            let [was, is] = [was, is].map(|all| match all.is_empty() {
                true => "an unknown one".to_owned(),
                false => {
                    let names: Vec<String> = all.iter().map(ToString::to_string).collect();
                    names.join(" and ")
                }
            });
            reasons.push(format!("another device: {is} instead of {was}."));
        }
        reasons
    }

    /// Whether all fingerprints are the same; earlier versions took fewer.
    fn has_bits_of(&self, now: &Self) -> bool {
        let mut known = self.fingerprints.iter();
        !self.fingerprints.is_empty()
            && known.all(|(key, value)| now.fingerprints.get(key) == Some(value))
    }
}

/// The largest relative change of the mean uncertainty of a modality; none where an earlier version did not tell.
fn change(before: Option<&[f32]>, now: Option<&[f32]>) -> Option<f64> {
    let (Some(before), Some(now)) = (before, now) else {
        return before.is_none().then_some(0.0);
    };
    let each = before.iter().zip(now).map(|(&a, &b)| {
        let (a, b) = (f64::from(a), f64::from(b));
        (a - b).abs() / a.abs()
    });
    (before.len() == now.len()).then(|| each.fold(0.0, f64::max))
}

/// The largest share of the samples by which a cluster, ordered by size, is larger or smaller.
fn moved(before: Option<&[usize]>, now: Option<&[usize]>) -> Option<f64> {
    let (before, now) = (before?, now?);
    let samples: usize = now.iter().sum();
    let same = before.len() == now.len() && before.iter().sum::<usize>() == samples;
    let off = before.iter().zip(now).map(|(&a, &b)| a.abs_diff(b));
    same.then(|| off.max().unwrap_or_default() as f64 / samples.max(1) as f64)
}

/// The largest difference of two scores; `None` if one is known in one of them only.
/// A single class once had scores, which mean nothing: then only the silhouette counts.
fn furthest(before: &RunRecord, now: &RunRecord, scored: bool) -> Option<f64> {
    let values = |scores: Option<ClusterScores>| {
        let scores = scores.unwrap_or_default();
        let of_labels = [scores.acc, scores.nmi, scores.ari, scores.purity];
        let of_labels = of_labels.map(|score| score.filter(|_| scored));
        of_labels.into_iter().chain([scores.asw])
    };
    let of_run = |run: &RunRecord| {
        let stages = [run.scores.stage1, run.scores.stage2];
        stages.into_iter().flat_map(values).collect::<Vec<_>>()
    };
    let mut furthest = 0.0_f64;
    for (a, b) in of_run(before).into_iter().zip(of_run(now)) {
        match (a, b) {
            (Some(a), Some(b)) => furthest = furthest.max((a - b).abs()),
            (None, None) => {}
            _ => return None,
        }
    }
    Some(furthest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::export::{Scores, Tool};

    fn scored(acc: f64) -> RunRecord {
        RunRecord {
            scores: Scores {
                stage1: Some(ClusterScores {
                    acc: Some(acc),
                    ..ClusterScores::default()
                }),
                ..Scores::default()
            },
            ..RunRecord::default()
        }
    }

    #[test]
    fn differences_are_found() {
        let far = |a: &RunRecord, b: &RunRecord| furthest(a, b, true);
        assert_eq!(far(&scored(0.5), &scored(0.5)), Some(0.0));
        assert!((far(&scored(0.5), &scored(0.7)).unwrap() - 0.2).abs() < 1e-12);
        assert_eq!(far(&scored(0.5), &RunRecord::default()), None);
        // Of a single class, an earlier version told scores.
        assert_eq!(
            furthest(&scored(0.5), &RunRecord::default(), false),
            Some(0.0)
        );
        assert!((change(Some(&[2.0, 1.0]), Some(&[2.1, 1.0])).unwrap() - 0.05).abs() < 1e-6);
        assert_eq!(change(Some(&[2.0]), Some(&[2.0, 1.0])), None);
        assert_eq!(change(None, Some(&[2.0])), Some(0.0));
        let moved = |a: &[usize], b: &[usize]| moved(Some(a), Some(b));
        assert_eq!(moved(&[10, 30], &[12, 28]), Some(0.05));
        assert_eq!(moved(&[10, 30], &[10, 31]), None);
        assert_eq!(moved(&[10, 30], &[40]), None);
    }

    #[test]
    fn differences_are_explained() {
        let file = |path: &str, hash: &str| InputFile {
            path: path.into(),
            bytes: 1,
            sha256: hash.into(),
        };
        let run = |version: &str, inputs: Vec<InputFile>| RunRecord {
            tool: Tool {
                name: "hdumec".into(),
                version: version.into(),
            },
            inputs,
            ..RunRecord::default()
        };
        let recorded = run("0", vec![file("a.csv", "1")]);
        let said = recorded
            .reasons(&run("1", vec![file("a.csv", "2")]))
            .join(" ");
        assert!(said.contains("a.csv has changed"), "{said}");
        assert!(said.contains("another version"), "{said}");
        assert!(recorded.reasons(&recorded).is_empty());
        let said = recorded.reasons(&run("0", vec![file("elsewhere/labels.csv", "3")]));
        let expected = [
            "elsewhere/labels.csv was not there before.",
            "a.csv is missing.",
        ];
        assert_eq!(said, expected);
        let bits = |stage1: &str, more: bool| RunRecord {
            fingerprints: [("stage1", true), ("uncertainty", more)]
                .into_iter()
                .filter(|(_, there)| *there)
                .map(|(key, _)| (key.to_owned(), Some(stage1.to_owned())))
                .collect(),
            ..RunRecord::default()
        };
        assert!(bits("a", false).has_bits_of(&bits("a", true)));
        assert!(!bits("a", false).has_bits_of(&bits("b", true)));
        assert!(!RunRecord::default().has_bits_of(&bits("a", false)));
    }
}
