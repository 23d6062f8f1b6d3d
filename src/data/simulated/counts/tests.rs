use super::super::learning::{chance, nearest_mean, on};
use super::*;

fn small() -> CountsSpec {
    CountsSpec {
        cells: 300,
        genes: 60,
        peaks: 50,
        ..CountsSpec::default()
    }
}

fn raw(spec: &CountsSpec) -> Dataset {
    generate(&CountsSpec {
        normalised: false,
        ..*spec
    })
    .unwrap()
}

#[test]
fn the_same_for_any_number_of_threads_and_another_for_another_seed() {
    let spec = small();
    let one = on(1, || generate(&spec).unwrap());
    assert_eq!(one, on(3, || generate(&spec).unwrap()));
    assert_ne!(one, generate(&CountsSpec { seed: 1, ..spec }).unwrap());
}

#[test]
fn the_classes_can_be_learnt_from_every_modality() {
    for seed in 0..3 {
        let spec = CountsSpec {
            seed,
            ..CountsSpec::default()
        };
        let data = generate(&spec).unwrap();
        let shapes: Vec<_> = data.modalities.iter().map(|m| m.values.dim()).collect();
        assert_eq!(shapes, [(1500, 1500), (1500, 30), (1500, 1200)]);
        let mut counts = data.labels.as_ref().unwrap().counts();
        counts.sort_unstable();
        assert!(counts[7] > 6 * counts[0], "{counts:?}");
        for modality in 0..3 {
            let right = nearest_mean(&data, modality, true);
            assert!(right > chance(&data) + 0.2, "{modality}: {right}");
        }
        // Without any effect there is nothing to learn.
        let same = generate(&CountsSpec {
            effect: 0.0,
            protein_effect: 1.0,
            ..spec
        });
        let same = same.unwrap();
        for modality in 0..3 {
            let right = nearest_mean(&same, modality, false);
            assert!(right < chance(&same) + 0.05, "{modality}: {right}");
        }
    }
}

#[test]
fn counts_are_those_of_single_cells() {
    let spec = CountsSpec::default();
    let data = raw(&spec);
    let facts = |at: usize| data.modalities[at].measured.matrix.facts().unwrap();
    assert!(facts(1).are_counts() && facts(2).are_counts());
    assert_eq!(
        (facts(0).low, facts(0).high, facts(0).fractions),
        (0.0, 1.0, 0)
    );
    assert!(
        (0.02..0.2).contains(&facts(0).density()),
        "{}",
        facts(0).density()
    );
    assert!(
        (0.1..0.6).contains(&facts(2).density()),
        "{}",
        facts(2).density()
    );
    // Without losses, the depth is what was asked for, and the variance that of the distribution.
    let whole = raw(&CountsSpec {
        dropout: 0.0,
        depth_spread: 0.0,
        types: 1,
        ..spec
    });
    let values = whole.modalities[2].values.array().unwrap();
    let depth = values.sum() / 1500.0;
    assert!((depth - 2000.0).abs() < 40.0, "{depth}");
    let dispersion = |j: usize| {
        let counts = values.column(j);
        let mean = counts.sum() / 1500.0;
        let squares = counts.iter().map(|x| (x - mean).powi(2));
        (mean, (squares.sum::<f32>() / 1500.0 - mean) / (mean * mean))
    };
    let found: Vec<f32> = (0..1200)
        .map(dispersion)
        .filter(|d| d.0 > 2.0)
        .map(|d| d.1)
        .collect();
    let mean = found.iter().sum::<f32>() / found.len() as f32;
    // The mean of 0.4 times a log-normal factor of 0.5.
    assert!((mean - 0.4 * 0.125_f32.exp()).abs() < 0.05, "{mean}");
    // Half are lost at the mean that was asked for.
    let lost = raw(&CountsSpec {
        dropout: 5.0,
        depth_spread: 0.0,
        types: 1,
        ..spec
    });
    let lost = lost.modalities[2].values.array().unwrap();
    let near = (0..1200).map(|j| (j, values.column(j).sum() / 1500.0));
    let near: Vec<usize> = near
        .filter(|(_, mean)| (4.0..6.25).contains(mean))
        .map(|n| n.0)
        .collect();
    let sum = |values: &Array2<f32>| near.iter().map(|&j| values.column(j).sum()).sum::<f32>();
    let kept = sum(lost) / sum(values);
    assert!((kept - 0.5).abs() < 0.05, "{kept}");
}

#[test]
fn normalised_values_stand_beside_the_counts() {
    let (normalised, counted) = (generate(&small()).unwrap(), raw(&small()));
    for (a, b) in normalised.modalities.iter().zip(&counted.modalities) {
        assert_eq!(a.measured.matrix, b.measured.matrix);
        assert_eq!(a.measured.features, a.features);
        assert_ne!(a.values, b.values);
    }
    let rna = normalised.modalities[2].values.array().unwrap();
    let proteins = normalised.modalities[1].values.array().unwrap();
    for (genes, proteins) in rna.rows().into_iter().zip(proteins.rows()) {
        let sum: f32 = genes.iter().map(|x| x.exp_m1()).sum();
        assert!((sum - 1e4).abs() < 5.0, "{sum}");
        assert!(proteins.sum().abs() < 1e-3);
    }
}

/// Figures measured on simulated data are quoted and compared, so the values must not drift unnoticed.
#[test]
fn the_cells_stay_the_same() {
    let data = generate(&CountsSpec::default()).unwrap();
    let expected = [(0.0, 0.0), (-1.153_83, 0.988_514), (1.987_495, 2.460_809)];
    for (modality, (first, last)) in data.modalities.iter().zip(expected) {
        let values = modality.values.array().unwrap();
        let seen = (values[[0, 0]], values[[99, values.ncols() - 1]]);
        let close = |a: f32, b: f32| (a - b).abs() < 1e-4;
        assert!(close(seen.0, first) && close(seen.1, last), "{seen:?}");
    }
}

#[test]
fn a_single_cell_is_made_and_impossible_ones_refused() {
    let spec = CountsSpec {
        cells: 1,
        genes: 1,
        proteins: 1,
        peaks: 1,
        depth: 1.0,
        ..small()
    };
    let data = generate(&spec).unwrap();
    let finite = |m: &Modality| m.values.array().unwrap().iter().all(|x| x.is_finite());
    assert!(data.modalities.iter().all(finite));
    let wrong: [fn(&mut CountsSpec); 6] = [
        |spec| spec.cells = 0,
        |spec| spec.types = 0,
        |spec| spec.genes = usize::MAX,
        |spec| spec.dispersion = 0.0,
        |spec| spec.depth = f64::INFINITY,
        |spec| spec.markers = f64::NAN,
    ];
    for change in wrong {
        let mut spec = spec;
        change(&mut spec);
        assert!(generate(&spec).is_err(), "{spec:?}");
    }
}
