//! Input made to cost: it costs time linear in its length, a bounded answer, and no stack.

use super::*;

/// Long and deep texts of every kind that is looked into, of this many bytes at least.
fn hostile(size: usize) -> Vec<String> {
    let deep = |open: &str, close: &str| {
        let count = size / (open.len() + close.len());
        let inside = if open.starts_with('{') { "0" } else { "" };
        format!("{}{inside}{}", open.repeat(count), close.repeat(count))
    };
    let long = |piece: &str| piece.repeat(size / piece.len());
    let good = String::from(signer().sign_at(&ada(), now()));
    vec![
        long("x"),
        long("."),
        long("eyJ"),
        long("eyJ."),
        long("%25"),
        long("\""),
        long("{{"),
        long("Bearer "),
        long(" "),
        long("…"),
        long("=+/"),
        long("\u{202e}"),
        deep("[", "]"),
        deep("{\"a\":", "}"),
        format!("{{\"a\":{}}}", deep("[", "]")),
        long("{\"token\":\"eyJ.\"}"),
        token(HEADER, deep("[", "]")),
        token(HEADER, format!("{{\"a\":{}}}", deep("[", "]"))),
        token(HEADER, format!("{{\"user\":{}}}", deep("{\"user\":", "}"))),
        token(HEADER, format!("{{\"email\":\"{}\"}}", long("a"))),
        token(HEADER, format!("{{\"email\":\"a@b\",\"exp\":{}}}", long("1"))),
        token(HEADER, format!("{{{}\"exp\":1}}", long("\"exp\":1,"))),
        token(HEADER, format!("{{{}\"e\":1}}", long("\"id\":{},"))),
        token(format!("{{\"alg\":\"{}\"}}", long("a")), "{}"),
        token(format!("{{{}\"alg\":1}}", long("\"kid\":1,")), "{}"),
        token(deep("[", "]"), "{}"),
        format!("{}{good}", long("<")),
        format!("{good}{}", long(">")),
        format!("{good}{}", long("A")),
    ]
}

#[test]
fn a_small_stack_is_enough() {
    let examined_all = std::thread::Builder::new().stack_size(64 * 1024).spawn(|| {
        for size in [1000, 4000, 5900, 8000, 60_000, 1_000_000] {
            for presented in hostile(size) {
                let report = examined(&presented, now());
                assert!(!report.is_accepted());
                assert!(everything(&report).len() < 40_000, "{}", everything(&report).len());
            }
        }
    });
    examined_all.unwrap().join().unwrap();
}

/// By the heap, which is the same on every machine: ten times the input costs no more than about ten times as
/// much.
#[test]
fn the_cost_is_linear() {
    let cost = |presented: &str| {
        let measured = allocation_counter::measure(|| drop(doctor().examine_at(presented, now())));
        measured.bytes_total.max(100_000)
    };
    for (small, large) in hostile(5_000).iter().zip(hostile(50_000)) {
        let (less, more) = (cost(small), cost(&large));
        assert!(more <= 15 * less, "{less} and {more} for {}", &small.chars().take(60).collect::<String>());
    }
    // Past what any mistake makes of a token nothing is looked into.
    for presented in hostile(2_000_000) {
        assert!(cost(&presented) < 200_000, "{}", presented.chars().take(60).collect::<String>());
    }
}
