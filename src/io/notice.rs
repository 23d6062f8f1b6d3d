//! What loading had to say about the files, in plain words: every repair, counted.

mod answers;
mod table;
mod words;

use serde::Serialize;
use std::path::{Path, PathBuf};

pub use table::TableNotice;

/// Something the user should know about the loaded files. `Display` is one plain sentence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
#[non_exhaustive]
pub enum LoadNotice {
    /// The first column was taken for class labels.
    ClassesInFirstColumn {
        /// Number of classes.
        classes: usize,
    },
    /// The labels are those of a column that the user did not name.
    LabelsFound {
        /// The file.
        file: PathBuf,
        /// The column used.
        column: String,
        /// Other columns that could be used.
        others: Vec<String>,
    },
    /// A labels file was found beside the data and could not be used.
    LabelsIgnored {
        /// The file.
        file: PathBuf,
        /// Why not, as a sentence.
        reason: String,
    },
    /// The labels file has no column that could hold classes, or none that most samples have a value in.
    NoClasses {
        /// The file.
        file: PathBuf,
    },
    /// The ids of the labels file are not in its first column.
    LabelIdsFound {
        /// The file.
        file: PathBuf,
        /// The column.
        column: String,
    },
    /// The labels file has no header.
    LabelsWithoutHeader {
        /// The file.
        file: PathBuf,
        /// Its first line.
        first: String,
    },
    /// Text that is not UTF-8.
    ReadAsLatin1 {
        /// The file.
        file: PathBuf,
        /// The first line that shows it.
        line: u64,
    },
    /// So few samples have a label that the number of clusters is not taken from the labels.
    FewLabelled {
        /// How many have one.
        samples: usize,
        /// Of how many.
        of: usize,
    },
    /// The labels were matched by row, as there are no sample ids.
    LabelsByPosition {
        /// The file.
        file: PathBuf,
        /// The file whose order of samples counts.
        like: PathBuf,
    },
    /// Samples in the labels file that are not in the data.
    LabelsWithoutSample {
        /// How many.
        labels: usize,
    },
    /// A sample has more than one row in the labels file, of one class.
    RepeatedLabels {
        /// How many rows name a sample again.
        rows: usize,
    },
    /// Samples that have no label.
    Unlabelled {
        /// How many.
        samples: usize,
        /// Of how many.
        of: usize,
    },
    /// Samples left out because a modality lacks them.
    SamplesLeftOut {
        /// The modality that lacks them.
        modality: String,
        /// How many.
        samples: usize,
        /// Samples of all files together.
        of: usize,
    },
    /// Samples that the user left out.
    SamplesNotChosen {
        /// How many.
        samples: usize,
        /// Of how many.
        of: usize,
    },
    /// Samples that the user left out of those that were prepared.
    SamplesNotKept {
        /// How many.
        samples: usize,
        /// Of how many.
        of: usize,
    },
    /// Samples left out by cuts.
    SamplesCut {
        /// The modality by which they were measured badly.
        modality: String,
        /// How many.
        samples: usize,
        /// Of how many.
        of: usize,
    },
    /// Ids that agree by the rule that the user chose.
    IdsJoinedByRule {
        /// The file.
        file: PathBuf,
        /// The rule in words: `without leading zeros`.
        rule: String,
        /// How many agree by it and not to the letter.
        ids: usize,
        /// Ids of the file.
        of: usize,
    },
    /// Ids that the rule makes the same as another of their file: they are not joined.
    IdsAlike {
        /// The file whose ids were looked up.
        file: PathBuf,
        /// How many.
        ids: usize,
        /// Two of them.
        example: [String; 2],
    },
    /// Missing values replaced by the mean of their feature.
    MissingReplaced {
        /// The modality.
        modality: String,
        /// How many values.
        values: usize,
        /// In how many features.
        features: usize,
        /// Values of the modality.
        of: usize,
    },
    /// Features without any value.
    EmptyFeaturesLeftOut {
        /// The modality.
        modality: String,
        /// How many.
        features: usize,
        /// The first of them.
        example: String,
    },
    /// Features with the same value in every sample.
    ConstantFeaturesLeftOut {
        /// The modality.
        modality: String,
        /// How many.
        features: usize,
        /// The first of them.
        example: String,
    },
    /// Features of the same name that were numbered.
    FeaturesRenamed {
        /// The modality.
        modality: String,
        /// How many.
        features: usize,
        /// The first, before.
        from: String,
        /// The first, after.
        to: String,
    },
    /// Features without a name that were named after their column.
    FeaturesNamed {
        /// The modality.
        modality: String,
        /// How many.
        features: usize,
    },
    /// Values that are kept on disk, as they do not fit in memory.
    KeptOnDisk {
        /// How much room they take.
        bytes: u64,
    },
    /// Rows in which every cell is empty.
    EmptyRowsSkipped {
        /// The file.
        file: PathBuf,
        /// How many.
        rows: usize,
    },
    /// `,` was read as the decimal mark.
    DecimalComma {
        /// The file.
        file: PathBuf,
    },
    /// The header does not name the first column.
    UnnamedIds {
        /// The file.
        file: PathBuf,
    },
    /// A file of known values was found beside the data; they colour maps and are compared with what is found.
    TruthFound {
        /// The file.
        file: PathBuf,
    },
    /// The first line was taken for names, though most of them are numbers.
    NumbersAsNames {
        /// The file.
        file: PathBuf,
    },
    /// Columns that could hold the classes, of which none was taken.
    ClassesPossible {
        /// The file.
        file: PathBuf,
        /// The columns.
        columns: Vec<String>,
    },
    /// Something about how a file of another program was read.
    Container {
        /// The file, or a part of it.
        object: String,
        /// What there is to say.
        text: String,
        /// Whether the results may be other than expected.
        warning: bool,
    },
    /// Droplets without a cell were left out.
    EmptyDroplets {
        /// How many.
        droplets: usize,
        /// Of how many.
        of: usize,
    },
    /// A modality was taken through steps that change its values.
    Prepared {
        /// The modality.
        modality: String,
        /// What every step did.
        steps: Vec<String>,
    },
    /// Whole-number counts that are not normalised.
    CountsAsTheyAre {
        /// The modality.
        modality: String,
    },
    /// Something about how one table was read.
    Table {
        /// The file.
        file: PathBuf,
        /// What there is to say.
        notice: TableNotice,
    },
    /// A file of known values beside simulated data could not be used.
    TruthIgnored {
        /// The file.
        file: PathBuf,
        /// Why not, as a sentence.
        reason: String,
    },
}

/// What a notice is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum About<'a> {
    /// One modality, by its name.
    Modality(&'a str),
    /// One file.
    File(&'a Path),
    /// The labels, or where they were looked for.
    Labels,
    /// All data.
    All,
}

impl LoadNotice {
    /// What it is about.
    pub fn about(&self) -> About<'_> {
        match self {
            Self::SamplesLeftOut { modality, .. }
            | Self::SamplesCut { modality, .. }
            | Self::MissingReplaced { modality, .. }
            | Self::EmptyFeaturesLeftOut { modality, .. }
            | Self::ConstantFeaturesLeftOut { modality, .. }
            | Self::FeaturesRenamed { modality, .. }
            | Self::FeaturesNamed { modality, .. }
            | Self::Prepared { modality, .. }
            | Self::CountsAsTheyAre { modality } => About::Modality(modality),
            Self::EmptyRowsSkipped { file, .. }
            | Self::DecimalComma { file }
            | Self::UnnamedIds { file }
            | Self::NumbersAsNames { file }
            | Self::IdsJoinedByRule { file, .. }
            | Self::IdsAlike { file, .. }
            | Self::Table { file, .. } => About::File(file),
            Self::ClassesInFirstColumn { .. }
            | Self::LabelsFound { .. }
            | Self::LabelsIgnored { .. }
            | Self::NoClasses { .. }
            | Self::LabelIdsFound { .. }
            | Self::LabelsWithoutHeader { .. }
            | Self::FewLabelled { .. }
            | Self::LabelsByPosition { .. }
            | Self::LabelsWithoutSample { .. }
            | Self::RepeatedLabels { .. }
            | Self::Unlabelled { .. }
            | Self::ClassesPossible { .. } => About::Labels,
            Self::ReadAsLatin1 { .. }
            | Self::SamplesNotChosen { .. }
            | Self::SamplesNotKept { .. }
            | Self::KeptOnDisk { .. }
            | Self::TruthFound { .. }
            | Self::TruthIgnored { .. }
            | Self::Container { .. }
            | Self::EmptyDroplets { .. } => About::All,
        }
    }

    /// Whether it says of this file that its values are raw counts.
    pub(super) fn is_raw_counts(&self, path: &Path) -> bool {
        let Self::Table { file, notice } = self else {
            return false;
        };
        file == path && matches!(notice, TableNotice::RawCounts { .. })
    }

    /// Its sentence where it is clear which file is meant.
    pub fn in_place(&self) -> String {
        let Self::Table { notice, .. } = self else {
            return self.to_string();
        };
        let text = notice.to_string();
        let first = text.chars().next().map(|c| c.to_uppercase().to_string());
        let rest = text.chars().skip(1);
        first.into_iter().chain(rest.map(String::from)).collect()
    }

    /// Whether data were changed or left out, rather than only something said about them.
    pub fn is_repair(&self) -> bool {
        if let Self::Table { notice, .. } = self {
            return notice.is_repair();
        }
        !matches!(
            self,
            Self::ClassesInFirstColumn { .. }
                | Self::LabelsFound { .. }
                | Self::LabelsByPosition { .. }
                | Self::LabelIdsFound { .. }
                | Self::LabelsWithoutHeader { .. }
                | Self::ReadAsLatin1 { .. }
                | Self::NoClasses { .. }
                | Self::FewLabelled { .. }
                | Self::IdsJoinedByRule { .. }
                | Self::DecimalComma { .. }
                | Self::UnnamedIds { .. }
                | Self::TruthFound { .. }
        )
    }
}
