//! What can be decided otherwise than loading decided it.

use super::{LoadNotice, TableNotice};
use crate::io::{Answer, Choice, Decimal, FirstColumn, Join, LoadReport, Orientation};

/// Columns or sheets offered at most.
const COLUMNS: usize = 4;

impl LoadReport {
    /// The other readings of what a notice tells, each with what it sets; none where there is nothing to choose.
    pub fn answers(&self, notice: &LoadNotice) -> Vec<Answer> {
        let answer = |text: &str, choice: Choice| Answer {
            text: text.to_owned(),
            choice,
        };
        let column = |column: &String| {
            let text = format!("Take \"{column}\"");
            answer(&text, Choice::LabelColumn(column.clone()))
        };
        let none = || answer("Use no labels", Choice::NoLabels);
        match notice {
            LoadNotice::ClassesInFirstColumn { .. } => vec![answer(
                "They are sample ids",
                Choice::FirstColumn(FirstColumn::SampleIds),
            )],
            LoadNotice::LabelsFound { others, .. } => {
                let others = others.iter().take(COLUMNS).map(column);
                others.chain([none()]).collect()
            }
            LoadNotice::LabelsByPosition { .. } => vec![none()],
            LoadNotice::ClassesPossible { columns, .. } => {
                columns.iter().take(COLUMNS).map(column).collect()
            }
            LoadNotice::IdsJoinedByRule { .. } => {
                vec![answer("Only equal ids", Choice::Join(Join::Exact))]
            }
            LoadNotice::DecimalComma { .. } => vec![answer(
                "It separates thousands",
                Choice::Decimal(Decimal::Point),
            )],
            LoadNotice::CountsAsTheyAre { modality } => vec![answer(
                "Prepare the counts",
                Choice::Prepare(modality.clone()),
            )],
            LoadNotice::Prepared { .. } => vec![answer("Take them as they are", Choice::AsTheyAre)],
            LoadNotice::Table { file, notice } => match notice {
                TableNotice::Transposed { .. } => vec![answer(
                    "Rows are samples",
                    Choice::Orientation(Orientation::SamplesInRows),
                )],
                TableNotice::IdsInColumn { .. } => vec![answer(
                    "Ids are in the first column",
                    Choice::IdColumn("1".into()),
                )],
                TableNotice::SheetTaken { others, .. } => {
                    let sheet = |sheet: &String| {
                        let text = format!("Take \"{sheet}\"");
                        answer(&text, Choice::Sheet(sheet.clone()))
                    };
                    others.iter().take(COLUMNS).map(sheet).collect()
                }
                TableNotice::Thousands { .. } => vec![answer(
                    "It is a decimal comma",
                    Choice::Decimal(Decimal::Comma),
                )],
                TableNotice::RawCounts { .. } => {
                    let modality = self.modalities.iter().find(|m| m.file == *file);
                    let prepare =
                        |name: &String| answer("Prepare the counts", Choice::Prepare(name.clone()));
                    modality.map(|m| prepare(&m.name)).into_iter().collect()
                }
                _ => Vec::new(),
            },
            _ => Vec::new(),
        }
    }
}
