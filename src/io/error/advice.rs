//! What the user can do about files that could not be loaded.

use super::LoadError;
use crate::{data::BadChoice, io::Answer, store::room};

impl LoadError {
    /// What the user can do about it; empty for a cancel.
    pub fn advice(&self) -> String {
        match self {
            Self::Cancelled(_) => String::new(),
            Self::Limit(_) | Self::Memory { .. } => "Ask for fewer samples.".into(),
            Self::Disk(error) => room::advice_on_cache(error),
            Self::TooMuchText { .. } => "Labels and known values have one line a sample: see whether this is the right file.".into(),
            Self::Ask(question) => {
                let answer = |answer: &Answer| format!("{} ({})", answer.text, answer.choice.flag());
                let answers: Vec<String> = question.answers.iter().map(answer).collect();
                format!("Choose: {}.", answers.join(", or "))
            }
            Self::Format(error) => error.advice(),
            Self::Prepare { source, .. } if source.is_of_steps() => "Change the steps: 'hdumec prepare --write-recipe FILE' writes the usual ones.".into(),
            Self::Prepare { .. } => "Give the values as they were measured, or as another matrix of the file holds them.".into(),
            Self::SeveralContainers { .. } => "Name one of them, or move the others elsewhere.".into(),
            Self::Table(error) => error.advice(),
            Self::NothingGiven => "Name one table per modality, or a folder that holds them.".into(),
            Self::Read { .. } => "Check that it exists and that you may read it.".into(),
            Self::NoModalityFiles { tables, .. } if tables.is_empty() => {
                "Name the files of the modalities, or choose the folder that holds them.".into()
            }
            Self::NoModalityFiles { .. } => "Name these files one by one, or rename them to modality_<name>.csv.".into(),
            Self::OnlyLabels { .. } => "Add the table of at least one modality.".into(),
            Self::TwoLabelFiles { .. } => "Keep one of them.".into(),
            Self::SameModality { .. } => "Rename one of the files: a modality is named after its file.".into(),
            Self::NotText { advice, .. } => (*advice).into(),
            Self::NotAFile { .. } => "Name a file, or save what it holds as one; rename it if it is not meant to be read.".into(),
            Self::LineTooLong { .. } | Self::TooManyColumns { .. } => {
                "So many columns cannot be analysed. Look whether the file has line breaks, whether a quote is never closed, and whether samples are rows (transpose the table if they are columns).".into()
            }
            Self::NotUtf8 { .. } => "Save the file again with the encoding UTF-8.".into(),
            Self::Empty { .. } | Self::HeaderOnly { .. } => {
                "Export the table again: a header line of feature names, then one line per sample.".into()
            }
            Self::NoFeatureColumn { .. } => {
                "Columns are separated by commas, tabs, semicolons or spaces: the sample id first, then one column per feature.".into()
            }
            Self::Ragged { .. } => {
                "Look at that line: a separator is missing or extra, a name holds an unquoted separator, or the file was cut off.".into()
            }
            Self::TextCell { .. } => {
                "Features must be numbers. Remove the column if it is an annotation (labels go into a file labels.csv), or correct the cell; NA or an empty cell marks a missing value.".into()
            }
            Self::Infinite { .. } => "Often the logarithm of zero or a division by zero: correct it, or leave the cell empty to mark it missing.".into(),
            Self::TooLarge { .. } => "Correct the cell, or use another unit for this feature.".into(),
            Self::NoSampleId { .. } => "Give every row the id of its sample in the first column.".into(),
            Self::DuplicateSample { class_like: true, .. } => {
                "The first column is taken for sample ids. If it holds class labels, say so (first column: class labels); the rows of all files must then be in the same order.".into()
            }
            Self::DuplicateSample { .. } => "Sample ids must be unique: remove one of the rows, or rename it.".into(),
            Self::ClassRowsDiffer { .. } | Self::ClassesDiffer { .. } => {
                "Give the files the same samples in the same order; or, if the first column holds sample ids, say so (first column: sample ids).".into()
            }
            Self::NoCommonSample { guess, .. } => guess.map_or_else(
                || "The first column of every file must name the same samples in the same way.".into(),
                Into::into,
            ),
            Self::Large { .. } => "Reading can be cancelled at any time.".into(),
            Self::OneSample { .. } => "Open the samples of a whole experiment: a header line of feature names, then one line per sample.".into(),
            Self::UnknownModality { .. } => "Name one of these in the recipe.".into(),
            Self::Choice(BadChoice::AllCut { .. }) => "Set wider cuts.".into(),
            Self::Choice(_) => "Look whether the ids are those of these data; two samples or more must be left.".into(),
            Self::NoTranscripts { .. } => "Leave that out; or, if a table of text holds counts, have it prepared.".into(),
            Self::NoCounts { .. } => "Take them as they are.".into(),
            Self::NoUsableFeature { .. } => "Leave this modality out, or export it again.".into(),
            Self::NoLabelColumn { .. } => "Choose one of these columns.".into(),
            Self::LabelsUnmatched { .. } => "Use two columns, sample and label; or give one row for every sample, in the order of the data.".into(),
            Self::NoLabelMatches { .. } => "Use the same sample ids in both; or leave the classes alone in the file, one line a sample in the order of the data; or load without labels.".into(),
            Self::MetadataTooWide { .. } => "Look whether this is the file of the labels, and whether it has line breaks.".into(),
            Self::LabelsDiffer { .. } => "Keep one row for every sample, choose another label column, or load without labels.".into(),
            Self::LabelsAreIds { .. } => "Choose another label column, or load without labels.".into(),
        }
    }
}
