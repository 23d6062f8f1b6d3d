//! Steps that put components in the place of features.

use super::Work;
use crate::{
    data::{Axis, Matrix, Mixture, Storage, Values},
    prepare::{
        PrepareError, StepReport, check,
        pca::{self, Components},
        stats::Moments,
        view::{Change, View},
    },
};

/// Components of latent semantic indexing that follow the depth of the samples more than this (correlation) are left out.
const DEPTH: f64 = 0.75;

/// Features that a component is told by.
const LEADING: usize = 3;

/// Standard deviations above the mean at which values are cut off.
const FAR: f64 = 10.0;

/// Components that are looked for in the place of those.
const SPARE_COMPONENTS: usize = 2;

impl Work<'_> {
    pub(super) fn pca(
        &mut self,
        at: usize,
        asked: usize,
        standardised: bool,
    ) -> Result<StepReport, PrepareError> {
        let scaled = standardised.then(|| self.scaled()).transpose()?;
        let view = scaled.as_ref().unwrap_or(&self.view);
        let found = pca::components(view, true, asked, at, self.storage, self.cancel)?;
        let Some(found) = found else {
            self.features = Axis::default();
            return Ok(StepReport::Pca {
                asked,
                standardised,
                shares: Vec::new(),
                depth: None,
            });
        };
        let depth = self.depth(&found.scores)?;
        let shares = found.shares.clone();
        self.mix(found, check::PC)?;
        Ok(StepReport::Pca {
            asked,
            standardised,
            shares,
            depth,
        })
    }

    /// The features divided by their standard deviations, values far above the mean cut off. Their means are taken off by the components, so
    /// that what is sparse stays so.
    fn scaled(&self) -> Result<View, PrepareError> {
        let moments = Moments::of(&self.view, self.cancel)?;
        let column = |m: &Moments| {
            let factor = m.per_deviation();
            // A zero stays one.
            [factor, (m.mean * factor + FAR).max(0.0)]
        };
        let columns: Vec<[f64; 2]> = moments.iter().map(column).collect();
        let mut view = self.view.clone();
        let columns = view.of_columns(&columns, [0.0; 2]);
        view.change(Change::ScaleColumnsUpTo(columns));
        Ok(view)
    }

    pub(super) fn lsi(&mut self, at: usize, asked: usize) -> Result<StepReport, PrepareError> {
        let most = asked + SPARE_COMPONENTS;
        let found = pca::components(&self.view, false, most, at, self.storage, self.cancel)?;
        let Some(found) = found else {
            self.features = Axis::default();
            return Ok(StepReport::Lsi {
                asked,
                dropped: Vec::new(),
                shares: Vec::new(),
                depth: Vec::new(),
            });
        };
        let depth = self.depth(&found.scores)?.unwrap_or_default();
        let follows = |&at: &usize| depth.get(at).is_some_and(|r| r.abs() > DEPTH);
        let (dropped, mut kept): (Vec<usize>, Vec<usize>) =
            (0..found.shares.len()).partition(follows);
        kept.truncate(asked);
        let pick = |of: &[f64]| kept.iter().map(|&at| of[at]).collect();
        let report = StepReport::Lsi {
            asked,
            dropped: dropped.iter().map(|&at| (at + 1, depth[at])).collect(),
            shares: pick(&found.shares),
            depth: pick(&depth),
        };
        if kept.is_empty() {
            self.features = Axis::default();
            return Ok(report);
        }
        self.mix(found.select(&kept)?, check::LSI)?;
        Ok(report)
    }

    /// How far each of these scores follows the logarithm of the total of the samples; `None` where these were no counts.
    fn depth(&self, scores: &Values) -> Result<Option<Vec<f64>>, PrepareError> {
        let Some(counts) = &self.counts else {
            return Ok(None);
        };
        let totals = View::new(counts.clone()).totals(self.cancel)?;
        let logs: Vec<f64> = totals.iter().map(|total| total.ln_1p()).collect();
        let of = |at: usize| {
            Ok(correlation(
                &Matrix::Dense(scores.clone()).column(at)?,
                &logs,
            ))
        };
        (0..scores.features())
            .map(of)
            .collect::<Result<_, _>>()
            .map(Some)
    }

    /// Goes on with components in the place of the features.
    fn mix(&mut self, found: Components, stem: &str) -> Result<(), PrepareError> {
        let Components {
            scores, loadings, ..
        } = found;
        let columns = self.columns();
        let names = (0..scores.features())
            .map(|at| check::component_name(stem, at))
            .collect();
        let features = std::mem::replace(
            &mut self.features,
            Axis::new(names).expect("numbered names"),
        );
        let view = std::mem::replace(&mut self.view, View::new(Matrix::Dense(scores)));
        let mut mixture = Mixture {
            features,
            columns,
            loadings: loadings.iter().map(|&loading| loading as f32).collect(),
            // Made when asked for: they may be many.
            values: view.values(Storage::Disk, self.cancel)?,
            titles: Vec::new(),
        };
        let title = |(at, name): (usize, &String)| {
            let leading = mixture.leading(at, LEADING).into_iter();
            let words = leading.map(|(name, loading)| match loading < 0.0 {
                true => format!("\u{2212}{name}"),
                false => name.to_owned(),
            });
            format!("{name}: {}", words.collect::<Vec<_>>().join(", "))
        };
        mixture.titles = self.features.iter().enumerate().map(title).collect();
        self.mixture = Some(mixture);
        self.columns = None;
        Ok(())
    }
}

/// Pearson's correlation; 0 where one of them does not vary.
pub(in crate::prepare) fn correlation(x: &[f32], y: &[f64]) -> f64 {
    let count = x.len().max(1) as f64;
    let mean_x = x.iter().map(|&x| f64::from(x)).sum::<f64>() / count;
    let mean_y = y.iter().sum::<f64>() / count;
    let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
    for (&x, y) in x.iter().zip(y) {
        let (dx, dy) = (f64::from(x) - mean_x, y - mean_y);
        xx += dx * dx;
        yy += dy * dy;
        xy += dx * dy;
    }
    match xx * yy > 0.0 {
        true => xy / (xx * yy).sqrt(),
        false => 0.0,
    }
}
