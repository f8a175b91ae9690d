//! The browser side as its script and an attacker see it: what waits, who gets it, what becomes of a
//! decision, and what no request can do.
#![cfg(feature = "server")]

#[path = "../support/fake.rs"]
mod fake;
#[path = "../support/form.rs"]
mod form;

mod attacks;
mod deciding;
mod doors;
mod pages;
mod room;
mod simulated;
