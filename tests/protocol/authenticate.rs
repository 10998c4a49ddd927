use dioxus_auth0::oidc::authenticate::{MAX_BYTES, MAX_ITEMS, challenges};
use dioxus_auth0::oidc::{AuthChallenge, ChallengeError};
use http::header::WWW_AUTHENTICATE;
use http::{HeaderMap, HeaderValue};
use proptest::prelude::*;

fn read(fields: &[&str]) -> Result<Vec<AuthChallenge>, ChallengeError> {
    let mut headers = HeaderMap::new();
    for field in fields {
        headers.append(WWW_AUTHENTICATE, field.parse().unwrap());
    }
    challenges(&headers)
}

fn one(field: &str) -> AuthChallenge {
    let mut challenges = read(&[field]).unwrap();
    assert_eq!(challenges.len(), 1, "{field}");
    challenges.remove(0)
}

/// <https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1>
#[test]
fn the_two_challenges_of_rfc_9110_are_read() {
    let challenges =
        read(&[r#"Basic realm="simple", Newauth realm="apps", type=1, title="Login to \"apps\"""#])
            .unwrap();
    assert_eq!(challenges.len(), 2);
    assert!(challenges[0].is("Basic"));
    assert_eq!(challenges[0].parameter("realm"), Some("simple"));
    assert_eq!(challenges[0].parameter("title"), None);
    assert!(challenges[1].is("Newauth"));
    assert_eq!(challenges[1].parameter("realm"), Some("apps"));
    assert_eq!(challenges[1].parameter("type"), Some("1"));
    assert_eq!(challenges[1].parameter("title"), Some("Login to \"apps\""));
}

/// <https://www.rfc-editor.org/rfc/rfc6750#section-3>
#[test]
fn the_challenge_of_rfc_6750_is_read() {
    let challenge = one(
        r#"Bearer realm="example", error="invalid_token", error_description="The access token expired""#,
    );
    assert!(challenge.is("bearer"));
    assert_eq!(challenge.parameter("error"), Some("invalid_token"));
}

/// <https://www.rfc-editor.org/rfc/rfc9449#section-7.1>
#[test]
fn the_challenges_of_rfc_9449_are_read() {
    let challenge = one(r#"DPoP algs="ES256 PS256""#);
    assert!(challenge.is("DPoP"));
    assert_eq!(challenge.parameter("algs"), Some("ES256 PS256"));

    let both = r#"Bearer error="invalid_token", DPoP algs="ES256", error="use_dpop_nonce""#;
    let challenges = read(&[both]).unwrap();
    assert_eq!(challenges[0].parameter("error"), Some("invalid_token"));
    assert_eq!(challenges[1].parameter("error"), Some("use_dpop_nonce"));
}

#[test]
fn names_are_read_in_any_case_and_values_to_the_letter() {
    let challenge = one(r#"dPoP ERROR="Use_Nonce""#);
    assert!(challenge.is("DPoP"));
    assert_eq!(challenge.parameter("error"), Some("Use_Nonce"));
}

#[test]
fn a_comma_and_a_mark_within_quotes_part_nothing() {
    let challenge = one(r#"Bearer realm="a, DPoP error=\"use_dpop_nonce\", b\\", error=x"#);
    assert_eq!(
        challenge.parameter("realm"),
        Some(r#"a, DPoP error="use_dpop_nonce", b\"#)
    );
    assert_eq!(challenge.parameter("error"), Some("x"));
}

#[test]
fn a_scheme_alone_a_token68_and_empty_items_are_read() {
    for (field, schemes) in [
        ("", &[][..]),
        (" , ,", &[]),
        ("Negotiate", &["negotiate"]),
        ("Negotiate ", &["negotiate"]),
        ("Negotiate, Bearer", &["negotiate", "bearer"]),
        ("Negotiate YWJj==, Bearer a=b", &["negotiate", "bearer"]),
        (",Bearer a=b,, c=d ,", &["bearer"]),
        ("Bearer a = b\t,\tc=d", &["bearer"]),
        ("Bearer ,a=b", &["bearer"]),
    ] {
        let challenges = read(&[field]).unwrap();
        assert_eq!(challenges.len(), schemes.len(), "{field}");
        let alike = challenges.iter().zip(schemes);
        assert!(alike.into_iter().all(|(c, s)| c.is(s)), "{field}");
    }
}

#[test]
fn fields_are_read_one_after_the_other() {
    let challenges = read(&["Bearer a=b", "DPoP a=c"]).unwrap();
    assert_eq!(challenges[0].parameter("a"), Some("b"));
    assert_eq!(challenges[1].parameter("a"), Some("c"));
}

#[test]
fn a_quoted_string_that_does_not_end_is_rejected() {
    for field in [
        r#"DPoP error="use_dpop_nonce"#,
        r#"DPoP error=""#,
        r#"DPoP error="x\"#,
        r#"DPoP error="x\""#,
    ] {
        let expected = "the end of a quoted string";
        assert_eq!(read(&[field]), Err(ChallengeError::Syntax { expected }));
    }
}

#[test]
fn items_without_a_comma_between_them_are_rejected() {
    for field in [
        r#"DPoP error="x"y"#,
        r#"DPoP error="x" algs="y""#,
        "DPoP error=x algs=y",
        r#"DPoP error=x"y""#,
        r#"Bearer a="b" DPoP error="use_dpop_nonce""#,
        "DPoP\terror=x",
        "DPoP;error=x",
        "DPoP/1",
    ] {
        let expected = "a comma";
        let refused = Err(ChallengeError::Syntax { expected });
        assert_eq!(read(&[field]), refused, "{field}");
    }
}

#[test]
fn a_parameter_without_a_scheme_is_rejected() {
    for fields in [
        &[r#"error="use_dpop_nonce""#][..],
        &["DPoP, error=x"],
        &["DPoP YWJj, error=x"],
        &["DPoP", "error=x"],
        &["DPoP algs=y", "error=x"],
    ] {
        let expected = "a scheme before its parameters";
        let refused = Err(ChallengeError::Syntax { expected });
        assert_eq!(read(fields), refused, "{fields:?}");
    }
}

#[test]
fn what_is_no_token_is_rejected() {
    for field in [
        r#""DPoP" a=b"#,
        "=x",
        "DPoP a=, b=c",
        "DPoP (a)",
        "DPoP a={b}",
    ] {
        let refused = read(&[field]);
        assert!(
            matches!(refused, Err(ChallengeError::Syntax { .. })),
            "{field}: {refused:?}"
        );
    }
    let mut headers = HeaderMap::new();
    headers.insert(
        WWW_AUTHENTICATE,
        HeaderValue::from_bytes(b"DPoP error=\"\xe4\"").unwrap(),
    );
    let expected = "visible ascii characters";
    assert_eq!(
        challenges(&headers),
        Err(ChallengeError::Syntax { expected })
    );
}

#[test]
fn a_parameter_twice_is_rejected() {
    let twice = r#"DPoP error="a", Error="use_dpop_nonce""#;
    assert_eq!(read(&[twice]), Err(ChallengeError::Duplicate));
}

#[test]
fn too_much_is_rejected() {
    let too_many = |what, limit| Err(ChallengeError::TooMany { what, limit });

    let just = format!("A a=\"{}\"", "x".repeat(MAX_BYTES - 6));
    assert!(read(&[&just]).is_ok());
    let long = format!("A a=\"{}\"", "x".repeat(MAX_BYTES - 5));
    assert_eq!(read(&[&long]), too_many("bytes", MAX_BYTES));
    let halves = [&just[..], "B"];
    assert_eq!(read(&halves), too_many("bytes", MAX_BYTES));

    let schemes = |count| vec!["A"; count].join(",");
    assert!(read(&[&schemes(MAX_ITEMS)]).is_ok());
    assert_eq!(
        read(&[&schemes(MAX_ITEMS + 1)]),
        too_many("challenges", MAX_ITEMS)
    );

    let parameters = |count: usize| {
        let all: Vec<String> = (0..count).map(|n| format!("p{n}=x")).collect();
        format!("A {}", all.join(","))
    };
    assert!(read(&[&parameters(MAX_ITEMS)]).is_ok());
    assert_eq!(
        read(&[&parameters(MAX_ITEMS + 1)]),
        too_many("parameters", MAX_ITEMS)
    );
}

proptest! {
    #[test]
    fn every_header_has_an_answer(
        fields in prop::collection::vec("(DPoP|Bearer| |,|=|\"|\\\\|a|error|\t|==|/|[ -~]){0,16}", 0..3),
    ) {
        let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
        let _ = read(&fields);
    }

    #[test]
    fn what_is_quoted_reads_back(value in "[ -~]{0,64}") {
        let quoted = value.replace('\\', "\\\\").replace('"', "\\\"");
        let field = format!("A realm=\"{quoted}\", x=y, B error=\"{quoted}\"");
        let challenges = read(&[&field]).unwrap();
        prop_assert_eq!(challenges[0].parameter("realm"), Some(&value[..]));
        prop_assert_eq!(challenges[0].parameter("x"), Some("y"));
        prop_assert_eq!(challenges[1].parameter("error"), Some(&value[..]));
    }
}
