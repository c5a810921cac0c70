//! The page is embedded: a changed file makes a new program.

fn main() {
    println!("cargo:rerun-if-changed=../web/static");
}
