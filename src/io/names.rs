//! What names look like: ids of samples or features, and columns that are no measurement.

mod columns;

use crate::prepare;
use std::{collections::HashSet, sync::LazyLock};

pub(super) use columns::{
    counts_rows, is_annotation, is_feature_corner, is_grouping, is_id_column, is_value_column,
    may_be_classes, may_be_ids,
};

/// What a name looks like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A sample for sure: a TCGA barcode, the barcode of a cell, a run of an archive.
    Sample,
    /// A sample by the sound of it: `patient_3`, `S12`.
    PerhapsSample,
    /// A feature: an Ensembl id, a probe, a peak, a well-known gene.
    Feature,
    /// Anything else.
    Unknown,
}

/// The kind of a name.
pub(super) fn kind(name: &str) -> Kind {
    if is_sample(name) {
        Kind::Sample
    } else if is_feature(name) {
        Kind::Feature
    } else if perhaps_sample(name) {
        Kind::PerhapsSample
    } else {
        Kind::Unknown
    }
}

fn all_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// What follows a prefix, whatever its case.
fn after<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    let head = name.get(..prefix.len())?;
    head.eq_ignore_ascii_case(prefix)
        .then(|| &name[prefix.len()..])
}

fn is_sample(name: &str) -> bool {
    // R turns - into . in the names of columns.
    let name = name.replace('.', "-");
    let barcode = |prefix: &str| after(&name, prefix).is_some_and(|rest| rest.len() >= 4);
    if ["TCGA-", "GTEX-", "TARGET-", "CPTAC-", "ACH-"]
        .iter()
        .any(|p| barcode(p))
    {
        return true;
    }
    let archives = [
        "SRR", "ERR", "DRR", "SRS", "ERS", "SRX", "ERX", "GSM", "SAMN", "SAMEA", "EGAN", "EGAF",
    ];
    let run = |prefix: &&str| {
        let digits = name.strip_prefix(*prefix).unwrap_or_default();
        digits.bytes().take_while(u8::is_ascii_digit).count() >= 5
    };
    archives.iter().any(run) || has_cell_barcode(&name)
}

/// Whether a part of the name is the barcode of a cell: twelve bases or more.
fn has_cell_barcode(name: &str) -> bool {
    name.split(|c: char| !c.is_ascii_alphabetic()).any(|part| {
        let bases = part.bytes().all(|b| b"ACGTN".contains(&b));
        bases && part.len() >= 12
    })
}

fn perhaps_sample(name: &str) -> bool {
    const WORDS: [&str; 26] = [
        "sample",
        "patient",
        "cell",
        "donor",
        "subject",
        "individual",
        "case",
        "control",
        "ctrl",
        "treated",
        "untreated",
        "tumor",
        "tumour",
        "normal",
        "mouse",
        "replicate",
        "rep",
        "spot",
        "nucleus",
        "lane",
        "run",
        "wt",
        "ko",
        "healthy",
        "bc",
        "visit",
    ];
    let word = name
        .find(|c: char| !c.is_ascii_alphabetic())
        .unwrap_or(name.len());
    let (word, rest) = name.split_at(word);
    let numbered = rest.bytes().any(|b| b.is_ascii_digit());
    let named = WORDS.iter().any(|w| w.eq_ignore_ascii_case(word));
    let short = word.eq_ignore_ascii_case("s") || word.eq_ignore_ascii_case("p");
    named && numbered || short && all_digits(rest.trim_start_matches(['_', '-']))
}

/// What is measured by features of such names: RNA if a fifth of them are well-known genes or ids of genes, open chromatin if most are
/// regions of chromosomes.
pub(super) fn measured(features: &[String]) -> prepare::Kind {
    let count = |is: &dyn Fn(&str) -> bool| features.iter().filter(|name| is(name)).count();
    let gene = |name: &str| is_ensembl(name) || is_known_gene(name) || is_gene_of_family(name);
    if 2 * count(&is_region) > features.len() {
        prepare::Kind::Atac
    } else if 5 * count(&gene) >= features.len() {
        prepare::Kind::Rna
    } else {
        prepare::Kind::Other
    }
}

/// `ENSG00000116957`, of any species.
fn is_ensembl(name: &str) -> bool {
    let rest = name.strip_prefix("ENS").unwrap_or_default();
    let rest = rest.trim_start_matches(|c: char| c.is_ascii_uppercase());
    rest.bytes().take_while(u8::is_ascii_digit).count() >= 9
}

fn is_feature(name: &str) -> bool {
    let numbered = |prefix: &str, least: usize| {
        after(name, prefix).is_some_and(|rest| {
            let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
            digits >= least
        })
    };
    let micro_rna = || {
        let (species, rest) = name.split_once('-').unwrap_or_default();
        let micro = ["mir-", "let-", "mirna-"];
        species.len() == 3 && micro.iter().any(|p| after(rest, p).is_some())
    };
    is_ensembl(name)
        || micro_rna()
        || is_region(name)
        || is_known_gene(name)
        || is_gene_of_family(name)
        || numbered("cg", 8)
        || numbered("rs", 4)
        || numbered("ASV", 1)
        || numbered("OTU", 1)
        || numbered("NM_", 5)
        || numbered("NR_", 5)
        || numbered("LOC", 5)
        || numbered("PC_", 1)
        || numbered("LSI_", 1)
        || numbered("topic_", 1)
        || numbered("gene_", 1)
        || numbered("gene", 1)
        || numbered("peak_", 1)
        || numbered("peak", 1)
        || numbered("feature_", 1)
        || numbered("protein_", 1)
        || ["d__", "k__"].iter().any(|p| name.starts_with(p))
        // An Affymetrix probe set: `1007_s_at`.
        || name.ends_with("_at") && name.starts_with(|c: char| c.is_ascii_digit())
}

/// `chr1:100-200`, `chr1-100-200`, `chr1_100_200`.
fn is_region(name: &str) -> bool {
    let mut parts = name.split([':', '-', '_']);
    let chromosome = parts.next().unwrap_or_default();
    let chromosome = after(chromosome, "chr").unwrap_or(chromosome);
    let places: Vec<&str> = parts.collect();
    !chromosome.is_empty()
        && chromosome.len() <= 2
        && places.len() == 2
        && places.iter().all(|p| all_digits(p))
        && (name.contains(':') || name.to_ascii_lowercase().starts_with("chr"))
}

/// Genes that hardly any panel leaves out, and that no one calls a sample.
fn is_known_gene(name: &str) -> bool {
    const NAMES: &str = "A1BG A2M ABCA1 ABL1 ACTA2 ACTB ACTG1 AKT1 AKT2 ALB ALK APC APOE AR ARID1A ATM ATP5F1B AURKA AXL B2M BAX BCL2 \
BIRC5 BRAF BRCA1 BRCA2 CALR CASP3 CASP8 CCNA2 CCNB1 CCND1 CCNE1 CDC20 CDH1 CDK1 CDK4 CDK6 CDKN1A CDKN2A CENPF CHEK1 CHEK2 CSF1R CTNNB1 \
DNMT1 DNMT3A E2F1 EEF1A1 EGFR EPCAM ERBB2 ERBB3 ESR1 EZH2 FGFR1 FGFR2 FGFR3 FLT3 FN1 FOS FOXA1 FOXP3 GAPDH GATA1 GATA3 GFAP GNLY GZMB HIF1A HRAS \
IDH1 IDH2 IFNG IGF1R JAK1 JAK2 JUN JUNB KDR KIT KLF4 KMT2A KRAS LDHA LYZ MALAT1 MAPK1 MDM2 MET MKI67 MLH1 MMP9 MPO MS4A1 MSH2 MTOR \
MYC MYCN NCAM1 NEAT1 NF1 NFKB1 NKG7 NOTCH1 NRAS PAX5 PCNA PDGFRA PGR PIK3CA POU5F1 PPBP PPARG PTEN PTPRC RAF1 RB1 RET RUNX1 S100A4 S100A8 S100A9 SDHA \
SMAD4 SNAI2 SOX2 SOX9 SPP1 STAT1 STAT3 STK11 TBP TERT TET2 TGFB1 TOP2A TP53 TUBB TYMS UBC UBE2C VEGFA VHL VIM VWF WT1 XIST YWHAZ ZEB1";
    static GENES: LazyLock<HashSet<&str>> = LazyLock::new(|| NAMES.split(' ').collect());
    if !(2..=9).contains(&name.len()) || !name.bytes().all(|b| b.is_ascii_alphanumeric()) {
        return false;
    }
    GENES.contains(name.to_ascii_uppercase().as_str())
}

/// Members of large families of genes, by their symbol: `RPL13A`, `SLC2A1`, `C1orf112`.
fn is_gene_of_family(name: &str) -> bool {
    const FAMILIES: [&str; 34] = [
        "RPL", "RPS", "MRPL", "MRPS", "ZNF", "SLC", "KRT", "TMEM", "FAM", "ANKRD", "COL", "LINC",
        "MIR", "CCDC", "KIF", "USP", "CXCL", "CCL", "CCR", "MAPK", "MAP2K", "MAP3K", "PSMA",
        "PSMB", "NDUFA", "NDUFB", "COX", "HSPA", "EIF2", "POLR2", "WNT", "HIST1H", "DNAJB",
        "TNFRSF",
    ];
    let numbered = |prefix: &&str| {
        let rest = after(name, prefix).unwrap_or_default();
        let digit = rest.starts_with(|c: char| c.is_ascii_digit());
        // Families, centres and collections are numbered too.
        let lettered = !["FAM", "COL", "SLC"].contains(prefix) || !all_digits(rest);
        digit && lettered && rest.len() <= 6 && rest.bytes().all(|b| b.is_ascii_alphanumeric())
    };
    let open_frame = || {
        let rest = after(name, "C").unwrap_or_default();
        let (chromosome, number) = rest.split_once("orf").unwrap_or_default();
        all_digits(chromosome) && all_digits(number)
    };
    FAMILIES.iter().any(numbered)
        || ["MT-", "HLA-"]
            .iter()
            .any(|p| after(name, p).is_some_and(|rest| rest.len() <= 7))
        || open_frame()
}

/// Whether a name is one of a numbered series, as those of components and of columns without names are: `V1`, `dim_2`.
pub(super) fn is_numbered(name: &str) -> bool {
    let letters = name.trim_end_matches(|c: char| c.is_ascii_digit());
    letters.len() < name.len() && letters.len() <= 12
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_and_features_are_told_by_their_names() {
        for name in [
            "TCGA-A1-A0SB-01",
            "TCGA.A1.A0SB.01",
            "GTEX-1117F-0226-SM-5GZZ7",
            "AAACCCAAGATTGTGA-1",
            "lane1_AAACCCAAGATTGTGA-1",
            "TAAAATTGAACCGCCA_8",
            "SRR1039508",
            "GSM1234567",
        ] {
            assert_eq!(kind(name), Kind::Sample, "{name}");
        }
        for name in [
            "TP53",
            "Gapdh",
            "ENSG00000141510",
            "ENSMUSG00000000001.4",
            "cg18239753",
            "hsa-miR-21-5p",
            "hsa-let-7a-1",
            "chr1:100-200",
            "chrX-100-200",
            "rs123456",
            "RPL13A",
            "C1orf112",
            "MT-CO1",
            "1007_s_at",
            "PC_1",
            "GENE0",
        ] {
            assert_eq!(kind(name), Kind::Feature, "{name}");
        }
        for name in ["patient_3", "S12", "P-7", "sample1", "cell-052", "ctrl_1"] {
            assert_eq!(kind(name), Kind::PerhapsSample, "{name}");
        }
        for name in [
            "A0FJ",
            "H005",
            "DMS53_LUNG",
            "BF.13.1",
            "x",
            "",
            "CD3",
            "sample",
            "2021-01-05",
        ] {
            assert_eq!(kind(name), Kind::Unknown, "{name}");
        }
    }
}
