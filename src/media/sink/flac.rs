//! FLAC, by flacenc, block by block: its one-call interface would hold the whole render in memory.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};

use flacenc::bitsink::ByteSink;
use flacenc::component::{BitRepr, StreamInfo};
use flacenc::config::Encoder;
use flacenc::encode_fixed_size_frame;
use flacenc::error::{Verified, Verify};
use flacenc::source::{Context, Fill, FrameBuf};

use super::BITS;
use crate::units::ENGINE_RATE_HZ;

/// Frames in each block but the last.
const BLOCK: usize = 4096;
/// Before the first block: the mark, then the one metadata block (marked as the last), 34 bytes long.
const OPENING: &[u8] = b"fLaC\x80\x00\x00\x22";

pub(super) struct Flac {
    file: BufWriter<File>,
    config: Verified<Encoder>,
    info: StreamInfo,
    block: FrameBuf,
    waiting: Vec<i32>,
    /// Counts and digests what is written.
    context: Context,
    blocks: usize,
}

impl Flac {
    pub(super) fn new(file: BufWriter<File>) -> io::Result<Self> {
        let config = Encoder::default().into_verified().map_err(|(_, error)| plain(error))?;
        let info = StreamInfo::new(ENGINE_RATE_HZ as usize, 2, usize::from(BITS)).map_err(plain)?;
        let mut flac = Self {
            file,
            config,
            info,
            block: FrameBuf::with_size(2, BLOCK).map_err(plain)?,
            waiting: Vec::with_capacity(BLOCK * 2),
            context: Context::new(usize::from(BITS), 2),
            blocks: 0,
        };
        flac.write_opening()?;
        Ok(flac)
    }

    pub(super) fn write(&mut self, sample: i32) -> io::Result<()> {
        self.waiting.push(sample);
        if self.waiting.len() == BLOCK * 2 { self.write_block() } else { Ok(()) }
    }

    fn write_block(&mut self) -> io::Result<()> {
        self.block.resize(self.waiting.len() / 2);
        self.block.fill_interleaved(&self.waiting).map_err(plain)?;
        self.context.fill_interleaved(&self.waiting).map_err(plain)?;
        self.waiting.clear();
        let frame = encode_fixed_size_frame(&self.config, &self.block, self.blocks, &self.info).map_err(plain)?;
        self.blocks += 1;
        self.info.update_frame_info(&frame);
        let mut bytes = ByteSink::new();
        frame.write(&mut bytes).map_err(plain)?;
        self.file.write_all(bytes.as_slice())
    }

    /// The header; at first without the numbers that only the end knows.
    fn write_opening(&mut self) -> io::Result<()> {
        // A short last block must not count as the smallest: players take that for a stream of changing block sizes.
        self.info.set_block_sizes(BLOCK, BLOCK).map_err(plain)?;
        let mut bytes = ByteSink::new();
        self.info.write(&mut bytes).map_err(plain)?;
        self.file.seek(SeekFrom::Start(0))?;
        self.file.write_all(OPENING)?;
        self.file.write_all(bytes.as_slice())
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        if !self.waiting.is_empty() {
            self.write_block()?;
        }
        self.info.set_md5_digest(&self.context.md5_digest());
        self.info.set_total_samples(self.context.total_samples());
        self.write_opening()?;
        self.file.flush()
    }
}

fn plain(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(error.to_string())
}
