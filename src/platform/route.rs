//! Where our sound goes, according to the sound server: the one thing its client cannot see.

use std::process::Command;
use std::time::Duration;

use serde_json::Value;

use super::NotHere;
use super::deadline::output;
use crate::units::SafeText;

/// How long one question to the server may take; two are asked.
const PATIENCE: Duration = Duration::from_millis(900);

/// What the sound server says of our stream.
#[derive(Clone, Debug, PartialEq)]
pub struct RouteTruth {
    /// The output's name, as the server calls it.
    pub sink: SafeText,
    /// It leads nowhere.
    pub null: bool,
    /// It, or our stream on it, is muted.
    pub muted: bool,
    /// It takes no sound at present.
    pub suspended: bool,
    /// The server's own volume of our stream and of the output together, in dB; `None` where it does not tell.
    pub volume_db: Option<f32>,
    /// The part of it that is our stream's alone; 0 dB unless somebody, or the server's memory of an earlier time, set it.
    pub stream_db: Option<f32>,
    /// Other programs that sound on the same output, by the names they give themselves.
    pub others: Vec<SafeText>,
}

/// Asks PulseAudio, or PipeWire in its place, where the streams of this process go, each of them. Takes no longer than 2 s. Call this about once a second, on a thread that may wait.
///
/// # Errors
/// [`NotHere`] when there is no such server, or it does not answer.
pub fn look(pid: u32) -> Result<Vec<RouteTruth>, NotHere> {
    let inputs = ask("sink-inputs")?;
    if inputs_of(&inputs, pid).next().is_none() {
        return Ok(Vec::new());
    }
    let sinks = ask("sinks")?;
    Ok(inputs_of(&inputs, pid).filter_map(|input| truth(input, &inputs, &sinks, pid)).collect())
}

fn ask(what: &str) -> Result<Value, NotHere> {
    let mut pactl = Command::new("pactl");
    pactl.args(["-f", "json", "list", what]).env("LC_ALL", "C");
    let printed = output(&mut pactl, PATIENCE).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => {
            NotHere::because("the program pactl is not installed, so where the sound goes cannot be checked")
        }
        std::io::ErrorKind::TimedOut => NotHere::because("the sound server does not answer"),
        _ => NotHere::because("no PulseAudio or PipeWire server is running, so where the sound goes cannot be checked"),
    })?;
    serde_json::from_slice(&printed).map_err(|_| NotHere::because("pactl is too old to say where the sound goes"))
}

/// Our streams among all of them.
fn inputs_of(inputs: &Value, pid: u32) -> impl Iterator<Item = &Value> {
    let pid = pid.to_string();
    let is_ours = move |input: &&Value| input["properties"]["application.process.id"].as_str() == Some(&pid);
    inputs.as_array().into_iter().flatten().filter(is_ours)
}

/// What is known of this stream of ours, given all streams and outputs.
fn truth(input: &Value, inputs: &Value, sinks: &Value, pid: u32) -> Option<RouteTruth> {
    let sink = sinks.as_array()?.iter().find(|sink| sink["index"].is_u64() && sink["index"] == input["sink"])?;
    let name = sink["name"].as_str().unwrap_or_default();
    let null = sink["driver"].as_str().is_some_and(|driver| driver.contains("null-sink"))
        || sink["properties"]["factory.name"].as_str() == Some("support.null-audio-sink")
        || name == "auto_null";
    Some(RouteTruth {
        sink: SafeText::new(name),
        null,
        muted: sink["mute"] == true || input["mute"] == true,
        suspended: sink["state"] == "SUSPENDED",
        volume_db: volume(sink).zip(volume(input)).map(|(sink, input)| sink + input),
        stream_db: volume(input),
        others: others(inputs, &input["sink"], pid),
    })
}

/// Other programs' streams on this output, as far as they sound.
fn others(inputs: &Value, sink: &Value, pid: u32) -> Vec<SafeText> {
    let pid = pid.to_string();
    let sounds = |input: &&Value| {
        input["sink"] == *sink
            && input["properties"]["application.process.id"].as_str() != Some(&pid)
            && input["corked"] != true
            && input["mute"] != true
    };
    let name = |input: &Value| {
        let named = ["application.name", "media.name"].map(|key| input["properties"][key].as_str());
        SafeText::new(named.into_iter().flatten().next().unwrap_or("another program"))
    };
    inputs.as_array().into_iter().flatten().filter(sounds).map(name).collect()
}

/// The loudest channel's volume in dB.
fn volume(thing: &Value) -> Option<f32> {
    let channels = thing["volume"].as_object()?.values();
    let decibels = channels.filter_map(|channel| channel["db"].as_str()?.trim_end_matches("dB").trim().parse().ok());
    decibels.filter(|db: &f32| !db.is_nan()).reduce(f32::max)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    /// As pactl 16 prints a stream and an output, without what is not read.
    fn server() -> (Value, Value) {
        let volume = |db: &str| json!({"front-left": {"db": db}, "front-right": {"db": "-3.00 dB"}});
        let inputs = json!([
            {"index": 7, "sink": 0, "mute": false, "volume": volume("0.00 dB"),
             "properties": {"application.process.id": "11"}},
            {"index": 8, "sink": 1, "mute": false, "volume": volume("-2.00 dB"),
             "properties": {"application.process.id": "42"}},
        ]);
        let sinks = json!([
            {"index": 0, "state": "IDLE", "name": "auto_null", "driver": "module-null-sink.c", "mute": false,
             "volume": volume("0.00 dB"), "properties": {}},
            {"index": 1, "state": "RUNNING", "name": "alsa_output.usb\u{1b}[2J", "driver": "module-alsa-card.c",
             "mute": false, "volume": volume("-1.50 dB"), "properties": {}},
        ]);
        (inputs, sinks)
    }

    fn seen(inputs: &Value, sinks: &Value, pid: u32) -> Option<RouteTruth> {
        truth(inputs_of(inputs, pid).next()?, inputs, sinks, pid)
    }

    #[test]
    fn the_stream_of_this_process_is_found_with_its_output_and_volume() {
        let (inputs, sinks) = server();
        let ours = RouteTruth {
            sink: "alsa_output.usb[2J".into(),
            null: false,
            muted: false,
            suspended: false,
            volume_db: Some(-3.5),
            stream_db: Some(-2.0),
            others: Vec::new(),
        };
        assert_eq!(seen(&inputs, &sinks, 42), Some(ours));
        assert!(seen(&inputs, &sinks, 11).is_some_and(|truth| truth.null));
        assert_eq!(seen(&inputs, &sinks, 4), None);
    }

    #[test]
    fn who_else_sounds_there_is_named_and_who_is_paused_is_not() {
        let (mut inputs, sinks) = server();
        let other = |corked: bool, name: &str| json!({"index": 9, "sink": 1, "mute": false, "corked": corked, "properties": {"application.name": name}});
        inputs.as_array_mut().expect("a list").extend([other(false, "Fire\u{1b}[2Jfox"), other(true, "Paused")]);
        let names = seen(&inputs, &sinks, 42).map(|truth| truth.others);
        assert_eq!(names, Some(vec!["Fire[2Jfox".into()]));
        assert_eq!(seen(&inputs, &sinks, 11).map(|truth| truth.others), Some(Vec::new()), "on another output");
    }

    #[test]
    fn mute_and_suspension_are_seen_wherever_they_are() {
        let (inputs, sinks) = server();
        let (mut muted, mut asleep, mut quiet) = (inputs.clone(), sinks.clone(), sinks.clone());
        muted[1]["mute"] = json!(true);
        asleep[1]["state"] = json!("SUSPENDED");
        quiet[1]["mute"] = json!(true);
        assert!(seen(&muted, &sinks, 42).is_some_and(|truth| truth.muted));
        assert!(seen(&inputs, &quiet, 42).is_some_and(|truth| truth.muted));
        assert!(seen(&inputs, &asleep, 42).is_some_and(|truth| truth.suspended && !truth.muted));
    }

    #[test]
    fn what_the_server_does_not_tell_is_not_made_up() {
        let (inputs, mut sinks) = server();
        sinks[1]["volume"] = json!({});
        assert_eq!(seen(&inputs, &sinks, 42).and_then(|truth| truth.volume_db), None);
        sinks[1]["volume"]["mono"] = json!({"db": "-inf dB"});
        assert_eq!(seen(&inputs, &sinks, 42).and_then(|truth| truth.volume_db), Some(f32::NEG_INFINITY));
        for nonsense in [json!(null), json!([{}]), json!({"index": []})] {
            assert_eq!(seen(&nonsense, &sinks, 42), None);
            assert_eq!(seen(&inputs, &nonsense, 42), None);
        }
    }
}
