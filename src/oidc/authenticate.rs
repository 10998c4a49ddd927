//! What a server asks for with a 401: the challenges of `WWW-Authenticate`.

use http::HeaderMap;
use http::header::WWW_AUTHENTICATE;

/// The most bytes that are read, over all fields.
pub const MAX_BYTES: usize = 8_192;

/// The most challenges that are read, and the most parameters of each.
pub const MAX_ITEMS: usize = 32;

/// One challenge of [RFC 9110 §11.6.1](https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1).
///
/// # Examples
///
/// ```
/// use dioxus_auth0::oidc::authenticate;
/// use http::HeaderMap;
/// use http::header::WWW_AUTHENTICATE;
///
/// let mut headers = HeaderMap::new();
/// headers.insert(WWW_AUTHENTICATE, r#"Bearer realm="api", error="invalid_token""#.parse()?);
/// let challenges = authenticate::challenges(&headers)?;
/// assert!(challenges[0].is("bearer"));
/// assert_eq!(challenges[0].parameter("error"), Some("invalid_token"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuthChallenge {
    scheme: String,
    /// Names in lower case.
    parameters: Vec<(String, String)>,
}

/// Says why the challenges cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChallengeError {
    /// More than anybody needs to say.
    #[error("expected at most {limit} {what} of challenges, found more")]
    TooMany {
        /// What there is too much of.
        what: &'static str,
        /// How much is allowed.
        limit: usize,
    },
    /// Not the grammar of the header.
    #[error("expected {expected} in the challenges, found something else")]
    Syntax {
        /// What was expected.
        expected: &'static str,
    },
    /// A parameter that stands there twice.
    #[error("expected one parameter of a name in a challenge, found two")]
    Duplicate,
}

impl AuthChallenge {
    /// Says whether this is a challenge of that scheme, in whatever case it is written.
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// Gives a parameter by its name in lower case.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        let named = self.parameters.iter().find(|(found, _)| found == name);
        named.map(|(_, value)| value.as_str())
    }
}

/// Reads all challenges of an answer, in order.
///
/// A page sees them only if the server exposes the header
/// ([Fetch](https://fetch.spec.whatwg.org/#http-access-control-expose-headers)).
///
/// # Errors
///
/// [`ChallengeError`]; nothing of a header counts that cannot be read to its end.
pub fn challenges(headers: &HeaderMap) -> Result<Vec<AuthChallenge>, ChallengeError> {
    let fields = headers.get_all(WWW_AUTHENTICATE);
    let length: usize = fields.iter().map(|field| field.len()).sum();
    if length > MAX_BYTES {
        return Err(ChallengeError::TooMany {
            what: "bytes",
            limit: MAX_BYTES,
        });
    }
    let mut challenges = Vec::new();
    for field in fields {
        let rest = field.to_str().map_err(|_| ChallengeError::Syntax {
            expected: "visible ascii characters",
        })?;
        Reader { rest }.field(&mut challenges)?;
    }
    Ok(challenges)
}

/// The part of a field that is still to be read.
struct Reader<'a> {
    rest: &'a str,
}

impl<'a> Reader<'a> {
    fn field(mut self, challenges: &mut Vec<AuthChallenge>) -> Result<(), ChallengeError> {
        let mut takes_parameters = false;
        loop {
            self.skip(|c| matches!(c, ' ' | '\t' | ','));
            if self.rest.is_empty() {
                return Ok(());
            }
            let name = self.token("a scheme or a parameter")?;
            if let Some(value) = self.value()? {
                let challenge = challenges.last_mut().filter(|_| takes_parameters);
                let challenge = challenge.ok_or(ChallengeError::Syntax {
                    expected: "a scheme before its parameters",
                })?;
                challenge.insert(name, value)?;
                self.end_of_item()?;
                continue;
            }
            bound("challenges", challenges.len())?;
            challenges.push(AuthChallenge {
                scheme: name.to_owned(),
                parameters: Vec::new(),
            });
            takes_parameters = self.after_scheme()?;
        }
    }

    /// Reads up to the first parameter of a scheme, or past the `token68` in place of them; says whether parameters
    /// may follow.
    fn after_scheme(&mut self) -> Result<bool, ChallengeError> {
        if !self.rest.starts_with(' ') {
            return self.end_of_item().map(|()| false);
        }
        self.skip(|c| c == ' ');
        let mut ahead = Self { rest: self.rest };
        ahead.skip(|c| c.is_ascii_alphanumeric() || "-._~+/".contains(c));
        ahead.skip(|c| c == '=');
        let is_token68 = ahead.rest.len() < self.rest.len() && ahead.end_of_item().is_ok();
        if is_token68 {
            self.rest = ahead.rest;
        }
        Ok(!is_token68)
    }

    /// Reads `= value`, if that is what comes.
    fn value(&mut self) -> Result<Option<String>, ChallengeError> {
        let Some(rest) = self.rest.trim_start_matches([' ', '\t']).strip_prefix('=') else {
            return Ok(None);
        };
        self.rest = rest.trim_start_matches([' ', '\t']);
        match self.rest.strip_prefix('"') {
            Some(rest) => {
                self.rest = rest;
                self.quoted().map(Some)
            }
            None => Ok(Some(self.token("a value")?.to_owned())),
        }
    }

    /// Reads the rest of a quoted string, its closing mark included.
    fn quoted(&mut self) -> Result<String, ChallengeError> {
        let open = ChallengeError::Syntax {
            expected: "the end of a quoted string",
        };
        let mut value = String::new();
        let mut characters = self.rest.chars();
        loop {
            match characters.next() {
                Some('"') => break,
                Some('\\') => value.push(characters.next().ok_or(open.clone())?),
                Some(character) => value.push(character),
                None => return Err(open),
            }
        }
        self.rest = characters.as_str();
        Ok(value)
    }

    fn token(&mut self, expected: &'static str) -> Result<&'a str, ChallengeError> {
        let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
        let end = self.rest.find(|c| !is_token(c)).unwrap_or(self.rest.len());
        let (token, rest) = self.rest.split_at(end);
        self.rest = rest;
        match token {
            "" => Err(ChallengeError::Syntax { expected }),
            token => Ok(token),
        }
    }

    fn end_of_item(&mut self) -> Result<(), ChallengeError> {
        self.skip(|c| matches!(c, ' ' | '\t'));
        match self.rest.is_empty() || self.rest.starts_with(',') {
            true => Ok(()),
            false => Err(ChallengeError::Syntax {
                expected: "a comma",
            }),
        }
    }

    fn skip(&mut self, skipped: impl Fn(char) -> bool) {
        self.rest = self.rest.trim_start_matches(skipped);
    }
}

impl AuthChallenge {
    fn insert(&mut self, name: &str, value: String) -> Result<(), ChallengeError> {
        bound("parameters", self.parameters.len())?;
        let name = name.to_ascii_lowercase();
        if self.parameter(&name).is_some() {
            return Err(ChallengeError::Duplicate);
        }
        self.parameters.push((name, value));
        Ok(())
    }
}

fn bound(what: &'static str, found: usize) -> Result<(), ChallengeError> {
    let limit = MAX_ITEMS;
    match found < limit {
        true => Ok(()),
        false => Err(ChallengeError::TooMany { what, limit }),
    }
}
