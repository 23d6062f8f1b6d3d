//! Sparse matrices in memory and on disk.

use super::*;

/// 3 x 4: [0 1 0 2; 0 0 0 0; 3 0 4 5], the last row not in order.
fn small() -> Sparse {
    let values = vec![1.0, 2.0, 5.0, 3.0, 4.0];
    Sparse::new(4, vec![0, 2, 2, 5], vec![1, 3, 3, 0, 2], values).unwrap()
}

/// Many rows of different lengths, some of them empty.
fn large() -> Sparse {
    let (mut starts, mut indices, mut values) = (vec![0], Vec::new(), Vec::new());
    for row in 0..4_000_u32 {
        for index in (0..300).filter(|index| (row * 7 + index * index) % 11 < row % 4) {
            indices.push(index);
            values.push((row + index) as f32);
        }
        starts.push(indices.len());
    }
    Sparse::new(300, starts, indices, values).unwrap()
}

fn full(sparse: &Sparse) -> Vec<f32> {
    let mut out = vec![f32::NAN; sparse.samples() * sparse.features()];
    sparse.fill(0..sparse.samples(), &mut out).unwrap();
    out
}

#[test]
fn rows_columns_and_transposes_hold_the_same_values() {
    for matrix in [small(), small().on_disk()] {
        let all = [0., 1., 0., 2., 0., 0., 0., 0., 3., 0., 4., 5.];
        assert_eq!(full(&matrix), all);
        assert_eq!(matrix.column(3).unwrap(), [2.0, 0.0, 5.0]);
        let transposed = matrix.transposed().unwrap();
        assert_eq!(transposed.column(2).unwrap(), [3.0, 0.0, 4.0, 5.0]);
        assert_eq!(transposed.transposed().unwrap(), matrix);
        assert_eq!(
            full(&matrix.select_rows(&[2, 0]).unwrap()),
            [3., 0., 4., 5., 0., 1., 0., 2.]
        );
        assert_eq!(
            full(&matrix.select_columns(&[0, 3]).unwrap()),
            [0., 2., 0., 0., 3., 5.]
        );
    }
}

#[test]
fn memory_and_disk_hold_the_same() {
    let memory = large();
    let disk = memory.on_disk();
    let place = |matrix: &Sparse| matrix.storage();
    assert_eq!(
        (place(&memory), place(&disk)),
        (Storage::Memory, Storage::Disk)
    );
    assert!(memory.pieces().len() > 1, "several pieces");
    assert_eq!(memory, disk);
    assert_eq!(full(&memory), full(&disk));
    let rows: Vec<u32> = (0..4_000).rev().step_by(3).collect();
    let columns: Vec<u32> = (0..300).step_by(7).collect();
    for (in_memory, on_disk) in [
        (memory.transposed(), disk.transposed()),
        (memory.select_rows(&rows), disk.select_rows(&rows)),
        (
            memory.select_columns(&columns),
            disk.select_columns(&columns),
        ),
    ] {
        let (in_memory, on_disk) = (in_memory.unwrap(), on_disk.unwrap());
        assert_eq!(
            (place(&in_memory), place(&on_disk)),
            (Storage::Memory, Storage::Disk)
        );
        assert_eq!(in_memory, on_disk);
    }
    // Columns of many passes, and of one that each take a pass.
    for most in [1, 5_000, usize::MAX] {
        assert_eq!(
            disk.transposed_by(most).unwrap(),
            memory.transposed().unwrap()
        );
    }
    disk.check().unwrap();
}

#[test]
fn what_cannot_be_read_back_is_an_error_wherever_it_is_used() {
    let lost = || {
        let mut writer = SparseWriter::new(3, Storage::Disk).unwrap();
        // As if the disk had lost them: values that never came.
        writer.append_sorted([1, 2], &[0, 1, 2], &[]).unwrap();
        writer.finish()
    };
    assert!(lost().column(0).is_err());
    assert!(lost().fill(0..2, &mut [0.0; 6]).is_err());
    assert!(lost().transposed().is_err());
    assert!(lost().select_rows(&[1]).is_err());
    assert!(lost().select_columns(&[0]).is_err());
    let lost = lost();
    let mut buffer = SparseBuffer::default();
    assert_eq!(lost.rows(0..2, &mut buffer).row(1), (&[][..], &[][..]));
    assert!(lost.check().is_err());
}

#[test]
fn lists_that_lie_are_refused() {
    let new = |starts: &[usize], indices: &[u32]| {
        Sparse::new(
            3,
            starts.to_vec(),
            indices.to_vec(),
            vec![1.0; indices.len()],
        )
    };
    for starts in [&[][..], &[1, 2], &[0, 2, 1, 2], &[0, 3]] {
        assert_eq!(new(starts, &[0, 1]), Err(SparseError::Starts));
    }
    let outside = SparseError::Outside {
        row: 2,
        feature: 8,
        features: 3,
    };
    assert_eq!(new(&[0, 1, 2], &[0, 7]), Err(outside));
    let twice = SparseError::Twice { row: 1, feature: 2 };
    assert_eq!(new(&[0, 2], &[1, 1]), Err(twice));
    assert_eq!(new(&[0], &[]).unwrap().samples(), 0);

    // Rows that come later are counted on.
    let mut writer = SparseWriter::new(3, Storage::Memory).unwrap();
    writer.append([2], &mut [2, 0], &mut [5.0, 6.0]).unwrap();
    let said = writer.append([0, 2], &mut [1, 1], &mut [1.0; 2]);
    let twice = SparseError::Twice { row: 3, feature: 2 };
    assert!(matches!(said, Err(SparseWriteError::Rows(error)) if error == twice));
    let said = writer.append([1], &mut [1, 2], &mut [1.0; 2]);
    assert!(matches!(
        said,
        Err(SparseWriteError::Rows(SparseError::Starts))
    ));
    assert_eq!(full(&writer.finish()), [6.0, 0.0, 5.0]);
}
