//! What a file may take of the memory.

use super::fault::Fault;

/// Bytes that are held, of those that may be.
#[derive(Debug)]
pub(super) struct Memory {
    pub most: u64,
    pub held: u64,
}

impl Memory {
    /// Whether so many more fit.
    pub fn check(&self, more: u64) -> Result<(), Fault> {
        let needed = self.held.saturating_add(more);
        match needed <= self.most {
            true => Ok(()),
            false => Err(Fault::TooLarge {
                needed,
                allowed: self.most,
            }),
        }
    }

    /// Holds so many more.
    pub fn take(&mut self, more: u64) -> Result<(), Fault> {
        self.check(more)?;
        self.held += more;
        Ok(())
    }

    /// Holds so many less.
    pub fn give(&mut self, less: u64) {
        self.held = self.held.saturating_sub(less);
    }
}
