//! The tissue behind the simulated data: immune cell types, their kinship and their surface proteins.

/// A cell type.
pub(super) struct CellType {
    /// Its name, used as the label.
    pub name: &'static str,
    /// Its share of the cells; all shares add up to one.
    pub share: f64,
    /// The branches of the family tree it hangs on, from the trunk outwards; see [`BRANCHES`].
    pub branches: &'static [usize],
    /// The types it can turn into or be confused with.
    pub related: &'static [usize],
}

/// Number of branches of the family tree: 0 lymphoid, 1 myeloid, 2 T and NK, 3 T, 4 CD4, 5 CD8, 6 B, 7 monocytes,
/// 8 dendritic.
pub(super) const BRANCHES: usize = 9;

const fn cell_type(
    name: &'static str,
    share: f64,
    branches: &'static [usize],
    related: &'static [usize],
) -> CellType {
    CellType {
        name,
        share,
        branches,
        related,
    }
}

/// The types, lineage by lineage.
pub(super) const TYPES: [CellType; 12] = [
    cell_type("CD4 naive T", 0.17, &[0, 2, 3, 4], &[1, 2]),
    cell_type("CD4 memory T", 0.14, &[0, 2, 3, 4], &[0, 2]),
    cell_type("Treg", 0.05, &[0, 2, 3, 4], &[1]),
    cell_type("CD8 naive T", 0.09, &[0, 2, 3, 5], &[4]),
    cell_type("CD8 effector T", 0.10, &[0, 2, 3, 5], &[3, 5]),
    cell_type("NK", 0.09, &[0, 2], &[4]),
    cell_type("B naive", 0.08, &[0, 6], &[7]),
    cell_type("B memory", 0.06, &[0, 6], &[6]),
    cell_type("CD14 monocyte", 0.11, &[1, 7], &[9, 10]),
    cell_type("CD16 monocyte", 0.04, &[1, 7], &[8]),
    cell_type("Conventional DC", 0.04, &[1, 8], &[8]),
    cell_type("Plasmacytoid DC", 0.03, &[1, 8], &[10]),
];

/// The surface proteins and their level, 0 to 9, on every type in the order of [`TYPES`].
pub(super) const MARKERS: [(&str, &[u8; 12]); 47] = [
    ("CD3", b"999980000000"),
    ("TCR-a/b", b"888870000000"),
    ("CD4", b"899000003245"),
    ("CD8a", b"000893000000"),
    ("CD45RA", b"823967761437"),
    ("CD45RO", b"286142137653"),
    ("CCR7", b"824810331012"),
    ("CD27", b"875731060001"),
    ("CD28", b"887720000000"),
    ("CD127", b"681731000110"),
    ("CD25", b"128010120010"),
    ("CD39", b"015011341324"),
    ("ICOS", b"257130000000"),
    ("PD-1", b"035132010000"),
    ("CXCR5", b"123100770000"),
    ("CD95", b"168154152432"),
    ("KLRG1", b"021067000000"),
    ("CD57", b"010056000000"),
    ("CD56", b"000029000000"),
    ("CD16", b"000027001910"),
    ("CD161", b"131036000000"),
    ("CD94", b"000148000000"),
    ("TCR-g/d", b"000031000000"),
    ("TCR-Va7.2", b"110131000000"),
    ("CD2", b"787787000134"),
    ("CD5", b"888760410000"),
    ("CD19", b"000000880000"),
    ("CD20", b"000000890000"),
    ("CD21", b"100100760000"),
    ("CD24", b"000000650000"),
    ("IgD", b"000000920000"),
    ("IgM", b"000000740000"),
    ("CD40", b"000000772454"),
    ("HLA-DR", b"014121776798"),
    ("CD38", b"433336646337"),
    ("CD11b", b"000125008642"),
    ("CD11c", b"000023017880"),
    ("CD14", b"000000009210"),
    ("CD33", b"000000007652"),
    ("CD64", b"000000007211"),
    ("CD172a", b"000000008873"),
    ("CD86", b"000000234763"),
    ("CD141", b"000000003162"),
    ("CD1c", b"000000231071"),
    ("FceRI", b"000000001156"),
    ("CD123", b"000000001249"),
    ("IgG1 isotype control", b"111111112221"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn the_tables_are_consistent() {
        let total: f64 = TYPES.iter().map(|t| t.share).sum();
        assert!((total - 1.0).abs() < 1e-9, "{total}");
        for (i, cell_type) in TYPES.iter().enumerate() {
            assert!(!cell_type.related.is_empty() && !cell_type.related.contains(&i));
            assert!(cell_type.branches.iter().all(|&b| b < BRANCHES));
        }
        let names: HashSet<&str> = MARKERS.iter().map(|m| m.0).collect();
        assert_eq!(names.len(), MARKERS.len());
        assert!(MARKERS.iter().all(|m| m.1.iter().all(u8::is_ascii_digit)));
    }
}
