//! Small valid files of every kind that is text, and the files of the project's tests.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::{Packer, Seed};

const FEATURES: [&str; 5] = ["CD3D", "CD4", "CD8A", "MS4A1", "NKG7"];
const SAMPLES: usize = 12;

/// A sample's value that no feature has for all.
fn value(sample: usize, feature: usize) -> usize {
    (sample * 7 + feature * 11) % 13
}

/// A table of samples in rows.
fn table(separator: &str, cell: impl Fn(usize) -> String) -> String {
    let mut lines = vec![format!("sample{separator}{}", FEATURES.join(separator))];
    for sample in 0..SAMPLES {
        let cells: Vec<String> = (0..FEATURES.len())
            .map(|f| cell(value(sample, f)))
            .collect();
        lines.push(format!("s{sample}{separator}{}", cells.join(separator)));
    }
    lines.join("\n") + "\n"
}

fn plain_table() -> String {
    table(",", |x| x.to_string())
}

/// Tables as people write them.
pub fn tables() -> Vec<Seed> {
    let features_in_rows = "gene,s0,s1,s2,s3\nCD3D,1,2,3,4\nCD4,0,0,5,1\nMS4A1,2.5,NA,1,1\n";
    let quoted = "\"id\",\"a, b\",\"c\"\n\"s\n1\",\"1\",2\n\"s2\",3,\"4\"\n\"s3\",5,1\n";
    let r = "\"CD4\" \"CD8A\"\n\"s1\" 1.5 2\n\"s2\" 2.5 NA\n\"s3\" 0 1\n";
    let classes = "label,a,b\n0,1,2\n1,2,1\n0,3,5\n1,1,1\n0,2,2\n1,4,7\n";
    let two = Seed::folder()
        .with(Seed::text("modality_rna.csv", &plain_table()))
        .with(Seed::text(
            "modality_protein.tsv",
            &table("\t", |x| format!("{x}.25")),
        ));
    let mut seeds = vec![
        Seed::text("plain.csv", &plain_table()),
        Seed::text("comma.csv", &table(";", |x| format!("{x},5"))),
        Seed::text("grouped.tsv", &table("\t", |x| format!("{x},250"))),
        Seed::text("rows.csv", features_in_rows),
        Seed::text("quoted.csv", quoted),
        Seed::text("r.txt", r),
        Seed::text("classes.csv", classes),
        Seed::text(
            "comments.csv",
            &format!("# made by x\nsep=,\n{}", plain_table()),
        ),
        Seed::packed("plain.csv.gz", &plain_table(), Packer::Gzip),
        two,
    ];
    let tables = cases("", &["csv", "tsv", "txt"])
        .into_iter()
        .filter(|p| !is_labels(p));
    seeds.extend(tables.filter_map(|path| Seed::at(&path)));
    seeds
}

fn is_labels(path: &Path) -> bool {
    path.file_stem().is_some_and(|stem| stem == "labels")
}

/// Labels beside a table that is as it should be.
pub fn labels() -> Vec<Seed> {
    let class = |sample: usize| ["T cell", "B", "NK, rare"][sample % 3];
    let with = |name: &str, text: &str| {
        Seed::folder()
            .with_kept("modality_rna.csv", &plain_table())
            .with(Seed::text(name, text))
    };
    let rows = |row: &dyn Fn(usize) -> String| (0..SAMPLES).map(row).collect::<String>();
    let named = rows(&|s| format!("s{s},\"{}\",{}\n", class(s), s % 4));
    let mut seeds = vec![
        with("labels.csv", &format!("sample,cell_type,batch\n{named}")),
        with("labels.tsv", &rows(&|s| format!("s{s}\t{}\n", class(s)))),
        with("labels.txt", &rows(&|s| format!("{}\n", class(s)))),
        with("labels.txt", &rows(&|s| format!("s{s} {}\n", s % 2))),
        with(
            "truth_sample.csv",
            &format!("sample,noise\n{}", rows(&|s| format!("s{s},0.5\n"))),
        ),
        with(
            "truth_feature.csv",
            "modality,feature,noise\nrna,CD4,0.5\nrna,CD3D,0.1\n",
        ),
    ];
    let packed = Seed::packed(
        "labels.csv.gz",
        &format!("sample,cell_type\n{named}"),
        Packer::Gzip,
    );
    seeds.push(
        Seed::folder()
            .with_kept("modality_rna.csv", &plain_table())
            .with(packed),
    );
    for path in cases("", &["csv", "tsv"]) {
        if is_labels(&path) {
            seeds.extend(path.parent().and_then(Seed::at));
        }
    }
    seeds
}

const GCT: [&str; 2] = [
    "#1.2\n3\t2\nName\tDescription\ts1\ts2\nE1\tCD4\t1.5\t-2\nE2\tCD8A\t\t0\nE2\tTBCE\t3e2\t7\n",
    "#1.3\n2\t2\t2\t2\nid\tsymbol\tlength\ts1\ts2\nage\t-666\tna\t30\t-666\nsex\tna\tna\tf\tm\nE1\tCD4\t12\t1\t2\nE2\tCD8A\t-666\t3\tNA\n",
];

/// GCT files of both versions.
pub fn gct() -> Vec<Seed> {
    let mut seeds: Vec<Seed> = GCT.map(|text| Seed::text("Blood.gct", text)).into();
    seeds.push(Seed::packed("Blood.gct.gz", GCT[0], Packer::Gzip));
    seeds
}

/// The entries of a Matrix Market file, features in rows.
fn matrix(kind: &str) -> String {
    let (mut entries, mut count) = (String::new(), 0);
    for sample in 0..SAMPLES {
        for feature in 0..FEATURES.len() {
            let value = value(sample, feature);
            if value > 5 {
                entries += &format!("{} {} {value}\n", feature + 1, sample + 1);
                count += 1;
            }
        }
    }
    let (rows, columns) = (FEATURES.len(), SAMPLES);
    format!(
        "%%MatrixMarket matrix coordinate {kind} general\n% made\n{rows} {columns} {count}\n{entries}"
    )
}

fn barcodes() -> String {
    (0..SAMPLES).map(|s| format!("CELL{s}-1\n")).collect()
}

fn features() -> String {
    let kind = |at: usize| ["Gene Expression", "Antibody Capture"][usize::from(at > 2)];
    let line = |(at, name): (usize, &&str)| format!("ENSG{at}\t{name}\t{}\n", kind(at));
    FEATURES.iter().enumerate().map(line).collect()
}

/// Matrix Market files with names beside them.
pub fn matrix_market() -> Vec<Seed> {
    let with = |text: &str| {
        Seed::text("m.mtx", text)
            .with(Seed::text("genes.txt", &FEATURES.join("\n")))
            .with(Seed::text("cells.txt", &barcodes()))
    };
    let names = |seed: Seed| {
        seed.with_kept("genes.txt", "A\nB\nC\n")
            .with_kept("cells.txt", "s\nt\nu\n")
    };
    let array = "%%MatrixMarket matrix array real general\n3 3\n1\n2\n3\n4\n5\n6\n7\n8\n9\n";
    let symmetric = "%%MatrixMarket matrix coordinate pattern symmetric\n3 3 3\n1 1\n2 1\n3 2\n";
    let mut seeds = vec![
        with(&matrix("integer")),
        with(&matrix("real")),
        Seed::packed("m.mtx.gz", &matrix("real"), Packer::Gzip)
            .with(Seed::packed("genes.tsv.gz", &features(), Packer::Gzip))
            .with(Seed::text(
                "cells.csv",
                &format!("cell,type\n{}", barcodes().replace('\n', ",T\n")),
            )),
        names(Seed::text("m.mtx", array)),
        names(Seed::text("m.mtx", symmetric)),
    ];
    seeds.extend(
        cases("b2-mtx-folders", &["mtx.gz"])
            .iter()
            .filter_map(|p| Seed::at(p)),
    );
    seeds
}

/// Folders of Cell Ranger 3 and 2.
pub fn tenx_folders() -> Vec<Seed> {
    let gzip = |name: &str, text: &str| Seed::packed(name, text, Packer::Gzip);
    let three = Seed::folder()
        .with(gzip("matrix.mtx.gz", &matrix("integer")))
        .with(gzip("features.tsv.gz", &features()))
        .with(gzip("barcodes.tsv.gz", &barcodes()));
    let genes: String = features()
        .lines()
        .map(|line| {
            line.rsplit_once('\t')
                .map_or(line, |(genes, _)| genes)
                .to_owned()
                + "\n"
        })
        .collect();
    let two = Seed::folder()
        .with(Seed::text("matrix.mtx", &matrix("integer")))
        .with(Seed::text("genes.tsv", &genes))
        .with(Seed::text("barcodes.tsv", &barcodes()));
    let named = |sample: &str| {
        Seed::folder()
            .with(gzip(&format!("{sample}_matrix.mtx.gz"), &matrix("integer")))
            .with(gzip(&format!("{sample}_features.tsv.gz"), &features()))
            .with(gzip(&format!("{sample}_barcodes.tsv.gz"), &barcodes()))
    };
    let mut seeds = vec![three, two, named("GSM1_A").with(named("GSM2_B"))];
    for path in cases("b2-mtx-folders", &["matrix.mtx.gz"]) {
        seeds.extend(path.parent().and_then(Seed::at));
    }
    seeds
}

/// Tables in every packing, and what the tools themselves packed.
pub fn packed() -> Vec<Seed> {
    let mut seeds = Vec::new();
    for packer in Packer::ALL {
        for text in [&plain_table(), GCT[0], &matrix("real")] {
            seeds.push(Seed::packed("packed", text, packer));
        }
    }
    seeds.extend(
        cases("packed", &["zip", "xz", "zst"])
            .iter()
            .filter_map(|p| Seed::at(p)),
    );
    seeds
}

/// HDF5 files of the tests with one of these endings.
pub fn hdf5(endings: &[&str]) -> Vec<Seed> {
    of("hdf5", endings)
}

/// Files of the tests in one of their folders with one of these endings.
pub fn of(folder: &str, endings: &[&str]) -> Vec<Seed> {
    cases(folder, endings)
        .iter()
        .filter_map(|p| Seed::at(p))
        .collect()
}

/// Files under a folder of `tests/cases` with one of these endings, sorted.
fn cases(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let cases = Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/cases"));
    visit(&cases.join(folder), &mut |path| {
        let name = path.to_string_lossy();
        if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(path.to_owned());
        }
    });
    found.sort();
    found
}

fn visit(folder: &Path, file: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        match entry.path() {
            path if path.is_dir() => visit(&path, file),
            path => file(&path),
        }
    }
}
