//! Percentages as they are published: half-up to one decimal, by integers, so that no tie is
//! decided by a binary fraction. And the difference of two of them in points.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

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

    pub fn from_tenths(tenths: u64) -> Self {
        Self { tenths }
    }

    pub fn tenths(self) -> u64 {
        self.tenths
    }

    /// The smallest and the largest base of which `count` rounds to this percentage; `None` where
    /// none does, or any large one would.
    pub fn bases_of(self, count: u64) -> Option<(u64, u64)> {
        let (count, t) = (u128::from(count), u128::from(self.tenths));
        if count == 0 || t == 0 {
            return None;
        }
        // t - 1/2 <= 1000 count / base < t + 1/2
        let lowest = 2000 * count / (2 * t + 1) + 1;
        let highest = 2000 * count / (2 * t - 1);
        (lowest <= highest)
            .then(|| Some((u64::try_from(lowest).ok()?, u64::try_from(highest).ok()?)))
            .flatten()
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

impl<'de> Deserialize<'de> for Percent {
    /// A number of at most one decimal, 0 to 1000: another is not as published here, and an error.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(deserializer)?;
        let tenths = (value * 10.0).round();
        if !(0.0..=10_000.0).contains(&tenths) || (value * 10.0 - tenths).abs() > 1e-6 {
            let problem = format!("{value} is no percentage with one decimal");
            return Err(de::Error::custom(problem));
        }
        Ok(Self { tenths: tenths as u64 })
    }
}

/// A difference of percentages in tenths of a point, with its sign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Points {
    tenths: i64,
}

impl Points {
    /// `(count, base)` less another, of the unrounded shares, half away from zero; `None` on an
    /// empty base.
    pub fn between(this: (u64, u64), earlier: (u64, u64)) -> Option<Self> {
        let wide = |(count, base): (u64, u64)| (i128::from(count), i128::from(base));
        let ((c1, b1), (c2, b2)) = (wide(this), wide(earlier));
        if b1 == 0 || b2 == 0 {
            return None;
        }
        // Counts and bases of people keep 2,000 times their product far within 128 bits.
        let over = b1.checked_mul(b2)?.checked_mul(2)?;
        let num = c1.checked_mul(b2)?.checked_sub(c2.checked_mul(b1)?)?.checked_mul(2000)?;
        let tenths = (num.abs() + over / 2) / over * num.signum();
        i64::try_from(tenths).ok().map(|tenths| Self { tenths })
    }

    /// Of two rounded percentages, where there is nothing better.
    pub fn rounded(this: Percent, earlier: Percent) -> Self {
        Self { tenths: this.tenths as i64 - earlier.tenths as i64 }
    }

    pub fn tenths(self) -> i64 {
        self.tenths
    }
}

impl fmt::Display for Points {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = match self.tenths.signum() {
            -1 => "-",
            0 => "±",
            _ => "+",
        };
        let tenths = self.tenths.unsigned_abs();
        write!(f, "{sign}{}.{}", tenths / 10, tenths % 10)
    }
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.tenths as f64 / 10.0)
    }
}
