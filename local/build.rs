//! The page and the events' examples are embedded: a changed file makes a new program.

fn main() {
    println!("cargo:rerun-if-changed=../web/static");
    println!("cargo:rerun-if-changed=../crates/domain/golden/v1");
}
