//! Every file of a folder of results: what is in it, which results have it, and how it is made. This is the only list of them.

use std::{
    borrow::Cow,
    fs::File,
    io::{self, BufWriter, Write},
    path::Path,
};

use serde_json::Value;

use super::{
    Fault, RunRecord, Scores, assignment, checks, figures, methods, reopen, report,
    tables::{self, Table},
    wording,
};
use crate::{
    data::{Dataset, Labels, Values, demo},
    figure::Drawing,
    io::Inputs,
    job::CancelToken,
    pipeline::{AnalysisResult, check::Check},
};

/// A file that results may have.
pub(super) struct OutputFile {
    pub name: &'static str,
    /// What is in it, where a result has it. Files of one kind, side by side, say the same.
    about: fn(&AnalysisResult) -> Option<Cow<'static, str>>,
    make: Make,
}

/// How the content of a file is made; nothing where a result has nothing for it.
type Make = for<'a> fn(&'a Found<'a>) -> Result<Option<Content<'a>>, Fault>;

/// What files are made of.
pub(super) struct Found<'a> {
    pub result: &'a AnalysisResult,
    pub check: &'a Check,
    pub inputs: &'a Inputs,
}

/// What is in a file.
enum Content<'a> {
    Json(Value),
    Table(Table<'a>),
    Png(Drawing),
    Svg(Drawing),
    /// It is written by itself.
    Own(Own<'a>),
}

/// What writes itself.
type Own<'a> = Box<dyn Fn(&mut dyn Write) -> Result<(), Fault> + 'a>;

/// A file that all results have.
macro_rules! always {
    ($about:literal) => {
        |_| Some($about.into())
    };
}

/// Every file, in the order in which they are told.
pub(super) static FILES: &[OutputFile] = &[
    file(
        "embedding.csv",
        always!("the embedding of every sample"),
        |found| table(Some(tables::embedding(found.result))),
    ),
    file(
        "umap.csv",
        |r| is(mapped(r), "its place on the maps"),
        |found| table(tables::umap(found.result)),
    ),
    file(
        "assignment.csv",
        |r| Some(about_assignment(r).into()),
        |found| table(Some(assignment::table(found.result))),
    ),
    file(
        "uncertainty_sample.csv",
        always!("the three levels of uncertainty"),
        |found| table(Some(tables::uncertainty_of_samples(found.result))),
    ),
    file(
        "uncertainty_modality.csv",
        always!("the three levels of uncertainty"),
        |found| table(Some(tables::uncertainty_of_modalities(found.result))),
    ),
    file(
        "uncertainty_feature.csv",
        always!("the three levels of uncertainty"),
        |found| table(Some(tables::uncertainty_of_features(found.result))),
    ),
    file(
        "loadings.csv",
        |r| {
            let mixed = r
                .dataset
                .modalities
                .iter()
                .any(|m| m.measured.mixture.is_some());
            is(
                mixed,
                "how much of every feature goes into each component that the model got",
            )
        },
        |found| table(tables::loadings(found.result)),
    ),
    file("not_measured.csv", about_not_measured, |found| {
        table(tables::not_measured(found.result)?)
    }),
    file(
        "convergence.csv",
        always!("every epoch with its loss and scores"),
        |found| table(Some(tables::convergence(&found.result.history))),
    ),
    file(
        "scores.json",
        always!("scores after both stages, and warnings"),
        |found| json(&Scores::of(found.result)),
    ),
    file(
        "check.json",
        |r| is(labelled(r) || has_truth(r) || r.injection.is_some(), CHECKS),
        |found| Ok(checks::check_json(found.result, found.check).map(Content::Json)),
    ),
    file(
        "risk_coverage.csv",
        |r| is(labelled(r), CHECKS),
        |found| table(checks::coverage(found.check)),
    ),
    file(
        "injected_noise.csv",
        |r| is(r.injection.is_some(), CHECKS),
        |found| table(checks::injected(found.result)),
    ),
    file(
        methods::METHODS,
        |r| is(r.comparison.is_some(), METHODS),
        |found| {
            let comparison = found.result.comparison.as_deref();
            table(comparison.map(methods::methods))
        },
    ),
    file(
        methods::CLUSTERS,
        |r| is(r.comparison.is_some(), METHODS),
        |found| {
            let comparison = found.result.comparison.as_deref();
            let dataset: &Dataset = &found.result.dataset;
            table(comparison.map(|comparison| methods::clusters(dataset, comparison)))
        },
    ),
    file(
        RUN,
        always!("inputs with their hashes, every parameter, device, versions, times"),
        |found| json(&RunRecord::of(found.result, found.inputs)),
    ),
    file(
        "methods_text.md",
        always!(
            "a paragraph for a methods section, with every parameter and the versions of the software"
        ),
        |found| {
            own(|out| {
                Ok(out.write_all(wording::methods_text(found.result, found.inputs).as_bytes())?)
            })
        },
    ),
    file(
        KEPT,
        always!("all of it, to be opened again here"),
        |found| own(|out| Ok(reopen::write(out, found.result, found.inputs)?)),
    ),
    file(
        "model.safetensors",
        always!("the trained network; PyTorch reads it too"),
        |found| {
            own(|out| {
                let notes = report::model_notes(found.result);
                Ok(found.result.weights.write(out, &notes)?)
            })
        },
    ),
    file(
        "umap_label.png",
        |r| is(drawn(r), LABEL),
        |found| Ok(figures::label(found.result).map(Content::Png)),
    ),
    file(
        "umap_label.svg",
        |r| is(drawn(r), LABEL),
        |found| Ok(figures::label(found.result).map(Content::Svg)),
    ),
    file("umap_uncertainty.png", about_uncertainty_map, |found| {
        Ok(figures::uncertainty(found.result).map(Content::Png))
    }),
    file("umap_uncertainty.svg", about_uncertainty_map, |found| {
        Ok(figures::uncertainty(found.result).map(Content::Svg))
    }),
    file(
        "convergence.png",
        |r| is(clustered(r), CURVE),
        |found| Ok(figures::convergence(found.result).map(Content::Png)),
    ),
    file(
        "convergence.svg",
        |r| is(clustered(r), CURVE),
        |found| Ok(figures::convergence(found.result).map(Content::Svg)),
    ),
];

/// How an analysis was made; a folder with this file holds results.
pub(super) const RUN: &str = "run.json";

/// What was found, to be opened again.
pub(super) const KEPT: &str = "results.hdumec";

const CHECKS: &str = "what the uncertainty is worth, as far as it is known";
const METHODS: &str = "other methods beside this one: scores, agreement, clusters";
const LABEL: &str = "the map by label and cluster";
const CURVE: &str = "the convergence curve";

const fn file(
    name: &'static str,
    about: fn(&AnalysisResult) -> Option<Cow<'static, str>>,
    make: Make,
) -> OutputFile {
    OutputFile { name, about, make }
}

/// The files that an export of this result writes, those of a kind together, and what is in them.
pub fn contents(result: &AnalysisResult) -> Vec<(String, String)> {
    let mut told: Vec<(String, String)> = Vec::new();
    for file in FILES {
        let Some(about) = (file.about)(result) else {
            continue;
        };
        match told.last_mut() {
            Some((names, before)) if *before == about => {
                names.push_str(", ");
                names.push_str(file.name);
            }
            _ => told.push((file.name.into(), about.into_owned())),
        }
    }
    told
}

impl OutputFile {
    /// Writes it, unless the result has nothing for it; whether it did.
    pub fn write(
        &self,
        folder: &Path,
        found: &Found<'_>,
        cancel: &CancelToken,
    ) -> Result<bool, Fault> {
        let Some(content) = (self.make)(found)? else {
            return Ok(false);
        };
        let mut out = BufWriter::with_capacity(1 << 16, File::create_new(folder.join(self.name))?);
        match content {
            Content::Json(value) => writeln!(out, "{value:#}")?,
            Content::Table(table) => {
                table.write(&mut out, cancel)?;
                // What could not be read back from disk was written as no value.
                let mut values = found.result.uncertainty.feature.iter();
                values.try_for_each(Values::check)?;
            }
            Content::Png(drawing) => out.write_all(&drawing.to_png()?)?,
            Content::Svg(drawing) => out.write_all(drawing.to_svg().as_bytes())?,
            Content::Own(write) => write(&mut out)?,
        }
        let file = out.into_inner().map_err(io::IntoInnerError::into_error)?;
        file.sync_all()?;
        Ok(true)
    }
}

fn table(table: Option<Table<'_>>) -> Result<Option<Content<'_>>, Fault> {
    Ok(table.map(Content::Table))
}

fn json<'a>(value: &impl serde::Serialize) -> Result<Option<Content<'a>>, Fault> {
    let value = serde_json::to_value(value).map_err(io::Error::other)?;
    Ok(Some(Content::Json(value)))
}

fn own<'a>(
    write: impl Fn(&mut dyn Write) -> Result<(), Fault> + 'a,
) -> Result<Option<Content<'a>>, Fault> {
    Ok(Some(Content::Own(Box::new(write))))
}

fn is(there: bool, about: &'static str) -> Option<Cow<'static, str>> {
    there.then_some(about.into())
}

fn mapped(result: &AnalysisResult) -> bool {
    result.stage1.umap.is_some() || result.last_stage().umap.is_some()
}

fn drawn(result: &AnalysisResult) -> bool {
    result.stage(2).umap.is_some()
}

fn clustered(result: &AnalysisResult) -> bool {
    let mut epochs = result.history.iter();
    epochs.any(|epoch| epoch.clustering.is_some())
}

fn labelled(result: &AnalysisResult) -> bool {
    result
        .dataset
        .labels
        .as_ref()
        .is_some_and(Labels::tell_apart)
}

/// Whether it is known how noisy each sample was made.
fn has_truth(result: &AnalysisResult) -> bool {
    let mut truth = result.dataset.truth.sample.iter();
    truth.any(|column| column.name == demo::CELL_NOISE)
}

fn about_assignment(result: &AnalysisResult) -> String {
    let stage = result.last_stage();
    let disagreement = match stage.disagreement {
        Some(_) => ", disagreement of the votes",
        None => "",
    };
    let contradiction = match stage.contradiction {
        Some(_) => ", contradiction of modalities",
        None => "",
    };
    format!("cluster, ambiguity and second cluster{disagreement}{contradiction}, soft assignment")
}

fn about_not_measured(result: &AnalysisResult) -> Option<Cow<'static, str>> {
    let mut modalities = result.dataset.modalities.iter();
    let missing = modalities.any(|m| m.measured.missing > 0);
    is(
        missing,
        match result.spec.train.masked {
            true => "the values that were missing in the files: their uncertainty is a prediction",
            false => "the values that were missing in the files: means were learned in their place",
        },
    )
}

fn about_uncertainty_map(result: &AnalysisResult) -> Option<Cow<'static, str>> {
    is(
        drawn(result),
        match result.last_stage().disagreement {
            Some(_) => "the map by data noise, ambiguity and disagreement",
            None => "the map by data noise and ambiguity",
        },
    )
}
