//! Some samples of data, as they are: nothing is prepared anew.

use std::{io, ops::Range, sync::Arc};

use rayon::prelude::*;

use super::{
    Chosen, Dataset, Labels, MakesRows, Matrix, Measured, Mixture, Modality, Truth, TruthColumn,
    Values, values::rows_of_piece,
};

/// Some samples of values that are made when they are asked for.
#[derive(Debug)]
struct Picked {
    of: Values,
    rows: Arc<[u32]>,
}

impl MakesRows for Picked {
    fn dim(&self) -> (usize, usize) {
        (self.rows.len(), self.of.features())
    }

    fn fill(&self, samples: Range<usize>, out: &mut [f32]) {
        let rows = out.chunks_exact_mut(self.of.features().max(1));
        for (out, &row) in rows.zip(&self.rows[samples]) {
            let row = row as usize;
            self.of.copy_rows(row..row + 1, out);
        }
    }

    fn check(&self) -> io::Result<()> {
        self.of.check()
    }
}

impl Modality {
    /// These samples of it, in this order: with the values that it has, and as they were measured.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn select(&self, rows: &[u32]) -> io::Result<Self> {
        let Measured {
            features,
            matrix,
            missing,
            columns,
            mixture,
            var,
        } = &self.measured;
        let values = self.values.select(self.values.storage(), rows)?;
        let matrix = match matrix {
            Matrix::Dense(held) if held.is(&self.values) => Matrix::Dense(values.clone()),
            matrix => matrix.select_rows(rows)?,
        };
        let mixture = mixture.as_ref().map(|mixture| Mixture {
            values: Values::made(Picked {
                of: mixture.values.clone(),
                rows: rows.into(),
            }),
            ..mixture.clone()
        });
        let missing = match missing {
            0 => 0,
            _ => count_missing(&matrix)?,
        };
        Ok(Self {
            name: self.name.clone(),
            features: self.features.clone(),
            values,
            measured: Measured {
                features: features.clone(),
                matrix,
                missing,
                columns: columns.clone(),
                mixture,
                var: var.clone(),
            },
        })
    }
}

fn count_missing(matrix: &Matrix) -> io::Result<u64> {
    let (samples, features) = (matrix.samples(), matrix.features());
    let rows = rows_of_piece(features);
    let pieces = (0..samples.div_ceil(rows)).into_par_iter();
    let counts = pieces.map_init(Vec::new, |buffer, piece| {
        let range = piece * rows..samples.min((piece + 1) * rows);
        buffer.resize(range.len() * features, 0.0);
        matrix.fill(range, buffer)?;
        Ok(buffer.iter().filter(|x| x.is_nan()).count() as u64)
    });
    counts.sum()
}

impl Dataset {
    /// These samples of the data, in this order, with the values that they have.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn select(&self, rows: &[u32]) -> io::Result<Self> {
        let modalities = self.modalities.iter().map(|modality| modality.select(rows));
        let names = |labels: &Labels| {
            Labels::from_names(rows.iter().map(|&row| labels.name_of(row as usize)))
        };
        let truth = |column: &TruthColumn| TruthColumn {
            name: column.name.clone(),
            values: rows
                .iter()
                .map(|&row| column.values[row as usize])
                .collect(),
        };
        let places: Vec<Option<u32>> = rows.iter().copied().map(Some).collect();
        Ok(Self {
            name: self.name.clone(),
            samples: self.samples.select(rows),
            modalities: modalities.collect::<io::Result<_>>()?,
            obs: self.obs.select(&places),
            labels: self.labels.as_ref().map(names),
            truth: Truth {
                sample: self.truth.sample.iter().map(truth).collect(),
                feature: self.truth.feature.clone(),
            },
        })
    }

    /// Those of these data that take part, with the values that they have.
    ///
    /// # Errors
    /// If the disk is full or fails.
    pub fn chosen(self, chosen: &Chosen) -> io::Result<Self> {
        if chosen.is_all() {
            return Ok(self);
        }
        let keep = chosen.keep(self.samples.names());
        let rows = (0..keep.len() as u32).filter(|&row| keep[row as usize]);
        self.select(&rows.collect::<Vec<u32>>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::data::{
        Mask, Storage,
        demo::{self, DemoSpec},
    };

    #[test]
    fn some_samples_keep_values_measurements_and_mixtures() {
        let spec = DemoSpec {
            samples: 40,
            seed: 1,
        };
        let mut whole = demo::generate(&spec);
        let rows = [3, 17, 38];
        // One modality has a gap that stays and one that goes, the other is a mixture.
        let first = &mut whole.modalities[0];
        let width = first.features.len();
        let gaps = [(17, 2), (20, 1)];
        let with_gaps = Values::generate(Storage::Memory, 40, width, |range, out| {
            for (at, x) in out.iter_mut().enumerate() {
                let place = (range.start + at / width, at % width);
                *x = if gaps.contains(&place) { f32::NAN } else { 1.0 };
            }
        });
        first.measured.matrix = Matrix::Dense(with_gaps.unwrap());
        first.measured.missing = 2;
        let second = &mut whole.modalities[1];
        second.measured.mixture = Some(Mixture {
            features: second.features.clone(),
            columns: (0..second.features.len() as u32).collect(),
            loadings: Vec::new(),
            values: second.values.clone(),
            titles: Vec::new(),
        });
        let part = whole.select(&rows).unwrap();
        let of = |values: &Values, row: usize| values.rows(row..row + 1, &mut Vec::new()).to_vec();
        for (whole, part) in whole.modalities.iter().zip(&part.modalities) {
            for (at, &row) in rows.iter().enumerate() {
                let row = row as usize;
                assert_eq!(of(&part.values, at), of(&whole.values, row));
                assert_eq!(of(part.unmixed(), at), of(whole.unmixed(), row));
            }
        }
        assert_eq!(part.samples.names()[2], whole.samples.names()[38]);
        assert_eq!(part.modalities[0].measured.missing, 1);
        assert!(Mask::of(&part.modalities[0]).unwrap().is_some());
        let without = whole.select(&[0, 1]).unwrap();
        assert_eq!(without.modalities[0].measured.missing, 0);
    }
}
