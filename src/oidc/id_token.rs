//! The ID token: who logged in, and for whom the provider said so.
//!
//! A token is read in three steps that cannot be taken out of order: [`Jws::parse`](super::Jws::parse) finds the parts
//! and refuses every algorithm but RS256, [`Jws::verify_with`](super::Jws::verify_with) takes the verdict of the machine's
//! crypto on the signature, and [`VerifiedJws::claims`] makes every check of
//! [OpenID Connect Core §3.1.3.7](https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation).

use std::time::Duration;

use serde_json::Value;

use crate::json::{self, JsonError, excerpt};
use crate::oidc::jws::VerifiedJws;
use crate::secret::Nonce;
use crate::time::UnixTime;
use crate::user::Claims;

/// What the login, or the session that is refreshed, knows.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The provider asked, to the letter.
    pub issuer: &'a str,
    /// The app's id at the provider.
    pub client_id: &'a str,
    /// The nonce sent; `None` after a refresh, which sends none.
    pub nonce: Option<&'a Nonce>,
    /// The time by this machine's clock.
    pub now: UnixTime,
    /// How far the two clocks may be apart. Zero means zero.
    pub leeway: Duration,
    /// How long ago the user may have logged in, if that was asked.
    pub max_age: Option<Duration>,
    /// The organization asked, `org_…` or a name.
    pub organization: Option<&'a str>,
}

/// Says why an ID token proves nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum IdTokenError {
    /// Not three parts.
    #[error("expected 3 parts in the id token, found {found}")]
    Parts {
        /// How many there are.
        found: usize,
    },
    /// A part is not base64url.
    #[error("expected base64url in the {part} of the id token, found something else")]
    Encoding {
        /// Which part.
        part: &'static str,
    },
    /// A part is not the JSON expected.
    #[error("the {part} of the id token cannot be read")]
    Json {
        /// Which part.
        part: &'static str,
        /// What is wrong with it.
        source: JsonError,
    },
    /// Another algorithm than RS256; the token has no say in this.
    #[error("expected an id token signed with \"RS256\", found \"{found}\"")]
    Algorithm {
        /// What it is signed with.
        found: String,
    },
    /// Extensions this crate does not know must be understood
    /// ([RFC 7515 §4.1.11](https://www.rfc-editor.org/rfc/rfc7515#section-4.1.11)).
    #[error("expected no critical extensions in the id token, found some")]
    Critical,
    /// The token is of a kind made for another use
    /// ([RFC 8725 §3.11](https://www.rfc-editor.org/rfc/rfc8725#section-3.11)).
    #[error("expected an id token, found a token of type \"{found}\"")]
    Type {
        /// Its `typ`.
        found: String,
    },
    /// The signature is not that of any key of the provider.
    #[error("expected an id token signed by the provider, found a signature of none of its keys")]
    Signature,
    /// A claim that must be there is not.
    #[error("expected a claim \"{claim}\" in the id token, found none")]
    Missing {
        /// The claim's name.
        claim: &'static str,
    },
    /// A claim has another value than the one expected.
    #[error("expected \"{expected}\" as claim \"{claim}\" of the id token, found \"{found}\"")]
    Mismatch {
        /// The claim's name.
        claim: &'static str,
        /// What this app expects.
        expected: String,
        /// What the token says.
        found: String,
    },
    /// The nonce is not the one sent.
    #[error("expected the nonce of this login in the id token, found another")]
    Nonce,
    /// The token is no longer valid.
    #[error("expected an id token valid at {now}, found one that expired at {expired}", now = now.seconds(), expired = expired.seconds())]
    Expired {
        /// Its `exp`.
        expired: UnixTime,
        /// The time by this machine's clock.
        now: UnixTime,
    },
    /// The token is not valid yet, by `nbf` or `iat`; mostly this machine's clock is slow.
    #[error("expected an id token valid at {now}, found one valid from {from} (claim \"{claim}\")", now = now.seconds(), from = from.seconds())]
    NotYetValid {
        /// `nbf` or `iat`.
        claim: &'static str,
        /// What it says.
        from: UnixTime,
        /// The time by this machine's clock.
        now: UnixTime,
    },
    /// The user logged in longer ago than asked.
    #[error("expected a login after {earliest}, found one at {found}", earliest = earliest.seconds(), found = found.seconds())]
    TooOld {
        /// The earliest time that would do.
        earliest: UnixTime,
        /// The token's `auth_time`.
        found: UnixTime,
    },
}

impl VerifiedJws<'_> {
    /// Makes every check of the claims, in the specification's order.
    ///
    /// Several audiences are accepted if `azp` names this app: with that the provider vouches for
    /// the others.
    ///
    /// # Errors
    ///
    /// [`IdTokenError`], of the first check that fails.
    pub fn claims(&self, expected: &Expected<'_>) -> Result<Claims, IdTokenError> {
        let payload = self.payload()?;
        check_parties(&payload, expected)?;
        check_times(&payload, expected)?;
        check_login(&payload, expected)?;
        match payload {
            Value::Object(claims) => Ok(Claims::checked(claims)),
            _ => Err(IdTokenError::Missing { claim: "sub" }),
        }
    }

    /// Makes the checks of a token that a refresh brought, against the claims of the login
    /// ([OpenID Connect Core §12.2](https://openid.net/specs/openid-connect-core-1_0.html#RefreshTokenResponse)):
    /// the same user and organization, the same login, and no other nonce.
    ///
    /// # Errors
    ///
    /// [`IdTokenError`], of the first check that fails.
    pub fn renewed_claims(
        &self,
        expected: &Expected<'_>,
        login: &Claims,
    ) -> Result<Claims, IdTokenError> {
        let claims = self.claims(expected)?;
        if claims.sub() != login.sub() {
            return Err(mismatch("sub", login.sub(), claims.sub()));
        }
        for claim in ["org_id", "org_name"] {
            let text = |claims: &Claims| claims.get(claim)?.as_str().map(str::to_owned);
            if let Some(expected) = text(login) {
                let found = text(&claims).ok_or(IdTokenError::Missing { claim })?;
                if found != expected {
                    return Err(mismatch(claim, &expected, &found));
                }
            }
        }
        if let (Some(found), Some(expected)) = (claims.get("auth_time"), login.get("auth_time"))
            && json::whole(found) != json::whole(expected)
        {
            return Err(mismatch(
                "auth_time",
                &expected.to_string(),
                &found.to_string(),
            ));
        }
        if let Some(nonce) = claims.get("nonce")
            && Some(nonce) != login.get("nonce")
        {
            return Err(IdTokenError::Nonce);
        }
        Ok(claims)
    }
}

/// Steps 2 to 5: who says so, of whom, and to whom.
fn check_parties(claims: &Value, expected: &Expected<'_>) -> Result<(), IdTokenError> {
    let issuer = required(claims, "iss")?;
    if issuer != expected.issuer {
        return Err(mismatch("iss", expected.issuer, issuer));
    }

    let sub = required(claims, "sub")?;
    // OpenID Connect Core §2: at most 255 ASCII characters.
    if sub.len() > 255 || !sub.is_ascii() {
        return Err(mismatch("sub", "at most 255 ascii characters", sub));
    }

    let several = check_audience(claims, expected.client_id)?;
    let azp = text(claims, "azp")?;
    if several && azp.is_none() {
        return Err(IdTokenError::Missing { claim: "azp" });
    }
    if let Some(azp) = azp.filter(|azp| *azp != expected.client_id) {
        return Err(mismatch("azp", expected.client_id, azp));
    }
    Ok(())
}

/// Checks that the token is for this app, and says whether it is for others too.
fn check_audience(claims: &Value, client_id: &str) -> Result<bool, IdTokenError> {
    let audience = claims.get("aud").unwrap_or(&Value::Null);
    if let Some(only) = audience.as_str() {
        if only != client_id {
            return Err(mismatch("aud", client_id, only));
        }
        return Ok(false);
    }
    if audience.is_null() {
        return Err(IdTokenError::Missing { claim: "aud" });
    }
    let audiences = json::strings(claims, "aud").map_err(payload_error)?;
    let audiences = audiences.unwrap_or_default();
    if !audiences.contains(&client_id) {
        return Err(mismatch("aud", client_id, &audiences.join(", ")));
    }
    Ok(audiences.len() > 1)
}

/// Steps 9 and 10, and `nbf`: when.
fn check_times(claims: &Value, expected: &Expected<'_>) -> Result<(), IdTokenError> {
    let (now, leeway) = (expected.now, expected.leeway);
    let expired = required_time(claims, "exp")?;
    if now >= expired + leeway {
        return Err(IdTokenError::Expired { expired, now });
    }
    let from_claims = [
        ("iat", Some(required_time(claims, "iat")?)),
        ("nbf", time(claims, "nbf")?),
    ];
    for (claim, from) in from_claims {
        if let Some(from) = from.filter(|from| now + leeway < *from) {
            return Err(IdTokenError::NotYetValid { claim, from, now });
        }
    }
    Ok(())
}

/// Steps 11 and 13, and Auth0's organization: is it the login that was asked for.
fn check_login(claims: &Value, expected: &Expected<'_>) -> Result<(), IdTokenError> {
    if let Some(nonce) = expected.nonce
        && Nonce::new(required(claims, "nonce")?) != *nonce
    {
        return Err(IdTokenError::Nonce);
    }
    if let Some(max_age) = expected.max_age {
        let found = required_time(claims, "auth_time")?;
        let earliest = expected.now - max_age - expected.leeway;
        if found < earliest {
            return Err(IdTokenError::TooOld { earliest, found });
        }
    }
    match expected.organization.map(str::trim) {
        None => Ok(()),
        Some(id) if id.starts_with("org_") => equal(claims, "org_id", id),
        // Auth0 keeps names in lower case, of ASCII letters, and lets an app ask in any.
        Some(name) => equal(claims, "org_name", &name.to_ascii_lowercase()),
    }
}

fn equal(claims: &Value, claim: &'static str, expected: &str) -> Result<(), IdTokenError> {
    let found = required(claims, claim)?;
    if found != expected {
        return Err(mismatch(claim, expected, found));
    }
    Ok(())
}

fn mismatch(claim: &'static str, expected: &str, found: &str) -> IdTokenError {
    IdTokenError::Mismatch {
        claim,
        expected: excerpt(expected),
        found: excerpt(found),
    }
}

fn required<'a>(claims: &'a Value, claim: &'static str) -> Result<&'a str, IdTokenError> {
    let found = text(claims, claim)?.filter(|text| !text.is_empty());
    found.ok_or(IdTokenError::Missing { claim })
}

fn text<'a>(claims: &'a Value, claim: &'static str) -> Result<Option<&'a str>, IdTokenError> {
    json::string(claims, claim).map_err(payload_error)
}

fn required_time(claims: &Value, claim: &'static str) -> Result<UnixTime, IdTokenError> {
    time(claims, claim)?.ok_or(IdTokenError::Missing { claim })
}

fn time(claims: &Value, claim: &'static str) -> Result<Option<UnixTime>, IdTokenError> {
    let seconds = json::integer(claims, claim).map_err(payload_error)?;
    Ok(seconds.map(UnixTime::from_seconds))
}

fn payload_error(source: JsonError) -> IdTokenError {
    IdTokenError::Json {
        part: "payload",
        source,
    }
}
