//! What a methods section says of a run: a paragraph with its parameters, and a table of the software.

use std::fmt::Write as _;

use crate::{
    data::Chosen,
    io::{Inputs, Source},
    model::{DeviceInfo, DeviceKind},
    pipeline::{AnalysisResult, PARAMETERS},
    prepare::write_recipes,
    words::thousands,
};

/// The crates whose versions are told: those that compute.
const COMPUTES: [&str; 4] = ["burn", "umap-rs", "faer", "ndarray"];

/// The versions that the program was built with.
const LOCK: &str = include_str!("../../Cargo.lock");

/// The paragraph, the parameters that are not those of the recipe, the preparation and the software, in Markdown.
pub fn methods_text(result: &AnalysisResult, inputs: &Inputs) -> String {
    let mut text = paragraph(result);
    text.push_str(&inputs.source.as_ref().map_or_else(String::new, by_choice));
    let changed = result.spec.changes();
    if !changed.is_empty() {
        _ = write!(
            text,
            "\n\nParameters other than those of the recipe: {}.",
            changed.join(", ")
        );
    }
    text.push_str("\n\n| parameter | value |\n|---|---|\n");
    for parameter in PARAMETERS {
        let value = parameter.value(&result.spec);
        _ = writeln!(text, "| {} | {value} |", parameter.name);
    }
    if let Some(Source::Files(spec)) = &inputs.source
        && !spec.preparation.is_empty()
    {
        let recipes = write_recipes(&spec.preparation);
        _ = write!(text, "\nPreparation:\n\n```toml\n{}\n```\n", recipes.trim());
    }
    if !inputs.files.is_empty() {
        text.push_str("\n| input | SHA-256 |\n|---|---|\n");
        for file in &inputs.files {
            // Where it lies is nobody's business.
            let name = file.path.file_name().unwrap_or(file.path.as_os_str());
            _ = writeln!(text, "| {} | {} |", name.to_string_lossy(), file.sha256);
        }
    }
    text.push_str("\n| software | version |\n|---|---|\n");
    let own = env!("CARGO_PKG_VERSION").to_owned();
    let others = COMPUTES
        .iter()
        .filter_map(|name| Some((*name, version(name)?)));
    for (name, version) in [("hdumec", own)].into_iter().chain(others) {
        _ = writeln!(text, "| {name} | {version} |");
    }
    text
}

/// Which samples took part, where the user chose them: a sentence for each choice.
fn by_choice(source: &Source) -> String {
    let after = match source {
        Source::Files(_) => source.kept(),
        // Nothing is prepared there: there is one choice.
        Source::Demo(_) | Source::DemoPart(..) => &Chosen::All,
    };
    let choices = [(source.chosen(), "before"), (after, "after")];
    let sentence = |(chosen, when): (&Chosen, &str)| {
        let (what, ids, end) = match chosen {
            Chosen::All => return None,
            Chosen::Only(ids) => ("Only samples", ids, "took part"),
            Chosen::Without(ids) => ("Samples", ids, "were left out"),
        };
        let ids = thousands(ids.len() as u64);
        Some(format!(
            " {what} on a list of {ids} ids {end}, chosen {when} the values were prepared."
        ))
    };
    choices.into_iter().filter_map(sentence).collect()
}

/// The devices, in words.
fn computed_on(result: &AnalysisResult) -> String {
    let in_words = |device: &DeviceInfo| match device.kind {
        DeviceKind::Remote => format!("a device lent by another machine ({})", device.name),
        _ => device.name.clone(),
    };
    let others = result.helpers.iter().map(|helped| &helped.device);
    let all: Vec<String> = std::iter::once(&result.device)
        .chain(others)
        .map(in_words)
        .collect();
    all.join(", ")
}

/// The run in sentences.
fn paragraph(result: &AnalysisResult) -> String {
    let dataset = &result.dataset;
    let modalities: Vec<String> = dataset
        .modalities
        .iter()
        .map(|modality| {
            let (own, measured) = (modality.features.len(), modality.measured.features.len());
            let [own, all] = [own, measured].map(|n| thousands(n as u64));
            match (&modality.measured.mixture, own == all) {
                (Some(_), _) => format!("{} ({own} components of {all} features)", modality.name),
                (None, true) => format!("{} ({own} features)", modality.name),
                (None, false) => format!("{} ({own} of {all} features)", modality.name),
            }
        })
        .collect();
    let spec = &result.spec;
    let mut text = format!(
        "{} samples with {} were integrated and clustered with hdumec {} (recipe {}, seed {}, {}), which learns one embedding of {} \
         dimensions from all modalities with hierarchical uncertainty and clusters it by deep embedded clustering into {} clusters.",
        thousands(dataset.samples.len() as u64),
        modalities.join(", "),
        env!("CARGO_PKG_VERSION"),
        spec.recipe,
        spec.seed,
        computed_on(result),
        spec.train.embedding,
        result.clusters,
    );
    if let Some(earlier) = &spec.earlier {
        _ = write!(
            text,
            " Training went on with the model of an earlier run on {} samples",
            thousands(earlier.samples as u64)
        );
        text.push_str(match result.consensus {
            Some(_) => ", whose votes are kept for the samples that are left.",
            None => ".",
        });
    }
    if let Some(consensus) = &result.consensus {
        _ = write!(
            text,
            " Clusters were elected by a consensus of {} votes",
            consensus.clusterings
        );
        match (consensus.agreement, consensus.verdict()) {
            (Some(agreement), Some(verdict)) => {
                _ = write!(
                    text,
                    "; the {} agreed with a mean adjusted Rand index of {agreement:.2} ({verdict}).",
                    consensus.judges()
                );
            }
            _ => text.push('.'),
        }
    }
    let scores = &result.last_stage().scores;
    let known = [
        ("ACC", scores.acc),
        ("NMI", scores.nmi),
        ("ARI", scores.ari),
    ];
    let known: Vec<String> = known
        .iter()
        .filter_map(|(name, value)| Some(format!("{name} {:.3}", (*value)?)))
        .collect();
    if !known.is_empty() {
        _ = write!(text, " Against the known labels: {}.", known.join(", "));
    }
    let umap = &spec.umap;
    _ = write!(
        text,
        " Maps were drawn with UMAP ({} neighbours, minimal distance {}, spread {}, seed {}).",
        umap.neighbours, umap.min_dist, umap.spread, umap.seed
    );
    text
}

/// The version of a crate that the program was built with.
fn version(name: &str) -> Option<String> {
    let wanted = format!("name = \"{name}\"\n");
    let (_, rest) = LOCK.split_once(&wanted)?;
    let line = rest.lines().next()?;
    Some(
        line.strip_prefix("version = \"")?
            .trim_end_matches('"')
            .into(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn choices_of_samples_are_told() {
        let names = |n: usize| (0..n).map(|i| format!("s{i}")).collect();
        let source = Source::files(vec!["rna.csv".into()]);
        assert_eq!(by_choice(&source), "");
        let source = source.with(Chosen::Only(names(1200)));
        let text = " Only samples on a list of 1,200 ids took part, chosen before the values were prepared.";
        assert_eq!(by_choice(&source), text);
        let after =
            " Samples on a list of 3 ids were left out, chosen after the values were prepared.";
        let source = source.keeping(Chosen::Without(names(3)));
        assert_eq!(by_choice(&source), format!("{text}{after}"));
        let part =
            Source::Demo(crate::data::demo::DemoSpec::default()).with(Chosen::Without(names(2)));
        assert!(
            by_choice(&part)
                .ends_with("of 2 ids were left out, chosen before the values were prepared.")
        );
    }

    #[test]
    fn versions_are_those_of_the_build() {
        for name in COMPUTES {
            let version = version(name).unwrap_or_default();
            let numbers = version.split(['.', '-']).take(3);
            assert!(numbers.clone().count() == 3, "{name} {version}");
        }
        assert_eq!(version("no such crate"), None);
    }
}
