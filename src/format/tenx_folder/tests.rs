mod damage;
mod folders;

use std::{
    env, fs,
    io::{Read as _, Write as _},
    path::PathBuf,
};

use super::*;
use crate::{
    data::{Column, Matrix, SparseBuffer},
    format::{Piece, Severity, packed, recognise},
};

/// Our own small cases; what was expected of them was computed with scipy 1.x and scanpy.
fn case(name: &str) -> PathBuf {
    let cases = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases/b2-mtx-folders");
    PathBuf::from(cases).join(name)
}

/// A file or folder of the data that lies beside the project, if it is there.
fn shared(name: &str) -> Option<PathBuf> {
    let beside = || PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../shared"));
    let path = env::var_os("HDUMEC_SHARED")
        .map_or_else(beside, PathBuf::from)
        .join(name);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
    }
    path.exists().then_some(path)
}

fn read_with(path: &Path, plan: &ReadPlan) -> Result<Contents, FormatError> {
    assert_eq!(recognise(path)?.map(Format::name), Some("10x folder"));
    TenxFolder.read(path, plan, &CancelToken::new())
}

fn plan() -> ReadPlan {
    ReadPlan {
        matrix: None,
        memory: 1 << 24,
        ..ReadPlan::default()
    }
}

fn read(path: &Path) -> Contents {
    read_with(path, &plan()).unwrap()
}

/// The sum of some values.
fn sum(values: &[f32]) -> f64 {
    values.iter().copied().map(f64::from).sum()
}

fn held(piece: &Piece) -> Vec<f32> {
    let mut buffer = SparseBuffer::default();
    match &piece.matrix {
        Matrix::Sparse(sparse) => sparse
            .rows(0..sparse.samples(), &mut buffer)
            .values()
            .to_vec(),
        Matrix::Dense(_) => panic!("dense"),
    }
}

fn row(piece: &Piece, row: usize) -> Vec<f32> {
    let mut out = vec![0.0; piece.matrix.features()];
    piece.matrix.fill(row..row + 1, &mut out).unwrap();
    out
}

/// The piece of the 200 genes and 120 cells that most cases hold.
fn genes_of_all_cells(piece: &Piece) {
    assert_eq!(piece.modality, "rna");
    assert_eq!(
        (piece.matrix.samples(), piece.matrix.features()),
        (120, 200)
    );
    assert_eq!((held(piece).len(), sum(&held(piece))), (12_773, 22_989.0));
    assert_eq!(row(piece, 3)[..6], [3.0, 3.0, 0.0, 1.0, 0.0, 1.0]);
    assert_eq!(sum(&row(piece, 17)), 109.0);
    assert_eq!(sum(&piece.matrix.column(5).unwrap()), 114.0);
    assert_eq!(piece.samples.names()[0], "GTTTGACTCTACTGTG-1");
    assert_eq!(piece.samples.names()[119], "ACCATCACTCATCCGC-1");
    assert_eq!(piece.features.names()[199], "GENE199");
    assert_eq!(
        piece.var.get("id").unwrap().text(199).unwrap(),
        "ENSG00000000199"
    );
    assert_eq!(
        piece
            .features
            .names()
            .iter()
            .filter(|name| name.starts_with("TBCE (ENSG"))
            .count(),
        2
    );
}

#[test]
fn version_3_and_its_modalities() {
    let contents = read(&case("v3"));
    assert_eq!((contents.pieces.len(), contents.files.len()), (1, 3));
    genes_of_all_cells(&contents.pieces[0]);
    assert_eq!(contents.notices.len(), 1, "names that repeat");

    let contents = read(&case("antibody"));
    let [rna, protein] = &contents.pieces[..] else {
        panic!("{} pieces", contents.pieces.len());
    };
    genes_of_all_cells(rna);
    assert_eq!(protein.modality, "protein");
    let names = ["CD3_TotalSeqB", "CD4", "CD8A", "CD19", "CD56", "IgG1"];
    assert_eq!(protein.features.names(), names);
    assert!(
        ["CD4", "CD8A"]
            .iter()
            .all(|name| rna.features.position(name).is_some())
    );
    assert_eq!((held(protein).len(), sum(&held(protein))), (710, 20_949.0));
    assert_eq!(row(protein, 3), [20.0, 77.0, 213.0, 7.0, 15.0, 15.0]);
    assert_eq!(sum(&protein.matrix.column(5).unwrap()), 3553.0);
    assert_eq!(protein.samples, rna.samples);
    let found = TenxFolder
        .inspect(&case("antibody"), &CancelToken::new())
        .unwrap();
    let found: Vec<_> = found
        .modalities
        .iter()
        .map(|m| (m.name.as_str(), m.samples, m.features))
        .collect();
    assert_eq!(found, [("rna", 120, 200), ("protein", 120, 6)]);

    let contents = read(&case("multiome"));
    genes_of_all_cells(&contents.pieces[0]);
    let atac = &contents.pieces[1];
    assert_eq!(
        (atac.modality.as_str(), atac.matrix.features()),
        ("atac", 150)
    );
    assert_eq!((held(atac).len(), sum(&held(atac))), (5879, 8707.0));
    assert_eq!(
        (sum(&row(atac, 17)), sum(&atac.matrix.column(5).unwrap())),
        (82.0, 38.0)
    );
    assert_eq!(atac.features.names()[0], "chr1:0-500");
    assert_eq!(
        atac.var.get("start"),
        Some(&Column::Integer((0..150).map(|i| Some(i * 1000)).collect()))
    );
    assert_eq!(
        atac.var.get("feature_type").unwrap().text(7).unwrap(),
        "Peaks"
    );
}

#[test]
fn samples_are_told_apart_by_their_prefixes() {
    let contents = read(&case("geo"));
    let [piece] = &contents.pieces[..] else {
        panic!("{} pieces", contents.pieces.len());
    };
    assert_eq!(
        (piece.matrix.samples(), piece.matrix.features()),
        (140, 200)
    );
    assert_eq!(
        (held(piece).len(), sum(&held(piece))),
        (7543 + 7648, 13_737.0 + 14_090.0)
    );
    assert_eq!(
        (sum(&row(piece, 17)), sum(&row(piece, 70 + 17))),
        (109.0, 216.0)
    );
    assert_eq!(sum(&piece.matrix.column(5).unwrap()), 65.0 + 77.0);
    assert_eq!(piece.samples.names()[0], "GSM1_PDAC1:GTTTGACTCTACTGTG-1");
    assert_eq!(piece.samples.names()[139], "GSM2_PDAC2:ACCATCACTCATCCGC-1");
    let sample = piece.obs.get("sample").unwrap();
    assert_eq!(sample.text(69).unwrap(), "GSM1_PDAC1");
    assert_eq!(sample.text(70).unwrap(), "GSM2_PDAC2");
    assert_eq!(contents.files.len(), 6);
    let found = TenxFolder
        .inspect(&case("geo"), &CancelToken::new())
        .unwrap();
    assert_eq!(
        (found.modalities[0].samples, found.obs),
        (140, vec!["sample".to_owned()])
    );

    // One matrix alone is a sample alone.
    let one = case("geo").join("GSM2_PDAC2_matrix.mtx.gz");
    let format = recognise(&one).unwrap().unwrap();
    let contents = format.read(&one, &plan(), &CancelToken::new()).unwrap();
    let piece = &contents.pieces[0];
    assert_eq!((piece.matrix.samples(), sum(&held(piece))), (70, 14_090.0));
    assert_eq!(piece.samples.names()[0], "CACGCTCCCACGCTCT-1");
    assert!(piece.obs.is_empty());
}

/// A folder that a test makes.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, content: &str) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }

    /// A matrix of these features (ids) and three cells, whose entries are a hundred times the feature and the cell.
    fn set(&self, prefix: &str, features: &[&str]) {
        let lines: String = features
            .iter()
            .map(|id| format!("{id}\tname of {id}\n"))
            .collect();
        self.write(&format!("{prefix}genes.tsv"), &lines);
        self.write(&format!("{prefix}barcodes.tsv"), "A-1\nB-1\nC-1\n");
        let mut matrix = format!(
            "%%MatrixMarket matrix coordinate integer general\n%\n{} 3 {}\n",
            features.len(),
            3 * features.len()
        );
        for (cell, feature) in (1..=3).flat_map(|cell| (1..=features.len()).map(move |f| (cell, f)))
        {
            matrix += &format!("{feature} {cell} {}\n", 100 * feature + cell);
        }
        self.write(&format!("{prefix}matrix.mtx"), &matrix);
    }
}

#[test]
fn version_2_and_one_column_are_read() {
    // Version 2 as made of version 3: nothing packed, two columns.
    let place = Place::new();
    let text = |name: &str| {
        let mut text = String::new();
        packed::open(&case("v3").join(name), 1 << 20)
            .unwrap()
            .read_to_string(&mut text)
            .unwrap();
        text
    };
    place.write("matrix.mtx", &text("matrix.mtx.gz"));
    place.write("barcodes.tsv", &text("barcodes.tsv.gz"));
    place.write(
        "genes.tsv",
        &text("features.tsv.gz").replace("\tGene Expression", ""),
    );
    genes_of_all_cells(&read(place.path()).pieces[0]);
    // The matrix alone finds its neighbours.
    let path = place.path().join("matrix.mtx");
    let format = recognise(&path).unwrap().unwrap();
    genes_of_all_cells(
        &format
            .read(&path, &plan(), &CancelToken::new())
            .unwrap()
            .pieces[0],
    );
    if let Some(path) = shared("cases/b2-mtx-folders/v2") {
        genes_of_all_cells(&read(&path).pieces[0]);
    }
    let Some(path) = shared("cases/b2-mtx-folders/onecol") else {
        return;
    };
    let contents = read(&path);
    let piece = &contents.pieces[0];
    assert_eq!(
        (piece.matrix.samples(), piece.matrix.features()),
        (120, 200)
    );
    assert!((sum(&held(piece)) - 55_865.260_195).abs() < 1e-2);
    assert_eq!(row(piece, 3)[..3], [4.723168, 4.723168, 0.0]);
    assert_eq!(piece.samples.names()[0], "0-1a_GTTTGACTCTACTGTG");
    assert!(piece.var.is_empty() && piece.features.position("GENE0") == Some(0));
}

#[test]
fn what_cell_ranger_wrote_is_read() {
    let Some(path) = shared("formats/10x_v3/filtered_feature_bc_matrix") else {
        return;
    };
    let contents = read(&path);
    let piece = &contents.pieces[0];
    assert_eq!(
        (piece.matrix.samples(), piece.matrix.features()),
        (1107, 507)
    );
    assert_eq!((held(piece).len(), sum(&held(piece))), (23_866, 41_549.0));
    assert_eq!((sum(&row(piece, 10)), sum(&row(piece, 17))), (15.0, 121.0));
    assert_eq!(sum(&piece.matrix.column(5).unwrap()), 22.0);
    assert_eq!(piece.features.names()[..2], ["CH507-9B2.2", "CH507-9B2.1"]);
    assert_eq!(piece.samples.names()[1106], "TTTGGTTGTAGAATAC-1");
    assert!(contents.notices.is_empty(), "{:?}", contents.notices);
}

#[test]
fn what_is_unclear_or_missing_is_told() {
    let place = Place::new();
    place.set("", &["E1", "E2"]);
    fs::remove_file(place.path().join("barcodes.tsv")).unwrap();
    let error = read_with(place.path(), &plan()).unwrap_err().to_string();
    assert!(
        error.contains("has no file beside it that names the samples"),
        "{error}"
    );
    place.set("", &["E1", "E2"]);
    place.write("matrix.mtx.gz", "x");
    let error = read_with(place.path(), &plan()).unwrap_err().to_string();
    assert!(
        error.contains("matrix.mtx' and 'matrix.mtx.gz' are for the same thing"),
        "{error}"
    );
    let empty = Place::new();
    empty.write("notes.txt", "x");
    assert!(recognise(empty.path()).unwrap().is_none());
}

#[test]
fn all_samples_together_stay_within_the_memory() {
    let mut small = plan();
    let needed = (1..).map(|step| step * 20_000).find(|&memory| {
        small.memory = memory;
        match read_with(&case("geo"), &small) {
            Ok(_) => true,
            Err(FormatError::TooLarge { .. }) => false,
            Err(error) => panic!("{error}"),
        }
    });
    // 8 bytes for each of 15,191 entries, twice, and 12 for those of one sample; names besides.
    let needed = needed.unwrap();
    assert!((243_000..420_000).contains(&needed), "{needed}");
}
