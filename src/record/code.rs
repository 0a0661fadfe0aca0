//! The code that stands for a session instead of a name.

/// Without 0, O, 1, I, L, U, V: what is easily taken for another when read aloud or written by hand. 29 characters.
const ALPHABET: &[u8] = b"23456789ABCDEFGHJKMNPQRSTWXYZ";
/// 29^6 is about 595 million.
const LENGTH: usize = 6;

/// A new session code: six characters at random, none of them ambiguous. It says nothing about anybody.
#[must_use]
pub fn new_code() -> String {
    let mut code = String::with_capacity(LENGTH);
    while code.len() < LENGTH {
        let byte = usize::from(random_byte());
        // The largest multiple of the alphabet's length; beyond it, some characters would be likelier than others.
        if byte < 256 - 256 % ALPHABET.len() {
            code.push(char::from(ALPHABET[byte % ALPHABET.len()]));
        }
    }
    code
}

/// Whether a text has the form of a code, and so can be a file's name.
pub(super) fn is_code(text: &str) -> bool {
    !text.is_empty() && text.len() <= 32 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
}

/// From the system; where it has none, from the standard library's own seed, which is random too.
fn random_byte() -> u8 {
    let mut byte = [0];
    if getrandom::fill(&mut byte).is_err() {
        use std::hash::{BuildHasher as _, RandomState};
        byte[0] = RandomState::new().hash_one(0) as u8;
    }
    byte[0]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_six_plain_characters_and_differ() {
        let codes: std::collections::BTreeSet<String> = (0..200).map(|_| new_code()).collect();
        assert_eq!(codes.len(), 200);
        for code in codes {
            assert!(code.len() == 6 && code.bytes().all(|byte| ALPHABET.contains(&byte)), "{code}");
            assert!(is_code(&code));
        }
        for wrong in ["", "../x", "a/b", "a.b", "a b"] {
            assert!(!is_code(wrong), "{wrong}");
        }
    }
}
