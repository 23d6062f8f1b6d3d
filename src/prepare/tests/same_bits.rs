//! The same bits whatever holds the values, whatever the number of threads, and as tables have always been cleaned.

use super::*;

fn in_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    pool.build().unwrap().install(work)
}

#[test]
fn neither_threads_nor_storage_nor_sparsity_change_a_bit() {
    // More samples than features and fewer; both of several parts and blocks.
    for (samples, features) in [(2_100, 170), (60, 3_000)] {
        let counts = counts(samples, features, 1);
        let Matrix::Sparse(held) = sparse(&counts) else {
            unreachable!()
        };
        let matrices = [
            dense(counts.clone()),
            sparse(&counts),
            on_disk(&counts),
            Matrix::Sparse(held.on_disk()),
        ];
        let facts = matrices[0].facts().unwrap();
        assert_eq!(matrices[3].storage(), Storage::Disk);
        assert!(facts.are_counts() && facts == matrices[1].facts().unwrap());
        for kind in [Kind::Rna, Kind::Atac, Kind::Protein, Kind::Other] {
            let recipe = default_recipe(kind, &facts);
            let expected = in_threads(1, || run(&matrices[0], &recipe).unwrap());
            for matrix in &matrices {
                for (threads, storage) in [(1, Storage::Disk), (4, Storage::Memory)] {
                    let (axis, cancel) = (axis(features), CancelToken::new());
                    let work = || prepare(matrix, &axis, &recipe, storage, &cancel).unwrap();
                    let prepared = in_threads(threads, work);
                    assert_eq!(prepared.values.storage(), storage);
                    assert_eq!(bits(&prepared.values), bits(&expected.values), "{kind:?}");
                    assert_eq!(prepared.report, expected.report);
                    assert_eq!(prepared.features, expected.features);
                }
            }
        }
    }
}

#[derive(Clone, Copy)]
struct Stats {
    sum: f64,
    present: usize,
    low: f32,
    high: f32,
}

/// What cleaning a table has always done, written out: the mean of every feature in the parts of `Values::fold`.
fn cleaned(values: &Values) -> (Vec<usize>, Vec<u32>) {
    let columns = values.features();
    let nothing = Stats {
        sum: 0.0,
        present: 0,
        low: f32::INFINITY,
        high: f32::NEG_INFINITY,
    };
    let merge = |a: &mut Stats, b: &Stats| {
        a.sum += b.sum;
        a.present += b.present;
        a.low = a.low.min(b.low);
        a.high = a.high.max(b.high);
    };
    let add = |stats: &mut Vec<Stats>, rows: &[f32]| {
        for row in rows.chunks_exact(columns) {
            for (stat, &x) in stats.iter_mut().zip(row).filter(|(_, x)| !x.is_nan()) {
                let (sum, present) = (f64::from(x), 1);
                let one = Stats {
                    sum,
                    present,
                    low: x,
                    high: x,
                };
                merge(stat, &one);
            }
        }
    };
    let mut stats = vec![nothing; columns];
    for piece in values.fold(|| vec![nothing; columns], add).unwrap() {
        stats.iter_mut().zip(&piece).for_each(|(a, b)| merge(a, b));
    }
    let kept: Vec<usize> = (0..columns)
        .filter(|&c| stats[c].low < stats[c].high)
        .collect();
    let mut cleaned = Vec::new();
    for row in all(values).chunks_exact(columns) {
        for &c in &kept {
            let Stats {
                sum,
                present,
                low,
                high,
            } = stats[c];
            let mean = ((sum / present as f64) as f32).clamp(low, high);
            cleaned.push(if row[c].is_nan() { mean } else { row[c] }.to_bits());
        }
    }
    (kept, cleaned)
}

#[test]
fn tidy_tables_come_out_as_they_always_did() {
    for (samples, features) in [(5_000, 70), (300, 1_000), (3, 4)] {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let mut values = Array2::from_shape_fn((samples, features), |(_, feature)| {
            let x = rng.random_range(-1.0..1.0_f32) * 10_f32.powi(feature as i32 % 9 - 4);
            match (feature % 17, rng.random_range(0..20)) {
                (3, _) => f32::NAN,
                (_, 0) => f32::NAN,
                (5, _) => 0.1,
                (11, _) => 0.0,
                (_, 1) => -0.0,
                (_, 2..5) => 0.0,
                _ => x,
            }
        });
        // Large values that cancel, in the first of every 17 features: of their means only sums in the same order give the bits.
        for sample in 0..samples / 2 {
            for feature in (0..features).step_by(17) {
                let x = rng.random_range(-1e12..1e12_f32);
                if sample % 3 > 0 {
                    values[(sample, feature)] = x;
                    values[(samples - 1 - sample, feature)] = -x;
                }
            }
        }
        for matrix in [dense(values.clone()), on_disk(&values), sparse(&values)] {
            let (axis, cancel) = (axis(features), CancelToken::new());
            let storage = match &matrix {
                Matrix::Dense(values) => values.storage(),
                Matrix::Sparse(_) => Storage::Memory,
            };
            let prepared = prepare(&matrix, &axis, &Recipe::none(), storage, &cancel).unwrap();
            let (kept, mut expected) = cleaned(&values.clone().into());
            let mut found = bits(&prepared.values);
            if matches!(matrix, Matrix::Sparse(_)) {
                // What is not held is zero without a sign.
                let unsigned = |x: &mut u32| *x = if *x == 1 << 31 { 0 } else { *x };
                expected.iter_mut().for_each(unsigned);
                found.iter_mut().for_each(unsigned);
            }
            assert!(found == expected, "{samples} x {features}");
            let names: Vec<String> = kept.iter().map(|at| format!("f{at}")).collect();
            assert_eq!(prepared.features.names(), names);
            let missing = |&&c: &&usize| values.column(c).iter().any(|x| x.is_nan());
            let filled: usize = kept
                .iter()
                .filter(missing)
                .map(|&c| values.column(c).iter().filter(|x| x.is_nan()).count())
                .sum();
            let expected = StepReport::FillMissing {
                values: filled,
                features: kept.iter().filter(missing).count(),
                of: kept.len(),
            };
            assert_eq!(prepared.report[1].report, expected);
        }
    }
}
