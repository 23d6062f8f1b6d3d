//! Devices with small buffers.

use ndarray::Array2;

use super::*;
use crate::{data::Mask, train::TrainSpec};

const SAMPLES: usize = 150;
const FEATURES: [usize; 2] = [200, 5];

fn inputs() -> Vec<Masked> {
    let values = FEATURES.map(|features| {
        Array2::from_shape_fn((SAMPLES, features), |(i, j)| {
            ((i * 7 + j * 13) % 29) as f32 / 29.0
        })
    });
    let mask = Mask::new(SAMPLES, FEATURES[0], |i, j| (i * 3 + j) % 11 == 0);
    let [first, second] = values.map(Values::from);
    let first = Masked {
        values: first,
        mask,
    };
    vec![first, second.into()]
}

fn engine(buffer: u64, message: u64) -> BurnEngine {
    let spec = TrainSpec {
        hidden: 16,
        ..TrainSpec::default()
    };
    let spec = spec.check(SAMPLES, FEATURES.to_vec(), 3).unwrap();
    let weights = Weights::initialise(&spec, 3);
    let device = ComputeDevice::cpu().with_limits(buffer, message);
    BurnEngine::new(spec, inputs(), &weights, device).unwrap()
}

/// Data that do not fit into a buffer are put there part by part, and come to the same bits as mini-batches of data that do.
#[test]
fn data_that_do_not_fit_a_buffer_come_to_the_same() {
    // 60 rows of the widest modality.
    let (mut small, mut large) = (engine(4 * 200 * 60, u64::MAX), engine(u64::MAX, u64::MAX));
    assert_eq!(
        (small.most_samples(), large.most_samples()),
        (Some(60), None)
    );
    small.use_batches(Batches::new(usize::MAX, 5, CancelToken::new()));
    large.use_batches(Batches::new(60, 5, CancelToken::new()));
    large = large.in_blocks(60);
    for objective in [Objective::SquaredError, Objective::Likelihood] {
        for _ in 0..3 {
            let a = small.step(objective, 5e-3).unwrap();
            let b = large.step(objective, 5e-3).unwrap();
            assert_eq!(a.to_bits(), b.to_bits());
        }
    }
    assert_eq!(small.embed().unwrap(), large.embed().unwrap());
    let decode = |engine: &mut BurnEngine| {
        let decoded = engine.decode(Decoder::LogVariance).unwrap();
        decoded
            .into_iter()
            .map(|x| x.array().unwrap().clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(decode(&mut small), decode(&mut large));
    let centres = small.embed().unwrap();
    for engine in [&mut small, &mut large] {
        engine
            .set_centres(centres.slice(ndarray::s![0..3, ..]))
            .unwrap();
    }
    let (a, b) = (small.assign().unwrap(), large.assign().unwrap());
    assert_eq!(a, b);
    let step = |engine: &mut BurnEngine| engine.step(Objective::Divergence, 1e-3).unwrap();
    assert_eq!(step(&mut small).to_bits(), step(&mut large).to_bits());
}

#[test]
fn a_buffer_that_holds_all_changes_nothing() {
    let mut exact = engine(4 * 200 * SAMPLES as u64, u64::MAX);
    let mut free = engine(u64::MAX, u64::MAX);
    assert_eq!(exact.most_samples(), None);
    for _ in 0..3 {
        let a = exact.step(Objective::SquaredError, 5e-3).unwrap();
        let b = free.step(Objective::SquaredError, 5e-3).unwrap();
        assert_eq!(a.to_bits(), b.to_bits());
    }
}

#[test]
fn what_goes_in_pieces_is_the_same() {
    // 7 rows of the widest modality.
    let (mut pieces, mut whole) = (engine(u64::MAX, 4 * 200 * 7), engine(u64::MAX, u64::MAX));
    assert_eq!(pieces.most_samples(), None);
    for _ in 0..3 {
        let a = pieces.step(Objective::SquaredError, 5e-3).unwrap();
        let b = whole.step(Objective::SquaredError, 5e-3).unwrap();
        assert_eq!(a.to_bits(), b.to_bits());
    }
    let mut whole = whole.in_blocks(7);
    assert_eq!(pieces.embed().unwrap(), whole.embed().unwrap());
}
