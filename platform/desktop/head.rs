//! The head of a request, within limits and to the letter of
//! [RFC 9112](https://www.rfc-editor.org/rfc/rfc9112).
//!
//! `hyper` parses it afterwards. It comes here first because a general parser is lenient in what its limits mean and in
//! how a line may end, and this port is spoken to by one browser, once.

use std::io;

use http::StatusCode;
use tokio::io::{AsyncRead, AsyncReadExt};

/// The longest request line, in bytes, without its end.
pub(super) const MAX_LINE: usize = 8_192;

/// The longest header section, in bytes.
pub(super) const MAX_HEADERS: usize = 16_384;

/// The most header fields.
pub(super) const MAX_FIELDS: usize = 64;

/// Reads up to the end of a head, and returns all that came, or the status to refuse it with.
///
/// # Errors
///
/// When the peer is gone before that.
pub(super) async fn read(
    stream: &mut (impl AsyncRead + Unpin),
) -> io::Result<Result<Vec<u8>, StatusCode>> {
    let mut head = Vec::with_capacity(2_048);
    let mut scan = Scan::default();
    loop {
        if stream.read_buf(&mut head).await? == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        match scan.advance(&head) {
            Ok(false) => {}
            Ok(true) => return Ok(Ok(head)),
            Err(status) => return Ok(Err(status)),
        }
    }
}

/// How far a head has been looked at.
#[derive(Debug, Default)]
struct Scan {
    at: usize,
    /// Where the current line starts.
    line: usize,
    /// Where the header section starts, after the request line.
    headers: Option<usize>,
    fields: usize,
}

impl Scan {
    /// Looks at what is new in `head`, and says whether it is whole.
    fn advance(&mut self, head: &[u8]) -> Result<bool, StatusCode> {
        while let Some(byte) = head.get(self.at) {
            self.check_length()?;
            let ends = self.at > self.line && head[self.at - 1] == b'\r';
            match (byte, ends) {
                (b'\n', true) => {
                    let line = &head[self.line..self.at - 1];
                    self.at += 1;
                    self.line = self.at;
                    if self.end_line(line)? {
                        return Ok(true);
                    }
                    continue;
                }
                // A line feed by itself, or a carriage return.
                (b'\n', false) | (_, true) => return Err(StatusCode::BAD_REQUEST),
                (b'\r', false) => {}
                _ => self.check_byte(*byte)?,
            }
            self.at += 1;
        }
        Ok(false)
    }

    fn check_length(&self) -> Result<(), StatusCode> {
        match self.headers {
            // Its end, a carriage return and a line feed, is not counted.
            None if self.at >= self.line + MAX_LINE + 2 => Err(StatusCode::URI_TOO_LONG),
            Some(start) if self.at >= start + MAX_HEADERS => {
                Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
            }
            _ => Ok(()),
        }
    }

    fn check_byte(&self, byte: u8) -> Result<(), StatusCode> {
        let is_first = self.at == self.line;
        let is_fine = match self.headers {
            None => matches!(byte, b' '..=b'~'),
            // A line that goes on with the one before it, as mail once wrote them.
            Some(_) if is_first => matches!(byte, b'!'..=b'~'),
            Some(_) => matches!(byte, b'\t' | b' '..=b'~' | 0x80..),
        };
        match is_fine {
            true => Ok(()),
            false => Err(StatusCode::BAD_REQUEST),
        }
    }

    /// Takes note of a whole line, and says whether it was the empty one at the end.
    fn end_line(&mut self, line: &[u8]) -> Result<bool, StatusCode> {
        if self.headers.is_none() {
            self.headers = Some(self.at);
            return match is_request_line(line) {
                true => Ok(false),
                false => Err(StatusCode::BAD_REQUEST),
            };
        }
        if line.is_empty() {
            return Ok(true);
        }
        self.fields += 1;
        match self.fields > MAX_FIELDS {
            true => Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE),
            false => Ok(false),
        }
    }
}

/// Whether there are three words, the last of them a version of this protocol.
fn is_request_line(line: &[u8]) -> bool {
    let mut words = line.split(|byte| *byte == b' ');
    let (method, target, version) = (words.next(), words.next(), words.next());
    let are_there = [method, target]
        .iter()
        .all(|word| word.is_some_and(|word| !word.is_empty()));
    are_there && words.next().is_none() && matches!(version, Some(b"HTTP/1.1" | b"HTTP/1.0"))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn scan(head: &[u8]) -> Result<bool, StatusCode> {
        Scan::default().advance(head)
    }

    /// A request line and a header section of these lengths.
    fn head(line: usize, headers: usize) -> Vec<u8> {
        let target = "a".repeat(line - "GET / HTTP/1.1".len());
        let value = "b".repeat(headers - "a: \r\n\r\n".len());
        format!("GET /{target} HTTP/1.1\r\na: {value}\r\n\r\n").into_bytes()
    }

    #[test]
    fn the_limits_are_reached_and_not_passed() {
        assert_eq!(scan(&head(MAX_LINE, 100)), Ok(true));
        let too_long = Err(StatusCode::URI_TOO_LONG);
        assert_eq!(scan(&head(MAX_LINE + 1, 100)), too_long);
        assert_eq!(scan(&head(MAX_LINE + 3, 100)), too_long);

        let too_large = Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE);
        assert_eq!(scan(&head(100, MAX_HEADERS)), Ok(true));
        assert_eq!(scan(&head(100, MAX_HEADERS + 1)), too_large);

        let fields = |count| format!("GET / HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(count));
        assert_eq!(scan(fields(MAX_FIELDS).as_bytes()), Ok(true));
        assert_eq!(scan(fields(MAX_FIELDS + 1).as_bytes()), too_large);
    }

    #[test]
    fn a_head_that_never_ends_is_refused_at_the_limit() {
        let line = vec![b'a'; MAX_LINE + 3];
        assert_eq!(scan(&line), Err(StatusCode::URI_TOO_LONG));
        let mut headers = b"GET / HTTP/1.1\r\na: ".to_vec();
        headers.extend(vec![b'b'; MAX_HEADERS]);
        assert_eq!(
            scan(&headers),
            Err(StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE)
        );
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]

        #[test]
        fn it_does_not_matter_in_which_pieces_a_head_comes(
            head in proptest::collection::vec(prop_oneof![Just(b'\r'), Just(b'\n'), Just(b' '), any::<u8>()], 0..200),
            good in any::<bool>(),
            cuts in proptest::collection::vec(0..240_usize, 0..6),
        ) {
            let mut whole = if good { b"GET /a HTTP/1.1\r\nHost: b".to_vec() } else { Vec::new() };
            whole.extend(head);
            let at_once = scan(&whole);
            let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(whole.len())).collect();
            cuts.sort_unstable();
            cuts.push(whole.len());
            let mut piecewise = Scan::default();
            let mut result = Ok(false);
            for cut in cuts {
                result = piecewise.advance(&whole[..cut]);
                if result != Ok(false) {
                    break;
                }
            }
            prop_assert_eq!(result, at_once);
        }

        #[test]
        fn what_is_whole_has_no_stray_line_ends(head in "[ -~\r\n]{0,60}") {
            let head = ["GET / HTTP/1.1\r\n", &head].concat();
            if scan(head.as_bytes()) == Ok(true) {
                let end = head.find("\r\n\r\n").expect("a whole head ends in an empty line");
                let section = head[..end].replace("\r\n", "");
                prop_assert!(!section.contains(['\r', '\n']));
            }
        }
    }
}
