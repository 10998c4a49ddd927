//! What a developer has to change when the configuration is wrong.

use crate::config::ConfigError;

/// Says how to mend `error`, in a sentence.
pub(crate) fn fix(error: &ConfigError) -> &'static str {
    match error {
        ConfigError::Missing | ConfigError::Html => {
            "Create the file with the keys shown below. Files of that folder are served at the root of the app; Dioxus.toml must name it as its public_dir."
        }
        ConfigError::Place { problem, .. } => fix(problem),
        ConfigError::NoEndpoint { .. } => {
            "Turn it on at your provider, or do without what needs it."
        }
        ConfigError::Unreadable { .. } => "Let this user of the machine read the file.",
        ConfigError::Json { .. } => "Mend the file at that place: it must hold one JSON object.",
        ConfigError::UnknownKey { .. } => {
            "Remove the key or correct its spelling. Known are: domain, issuer, clientId, audience, scope, organization, useRefreshTokens, redirectUri, loopbackPorts, apiUrl, useMrrt, useDpop, refreshTokenOverlap, renewAhead, useFrame, cacheLocation."
        }
        ConfigError::WrongType { .. } => "Give the key a value of that type.",
        ConfigError::Empty { key: "clientId" } => {
            "Fill it with the client id of the application as your provider shows it."
        }
        ConfigError::Empty {
            key: "loopbackPorts",
        } => "Name at least one port, or remove the key.",
        ConfigError::Empty { .. } => {
            "Fill it with the address of your provider, such as example.eu.auth0.com."
        }
        ConfigError::DomainAndIssuer => {
            "Keep domain for Auth0 or issuer for any other OpenID provider, and remove the other key."
        }
        ConfigError::Issuer { .. } => {
            "Write a host such as example.eu.auth0.com, or an https URL. Plain http is allowed for this machine only, such as http://127.0.0.1:4400."
        }
        ConfigError::ReturnTo(_) => "Return to a page of this app: a path such as /profile.",
        ConfigError::Authorize(_) => {
            "Remove the parameter from the options of the login; the protocol sets it."
        }
        ConfigError::RedirectUri { .. } => {
            "Write the whole URL exactly as registered with the provider, or remove the key."
        }
        ConfigError::NotDeepLink { .. } => {
            "Write a link that opens the app, such as com.example.app://example.eu.auth0.com/android/com.example.app/callback, and register it with the provider, or remove the key."
        }
        ConfigError::NotScheme { .. } => {
            "Give the app an identifier such as com.example.app, or set redirectUri to a link that opens it, such as com.example.app://example.eu.auth0.com/android/com.example.app/callback, and register that with the provider."
        }
        ConfigError::NotLoopback { .. } => {
            "Write a URL such as http://127.0.0.1:14410/callback and register it with the provider, or remove the key to use loopbackPorts. The name localhost will not do: it may be another machine."
        }
    }
}
