//! Notes and their relations, in just intonation: neighbours in a chord share overtones and do not beat.

/// The character of a tonal generator: which notes join the root.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Colour {
    /// Root and fifth only: neither bright nor dark.
    #[default]
    Open,
    /// With the major third: warm.
    Major,
    /// With the minor third: tender.
    Minor,
    /// With the second and fourth: floating, unresolved.
    Suspended,
}

impl Colour {
    /// Their names in a playlist.
    pub(super) const NAMES: &'static [&'static str] = &["open", "major", "minor", "suspended"];

    /// The colour of that name.
    pub(super) fn named(name: &str) -> Option<Self> {
        [Self::Open, Self::Major, Self::Minor, Self::Suspended]
            .into_iter()
            .zip(Self::NAMES)
            .find_map(|(colour, known)| (*known == name).then_some(colour))
    }

    /// The scale above the root, as ratios within an octave: five notes or fewer, none a half-step from another.
    pub(super) fn scale(self) -> &'static [f64] {
        match self {
            Self::Open => &[1.0, 9.0 / 8.0, 3.0 / 2.0],
            Self::Major => &[1.0, 9.0 / 8.0, 5.0 / 4.0, 3.0 / 2.0, 5.0 / 3.0],
            Self::Minor => &[1.0, 6.0 / 5.0, 4.0 / 3.0, 3.0 / 2.0, 9.0 / 5.0],
            Self::Suspended => &[1.0, 9.0 / 8.0, 4.0 / 3.0, 3.0 / 2.0, 16.0 / 9.0],
        }
    }

    /// Wide chords on the root, as ratios over it: home, and two neighbours that share most of its notes. All are of the
    /// scale, so that pieces of one colour and root cross in tune wherever each of them is; seconds and sevenths stand high,
    /// clear of mud.
    pub(super) fn voicings(self) -> [&'static [f64]; 3] {
        match self {
            Self::Open => [&[1.0, 1.5, 2.0, 3.0, 4.0], &[1.0, 1.5, 2.0, 3.0, 4.5], &[1.0, 1.5, 3.0, 4.0, 6.0]],
            Self::Major => {
                [&[1.0, 1.5, 2.0, 2.5, 3.0, 4.0], &[1.0, 1.5, 2.5, 3.0, 4.5], &[1.0, 2.0, 2.5, 10.0 / 3.0, 5.0]]
            }
            Self::Minor => {
                [&[1.0, 1.5, 2.0, 2.4, 3.0, 4.0], &[1.0, 1.5, 2.4, 3.0, 3.6, 4.8], &[1.0, 1.5, 2.0, 3.0, 4.0, 6.0]]
            }
            Self::Suspended => [
                &[1.0, 1.5, 2.0, 3.0, 4.5],
                &[1.0, 1.5, 2.0, 8.0 / 3.0, 4.0],
                &[1.0, 2.0, 8.0 / 3.0, 32.0 / 9.0, 16.0 / 3.0],
            ],
        }
    }
}

/// The frequency of a note such as `D2`, `F#3`, `Bb1`, in Hz; equal temperament, A4 = 440 Hz, octaves from C.
pub(super) fn note_hz(name: &str) -> Option<f64> {
    let mut letters = name.chars();
    let degree = match letters.next()? {
        'C' => 0,
        'D' => 2,
        'E' => 4,
        'F' => 5,
        'G' => 7,
        'A' => 9,
        'B' => 11,
        _ => return None,
    };
    let rest = letters.as_str();
    let (shift, octave) = match rest.strip_prefix('#') {
        Some(octave) => (1, octave),
        None => rest.strip_prefix('b').map_or((0, rest), |octave| (-1, octave)),
    };
    let octave: i32 = octave.parse().ok().filter(|octave| (0..=8).contains(octave))?;
    let steps_from_a4 = degree + shift + 12 * (octave - 4) - 9;
    Some(440.0 * (f64::from(steps_from_a4) / 12.0).exp2())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn notes_have_the_frequencies_musicians_expect() {
        let check = |name: &str, hz: f64| assert!((note_hz(name).unwrap() - hz).abs() < 0.01, "{name}");
        check("A4", 440.0);
        check("C4", 261.63);
        check("D2", 73.42);
        check("Bb1", 58.27);
        check("F#3", 185.0);
        for wrong in ["", "H2", "D", "d2", "D##2", "D-1", "D9", "D2 ", "7"] {
            assert_eq!(note_hz(wrong), None, "{wrong}");
        }
    }
}
