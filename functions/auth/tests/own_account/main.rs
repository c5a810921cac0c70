//! What people do about their own accounts, on the real Kafka, Postgres and SMTP: letters arrive or don't, answers get
//! lost, requests come twice and at once, and somebody else wants in.

#[macro_use(on_both_hosts)]
extern crate testkit;

mod addresses;
mod delays;
mod expiries;
mod hijacking;
mod letters;
mod passwords;
mod second_factor;
mod sessions;
mod sign_up;
mod stage;
