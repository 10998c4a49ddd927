//! The configuration of this machine: the environment over a file in the user's configuration directory over what the
//! app was built with.

use std::path::Path;

use crate::config::{CONFIG_FILE, Config, ConfigError, Device, Settings};
use crate::platform::home;

type Apply = fn(&mut Settings, String);

/// The variables and what each replaces. A domain takes the place of an issuer, and the other way round.
const VARIABLES: [(&str, &str, Apply); 5] = [
    ("AUTH0_DOMAIN", "domain", |settings, text| {
        settings.domain = Some(text);
        settings.issuer = None;
    }),
    ("AUTH0_ISSUER", "issuer", |settings, text| {
        settings.issuer = Some(text);
        settings.domain = None;
    }),
    ("AUTH0_CLIENT_ID", "clientId", |settings, text| {
        settings.client_id = text;
    }),
    ("AUTH0_AUDIENCE", "audience", |settings, text| {
        settings.audience = Some(text);
    }),
    ("AUTH0_SCOPE", "scope", |settings, text| {
        settings.scope = Some(text);
    }),
];

/// Completes the settings that the app was built with by those of this machine: `auth_config.json` in the
/// configuration directory replaces them all, each of the variables `AUTH0_DOMAIN`, `AUTH0_ISSUER`, `AUTH0_CLIENT_ID`,
/// `AUTH0_AUDIENCE` and `AUTH0_SCOPE` replaces one. A variable that is empty counts as not set.
///
/// # Errors
///
/// [`ConfigError::Place`], which names the file or the variable at fault.
pub fn local_settings(device: &Device, built_in: Settings) -> Result<Settings, ConfigError> {
    let directory = home::config_directory(device.application.as_deref());
    let file = directory.map(|directory| directory.join(CONFIG_FILE));
    let settings = match file {
        Some(file) => from_file(&file)?.unwrap_or(built_in),
        None => built_in,
    };
    with_environment(settings, |name| {
        std::env::var_os(name).map(|text| text.into_string().map_err(drop))
    })
}

/// Reads the settings in `file`, if it is there.
///
/// # Errors
///
/// [`ConfigError::Place`].
pub fn from_file(file: &Path) -> Result<Option<Settings>, ConfigError> {
    let bytes = match std::fs::read(file) {
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => Err(ConfigError::Unreadable {
            problem: error.to_string(),
        }),
        Ok(bytes) => Ok(bytes),
    };
    let settings = bytes.and_then(|bytes| Settings::parse(&bytes));
    match settings {
        Ok(settings) => Ok(Some(settings)),
        Err(error) => Err(at(&file.display().to_string(), error)),
    }
}

/// Replaces each of the settings that a variable is set for. `variable` says what a variable holds, or fails for what
/// is no text.
///
/// # Errors
///
/// [`ConfigError::Place`] when a variable holds what cannot be used.
///
/// # Examples
///
/// ```
/// use dioxus_auth0::config::Settings;
/// use dioxus_auth0::platform::native::with_environment;
///
/// let settings = Settings { client_id: "abc".into(), ..Settings::default() };
/// let settings = with_environment(settings, |name| {
///     (name == "AUTH0_DOMAIN").then(|| Ok("example.eu.auth0.com".to_owned()))
/// })?;
/// assert_eq!(settings.domain.as_deref(), Some("example.eu.auth0.com"));
/// assert_eq!(settings.client_id, "abc");
/// # Ok::<(), dioxus_auth0::config::ConfigError>(())
/// ```
pub fn with_environment(
    mut settings: Settings,
    variable: impl Fn(&str) -> Option<Result<String, ()>>,
) -> Result<Settings, ConfigError> {
    let mut set = Vec::new();
    for (name, key, apply) in VARIABLES {
        match variable(name) {
            None => {}
            Some(Ok(text)) if text.trim().is_empty() => {}
            Some(Ok(text)) => {
                apply(&mut settings, text);
                set.push((name, key));
            }
            Some(Err(())) => {
                let expected = "text in UTF-8";
                return Err(at(name, ConfigError::WrongType { key, expected }));
            }
        }
    }
    let names = |name: &str| set.iter().any(|(set, _)| *set == name);
    if names("AUTH0_DOMAIN") && names("AUTH0_ISSUER") {
        return Err(at("AUTH0_DOMAIN", ConfigError::DomainAndIssuer));
    }
    // What is wrong with a value is said where it was set.
    if let Err(error) = Config::new(&settings)
        && let Some((name, _)) = set.iter().find(|(_, key)| error.key() == Some(key))
    {
        return Err(at(name, error));
    }
    Ok(settings)
}

fn at(place: &str, problem: ConfigError) -> ConfigError {
    ConfigError::Place {
        place: place.to_owned(),
        problem: Box::new(problem),
    }
}
