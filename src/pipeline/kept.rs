//! Results that are kept in a file and opened again with their data.

use std::{io, path::Path, sync::Arc};

use serde::{Deserialize, Serialize};

use super::{AnalysisResult, StageResult};
use crate::{
    data::{Dataset, Fingerprint, available_memory},
    preprocess::scales_fit,
    store::capsule::{self, CapsuleError, Kind},
};

/// Files of results.
const KIND: Kind = Kind {
    name: *b"results ",
    version: 1,
};

/// A result without its data.
#[derive(Debug, Serialize, Deserialize)]
pub struct KeptResult<More> {
    /// What tells its data from others.
    fingerprint: Fingerprint,
    /// What goes along with it.
    pub more: More,
    result: AnalysisResult,
}

/// Why a result that was kept is none of some data.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeptError {
    /// The data are others.
    #[error("they were found in other data: {0}")]
    OtherData(String),
    /// Its parts do not fit each other.
    #[error("they are damaged: {0}")]
    Damaged(&'static str),
    /// Values on disk could not be read.
    #[error("the values held on disk: {0}")]
    Disk(String),
}

/// Whether a file begins like one of results.
pub fn is_kept(path: &Path) -> bool {
    capsule::is_one(path, KIND)
}

/// Writes everything there is of a result but its data.
///
/// # Errors
/// If it cannot be written, or values on disk cannot be read.
pub fn keep<More: Serialize>(
    out: &mut dyn io::Write,
    result: &AnalysisResult,
    more: &More,
) -> io::Result<()> {
    #[derive(Serialize)]
    struct Lent<'a, More> {
        fingerprint: Fingerprint,
        more: &'a More,
        result: &'a AnalysisResult,
    }
    let fingerprint = result.dataset.fingerprint()?;
    let lent = Lent {
        fingerprint,
        more,
        result,
    };
    capsule::write_to(out, KIND, &lent)
}

impl<More: for<'de> Deserialize<'de>> KeptResult<More> {
    /// Reads what [`keep`] wrote.
    ///
    /// # Errors
    /// See [`CapsuleError`].
    pub fn read(path: &Path) -> Result<Self, CapsuleError> {
        let most = match available_memory() {
            0 => u64::MAX,
            free => free,
        };
        capsule::read(path, KIND, most).map(|(kept, _)| kept)
    }
}

impl<More> KeptResult<More> {
    /// Whether some data are of the same samples and features.
    pub fn is_of(&self, dataset: &Dataset) -> bool {
        self.fingerprint.has_names_of(dataset)
    }

    /// The result with its data, and whether these still have the same values.
    ///
    /// # Errors
    /// If the data have other samples or features, or the file does not make sense.
    pub fn with(self, dataset: Arc<Dataset>) -> Result<(AnalysisResult, bool), KeptError> {
        let now = dataset.fingerprint();
        let now = now.map_err(|error| KeptError::Disk(error.to_string()))?;
        let same = same_data(&self.fingerprint, &now, dataset.samples())?;
        Ok((self.result.with_data(dataset)?, same))
    }
}

/// Whether data of now, of so many samples, have the same values as then.
///
/// # Errors
/// If they have other samples or features.
pub fn same_data(then: &Fingerprint, now: &Fingerprint, samples: usize) -> Result<bool, KeptError> {
    if now.samples != then.samples {
        return Err(KeptError::OtherData(format!(
            "these have other samples, or in another order ({} by now)",
            crate::words::thousands(samples as u64)
        )));
    }
    if now.features != then.features {
        let names = |of: &Fingerprint| {
            let names: Vec<&str> = of.features.iter().map(|(name, _)| name.as_str()).collect();
            names.join(", ")
        };
        return Err(KeptError::OtherData(format!(
            "these have other features ({} by now, {} then)",
            names(now),
            names(then)
        )));
    }
    Ok(now.values == then.values)
}

impl AnalysisResult {
    /// The same, read from a file that does not hold its data.
    ///
    /// # Errors
    /// If it is of other data, or its parts do not fit each other.
    pub fn with_data(mut self, dataset: Arc<Dataset>) -> Result<Self, KeptError> {
        self.dataset = dataset;
        self.fits().map_err(KeptError::Damaged)?;
        Ok(self)
    }

    /// Whether all parts are of the data's samples, modalities, features and of its clusters: nothing that is drawn or written looks again.
    pub(super) fn fits(&self) -> Result<(), &'static str> {
        let dataset = &self.dataset;
        let (n, modalities, k) = (dataset.samples(), dataset.modalities.len(), self.clusters);
        let needed = |holds: bool, what| if holds { Ok(()) } else { Err(what) };
        needed(k >= 1 && k <= n.max(1), "the number of clusters")?;
        self.stage1.fits(n, k, modalities)?;
        if let Some(second) = &self.stage2 {
            second.fits(n, k, modalities)?;
        }
        let uncertainty = &self.uncertainty;
        let dims = uncertainty.feature.iter().map(|values| values.dim());
        let wanted = dataset.modalities.iter().map(|m| (n, m.features.len()));
        needed(
            dims.eq(wanted)
                && uncertainty.modality.dim() == (n, modalities)
                && uncertainty.sample.len() == n,
            "the uncertainty",
        )?;
        if let Some(consensus) = &self.consensus {
            let of_kinds = consensus.kinds.iter().map(|kind| kind.votes.dim());
            let mut dims = [consensus.votes.dim(), consensus.support.dim()]
                .into_iter()
                .chain(consensus.distances.iter().map(|distances| distances.dim()))
                .chain(of_kinds);
            needed(
                dims.all(|dim| dim == (n, k)) && below(&consensus.labels, n, k),
                "what was elected",
            )?;
        }
        if let Some(scales) = &self.scales {
            needed(scales_fit(scales, dataset), "the scale of the values")?;
        }
        if let Some(injection) = &self.injection {
            let check = &injection.check;
            let of = |pairs: &crate::analysis::calibration::Pairs, length| {
                pairs.known.len() == length && pairs.predicted.len() == length
            };
            let mut features = check.features.iter().zip(&dataset.modalities);
            needed(
                of(&check.samples, n)
                    && (check.features.is_empty() || check.features.len() == modalities)
                    && features.all(|(pairs, m)| {
                        pairs.known.is_empty() && pairs.predicted.is_empty()
                            || of(pairs, m.features.len())
                    }),
                "the check with injected noise",
            )?;
        }
        if let Some(intervals) = &self.intervals {
            needed(intervals.modalities.len() == modalities, "the intervals")?;
        }
        if let Some(comparison) = &self.comparison {
            let count = comparison.methods.len();
            let mut found = comparison.methods.iter().filter_map(|m| m.clusters());
            needed(
                found.all(|found| below(&found.labels, n, comparison.clusters))
                    && comparison.agreement.len() == count
                    && comparison.agreement.iter().all(|row| row.len() == count),
                "the comparison",
            )?;
        }
        let mut sizes = self.history.iter().map(|epoch| epoch.sizes.len());
        needed(sizes.all(|length| length == 0 || length == k), "the epochs")
    }
}

/// Whether there is one cluster a sample, below a number.
fn below(labels: &[u32], samples: usize, clusters: usize) -> bool {
    labels.len() == samples && labels.iter().all(|&label| (label as usize) < clusters)
}

impl StageResult {
    fn fits(&self, n: usize, k: usize, modalities: usize) -> Result<(), &'static str> {
        let pairs = |pairs: &[[u32; 2]]| {
            let mut all = pairs.iter().flatten();
            pairs.len() == n && all.all(|&cluster| (cluster as usize) < k)
        };
        let disagreement = self.disagreement.as_ref();
        let of_kinds = self.disagreement_of.iter();
        let contradiction = self.contradiction.as_ref();
        let holds = self.embedding.nrows() == n
            && self.q.dim() == (n, k)
            && below(&self.clusters, n, k)
            && self.margin.len() == n
            && self.ambiguity.value.len() == n
            && pairs(&self.ambiguity.between)
            && disagreement.is_none_or(|all| all.len() == n)
            && of_kinds.clone().all(|(_, all)| all.len() == n)
            && self.umap.as_ref().is_none_or(|map| map.dim() == (n, 2))
            && contradiction.is_none_or(|all| {
                all.value.len() == n && below(&all.modality, n, modalities) && pairs(&all.says)
            });
        if holds { Ok(()) } else { Err("a stage") }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        data::demo::{self, DemoSpec},
        job::CancelToken,
        model::DeviceChoice,
        pipeline::{self, AnalysisSpec},
    };
    use rand::{RngExt as _, SeedableRng as _};
    use rand_chacha::ChaCha8Rng;

    fn trained() -> AnalysisResult {
        let spec = DemoSpec {
            samples: 60,
            seed: 0,
        };
        let dataset = Arc::new(demo::generate(&spec));
        let mut spec = AnalysisSpec {
            device: DeviceChoice::Cpu,
            ..AnalysisSpec::default()
        };
        (spec.train.starts, spec.train.epochs, spec.train.hidden) = (2, [2, 1, 2], 8);
        pipeline::run(&dataset, &spec, None, &|_| {}, &CancelToken::new()).unwrap()
    }

    /// A file whose contents were changed by somebody who knows how to make its checksum may say anything: it is read or refused.
    #[test]
    fn contents_that_lie_are_read_or_refused() {
        let result = trained();
        let mut file = Vec::new();
        keep(&mut file, &result, &"more".to_owned()).unwrap();
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("results.hdumec");
        std::fs::write(&path, &file).unwrap();
        let kept = KeptResult::<String>::read(&path).unwrap();
        let mut contents = Vec::new();
        ciborium::into_writer(&kept, &mut contents).unwrap();
        let (again, same) = kept.with(result.dataset.clone()).unwrap();
        assert!(same && again.clusters == result.clusters);
        assert_eq!(again.last_stage().q, result.last_stage().q);
        assert_eq!(again.uncertainty, result.uncertainty);
        assert_eq!(
            (again.consensus, again.history),
            (result.consensus, result.history)
        );
        assert_eq!(
            (again.weights, again.seconds),
            (result.weights, result.seconds)
        );

        let mut random = ChaCha8Rng::seed_from_u64(5);
        let (mut read, mut refused) = (0, 0);
        for _ in 0..3_000 {
            let mut changed = contents.clone();
            for _ in 0..random.random_range(1..4) {
                let at = random.random_range(0..changed.len());
                changed[at] = random.random();
            }
            if random.random_bool(0.2) {
                changed.truncate(random.random_range(0..changed.len()));
            }
            let found: Result<KeptResult<String>, _> = ciborium::from_reader(&*changed);
            match found.map(|kept| kept.with(result.dataset.clone())) {
                Ok(Ok((found, _))) => {
                    // What is made of it does not panic either.
                    found.warnings();
                    read += 1;
                }
                Ok(Err(_)) | Err(_) => refused += 1,
            }
        }
        assert!(
            read > 100 && refused > 100,
            "{read} read, {refused} refused"
        );
    }
}
