use std::sync::Arc;

use ndarray::array;

use super::*;
use crate::{
    data::{Category, Column, Labels, Mixture, Sparse, Values},
    export::tests::result,
    io::{InputFile, LoadSpec, load},
};

fn no_inputs() -> Inputs {
    Inputs {
        files: Vec::new(),
        seconds: 0.0,
        source: None,
    }
}

/// A result of data that were changed.
fn with(change: impl FnOnce(&mut Dataset)) -> AnalysisResult {
    let mut result = result();
    let mut dataset = (*result.dataset).clone();
    let values = [
        array![[0.0, 1.0], [2.0, f32::NAN], [3.0, 5.0]],
        array![[1.0], [2.0], [4.0]],
    ];
    for (modality, values) in dataset.modalities.iter_mut().zip(values) {
        modality.measured.matrix = Matrix::Dense(values.into());
    }
    change(&mut dataset);
    result.dataset = Arc::new(dataset);
    result
}

/// Writes a result and reads it again as data.
fn again(result: &AnalysisResult) -> Dataset {
    again_with(result, X::Read)
}

fn again_with(result: &AnalysisResult, x: X) -> Dataset {
    let folder = tempfile::tempdir().unwrap();
    let path = folder
        .path()
        .join(format!("out.{}", ending(&result.dataset)));
    write_anndata(result, &no_inputs(), x, &path, &CancelToken::new()).unwrap();
    let spec = LoadSpec {
        paths: vec![path],
        as_they_are: true,
        ..LoadSpec::default()
    };
    load(&spec, &CancelToken::new()).unwrap().dataset
}

fn texts(dataset: &Dataset, column: &str) -> Vec<Option<String>> {
    let column = dataset.obs.get(column).unwrap();
    (0..column.len()).map(|at| column.text(at)).collect()
}

fn some(text: &str) -> Option<String> {
    Some(text.into())
}

#[test]
fn a_modality_comes_back_as_it_was_measured() {
    let counts = vec![2.0, 5.0, 1.0];
    let sparse = Sparse::new(2, vec![0, 1, 1, 3], vec![1, 0, 1], counts).unwrap();
    let before = with(|dataset| {
        dataset.modalities.truncate(1);
        dataset.modalities[0].measured.matrix = Matrix::Sparse(sparse.clone());
        dataset.modalities[0].measured.missing = 0;
    });
    let after = again(&before);
    assert_eq!(after.samples, before.dataset.samples);
    let [modality] = after.modalities.as_slice() else {
        panic!("one modality");
    };
    assert_eq!(modality.measured.features.names(), ["g1", "g2"]);
    assert_eq!(modality.measured.matrix, Matrix::Sparse(sparse));
    assert_eq!(texts(&after, "hdumec"), [some("1"), some("2"), some("2")]);
    assert_eq!(
        texts(&after, "hdumec_second"),
        [some("2"), some("1"), some("1")]
    );
    assert_eq!(texts(&after, "label"), [some("B"), None, some("T")]);
    let Some(Column::Number(ambiguity)) = after.obs.get("hdumec_ambiguity") else {
        panic!("numbers");
    };
    assert_eq!(ambiguity, &[0.25, 0.5, 1.0]);
    let Some(Column::Category(clusters)) = after.obs.get("hdumec") else {
        panic!("categories");
    };
    // Clusters have the colours of their classes.
    let colours = [category_colour(0), category_colour(1)];
    assert_eq!(clusters.colours.as_deref(), Some(&colours[..]));
}

fn category_colour(at: usize) -> [u8; 3] {
    crate::figure::category(at).0
}

#[test]
fn several_modalities_come_back_with_what_was_not_measured() {
    let before = with(|_| ());
    let after = again(&before);
    assert_eq!(after.samples, before.dataset.samples);
    let names: Vec<&str> = after.modalities.iter().map(|m| m.name.as_str()).collect();
    assert_eq!(names, ["rna", "protein"]);
    let rna = &after.modalities[0].measured;
    assert_eq!(rna.missing, 1);
    assert!(rna.matrix.column(1).unwrap()[1].is_nan());
    assert_eq!(
        rna.var.get("hdumec_used"),
        Some(&Column::Bool(vec![Some(true); 2]))
    );
    let Some(Column::Number(noise)) = rna.var.get("hdumec_noise") else {
        panic!("numbers");
    };
    assert!((noise[0] - 0.3).abs() < 1e-6 && (noise[1] - 0.4).abs() < 1e-6);
    assert_eq!(texts(&after, "hdumec"), [some("1"), some("2"), some("2")]);
    // The map is one of the maps that the file brings.
    let map = before.stage(2).umap.as_deref().unwrap();
    let up = map.column(1).iter().map(|&y| f64::from(y)).collect();
    assert_eq!(after.obs.get("X_umap_2"), Some(&Column::Number(up)));
    let maps = after.obs.maps();
    assert!(maps.iter().any(|(name, _)| name == "X_umap"), "{maps:?}");
}

#[test]
fn clusters_that_were_found_are_no_labels() {
    let before = with(|dataset| dataset.labels = None);
    let after = again(&before);
    assert!(after.labels.is_none(), "{:?}", after.labels);
    assert_eq!(texts(&after, "hdumec"), [some("1"), some("2"), some("2")]);
}

#[test]
fn columns_of_every_type_come_back() {
    let before = with(|dataset| {
        dataset.labels = Some(Labels::from_names([Some("x"), Some("y"), Some("x")]));
        let obs = &mut dataset.obs;
        obs.set("n/a", Column::Number(vec![1.5, f64::NAN, -3.0]));
        obs.set("whole", Column::Integer(vec![Some(1), None, Some(-7)]));
        obs.set(
            "all whole",
            Column::Integer(vec![Some(1), Some(2), Some(3)]),
        );
        obs.set("yes", Column::Bool(vec![Some(true), None, Some(false)]));
        obs.set(
            "text",
            Column::Text(vec![some("\u{7d30}\u{80de}"), None, some("b")]),
        );
        obs.set(
            "all text",
            Column::Text(vec![some("a"), some("a b"), some("c")]),
        );
        let codes = vec![Some(0), Some(1), Some(0)];
        let names = vec!["x".to_owned(), "y".to_owned()];
        let colours = Some(vec![[1, 2, 3], [250, 0, 9]]);
        let category = Category {
            codes,
            names,
            colours,
        };
        obs.set("cell type", Column::Category(category));
    });
    let after = again(&before);
    let obs = &before.dataset.obs;
    for (name, column) in obs.columns() {
        let found = after.obs.get(&key(name));
        let found = found.unwrap_or_else(|| panic!("{name} is there"));
        let texts = |column: &Column| (0..3).map(|at| column.text(at)).collect::<Vec<_>>();
        assert_eq!(texts(found), texts(column), "{name}");
    }
    // The labels are a column that is there already, with its colours.
    assert!(after.obs.get("label").is_none());
    assert_eq!(after.obs.get("cell type"), obs.get("cell type"));
}

#[test]
fn components_stand_beside_what_they_were_made_of() {
    let before = with(|dataset| {
        dataset.modalities.truncate(1);
        let rna = &mut dataset.modalities[0];
        rna.measured.columns = None;
        rna.measured.mixture = Some(Mixture {
            features: Axis::new(vec!["g2".into()]).unwrap(),
            columns: vec![1],
            loadings: vec![1.0],
            values: array![[2.0], [4.0], [6.0]].into(),
            titles: vec!["PC1: g2".into()],
        });
        rna.measured.matrix = Matrix::Dense(array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]].into());
        rna.values = Values::from(array![[0.5], [-0.5], [0.0]]);
    });
    let after = again(&before);
    let measured = &after.modalities[0].measured;
    assert_eq!(measured.matrix.column(1).unwrap(), [2.0, 4.0, 6.0]);
    let used = Column::Bool(vec![Some(false), Some(true)]);
    assert_eq!(measured.var.get("hdumec_used"), Some(&used));
}

#[test]
fn prepared_values_are_sparse_where_most_are_zero() {
    for (chosen, sparse) in [
        (array![[0.0, 0.5], [0.0, 0.0], [0.0, 0.0]], true),
        (array![[0.1, 0.5], [0.0, 0.2], [0.3, 0.0]], false),
    ] {
        let before = with(|dataset| {
            dataset.modalities.truncate(1);
            let rna = &mut dataset.modalities[0];
            rna.values = chosen.clone().into();
            rna.measured.matrix = Matrix::Dense(array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]].into());
        });
        let after = again_with(&before, X::Prepared);
        let matrix = &after.modalities[0].measured.matrix;
        assert_eq!(matches!(matrix, Matrix::Sparse(_)), sparse);
        for column in 0..2 {
            assert_eq!(
                matrix.column(column).unwrap(),
                chosen.column(column).to_vec()
            );
        }
    }
}

#[test]
fn files_of_the_user_and_wrong_endings_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("data.h5mu");
    fs::write(&path, "mine").unwrap();
    let result = result();
    let refused = |inputs: &Inputs, path: &Path, replace: bool| {
        let error = check_anndata(&result.dataset, inputs, path, replace);
        error.unwrap_err().to_string()
    };
    let said = refused(&no_inputs(), &folder.path().join("out.h5ad"), false);
    assert!(
        said.contains("2 modalities") && said.contains(".h5mu"),
        "{said}"
    );
    assert!(refused(&no_inputs(), &path, false).contains("exists"));
    let read = Inputs {
        files: vec![InputFile {
            path: path.clone(),
            bytes: 4,
            sha256: String::new(),
        }],
        ..no_inputs()
    };
    assert!(refused(&read, &path, true).contains("never changed"));
    assert!(write_anndata(&result, &read, X::Read, &path, &CancelToken::new()).is_err());
    assert_eq!(fs::read(&path).unwrap(), b"mine");
    write_anndata(&result, &no_inputs(), X::Read, &path, &CancelToken::new()).unwrap();
    assert!(fs::read(&path).unwrap().starts_with(b"MuData"));
}
