//! Ids as parts of subjects, and as names of consumers.

use std::fmt::Write as _;

/// The longest id. It is part of a subject, which must fit into a protocol line of 4,096 bytes.
pub(super) const LONGEST_ID: usize = 1024;

/// Encodes `text` as one token of a subject, one-to-one: letters, digits, `-` and `_` stay as they are.
pub(super) fn token(text: &str) -> String {
    let mut token = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            token.push(byte.into());
        } else {
            write!(token, "={byte:02x}").expect("a `String` takes all");
        }
    }
    token
}

/// Whether callers could have made this id.
pub(super) fn is_id(text: &str) -> bool {
    let is_allowed =
        |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'=' | b':');
    (1..=LONGEST_ID).contains(&text.len()) && text.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use super::{LONGEST_ID, is_id, token};

    #[test]
    fn a_token_is_of_one_text_only() {
        assert_eq!(token("Order-7_b"), "Order-7_b");
        assert_eq!(token("a.b c*>:ä=\n"), "a=2eb=20c=2a=3e=3a=c3=a4=3d=0a");
        assert_eq!(token(""), "");
        assert_ne!(token("=2e"), token("."));
    }

    #[test]
    fn tokens_make_ids_and_other_texts_do_not() {
        assert!(is_id(&format!("{}:{}", token("a.b"), token("order 7>"))));
        assert!(is_id(&"i".repeat(LONGEST_ID)));
        for text in ["", "a b", "a.b", "*", ">", "ä", &"i".repeat(LONGEST_ID + 1)] {
            assert!(!is_id(text), "{text}");
        }
    }
}
