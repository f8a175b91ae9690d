//! One place on the way around something printed, and the pixels across it through which a line may pass.

use super::super::window::{Area, Window};
use crate::raster::Bitmap;

/// The line may pass this far inside the outline's rounded edge (an ellipse cuts corners) ...
pub const INWARD: isize = 6;
/// ... and this far outside, in px: 3.2 mm above and below.
pub const REACH: isize = 26;
/// Long ovals are pointed: to the left and right everything is so many times as far.
const SIDEWAYS: f32 = 1.6;
pub const OFFSETS: usize = (INWARD + REACH + 1) as usize;

/// A place on the outline and the direction that leads out of it.
#[derive(Clone, Copy, Debug)]
pub struct Spot {
    out: (f32, f32),
    /// The pixels across it: the first is `INWARD` inside, the last `REACH` outside.
    pub places: [(i16, i16); OFFSETS],
    /// The same as bits of the frame's words.
    bits: [u32; OFFSETS],
    /// The offsets at which print hides ink, the innermost lowest.
    pub hidden: u64,
}

impl Spot {
    pub fn at((x, y): (f32, f32), out: (f32, f32), print: &Bitmap) -> Self {
        let places = std::array::from_fn(|i| {
            let s = i as f32 - INWARD as f32;
            let (px, py) = (x + s * SIDEWAYS * out.0, y + s * out.1);
            (px.round() as i16, py.round() as i16)
        });
        let mut spot = Self { out, places, bits: [0; OFFSETS], hidden: 0 };
        let hides = |(x, y): (isize, isize)| print.count_in(x, y, x + 1, y + 1) > 0;
        let bits = (0..OFFSETS).filter(|s| hides(spot.place(*s)));
        spot.hidden = bits.fold(0, |all, s| all | 1 << s);
        spot
    }

    pub fn place(&self, offset: usize) -> (isize, isize) {
        let (x, y) = self.places[offset];
        (isize::from(x), isize::from(y))
    }

    /// The offsets at which there is ink: two by two pixels, so that no thin slanted line slips through.
    /// `near` has ink where the page has it there, to the right or below.
    pub fn ink(&self, near: &Window) -> u64 {
        (0..OFFSETS).fold(0, |all, s| {
            let (x, y) = self.place(s);
            all | u64::from(near.has(x, y)) << s
        })
    }

    /// The same where all its places lie in the frame, and `near` is a window of it.
    #[expect(
        clippy::inline_always,
        reason = "only inlined is it compiled for the processor's shifts"
    )]
    #[inline(always)]
    pub fn ink_within(&self, near: &Window) -> u64 {
        let words = near.ink.words();
        let mut all = 0;
        for (s, bit) in self.bits.iter().enumerate() {
            all |= (words[*bit as usize / 64] << (bit % 64) >> 63) << s;
        }
        all
    }

    /// With the places' bits in a frame; those of places outside mean nothing.
    pub fn framed(mut self, frame: Area) -> Self {
        let stride = (frame.width() as usize).div_ceil(64) * 64;
        for (bit, (x, y)) in self.bits.iter_mut().zip(self.places) {
            let (x, y) = (isize::from(x) - frame.x0, isize::from(y) - frame.y0);
            *bit = (y.max(0) as usize * stride + x.max(0) as usize) as u32;
        }
        self
    }

    /// Right, down, left or up, by where the outline faces.
    pub fn side(&self) -> usize {
        let (x, y) = self.out;
        match (x.abs() >= y.abs(), x > 0.0, y > 0.0) {
            (true, true, _) => 0,
            (false, _, true) => 1,
            (true, false, _) => 2,
            (false, _, false) => 3,
        }
    }
}
