//! Names for groups by known markers.

use std::{collections::BTreeMap, fmt};

use super::{Columns, Measure, markers};
use crate::{
    data::Matrix,
    job::{CancelToken, Cancelled},
};

/// Common immune cells by genes and surface proteins that textbooks of immunology name for them; made for hdumec.
pub const IMMUNE: &str = include_str!("../../../assets/marker_sets.csv");

/// Features of a set that the data must have.
const LEAST: usize = 2;

/// How much what a type lacks counts against what it has.
const LACKS: f64 = 0.5;

/// How well a feature must tell some group from all others, as twice the area under the ROC curve minus one, to be looked at.
const TELLS: f64 = 0.2;

/// The score from which a name is proposed.
pub const LEAST_SCORE: f64 = 0.5;

/// What a kind of sample has much of, and what it has little of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MarkerSet {
    /// What the kind is called.
    pub name: String,
    /// Features that it has.
    pub has: Vec<String>,
    /// Features that it lacks.
    pub lacks: Vec<String>,
}

/// A line that is no set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadSet {
    /// The line, from 1.
    pub line: usize,
    /// What is wrong.
    pub why: &'static str,
}

impl fmt::Display for BadSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "line {}: {}", self.line, self.why)
    }
}

/// Reads sets, one a line: a name, a comma, features with spaces between, and, after another comma, those that it lacks. A header, and
/// lines that are empty, are passed over.
///
/// # Errors
/// The first line that is no set.
pub fn read_sets(text: &str) -> Result<Vec<MarkerSet>, BadSet> {
    let mut sets: Vec<MarkerSet> = Vec::new();
    for (line, row) in (1..).zip(text.lines()) {
        let bad = |why| BadSet { line, why };
        let row = row.trim();
        if row.is_empty() || (line == 1 && row.eq_ignore_ascii_case("name,has,lacks")) {
            continue;
        }
        let mut parts = row.split(',').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let features = |text: Option<&str>| -> Vec<String> {
            let all = text.unwrap_or_default().split_whitespace();
            all.map(String::from).collect()
        };
        let (has, lacks) = (features(parts.next()), features(parts.next()));
        if name.is_empty() {
            return Err(bad("a name is missing before the first comma"));
        }
        if has.is_empty() {
            return Err(bad("features are missing behind the name and a comma"));
        }
        if parts.next().is_some() {
            return Err(bad(
                "there are too many commas: features have spaces between them",
            ));
        }
        if sets.iter().any(|set| set.name == name) {
            return Err(bad("its name is that of a line above"));
        }
        sets.push(MarkerSet {
            name: name.to_owned(),
            has,
            lacks,
        });
    }
    Ok(sets)
}

/// A feature as people write it: `CD3_TotalSeqB`, `anti-CD3`, `cd3.1` and `CD3-2` are all CD3. Of genes the name is left as it is but
/// for the size of its letters.
fn plain(name: &str) -> String {
    let upper = name.trim().to_uppercase();
    let mut name = upper.as_str();
    for prefix in ["ANTI-", "HU.", "ADT_", "ADT-", "AB_"] {
        name = name.strip_prefix(prefix).unwrap_or(name);
    }
    let name = name.split("_TOTALSEQ").next().unwrap_or(name);
    let name = name.strip_suffix("_TOTALSEQ").unwrap_or(name);
    // A clone's number behind a surface protein.
    let (start, number) = name.rsplit_once(['.', '-']).unwrap_or((name, ""));
    let is_clone = number.len() == 1 && number.bytes().all(|b| b.is_ascii_digit());
    match is_clone && start.starts_with("CD") {
        true => start.to_owned(),
        false => name.to_owned(),
    }
}

/// A name for a group, and how well it fits.
#[derive(Clone, Debug, PartialEq)]
pub struct Proposal {
    /// The set.
    pub name: String,
    /// 1 where no other group has more of anything that the set has, and none has less of what it lacks; 0 and below where nothing fits.
    pub score: f64,
    /// Features that speak for it, the strongest first.
    pub by: Vec<String>,
}

/// For every group the sets that fit it, the best first. Of each feature the means of the groups are brought to 0 for the lowest and 1 for
/// the highest; features that tell no group from the others say nothing. A set scores the mean over what it has, less half of the mean over
/// what it lacks, times `n / (n + 1)` where the data have `n` of its features. `modalities` are matrices with the names of their features;
/// `groups` tells the group of every sample, below `count`.
///
/// # Errors
/// When cancelled. Features that cannot be read count as not there.
pub fn propose(
    sets: &[MarkerSet],
    modalities: &[(&Matrix, &[String])],
    groups: &[Option<u32>],
    count: usize,
    cancel: &CancelToken,
) -> Result<Vec<Vec<Proposal>>, Cancelled> {
    let wanted = sets.iter().flat_map(|set| set.has.iter().chain(&set.lacks));
    let wanted: Vec<String> = wanted.map(|name| plain(name)).collect();
    // How strongly every feature that is asked about tells groups, and the level of each group; of several of one name the strongest.
    let mut says: BTreeMap<String, (f64, Vec<f64>)> = BTreeMap::new();
    for (matrix, names) in modalities {
        let known: Vec<(u32, String)> = (0..)
            .zip(names.iter())
            .map(|(at, name)| (at, plain(name)))
            .filter(|(_, name)| wanted.contains(name))
            .collect();
        let places: Vec<u32> = known.iter().map(|&(at, _)| at).collect();
        let columns = || Columns::of_some(matrix, Measure::of(matrix)?, &places);
        let Ok(columns) = columns() else { continue };
        let found = markers(&columns, groups, count, cancel)?;
        for (at, (_, name)) in known.into_iter().enumerate() {
            let of = || found.iter().map(|markers| &markers[at]);
            let tells = of().map(|marker| (2.0 * marker.auroc - 1.0).abs());
            let tells = tells.filter(|x| !x.is_nan()).fold(0.0, f64::max);
            let means = || of().map(|m| m.mean[0]).filter(|x| x.is_finite());
            let (low, high) = (
                means().fold(f64::MAX, f64::min),
                means().fold(f64::MIN, f64::max),
            );
            let kept = says.get(&name).map_or(TELLS, |(kept, _)| *kept);
            if tells < kept || high <= low {
                continue;
            }
            let level = |mean: f64| match mean.is_finite() {
                true => (mean - low) / (high - low),
                false => 0.0,
            };
            says.insert(name, (tells, of().map(|m| level(m.mean[0])).collect()));
        }
    }
    // What few features say is owed to chance more often.
    let sure = |features: usize| features as f64 / (features as f64 + 1.0);
    let proposals = |group: usize| {
        let score = |set: &MarkerSet| {
            let of = |names: &[String]| -> Vec<(f64, String)> {
                let mut seen: Vec<(f64, String)> = names
                    .iter()
                    .filter_map(|name| Some((says.get(&plain(name))?.1[group], name.clone())))
                    .collect();
                seen.sort_by(|a, b| b.0.total_cmp(&a.0));
                seen
            };
            let mean = |seen: &[(f64, String)]| {
                seen.iter().map(|(x, _)| x).sum::<f64>() / seen.len().max(1) as f64
            };
            let (has, lacks) = (of(&set.has), of(&set.lacks));
            (has.len() >= LEAST).then(|| Proposal {
                name: set.name.clone(),
                score: (mean(&has) - LACKS * mean(&lacks)) * sure(has.len()),
                by: has
                    .into_iter()
                    .filter(|(x, _)| *x > 0.5)
                    .take(5)
                    .map(|(_, name)| name)
                    .collect(),
            })
        };
        let mut all: Vec<Proposal> = sets.iter().filter_map(score).collect();
        all.sort_by(|a, b| b.score.total_cmp(&a.score));
        all
    };
    Ok((0..count).map(proposals).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::demo::{self, DemoSpec};

    #[test]
    fn the_types_of_the_demo_get_their_names() {
        let dataset = demo::generate(&DemoSpec {
            samples: 3_000,
            seed: 0,
        });
        let labels = dataset.labels.as_ref().unwrap();
        let modalities: Vec<(&Matrix, &[String])> = dataset
            .modalities
            .iter()
            .map(|m| (&m.measured.matrix, m.measured.features.names()))
            .collect();
        let sets = read_sets(IMMUNE).unwrap();
        let count = labels.classes.len();
        let cancel = CancelToken::new();
        let found = propose(&sets, &modalities, &labels.codes, count, &cancel).unwrap();
        for (class, proposals) in labels.classes.iter().zip(&found) {
            let best = &proposals[0];
            assert_eq!(best.name, *class, "{proposals:?}");
            assert!(best.score >= LEAST_SCORE && !best.by.is_empty(), "{best:?}");
        }
    }

    #[test]
    fn features_are_known_however_they_are_written() {
        for name in [
            "CD3",
            "cd3.1",
            "CD3-2",
            "anti-CD3",
            "CD3_TotalSeqB",
            " Hu.CD3 ",
        ] {
            assert_eq!(plain(name), "CD3", "{name}");
        }
        // Names of genes with numbers of their own.
        for name in ["TRAV1-2", "HLA-DR", "PD-1", "CD45RA"] {
            assert_eq!(plain(name), name);
        }
    }

    #[test]
    fn lines_that_are_no_set_are_named() {
        let sets = read_sets("name,has,lacks\n\nT, CD3 CD3D , CD19\nOther,X\n").unwrap();
        assert_eq!(sets.len(), 2);
        assert_eq!(sets[0].has, ["CD3", "CD3D"]);
        assert_eq!(sets[0].lacks, ["CD19"]);
        let line = |text| read_sets(text).unwrap_err().to_string();
        assert!(line("A,X\n,Y").starts_with("line 2: a name"));
        assert!(line("A").starts_with("line 1: features"));
        assert!(line("A,X,Y,Z").starts_with("line 1: there are too many"));
        assert!(line("A,X\nA,Y").starts_with("line 2: its name"));
        assert!(read_sets("").unwrap().is_empty());
    }

    #[test]
    fn nothing_is_proposed_of_what_is_not_measured() {
        let matrix = Matrix::Dense(ndarray::Array2::from_elem((4, 1), 1.0).into());
        let names = ["CD3".to_owned()];
        let sets = read_sets(IMMUNE).unwrap();
        let groups = [Some(0), Some(0), Some(1), None];
        let cancel = CancelToken::new();
        let found = propose(&sets, &[(&matrix, &names)], &groups, 2, &cancel).unwrap();
        assert!(found.iter().all(Vec::is_empty));
    }
}
