//! A medium that can be read and not written: what a database writes is kept in memory, above it.
//!
//! A store writes even to be opened, if only to finish what a crash left. Nothing of that reaches
//! the medium, so the same is found when it can be written again. Owns what was written above.

use std::collections::BTreeMap;
use std::io;
use std::sync::{Mutex, MutexGuard, PoisonError};

use redb::StorageBackend;

/// What is kept together: the size of the store's own pages.
const PAGE: usize = 4_096;

/// What was written above a medium that stays as it is.
#[derive(Debug)]
pub(super) struct Overlay<B> {
    below: B,
    above: Mutex<Above>,
}

#[derive(Debug)]
struct Above {
    len: u64,
    /// What of the medium shows through; beyond, what was not written is zero.
    shown: u64,
    /// Pages by their offset. Those that the opening of a store writes: some of each region.
    pages: BTreeMap<u64, Box<[u8; PAGE]>>,
}

impl<B: StorageBackend> Overlay<B> {
    /// Nothing is written yet.
    pub(super) fn new(below: B) -> io::Result<Self> {
        let len = below.len()?;
        let above = Above { len, shown: len, pages: BTreeMap::new() };
        Ok(Self { below, above: Mutex::new(above) })
    }

    fn above(&self) -> MutexGuard<'_, Above> {
        self.above.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// One page as it now is.
    fn page(&self, above: &Above, at: u64) -> io::Result<Box<[u8; PAGE]>> {
        if let Some(page) = above.pages.get(&at) {
            return Ok(page.clone());
        }
        let mut page = Box::new([0; PAGE]);
        let there = above.shown.saturating_sub(at).min(PAGE as u64) as usize;
        if there > 0 {
            self.below.read(at, &mut page[..there])?;
        }
        Ok(page)
    }
}

impl<B: StorageBackend> StorageBackend for Overlay<B> {
    fn len(&self) -> io::Result<u64> {
        Ok(self.above().len)
    }

    fn read(&self, offset: u64, out: &mut [u8]) -> io::Result<()> {
        let above = self.above();
        if offset + out.len() as u64 > above.len {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        for part in parts(offset, out.len()) {
            let page = self.page(&above, part.page)?;
            out[part.of_all].copy_from_slice(&page[part.of_page]);
        }
        Ok(())
    }

    fn set_len(&self, len: u64) -> io::Result<()> {
        let mut above = self.above();
        above.shown = above.shown.min(len);
        above.len = len;
        above.pages.retain(|at, _| *at < len);
        let end = len - len % PAGE as u64;
        if let Some(page) = above.pages.get_mut(&end) {
            page[(len - end) as usize..].fill(0);
        }
        Ok(())
    }

    fn sync_data(&self) -> io::Result<()> {
        Ok(())
    }

    fn write(&self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let mut above = self.above();
        for part in parts(offset, bytes.len()) {
            let mut page = self.page(&above, part.page)?;
            page[part.of_page].copy_from_slice(&bytes[part.of_all]);
            above.pages.insert(part.page, page);
        }
        Ok(())
    }
}

/// What of a stretch lies in one page.
struct Part {
    page: u64,
    of_page: std::ops::Range<usize>,
    of_all: std::ops::Range<usize>,
}

/// The parts of a stretch, page by page.
fn parts(offset: u64, len: usize) -> impl Iterator<Item = Part> {
    let mut done = 0;
    std::iter::from_fn(move || {
        if done == len {
            return None;
        }
        let at = offset + done as u64;
        let within = (at % PAGE as u64) as usize;
        let count = (PAGE - within).min(len - done);
        let part = Part {
            page: at - within as u64,
            of_page: within..within + count,
            of_all: done..done + count,
        };
        done += count;
        Some(part)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::faulty::dice::Dice;
    use crate::journal::faulty::disk::Disk;

    #[test]
    fn an_overlay_reads_as_if_it_had_been_written_and_leaves_what_is_below() {
        let mut dice = Dice::new(7);
        let below = vec![7; 3 * PAGE + 100];
        let disk = Disk::with(below.clone());
        let overlay = Overlay::new(disk.clone()).unwrap();
        let mut expected = below.clone();
        for _ in 0..2_000 {
            let len = dice.below(expected.len() as u64 + 1);
            let (offset, count) = (len as usize, dice.below(9_000) as usize);
            if dice.below(10) == 0 {
                expected.resize(offset + count, 0);
                overlay.set_len((offset + count) as u64).unwrap();
            }
            let count = count.min(expected.len().saturating_sub(offset));
            let bytes = vec![dice.below(256) as u8; count];
            if count > 0 {
                overlay.write(offset as u64, &bytes).unwrap();
                expected[offset..offset + count].copy_from_slice(&bytes);
            }
            let mut read = vec![0; expected.len()];
            overlay.read(0, &mut read).unwrap();
            assert!(read == expected && overlay.len().unwrap() == expected.len() as u64);
        }
        assert!(overlay.read(expected.len() as u64, &mut [0]).is_err(), "beyond the end");
        assert!(disk.live() == below, "nothing reached it");
    }
}
