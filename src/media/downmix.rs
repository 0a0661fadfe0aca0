//! Any layout of channels to two, by the coefficients of ITU-R BS.775-3 (annex 4), scaled so that it cannot clip.

use symphonia::core::audio::{ChannelLabel, Channels, Position};

/// 1/√2: -3 dB.
const HALF_POWER: f32 = std::f32::consts::FRAC_1_SQRT_2;

/// What each channel adds to left and right.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Downmix(Vec<(f32, f32)>);

impl Downmix {
    /// For a layout of one to eight channels; `None` for more, or none.
    pub(super) fn of(channels: &Channels) -> Option<Self> {
        let mut gains: Vec<(f32, f32)> = positions(channels)?.into_iter().map(share).collect();
        if gains.len() > 2 {
            let loudest = gains.iter().fold((0.0, 0.0), |sum: (f32, f32), gain| (sum.0 + gain.0, sum.1 + gain.1));
            let scale = 1.0 / loudest.0.max(loudest.1).max(1.0);
            gains.iter_mut().for_each(|gain| *gain = (gain.0 * scale, gain.1 * scale));
        }
        Some(Self(gains))
    }

    /// Channels taken in.
    pub(super) fn channels(&self) -> usize {
        self.0.len()
    }

    /// Adds interleaved frames, mixed to stereo, to `out`.
    pub(super) fn mix(&self, frames: &[f32], out: &mut Vec<f32>) {
        match self.0.len() {
            1 => out.extend(frames.iter().flat_map(|&sample| [sample, sample])),
            2 => out.extend_from_slice(frames),
            channels => out.extend(frames.chunks_exact(channels).flat_map(|frame| {
                let pairs = frame.iter().zip(&self.0);
                let (left, right) =
                    pairs.fold((0.0, 0.0), |sum, (sample, gain)| (sum.0 + sample * gain.0, sum.1 + sample * gain.1));
                [left, right]
            })),
        }
    }
}

/// Where each channel stands, in the order of the samples.
fn positions(channels: &Channels) -> Option<Vec<Position>> {
    let positions: Vec<Position> = match channels {
        Channels::Positioned(set) => set.iter().collect(),
        Channels::Custom(labels) => {
            let placed = |label: &ChannelLabel| match label {
                ChannelLabel::Positioned(position) => Some(*position),
                _ => None,
            };
            match labels.iter().map(placed).collect::<Option<Vec<_>>>() {
                Some(positions) => positions,
                None => usual(labels.len())?,
            }
        }
        other => usual(other.count())?,
    };
    match positions.len() {
        // One channel is heard on both sides and two are left and right, whatever they are called.
        1 => Some(vec![Position::FRONT_CENTER]),
        2 => Some(vec![Position::FRONT_LEFT, Position::FRONT_RIGHT]),
        3..=8 => Some(positions),
        _ => None,
    }
}

/// The usual order where a file gives only a number of channels.
fn usual(count: usize) -> Option<Vec<Position>> {
    use Position as P;
    let front = [P::FRONT_LEFT, P::FRONT_RIGHT, P::FRONT_CENTER, P::LFE1];
    let rear = [P::REAR_LEFT, P::REAR_RIGHT];
    let side = [P::SIDE_LEFT, P::SIDE_RIGHT];
    Some(match count {
        0..=3 => front[..count].to_vec(),
        4 => [&front[..2], &rear].concat(),
        5 => [&front[..3], &rear].concat(),
        6 => [&front[..], &rear].concat(),
        7 => [&front[..], &[P::REAR_CENTER], &side].concat(),
        8 => [&front[..], &rear, &side].concat(),
        _ => return None,
    })
}

/// What one place adds to left and right. The low-frequency channel adds nothing, as in BS.775.
fn share(position: Position) -> (f32, f32) {
    use Position as P;
    const LEFT: Position =
        P::FRONT_LEFT.union(P::FRONT_LEFT_CENTER).union(P::FRONT_LEFT_WIDE).union(P::BOTTOM_FRONT_LEFT);
    const RIGHT: Position =
        P::FRONT_RIGHT.union(P::FRONT_RIGHT_CENTER).union(P::FRONT_RIGHT_WIDE).union(P::BOTTOM_FRONT_RIGHT);
    const FAR_LEFT: Position =
        P::REAR_LEFT.union(P::SIDE_LEFT).union(P::TOP_FRONT_LEFT).union(P::TOP_REAR_LEFT).union(P::TOP_SIDE_LEFT);
    const FAR_RIGHT: Position =
        P::REAR_RIGHT.union(P::SIDE_RIGHT).union(P::TOP_FRONT_RIGHT).union(P::TOP_REAR_RIGHT).union(P::TOP_SIDE_RIGHT);
    match position {
        P::LFE1 | P::LFE2 => (0.0, 0.0),
        P::FRONT_CENTER | P::BOTTOM_FRONT_CENTER | P::TOP_FRONT_CENTER => (HALF_POWER, HALF_POWER),
        P::REAR_CENTER | P::TOP_CENTER | P::TOP_REAR_CENTER => (0.5, 0.5),
        other if LEFT.contains(other) => (1.0, 0.0),
        other if RIGHT.contains(other) => (0.0, 1.0),
        other if FAR_LEFT.contains(other) => (HALF_POWER, 0.0),
        other if FAR_RIGHT.contains(other) => (0.0, HALF_POWER),
        _ => (0.0, 0.0),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use symphonia::core::audio::layouts;

    fn mixed(channels: Channels, frame: &[f32]) -> (f32, f32) {
        let mut out = Vec::new();
        Downmix::of(&channels).unwrap().mix(frame, &mut out);
        (out[0], out[1])
    }

    #[test]
    fn one_channel_is_heard_on_both_sides_and_two_stay() {
        assert_eq!(mixed(layouts::CHANNEL_LAYOUT_MONO, &[0.5]), (0.5, 0.5));
        assert_eq!(mixed(Channels::Discrete(1), &[0.5]), (0.5, 0.5));
        assert_eq!(mixed(layouts::CHANNEL_LAYOUT_STEREO, &[0.5, -0.25]), (0.5, -0.25));
    }

    #[test]
    fn surround_folds_as_bs775_says() {
        // FL FR FC LFE RL RR; scaled by 1 / (1 + 0.7071 + 0.7071).
        let scale = 1.0 / (1.0 + 2.0 * HALF_POWER);
        let near = |got: (f32, f32), left: f32, right: f32| {
            assert!((got.0 - left * scale).abs() < 1e-6 && (got.1 - right * scale).abs() < 1e-6, "{got:?}");
        };
        let surround = || layouts::CHANNEL_LAYOUT_5P1;
        near(mixed(surround(), &[1.0, 0.0, 0.0, 0.0, 0.0, 0.0]), 1.0, 0.0);
        near(mixed(surround(), &[0.0, 0.0, 1.0, 0.0, 0.0, 0.0]), HALF_POWER, HALF_POWER);
        near(mixed(surround(), &[0.0, 0.0, 0.0, 1.0, 0.0, 0.0]), 0.0, 0.0);
        near(mixed(surround(), &[0.0, 0.0, 0.0, 0.0, 0.0, 1.0]), 0.0, HALF_POWER);
    }

    #[test]
    fn no_layout_can_clip() {
        let layouts = [
            layouts::CHANNEL_LAYOUT_2P1,
            layouts::CHANNEL_LAYOUT_3P0,
            layouts::CHANNEL_LAYOUT_4P0_QUAD,
            layouts::CHANNEL_LAYOUT_4P1,
            layouts::CHANNEL_LAYOUT_5P1,
            layouts::CHANNEL_LAYOUT_6P1,
            layouts::CHANNEL_LAYOUT_7P1,
            Channels::Discrete(4),
            Channels::Discrete(7),
            Channels::Discrete(8),
        ];
        for layout in layouts {
            let full = vec![1.0; layout.count()];
            let (left, right) = mixed(layout.clone(), &full);
            assert!(left <= 1.0 + 1e-6 && right <= 1.0 + 1e-6, "{layout}: {left} {right}");
            assert!(left > 0.9, "{layout}: needlessly quiet, {left}");
        }
        assert_eq!(Downmix::of(&Channels::Discrete(9)), None);
        assert_eq!(Downmix::of(&Channels::None), None);
    }
}
