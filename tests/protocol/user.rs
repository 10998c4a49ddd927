use dioxus_auth0::json::JsonError;
use dioxus_auth0::user::{Claims, User};
use serde_json::json;

#[test]
fn a_stored_user_without_a_sub_is_rejected() {
    for stored in [
        json!({"name": "Ada"}),
        json!({"sub": 1}),
        json!([]),
        json!(null),
    ] {
        assert!(User::from_value(&stored).is_err(), "{stored}");
    }
    let expected = "a string";
    let member = "sub";
    assert_eq!(
        Claims::from_value(&json!({})),
        Err(JsonError::Missing { member, expected })
    );
}

#[test]
fn the_user_is_the_claims_without_the_protocol() {
    let stored = json!({
        "iss": "i", "aud": "a", "exp": 1, "nbf": 1, "iat": 1, "jti": "j", "azp": "a", "nonce": "n",
        "auth_time": 1, "at_hash": "h", "c_hash": "h", "acr": "0", "amr": [], "sub_jwk": {}, "cnf": {},
        "sip_from_tag": "", "sip_date": "", "sip_callid": "", "sip_cseq_num": "", "sip_via_branch": "",
        "orig": {}, "dest": {}, "mky": {}, "events": {}, "toe": 1, "txn": "", "rph": {}, "sid": "s",
        "vot": "", "vtm": "",
        "sub": "auth0|ada", "name": "Ada Lovelace", "org_id": "org_1", "https://app.example/roles": ["admin"],
    });
    let claims = Claims::from_value(&stored).unwrap();
    assert_eq!(
        claims.user().to_value(),
        json!({
            "sub": "auth0|ada", "name": "Ada Lovelace", "org_id": "org_1",
            "https://app.example/roles": ["admin"],
        })
    );
    assert_eq!(claims.sid(), Some("s"));
    assert_eq!(claims.to_value(), stored);
}

#[test]
fn the_standard_claims_have_readers() {
    let user = User::from_value(&json!({
        "sub": "auth0|ada", "name": "Ada Lovelace", "nickname": "ada", "given_name": "Ada",
        "family_name": "Lovelace", "picture": "https://app.example/ada.svg",
        "email": "ada@example.com", "email_verified": true, "updated_at": "2026-01-01T00:00:00.000Z",
    }))
    .unwrap();
    assert_eq!(user.sub(), "auth0|ada");
    assert_eq!(user.name(), Some("Ada Lovelace"));
    assert_eq!(user.nickname(), Some("ada"));
    assert_eq!(user.given_name(), Some("Ada"));
    assert_eq!(user.family_name(), Some("Lovelace"));
    assert_eq!(user.picture(), Some("https://app.example/ada.svg"));
    assert_eq!(user.email(), Some("ada@example.com"));
    assert_eq!(user.email_verified(), Some(true));
    assert_eq!(user.updated_at(), Some(&json!("2026-01-01T00:00:00.000Z")));
    assert_eq!(user.iter().count(), 9);
    assert_eq!(User::from_value(&user.to_value()), Ok(user));
}

#[test]
fn a_claim_of_the_wrong_kind_is_no_claim() {
    let user = User::from_value(&json!({"sub": "s", "name": 1, "email_verified": "true"})).unwrap();
    assert_eq!(user.name(), None);
    assert_eq!(user.email_verified(), None);
}

#[test]
fn debug_shows_nothing_personal() {
    let user = User::from_value(&json!({"sub": "auth0|ada", "email": "ada@example.com"})).unwrap();
    assert_eq!(format!("{user:?}"), "User(auth0|ada)");
}
