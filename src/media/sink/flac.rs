//! FLAC, by flacenc, block by block: its one-call interface would hold the whole render in memory.

use std::fs::File;
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread::JoinHandle;

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
/// Blocks that may wait to be encoded.
const AHEAD: usize = 16;

/// What is written here is encoded on a thread of its own: that takes as long as rendering does.
pub(super) struct Flac {
    waiting: Vec<i32>,
    /// `None` after the end.
    blocks: Option<SyncSender<Vec<i32>>>,
    encoding: Option<JoinHandle<io::Result<()>>>,
}

impl Flac {
    pub(super) fn new(file: BufWriter<File>) -> io::Result<Self> {
        let mut encoding = Encoding::new(file)?;
        let (blocks, ready) = sync_channel::<Vec<i32>>(AHEAD);
        let encode = move || {
            ready.into_iter().try_for_each(|block| encoding.write(&block))?;
            encoding.finish()
        };
        let encoding = Some(std::thread::Builder::new().name("flac".into()).spawn(encode)?);
        Ok(Self { waiting: Vec::with_capacity(BLOCK * 2), blocks: Some(blocks), encoding })
    }

    pub(super) fn write(&mut self, sample: i32) -> io::Result<()> {
        self.waiting.push(sample);
        if self.waiting.len() == BLOCK * 2 { self.hand_over() } else { Ok(()) }
    }

    fn hand_over(&mut self) -> io::Result<()> {
        let block = std::mem::replace(&mut self.waiting, Vec::with_capacity(BLOCK * 2));
        let taken = self.blocks.as_ref().is_some_and(|blocks| blocks.send(block).is_ok());
        // It has gone before its time: it says why.
        if taken { Ok(()) } else { self.end() }
    }

    pub(super) fn finish(mut self) -> io::Result<()> {
        if !self.waiting.is_empty() {
            self.hand_over()?;
        }
        self.end()
    }

    fn end(&mut self) -> io::Result<()> {
        self.blocks = None;
        let encoded = self.encoding.take().map(JoinHandle::join);
        encoded.unwrap_or(Ok(Ok(()))).unwrap_or_else(|_| Err(plain("the FLAC encoder broke")))
    }
}

/// The file, block by block.
struct Encoding {
    file: BufWriter<File>,
    config: Verified<Encoder>,
    info: StreamInfo,
    block: FrameBuf,
    /// Counts and digests what is written.
    context: Context,
    blocks: usize,
}

impl Encoding {
    fn new(file: BufWriter<File>) -> io::Result<Self> {
        let mut config = Encoder::default();
        // A third of the time for 41 bytes in 74 MB, as measured: what is tried beside linear prediction hardly ever wins.
        config.subframe_coding.use_fixed = false;
        let mut encoding = Self {
            file,
            config: config.into_verified().map_err(|(_, error)| plain(error))?,
            info: StreamInfo::new(ENGINE_RATE_HZ as usize, 2, usize::from(BITS)).map_err(plain)?,
            block: FrameBuf::with_size(2, BLOCK).map_err(plain)?,
            context: Context::new(usize::from(BITS), 2),
            blocks: 0,
        };
        encoding.write_opening()?;
        Ok(encoding)
    }

    fn write(&mut self, samples: &[i32]) -> io::Result<()> {
        self.block.resize(samples.len() / 2);
        self.block.fill_interleaved(samples).map_err(plain)?;
        self.context.fill_interleaved(samples).map_err(plain)?;
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

    fn finish(mut self) -> io::Result<()> {
        self.info.set_md5_digest(&self.context.md5_digest());
        self.info.set_total_samples(self.context.total_samples());
        self.write_opening()?;
        self.file.flush()
    }
}

fn plain(error: impl std::fmt::Display) -> io::Error {
    io::Error::other(error.to_string())
}
