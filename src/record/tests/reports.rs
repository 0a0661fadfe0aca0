//! What the forms of a report tell, and that no text in a journal becomes more than text in any of them.

use super::*;
use crate::session::PlannedEnd;

fn dosed(t: i64, mark: i64) -> Option<MedicineTime> {
    Some(MedicineTime::at(Span::from_secs(t - mark)))
}

fn story(course: Vec<(i64, Option<MedicineTime>, Event)>) -> Story {
    let mut journal = Journal::in_memory();
    for (t, m, event) in course {
        journal.append(at(t), m, event).expect("kept");
    }
    Story::of_bytes(journal.bytes())
}

fn phase(to: Option<PhaseKind>, why: Why) -> Event {
    Event::Phase { from: None, to, why }
}

/// When the onset and the peak end, in minutes.
fn plan(onset: Option<f64>, peak: Option<f64>) -> Event {
    let end = |phase, ends, intensity| PlannedEnd { phase, ends, intensity };
    let phases = vec![end(PhaseKind::Onset, onset, (2, 3)), end(PhaseKind::Peak, peak, (4, 4))];
    Event::Plan { phases, ends: peak }
}

fn piece(id: u32, title: &str, artist: Option<&str>) -> Event {
    Event::Track {
        id: TrackId(id),
        title: title.into(),
        artist: artist.map(SafeText::new),
        phase: PhaseKind::Peak,
        pool: None,
        from_s: 0.0,
        gain_db: Decibels::ZERO,
    }
}

/// A dose at 15:00, corrected at 20:00 to have been at 13:00; the onset left by hand at 18:00, a fault of the output.
fn corrected() -> Story {
    let source = Source::Key;
    let started = Event::Started { title: "Low tide".into(), route: "im".into(), seed: 7, source };
    let dose = |ago_s, corrected| Event::Dose { ago_s, corrected, confirmed: false, source };
    let lost = Trouble::OutputLost { why: "unplugged".into() };
    story(vec![
        (0, None, started),
        (0, None, phase(Some(PhaseKind::Preparation), Why::Verb)),
        (0, None, plan(None, None)),
        (0, None, piece(0, "Stones", Some("A. Author"))),
        (900, dosed(900, 900), dose(0.0, false)),
        (900, dosed(900, 900), phase(Some(PhaseKind::Onset), Why::Verb)),
        (900, dosed(900, 900), plan(Some(19.0), Some(49.0))),
        (1080, dosed(1080, 900), phase(Some(PhaseKind::Peak), Why::Verb)),
        (1080, dosed(1080, 900), Event::Loudest { peak_dbtp: -6.5 }),
        (1080, dosed(1080, 900), Event::TrackEnd { id: TrackId(0), heard_s: 1080.0 }),
        (1080, dosed(1080, 900), Event::Joint { length_s: 12.0, eased_db: Decibels::ZERO }),
        (1080, dosed(1080, 900), piece(1, "Waves", None)),
        (1200, dosed(1200, 780), dose(420.0, true)),
        (1500, dosed(1500, 780), Event::Fault { report: lost }),
        (1508, dosed(1508, 780), Event::Recovered { silence_s: 8.0 }),
        (1508, dosed(1508, 780), piece(1, "Waves", None)),
        (2000, dosed(2000, 780), Event::Loudest { peak_dbtp: -4.2 }),
        (2000, dosed(2000, 780), Event::Ended { why: Why::Verb }),
    ])
}

#[test]
fn what_went_stands_beside_what_was_planned_and_a_corrected_mark_moves_the_plan_along() {
    let report = Report::of(&corrected());
    let shown = |stretches: &[Stretch]| -> Vec<(PhaseKind, f64, f64)> {
        stretches.iter().map(|stretch| (stretch.phase, stretch.from_s, stretch.to_s)).collect()
    };
    use PhaseKind::{Onset, Peak, Preparation};
    assert_eq!(shown(&report.phases), [(Preparation, 0.0, 900.0), (Onset, 900.0, 1080.0), (Peak, 1080.0, 2000.0)]);
    assert_eq!(shown(&report.planned), [(Preparation, 0.0, 780.0), (Onset, 780.0, 1020.0), (Peak, 1020.0, 2820.0)]);
    assert_eq!(report.phases[2].intensity, (4, 4));
    assert_eq!((report.dose_s, report.loudest_peak_dbtp, report.longest_silence_s), (Some(780.0), Some(-4.2), 8.0));
    assert!(report.text().contains("18:00     33:20  peak          17:00-47:00\n"), "{}", report.text());
}

#[test]
fn an_unintended_silence_lies_within_the_session_and_one_before_a_comeback_is_not_called_none() {
    let lost = || Event::Fault { report: Trouble::OutputLost { why: "unplugged".into() } };
    let started = || corrected().records[0].event.clone();
    let report = Report::of(&story(vec![
        (0, None, lost()),
        (0, None, Event::Recovered { silence_s: 180.0 }),
        (0, None, lost()),
        (0, None, started()),
        (4, None, Event::Recovered { silence_s: 60.0 }),
        (5, None, piece(1, "Waves", None)),
        (100, None, lost()),
        (130, None, phase(Some(PhaseKind::Peak), Why::Resumed)),
        (130, None, piece(2, "Stones", None)),
        (900, None, Event::Ended { why: Why::Verb }),
        (950, None, lost()),
        (2000, None, Event::Recovered { silence_s: 1050.0 }),
        (2001, None, Event::Loudest { peak_dbtp: -4.2 }),
    ]));
    let gaps: Vec<(f64, f64)> = report.silences.iter().map(|gap| (gap.from_s, gap.to_s)).collect();
    assert_eq!(gaps, [(0.0, 4.0), (100.0, 130.0)]);
    assert_eq!((report.lasted_s, report.ends_silent, report.loudest_peak_dbtp), (900.0, false, Some(-4.2)));
    assert_eq!(report.tracks[0].to_s, Some(130.0), "the piece in which the program died");
    let told = report.text();
    assert!(told.contains("30s at the longest, beside the time until it came back after a fault\n"), "{told}");
}

#[test]
fn a_sheet_has_a_row_for_each_thing_that_happened_in_the_order_of_time() {
    let csv = Report::of(&corrected()).csv();
    let rows: Vec<&str> = csv.split_terminator("\r\n").collect();
    assert_eq!(rows[0], "kind,session_s,medicine_s,until_s,what");
    for row in [
        "started,0.000,,,\"start (key)\"",
        "track,0.000,,1092.000,\"Stones - A. Author\"",
        "silence,1500.000,,1508.000,\"nothing was heard, unintended\"",
        "fault,1500.000,720.000,,\"FAULT no sound: unplugged\"",
        "loudest_peak,,,,\"true peak -4.2 dBTP\"",
    ] {
        assert!(rows.contains(&row), "{row} is not in:\n{csv}");
    }
    let times: Vec<f64> = rows[1..].iter().filter_map(|row| row.split(',').nth(1)?.parse().ok()).collect();
    assert!(times.is_sorted(), "{times:?}");
}

#[test]
fn the_client_gets_titles_and_nothing_else_and_a_piece_that_came_back_once() {
    assert_eq!(Report::of(&corrected()).track_list(), "Low tide\n\n 1. Stones - A. Author\n 2. Waves\n");
}

/// Titles that would be more than text: in a page, in a sheet, on a terminal.
const HOSTILE: [&str; 9] = [
    "<script>alert(1)</script>",
    "\"><img src=http://example.org/x onerror=alert(1)>",
    "'; </style><link rel=stylesheet href=//example.org>",
    "]]>&amp;<!--",
    "=HYPERLINK(\"http://example.org\")",
    "+1+1",
    "-2;@SUM(A1)",
    "\u{202e}\u{2066}txt.exe\u{1b}[2J\u{0}\u{ffff}",
    "a\r\n=cmd",
];

fn hostile() -> Report {
    let mut course = vec![(
        0,
        None,
        Event::Started { title: HOSTILE[0].into(), route: HOSTILE[1].into(), seed: 0, source: Source::Key },
    )];
    course.push((0, None, phase(Some(PhaseKind::Peak), Why::Verb)));
    for (id, title) in (0..).zip(HOSTILE) {
        course.push((id, None, piece(u32::try_from(id).expect("few"), title, Some(title))));
        course.push((id, None, Event::Fault { report: Trouble::OutputLost { why: title.into() } }));
        let mark = Event::Verb { verb: Verb::Mark { name: title.into() }, source: Source::Ctl };
        course.push((id, dosed(id, 0), mark));
    }
    Report::of(&story(course))
}

#[test]
fn a_page_asks_for_nothing_and_runs_nothing_whatever_the_titles_say() {
    for report in [hostile(), Report::of(&corrected()), Report::default()] {
        let html = report.html();
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
        let document = roxmltree::Document::parse_with_options(&html, options).expect("well-formed");
        for element in document.descendants().filter(|node| node.is_element()) {
            let name = element.tag_name().name();
            let outside =
                ["script", "img", "image", "link", "iframe", "object", "embed", "a", "use", "base", "foreignObject"];
            assert!(!outside.contains(&name), "<{name}>");
            for attribute in element.attributes() {
                let (name, value) = (attribute.name(), attribute.value().to_lowercase());
                assert!(!["src", "href", "srcset", "action", "data"].contains(&name), "{name}={value}");
                assert!(!name.starts_with("on") && !value.contains("url(") && !value.contains("://"), "{name}={value}");
            }
            if name == "style" {
                let css = element.text().unwrap_or_default();
                assert!(!css.contains("url(") && !css.contains("@import") && !css.contains("http"), "{css}");
            }
        }
        assert!(html.contains("default-src 'none'"), "and a browser is told to load nothing");
    }
}

#[test]
fn every_title_is_shown_as_it_is() {
    let html = hostile().html();
    for title in HOSTILE {
        let (title, shown) = (SafeText::new(title), html.as_str());
        let options = roxmltree::ParsingOptions { allow_dtd: true, ..Default::default() };
        let document = roxmltree::Document::parse_with_options(shown, options).expect("well-formed");
        let cells = document.descendants().filter(|node| node.has_tag_name("td"));
        assert!(cells.into_iter().any(|cell| cell.text() == Some(title.as_str())), "{title} is not in the page");
    }
}

#[test]
fn no_cell_of_a_sheet_is_a_formula() {
    let csv = hostile().csv();
    assert_eq!(csv.matches("\r\n").count(), csv.lines().count(), "no title breaks a line");
    for line in csv.lines().skip(1) {
        let what = line.splitn(5, ',').nth(4).expect("five cells").trim_matches('"');
        assert!(!what.starts_with(['=', '+', '-', '@', '\t', '\r']), "{line}");
    }
    for text in [hostile().text(), hostile().track_list()] {
        assert!(!text.contains(['\u{1b}', '\u{202e}', '\u{0}']), "{text:?}");
    }
}

#[test]
fn json_reads_back_with_the_titles_as_they_were() {
    let json: serde_json::Value = serde_json::from_str(&hostile().json()).expect("JSON");
    assert_eq!(json["tracks"][0]["title"], HOSTILE[0]);
    assert_eq!(json["events"][0]["kind"], "started");
}

#[test]
fn a_report_tells_no_date_and_no_code() {
    let folder = tempfile::tempdir().expect("a folder");
    kept(folder.path(), "QQQQQQ", 99);
    manifest("QQQQQQ", "2026-11-20T09:00:00+01:00").write(folder.path()).expect("written");
    let report = Report::of(&read(&journal_path(folder.path(), "QQQQQQ")).expect("read"));
    for form in [report.text(), report.csv(), report.json(), report.html(), report.track_list()] {
        assert!(!form.contains("QQQQQQ") && !form.contains("2026") && !form.contains("09:00"), "{form}");
    }
}

#[test]
fn a_session_is_as_old_as_its_manifest_says_and_without_one_as_its_journal() {
    let folder = tempfile::tempdir().expect("a folder");
    for code in ["AAAAAA", "BBBBBB"] {
        kept(folder.path(), code, 2);
    }
    manifest("AAAAAA", "2026-11-20T09:00:00+01:00").write(folder.path()).expect("written");
    let now: WallTime = "2026-11-22T08:00:00+00:00".to_owned().try_into().expect("a label");
    let listed = sessions(folder.path()).expect("a list");
    let age = |code: &str, now| listed.iter().find(|past| past.code == code).and_then(|past| past.age(now));
    assert_eq!(age("AAAAAA", now), Some(Span::from_mins(48 * 60)));
    let young = age("BBBBBB", WallTime::now()).expect("its file has a time");
    assert!(young < Span::from_mins(5) && young > Span::from_mins(-5), "{young}");
}
