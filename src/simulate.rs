//! A form + answers -> faxes with truth: rehearsals, samples, benches, tests.
