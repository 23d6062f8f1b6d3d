//! Where every sample belongs, how sure that is, and who says otherwise.

use super::tables::{Table, by_sample, numbered};
use crate::pipeline::{AnalysisResult, GroupBy};

/// Columns of what the modalities of a sample say.
const CONTRADICTION: [&str; 4] = [
    "contradiction",
    "contradicting_modality",
    "it_says_cluster",
    "others_say_cluster",
];

/// A row for every sample; clusters are counted from 1, as people do and as the columns of q are.
pub(super) fn table(result: &AnalysisResult) -> Table<'_> {
    let (first, last) = (&result.stage1, result.last_stage());
    let labels = result.dataset.labels.as_ref();
    let label = labels.map(|_| "label".to_owned());
    let given = result.given();
    let selected = GroupBy::Selection.groups(result, last, &given);
    let named = !result.cluster_names.is_empty();
    let columns = label
        .into_iter()
        .chain(["stage1_cluster", "cluster"].map(str::to_owned))
        .chain(named.then(|| "cluster_name".to_owned()))
        .chain(selected.iter().map(|_| "selection".to_owned()))
        .chain(["margin", "ambiguity", "second_cluster"].map(str::to_owned))
        .chain(last.disagreement.iter().map(|_| "disagreement".to_owned()))
        .chain(
            last.disagreement_of
                .iter()
                .map(|(voter, _)| format!("disagreement_of_{voter}")),
        )
        .chain(
            last.contradiction
                .iter()
                .flat_map(|_| CONTRADICTION.map(str::to_owned)),
        )
        .chain(numbered("q", last.q.ncols()))
        .collect();
    by_sample(result, columns, move |i, line| {
        if let Some(labels) = labels {
            line.text(labels.name_of(i).unwrap_or(""));
        }
        for stage in [first, last] {
            // Counted from one, as people do and as the columns of q are.
            line.integer(stage.clusters.get(i).map_or(0, |&c| c as usize + 1));
        }
        if named {
            let cluster = last.clusters.get(i).copied().unwrap_or_default();
            line.text(&result.cluster_name(cluster));
        }
        if let Some(selected) = &selected {
            let group = selected.of.get(i).copied().flatten();
            let name = group.and_then(|group| selected.names.get(group as usize));
            line.text(name.map_or("", String::as_str));
        }
        line.number(last.margin.get(i));
        line.number(last.ambiguity.value.get(i));
        // Where another cluster is nearer than its own, that one.
        let own = last.clusters.get(i).copied().unwrap_or_default();
        let between = last.ambiguity.between.get(i).copied().unwrap_or_default();
        let second = if between[0] == own {
            between[1]
        } else {
            between[0]
        };
        line.integer(second as usize + 1);
        if let Some(disagreement) = &last.disagreement {
            line.number(disagreement.get(i));
        }
        for (_, disagreement) in &last.disagreement_of {
            line.number(disagreement.get(i));
        }
        if let Some(found) = &last.contradiction {
            line.number(found.value.get(i));
            let modality = found.modality.get(i).map(|&at| at as usize);
            let modality = modality.and_then(|at| result.dataset.modalities.get(at));
            line.text(modality.map_or("", |modality| modality.name.as_str()));
            let [own, others] = found.says.get(i).copied().unwrap_or_default();
            line.integer(own as usize + 1);
            line.integer(others as usize + 1);
        }
        line.row(&last.q, i);
    })
}
