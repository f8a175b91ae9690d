//! A page as `hayro-ccitt` gives it, row by row.

use faxtally::raster::Bitmap;
use hayro_ccitt::Decoder;

pub struct Sink {
    pub page: Bitmap,
    pub rows: usize,
}

impl Decoder for Sink {
    fn push_row(&mut self, changes: &[u32]) {
        for run in changes.chunks(2) {
            let end = run.get(1).map_or(self.page.width(), |e| *e as usize);
            (run[0] as usize..end).for_each(|x| self.page.set(x, self.rows, true));
        }
        self.rows += 1;
    }
}
