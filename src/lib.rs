//! faxtally turns folders of faxed paper questionnaires into a tally that can be published, and
//! shows people only the marks that a machine should not decide.
//!
//! One page's way: bytes -> [`decode::FaxPage`] -> clean -> registered -> evidence ->
//! [`reading::PageReading`]; `batch` stores it, people add decisions beside it, `tally` folds both.

pub mod account;
pub mod batch;
pub mod clean;
pub mod cli;
pub mod decode;
pub mod doctor;
pub mod export;
pub mod faxes;
pub mod form;
pub mod ingest;
pub mod judge;
pub mod lang;
pub mod marks;
pub mod pipeline;
pub mod proof;
pub mod raster;
pub mod reading;
pub mod register;
pub mod resent;
pub mod score;
pub mod simulate;
pub mod store;
pub mod tally;
pub mod units;
