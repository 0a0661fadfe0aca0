//! A file opened: what it holds, where its sound starts and ends, and the decoder for it.

use std::fs::File;
use std::io::{ErrorKind, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::LazyLock;

use symphonia::core::codecs::audio::well_known::{CODEC_ID_MP3, CODEC_ID_OPUS};
use symphonia::core::codecs::audio::{AudioCodecId, AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::codecs::registry::CodecRegistry;
use symphonia::core::errors::Error;
use symphonia::core::formats::probe::Hint;
use symphonia::core::formats::well_known::{FORMAT_ID_ISOMP4, FORMAT_ID_OGG};
use symphonia::core::formats::{FormatOptions, FormatReader, Track, TrackType};
use symphonia::core::io::{MediaSourceStream, MediaSourceStreamOptions};
use symphonia::core::meta::{MetadataOptions, StandardTag};
use symphonia::core::units::TimeBase;
use symphonia_adapter_libopus::OpusDecoder;

use super::access::{Allowance, Metered, failed, open_file};
use super::error::name_of;
use super::mp4::{self, Movie};
use super::resample::RATES_HZ;
use super::{Damage, MediaError, beside, sniff};
use crate::units::{SafeText, TrackTime};

/// symphonia's own decoders, and the reference one for Opus.
static CODECS: LazyLock<CodecRegistry> = LazyLock::new(|| {
    let mut codecs = CodecRegistry::new();
    symphonia::default::register_enabled_codecs(&mut codecs);
    codecs.register_audio_decoder::<OpusDecoder>();
    codecs
});

/// What symphonia found.
type Opened = Result<Box<dyn FormatReader>, Error>;

/// Which decoded frames are the music, on the container's clock; what lies outside is encoder warm-up and padding.
#[derive(Clone, Copy, Debug)]
pub(super) struct Window {
    /// Its first frame.
    pub(super) start: i64,
    /// The first frame after it; `None`: no end is given.
    pub(super) end: Option<i64>,
}

/// How far a packet's own word about its length is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trim {
    /// As the container says.
    Told,
    /// As the container says, and no longer than the packet's duration: an MP4's last packet is shortened this way.
    Duration,
    /// Not at all. An MP3 without LAME's tag has only a guessed length; trimming by it would cut music off.
    Never,
}

/// A file ready to be decoded from its start.
pub(super) struct Container {
    pub(super) format: Box<dyn FormatReader>,
    pub(super) decoder: Box<dyn AudioDecoder>,
    pub(super) track: u32,
    pub(super) rate_hz: u32,
    pub(super) window: Window,
    pub(super) trim: Trim,
    /// Packets are stamped in frames, so that places are exact.
    pub(super) stamped: bool,
    /// Seeking finds its place. Not with several tracks in an Ogg: symphonia 0.6.1 can then search for ever.
    pub(super) seekable: bool,
    /// Frames the header promises.
    pub(super) claimed: Option<u64>,
    pub(super) title: Option<SafeText>,
    pub(super) artist: Option<SafeText>,
    /// What may be read up to the next packet.
    pub(super) allowance: Allowance,
}

impl Container {
    pub(super) fn open(path: &Path) -> Result<Self, MediaError> {
        let name = name_of(path);
        let mut file = open_file(path)?;
        let mut head = Vec::new();
        let read = file.by_ref().take(sniff::HEAD as u64).read_to_end(&mut head);
        read.map_err(|error| failed(path, &error))?;
        if let Some(error) = sniff::foreign(&name, &head) {
            return Err(error);
        }
        let movie =
            if head.get(4..8) == Some(b"ftyp") { mp4::read(&mut file).unwrap_or_default() } else { Movie::default() };
        if movie.protected {
            return Err(MediaError::Protected { name });
        }
        let too_much = || MediaError::TooMuchBeside { name: name.clone() };
        if beside::too_many(movie.tags) {
            return Err(too_much());
        }
        let (mut opened, mut allowance) = probe(path, &file, 0)?;
        if opened.is_err() || allowance.exhausted() {
            let counted = beside::counted(&mut file).map_err(|error| failed(path, &error))?;
            (opened, allowance) = probe(path, &file, counted.ok_or_else(too_much)? + movie.counted)?;
        }
        let format = opened.map_err(|error| refused(&name, &error, &allowance, sniff::is_music(&head)))?;
        Self::of(&name, format, allowance, movie)
    }

    fn of(
        name: &SafeText,
        mut format: Box<dyn FormatReader>,
        allowance: Allowance,
        movie: Movie,
    ) -> Result<Self, MediaError> {
        let Some((title, artist)) = tags(format.as_mut()) else {
            return Err(MediaError::TooMuchBeside { name: name.clone() });
        };
        let no_sound = || MediaError::NotMusic { name: name.clone(), what: "holds no sound" };
        let track = format.default_track(TrackType::Audio).ok_or_else(no_sound)?;
        let (decoder, rate_hz) = decoder(name, track)?;
        let kind = format.format_info().format;
        if kind == FORMAT_ID_OGG {
            allowance.renew();
        } else {
            allowance.lift();
        }
        let codec = decoder.codec_params().codec;
        let stamped = track.time_base == TimeBase::try_from_recip(rate_hz);
        let trim = match codec {
            CODEC_ID_MP3 if track.delay.is_none() => Trim::Never,
            _ if kind == FORMAT_ID_ISOMP4 => Trim::Duration,
            _ => Trim::Told,
        };
        let window = window(track, kind == FORMAT_ID_ISOMP4, codec, movie);
        let claimed = track.num_frames.filter(|_| trim != Trim::Never);
        Ok(Self {
            track: track.id,
            rate_hz,
            stamped,
            trim,
            window: if stamped { window } else { Window { start: 0, end: None } },
            seekable: stamped && (kind != FORMAT_ID_OGG || format.tracks().len() == 1),
            claimed: claimed.map(|frames| match window.end {
                Some(end) => end.saturating_sub(window.start).unsigned_abs(),
                None => frames.saturating_sub(window.start.unsigned_abs()),
            }),
            title,
            artist,
            allowance,
            decoder,
            format,
        })
    }
}

/// Lets symphonia look for what it knows, with an allowance for what has been counted beside the sound.
fn probe(path: &Path, file: &File, counted: u64) -> Result<(Opened, Allowance), MediaError> {
    let mut file = file.try_clone().map_err(|error| failed(path, &error))?;
    file.seek(SeekFrom::Start(0)).map_err(|error| failed(path, &error))?;
    let allowance = Allowance::for_opening(counted);
    let source = Box::new(Metered::new(file, allowance.clone()));
    let stream = MediaSourceStream::new(source, MediaSourceStreamOptions::default());
    let (format, metadata) = (FormatOptions::default(), MetadataOptions::default());
    Ok((symphonia::default::get_probe().probe(&Hint::new(), stream, format, metadata), allowance))
}

/// Title and artist, from whichever tag has them first; `None`: there are too many tags. Lets go of all tags but the last.
pub(super) fn tags(format: &mut dyn FormatReader) -> Option<(Option<SafeText>, Option<SafeText>)> {
    let (mut title, mut artist, mut count) = (None, None, 0);
    let mut metadata = format.metadata();
    loop {
        let tags = metadata.current().into_iter().flat_map(|revision| {
            let of_tracks = revision.per_track.iter().flat_map(|track| &track.metadata.tags);
            revision.media.tags.iter().chain(of_tracks)
        });
        for tag in tags {
            count += 1;
            let (slot, text) = match &tag.std {
                Some(StandardTag::TrackTitle(text)) => (&mut title, text),
                Some(StandardTag::Artist(text)) => (&mut artist, text),
                _ => continue,
            };
            let text = SafeText::new(text);
            if slot.is_none() && !text.is_empty() {
                *slot = Some(text);
            }
        }
        if metadata.pop().is_none() {
            return Some((title, artist)).filter(|_| !beside::too_many(count));
        }
    }
}

/// The decoder of a track, and its rate.
pub(super) fn decoder(name: &SafeText, track: &Track) -> Result<(Box<dyn AudioDecoder>, u32), MediaError> {
    let unsupported = |what: String| MediaError::Unsupported { name: name.clone(), what: SafeText::new(&what) };
    let params = track.codec_params.as_ref().and_then(|params| params.audio());
    let params = params.ok_or_else(|| unsupported("sound in an unknown coding".to_owned()))?;
    let mut params: AudioCodecParameters = params.clone();
    if params.codec == CODEC_ID_OPUS {
        // The adapter would trim the start itself, wrongly after a seek and when it is longer than one packet.
        params.extra_data = None;
    }
    let made = CODECS.make_audio_decoder(&params, &AudioDecoderOptions::default());
    let decoder = made.map_err(|_| unsupported(described(&params)))?;
    let rate_hz = decoder.codec_params().sample_rate.or(params.sample_rate).unwrap_or(0);
    if RATES_HZ.contains(&rate_hz) {
        Ok((decoder, rate_hz))
    } else {
        Err(unsupported(format!("sound at {rate_hz} Hz")))
    }
}

/// What a track without decoder is, as far as its header tells.
fn described(params: &AudioCodecParameters) -> String {
    let codec =
        CODECS.get_audio_decoder(params.codec).map_or("sound in an unknown coding", |codec| codec.codec.info.long_name);
    match params.channels.as_ref().map(|channels| channels.count()) {
        Some(count @ 3..) => format!("{codec} with {count} channels"),
        _ => format!("{codec} of a special kind (such as HE-AAC)"),
    }
}

fn window(track: &Track, is_mp4: bool, codec: AudioCodecId, movie: Movie) -> Window {
    let signed = |frames: u64| i64::try_from(frames).unwrap_or(i64::MAX);
    if is_mp4 {
        let start = signed(movie.edit.start);
        return Window { start, end: movie.edit.length.map(|length| start.saturating_add(signed(length))) };
    }
    Window { start: start(track, codec), end: None }
}

/// Where the music starts on a container's clock, but for MP4.
///
/// Opus counts its warm-up (the pre-skip, RFC 7845) as part of its time; the other codecs put it before zero.
pub(super) fn start(track: &Track, codec: AudioCodecId) -> i64 {
    let warm_up = if codec == CODEC_ID_OPUS { i64::from(track.delay.unwrap_or(0)) } else { 0 };
    track.start_ts.get().max(0).saturating_add(warm_up)
}

/// Why symphonia did not open it.
fn refused(name: &SafeText, error: &Error, allowance: &Allowance, is_music: bool) -> MediaError {
    let name = name.clone();
    if allowance.exhausted() {
        return MediaError::TooMuchBeside { name };
    }
    match error {
        Error::LimitError(_) => MediaError::TooMuchBeside { name },
        Error::Unsupported(_) if !is_music => MediaError::NotMusic { name, what: "holds nothing that Undertone knows" },
        Error::IoError(error) if error.kind() != ErrorKind::UnexpectedEof => {
            MediaError::Unreadable { name, reason: SafeText::new(&error.kind().to_string()) }
        }
        _ => MediaError::Damaged { name, at: TrackTime::ZERO, how: Damage::Undecodable },
    }
}
