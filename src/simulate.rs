//! A form + answers -> faxes with truth: rehearsals, samples, benches, tests.

pub mod encode;
pub mod line;
