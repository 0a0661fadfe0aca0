//! Framing: one JSON object a line, of bounded length.

use std::io::{BufRead, BufReader, Read, Write};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::WireError;

/// The longest line read from a client, in bytes: no request comes near it.
pub(super) const LONGEST_REQUEST: usize = 4 * 1024;
/// The longest line read from a host, in bytes: a status with every text at its longest stays below.
pub(super) const LONGEST_UPDATE: usize = 256 * 1024;

/// Reads messages of one kind from one side.
pub(super) struct Lines<R> {
    from: BufReader<R>,
    longest: usize,
    line: Vec<u8>,
}

impl<R: Read> Lines<R> {
    pub(super) fn new(from: R, longest: usize) -> Self {
        Self { from: BufReader::new(from), longest, line: Vec::new() }
    }

    /// Waits for the next message; [`WireError::Closed`] when the other side is gone.
    pub(super) fn next<T: DeserializeOwned>(&mut self) -> Result<T, WireError> {
        self.line.clear();
        let limit = self.longest as u64 + 1;
        let read = (&mut self.from).take(limit).read_until(b'\n', &mut self.line)?;
        if read == 0 {
            return Err(WireError::Closed);
        }
        if self.line.last() != Some(&b'\n') {
            return Err(if read as u64 == limit { WireError::Nonsense } else { WireError::Closed });
        }
        serde_json::from_slice(&self.line).map_err(|_| WireError::Nonsense)
    }
}

/// A message as one line.
pub(super) fn line<T: Serialize>(message: &T) -> Result<Vec<u8>, WireError> {
    let mut line = serde_json::to_vec(message).map_err(|_| WireError::Nonsense)?;
    line.push(b'\n');
    Ok(line)
}

/// Writes a message in one call.
pub(super) fn send<T: Serialize>(mut to: impl Write, message: &T) -> Result<(), WireError> {
    to.write_all(&line(message)?).map_err(WireError::Socket)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::session::{Source, Verb};
    use crate::wire::Request;

    fn read(bytes: &[u8]) -> Result<Request, WireError> {
        Lines::new(bytes, LONGEST_REQUEST).next()
    }

    #[test]
    fn a_request_travels_as_one_line() {
        let request = Request::Verb { verb: Verb::Next, source: Source::Key };
        let line = line(&request).expect("a request is JSON");
        assert_eq!(line, b"{\"request\":\"verb\",\"verb\":\"next\",\"source\":\"key\"}\n");
        assert_eq!(read(&line).expect("reads back"), request);
    }

    #[test]
    fn half_lines_floods_and_nonsense_are_refused() {
        assert!(matches!(read(b""), Err(WireError::Closed)));
        assert!(matches!(read(b"{\"request\":\"status\"}"), Err(WireError::Closed)));
        assert!(matches!(read(b"hello\n"), Err(WireError::Nonsense)));
        assert!(matches!(read(&vec![b'x'; 1 << 20]), Err(WireError::Nonsense)));
        assert!(matches!(
            read(b"{\"request\":\"verb\",\"verb\":\"jump\",\"source\":\"key\"}\n"),
            Err(WireError::Nonsense)
        ));
    }
}
