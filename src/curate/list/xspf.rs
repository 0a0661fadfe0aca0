//! XSPF: a list in XML. Phase or pool are in a `meta` of ours, where to start and stop in VLC's own extension.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};

use super::{Entry, List, ListError, m3u};
use crate::playlist::Part;
use crate::units::{SafeText, Span};

/// What in a path stays as it is in an address (RFC 3986, unreserved, and the slash).
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~').remove(b'/');
/// The names by which a phase and VLC's options are known.
const PHASE: &str = "urn:undertone:phase";
const VLC: &str = "http://www.videolan.org/vlc/playlist/0";
const VLC_NAMES: &str = "http://www.videolan.org/vlc/playlist/ns/0/";

#[derive(Serialize, Deserialize)]
struct Playlist {
    #[serde(rename = "@version", default)]
    version: String,
    #[serde(rename = "@xmlns", default)]
    xmlns: String,
    #[serde(rename = "@xmlns:vlc", default)]
    vlc: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(rename = "trackList")]
    tracks: Tracks,
}

#[derive(Serialize, Deserialize)]
struct Tracks {
    #[serde(default)]
    track: Vec<Track>,
}

#[derive(Serialize, Deserialize)]
struct Track {
    /// The same file in several places; the first counts.
    #[serde(default)]
    location: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    creator: Option<String>,
    /// In milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    duration: Option<String>,
    #[serde(default)]
    meta: Vec<Meta>,
    #[serde(default)]
    extension: Vec<Extension>,
}

#[derive(Serialize, Deserialize)]
struct Meta {
    #[serde(rename = "@rel", default)]
    rel: String,
    #[serde(rename = "$text", default)]
    value: String,
}

#[derive(Serialize, Deserialize)]
struct Extension {
    #[serde(rename = "@application", default)]
    application: String,
    #[serde(rename(serialize = "vlc:option", deserialize = "option"), default)]
    options: Vec<String>,
}

pub(super) fn read(text: &str) -> Result<List, ListError> {
    let playlist: Playlist =
        quick_xml::de::from_str(text).map_err(|error| ListError::Xml(SafeText::new(&error.to_string())))?;
    let entries = playlist.tracks.track.into_iter().filter_map(entry).collect();
    Ok(List { title: playlist.title.as_deref().and_then(told), entries })
}

fn told(text: &str) -> Option<SafeText> {
    Some(SafeText::new(text)).filter(|text| !text.is_empty())
}

/// A track as an entry; one without a place is nothing to play.
fn entry(track: Track) -> Option<Entry> {
    let location = track.location.first()?.trim();
    // An address is kept as one; a path is told in an address's letters.
    let file = match location.contains("://") {
        true => location.to_owned(),
        false => percent_decode_str(location).decode_utf8().ok()?.into_owned(),
    };
    let millis = track.duration.and_then(|millis| millis.trim().parse().ok());
    let part = track.meta.iter().find(|meta| meta.rel == PHASE).and_then(|meta| Part::named(meta.value.trim()));
    let mut entry = Entry {
        file,
        title: track.title.as_deref().and_then(told),
        artist: track.creator.as_deref().and_then(told),
        length: millis.filter(|millis| (1..=86_400_000).contains(millis)).map(Span::from_millis),
        part,
        ..Entry::default()
    };
    for option in track.extension.iter().filter(|extension| extension.application == VLC).flat_map(|vlc| &vlc.options) {
        m3u::option(option, &mut entry.start, &mut entry.end);
    }
    Some(entry).filter(|entry| !entry.file.is_empty())
}

pub(super) fn write(list: &List) -> String {
    let track = |entry: &Entry| {
        let options: Vec<String> = m3u::options(entry).map(|(name, seconds)| format!("{name}={seconds}")).collect();
        let text = |text: &Option<SafeText>| text.as_ref().map(SafeText::to_string);
        let vlc = Extension { application: VLC.to_owned(), options };
        Track {
            location: vec![utf8_percent_encode(&entry.file, PLAIN).to_string()],
            title: text(&entry.title),
            creator: text(&entry.artist),
            duration: entry.length.map(|length| length.millis().to_string()),
            meta: entry.part.iter().map(|part| Meta { rel: PHASE.to_owned(), value: part.name().to_owned() }).collect(),
            extension: Some(vlc).filter(|vlc| !vlc.options.is_empty()).into_iter().collect(),
        }
    };
    let playlist = Playlist {
        version: "1".to_owned(),
        xmlns: "http://xspf.org/ns/0/".to_owned(),
        vlc: VLC_NAMES.to_owned(),
        title: list.title.as_ref().map(SafeText::to_string),
        tracks: Tracks { track: list.entries.iter().map(track).collect() },
    };
    let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n");
    quick_xml::se::Serializer::with_root(&mut text, Some("playlist"))
        .and_then(|mut xml| {
            xml.indent(' ', 2);
            playlist.serialize(xml)
        })
        .unwrap_or_else(|error| unreachable!("texts and lists of them are XML: {error}"));
    text.push('\n');
    text
}
