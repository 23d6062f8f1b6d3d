use super::*;
use crate::format::hdf5::tests::{assert_matrix, case, kinds, read, says, shared, values};

#[test]
fn types_of_features_are_modalities() {
    let path = case("filtered_feature_bc_matrix.h5");
    let inspection = TenxH5.inspect(&path, &CancelToken::new()).unwrap();
    let found: Vec<_> = inspection
        .modalities
        .iter()
        .map(|m| (m.name.as_str(), m.samples, m.features))
        .collect();
    assert_eq!(found, [("rna", 120, 200), ("protein", 120, 6)]);

    let contents = read(&TenxH5, &path, None).unwrap();
    let [rna, protein] = contents.pieces.as_slice() else {
        panic!()
    };
    assert_matrix(&rna.matrix, [120, 200], 22_989.0, [5.0, 0.0], 12_773);
    assert_matrix(&protein.matrix, [120, 6], 20_949.0, [54.0, 16.0], 710);
    assert_eq!(
        (rna.samples.names(), rna.features.names()[199].as_str()),
        (protein.samples.names(), "GENE199")
    );
    assert_eq!(rna.samples.names()[119], "ACCATCACTCATCCGC-1");
    // One name in both modalities stays; one name twice in a modality is told apart by its ids.
    assert!(rna.features.position("CD4").is_some());
    assert_eq!(protein.features.names()[0], "CD3_TotalSeqB");
    let twice: Vec<_> = rna
        .features
        .names()
        .iter()
        .filter(|name| name.starts_with("TBCE"))
        .collect();
    assert_eq!(twice.len(), 2);
    assert!(
        twice.iter().all(|name| name.starts_with("TBCE (ENSG")),
        "{twice:?}"
    );
    assert_eq!(
        kinds(&rna.var),
        [
            ("id", "text", 0),
            ("feature_type", "text", 0),
            ("genome", "text", 0)
        ]
    );
    assert!(says(
        &contents,
        Severity::Note,
        "2 features share their names"
    ));
    assert_eq!(contents.notices.len(), 1);
    if let Some(path) = shared("cases/b1-10x-h5-many-types/filtered_feature_bc_matrix.h5") {
        let whole = read(&TenxH5, &path, None).unwrap();
        assert_eq!(whole.pieces[0].matrix, rna.matrix);
        assert_eq!(whole.pieces[1].features, protein.features);
    }
}

#[test]
fn cell_ranger_2_is_read_genome_by_genome() {
    let contents = read(&TenxH5, &case("legacy.h5"), None).unwrap();
    assert_eq!(contents.pieces.len(), 1);
    assert_eq!(contents.pieces[0].modality, "rna");
    assert_matrix(
        &contents.pieces[0].matrix,
        [120, 200],
        22_989.0,
        [5.0, 0.0],
        12_773,
    );

    let contents = read(&TenxH5, &case("two_genomes.h5"), None).unwrap();
    let [human, mouse] = contents.pieces.as_slice() else {
        panic!()
    };
    assert_eq!(
        (human.modality.as_str(), mouse.modality.as_str()),
        ("rna_hg19", "rna_mm10")
    );
    assert_eq!(human.samples.names(), ["c0-1", "c2-1", "c5-1"]);
    assert_eq!(values(&mouse.matrix), [3., 0., 4., 5., 0., 0., 7., 0.]);
    assert_eq!(mouse.features.names()[1], "mm10_TBCE (mm10_E1)");
    assert!(says(&contents, Severity::Warning, "hg19, mm10"));
}

#[test]
fn an_unfiltered_matrix_is_told_by_its_empty_droplets() {
    let contents = read(&TenxH5, &case("raw.h5"), None).unwrap();
    let piece = &contents.pieces[0];
    assert_matrix(&piece.matrix, [5_000, 200], 32_820.0, [0.0, 0.0], 22_559);
    assert!(says(&contents, Severity::Warning, "4,880 of 5,000"));
    let empty = droplets::empty(&piece.matrix, &CancelToken::new()).unwrap();
    assert_eq!(empty.iter().filter(|&&empty| !empty).count(), 120);
}

#[test]
fn molecules_are_refused_with_what_to_give_instead() {
    let error = read(&TenxH5, &case("molecule_info.h5"), None).unwrap_err();
    let FormatError::Unsupported { what, advice, .. } = error else {
        panic!("{error}")
    };
    assert!(what.contains("molecule_info") && advice.contains("filtered_feature_bc_matrix.h5"));
    assert!(
        TenxH5
            .inspect(&case("molecule_info.h5"), &CancelToken::new())
            .is_err()
    );
}

#[test]
fn files_of_10x_hold_what_h5py_says() {
    let Some(path) = shared("formats/10x_v3/filtered_feature_bc_matrix.h5") else {
        return;
    };
    let contents = read(&TenxH5, &path, None).unwrap();
    let [piece] = contents.pieces.as_slice() else {
        panic!()
    };
    assert_matrix(&piece.matrix, [1_107, 507], 41_549.0, [0.0, 0.0], 23_866);
    assert_eq!(piece.features.names()[506], "PRMT2");
    // Few counts everywhere, for there are few features: not taken for an unfiltered matrix.
    assert_eq!(contents.notices, []);

    let contents = read(&TenxH5, &shared("formats/visium_1.0.0.h5").unwrap(), None).unwrap();
    assert_matrix(
        &contents.pieces[0].matrix,
        [100, 100],
        932.0,
        [0.0, 0.0],
        656,
    );
    assert_eq!(contents.pieces[0].samples.names()[99], "AACCTTTACGACGTCT-1");

    let contents = read(&TenxH5, &shared("formats/10x_v2_single.h5").unwrap(), None).unwrap();
    assert_matrix(&contents.pieces[0].matrix, [12, 343], 12.0, [0.0, 0.0], 12);
    assert_eq!(contents.pieces[0].features.names()[342], "S100B");
}
