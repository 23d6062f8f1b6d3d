//! What steps say they did.

use super::{Ranking, StepReport::*};

#[test]
fn numbers_are_said_in_words() {
    let some = |n: usize| vec!["a".to_owned(); n];
    let said = [
        (DropFeatures { features: 1 }, "1 feature left out by name"),
        (
            DropConstant {
                constant: some(0),
                empty: some(0),
            },
            "no constant features",
        ),
        (
            DropConstant {
                constant: some(3),
                empty: some(0),
            },
            "3 constant features left out",
        ),
        (
            DropConstant {
                constant: some(0),
                empty: some(1),
            },
            "1 feature without values left out",
        ),
        (
            DropConstant {
                constant: some(3),
                empty: some(2),
            },
            "3 constant features and 2 without values left out",
        ),
        (
            FillMissing {
                values: 0,
                features: 0,
                of: 4,
            },
            "no missing values",
        ),
        (
            FillMissing {
                values: 12,
                features: 3,
                of: 9,
            },
            "12 missing values replaced by the mean of the feature",
        ),
        (
            Normalise {
                target: 1e4,
                zero: 0,
            },
            "normalised to 10,000 a sample",
        ),
        (
            Normalise {
                target: 0.5,
                zero: 3,
            },
            "normalised to 0.5 a sample; 3 samples with a total of 0 stay 0",
        ),
        (
            Clr { zero: 1 },
            "centred log-ratio in every sample; 1 sample with a total of 0 stays 0",
        ),
        (
            SelectVariable {
                kept: 300,
                of: 300,
                by: Ranking::Variance,
            },
            "all 300 features kept",
        ),
        (
            SelectVariable {
                kept: 2_000,
                of: 20_000,
                by: Ranking::Variance,
            },
            "2,000 of 20,000 features kept, the most variable ones",
        ),
        (
            Pca {
                asked: 50,
                standardised: false,
                shares: vec![0.431 / 50.0; 50],
                depth: None,
            },
            "50 principal components, 43 % of the variance",
        ),
        (
            Pca {
                asked: 50,
                standardised: false,
                shares: vec![1.0],
                depth: None,
            },
            "1 principal component, all there are, 100 % of the variance",
        ),
    ];
    for (report, words) in said {
        assert_eq!(report.to_string(), words);
    }
}
