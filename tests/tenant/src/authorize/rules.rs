//! Every rule of `/authorize`, in the order that decides who may be told.

use crate::authorize::{
    AuthorizeRequest, OAuthError, Parameters, Prompt, Rejected, ReplyTo, ResponseMode, Wanted,
    organization,
};
use crate::clock::Seconds;
use crate::config::{Application, Settings};
use crate::pages::Language;
use crate::store::Membership;

impl AuthorizeRequest {
    /// Checks everything an authorization request can get wrong, in the order that decides who may be told.
    pub(crate) fn read(
        parameters: &Parameters,
        settings: &Settings,
        issuer: &str,
    ) -> Result<Self, Rejected> {
        let application = application(parameters, settings)?;
        let (redirect_uri, redirect_uri_named) = redirect_uri(parameters, application)?;
        let state = (parameters.count("state") == 1)
            .then(|| parameters.get("state").map(str::to_owned))
            .flatten();
        let mut reply = ReplyTo {
            redirect_uri,
            mode: ResponseMode::Query,
            state,
        };
        let checked = response_mode(parameters, &reply, application)?;
        reply.mode = checked.unwrap_or(ResponseMode::Query);
        let unsupported = || OAuthError::new("invalid_request", "Unsupported response_mode");
        checked
            .ok_or_else(unsupported)
            .and_then(|_| details(parameters, settings, issuer))
            .map(|details| details.with(application, reply.clone(), redirect_uri_named))
            .map_err(|error| Rejected::Redirect(reply, error))
    }

    pub(crate) fn prompts(&self, prompt: Prompt) -> bool {
        self.prompt.contains(&prompt)
    }
}

fn application<'a>(
    parameters: &Parameters,
    settings: &'a Settings,
) -> Result<&'a Application, Rejected> {
    if parameters.count("client_id") > 1 {
        return Err(Rejected::Page(
            "The parameter client_id was sent more than once.".into(),
        ));
    }
    let Some(client_id) = parameters.get("client_id") else {
        return Err(Rejected::Page(
            "Missing required parameter: client_id".into(),
        ));
    };
    settings
        .application(client_id)
        .ok_or_else(|| Rejected::Page(format!("Unknown client: {client_id}")))
}

fn redirect_uri(
    parameters: &Parameters,
    application: &Application,
) -> Result<(String, bool), Rejected> {
    if parameters.count("redirect_uri") > 1 {
        return Err(Rejected::Page(
            "The parameter redirect_uri was sent more than once.".into(),
        ));
    }
    match parameters.get("redirect_uri") {
        Some(sent) if application.callbacks.iter().any(|known| known == sent) => {
            Ok((sent.to_owned(), true))
        }
        Some(sent) => Err(Rejected::Page(format!(
            "Callback URL mismatch. The provided redirect_uri is not in the list of allowed callback URLs: {sent}"
        ))),
        None => match application.callbacks.first() {
            Some(first) => Ok((first.clone(), false)),
            None => Err(Rejected::Page(
                "Missing required parameter: redirect_uri".into(),
            )),
        },
    }
}

/// `Ok(None)` is a mode nobody knows; web messages to an origin that is not allowed are nobody's.
fn response_mode(
    parameters: &Parameters,
    reply: &ReplyTo,
    application: &Application,
) -> Result<Option<ResponseMode>, Rejected> {
    match parameters.get("response_mode") {
        None | Some("query") => Ok(Some(ResponseMode::Query)),
        Some("form_post") => Ok(Some(ResponseMode::FormPost)),
        Some("web_message") => match reply.origin() {
            Some(origin) if application.origins.contains(&origin) => {
                Ok(Some(ResponseMode::WebMessage))
            }
            origin => Err(Rejected::Page(format!(
                "The origin {} is not in the list of allowed web origins.",
                origin.as_deref().unwrap_or("of the redirect_uri")
            ))),
        },
        Some(_) => Ok(None),
    }
}

struct Details {
    nonce: Option<String>,
    challenge: String,
    scope: Vec<String>,
    audience: Option<String>,
    prompt: Vec<Prompt>,
    max_age: Option<Seconds>,
    login_hint: Option<String>,
    sign_up: bool,
    organization: Option<Membership>,
    invited: bool,
    dpop_jkt: Option<String>,
    language: Language,
}

impl Details {
    fn with(
        self,
        application: &Application,
        reply: ReplyTo,
        redirect_uri_named: bool,
    ) -> AuthorizeRequest {
        AuthorizeRequest {
            client_id: application.client_id.clone(),
            reply,
            redirect_uri_named,
            nonce: self.nonce,
            challenge: self.challenge,
            scope: self.scope,
            audience: self.audience,
            prompt: self.prompt,
            max_age: self.max_age,
            login_hint: self.login_hint,
            sign_up: self.sign_up,
            organization: self.organization,
            invited: self.invited,
            dpop_jkt: self.dpop_jkt,
            language: self.language,
            device: None,
        }
    }
}

fn details(
    parameters: &Parameters,
    settings: &Settings,
    issuer: &str,
) -> Result<Details, OAuthError> {
    let invalid = |description: String| OAuthError::new("invalid_request", description);
    if let Some(name) = parameters.repeated() {
        return Err(invalid(format!(
            "The parameter {name} was sent more than once"
        )));
    }
    for (name, error) in [
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
    ] {
        if parameters.get(name).is_some() {
            return Err(OAuthError::new(
                error,
                format!("The parameter {name} is not supported"),
            ));
        }
    }
    match parameters.get("response_type") {
        Some("code") => {}
        Some(other) => {
            return Err(OAuthError::new(
                "unsupported_response_type",
                format!("Unsupported response type: {other}"),
            ));
        }
        None => return Err(invalid("Missing required parameter: response_type".into())),
    }
    let Wanted { audience, scope } = Wanted::read(parameters, settings, issuer)?;
    Ok(Details {
        challenge: challenge(parameters)?,
        scope,
        audience,
        prompt: prompt(parameters)?,
        max_age: max_age(parameters)?,
        nonce: parameters.get("nonce").map(str::to_owned),
        login_hint: parameters.get("login_hint").map(str::to_owned),
        sign_up: parameters.get("screen_hint") == Some("signup"),
        organization: organization(parameters, settings)?,
        invited: parameters.get("invitation").is_some(),
        dpop_jkt: thumbprint(parameters)?,
        language: Language::choose(parameters.get("ui_locales").unwrap_or_default()),
    })
}

fn challenge(parameters: &Parameters) -> Result<String, OAuthError> {
    let invalid = |description: &str| Err(OAuthError::new("invalid_request", description));
    let Some(challenge) = parameters.get("code_challenge") else {
        return invalid("Missing required parameter: code_challenge");
    };
    if parameters.get("code_challenge_method") != Some("S256") {
        return invalid("Only the code_challenge_method S256 is supported");
    }
    if !is_sha256(challenge) {
        return invalid("The code_challenge is not the base64url form of a SHA-256 hash");
    }
    Ok(challenge.to_owned())
}

/// The `dpop_jkt` of [RFC 9449 §10](https://www.rfc-editor.org/rfc/rfc9449#section-10).
fn thumbprint(parameters: &Parameters) -> Result<Option<String>, OAuthError> {
    match parameters.get("dpop_jkt") {
        Some(thumbprint) if !is_sha256(thumbprint) => Err(OAuthError::new(
            "invalid_request",
            "The dpop_jkt is not the base64url form of a SHA-256 hash",
        )),
        thumbprint => Ok(thumbprint.map(str::to_owned)),
    }
}

fn is_sha256(text: &str) -> bool {
    let is_base64url = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    text.len() == 43 && text.bytes().all(is_base64url)
}

fn prompt(parameters: &Parameters) -> Result<Vec<Prompt>, OAuthError> {
    let invalid = |description: String| OAuthError::new("invalid_request", description);
    let words: Vec<&str> = parameters
        .get("prompt")
        .unwrap_or_default()
        .split_whitespace()
        .collect();
    let prompts = words
        .iter()
        .map(|word| match *word {
            "none" => Ok(Prompt::None),
            "login" | "select_account" => Ok(Prompt::Login),
            "consent" => Ok(Prompt::Consent),
            other => Err(invalid(format!("Unsupported prompt: {other}"))),
        })
        .collect::<Result<Vec<_>, _>>()?;
    if prompts.contains(&Prompt::None) && prompts.len() > 1 {
        return Err(invalid(
            "prompt=none cannot be combined with another prompt".into(),
        ));
    }
    Ok(prompts)
}

fn max_age(parameters: &Parameters) -> Result<Option<Seconds>, OAuthError> {
    let Some(text) = parameters.get("max_age") else {
        return Ok(None);
    };
    match text.parse::<u32>() {
        Ok(seconds) => Ok(Some(seconds.into())),
        Err(_) => Err(OAuthError::new(
            "invalid_request",
            "max_age must be a number of seconds",
        )),
    }
}
