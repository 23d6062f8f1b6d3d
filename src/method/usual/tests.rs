use super::*;
use crate::{analysis::scores::adjusted_rand_index, data::Storage};
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;
use rand_distr::StandardNormal;

const USUAL: [Method; 5] = [
    Method::Components,
    Method::CentredComponents,
    Method::Wnn,
    Method::Snf,
    Method::Looks,
];

/// Three groups in two modalities.
fn modalities(samples: usize) -> (Vec<Values>, Vec<u32>) {
    let mut rng = ChaCha8Rng::seed_from_u64(7);
    let labels: Vec<u32> = (0..samples).map(|i| (i % 3) as u32).collect();
    let mut make = |features: usize| {
        let mut normal = || rng.sample::<f32, _>(StandardNormal);
        let centres = Array2::from_shape_simple_fn((3, features), &mut normal);
        let values = Array2::from_shape_fn((samples, features), |(i, j)| {
            centres[[labels[i] as usize, j]] + normal()
        });
        Values::from(values)
    };
    (vec![make(60), make(15)], labels)
}

fn clusters(method: Method, modalities: &[Values]) -> Result<Vec<u32>, UsualError> {
    let modalities: Vec<&Values> = modalities.iter().collect();
    cluster(method, &modalities, 3, 1, &CancelToken::new())
}

#[test]
fn every_method_finds_clear_groups() {
    let (modalities, labels) = modalities(150);
    for method in USUAL {
        let found = clusters(method, &modalities).unwrap();
        assert!(found.iter().all(|&cluster| cluster < 3), "{method}");
        let agreement = adjusted_rand_index(&labels, &found);
        assert!(agreement > 0.95, "{method}: {agreement}");
    }
}

#[test]
fn one_modality_and_a_useless_one_are_no_trouble() {
    let (mut modalities, labels) = modalities(120);
    modalities[1] = Values::from(Array2::from_elem((120, 4), 2.5));
    for method in USUAL {
        for count in [1, 2] {
            let found = clusters(method, &modalities[..count]).unwrap();
            let agreement = adjusted_rand_index(&labels, &found);
            assert!(agreement > 0.9, "{method} of {count}: {agreement}");
        }
    }
}

#[test]
fn values_on_disk_give_the_same_clusters() {
    let (modalities, _) = modalities(90);
    let all: Vec<u32> = (0..90).collect();
    let on_disk = modalities.iter().map(|x| x.select(Storage::Disk, &all));
    let on_disk: Vec<Values> = on_disk.collect::<io::Result<_>>().unwrap();
    for method in USUAL {
        let (held, read) = (clusters(method, &modalities), clusters(method, &on_disk));
        assert_eq!(held.unwrap(), read.unwrap(), "{method}");
    }
}

#[test]
fn what_cannot_be_done_is_said() {
    let (mut modalities, _) = modalities(6_000);
    modalities.truncate(1);
    let error = clusters(Method::Snf, &modalities).unwrap_err();
    assert!(error.to_string().contains("5,000"), "{error}");
    let error = clusters(Method::Hdumec, &modalities).unwrap_err();
    assert!(error.to_string().contains("trains a network"), "{error}");
    let stopped = CancelToken::new();
    stopped.cancel();
    for method in USUAL {
        let (small, _) = self::modalities(60);
        let small: Vec<&Values> = small.iter().collect();
        let error = cluster(method, &small, 3, 1, &stopped).unwrap_err();
        assert!(error.is_cancelled(), "{method}: {error}");
    }
}
