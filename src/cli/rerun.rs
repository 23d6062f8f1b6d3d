//! `hdumec rerun`: repeats an analysis from its `run.json` and says whether it came out the same.

use std::{
    cell::RefCell,
    fs::File,
    io::Read as _,
    path::{Path, PathBuf},
    sync::Arc,
};

use serde_json::Value;

use super::{
    args::RerunArguments,
    reporter::Style,
    resumable::Resumable,
    run::{Saved, analyse_only, cancel_on_interrupt, left_out},
    table,
    terminal::{print, tell},
};
use crate::{
    data::Labels,
    error::Error,
    export::{self, ExportSpec},
    io::{InputFile, Source},
    pipeline::{AnalysisResult, AnalysisSpec},
};

/// Bytes of a `run.json` at most: the largest of hdumec's are far smaller.
const LARGEST_RECORD: u64 = 64 << 20;

/// Differences of scores that rounding may explain.
const TOLERANCE: f64 = 0.01;

/// Runs the command.
pub fn rerun(arguments: &RerunArguments) -> Result<(), Error> {
    let path = &arguments.run;
    let recorded = read(path)?;
    let part = |key: &str| recorded.get(key).cloned().unwrap_or_default();
    let unusable = |what: &str| {
        let text = format!("'{}' {what}", path.display());
        Error::Usage(text)
    };
    if part("format")
        .as_u64()
        .is_some_and(|f| f > export::FORMAT.into())
    {
        return Err(unusable("was written by a later version of hdumec"));
    }
    let mut spec: AnalysisSpec = serde_json::from_value(part("parameters"))
        .map_err(|e| unusable(&format!("holds no parameters of an analysis: {e}")))?;
    let sealed = part("parameters_sha256");
    let edited = !sealed.is_null() && sealed != export::seal(&spec);
    let mut source: Source = serde_json::from_value(part("source")).map_err(|_| {
        unusable("does not say how its data were loaded: it was written by an earlier version")
    })?;
    match &mut source {
        Source::Files(load) => {
            if !arguments.paths.is_empty() {
                load.paths.clone_from(&arguments.paths);
                load.labels = None;
            }
            if arguments.labels.is_some() {
                load.labels.clone_from(&arguments.labels);
            }
        }
        Source::Demo(_) if arguments.paths.is_empty() && arguments.labels.is_none() => {}
        Source::Demo(_) => return Err(unusable("is of the demo, which needs no files")),
    }
    if part("complete") != Value::Bool(true) {
        return Err(unusable(
            "is of an analysis that was not finished: there is nothing to compare with",
        ));
    }
    let style = Style::choose(false, arguments.quiet);
    let cancel = cancel_on_interrupt();
    let reserve = |directory: &PathBuf| {
        export::reserve(&ExportSpec {
            directory: directory.clone(),
            replace: arguments.force,
        })
    };
    let place = arguments.out.as_ref().map(reserve).transpose()?;
    let (dataset, report, inputs) = source.open(&cancel)?;
    if let (Some(report), false) = (&report, arguments.quiet) {
        tell(table::loaded(&dataset, report)?.trim_end());
    }
    // Without its labels the analysis can still be repeated, and it is told that they are missing.
    if dataset.labels.is_none() && spec.clusters.is_none() {
        spec.clusters = part("clusters").as_u64().map(|k| k as usize);
    }
    let kept = RefCell::default();
    let result = match analyse_only(
        &Arc::new(dataset),
        spec,
        &mut Resumable::default(),
        style,
        &kept,
        &cancel,
    ) {
        Ok(result) => result,
        Err(error) => {
            let (Some(result), Some(place)) = (kept.take(), place) else {
                return Err(error);
            };
            let saved = Saved::write(&result, &inputs, place)?;
            tell(left_out(&result).unwrap_or_default());
            return saved.end(Err(error));
        }
    };
    let saved = place.map(|place| Saved::write(&result, &inputs, place));
    let outcome = compare(&recorded, edited, &result, &inputs.files);
    match saved {
        None => outcome,
        Some(saved) => saved?.end(outcome),
    }
}

/// Says whether a result is that of a `run.json`.
fn compare(
    recorded: &Value,
    edited: bool,
    result: &AnalysisResult,
    files: &[InputFile],
) -> Result<(), Error> {
    let part = |key: &str| &recorded[key];
    print(&table::scores(result));
    let now = export::identity_json(result);
    let mut reasons = reasons(recorded, &now, files);
    // Another version may have other parameters.
    if edited && recorded["tool"] == now["tool"] {
        reasons.push("The parameters in the run.json were changed since it was written.".into());
    }
    let because = match reasons.as_slice() {
        [] => String::new(),
        reasons => format!("\n  {}", reasons.join("\n  ")),
    };
    let labels = result.dataset.labels.as_ref();
    let scored = labels.is_none_or(Labels::tell_apart);
    let scores = furthest(part("scores"), &export::scores_json(result), scored);
    let same = same_bits(part("fingerprints"), &now["fingerprints"]);
    // The same clusters have other scores by other labels.
    if same && scores.is_some_and(|far| far < 1e-9) {
        print(&format!("\nThe same, bit for bit.{because}\n"));
        return Ok(());
    }
    let moved = moved(part("cluster_sizes"), &now["cluster_sizes"]);
    let noise = change(part("mean_uncertainty"), &now["mean_uncertainty"]);
    let furthest = scores.zip(moved).zip(noise);
    let furthest = furthest.map(|((a, b), c)| a.max(b).max(c));
    if furthest.is_some_and(|far| far <= TOLERANCE) {
        let far = furthest.unwrap_or_default();
        print(&format!(
            "\nThe same within tolerance: no score, cluster's share or uncertainty differs by more than {far:.4}.{because}\n"
        ));
        return Ok(());
    }
    if same {
        reasons.push(
            "Embedding, clusters and uncertainty are the same bit for bit: only the scores differ."
                .into(),
        );
    }
    Err(Error::Differs {
        furthest,
        reasons: if reasons.is_empty() {
            vec!["Inputs, version and device are the same: please report this.".into()]
        } else {
            reasons
        },
    })
}

fn read(path: &Path) -> Result<Value, Error> {
    let unreadable = |e: &dyn std::fmt::Display| {
        Error::Usage(format!(
            "'{}' is not a readable run.json: {e}",
            path.display()
        ))
    };
    // A run that was killed while it put its files there is finished first.
    if let Some(folder) = path.parent() {
        export::recover(folder)?;
    }
    // A pipe may never end, and a device never does.
    if std::fs::metadata(path).is_ok_and(|found| !found.is_file()) {
        return Err(unreadable(&"it is not a file"));
    }
    let mut text = Vec::new();
    let file = File::open(path).map_err(|e| unreadable(&e))?;
    let read = file.take(LARGEST_RECORD + 1).read_to_end(&mut text);
    if read.map_err(|e| unreadable(&e))? as u64 > LARGEST_RECORD {
        return Err(unreadable(&"it is too large for one"));
    }
    serde_json::from_slice(&text).map_err(|e| unreadable(&e))
}

/// What is not as it was.
fn reasons(recorded: &Value, now: &Value, files: &[InputFile]) -> Vec<String> {
    let mut reasons = Vec::new();
    let before: Vec<InputFile> =
        serde_json::from_value(recorded["inputs"].clone()).unwrap_or_default();
    // The data may be elsewhere now: files are known by their names.
    let same = |a: &InputFile, b: &InputFile| a.path.file_name() == b.path.file_name();
    for is in files {
        let path = is.path.display();
        match before.iter().find(|was| same(was, is)) {
            Some(was) if was.sha256 == is.sha256 => {}
            Some(_) => reasons.push(format!("{path} has changed.")),
            None => reasons.push(format!("{path} was not there before.")),
        }
    }
    let gone = before
        .iter()
        .filter(|was| !files.iter().any(|is| same(was, is)));
    reasons.extend(gone.map(|was| format!("{} is missing.", was.path.display())));
    for (key, what) in [
        ("tool", "hdumec is another version"),
        ("crates", "other versions of libraries"),
        ("processor", "another kind of processor"),
    ] {
        if recorded[key] != now[key] {
            reasons.push(format!(
                "{what}: {} instead of {}.",
                now[key], recorded[key]
            ));
        }
    }
    // The number of threads is part of the processor's name, and has no say.
    let device = |run: &Value| (run["device"]["kind"] == "cpu", run["device"].clone());
    let (was, is) = (device(recorded), device(now));
    if was != is && !(was.0 && is.0) {
        reasons.push(format!("another device: {} instead of {}.", is.1, was.1));
    }
    reasons
}

/// Whether all fingerprints are the same; earlier versions took fewer.
fn same_bits(before: &Value, now: &Value) -> bool {
    let known = before.as_object().filter(|known| !known.is_empty());
    known.is_some_and(|known| known.iter().all(|(key, value)| &now[key] == value))
}

/// The largest relative change of the mean uncertainty of a modality; none where an earlier version did not tell.
fn change(before: &Value, now: &Value) -> Option<f64> {
    if before.is_null() {
        return Some(0.0);
    }
    let means = |value: &Value| serde_json::from_value::<Vec<f64>>(value.clone()).ok();
    let (before, now) = (means(before)?, means(now)?);
    let each = before
        .iter()
        .zip(&now)
        .map(|(a, b)| (a - b).abs() / a.abs());
    (before.len() == now.len()).then(|| each.fold(0.0, f64::max))
}

/// The largest share of the samples by which a cluster, ordered by size, is larger or smaller.
fn moved(before: &Value, now: &Value) -> Option<f64> {
    let sizes = |value: &Value| serde_json::from_value::<Vec<f64>>(value.clone()).ok();
    let (before, now) = (sizes(before)?, sizes(now)?);
    let samples: f64 = now.iter().sum();
    let same = before.len() == now.len() && before.iter().sum::<f64>() == samples;
    let off = before.iter().zip(&now).map(|(a, b)| (a - b).abs());
    same.then(|| off.fold(0.0, f64::max) / samples.max(1.0))
}

/// The largest difference of two scores; `None` if one is known in one of them only.
/// A single class once had scores, which mean nothing: then only the silhouette counts.
fn furthest(before: &Value, now: &Value, scored: bool) -> Option<f64> {
    let keys: &[&str] = match scored {
        true => &["acc", "nmi", "ari", "asw", "purity"],
        false => &["asw"],
    };
    let mut furthest = 0.0_f64;
    for stage in ["stage1", "stage2"] {
        for key in keys {
            let (a, b) = (before[stage][key].as_f64(), now[stage][key].as_f64());
            match (a, b) {
                (Some(a), Some(b)) => furthest = furthest.max((a - b).abs()),
                (None, None) => {}
                _ => return None,
            }
        }
    }
    Some(furthest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn differences_are_found_and_explained() {
        let scores = |acc: f64| json!({ "stage1": { "acc": acc }, "stage2": null });
        let far = |a: &Value, b: &Value| furthest(a, b, true);
        assert_eq!(far(&scores(0.5), &scores(0.5)), Some(0.0));
        assert!((far(&scores(0.5), &scores(0.7)).unwrap() - 0.2).abs() < 1e-12);
        assert_eq!(far(&scores(0.5), &json!({})), None);
        // Of a single class, an earlier version told scores.
        assert_eq!(furthest(&scores(0.5), &json!({}), false), Some(0.0));

        let file = |hash: &str| InputFile {
            path: "a.csv".into(),
            bytes: 1,
            sha256: hash.into(),
        };
        let recorded = json!({ "inputs": [file("1")], "tool": { "version": "0" } });
        let now = json!({ "tool": { "version": "1" } });
        let said = reasons(&recorded, &now, &[file("2")]).join(" ");
        assert!(said.contains("a.csv has changed"), "{said}");
        assert!(said.contains("another version"), "{said}");
        assert!(reasons(&recorded, &recorded, &[file("1")]).is_empty());
        let labels = InputFile {
            path: "elsewhere/labels.csv".into(),
            ..file("3")
        };
        let said = reasons(&recorded, &recorded, &[labels]);
        let expected = [
            "elsewhere/labels.csv was not there before.",
            "a.csv is missing.",
        ];
        assert_eq!(said, expected);

        let before = json!({ "stage1": "a" });
        assert!(same_bits(
            &before,
            &json!({ "stage1": "a", "uncertainty": "b" })
        ));
        assert!(!same_bits(&before, &json!({ "stage1": "b" })));
        assert!(!same_bits(&Value::Null, &before));
        assert!((change(&json!([2.0, 1.0]), &json!([2.1, 1.0])).unwrap() - 0.05).abs() < 1e-9);
        assert_eq!(change(&json!([2.0]), &json!([2.0, 1.0])), None);
        assert_eq!(change(&Value::Null, &json!([2.0])), Some(0.0));

        let moved = |a: &[u32], b: &[u32]| moved(&json!(a), &json!(b));
        assert_eq!(moved(&[10, 30], &[12, 28]), Some(0.05));
        assert_eq!(moved(&[10, 30], &[10, 31]), None);
        assert_eq!(moved(&[10, 30], &[40]), None);
    }
}
