//! One modality of a data set, before and after its samples are matched with the others'.

use std::path::{Path, PathBuf};

use super::{
    clean, error::LoadError, load::LoadSpec, names, notice::LoadNotice, report::ModalityReport,
    rows::Rows, table::Table,
};
use crate::{
    data::{Modality, Storage, available_memory},
    format::Piece,
    job::CancelToken,
    prepare::{self, Kind, Recipe},
};

/// A modality as it was read.
pub(super) struct Part {
    /// Its name.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// What was read.
    pub content: Content,
}

/// What a modality was read from.
pub(super) enum Content {
    /// A table of text.
    Table(Table),
    /// A file of another program; with the places of its samples there, from 1.
    Piece(Box<Piece>, Vec<u64>),
}

/// A modality ready for the model.
pub(super) struct Ready {
    /// The modality.
    pub modality: Modality,
    /// What there is to say of it.
    pub report: ModalityReport,
    /// The steps that were taken beyond what every modality needs.
    pub recipe: Option<Recipe>,
}

impl Part {
    /// A modality of a file of another program.
    pub fn of(piece: Piece, path: &Path) -> Self {
        let lines = (1..=piece.samples.len() as u64).collect();
        Self {
            name: piece.modality.clone(),
            path: path.to_owned(),
            content: Content::Piece(Box::new(piece), lines),
        }
    }

    /// Its rows, to be matched.
    pub fn rows(&self) -> Rows<'_> {
        match &self.content {
            Content::Table(table) => Rows {
                ids: &table.ids,
                lines: &table.lines,
                features: &table.features,
            },
            Content::Piece(piece, lines) => Rows {
                ids: piece.samples.names(),
                lines,
                features: piece.features.names(),
            },
        }
    }

    /// Takes these of its rows through the steps it needs.
    pub fn prepare(
        self,
        picks: Option<&[u32]>,
        spec: &LoadSpec,
        notices: &mut Vec<LoadNotice>,
        cancel: &CancelToken,
    ) -> Result<Ready, LoadError> {
        let Self {
            name,
            path,
            content,
        } = self;
        match content {
            Content::Table(table) => {
                let made = clean::modality(&name, &path, table, picks, notices, cancel);
                made.map(|(modality, report)| Ready {
                    modality,
                    report,
                    recipe: None,
                })
            }
            Content::Piece(piece, _) => piece_prepared(*piece, path, picks, spec, notices, cancel),
        }
    }
}

/// What a modality measures, by its name, or else by the names of its features.
fn kind(name: &str, features: &[String]) -> Kind {
    match Kind::of(name) {
        Kind::Other => names::measured(features),
        known => known,
    }
}

fn piece_prepared(
    piece: Piece,
    path: PathBuf,
    picks: Option<&[u32]>,
    spec: &LoadSpec,
    notices: &mut Vec<LoadNotice>,
    cancel: &CancelToken,
) -> Result<Ready, LoadError> {
    let (name, features) = (piece.modality, piece.features);
    let rows_in_file = piece.matrix.samples();
    let matrix = match picks {
        Some(picks) => piece.matrix.select_rows(picks)?,
        None => piece.matrix,
    };
    let facts = matrix.facts()?;
    let told = spec.preparation.get(&name).cloned();
    let recipe = told.unwrap_or_else(|| match spec.as_they_are {
        true => Recipe::none(),
        false => prepare::default_recipe(kind(&name, features.names()), &facts),
    });
    let allowed = spec.memory.unwrap_or_else(|| available_memory() / 8);
    let bytes = 4 * matrix.samples() as u64 * features.len() as u64;
    let narrow = recipe.steps.iter().any(|step| step.name() == "pca");
    let storage = match narrow || bytes <= allowed {
        true => Storage::Memory,
        false => Storage::Disk,
    };
    let prepared = prepare::prepare(&matrix, &features, &recipe, storage, cancel)
        .map_err(|error| LoadError::of_preparation(&path, &name, error))?;
    if facts.are_counts() && recipe == Recipe::none() {
        notices.push(LoadNotice::CountsAsTheyAre {
            modality: name.clone(),
        });
    }
    let taken = recipe != Recipe::none();
    let steps = prepared.report.iter().filter(|step| step.changed());
    let steps: Vec<String> = steps.map(ToString::to_string).collect();
    if !steps.is_empty() {
        notices.push(LoadNotice::Prepared {
            modality: name.clone(),
            steps,
        });
    }
    let modality = Modality {
        name: name.clone(),
        features: prepared.features.names().to_vec(),
        values: prepared.values,
    };
    let (minimum, maximum) = modality.range()?;
    let report = ModalityReport {
        name,
        file: path,
        rows_in_file,
        features_in_file: features.len(),
        features: modality.features.len(),
        imputed: prepared.report.iter().map(|step| step.imputed()).sum(),
        minimum,
        maximum,
    };
    Ok(Ready {
        modality,
        report,
        recipe: taken.then_some(recipe),
    })
}
