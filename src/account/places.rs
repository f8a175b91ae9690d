//! Where a document lies among a snapshot's, by its hash: the hashes themselves lie there already, and are
//! looked at only where four bytes of them agree.

use super::block::Hash;

/// No document.
const FREE: u64 = u64::MAX;
/// Places at first; they are doubled whenever half of them are taken.
const FEWEST: usize = 1 << 10;

/// Open addressing: a document stands at the first free slot after the one that its hash names. SHA-256 is as
/// good as any other spread, so its own first bytes are the slot.
#[derive(Clone, Debug, Default)]
pub struct Places {
    /// Four bytes of the hash, and the place.
    slots: Vec<u64>,
}

impl Places {
    /// The place of `hash` among `hashes`.
    pub fn find(&self, hash: &Hash, hashes: &[Hash]) -> Option<u32> {
        let slot = *self.slots.get(self.slot(hash, hashes)?)?;
        (slot != FREE).then_some(slot as u32)
    }

    /// Remembers the last of `hashes`, which was not there before.
    pub fn add_last(&mut self, hashes: &[Hash]) {
        if hashes.len() * 2 > self.slots.len() {
            self.slots = vec![FREE; (self.slots.len() * 2).max(FEWEST)];
            (0..hashes.len()).for_each(|at| self.put(at, hashes));
        } else if let Some(last) = hashes.len().checked_sub(1) {
            self.put(last, hashes);
        }
    }

    fn put(&mut self, at: usize, hashes: &[Hash]) {
        if let Some(slot) = self.slot(&hashes[at], hashes) {
            self.slots[slot] = tag(&hashes[at]) | at as u64;
        }
    }

    /// Where it stands, or where it would.
    fn slot(&self, hash: &Hash, hashes: &[Hash]) -> Option<usize> {
        let mask = self.slots.len().checked_sub(1)?;
        let first = u64::from_be_bytes(hash[..8].try_into().ok()?) as usize;
        let mut slots = (0..=mask).map(|i| first.wrapping_add(i) & mask);
        let tag = tag(hash);
        slots.find(|s| {
            let slot = self.slots[*s];
            slot == FREE || (slot & TAG == tag && hashes[slot as u32 as usize] == *hash)
        })
    }
}

/// The half of a slot that is not the place.
const TAG: u64 = !0 << 32;

fn tag(hash: &Hash) -> u64 {
    u64::from_be_bytes([hash[8], hash[9], hash[10], hash[11], 0, 0, 0, 0])
}

#[cfg(test)]
mod tests {
    use super::Places;

    #[test]
    fn every_document_is_found_and_no_other() {
        let mut hashes = Vec::new();
        let mut places = Places::default();
        assert_eq!(places.find(&[0; 32], &hashes), None);
        for i in 0..5_000u32 {
            let mut hash = [0; 32];
            // Many begin alike.
            hash[6..8].copy_from_slice(&(i as u16 % 64).to_be_bytes());
            hash[28..].copy_from_slice(&i.to_be_bytes());
            assert_eq!(places.find(&hash, &hashes), None);
            hashes.push(hash);
            places.add_last(&hashes);
        }
        for (i, hash) in (0..).zip(&hashes) {
            assert_eq!(places.find(hash, &hashes), Some(i));
        }
    }
}
