//! Files torn, altered, repeated, and from other versions.

use proptest::prelude::*;

use super::*;

/// The lines of the session, each with its line feed.
fn lines() -> Vec<Vec<u8>> {
    written().1.split_inclusive(|byte| *byte == b'\n').map(<[u8]>::to_vec).collect()
}

#[test]
fn a_journal_torn_at_any_byte_gives_every_whole_record_before() {
    let (records, bytes) = written();
    for cut in 0..=bytes.len() {
        let story = Story::of_bytes(&bytes[..cut]);
        let feeds = bytes[..cut].iter().filter(|byte| **byte == b'\n').count();
        // A last line that only lacks its line feed is whole.
        let whole = feeds + usize::from(bytes.get(cut) == Some(&b'\n'));
        assert_eq!(story.records, records[..whole], "cut at {cut}");
        let torn = whole == feeds && cut > 0 && bytes[cut - 1] != b'\n';
        assert_eq!(story.left_out, LeftOut { torn, ..LeftOut::default() }, "cut at {cut}");
    }
}

#[test]
fn any_altered_bit_costs_at_most_two_records_and_never_changes_one() {
    let (records, bytes) = written();
    for index in 0..bytes.len() {
        for bit in 0..8 {
            let mut altered = bytes.clone();
            altered[index] ^= 1 << bit;
            let story = Story::of_bytes(&altered);
            assert!(story.records.iter().all(|record| records.contains(record)), "bit {bit} of byte {index}");
            assert!(story.records.len() + 2 >= records.len(), "bit {bit} of byte {index}");
            let lost = story.records.len() < records.len();
            assert!(!lost || !story.left_out.is_nothing(), "bit {bit} of byte {index} was lost in silence");
        }
    }
}

#[test]
fn what_stands_twice_is_taken_once() {
    let lines = lines();
    let doubled = [lines[0].clone(), lines[1].clone(), lines[1].clone(), lines[0].clone(), lines[2].clone()].concat();
    let story = Story::of_bytes(&doubled);
    assert_eq!(story.records, written().0[..3]);
    assert_eq!(story.left_out, LeftOut { repeated: 2, ..LeftOut::default() });
}

#[test]
fn a_kind_of_a_later_version_is_passed_over_and_told() {
    let (records, _) = written();
    let mut bytes = lines()[0].clone();
    bytes.extend_from_slice(b"{\"seq\":2,\"t\":1.000,\"m\":null,\"kind\":\"lightshow\",\"hue\":3}\n");
    bytes.extend_from_slice(&lines()[2]);
    let story = Story::of_bytes(&bytes);
    assert_eq!(story.records, [records[0].clone(), records[2].clone()]);
    assert_eq!(story.left_out.to_string(), "left out of the journal: 1 from another version");
}

#[test]
fn lines_without_checksums_are_taken_as_they_are() {
    let bytes = b"{\"seq\":1,\"t\":1.5,\"m\":-2,\"kind\":\"verb\",\"verb\":\"hold\",\"source\":\"ctl\"}\n\n";
    let story = Story::of_bytes(bytes);
    let expected = Event::Verb { verb: Verb::Hold, source: Source::Ctl };
    assert_eq!(story.records.first().map(|record| record.event.clone()), Some(expected));
    assert!(story.left_out.is_nothing());
}

#[test]
fn a_line_that_has_lost_its_checksum_is_damaged_wherever_it_stands() {
    let lines = lines();
    let (records, _) = written();
    for place in 0..3 {
        let mut altered: Vec<Vec<u8>> = lines[..3].to_vec();
        altered[place] = String::from_utf8(altered[place].clone()).unwrap().replace("\"crc\"", "\"crb\"").into_bytes();
        let story = Story::of_bytes(&altered.concat());
        assert_eq!(story.left_out.damaged, 1);
        assert!(!story.records.contains(&records[place]) && story.records.len() == 2);
    }
}

#[test]
fn a_record_missing_in_the_midst_is_noticed_by_its_number() {
    let lines = lines();
    let story = Story::of_bytes(&[lines[0].clone(), lines[4].clone()].concat());
    assert_eq!(story.left_out.to_string(), "left out of the journal: 3 missing");
}

proptest! {
    #[test]
    fn no_bytes_whatever_upset_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
        let report = Report::of(&Story::of_bytes(&bytes));
        let _ = (report.text(), report.csv(), report.json(), report.html(), report.track_list());
    }

    #[test]
    fn any_numbers_read_back_as_they_were(
        t in -10_000_000_000i64..10_000_000_000,
        m in prop::option::of(-10_000_000_000i64..10_000_000_000),
        gain in -90f32..20.0,
        from_s in 0f64..1e6,
        title in ".{0,40}",
    ) {
        let event = Event::Track {
            id: TrackId(4),
            title: SafeText::new(&title),
            artist: Some(SafeText::new(&title)),
            phase: PhaseKind::Peak,
            pool: Some(crate::session::Steer::Ground),
            from_s,
            gain_db: Decibels(gain),
        };
        let (t, m) = (SessionTime::at(Span::from_millis(t)), m.map(|m| MedicineTime::at(Span::from_millis(m))));
        let mut journal = Journal::in_memory();
        journal.append(t, m, event.clone()).expect("kept");
        prop_assert_eq!(Story::of_bytes(journal.bytes()).records, [Record { seq: 1, t, m, event }]);
    }
}
