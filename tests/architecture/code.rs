//! Rust text as a list of words and signs, without comments, strings and characters: enough to see who names whom.

/// A word (`crate`, `super`, a name), `::`, or one other character.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Token<'a> {
    pub text: &'a str,
    /// From 1.
    pub line: usize,
}

/// All tokens of a file.
pub fn tokens(text: &str) -> Vec<Token<'_>> {
    let mut found = Vec::new();
    let (mut at, mut line) = (0, 1);
    while at < text.len() {
        let (length, counts) = lexeme(&text[at..]);
        let piece = &text[at..at + length];
        if counts {
            found.push(Token { text: piece, line });
        }
        line += piece.matches('\n').count();
        at += length;
    }
    found
}

/// The length of what comes first, and whether it counts as a token.
fn lexeme(rest: &str) -> (usize, bool) {
    let first = rest.chars().next().map_or(1, char::len_utf8);
    let word = rest.find(|sign: char| !sign.is_alphanumeric() && sign != '_').unwrap_or(rest.len());
    match rest.as_bytes()[0] {
        b'/' if rest.starts_with("//") => (rest.find('\n').unwrap_or(rest.len()), false),
        b'/' if rest.starts_with("/*") => (block_comment(rest), false),
        b'"' => (string(rest), false),
        b'\'' => (character(rest), false),
        b':' if rest.starts_with("::") => (2, true),
        _ if matches!(&rest[..word], "r" | "b" | "br" | "c" | "cr") => match literal(&rest[word..]) {
            Some(length) => (word + length, false),
            None => (word, true),
        },
        _ if word > 0 => (word, true),
        _ => (first, !rest.starts_with(char::is_whitespace)),
    }
}

fn block_comment(rest: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < rest.len() {
        match &rest.as_bytes()[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

/// What follows a prefix such as `r` or `b`: a string, raw or not, or a byte.
fn literal(rest: &str) -> Option<usize> {
    let hashes = rest.len() - rest.trim_start_matches('#').len();
    match rest.as_bytes().get(hashes) {
        Some(b'"') if hashes > 0 => {
            let close = format!("\"{}", "#".repeat(hashes));
            let body = hashes + 1;
            Some(rest[body..].find(&close).map_or(rest.len(), |end| body + end + close.len()))
        }
        Some(b'"') => Some(string(rest)),
        Some(b'\'') if hashes == 0 => Some(character(rest)),
        _ => None,
    }
}

fn string(rest: &str) -> usize {
    let mut escaped = false;
    for (at, sign) in rest.char_indices().skip(1) {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    rest.len()
}

/// A character, or only the mark of a lifetime.
fn character(rest: &str) -> usize {
    let mut signs = rest.char_indices().skip(1);
    match (signs.next(), signs.next()) {
        (Some((_, '\\')), Some((escaped, _))) => {
            rest[escaped + 1..].find('\'').map_or(rest.len(), |end| escaped + end + 2)
        }
        (Some(_), Some((close, '\''))) => close + 1,
        _ => 1,
    }
}

/// Without the items under `#[cfg(test)]`.
pub fn without_tests<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let mut kept = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        if spells(&tokens[at..], &["#", "[", "cfg", "(", "test", ")", "]"]) {
            at += item(&tokens[at..]);
        } else {
            kept.push(tokens[at]);
            at += 1;
        }
    }
    kept
}

/// Whether these tokens come first.
pub fn spells(tokens: &[Token], words: &[&str]) -> bool {
    tokens.len() >= words.len() && tokens.iter().zip(words).all(|(token, word)| token.text == *word)
}

/// How many tokens an item has: up to its `;` or its closing brace.
fn item(tokens: &[Token]) -> usize {
    let (mut brackets, mut braces) = (0, 0);
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "[" | "(" => brackets += 1,
            "]" | ")" => brackets -= 1,
            "{" => braces += 1,
            "}" => braces -= 1,
            _ => {}
        }
        if brackets == 0 && braces == 0 && matches!(token.text, ";" | "}") {
            return at + 1;
        }
    }
    tokens.len()
}

/// What follows `root::`: one name, or all the first names of a group.
pub fn names_under<'a>(tokens: &[Token<'a>], root: &str) -> Vec<Token<'a>> {
    let mut names = Vec::new();
    for at in 0..tokens.len() {
        if !spells(&tokens[at..], &[root, "::"]) || is_inner(tokens, at) {
            continue;
        }
        match tokens.get(at + 2) {
            Some(brace) if brace.text == "{" => names.extend(group(&tokens[at + 2..])),
            Some(name) => names.push(*name),
            None => {}
        }
    }
    names
}

/// Whether the token stands inside a path, as `b` in `a::b::c`.
pub fn is_inner(tokens: &[Token], at: usize) -> bool {
    at >= 2
        && tokens[at - 1].text == "::"
        && (tokens[at - 2].text == ">"
            || tokens[at - 2].text.starts_with(|sign: char| sign.is_alphanumeric() || sign == '_'))
        && tokens[at - 2].text != "use"
}

/// The first names in `{a::b, c::{d, e}}`: a and c.
fn group<'a>(tokens: &[Token<'a>]) -> Vec<Token<'a>> {
    let mut names = Vec::new();
    let mut depth = 0;
    for (at, token) in tokens.iter().enumerate() {
        match token.text {
            "{" => depth += 1,
            "}" => depth -= 1,
            _ if depth == 1 && matches!(tokens[at - 1].text, "{" | ",") => names.push(*token),
            _ => {}
        }
        if depth == 0 {
            break;
        }
    }
    names
}
