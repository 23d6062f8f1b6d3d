//! The checksums of HDF5 metadata: with them repaired, damage reaches what lies behind.

use std::ops::Range;

use hdf5_reader::checksum::jenkins_lookup3;

/// What metadata with a checksum begins with, in the HDF5 file format from its version 2 of metadata on.
const SIGNATURES: [&[u8]; 13] = [
    b"\x89HDF\r\n\x1a\n",
    b"OHDR",
    b"OCHK",
    b"FRHP",
    b"FHDB",
    b"FHIB",
    b"BTHD",
    b"BTIN",
    b"BTLF",
    b"FAHD",
    b"FADB",
    b"EAHD",
    b"SMTB",
];

/// Bytes of metadata that are looked through for its checksum.
const MOST: usize = 4096;

/// Stretches of a file that are followed by their checksum: found by trying, since a checksum hardly fits by chance.
pub fn find(file: &[u8]) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    for signature in SIGNATURES {
        let starts = file.windows(signature.len()).enumerate();
        for (start, _) in starts.filter(|(_, bytes)| *bytes == signature) {
            let last = file.len().min(start + MOST).saturating_sub(4);
            let sum = |end: usize| jenkins_lookup3(&file[start..end]).to_le_bytes();
            let fits = |end: &usize| sum(*end) == file[*end..*end + 4];
            found.extend((start + 4..=last).find(fits).map(|end| start..end));
        }
    }
    found
}

/// Writes the right checksums.
pub fn repair(file: &mut [u8], stretches: &[Range<usize>]) {
    for stretch in stretches {
        if stretch.end + 4 <= file.len() {
            let sum = jenkins_lookup3(&file[stretch.clone()]);
            file[stretch.end..stretch.end + 4].copy_from_slice(&sum.to_le_bytes());
        }
    }
}
