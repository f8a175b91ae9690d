//! The forms as respondents got them: each association faxed its page once, and the machine at the
//! other end printed it. A run has so many prints of each form; pages draw theirs.

use std::sync::OnceLock;

use image::GrayImage;
use rand::RngExt;

use super::canvas::Canvas;
use super::line::{Affine, Sheet, photocopy_pass};
use super::{SimRng, Stream, rng_for};
use crate::form::Form;
use crate::units::Resolution;

/// As many as the associations that took part in the 2024 survey, and a few.
const PRINTS: u32 = 40;
/// Share of respondents who filled in an original (posted, or printed from a file).
const ORIGINALS: f64 = 0.15;

/// Prints are made when first asked for and kept as runs: a megabyte or two each instead of nine.
pub struct Prints {
    seed: u64,
    /// Which form of the job it is: keeps the prints of two layouts apart.
    stream: u64,
    original: Print,
    made: Vec<OnceLock<Print>>,
}

struct Print {
    runs: Vec<(u8, u16)>,
    size: (u32, u32),
    resolution: Resolution,
    placement: Affine,
}

impl Prints {
    pub fn new(form: &Form, seed: u64, nth: usize) -> Self {
        let sheet = Sheet { grey: form.blank.to_luma(), resolution: form.blank_resolution };
        Self {
            seed,
            stream: nth as u64 * u64::from(PRINTS),
            original: Print::of(&sheet, Affine::IDENTITY),
            made: (0..PRINTS).map(|_| OnceLock::new()).collect(),
        }
    }

    /// Paper to fill in, and which print it is (`None`: an original). With `faxed` false always one.
    pub fn take(&self, faxed: bool, rng: &mut SimRng) -> (Canvas, Option<u32>) {
        let nth = rng.random_range(0..PRINTS);
        if rng.random_bool(ORIGINALS) || !faxed {
            return (self.original.canvas(), None);
        }
        let print = self.made[nth as usize].get_or_init(|| self.make(nth));
        (print.canvas(), Some(nth))
    }

    fn make(&self, nth: u32) -> Print {
        let mut rng = rng_for(self.seed, Stream::Print, self.stream + u64::from(nth));
        let (sheet, placement) = photocopy_pass(&self.original.canvas().sheet, &mut rng);
        Print::of(&sheet, placement)
    }
}

impl Print {
    fn of(sheet: &Sheet, placement: Affine) -> Self {
        let mut runs: Vec<(u8, u16)> = Vec::new();
        for run in sheet.grey.as_raw().chunk_by(|a, b| a == b) {
            let counts = run.chunks(usize::from(u16::MAX)).map(|part| (run[0], part.len() as u16));
            runs.extend(counts);
        }
        runs.shrink_to_fit();
        Self { runs, size: sheet.grey.dimensions(), resolution: sheet.resolution, placement }
    }

    fn canvas(&self) -> Canvas {
        let (w, h) = self.size;
        let mut grey = Vec::with_capacity(w as usize * h as usize);
        for &(v, n) in &self.runs {
            grey.resize(grey.len() + usize::from(n), v);
        }
        let grey = GrayImage::from_raw(w, h, grey).unwrap_or_default();
        Canvas { sheet: Sheet { grey, resolution: self.resolution }, placement: self.placement }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_give_the_sheet_back() {
        // Longer runs than a count holds, and single pixels.
        let grey = GrayImage::from_fn(300, 300, |x, y| {
            image::Luma([if y < 250 { 255 } else { (x * y % 7) as u8 }])
        });
        let sheet = Sheet { grey, resolution: Resolution::FINE };
        assert_eq!(Print::of(&sheet, Affine::IDENTITY).canvas().sheet.grey, sheet.grey);
    }
}
