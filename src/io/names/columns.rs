//! Names of columns: ids, class labels, and what is no measurement.

/// A name without case and punctuation.
fn bare(name: &str) -> String {
    let letters = name.chars().filter(|c| c.is_alphanumeric());
    letters.collect::<String>().to_lowercase()
}

/// Longest name that is known, in bytes.
const LONGEST: usize = 24;

/// Whether a name without case and punctuation is one of these.
fn is_one_of(name: &str, of: &[&str]) -> bool {
    if !name.is_ascii() {
        return of.contains(&bare(name).as_str());
    }
    // Asked of every id of a file, so that nothing is allocated.
    let mut bare = [0; LONGEST];
    let mut length = 0;
    for letter in name.bytes().filter(u8::is_ascii_alphanumeric) {
        let Some(to) = bare.get_mut(length) else {
            return false;
        };
        (*to, length) = (letter.to_ascii_lowercase(), length + 1);
    }
    of.iter().any(|name| name.as_bytes() == &bare[..length])
}

/// Whether a column of this name holds the ids of samples.
pub fn is_id_column(name: &str) -> bool {
    const NAMES: [&str; 24] = [
        "sample",
        "samples",
        "sampleid",
        "samplename",
        "id",
        "ids",
        "cell",
        "cells",
        "cellid",
        "cellname",
        "barcode",
        "barcodes",
        "cellbarcode",
        "patient",
        "patientid",
        "subject",
        "subjectid",
        "donor",
        "individual",
        "case",
        "caseid",
        "participant",
        "name",
        "probe",
    ];
    is_one_of(name, &NAMES)
}

/// Whether numbers in a column of this name may be ids: it is called so, or nothing at all.
pub fn may_be_ids(name: &str) -> bool {
    const ENDS: [&str; 9] = [
        "id", "ids", "nr", "no", "number", "code", "key", "name", "barcode",
    ];
    const BEGINNINGS: [&str; 8] = [
        "sample", "patient", "cell", "subject", "donor", "case", "index", "unnamed",
    ];
    let name = bare(name);
    name.is_empty()
        || is_id_column(&name)
        || counts_rows(&name)
        || ENDS.iter().any(|end| name.ends_with(end))
        || BEGINNINGS.iter().any(|start| name.starts_with(start))
}

/// Whether a corner of this name stands above ids of features.
pub fn is_feature_corner(name: &str) -> bool {
    const NAMES: [&str; 43] = [
        "gene",
        "genes",
        "geneid",
        "genename",
        "genesymbol",
        "symbol",
        "hugosymbol",
        "hgncsymbol",
        "ensembl",
        "ensemblid",
        "ensemblgeneid",
        "feature",
        "features",
        "featureid",
        "idref",
        "probeid",
        "probeset",
        "compositeelementref",
        "mirna",
        "mirnaid",
        "peak",
        "peaks",
        "protein",
        "transcript",
        "otuid",
        "marker",
        "metabolite",
        "metabolites",
        "compound",
        "lipid",
        "analyte",
        "antibody",
        "target",
        "peptide",
        "uniprot",
        "taxon",
        "taxa",
        "genus",
        "otu",
        "asv",
        "cpg",
        "snp",
        "variant",
    ];
    is_one_of(name, &NAMES)
}

/// Whether a column of this name holds the values of a table with one value a row.
pub fn is_value_column(name: &str) -> bool {
    const NAMES: [&str; 9] = [
        "value",
        "values",
        "count",
        "counts",
        "expression",
        "intensity",
        "abundance",
        "level",
        "measurement",
    ];
    is_one_of(name, &NAMES)
}

/// Whether what is called like this is no measurement, be it a column or a row: ids of genes, depths of sequencing, clusters.
pub fn is_annotation(name: &str) -> bool {
    const NAMES: [&str; 40] = [
        "entrez",
        "entrezid",
        "entrezgene",
        "entrezgeneid",
        "ncbigeneid",
        "ncbigene",
        "geneid",
        "hugosymbol",
        "ncountrna",
        "nfeaturerna",
        "ncountadt",
        "nfeatureadt",
        "ncountatac",
        "nfeatureatac",
        "ncountsct",
        "nfeaturesct",
        "percentmt",
        "percentmito",
        "pctmt",
        "pctcountsmt",
        "percentribo",
        "pctcountsribo",
        "ncounts",
        "ngenes",
        "numi",
        "ngenesbycounts",
        "totalcounts",
        "totalcountsmt",
        "pctcountsintop50genes",
        "log1pngenesbycounts",
        "log1ptotalcounts",
        "seuratclusters",
        "leiden",
        "louvain",
        "origident",
        "doubletscore",
        "total",
        "sum",
        "grandtotal",
        "rowsum",
    ];
    let resolution = || {
        let name = name.to_ascii_lowercase();
        name.contains("_snn_res.") || name.starts_with("leiden_") || name.starts_with("louvain_")
    };
    name.starts_with("Unnamed: ") || is_one_of(name, &NAMES) || name.contains('_') && resolution()
}

/// Whether a column of whole numbers of this name puts the samples into groups.
pub fn is_grouping(name: &str) -> bool {
    const NAMES: [&str; 8] = [
        "label", "labels", "class", "cluster", "clusters", "celltype", "subtype", "batch",
    ];
    is_one_of(name, &NAMES)
}

/// Whether a column in which the rows are counted may be called like this.
pub fn counts_rows(name: &str) -> bool {
    const NAMES: [&str; 8] = ["", "index", "x", "row", "rowid", "rownumber", "nr", "no"];
    is_one_of(name, &NAMES)
}

/// Whether a first column of this name may hold class labels, as in the files published with the method.
pub fn may_be_classes(name: &str) -> bool {
    is_one_of(
        name,
        &[
            "label", "labels", "class", "classes", "cluster", "clusters", "",
        ],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_that_are_no_measurement() {
        for name in [
            "Entrez_Gene_Id",
            "nCount_RNA",
            "nFeature_RNA",
            "percent.mt",
            "n_counts",
            "total_counts",
            "seurat_clusters",
            "RNA_snn_res.0.8",
            "leiden",
            "Unnamed: 0",
            "Total",
        ] {
            assert!(is_annotation(name), "{name}");
        }
        for name in [
            "TP53",
            "CD4",
            "totality",
            "leidenfrost",
            "",
            "age",
            "glucose",
        ] {
            assert!(!is_annotation(name), "{name}");
        }
        assert!(is_id_column("Sample_ID") && is_feature_corner("Hugo_Symbol") && counts_rows(""));
    }
}
