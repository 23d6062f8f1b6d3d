//! The bytes of a packed file.

use std::{
    io::{self, BufRead, Read, Seek as _, SeekFrom},
    path::Path,
};

use crate::format::look::open_regular;

const BLOCK: usize = 1 << 16;

/// A file or a part of it, block by block, with a look ahead.
pub(super) struct Input {
    raw: Box<dyn Read + Send>,
    /// Bytes of the part that were not yet taken from it.
    left: u64,
    /// What was taken and not yet used: from `at` on.
    block: Vec<u8>,
    at: usize,
    /// Whether somebody asked for more than there is.
    dry: bool,
    /// Number of the system's error, after one.
    failure: Option<i32>,
}

impl Input {
    /// All that can be read.
    pub fn whole(raw: Box<dyn Read + Send>) -> Self {
        Self {
            raw,
            left: u64::MAX,
            block: Vec::new(),
            at: 0,
            dry: false,
            failure: None,
        }
    }

    /// `length` bytes of a file from `start` on, or as many as there are.
    pub fn part(path: &Path, start: u64, length: u64) -> io::Result<Self> {
        let mut file = open_regular(path)?;
        file.seek(SeekFrom::Start(start))?;
        Ok(Self {
            left: length,
            ..Self::whole(Box::new(file))
        })
    }

    /// Whether somebody asked for more than there is.
    pub fn ran_dry(&self) -> bool {
        self.dry
    }

    /// Number of the error for which the system stopped reading: decoders do not hand it on.
    pub fn failure(&self) -> Option<i32> {
        self.failure
    }

    /// The next bytes, without using them up: `count`, or as many as there are.
    pub fn peek(&mut self, count: usize) -> io::Result<&[u8]> {
        while self.block.len() - self.at < count && self.more()? {}
        let end = self.block.len().min(self.at + count);
        Ok(&self.block[self.at..end])
    }

    /// Uses up `count` bytes, or as many as there are: how many that were.
    pub fn skip(&mut self, count: u64) -> io::Result<u64> {
        let mut left = count;
        while left > 0 && !self.fill_buf()?.is_empty() {
            let now = left.min((self.block.len() - self.at) as u64);
            self.consume(now as usize);
            left -= now;
        }
        Ok(count - left)
    }

    /// Uses up zeros.
    pub fn skip_zeros(&mut self) -> io::Result<()> {
        while let Some(0) = self.peek(1)?.first() {
            let rest = &self.block[self.at..];
            self.at += rest.iter().take_while(|&&byte| byte == 0).count();
        }
        Ok(())
    }

    /// Takes another block, behind what was not yet used: whether there was one.
    fn more(&mut self) -> io::Result<bool> {
        self.block.drain(..self.at);
        self.at = 0;
        let most = self.left.min(BLOCK as u64);
        let read = (&mut self.raw).take(most).read_to_end(&mut self.block);
        let read = read.inspect_err(|error| self.failure = error.raw_os_error())?;
        self.left -= read as u64;
        Ok(read > 0)
    }
}

impl BufRead for Input {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        if self.at == self.block.len() && !self.more()? {
            self.dry = true;
        }
        Ok(&self.block[self.at..])
    }

    fn consume(&mut self, count: usize) {
        self.at = self.block.len().min(self.at + count);
    }
}

impl Read for Input {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let read = self.fill_buf()?.read(out)?;
        self.consume(read);
        Ok(read)
    }
}
