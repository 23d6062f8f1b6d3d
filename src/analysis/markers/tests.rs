use super::*;
use crate::data::{Matrix, Sparse};
use ndarray::Array2;
use serde_json::Value;

const GOLDEN: &str = include_str!("../../../tests/golden/markers_golden.json");

fn numbers(value: &Value) -> Vec<f64> {
    let all = value.as_array().unwrap().iter();
    all.map(|x| x.as_f64().unwrap_or(f64::NAN)).collect()
}

/// The golden numbers, one of their matrices as a dense and a sparse one, and the groups.
fn golden(matrix: &str) -> (Value, [Matrix; 2], Vec<Option<u32>>) {
    let golden: Value = serde_json::from_str(GOLDEN).unwrap();
    let rows: Vec<Vec<f64>> = golden[matrix]
        .as_array()
        .unwrap()
        .iter()
        .map(numbers)
        .collect();
    let array = Array2::from_shape_fn((rows.len(), rows[0].len()), |(i, j)| rows[i][j] as f32);
    let mut starts = vec![0];
    let (mut indices, mut values) = (Vec::new(), Vec::new());
    for row in array.rows() {
        for (at, &x) in row.iter().enumerate().filter(|(_, x)| **x != 0.0) {
            indices.push(at as u32);
            values.push(x);
        }
        starts.push(values.len());
    }
    let sparse = Sparse::new(array.ncols(), starts, indices, values).unwrap();
    let groups = numbers(&golden["groups"]);
    let groups = groups.into_iter().map(|group| Some(group as u32)).collect();
    (
        golden,
        [Matrix::Dense(array.into()), Matrix::Sparse(sparse)],
        groups,
    )
}

fn found(matrix: &Matrix, measure: Measure, groups: &[Option<u32>]) -> Vec<Vec<Marker>> {
    let columns = Columns::of(matrix, measure).unwrap();
    markers(&columns, groups, 3, &CancelToken::new()).unwrap()
}

fn close(found: f64, expected: f64) -> bool {
    (found - expected).abs() <= 1e-9 * expected.abs() || found == expected
}

#[test]
fn tests_are_those_of_scipy_and_statsmodels_and_effects_those_of_scikit_learn() {
    for (matrix, key) in [("counts", "of_counts"), ("signed", "of_signed")] {
        let (golden, matrices, groups) = golden(matrix);
        for matrix in matrices {
            let found = found(&matrix, Measure::AsRead, &groups);
            for (markers, expected) in found.iter().zip(golden[key].as_array().unwrap()) {
                let expected = |name: &str| numbers(&expected[name]);
                let (p, adjusted) = (expected("p"), expected("adjusted"));
                let auroc = expected("auroc");
                for (at, marker) in markers.iter().enumerate() {
                    assert_eq!(marker.feature, at as u32);
                    assert!(close(marker.p, p[at]), "{marker:?}, not {}", p[at]);
                    assert!(close(marker.adjusted, adjusted[at]), "{marker:?}");
                    assert!(close(marker.auroc, auroc[at]), "{marker:?}");
                }
            }
        }
    }
}

#[test]
fn scores_and_fold_changes_of_log_normalised_counts_are_those_of_scanpy() {
    let (golden, matrices, groups) = golden("counts");
    for matrix in matrices {
        let found = found(&matrix, Measure::LogNormalised, &groups);
        for (markers, expected) in found.iter().zip(golden["scanpy"].as_array().unwrap()) {
            let order = numbers(&expected["order"]);
            let scores = numbers(&expected["scores"]);
            let changes = numbers(&expected["log_fold_changes"]);
            for ((&feature, score), change) in order.iter().zip(scores).zip(changes) {
                let marker = &markers[feature as usize];
                // Both are of single precision there, and so are the values, of which other ones are tied.
                assert!((marker.z - score).abs() < 1e-3, "{marker:?}, not {score}");
                assert!(
                    (marker.fold_change - change).abs() < 1e-3,
                    "{marker:?}, not {change}"
                );
            }
        }
    }
}

#[test]
fn samples_of_no_group_and_missing_values_are_left_out() {
    let (_, [dense, _], groups) = golden("signed");
    let pair: Vec<Option<u32>> = groups.iter().map(|g| g.filter(|g| *g < 2)).collect();
    let columns = Columns::of(&dense, Measure::AsRead).unwrap();
    let cancel = CancelToken::new();
    let of_pair = markers(&columns, &pair, 2, &cancel).unwrap();
    // The same on the samples of the pair alone.
    let kept: Vec<u32> = (0..90).filter(|&i| pair[i as usize].is_some()).collect();
    let alone = Columns::of(&dense.select_rows(&kept).unwrap(), Measure::AsRead).unwrap();
    let of_alone: Vec<Option<u32>> = kept.iter().map(|&i| pair[i as usize]).collect();
    let alone = markers(&alone, &of_alone, 2, &cancel).unwrap();
    assert_eq!(format!("{of_pair:?}"), format!("{alone:?}"));
    // What one group has more of, the other has less of.
    for (a, b) in of_pair[0].iter().zip(&of_pair[1]) {
        assert!((a.auroc + b.auroc - 1.0).abs() < 1e-12 && close(a.p, b.p));
        assert!(a.fold_change.is_nan(), "there are negative values");
    }
    // A group without samples says nothing and breaks nothing.
    let none = markers(&columns, &pair, 3, &cancel).unwrap();
    assert!(none[2].iter().all(|m| m.auroc.is_nan() && m.p == 1.0));
    // What would not fit is refused with what it would take.
    let little = Columns::within(&dense, Measure::AsRead, 1_000).unwrap_err();
    let ColumnsError::Memory { needed, free } = little else {
        panic!("{little}")
    };
    assert!(needed >= columns.bytes() - 8 * 6 && free == 1_000);
    cancel.cancel();
    assert!(markers(&columns, &pair, 2, &cancel).is_err());
}

#[test]
fn keys_stand_where_their_values_do() {
    let values = [
        f32::NEG_INFINITY,
        -3.5,
        -1e-30,
        0.0,
        1e-30,
        2.0,
        f32::INFINITY,
    ];
    let keys: Vec<u64> = values.iter().map(|&x| columns::key(x, 7)).collect();
    assert!(keys.is_sorted());
    assert!(
        values
            .iter()
            .zip(&keys)
            .all(|(x, key)| columns::of_key(*key) == *x)
    );
    let missing = columns::key(f32::NAN, 7);
    assert!(missing > keys[6] && columns::of_key(missing).is_nan() && missing as u32 == 7);
}

#[test]
fn what_a_few_doubtful_samples_carry_has_a_wide_range() {
    // Ten samples on each side. The first feature tells them apart; two samples alone carry the second, and two the third.
    let value = |sample: usize, feature: usize| match (feature, sample) {
        (0, 0..10) | (1, 0..2) | (2, 4..6) => 5.0,
        _ => 1.0,
    };
    let matrix = Matrix::Dense(Array2::from_shape_fn((20, 3), |(i, j)| value(i, j)).into());
    let columns = Columns::of(&matrix, Measure::AsRead).unwrap();
    let groups: Vec<Option<u32>> = (0..20).map(|sample| Some(sample / 10)).collect();
    let doubt = |of: std::ops::Range<usize>| -> Vec<f32> {
        (0..20)
            .map(|sample| if of.contains(&sample) { 1.0 } else { 0.0 })
            .collect()
    };
    let (ambiguity, disagreement) = (doubt(0..2), doubt(4..6));
    let range = |doubts: &[&[f32]]| {
        let found = surviving(&columns, &groups, 2, doubts, &CancelToken::new()).unwrap();
        found[0]
            .iter()
            .map(|survivor| survivor.range)
            .collect::<Vec<_>>()
    };
    assert_eq!(range(&[]), [[1.0; 2], [0.6; 2], [0.6; 2]]);
    // Of the third a third is left when others are left out.
    let one = range(&[&ambiguity]);
    assert_eq!((one[0], one[1]), ([1.0; 2], [0.5, 0.6]));
    assert!(one[2][0] >= 0.6 && one[2][1] > 0.6);
    let both = range(&[&ambiguity, &disagreement]);
    assert_eq!((both[0], both[1][0], both[2][0]), ([1.0; 2], 0.5, 0.5));
}
