//! JSON, by the grammar of RFC 8259 and nothing else. It recurses nowhere, so that no depth is too much.

/// A string of JSON: its text, or none if it has half of a surrogate pair.
pub type Text = Option<String>;

/// A value. What is in an array or an object is kept as far as a rule asks for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value<'a> {
    Null,
    Bool,
    Number(&'a str),
    String(Text),
    /// The elements, if all of them are strings, and whether half of a surrogate pair is anywhere in it.
    Array(Option<Vec<Text>>, bool),
    /// Whether half of a surrogate pair is anywhere in it.
    Object(bool),
}

impl Value<'_> {
    /// Whether half of a surrogate pair is anywhere in it.
    pub fn has_unpaired_surrogate(&self) -> bool {
        match self {
            Self::Null | Self::Bool | Self::Number(_) => false,
            Self::String(text) => text.is_none(),
            Self::Array(_, unpaired) | Self::Object(unpaired) => *unpaired,
        }
    }
}

/// Reads the members of the one object that a text is, in their order.
pub fn object(text: &str) -> Option<Vec<(Text, Value<'_>)>> {
    let mut scanner = Scanner { text, at: 0 };
    let mut members = Vec::new();
    scanner.space();
    scanner.expect(b'{')?;
    scanner.space();
    if scanner.take(b'}') {
        scanner.space();
        return (scanner.at == text.len()).then_some(members);
    }
    loop {
        scanner.space();
        let name = scanner.string()?;
        scanner.space();
        scanner.expect(b':')?;
        scanner.space();
        members.push((name, scanner.value()?));
        scanner.space();
        if !scanner.take(b',') {
            break;
        }
    }
    scanner.expect(b'}')?;
    scanner.space();
    (scanner.at == text.len()).then_some(members)
}

struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn take(&mut self, byte: u8) -> bool {
        let found = self.peek() == Some(byte);
        self.at += usize::from(found);
        found
    }

    fn expect(&mut self, byte: u8) -> Option<()> {
        self.take(byte).then_some(())
    }

    fn space(&mut self) {
        while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
            self.at += 1;
        }
    }

    fn word(&mut self, word: &str) -> Option<()> {
        let found = self.text.as_bytes()[self.at..].starts_with(word.as_bytes());
        self.at += word.len();
        found.then_some(())
    }

    /// Section 6.
    fn number(&mut self) -> Option<&'a str> {
        let start = self.at;
        self.take(b'-');
        if !self.take(b'0') {
            self.digits()?;
        }
        if self.take(b'.') {
            self.digits()?;
        }
        if self.take(b'e') || self.take(b'E') {
            let _ = self.take(b'+') || self.take(b'-');
            self.digits()?;
        }
        Some(&self.text[start..self.at])
    }

    fn digits(&mut self) -> Option<()> {
        let start = self.at;
        while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
            self.at += 1;
        }
        (self.at > start).then_some(())
    }

    /// Section 7.
    fn string(&mut self) -> Option<Text> {
        self.expect(b'"')?;
        let (mut text, mut unpaired) = (String::new(), false);
        loop {
            let start = self.at;
            while self.peek().is_some_and(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\') {
                self.at += 1;
            }
            text.push_str(&self.text[start..self.at]);
            match self.next()? {
                b'"' => return Some((!unpaired).then_some(text)),
                b'\\' => match self.escape()? {
                    Ok(character) => text.push(character),
                    Err(unit) if (0xd800..0xdc00).contains(&unit) => match self.low_half()? {
                        Some(low) => {
                            let place =
                                0x10000 + ((u32::from(unit) - 0xd800) << 10) + u32::from(low) - 0xdc00;
                            text.push(char::from_u32(place)?);
                        }
                        None => unpaired = true,
                    },
                    Err(_) => unpaired = true,
                },
                _ => return None,
            }
        }
    }

    /// What follows a backslash: a character, or half of a surrogate pair.
    fn escape(&mut self) -> Option<Result<char, u16>> {
        Some(Ok(match self.next()? {
            b'"' => '"',
            b'\\' => '\\',
            b'/' => '/',
            b'b' => '\u{8}',
            b'f' => '\u{c}',
            b'n' => '\n',
            b'r' => '\r',
            b't' => '\t',
            b'u' => {
                let mut unit = 0_u16;
                for _ in 0..4 {
                    let digit = char::from(self.next()?).to_digit(16)?;
                    unit = unit * 16 + u16::try_from(digit).ok()?;
                }
                return Some(char::from_u32(u32::from(unit)).ok_or(unit));
            }
            _ => return None,
        }))
    }

    /// The second half of a surrogate pair, if it is next.
    fn low_half(&mut self) -> Option<Option<u16>> {
        let start = self.at;
        if self.take(b'\\')
            && self.peek() == Some(b'u')
            && let Err(low @ 0xdc00..) = self.escape()?
        {
            return Some(Some(low));
        }
        self.at = start;
        Some(None)
    }

    /// A value that has no other values in it.
    fn simple(&mut self) -> Option<Value<'a>> {
        Some(match self.peek()? {
            b'"' => Value::String(self.string()?),
            b'n' => self.word("null").map(|()| Value::Null)?,
            b't' => self.word("true").map(|()| Value::Bool)?,
            b'f' => self.word("false").map(|()| Value::Bool)?,
            _ => Value::Number(self.number()?),
        })
    }

    fn value(&mut self) -> Option<Value<'a>> {
        let open = self.peek()?;
        if open != b'[' && open != b'{' {
            return self.simple();
        }
        let (mut texts, mut unpaired) = (Some(Vec::new()), false);
        // The arrays and objects that are open here.
        let mut inside: Vec<u8> = Vec::new();
        loop {
            // A value begins here.
            let nested = match self.peek()? {
                bracket @ (b'[' | b'{') => {
                    self.at += 1;
                    if !inside.is_empty() {
                        texts = None;
                    }
                    inside.push(bracket);
                    self.space();
                    let close = if bracket == b'[' { b']' } else { b'}' };
                    let is_empty = self.take(close);
                    if is_empty {
                        inside.pop();
                    }
                    !is_empty
                }
                _ => {
                    let value = self.simple()?;
                    unpaired |= value.has_unpaired_surrogate();
                    match (value, &mut texts) {
                        (Value::String(text), Some(texts)) if inside.len() == 1 => texts.push(text),
                        _ => texts = None,
                    }
                    false
                }
            };
            // After a value: what is closed, and what comes next.
            if !nested {
                loop {
                    let Some(&bracket) = inside.last() else {
                        let array = Value::Array(texts, unpaired);
                        return Some(if open == b'[' { array } else { Value::Object(unpaired) });
                    };
                    self.space();
                    if self.take(b',') {
                        self.space();
                        break;
                    }
                    self.expect(if bracket == b'[' { b']' } else { b'}' })?;
                    inside.pop();
                }
            }
            if inside.last() == Some(&b'{') {
                unpaired |= self.string()?.is_none();
                self.space();
                self.expect(b':')?;
                self.space();
            }
        }
    }
}
