use super::*;
use crate::format::hdf5::tests::{assert_matrix, case, kinds, read, says, shared, values};

#[test]
fn modalities_keep_their_own_samples() {
    // 512 bytes of text come first.
    let path = case("three.h5mu");
    let inspection = H5mu.inspect(&path, &CancelToken::new()).unwrap();
    let found: Vec<_> = inspection
        .modalities
        .iter()
        .map(|m| (m.name.as_str(), m.samples, m.features))
        .collect();
    assert_eq!(
        found,
        [("rna", 120, 200), ("protein", 110, 6), ("atac", 115, 150)]
    );
    assert_eq!(inspection.obs, ["cell_type", "leiden"]);

    assert_three(&path);
    if let Some(path) = shared("cases/b4-h5mu/three.h5mu") {
        assert_three(&path);
    }
}

fn assert_three(path: &Path) {
    let contents = read(&H5mu, path, None).unwrap();
    let [rna, protein, atac] = contents.pieces.as_slice() else {
        panic!()
    };
    assert_matrix(&rna.matrix, [120, 200], 22_989.0, [5.0, 0.0], 12_773);
    assert_matrix(&protein.matrix, [110, 6], 19_283.0, [85.0, 46.0], 652);
    assert_matrix(&atac.matrix, [115, 150], 8_302.0, [1.0, 1.0], 5_613);
    assert_eq!(rna.samples.names()[0], "GTTTGACTCTACTGTG-1");
    assert_eq!(protein.samples.names()[0], "GTGATATCCGGCAATA-1");
    let common = rna.samples.names().iter().filter(|name| {
        protein.samples.position(name).is_some() && atac.samples.position(name).is_some()
    });
    assert_eq!(common.count(), 105);
    // A feature of one name in two modalities stays what it is.
    assert_eq!(protein.features.names()[1], "CD4");
    assert_eq!(kinds(&rna.obs), [("leiden", "category", 0)]);
    let (samples, obs) = contents.obs.as_ref().unwrap();
    assert_eq!(samples.len(), 120);
    assert_eq!(kinds(obs), [("cell_type", "category", 0)]);
}

#[test]
fn names_are_those_of_the_field_and_matrices_can_be_asked_for() {
    let contents = read(&H5mu, &case("two.h5mu"), None).unwrap();
    let [rna, protein] = contents.pieces.as_slice() else {
        panic!()
    };
    assert_eq!(
        (rna.modality.as_str(), protein.modality.as_str()),
        ("rna", "protein")
    );
    assert_eq!(protein.samples.names(), ["c3", "c2", "c1", "c0"]);
    assert_eq!(values(&protein.matrix), [0., 7., 3., 4., 0., 0., 0., 0.]);
    assert_eq!(rna.features.names()[3], "TBCE (E4)");
    let (_, obs) = contents.obs.as_ref().unwrap();
    // What was copied from a modality is left to it.
    assert_eq!(kinds(obs), [("donor", "category", 0)]);
    assert_eq!(rna.obs.len(), 7);
    let error = read(&H5mu, &case("two.h5mu"), Some("layers/x")).unwrap_err();
    assert!(
        matches!(&error, FormatError::Choose { choices, .. } if choices == &["X"]),
        "{error}"
    );
}

#[test]
fn two_modalities_of_one_kind_stay_two() {
    let contents = read(&H5mu, &case("synonyms.h5mu"), None).unwrap();
    let names: Vec<_> = contents
        .pieces
        .iter()
        .map(|piece| piece.modality.as_str())
        .collect();
    assert_eq!(names, ["protein", "prot"]);
    assert!(contents.obs.is_none() && contents.notices.is_empty());
}

#[test]
fn samples_of_one_name_are_refused_where_names_match_modalities() {
    let error = read(&H5mu, &case("repeated.h5mu"), None).unwrap_err();
    let FormatError::Unsupported { what, advice, .. } = error else {
        panic!("{error}")
    };
    assert_eq!(
        what,
        "has two samples of the name 'c0' in mod/rna/obs: number 1 and number 3"
    );
    assert!(advice.contains("obs_names_make_unique"));
}

#[test]
fn files_of_mudata_hold_what_it_says() {
    for version in ["v0.1.2", "v0.3.10"] {
        let Some(path) = shared(&format!("formats/mudata_{version}_axis0.h5mu")) else {
            return;
        };
        let contents = read(&H5mu, &path, None).unwrap();
        let [mod2, mod1] = contents.pieces.as_slice() else {
            panic!()
        };
        assert_eq!(
            (mod2.modality.as_str(), mod1.modality.as_str()),
            ("mod2", "mod1")
        );
        assert_matrix(
            &mod2.matrix,
            [100, 30],
            4_801_500.0,
            [101.0, 3_100.0],
            3_000,
        );
        assert_matrix(
            &mod1.matrix,
            [100, 20],
            199_900.003_499_351_44,
            [0.0, 199.900_01],
            1_999,
        );
        assert_eq!(mod2.samples.names()[99], "obs_99");
        assert_eq!(kinds(&mod2.var)[0], ("assert-bool", "yes or no", 0));
        assert_eq!(
            kinds(&contents.obs.as_ref().unwrap().1),
            [("arange", "whole number", 0)]
        );
        let contents = read(&H5mu, &path, Some("raw/X")).unwrap();
        assert_matrix(
            &contents.pieces[1].matrix,
            [100, 10],
            99_450.001_749_597_49,
            [0.0, 198.900_01],
            999,
        );
        assert!(says(
            &contents,
            Severity::Warning,
            "mod2 has no matrix raw/X"
        ));
    }
}
