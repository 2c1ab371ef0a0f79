//! The spellings in which a secret is pasted: what no report of the doctor may show. `fuzz/` uses it as well.

use base64::{
    Engine as _,
    engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD},
};

/// A text with something between its characters, or between groups of them.
fn grouped(text: &str, length: usize, before: &str, between: &str) -> String {
    let groups = text.as_bytes().chunks(length).map(|group| std::str::from_utf8(group).unwrap());
    groups.map(|group| format!("{before}{group}")).collect::<Vec<_>>().join(between)
}

/// A text with another one in the place of each character.
fn escaped(text: &str, escape: impl Fn(u32) -> String) -> String {
    text.chars().map(|c| escape(u32::from(c))).collect()
}

/// A character of Latin-1 as browsers read it: in Windows-1252.
fn read_by_a_browser(latin_1: char) -> char {
    let characters = "€\u{81}‚ƒ„…†‡ˆ‰Š‹Œ\u{8d}Ž\u{8f}\u{90}‘’“”•–—˜™š›œ\u{9d}žŸ";
    let place = u32::from(latin_1).checked_sub(0x80);
    place.and_then(|place| characters.chars().nth(place as usize)).unwrap_or(latin_1)
}

/// Base32 [RFC 4648 section 6].
pub(super) fn base32(bytes: &[u8]) -> String {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let groups =
        bits.as_bytes().chunks(5).map(|group| format!("{:0<5}", std::str::from_utf8(group).unwrap()));
    let text: String =
        groups.map(|group| char::from(digits[usize::from_str_radix(&group, 2).unwrap()])).collect();
    format!("{text:=<length$}", length = text.len().next_multiple_of(8))
}

/// Spellings of a secret, and of half of one.
pub fn spellings(secret: &str) -> Vec<String> {
    let bytes = hex::decode(secret).unwrap();
    let list = |bytes: &[u8], separator| bytes.iter().map(u8::to_string).collect::<Vec<_>>().join(separator);
    let wide = |c: u32| char::from_u32(c - 0x21 + 0xff01).unwrap().to_string();
    let words: Vec<i32> = bytes.as_chunks().0.iter().map(|four| i32::from_be_bytes(*four)).collect();
    let each = |bytes: &[u8], write: fn(&u8) -> String| bytes.iter().map(write).collect::<Vec<_>>();
    let digits_from = |zero: u32| {
        let digit = |c: char| c.to_digit(10).and_then(|digit| char::from_u32(zero + digit)).unwrap_or(c);
        secret.chars().map(digit).collect::<String>()
    };
    let chosen = |digits: &str| {
        let digit =
            |c: char| c.to_digit(10).and_then(|digit| digits.chars().nth(digit as usize)).unwrap_or(c);
        secret.chars().map(digit).collect::<String>()
    };
    let lines = |write: &dyn Fn(usize, &[u8]) -> String, bytes: &[u8]| {
        let lines = bytes.chunks(16).enumerate().map(|(line, bytes)| write(line * 16, bytes));
        lines.collect::<Vec<_>>().join("\n")
    };
    let utf16: Vec<u8> = secret.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let mut all = vec![
        secret.to_owned(),
        secret.to_uppercase(),
        secret[..32].to_owned(),
        secret[32..].to_owned(),
        secret.repeat(2),
        secret[1..].to_owned(),
        format!("{}{}{}{}", &secret[..31], &secret[32..33], &secret[31..32], &secret[33..]),
        format!("export SSO_SECRET=\"{secret}\""),
        STANDARD.encode(&bytes),
        URL_SAFE_NO_PAD.encode(&bytes),
        STANDARD_NO_PAD.encode(secret),
        URL_SAFE_NO_PAD.encode(secret),
        STANDARD.encode(format!("{secret}\n")),
        STANDARD.encode(format!("secret={secret}")),
        STANDARD.encode(STANDARD.encode(secret)),
        STANDARD.encode(STANDARD.encode(&bytes)),
        STANDARD.encode(&secret[..32]),
        STANDARD.encode(hex::encode(secret)),
        STANDARD.encode(&utf16),
        format!("key{}", STANDARD.encode(secret)),
        format!("key:{}", STANDARD.encode(&bytes)),
        grouped(&STANDARD.encode(secret), 19, "", "\n"),
        hex::encode(secret),
        hex::encode(&utf16),
        grouped(secret, 2, "0x", ", "),
        grouped(secret, 2, "\\x", ""),
        list(&bytes, ", "),
        list(secret.as_bytes(), " "),
        format!("{:?}", bytes.iter().map(|byte| *byte as i8).collect::<Vec<_>>()),
        format!("{bytes:?}"),
        format!("{{\"words\":{words:?},\"sigBytes\":32}}"),
        format!("[]byte{{{}}}", each(&bytes, |byte| format!("{byte:#x}")).join(", ")),
        each(&bytes, |byte| format!("{byte:03o}")).join(" "),
        each(secret.as_bytes(), |byte| format!("{byte:03o}")).join(" "),
        each(&bytes, |byte| format!("{byte:08b}")).join(" "),
        each(&bytes, |byte| format!("{byte:08b}")).concat(),
        lines(&|at, text| format!("{at:08x}: {}", String::from_utf8_lossy(text)), secret.as_bytes()),
        lines(
            &|at, bytes| {
                format!(
                    "{at:08x}: {}  {}",
                    grouped(&hex::encode(bytes), 4, "", " "),
                    String::from_utf8_lossy(bytes)
                )
            },
            secret.as_bytes(),
        ),
        lines(
            &|at, bytes| {
                format!("{at:08x}  {}  |................|", grouped(&hex::encode(bytes), 2, "", " "))
            },
            &bytes,
        ),
        lines(
            &|at, bytes| format!("{at:07o} {}", each(bytes, |byte| format!("{byte:03o}")).join(" ")),
            &bytes,
        ),
        chosen("⁰¹²³⁴⁵⁶⁷⁸⁹"),
        chosen("⓪①②③④⑤⑥⑦⑧⑨"),
        digits_from(0x0e50),
        digits_from(0x09e6),
        digits_from(0x1fbf0),
        escaped(secret, |c| format!("\\u{c:04x}")),
        escaped(secret, |c| format!("\\u{{{c:x}}}")),
        escaped(secret, |c| format!("%{c:02x}")),
        escaped(secret, |c| format!("&#{c};")),
        escaped(secret, |c| format!("&#x{c:x};")),
        escaped(secret, |c| format!("\\{c:03o}")),
        escaped(secret, wide),
        escaped(&secret[..32], wide),
        secret.chars().map(|c| format!("{c}\u{200b}")).collect(),
        secret.replace('0', "O"),
        secret.replace('0', "o").replace('1', "l"),
        secret.replace('1', "I"),
        base32(secret.as_bytes()),
        base32(&bytes),
        base32(&bytes).to_lowercase(),
        base32(format!("{secret}\n").as_bytes()),
    ];
    let latin_1: String = bytes.iter().map(|byte| char::from(*byte)).collect();
    let windows_1252 = latin_1.chars().map(read_by_a_browser).collect();
    for text in [String::from_utf8_lossy(&bytes).into_owned(), latin_1, windows_1252] {
        // As programs print it, which is how a report shows what a terminal would act on.
        all.push(serde_json::to_string(&text).unwrap());
        all.push(text.chars().flat_map(char::escape_debug).collect());
        all.push(text.chars().flat_map(char::escape_default).collect());
        all.push(text);
    }
    for (length, between) in
        [(1, " "), (2, ":"), (2, "-"), (2, " "), (4, " "), (8, "-"), (16, " "), (23, ".")]
    {
        all.push(grouped(secret, length, "", between));
        all.push(grouped(&secret.to_uppercase(), length, "", between));
    }
    all
}
