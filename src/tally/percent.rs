//! Percentages as they are published: half-up to one decimal, by integers, so that no tie is
//! decided by a binary fraction.

use std::fmt;

use serde::{Serialize, Serializer};

/// A percentage in tenths: `Percent` of 176 is 17.6 %.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent {
    tenths: u64,
}

impl Percent {
    /// `count` of `base`, half-up; `None` on an empty base, of which there is no percentage.
    pub fn of(count: u64, base: u64) -> Option<Self> {
        if base == 0 {
            return None;
        }
        // 128 bits: 2,000 times a count must not overflow, whatever was sent.
        let (count, base) = (u128::from(count), u128::from(base));
        let tenths = (2000 * count + base) / (2 * base);
        u64::try_from(tenths).ok().map(|tenths| Self { tenths })
    }

    pub fn tenths(self) -> u64 {
        self.tenths
    }
}

impl fmt::Display for Percent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.tenths / 10, self.tenths % 10)
    }
}

impl Serialize for Percent {
    /// A JSON number with one decimal: the double nearest to n/10 prints as just that.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.tenths as f64 / 10.0)
    }
}
