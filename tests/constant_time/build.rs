//! Compiles `requests.c`, for which valgrind's headers are needed (Debian's package `valgrind` has them).

fn main() {
    println!("cargo::rerun-if-changed=requests.c");
    cc::Build::new().file("requests.c").compile("requests");
}
