//! What is asked for, by whichever request: an API, scopes and an organization.

use crate::authorize::{OAuthError, Parameters};
use crate::config::Settings;
use crate::store::Membership;

/// The API that is asked for, and what it grants of what is asked for.
pub(crate) struct Wanted {
    pub(crate) audience: Option<String>,
    pub(crate) scope: Vec<String>,
}

impl Wanted {
    pub(crate) fn read(
        parameters: &Parameters,
        settings: &Settings,
        issuer: &str,
    ) -> Result<Self, OAuthError> {
        let audience = audience(parameters, settings, issuer)?;
        Ok(Self {
            scope: scope(parameters, settings, audience.as_deref(), issuer),
            audience,
        })
    }
}

fn audience(
    parameters: &Parameters,
    settings: &Settings,
    issuer: &str,
) -> Result<Option<String>, OAuthError> {
    let Some(audience) = parameters.get("audience") else {
        return Ok(None);
    };
    if settings.api_scopes(audience, issuer).is_none() {
        return Err(OAuthError::new(
            "access_denied",
            format!("Service not found: {audience}"),
        ));
    }
    Ok(Some(audience.to_owned()))
}

/// The scopes that can be granted, in the order asked for; unknown ones fall away as at Auth0.
fn scope(
    parameters: &Parameters,
    settings: &Settings,
    audience: Option<&str>,
    issuer: &str,
) -> Vec<String> {
    let of_api = audience
        .and_then(|audience| settings.api_scopes(audience, issuer))
        .unwrap_or_default();
    let known = |word: &str| is_of_login(word) || of_api.iter().any(|scope| scope == word);
    let mut scope = Vec::<String>::new();
    for word in parameters
        .get("scope")
        .unwrap_or_default()
        .split_whitespace()
    {
        if known(word) && !scope.iter().any(|held| held == word) {
            scope.push(word.to_owned());
        }
    }
    scope
}

/// Whether a scope is about the login itself, whatever API it is for.
pub(crate) fn is_of_login(scope: &str) -> bool {
    [
        "openid",
        "profile",
        "email",
        "phone",
        "address",
        "offline_access",
    ]
    .contains(&scope)
}

pub(crate) fn organization(
    parameters: &Parameters,
    settings: &Settings,
) -> Result<Option<Membership>, OAuthError> {
    let Some(wanted) = parameters.get("organization") else {
        return Ok(None);
    };
    let lower = wanted.to_lowercase();
    settings
        .organizations
        .iter()
        .find(|organization| organization.id == wanted || organization.name == lower)
        .map(|organization| {
            Some(Membership {
                id: organization.id.clone(),
                name: organization.name.clone(),
            })
        })
        .ok_or_else(|| OAuthError::new("invalid_request", "The organization does not exist"))
}
