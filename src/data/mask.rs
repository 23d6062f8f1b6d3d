//! Which values were measured, where some were not.

use std::{io, ops::Range, sync::Arc};

use rayon::prelude::*;

use super::{Modality, Storage, Values, values::rows_of_piece};

/// Bits of a word.
const WORD: usize = u64::BITS as usize;

/// Which values of a samples x features matrix were measured; at least one was not. Cheap to clone.
///
/// One bit a value, a 32nd of what the values take, and none for samples of which everything was measured.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mask(Arc<Gaps>);

#[derive(Debug, PartialEq, Eq)]
struct Gaps {
    features: usize,
    /// Where the words of every sample begin, and where those of the last one end.
    starts: Vec<usize>,
    /// A bit is set where a value is missing; every sample with gaps begins a word.
    words: Vec<u64>,
    missing: u64,
}

impl Mask {
    /// Which of the values that the model gets were measured; `None` if all were. Values that were computed from several
    /// measured ones, as principal components are, count as measured.
    ///
    /// # Errors
    /// If values on disk cannot be read.
    pub fn of(modality: &Modality) -> io::Result<Option<Self>> {
        let measured = &modality.measured;
        let Some(columns) = measured.columns.as_ref().filter(|_| measured.missing > 0) else {
            return Ok(None);
        };
        let (samples, of) = (measured.matrix.samples(), measured.matrix.features());
        let rows = rows_of_piece(of);
        let pieces =
            (0..samples.div_ceil(rows))
                .into_par_iter()
                .map_init(Vec::new, |buffer, piece| {
                    let range = piece * rows..samples.min((piece + 1) * rows);
                    buffer.resize(range.len() * of, 0.0);
                    measured.matrix.fill(range, buffer)?;
                    let mut gaps = Gaps::of_no_sample(columns.len());
                    for row in buffer.chunks_exact(of.max(1)) {
                        gaps.push(|feature| row[columns[feature] as usize].is_nan());
                    }
                    Ok(gaps)
                });
        let pieces: Vec<Gaps> = pieces.collect::<io::Result<_>>()?;
        let mut all = Gaps::of_no_sample(columns.len());
        pieces.iter().for_each(|piece| all.append(piece));
        Ok(all.mask())
    }

    /// Bytes that the mask of a modality takes at most.
    pub fn bytes_for(modality: &Modality) -> u64 {
        let (samples, features) = modality.values.dim();
        match modality.measured.missing {
            0 => 0,
            _ => samples as u64 * 8 * (1 + features.div_ceil(WORD) as u64),
        }
    }

    /// The mask of so many samples and features, of which those (sample, feature) are missing that `is_missing` holds for;
    /// `None` if it holds for none.
    pub fn new(
        samples: usize,
        features: usize,
        is_missing: impl Fn(usize, usize) -> bool,
    ) -> Option<Self> {
        let mut gaps = Gaps::of_no_sample(features);
        for sample in 0..samples {
            gaps.push(|feature| is_missing(sample, feature));
        }
        gaps.mask()
    }

    /// The same of these samples, in this order; `None` if nothing of them is missing.
    pub fn select(&self, samples: &[u32]) -> Option<Self> {
        let mut gaps = Gaps::of_no_sample(self.0.features);
        for &sample in samples {
            gaps.extend(self.0.words_of(sample as usize));
        }
        gaps.mask()
    }

    /// Number of samples and of features.
    pub fn dim(&self) -> (usize, usize) {
        (self.0.starts.len() - 1, self.0.features)
    }

    /// How many values were measured.
    pub fn measured(&self) -> u64 {
        let (samples, features) = self.dim();
        samples as u64 * features as u64 - self.0.missing
    }

    /// How many values of a sample were measured.
    pub fn measured_of(&self, sample: usize) -> usize {
        self.0.features - ones(self.0.words_of(sample)) as usize
    }

    /// [`Mask::runs`] of a mask if there is one, or else all of so many features.
    pub fn runs_or_all(mask: Option<&Self>, sample: usize, features: usize) -> Runs<'_> {
        let complete = Runs {
            words: &[],
            features,
            at: 0,
        };
        mask.map_or(complete, |mask| mask.runs(sample))
    }

    /// The features of a sample that were measured, in rising order, as ranges that are as long as can be.
    pub fn runs(&self, sample: usize) -> Runs<'_> {
        Runs {
            words: self.0.words_of(sample),
            features: self.0.features,
            at: 0,
        }
    }
}

impl Gaps {
    fn of_no_sample(features: usize) -> Self {
        Self {
            features,
            starts: vec![0],
            words: Vec::new(),
            missing: 0,
        }
    }

    fn words_of(&self, sample: usize) -> &[u64] {
        &self.words[self.starts[sample]..self.starts[sample + 1]]
    }

    /// Adds a sample.
    fn push(&mut self, is_missing: impl Fn(usize) -> bool) {
        let start = self.words.len();
        for feature in (0..self.features).filter(|&feature| is_missing(feature)) {
            self.words.resize(start + self.features.div_ceil(WORD), 0);
            self.words[start + feature / WORD] |= 1 << (feature % WORD);
            self.missing += 1;
        }
        self.starts.push(self.words.len());
    }

    /// Adds a sample with these words.
    fn extend(&mut self, words: &[u64]) {
        self.missing += ones(words);
        self.words.extend(words);
        self.starts.push(self.words.len());
    }

    /// Adds the samples of `other`.
    fn append(&mut self, other: &Self) {
        (0..other.starts.len() - 1).for_each(|sample| self.extend(other.words_of(sample)));
    }

    fn mask(self) -> Option<Mask> {
        (self.missing > 0).then(|| Mask(Arc::new(self)))
    }
}

fn ones(words: &[u64]) -> u64 {
    words.iter().map(|word| u64::from(word.count_ones())).sum()
}

/// Ranges of features of a sample that were measured, see [`Mask::runs`].
#[derive(Clone, Debug)]
pub struct Runs<'a> {
    /// None where everything was measured.
    words: &'a [u64],
    features: usize,
    at: usize,
}

impl Runs<'_> {
    /// The next feature from here on that is missing, or that was measured; their number if there is none.
    fn next_that_is(&self, missing: bool, from: usize) -> usize {
        let mut from = from;
        while let Some(&word) = self.words.get(from / WORD) {
            let wanted = if missing { word } else { !word } >> (from % WORD);
            if wanted != 0 {
                return self.features.min(from + wanted.trailing_zeros() as usize);
            }
            from = (from / WORD + 1) * WORD;
        }
        // Without words nothing is missing.
        match missing || from >= self.features {
            true => self.features,
            false => from,
        }
    }
}

impl Iterator for Runs<'_> {
    type Item = Range<usize>;

    fn next(&mut self) -> Option<Self::Item> {
        let start = self.next_that_is(false, self.at);
        self.at = self.next_that_is(true, start);
        (start < self.features).then_some(start..self.at)
    }
}

/// The values of a modality and which of them were measured: what is missing has some finite value that stands in for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Masked {
    /// The values, samples x features.
    pub values: Values,
    /// Which were measured, of the same shape; `None` if all were.
    pub mask: Option<Mask>,
}

impl From<Values> for Masked {
    /// Values all of which were measured.
    fn from(values: Values) -> Self {
        Self { values, mask: None }
    }
}

impl Masked {
    /// These samples, in this order.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn select(&self, storage: Storage, samples: &[u32]) -> io::Result<Self> {
        Ok(Self {
            values: self.values.select(storage, samples)?,
            mask: self.mask.as_ref().and_then(|mask| mask.select(samples)),
        })
    }

    /// How many values were measured.
    pub fn measured(&self) -> u64 {
        let (samples, features) = self.values.dim();
        let all = samples as u64 * features as u64;
        self.mask.as_ref().map_or(all, Mask::measured)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{Axis, Matrix, Sparse};
    use ndarray::Array2;

    /// Gaps without a pattern, of every length, over several words; every third sample has none.
    fn is_missing(sample: usize, feature: usize) -> bool {
        !sample.is_multiple_of(3) && (feature / (1 + sample) * 7 + sample) % 5 < 2
    }

    #[test]
    fn runs_are_what_was_measured() {
        for features in [1, 5, 63, 64, 65, 128, 200] {
            let mask = Mask::new(40, features, is_missing).unwrap();
            let mut measured = 0;
            for sample in 0..40 {
                let runs: Vec<_> = mask.runs(sample).collect();
                let apart = |pair: &[Range<usize>]| pair[0].end < pair[1].start;
                assert!(runs.windows(2).all(apart), "as long as can be");
                let found: Vec<usize> = runs.into_iter().flatten().collect();
                let expected = (0..features).filter(|&f| !is_missing(sample, f));
                assert_eq!(found, expected.collect::<Vec<_>>());
                assert_eq!(found.len(), mask.measured_of(sample));
                measured += found.len();
            }
            assert_eq!(mask.measured(), measured as u64);
            assert_eq!(mask.dim(), (40, features));
        }
        assert_eq!(Mask::new(40, 3, |_, _| false), None);
        let nothing = Mask::new(1, 70, |_, _| true).unwrap();
        assert_eq!((nothing.runs(0).count(), nothing.measured()), (0, 0));
    }

    #[test]
    fn the_mask_follows_the_samples() {
        let mask = Mask::new(40, 70, is_missing).unwrap();
        let picked = mask.select(&[7, 0, 2]).unwrap();
        assert_eq!(
            picked,
            Mask::new(3, 70, |s, f| is_missing([7, 0, 2][s], f)).unwrap()
        );
        assert_eq!(mask.select(&[0, 3, 9]), None);
    }

    #[test]
    fn a_mask_is_made_of_what_was_measured() {
        let (samples, features) = (3_000, 90);
        let array = Array2::from_shape_fn((samples, features), |(s, f)| match is_missing(s, f) {
            true => f32::NAN,
            false => ((s + f) % 3) as f32,
        });
        let missing = array.iter().filter(|x| x.is_nan()).count() as u64;
        // The model gets every second feature.
        let columns: Vec<u32> = (0..45).map(|f| 2 * f).collect();
        let names = |n: usize| Axis::new((0..n).map(|f| f.to_string()).collect()).unwrap();
        let filled: Values = Array2::zeros((samples, 45)).into();
        let mut modality = Modality::new("rna", names(45), filled);
        let expected = Mask::new(samples, 45, |s, f| is_missing(s, 2 * f));
        modality.measured.features = names(features);
        modality.measured.columns = Some(columns);
        let held = array.iter().enumerate().filter(|(_, x)| **x != 0.0);
        let mut ends = vec![0; samples + 1];
        let (mut at, mut values) = (Vec::new(), Vec::new());
        for (index, &x) in held {
            at.push((index % features) as u32);
            values.push(x);
            ends[index / features + 1] = at.len();
        }
        (1..=samples).for_each(|s| ends[s] = ends[s].max(ends[s - 1]));
        let sparse = Sparse::new(features, ends, at, values).unwrap();
        for matrix in [Matrix::Dense(array.into()), Matrix::Sparse(sparse)] {
            modality.measured.matrix = matrix;
            modality.measured.missing = 0;
            assert_eq!(Mask::of(&modality).unwrap(), None, "nothing is read");
            modality.measured.missing = missing;
            assert_eq!(Mask::of(&modality).unwrap(), expected);
        }
        modality.measured.columns = None;
        assert_eq!(Mask::of(&modality).unwrap(), None, "mixed values");
    }
}
