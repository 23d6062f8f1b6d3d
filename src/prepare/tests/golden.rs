//! Steps beside those of scanpy, muon, scikit-learn and scrublet, on the counts of `tests/golden/prepare.py`.

use serde::Deserialize;

use super::*;
use crate::analysis::rank::spearman;

/// What is in the golden file.
#[derive(Deserialize)]
struct Golden {
    samples: usize,
    features: usize,
    names: Vec<String>,
    doublets: usize,
    counts: Vec<Vec<(u32, f32)>>,
    total_counts: Vec<f64>,
    n_genes_by_counts: Vec<f64>,
    pct_counts_mt: Vec<f64>,
    seurat_v3: Vec<f64>,
    pearson_residuals: Vec<f64>,
    log1p: Vec<f32>,
    pca: Vec<f64>,
    pca_standardised: Vec<f64>,
    standardised: Vec<f32>,
    quantiles: Vec<f64>,
    clr: Vec<f32>,
    tf_idf: Vec<f32>,
    lsi: Vec<f64>,
    with_gaps: Vec<Option<f32>>,
    imputed: Vec<f32>,
    shares: Vec<f32>,
    m_values: Vec<f32>,
    scrublet: Vec<f64>,
    scrublet_alone: f64,
}

fn golden() -> Golden {
    let path = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/tests/golden/prepare_golden.json"
    );
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

impl Golden {
    fn matrix(&self) -> Matrix {
        let (mut starts, mut indices, mut values) = (vec![0], vec![], vec![]);
        for row in &self.counts {
            indices.extend(row.iter().map(|&(at, _)| at));
            values.extend(row.iter().map(|&(_, x)| x));
            starts.push(indices.len());
        }
        Matrix::Sparse(Sparse::new(self.features, starts, indices, values).unwrap())
    }

    fn run(&self, steps: &[Step]) -> Prepared {
        run(&self.matrix(), &recipe(steps)).unwrap()
    }

    /// The scores of the variable features by a ranking.
    fn ranked(&self, by: Ranking) -> Vec<f64> {
        let select = Step::SelectVariable { features: 100, by };
        let scores = self.run(&[select]).variability.unwrap().scores;
        scores.into_iter().map(f64::from).collect()
    }
}

const NORMALISE: Step = Step::Normalise { target: 1e4 };

/// The largest difference, of numbers above 1 as a share of them.
fn farthest(found: &[f32], expected: &[f32]) -> f32 {
    assert!(found.len() >= expected.len());
    let pairs = found.iter().zip(expected);
    pairs
        .map(|(a, b)| (a - b).abs() / b.abs().max(1.0))
        .fold(0.0, f32::max)
}

/// How many of the largest so many of two lists are the same.
fn shared(a: &[f64], b: &[f64], most: usize) -> usize {
    let (a, b) = (select::largest(a, most), select::largest(b, most));
    a.iter().zip(&b).filter(|(a, b)| **a && **b).count()
}

/// Correlation of every column up to its sign, the smallest of them.
fn least_correlation(found: &Values, expected: &[f64], columns: usize) -> f64 {
    let width = expected.len() / found.samples();
    let of = |at: usize| {
        let column = Matrix::Dense(found.clone()).column(at).unwrap();
        let expected: Vec<f64> = expected.iter().skip(at).step_by(width).copied().collect();
        work::correlation(&column, &expected).abs()
    };
    (0..columns).map(of).fold(1.0, f64::min)
}

#[test]
fn quality_is_scanpys() {
    let golden = golden();
    let names = Axis::new(golden.names.clone()).unwrap();
    let quality = Quality::of(&golden.matrix(), &names, &CancelToken::new()).unwrap();
    assert_eq!(quality.samples(), golden.samples);
    assert_eq!(quality.counts, golden.total_counts);
    assert_eq!(quality.features, golden.n_genes_by_counts);
    let shares = quality.mitochondrial.unwrap();
    for (share, percent) in shares.iter().zip(&golden.pct_counts_mt) {
        assert!((100.0 * share - percent).abs() < 1e-4, "{share}, {percent}");
    }
}

#[test]
fn normalised_logs_log_ratios_and_weights_are_those_of_python() {
    let golden = golden();
    let cases: [(&[Step], &[f32]); 4] = [
        (&[NORMALISE, Step::Log1p], &golden.log1p),
        (
            &[NORMALISE, Step::Log1p, Step::Standardise { most: 3.0 }],
            &golden.standardised,
        ),
        (&[Step::Clr], &golden.clr),
        (&[Step::TfIdf { scale: 1e4 }], &golden.tf_idf),
    ];
    for (steps, expected) in cases {
        let found = all(&golden.run(steps).values);
        let far = farthest(&found, expected);
        assert!(far < 1e-5, "{steps:?}: {far}");
    }
    let log2 = all(&golden.run(&[NORMALISE, Step::Log2]).values);
    let to_base_2: Vec<f32> = golden
        .log1p
        .iter()
        .map(|x| x / std::f32::consts::LN_2)
        .collect();
    assert!(farthest(&log2, &to_base_2) < 1e-5);
}

#[test]
fn values_between_quantiles_become_0_to_1() {
    let golden = golden();
    let logs = golden.run(&[NORMALISE, Step::Log1p]).values;
    let scaled = golden.run(&[
        NORMALISE,
        Step::Log1p,
        Step::ScaleQuantiles {
            low: 0.05,
            high: 0.95,
        },
    ]);
    let [logs, scaled] = [logs, scaled.values].map(Matrix::Dense);
    for (feature, bounds) in golden.quantiles.chunks_exact(2).enumerate() {
        let (low, high) = (bounds[0], bounds[1]);
        let pairs = logs
            .column(feature)
            .unwrap()
            .into_iter()
            .zip(scaled.column(feature).unwrap());
        for (x, found) in pairs {
            let expected = match high > low {
                true => ((f64::from(x) - low) / (high - low)).clamp(0.0, 1.0),
                false => 0.0,
            };
            assert!(
                (f64::from(found) - expected).abs() < 1e-5,
                "{x}: {found}, {expected}"
            );
        }
    }
}

#[test]
fn variable_features_are_those_of_scanpy() {
    let golden = golden();
    let seurat = golden.ranked(Ranking::SeuratV3);
    for (found, expected) in seurat.iter().zip(&golden.seurat_v3) {
        assert!(
            (found - expected).abs() < 0.02 * expected.max(0.1),
            "{found}, {expected}"
        );
    }
    assert!(shared(&seurat, &golden.seurat_v3, 100) >= 98);
    let residuals = golden.ranked(Ranking::PearsonResiduals);
    for (found, expected) in residuals.iter().zip(&golden.pearson_residuals) {
        assert!(
            (found - expected).abs() < 1e-4 * expected.max(1.0),
            "{found}, {expected}"
        );
    }
    assert_eq!(shared(&residuals, &golden.pearson_residuals, 100), 100);
}

#[test]
fn components_are_those_of_scikit_learn() {
    let golden = golden();
    let found = golden.run(&[
        NORMALISE,
        Step::Log1p,
        Step::Pca {
            components: 20,
            standardised: false,
        },
    ]);
    assert!(least_correlation(&found.values, &golden.pca, 20) > 0.999_99);
    let scaled = Step::Pca {
        components: 20,
        standardised: true,
    };
    let scaled = golden.run(&[NORMALISE, Step::Log1p, scaled]);
    assert!(least_correlation(&scaled.values, &golden.pca_standardised, 20) > 0.999_9);
    // By iteration, as of many samples.
    let view = || {
        let mut view = view::View::new(golden.matrix());
        let totals = golden.total_counts.iter().map(|total| 1e4 / total);
        view.change(view::Change::Scale(totals.collect()));
        view.change(view::Change::Log1p);
        view
    };
    let iterated = pca::iterated(&view(), 20, &CancelToken::new()).unwrap();
    assert!(least_correlation(&iterated, &golden.pca, 20) > 0.999);

    let mixture = found.mixture.unwrap();
    assert_eq!(mixture.features.len(), golden.features);
    let squares: f32 = mixture.loadings.iter().step_by(20).map(|x| x * x).sum();
    assert!((squares - 1.0).abs() < 1e-4);
    let leading = mixture.leading(0, 3);
    assert!(leading[0].1.abs() >= leading[1].1.abs() && leading[0].1 > 0.0);
}

#[test]
fn components_of_chromatin_are_those_of_python_but_for_the_depth() {
    let golden = golden();
    let found = golden.run(&[Step::TfIdf { scale: 1e4 }, Step::Lsi { components: 10 }]);
    let StepReport::Lsi { dropped, depth, .. } = &found.report[1].report else {
        panic!("{:?}", found.report)
    };
    assert_eq!(dropped.iter().map(|(at, _)| *at).collect::<Vec<_>>(), [1]);
    assert!(depth.iter().all(|r| r.abs() <= 0.75));
    assert_eq!(found.features.names()[0], "LSI1");
    // Without its first column.
    let expected: Vec<f64> = golden
        .lsi
        .chunks_exact(20)
        .flat_map(|row| row[1..].to_vec())
        .collect();
    assert!(least_correlation(&found.values, &expected, 10) > 0.999_9);
}

#[test]
fn gaps_are_filled_as_scikit_learn_fills_them() {
    let golden = golden();
    let values = golden
        .with_gaps
        .iter()
        .map(|x| x.unwrap_or(f32::NAN))
        .collect();
    let values = Array2::from_shape_vec((40, 12), values).unwrap();
    let filled = run(
        &dense(values),
        &recipe(&[Step::ImputeNearest { neighbours: 5 }]),
    )
    .unwrap();
    let far = farthest(&all(&filled.values), &golden.imputed);
    assert!(far < 1e-5, "{far}");
    let gaps = golden.with_gaps.iter().filter(|x| x.is_none()).count();
    assert_eq!(
        said(&filled),
        [format!(
            "{gaps} missing values replaced by the mean of the nearest samples"
        )]
    );
    assert_eq!(filled.columns, Some((0..12).collect()));
}

#[test]
fn shares_become_m_values() {
    let golden = golden();
    let values = Array2::from_shape_vec((4, 3), golden.shares.clone()).unwrap();
    for matrix in [dense(values.clone()), sparse(&values)] {
        let found = run(&matrix, &recipe(&[Step::MValues])).unwrap();
        assert!(farthest(&all(&found.values), &golden.m_values) < 1e-4);
    }
    let error = run(&golden.matrix(), &recipe(&[Step::MValues])).unwrap_err();
    assert!(
        error.to_string().contains("the values are counts"),
        "{error}"
    );
}

#[test]
fn doublets_have_the_scores_that_scrublet_gives_them() {
    let golden = golden();
    let scores = doublet_scores(&golden.matrix(), &CancelToken::new()).unwrap();
    let found: Vec<f64> = scores.iter().map(|&score| f64::from(score)).collect();
    let alike = spearman(&found, &golden.scrublet).unwrap();
    // One run of scrublet is as much like the mean of ten.
    assert!(
        alike > golden.scrublet_alone.min(0.9),
        "{alike}, {}",
        golden.scrublet_alone
    );
    let plain = |scores: &[f64]| {
        let (made, others) = scores.split_at(golden.doublets);
        let mean = |of: &[f64]| of.iter().sum::<f64>() / of.len() as f64;
        mean(made) / mean(others)
    };
    let (own, theirs) = (plain(&found), plain(&golden.scrublet));
    assert!(own > 1.2 && own > 0.85 * theirs, "{own}, {theirs}");
}
