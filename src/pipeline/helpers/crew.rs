//! Several pieces at once on this processor.

use std::ops::Range;

use crate::{
    data::{Masked, Storage},
    model::DeviceKind,
    pipeline::{Estimate, recently_available_memory, run::Run},
    train::EngineMaker,
};

/// Memory that the engines beside the run's own take at most.
const MOST: u64 = 1 << 30;
/// They take at most one part of so many of what is free.
const PART: u64 = 8;

/// Engines of this processor that train side by side, each on its share of the threads: a small network on few samples does not
/// keep many threads busy. How many there are has no say in what they come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Crew {
    /// How many, the run's own among them.
    pub engines: usize,
    threads: usize,
    /// The first piece, and after the last one.
    first: usize,
    end: usize,
}

impl Crew {
    /// As many as there are threads and pieces for, and memory: `bytes` each, `free` in all if the system tells (0 if not).
    pub fn new(threads: usize, pieces: Range<usize>, bytes: u64, free: u64) -> Self {
        let room = match free {
            0 => MOST,
            free => MOST.min(free / PART),
        };
        let beside = usize::try_from(room / bytes.max(1)).unwrap_or(usize::MAX);
        Self {
            engines: threads.min(pieces.len()).min(beside.saturating_add(1)),
            threads,
            first: pieces.start,
            end: pieces.end,
        }
    }

    /// Threads for a piece; nothing for all of them, if it is alone. Pieces are about equally long, so they begin in rounds: those of
    /// the last one, which may be fewer, share out all threads as well.
    pub fn threads_for(&self, piece: usize) -> Option<usize> {
        let place = piece.saturating_sub(self.first) % self.engines.max(1);
        let round = self.end.saturating_sub(piece - place).min(self.engines);
        let one_more = usize::from(place < self.threads % round.max(1));
        (round > 1).then(|| self.threads / round + one_more)
    }
}

impl Run<'_> {
    /// The engines that train pieces on this processor, where the run is on it and the data are in memory.
    pub(in crate::pipeline) fn crew(
        &self,
        maker: &dyn EngineMaker,
        inputs: Option<&[Masked]>,
        pieces: Range<usize>,
    ) -> Crew {
        let mut storages = inputs.iter().flat_map(|inputs| inputs.iter());
        let in_memory = storages.all(|input| input.values.storage() == Storage::Memory);
        let threads = match maker.device().kind {
            DeviceKind::Cpu if in_memory && inputs.is_some() => rayon::current_num_threads(),
            _ => 1,
        };
        let bytes = Estimate::of_a_start(self.spec, &self.network, self.dataset.samples());
        Crew::new(threads, pieces, bytes, recently_available_memory())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn threads_are_shared_out_among_as_many_as_find_room() {
        let crew = Crew::new(8, 0..16, 1 << 20, 0);
        assert_eq!(crew.engines, 8);
        assert_eq!(crew.threads_for(0), Some(1));
        assert_eq!(crew.threads_for(15), Some(1));
        let threads = |crew: Crew, pieces: Range<usize>| -> Vec<Option<usize>> {
            pieces.map(|piece| crew.threads_for(piece)).collect()
        };
        let three = Crew::new(8, 3..6, 1 << 20, 0);
        assert_eq!(threads(three, 3..6), [Some(3), Some(3), Some(2)]);
        let rounds = Crew::new(12, 0..16, 1 << 20, 0);
        assert_eq!(threads(rounds, 11..14), [Some(1), Some(3), Some(3)]);
        assert_eq!(
            threads(Crew::new(2, 0..3, 1, 0), 0..3),
            [Some(1), Some(1), None]
        );
        assert_eq!(Crew::new(8, 0..16, 400 << 20, 0).engines, 3);
        assert_eq!(Crew::new(8, 0..16, 200 << 20, 1 << 30).engines, 1);
        for alone in [Crew::new(1, 0..16, 1, 0), Crew::new(8, 4..5, 1, 0)] {
            assert_eq!((alone.engines, alone.threads_for(4)), (1, None));
        }
    }
}
