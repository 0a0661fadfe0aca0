//! Stand-in for the generators, until the real ones land.

/// The sound that covers a gap when everything else has failed.
#[derive(Debug, Default)]
pub struct SafeBed {
    state: u32,
    brown: [f32; 2],
}

impl SafeBed {
    /// Ready to sound.
    #[must_use]
    pub fn new() -> Self {
        Self { state: 1, brown: [0.0; 2] }
    }

    /// The next frame, left and right. Never allocates, never ends.
    pub fn frame(&mut self) -> [f32; 2] {
        self.brown = self.brown.map(|brown| {
            self.state = self.state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            brown * 0.99 + (self.state as f32 / u32::MAX as f32 - 0.5) * 0.01
        });
        self.brown
    }
}
