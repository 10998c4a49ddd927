//! The configuration file: the keys of Auth0's samples, and those that came after.

use std::time::Duration;

use serde_json::Value;

use super::{CacheLocation, ConfigError, Settings};
use crate::json;

const KEYS: [&str; 16] = [
    "domain",
    "issuer",
    "clientId",
    "audience",
    "scope",
    "organization",
    "useRefreshTokens",
    "redirectUri",
    "loopbackPorts",
    "apiUrl",
    "useMrrt",
    "useDpop",
    "refreshTokenOverlap",
    "renewAhead",
    "useFrame",
    "cacheLocation",
];

impl Settings {
    /// Reads the settings from the text of a configuration file.
    ///
    /// # Errors
    ///
    /// A [`ConfigError`] that names the key at fault.
    ///
    /// # Examples
    ///
    /// ```
    /// use dioxus_auth0::config::{ConfigError, Settings};
    ///
    /// let settings = Settings::parse(br#"{"domain": "example.eu.auth0.com", "clientId": "abc"}"#)?;
    /// assert_eq!(settings.client_id, "abc");
    ///
    /// let error = Settings::parse(br#"{"domain": "example.eu.auth0.com", "client_id": "abc"}"#).unwrap_err();
    /// assert_eq!(error.key(), Some("client_id"));
    /// # Ok::<(), ConfigError>(())
    /// ```
    pub fn parse(bytes: &[u8]) -> Result<Self, ConfigError> {
        let value = json::parse(bytes).map_err(|error| match error {
            json::JsonError::Html => ConfigError::Html,
            other => ConfigError::Json {
                problem: other.to_string(),
            },
        })?;
        let Value::Object(members) = &value else {
            return Err(ConfigError::Json {
                problem: "the file must hold one object, in braces".into(),
            });
        };
        if let Some(key) = members.keys().find(|key| !KEYS.contains(&key.as_str())) {
            return Err(ConfigError::UnknownKey { key: key.clone() });
        }
        Ok(Self {
            domain: text(&value, "domain")?,
            issuer: text(&value, "issuer")?,
            client_id: text(&value, "clientId")?.unwrap_or_default(),
            redirect_uri: text(&value, "redirectUri")?,
            loopback_ports: ports(&value)?,
            audience: text(&value, "audience")?,
            scope: text(&value, "scope")?,
            organization: text(&value, "organization")?,
            api_url: text(&value, "apiUrl")?,
            use_refresh_tokens: flag(&value, "useRefreshTokens")?,
            use_mrrt: flag(&value, "useMrrt")?,
            use_dpop: flag(&value, "useDpop")?,
            refresh_token_overlap: seconds(&value, "refreshTokenOverlap")?,
            renew_ahead: flag(&value, "renewAhead")?,
            use_frame: flag(&value, "useFrame")?,
            cache: cache(&value)?,
            ..Self::default()
        })
    }
}

fn text(value: &Value, key: &'static str) -> Result<Option<String>, ConfigError> {
    match &value[key] {
        Value::Null => Ok(None),
        Value::String(text) => Ok(Some(text.clone())),
        _ => Err(ConfigError::WrongType {
            key,
            expected: "a string",
        }),
    }
}

fn ports(value: &Value) -> Result<Option<Vec<u16>>, ConfigError> {
    let key = "loopbackPorts";
    let port = |port: &Value| port.as_u64().and_then(|port| u16::try_from(port).ok());
    let ports = match &value[key] {
        Value::Null => return Ok(None),
        Value::Array(ports) => ports.iter().map(port).collect(),
        _ => None,
    };
    match ports {
        Some(ports) => Ok(Some(ports)),
        None => Err(ConfigError::WrongType {
            key,
            expected: "a list of port numbers, from 0 to 65535",
        }),
    }
}

fn cache(value: &Value) -> Result<CacheLocation, ConfigError> {
    let key = "cacheLocation";
    let expected = "\"sessionStorage\", \"localStorage\" or \"memory\"";
    match (&value[key], value[key].as_str()) {
        (Value::Null, _) => Ok(CacheLocation::Usual),
        (_, Some("sessionStorage")) => Ok(CacheLocation::SessionStorage),
        // auth0-spa-js writes it in small letters.
        (_, Some("localStorage" | "localstorage")) => Ok(CacheLocation::LocalStorage),
        (_, Some("memory")) => Ok(CacheLocation::Memory),
        _ => Err(ConfigError::WrongType { key, expected }),
    }
}

fn seconds(value: &Value, key: &'static str) -> Result<Duration, ConfigError> {
    let expected = "a whole number of seconds";
    match &value[key] {
        Value::Null => Ok(Duration::ZERO),
        other => match other.as_u64() {
            Some(seconds) => Ok(Duration::from_secs(seconds)),
            None => Err(ConfigError::WrongType { key, expected }),
        },
    }
}

fn flag(value: &Value, key: &'static str) -> Result<bool, ConfigError> {
    match &value[key] {
        Value::Null => Ok(false),
        Value::Bool(flag) => Ok(*flag),
        _ => Err(ConfigError::WrongType {
            key,
            expected: "true or false",
        }),
    }
}
