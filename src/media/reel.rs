//! Files that were cut from one recording, decoded as the one that they were.

use std::path::PathBuf;

use super::decode::Decoder;
use super::{MediaError, Slice};

/// Decodes slices one after the other, as if they were one file: not a frame is missing or extra between them.
pub(super) struct Reel {
    now: Decoder,
    /// Opened as soon as the one before begins: a file that goes away then is heard all the same.
    next: Option<Result<Decoder, MediaError>>,
    later: std::vec::IntoIter<PathBuf>,
}

impl Reel {
    /// Opens slices at a frame of their own rate; a frame past the end gives a reel that ends at once.
    pub(super) fn open(slices: &[Slice], frame: u64) -> Result<Self, MediaError> {
        let (mut first, mut frame) = (0, frame);
        while first + 1 < slices.len() && frame >= slices[first].frames {
            frame -= slices[first].frames;
            first += 1;
        }
        let now = Decoder::open(&slices[first].path, frame)?;
        let later: Vec<PathBuf> = slices[first + 1..].iter().map(|slice| slice.path.clone()).collect();
        let mut reel = Self { now, next: None, later: later.into_iter() };
        reel.open_next();
        Ok(reel)
    }

    fn open_next(&mut self) {
        self.next = self.later.next().map(|path| Decoder::open(&path, 0));
    }

    /// The rate of all of them, in Hz.
    pub(super) fn rate_hz(&self) -> u32 {
        self.now.rate_hz()
    }

    /// Adds some more stereo frames to `out`, which may be none where one file ends; `false` at the end of the last. Frames
    /// added before an error are good.
    pub(super) fn more(&mut self, out: &mut Vec<f32>) -> Result<bool, MediaError> {
        if self.now.more(out)? {
            return Ok(true);
        }
        let Some(next) = self.next.take() else { return Ok(false) };
        let next = next?;
        if next.rate_hz() != self.rate_hz() {
            return Err(next.another_rate());
        }
        self.now = next;
        self.open_next();
        Ok(true)
    }
}
