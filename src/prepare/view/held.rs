//! What is asked of a view as a whole: its values held by themselves, and numbers of every sample or feature.

use std::ops::Range;

use rayon::prelude::*;

use super::{Row, View};
use crate::{
    data::{MakesRows as _, Matrix, SparseWriter, Storage, rows_of_piece},
    job::CancelToken,
    prepare::PrepareError,
};

/// Pieces of rows that are held by themselves before they are put together.
const PIECES: usize = 1 << 10;

impl View {
    /// The sum of the values of every sample.
    pub(in crate::prepare) fn totals(
        &self,
        cancel: &CancelToken,
    ) -> Result<Vec<f64>, PrepareError> {
        let total = |row: &Row| row.values.iter().map(|&x| f64::from(x)).sum();
        self.map_samples(total, cancel)
    }

    /// How many samples have a value of every feature for which this holds; it does not for 0.
    pub(in crate::prepare) fn samples_with(
        &self,
        holds: impl Fn(f32) -> bool + Sync,
        cancel: &CancelToken,
    ) -> Result<Vec<u32>, PrepareError> {
        self.fold(
            || vec![0; self.features()],
            |counts: &mut Vec<u32>, row| {
                for (feature, x) in row.iter() {
                    counts[feature] += u32::from(holds(x));
                }
            },
            |all, part| all.iter_mut().zip(&part).for_each(|(a, b)| *a += b),
            cancel,
        )
    }

    /// The same values held by themselves, for many passes over them: sparse if zeros stay zeros, and else in full.
    pub(in crate::prepare) fn held(
        &self,
        storage: Storage,
        cancel: &CancelToken,
    ) -> Result<Self, PrepareError> {
        let features = self.features();
        if self.full {
            let values = self.generate(storage, features, cancel, |range, out| {
                self.fill(range, out)
            })?;
            return Ok(Self::new(Matrix::Dense(values)));
        }
        let (samples, step) = (self.samples(), rows_of_piece(self.base.features()));
        let starts: Vec<usize> = (0..samples).step_by(step).collect();
        let piece = |&start: &usize| {
            let (mut lengths, mut held) = (Vec::new(), Row::default());
            self.rows(start..samples.min(start + step), |_, row| {
                lengths.push(row.values.len());
                held.features.extend_from_slice(&row.features);
                held.values.extend_from_slice(&row.values);
            });
            (lengths, held)
        };
        // What is made of a matrix on disk goes to disk.
        let mut writer = SparseWriter::new(features, self.base.storage())?;
        for starts in starts.chunks(PIECES) {
            cancel.check()?;
            let pieces: Vec<(Vec<usize>, Row)> = starts.par_iter().map(piece).collect();
            self.check()?;
            for (lengths, held) in pieces {
                writer.append_sorted(lengths, &held.features, &held.values)?;
            }
        }
        Ok(Self::new(Matrix::Sparse(writer.finish())))
    }

    /// The values of some features, feature by feature, in the order of the samples: `out` holds the number of features x samples.
    pub(in crate::prepare) fn gather(
        &self,
        features: Range<usize>,
        out: &mut [f32],
        cancel: &CancelToken,
    ) -> Result<(), PrepareError> {
        let samples = self.samples();
        out.fill(0.0);
        let step = rows_of_piece(self.base.features());
        for start in (0..samples).step_by(step) {
            cancel.check()?;
            self.rows(start..samples.min(start + step), |at, row| {
                for (feature, x) in row.iter().filter(|(feature, _)| features.contains(feature)) {
                    out[(feature - features.start) * samples + start + at] = x;
                }
            });
        }
        self.check()?;
        Ok(())
    }
}
