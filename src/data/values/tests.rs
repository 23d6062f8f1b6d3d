//! Values in memory, on disk and made when asked for.

use super::*;

fn counted(storage: Storage, samples: usize, features: usize) -> Values {
    Values::generate(storage, samples, features, |range, out| {
        for (at, value) in out.iter_mut().enumerate() {
            *value = (range.start * features + at) as f32;
        }
    })
    .unwrap()
}

#[test]
fn memory_and_disk_hold_the_same() {
    // Several pieces, the last one short.
    let (samples, features) = (5_000, 70);
    let memory = counted(Storage::Memory, samples, features);
    let disk = counted(Storage::Disk, samples, features);
    assert_eq!(
        (memory.storage(), disk.storage()),
        (Storage::Memory, Storage::Disk)
    );
    assert_eq!(memory, disk);
    let rows = disk.rows(4_999..5_000, &mut Vec::new()).to_vec();
    assert_eq!(rows[69], (samples * features - 1) as f32);

    let double = |x: &mut [f32]| x.iter_mut().for_each(|x| *x *= 2.0);
    let doubled = disk.clone().map(double).unwrap();
    assert_eq!(doubled.storage(), Storage::Disk);
    assert_eq!(doubled, memory.clone().map(double).unwrap());
    assert_ne!(doubled, memory);

    let picks = [4_000, 3, 3];
    let selected = disk.select(Storage::Disk, &picks).unwrap();
    assert_eq!(selected, memory.select(Storage::Memory, &picks).unwrap());
    assert_eq!(selected.rows(1..2, &mut Vec::new())[0], 210.0);

    let sum = |values: &Values| -> f64 {
        let add = |sum: &mut f64, x: &[f32]| *sum += x.iter().copied().map(f64::from).sum::<f64>();
        values.fold(|| 0.0, add).unwrap().iter().sum()
    };
    assert_eq!(sum(&memory), sum(&disk));
    disk.check().unwrap();
}

#[test]
fn what_cannot_be_read_back_is_an_error_wherever_it_is_used() {
    let lost = Values::lost;
    assert!(lost().fold(|| 0, |_, _| {}).is_err());
    assert!(lost().means().is_err() && lost().deviations().is_err());
    assert!(lost().map(|_| {}).is_err());
    assert!(lost().select(Storage::Memory, &[3]).is_err());
    let features = super::super::Axis::new(vec!["a".into(), "b".into()]).unwrap();
    let modality = super::super::Modality::new("rna", features, lost());
    assert!(modality.range().is_err());
}

#[test]
fn nothing_is_fine_too() {
    for storage in [Storage::Memory, Storage::Disk] {
        assert_eq!(counted(storage, 0, 3).dim(), (0, 3));
        assert_eq!(
            counted(storage, 3, 0).select(storage, &[1]).unwrap().dim(),
            (1, 0)
        );
    }
    assert_eq!(Values::default().dim(), (0, 0));
}

/// Counts from 0, made when asked for.
#[derive(Debug)]
struct Counting(usize, usize);

impl MakesRows for Counting {
    fn dim(&self) -> (usize, usize) {
        (self.0, self.1)
    }

    fn fill(&self, samples: Range<usize>, out: &mut [f32]) {
        for (at, value) in out.iter_mut().enumerate() {
            *value = (samples.start * self.1 + at) as f32;
        }
    }

    fn check(&self) -> io::Result<()> {
        Ok(())
    }
}

#[test]
fn values_made_when_asked_for_are_those_that_are_held() {
    let (samples, features) = (1_000, 210);
    let made = Values::made(Counting(samples, features));
    let held = counted(Storage::Memory, samples, features);
    assert_eq!(made, held);
    assert!(made.array().is_none() && made.is(&made.clone()) && !made.is(&held));
    let picks = [7, 3, 999];
    let selected = made.select(Storage::Memory, &picks).unwrap();
    assert_eq!(selected, held.select(Storage::Memory, &picks).unwrap());
    let doubled = made
        .map(|rows| rows.iter_mut().for_each(|x| *x *= 2.0))
        .unwrap();
    assert_eq!(doubled.rows(1..2, &mut Vec::new())[0], 420.0);
}
