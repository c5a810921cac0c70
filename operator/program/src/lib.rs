//! What the operator as a program adds to the operator: first owners' links, which `threadly` makes as well.

pub mod owners;
