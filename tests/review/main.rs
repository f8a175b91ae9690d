//! The browser side as its script and an attacker see it: what waits, who gets it, what becomes of a
//! decision, and what no request can do.
#![cfg(feature = "server")]

#[path = "../support/fake.rs"]
mod fake;
#[path = "../support/form.rs"]
mod form;

#[path = "../support/fax_files.rs"]
#[allow(dead_code, reason = "written for the decoder's tests")]
mod fax_files;
#[path = "../support/slanted.rs"]
#[allow(dead_code, reason = "written for the browser's tests")]
mod slanted;

mod attacks;
mod deciding;
mod doors;
mod pages;
mod room;
mod simulated;
