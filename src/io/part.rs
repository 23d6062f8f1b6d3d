//! One modality of a data set, before and after its samples are matched with the others'.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::{
    containers::Container,
    error::LoadError,
    features,
    load::LoadSpec,
    names,
    notice::LoadNotice,
    report::{ModalityReport, Preview, TABLE},
    rows::Rows,
    table::Table,
};
use crate::{
    data::{Axis, Frame, Matrix, Measured, Modality, Storage, available_memory},
    format::{Format as _, FoundModality, H5mu, Piece},
    job::CancelToken,
    prepare::{self, Kind, Recipe, StepReport, StepTaken},
};

/// A modality as it was read.
pub(super) struct Part {
    /// Its name.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// What kind of file that is.
    pub format: &'static str,
    /// Which matrix of the file this is; empty where there is one only.
    pub source: String,
    /// The matrices that the file has for it, if several.
    pub matrices: Vec<String>,
    /// Whether the file holds several modalities, each with matrices of its own.
    pub of_several: bool,
    /// The id of every row; not unique where it is a class.
    pub ids: Vec<String>,
    /// Where every row stands in its file, from 1.
    pub lines: Vec<u64>,
    /// Names of the features.
    pub features: Axis,
    /// The values, rows x features, NaN where missing.
    pub matrix: Matrix,
    /// What describes the samples.
    pub obs: Frame,
    /// What describes the features.
    pub var: Frame,
    /// Whether features were in rows.
    pub turned: bool,
}

/// What to do with a modality.
pub(super) struct Plan {
    /// The steps to take it through.
    pub recipe: Recipe,
    /// Whether it holds counts that are taken as such.
    pub counts: bool,
    /// Whether these are of transcripts.
    pub transcripts: bool,
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
    /// A modality of a table of text.
    pub fn of_table(table: Table, name: &str, path: &Path, notices: &mut Vec<LoadNotice>) -> Self {
        let (obs, var) = match table.turned {
            true => (Frame::default(), table.aside),
            false => (table.aside, Frame::default()),
        };
        Self {
            name: name.to_owned(),
            path: path.to_owned(),
            format: TABLE,
            source: String::new(),
            matrices: Vec::new(),
            of_several: false,
            ids: table.ids,
            lines: table.lines,
            features: features::unique(name, table.features, notices),
            matrix: Matrix::Dense(table.values),
            obs,
            var,
            turned: table.turned,
        }
    }

    /// A modality of a file of another program.
    pub fn of_piece(piece: Piece, container: &Container, found: &[FoundModality]) -> Self {
        let here = found.iter().find(|found| found.name == piece.modality);
        let format = container.format.name();
        Self {
            name: piece.modality,
            path: container.path.clone(),
            format,
            source: piece.source,
            matrices: here.map_or_else(Vec::new, |found| found.matrices.clone()),
            of_several: format == H5mu.name(),
            ids: piece.samples.names().to_vec(),
            lines: (1..=piece.samples.len() as u64).collect(),
            features: piece.features,
            matrix: piece.matrix,
            obs: piece.obs,
            var: piece.var,
            turned: false,
        }
    }

    /// Whether it is of a table, not of a file of another program.
    pub fn is_table(&self) -> bool {
        self.format == TABLE
    }

    /// Its rows, to be matched.
    pub fn rows(&self) -> Rows<'_> {
        Rows {
            ids: &self.ids,
            lines: &self.lines,
            features: &self.features,
        }
    }

    /// What it measures, by its name, or else by the names of its features.
    fn kind(&self) -> Kind {
        match Kind::of(&self.name) {
            Kind::Other => names::measured(&self.features),
            known => known,
        }
    }

    /// That it holds no counts, though they are needed.
    pub fn no_counts(&self) -> LoadError {
        LoadError::NoCounts {
            path: self.path.clone(),
            modality: self.name.clone(),
        }
    }

    /// What to do with it.
    pub fn plan(&self, spec: &LoadSpec) -> Result<Plan, LoadError> {
        let told = spec.preparation.get(&self.name);
        let wanted = spec.prepare.contains(&self.name);
        // Whole numbers in a table may be anything, and are taken as they are unless the user says so.
        let as_it_is = !wanted && (self.is_table() || spec.as_they_are);
        if as_it_is && told.is_none_or(|told| *told == Recipe::none()) {
            return Ok(Plan {
                recipe: Recipe::none(),
                counts: false,
                transcripts: false,
            });
        }
        let facts = self.matrix.facts()?;
        let counts = facts.are_counts();
        if wanted && !counts {
            return Err(self.no_counts());
        }
        // Counts of what is not known are prepared like transcripts, which are counted most, if that is asked for.
        let kind = match self.kind() {
            Kind::Other if wanted => Kind::Rna,
            kind => kind,
        };
        let transcripts = counts && kind == Kind::Rna && facts.missing == 0;
        let mut recipe = told
            .cloned()
            .unwrap_or_else(|| prepare::default_recipe(kind, &facts));
        if transcripts {
            recipe.cuts = spec.cuts.or(recipe.cuts);
        }
        Ok(Plan {
            recipe,
            counts,
            transcripts,
        })
    }

    /// Takes the rows of these samples, all or those picked, through the steps of a recipe.
    pub fn prepare(
        self,
        (samples, picks): (&[String], Option<&[u32]>),
        recipe: Recipe,
        spec: &LoadSpec,
        notices: &mut Vec<LoadNotice>,
        cancel: &CancelToken,
    ) -> Result<Ready, LoadError> {
        // Files that hold the same samples in the same order need no picking.
        let matrix = match picks {
            Some(picks) => self.matrix.select_rows(picks)?,
            None => self.matrix.clone(),
        };
        cancel.check()?;
        let storage = storage(&matrix, &recipe, spec);
        let prepared = prepare::prepare(&matrix, &self.features, &recipe, storage, cancel)
            .map_err(|error| LoadError::of_preparation(&self.path, &self.name, error))?;
        let steps = about_steps(&self.name, &prepared.report, matrix.samples(), notices);
        let taken = recipe != Recipe::none();
        if taken && !steps.is_empty() {
            notices.push(LoadNotice::Prepared {
                modality: self.name.clone(),
                steps: steps.clone(),
            });
        } else if !taken && !self.is_table() && prepared.facts.are_counts() {
            notices.push(LoadNotice::CountsAsTheyAre {
                modality: self.name.clone(),
            });
        }
        let preview = Preview::of(samples, &self.features, &matrix)?;
        let report = ModalityReport {
            name: self.name.clone(),
            file: self.path,
            format: self.format,
            matrix: self.source,
            matrices: self.matrices,
            of_several: self.of_several,
            samples_in_file: self.ids.len(),
            features_in_file: self.features.len(),
            turned: self.turned,
            facts: prepared.facts,
            looks: prepared.facts.looks(&self.features),
            steps,
            recipe: recipe.clone(),
            taken: prepared.report,
            variability: prepared.variability.map(Arc::new),
            quality: None,
            features: prepared.features.len(),
            preview,
        };
        let modality = Modality {
            name: self.name,
            features: prepared.features,
            values: prepared.values,
            measured: Measured {
                features: self.features,
                matrix,
                missing: prepared.facts.missing,
                columns: prepared.columns,
                mixture: prepared.mixture,
                var: self.var,
            },
        };
        Ok(Ready {
            modality,
            report,
            recipe: taken.then_some(recipe),
        })
    }
}

/// Where prepared values go.
fn storage(matrix: &Matrix, recipe: &Recipe, spec: &LoadSpec) -> Storage {
    if let Matrix::Dense(values) = matrix {
        return values.storage();
    }
    let allowed = spec.memory.unwrap_or_else(|| available_memory() / 8);
    let bytes = 4 * matrix.samples() as u64 * matrix.features() as u64;
    let narrow = recipe.steps.iter().any(|step| step.name() == "pca");
    match narrow || bytes <= allowed {
        true => Storage::Memory,
        false => Storage::Disk,
    }
}

/// Says what the steps that every modality goes through did; returns what the others did.
fn about_steps(
    modality: &str,
    taken: &[StepTaken],
    samples: usize,
    notices: &mut Vec<LoadNotice>,
) -> Vec<String> {
    let mut steps = Vec::new();
    for report in taken
        .iter()
        .map(|taken| &taken.report)
        .filter(|report| report.changed())
    {
        match report {
            StepReport::DropConstant { constant, empty } => {
                if let Some(example) = empty.first() {
                    notices.push(LoadNotice::EmptyFeaturesLeftOut {
                        modality: modality.to_owned(),
                        features: empty.len(),
                        example: example.clone(),
                    });
                }
                if let Some(example) = constant.first() {
                    notices.push(LoadNotice::ConstantFeaturesLeftOut {
                        modality: modality.to_owned(),
                        features: constant.len(),
                        example: example.clone(),
                    });
                }
            }
            StepReport::FillMissing {
                values,
                features,
                of,
            } => notices.push(LoadNotice::MissingReplaced {
                modality: modality.to_owned(),
                values: *values,
                features: *features,
                of: samples * of,
            }),
            other => steps.push(other.to_string()),
        }
    }
    steps
}
