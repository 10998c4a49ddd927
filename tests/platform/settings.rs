//! The configuration of a machine: environment over file over what is built in.

use dioxus_auth0::config::{ConfigError, Settings};
use dioxus_auth0::platform::native::{from_file, with_environment};

fn built_in() -> Settings {
    Settings {
        domain: Some("built.in".into()),
        client_id: "built-in".into(),
        audience: Some("https://built.in/api".into()),
        ..Settings::default()
    }
}

fn with(variables: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    with_environment(built_in(), |name| {
        let found = variables.iter().find(|(variable, _)| *variable == name);
        found.map(|(_, text)| Ok((*text).to_owned()))
    })
}

#[test]
fn without_variables_nothing_changes() {
    assert_eq!(with(&[]), Ok(built_in()));
    assert_eq!(
        with(&[("AUTH0_DOMAIN", ""), ("AUTH0_SCOPE", " ")]),
        Ok(built_in())
    );
}

#[test]
fn each_variable_replaces_its_own_setting_alone() {
    let expected = |change: fn(&mut Settings)| {
        let mut settings = built_in();
        change(&mut settings);
        Ok(settings)
    };
    assert_eq!(
        with(&[("AUTH0_DOMAIN", "other.example")]),
        expected(|settings| settings.domain = Some("other.example".into()))
    );
    assert_eq!(
        with(&[("AUTH0_CLIENT_ID", "other")]),
        expected(|settings| settings.client_id = "other".into())
    );
    assert_eq!(
        with(&[("AUTH0_AUDIENCE", "https://other/api")]),
        expected(|settings| settings.audience = Some("https://other/api".into()))
    );
    assert_eq!(
        with(&[("AUTH0_SCOPE", "openid")]),
        expected(|settings| settings.scope = Some("openid".into()))
    );
}

#[test]
fn an_issuer_takes_the_place_of_a_domain_and_the_other_way_round() {
    let settings = with(&[("AUTH0_ISSUER", "https://issuer.example")]).expect("it is right");
    assert_eq!(settings.domain, None);
    assert_eq!(settings.issuer.as_deref(), Some("https://issuer.example"));
    let back = with_environment(settings, |name| {
        (name == "AUTH0_DOMAIN").then(|| Ok("other.example".to_owned()))
    });
    let back = back.expect("it is right");
    assert_eq!(back.issuer, None);
    assert_eq!(back.domain.as_deref(), Some("other.example"));
}

#[test]
fn what_is_wrong_with_a_variable_names_it() {
    let both = [
        ("AUTH0_DOMAIN", "a.example"),
        ("AUTH0_ISSUER", "https://b.example"),
    ];
    let not_text = with_environment(built_in(), |name| {
        (name == "AUTH0_CLIENT_ID").then_some(Err(()))
    });
    for (wrong, name, key) in [
        (
            with(&[("AUTH0_DOMAIN", "http://far.example")]),
            "AUTH0_DOMAIN",
            "domain",
        ),
        (
            with(&[("AUTH0_ISSUER", "issuer")]),
            "AUTH0_ISSUER",
            "issuer",
        ),
        (with(&both), "AUTH0_DOMAIN", "issuer"),
        (not_text, "AUTH0_CLIENT_ID", "clientId"),
    ] {
        let error = wrong.expect_err("it is wrong");
        assert!(error.to_string().starts_with(name), "{error}");
        assert_eq!(error.key(), Some(key));
    }
}

#[test]
fn what_is_wrong_elsewhere_is_not_said_of_a_variable() {
    let settings = Settings::default();
    let settings = with_environment(settings, |name| {
        (name == "AUTH0_CLIENT_ID").then(|| Ok("abc".to_owned()))
    });
    assert!(
        settings.is_ok(),
        "the missing domain is reported where all is checked"
    );
}

#[test]
fn a_file_is_read_if_it_is_there_and_named_if_it_is_wrong() {
    let place = tempfile::tempdir().expect("a directory for the test");
    let file = place.path().join("auth_config.json");
    assert_eq!(from_file(&file), Ok(None));
    std::fs::write(&file, r#"{"domain": "a.example", "clientId": "abc"}"#).expect("written");
    let settings = from_file(&file).expect("it is right").expect("it is there");
    assert_eq!(settings.domain.as_deref(), Some("a.example"));
    std::fs::write(&file, r#"{"domain": 5}"#).expect("written");
    let error = from_file(&file).expect_err("it is wrong");
    assert!(
        error.to_string().contains(&file.display().to_string()),
        "{error}"
    );
    assert_eq!(error.key(), Some("domain"));
    let error = from_file(place.path()).expect_err("a directory is no file");
    assert!(error.to_string().contains("cannot be read"), "{error}");
}
