//! The subjects of rooms.

use std::fmt::Write;

/// The subject of a room: one token, in which no name can add another token or a wildcard. Everything but ASCII
/// letters, digits, `-` and `_` is encoded as in URLs. As a token cannot be empty, `%` alone stands for the empty name.
pub(super) fn subject(prefix: &str, room: &str) -> String {
    let mut subject = format!("{prefix}.room.");
    for byte in room.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_') {
            subject.push(char::from(byte));
        } else {
            let _ = write!(subject, "%{byte:02X}");
        }
    }
    if room.is_empty() {
        subject.push('%');
    }
    subject
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::subject;

    #[test]
    fn a_subject_is_legible_where_it_can_be() {
        assert_eq!(subject("shop", "table-7_A"), "shop.room.table-7_A");
        assert_eq!(subject("shop", "tables.7"), "shop.room.tables%2E7");
        assert_eq!(subject("shop", "Tür *>"), "shop.room.T%C3%BCr%20%2A%3E");
        assert_eq!(subject("shop", ""), "shop.room.%");
    }

    #[test]
    fn no_two_rooms_have_the_same_subject() {
        let alphabet = [
            "", "a", "A", "%", "2", "5", ".", "*", ">", "$", " ", "\0", "\r\n", "é", "%25", "=",
            "-", "_",
        ];
        let rooms = || {
            alphabet
                .iter()
                .flat_map(|a| alphabet.iter().map(move |b| format!("{a}{b}")))
        };
        let different: HashSet<String> = rooms().collect();
        let subjects: HashSet<String> = different.iter().map(|room| subject("p", room)).collect();
        assert_eq!(subjects.len(), different.len());
        for subject in subjects {
            let token = subject.strip_prefix("p.room.").unwrap();
            assert!(!token.is_empty());
            assert!(
                token
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || b"%-_".contains(&byte)),
                "{token}"
            );
        }
    }
}
