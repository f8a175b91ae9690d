//! faxtally turns folders of faxed paper questionnaires into a tally that can be published, and
//! shows people only the marks that a machine should not decide.
//!
//! **One page's way** is pure, serial and deterministic: bytes become a [`decode::FaxPage`], [`clean`]
//! straightens it, [`register`] finds which form it is and where every millimetre of it lies, [`marks`]
//! measures what people added to the print, [`judge`] decides what that means or why a person must,
//! and [`pipeline::Reader`] calls them in this order and returns a [`reading::PageReading`].
//!
//! **One inbox's way**: [`ingest`] says which files there are, [`batch`] reads them on all cores,
//! [`store`] keeps readings and people's decisions side by side and never overwrites either.
//! [`account`] folds one snapshot of both into what every page and every response now is ([`resent`]
//! tells it which sheets were transmitted twice), and [`tally`], [`export`] and [`score`] are three
//! ways of writing that account down; [`report`] draws what the tally says. [`quotes`] lets out what
//! people wrote, once two have agreed on it.
//!
//! **Before a survey**, [`simulate`] makes faxes whose truth is known, and [`doctor`] says what is
//! missing. Imports point from the way's end to its beginning, and nothing imports [`cli`].

// The ground: lengths, pixels, the form and the words that all rooms share.
pub mod form;
pub mod lang;
mod network;
pub mod raster;
pub mod reading;
mod t4;
pub mod units;

// One page.
pub mod clean;
pub mod decode;
pub mod judge;
pub mod marks;
pub mod pipeline;
pub mod register;
pub mod text;

// An inbox, and what a survey knows.
pub mod account;
pub mod batch;
pub mod faxes;
pub mod ingest;
pub mod resent;
pub mod store;

// What comes out.
pub mod export;
mod proof;
pub mod quotes;
pub mod report;
pub mod sample;
pub mod score;
pub mod tally;

// People, in the browser.
#[cfg(feature = "server")]
pub mod review;

// Before a survey, and the program's face.
pub mod cli;
pub mod doctor;
pub mod simulate;
