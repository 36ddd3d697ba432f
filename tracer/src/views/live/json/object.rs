//! One JSON object, written field by field.

use super::super::known::Known;

/// An object that is being written. What is begun must be ended.
pub(super) struct Object<'a> {
    out: &'a mut String,
    known: &'a Known,
    is_empty: bool,
}

impl<'a> Object<'a> {
    pub(super) fn begin(out: &'a mut String, known: &'a Known) -> Self {
        out.push('{');
        Self { out, known, is_empty: true }
    }

    pub(super) fn end(self) {
        self.out.push('}');
    }

    /// A number.
    pub(super) fn num(&mut self, key: &str, value: impl Into<u64>) -> &mut Self {
        self.key(key);
        digits(self.out, value.into());
        self
    }

    /// A number with a sign.
    pub(super) fn int(&mut self, key: &str, value: impl Into<i64>) -> &mut Self {
        let value = value.into();
        self.key(key);
        if value < 0 {
            self.out.push('-');
        }
        digits(self.out, value.unsigned_abs());
        self
    }

    /// A number that may be missing.
    pub(super) fn maybe(&mut self, key: &str, value: Option<impl Into<u64>>) -> &mut Self {
        match value {
            Some(value) => self.num(key, value),
            None => self.null(key),
        }
    }

    /// An identity, which is a name and not a number: 64 bits are more than many readers of JSON
    /// keep.
    pub(super) fn id(&mut self, key: &str, value: u64) -> &mut Self {
        self.text(key, &format!("{value:#x}"))
    }

    /// Yes or no.
    pub(super) fn flag(&mut self, key: &str, value: bool) -> &mut Self {
        self.key(key);
        self.out.push_str(if value { "true" } else { "false" });
        self
    }

    /// Text of any kind.
    pub(super) fn text(&mut self, key: &str, value: &str) -> &mut Self {
        self.key(key);
        self.out.push('"');
        escape(self.out, value);
        self.out.push('"');
        self
    }

    /// Text that may be missing.
    pub(super) fn maybe_text(&mut self, key: &str, value: Option<&str>) -> &mut Self {
        match value {
            Some(value) => self.text(key, value),
            None => self.null(key),
        }
    }

    /// A system call as [`tracer_common::record::SleepCall`] has it: its number, and its name.
    pub(super) fn call(&mut self, key: &str, told: u32) -> &mut Self {
        let call = self.known.call(told);
        self.maybe(key, call.as_ref().map(|(number, _)| *number));
        self.maybe_text(&format!("{key}_name"), call.as_ref().map(|(_, name)| &**name))
    }

    /// A task by its number, and its name.
    pub(super) fn task(&mut self, key: &str, tid: u32, name_key: &str) -> &mut Self {
        self.num(key, tid).key(name_key);
        match self.known.comm(tid) {
            // It was escaped when it was learnt.
            Some(comm) => {
                self.out.push('"');
                self.out.push_str(comm);
                self.out.push('"');
            }
            None => self.out.push_str("null"),
        }
        self
    }

    /// Words that need no escaping.
    pub(super) fn words<T: AsRef<str>>(
        &mut self,
        key: &str,
        words: impl IntoIterator<Item = T>,
    ) -> &mut Self {
        self.list(key, words, |out, word| {
            out.push('"');
            out.push_str(word.as_ref());
            out.push('"');
        })
    }

    /// Numbers.
    pub(super) fn nums(&mut self, key: &str, nums: impl IntoIterator<Item = u32>) -> &mut Self {
        self.list(key, nums, |out, num| digits(out, num.into()))
    }

    /// An object inside.
    pub(super) fn object(&mut self, key: &str, fill: impl FnOnce(&mut Object<'_>)) -> &mut Self {
        self.key(key);
        let mut inner = Object::begin(self.out, self.known);
        fill(&mut inner);
        inner.end();
        self
    }

    fn list<T>(
        &mut self,
        key: &str,
        items: impl IntoIterator<Item = T>,
        mut write: impl FnMut(&mut String, T),
    ) -> &mut Self {
        self.key(key);
        self.out.push('[');
        for (index, item) in items.into_iter().enumerate() {
            if index > 0 {
                self.out.push(',');
            }
            write(self.out, item);
        }
        self.out.push(']');
        self
    }

    fn null(&mut self, key: &str) -> &mut Self {
        self.key(key);
        self.out.push_str("null");
        self
    }

    fn key(&mut self, key: &str) {
        if !self.is_empty {
            self.out.push(',');
        }
        self.is_empty = false;
        self.out.push('"');
        self.out.push_str(key);
        self.out.push_str("\":");
    }
}

fn digits(out: &mut String, mut number: u64) {
    let mut digits = [b'0'; 20];
    let mut begin = digits.len();
    loop {
        begin -= 1;
        // Below ten.
        digits[begin] += u8::try_from(number % 10).unwrap_or_default();
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend(digits[begin..].iter().map(|&digit| char::from(digit)));
}

/// Appends text as it stands between quotes.
pub(super) fn escape(out: &mut String, text: &str) {
    for c in text.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{0}'..='\u{1f}' => {
                const HEX: &[u8; 16] = b"0123456789abcdef";
                let hex = |nibble: u32| char::from(HEX[(nibble & 0xf) as usize]);
                out.push_str("\\u00");
                out.push(hex(u32::from(c) >> 4));
                out.push(hex(u32::from(c)));
            }
            _ => out.push(c),
        }
    }
}
