//! The standards of single exchanges.

use crate::requirement::{Requirement, Shown, of};

pub(super) fn all() -> Vec<Requirement> {
    [
        refresh(),
        pkce(),
        issuer(),
        dpop(),
        revocation(),
        logout(),
        device(),
        pushed(),
        resource(),
        independent(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn refresh() -> Vec<Requirement> {
    let rows = [
        (
            "12.2: a refreshed ID token is of the same iss and sub",
            Shown::By(&[
                "tests/flows/tokens.rs::a_refresh_that_names_another_user_or_issuer_is_refused_and_changes_nothing",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "12.2: its aud has the client, its azp is the client",
            Shown::By(&[
                "tests/protocol/id_token.rs::another_audience_is_rejected",
                "tests/protocol/id_token.rs::an_authorized_party_is_checked_even_with_one_audience",
            ]),
        ),
        (
            "12.2: its auth_time is that of the login, and so is a nonce, if there is one",
            Shown::By(&[
                "tests/protocol/id_token.rs::a_renewed_token_of_another_user_or_login_is_rejected",
            ]),
        ),
    ];
    of("OpenID Connect Core, refreshed ID tokens", rows)
}

fn pkce() -> Vec<Requirement> {
    let rows = [
        (
            "4.1: a verifier of 43 to 128 unreserved characters with 256 random bits",
            Shown::By(&[
                "tests/protocol/pkce.rs::a_verifier_has_43_unreserved_characters_whatever_the_bytes",
                "tests/conformance/shown.rs::ten_thousand_logins_share_no_verifier_state_or_nonce",
            ]),
        ),
        (
            "4.2: S256, and no plain after it was refused",
            Shown::By(&[
                "tests/conformance/shown.rs::a_provider_that_refuses_s256_gets_no_plain_challenge",
                "tests/protocol/provider.rs::a_provider_without_s256_or_rs256_is_rejected",
            ]),
        ),
        (
            "A verifier of its own for each try",
            Shown::By(&[
                "tests/conformance/shown.rs::ten_thousand_logins_share_no_verifier_state_or_nonce",
                "tests/flows/callback.rs::a_token_endpoint_that_fails_is_asked_once",
            ]),
        ),
    ];
    of("RFC 7636, PKCE", rows)
}

fn issuer() -> Vec<Requirement> {
    let rows = [
        (
            "Promised and right: taken",
            Shown::By(&[
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
                "tests/flows/provider/login.rs::a_provider_that_names_itself_in_the_callback_is_believed",
            ]),
        ),
        (
            "Promised and absent: rejected, on refusals too",
            Shown::By(&[
                "tests/flows/callback.rs::a_missing_iss_is_rejected_when_the_provider_promised_one",
                "tests/protocol/callback.rs::a_promised_issuer_that_is_absent_is_missed_on_refusals_too",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "Not promised and absent: taken",
            Shown::By(&[
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "Not promised and wrong: rejected",
            Shown::By(&[
                "tests/protocol/callback.rs::a_callback_of_another_issuer_is_rejected",
                "tests/web/callback.rs::an_answer_in_the_name_of_another_issuer_is_refused_without_a_request",
            ]),
        ),
        (
            "Wrong beside an error: rejected before the error is read",
            Shown::By(&[
                "tests/flows/callback.rs::a_callback_of_another_issuer_is_rejected_before_its_error_is_read",
            ]),
        ),
    ];
    of("RFC 9207, who answers", rows)
}

fn dpop() -> Vec<Requirement> {
    let rows = [
        (
            "4.2, 11.1: a proof of its own for each request, a jti never twice",
            Shown::By(&[
                "tests/flows/provider/proofs.rs::a_proof_is_for_one_request_of_now",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "4.2: htu without query and fragment",
            Shown::By(&[
                "tests/protocol/dpop.rs::the_target_is_the_url_without_query_fragment_and_user",
            ]),
        ),
        (
            "4.2: ath beside an access token, and else not",
            Shown::By(&[
                "tests/protocol/dpop.rs::the_proof_of_rfc_9449_for_a_resource_holds",
                "tests/protocol/dpop.rs::the_proof_of_rfc_9449_for_the_token_endpoint_holds",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "8, 9: nonces are of one server each",
            Shown::By(&[
                "tests/protocol/dpop.rs::a_server_s_newest_nonce_is_for_all_its_addresses_and_no_other_server",
            ]),
        ),
        (
            "8.2: the newest nonce of any answer is used, and the last one until there is another",
            Shown::By(&[
                "tests/protocol/dpop.rs::a_nonce_is_kept_while_the_server_gives_no_other",
                "tests/flows/faults/keys.rs::f21a_a_nonce_that_is_demanded_at_refresh_is_given_once_with_the_same_refresh_token",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "8: a demand is met once",
            Shown::By(&[
                "tests/flows/faults/keys.rs::f21b_a_server_that_is_never_content_is_asked_twice_and_ends_nothing",
                "tests/flows/faults/keys.rs::f21c_a_nonce_that_is_demanded_at_an_api_is_given_once",
            ]),
        ),
        (
            "5: a refresh token is used with its key",
            Shown::By(&[
                "tests/flows/provider/proofs.rs::whoever_proves_a_key_gets_tokens_that_nobody_else_can_use",
                "tests/flows/faults/keys.rs::f22a_a_key_that_is_gone_ends_the_session_without_a_request",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "5: a token of another type than asked",
            Shown::Partly {
                tests: &[
                    "tests/flows/faults/keys.rs::a_provider_that_binds_nothing_is_used_with_bearer_tokens",
                    "tests/flows/faults/keys.rs::a_token_of_a_type_that_nobody_asked_for_is_refused",
                ],
                but: "a provider that binds nothing is used with bearer tokens: an app that must have bound ones reads `token_type` of `access_token_detailed`",
            },
        ),
        (
            "7.1: a bound token is never sent as a bearer token",
            Shown::By(&[
                "tests/flows/provider/proofs.rs::an_api_takes_a_bound_token_with_a_proof_for_it_and_not_without",
                "tests/protocol/userinfo.rs::a_bound_token_is_shown_as_one",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "4.2: an asymmetric algorithm, and the public key alone",
            Shown::By(&[
                "tests/protocol/dpop.rs::a_proof_shows_the_public_key_and_nothing_else_of_it",
                "tests/protocol/dpop.rs::a_proof_by_a_key_of_this_machine_verifies",
            ]),
        ),
    ];
    of("RFC 9449, DPoP", rows)
}

fn revocation() -> Vec<Requirement> {
    let rows = [
        (
            "2.1: a form that is posted",
            Shown::By(&["tests/protocol/revoke.rs::the_revocation_is_exactly_this_request"]),
        ),
        (
            "2.2: 200 for what nobody knows, too; the token is not used again",
            Shown::By(&[
                "tests/protocol/revoke.rs::a_success_is_one_whatever_its_body_says",
                "tests/flows/faults/logout.rs::a_logout_that_revokes_takes_the_refresh_token_back",
                "tests/flows/faults/logout.rs::a_refresh_token_can_be_taken_back_without_a_logout",
            ]),
        ),
        (
            "2.2.1: 503 says when to come back; unsupported_token_type is not the end",
            Shown::By(&[
                "tests/protocol/revoke.rs::a_busy_provider_says_when_to_ask_again",
                "tests/protocol/revoke.rs::a_refusal_is_read_by_its_error",
            ]),
        ),
        (
            "The session on this machine is gone whatever comes of it, and soon",
            Shown::By(&[
                "tests/conformance/shown.rs::the_session_is_gone_whatever_becomes_of_its_revocation",
                "tests/flows/faults/logout.rs::a_provider_that_does_not_answer_holds_no_logout_up_for_longer_than_3_s",
            ]),
        ),
    ];
    of("RFC 7009, revocation", rows)
}

fn logout() -> Vec<Requirement> {
    let rows = [
        (
            "2: id_token_hint, client_id and a registered address to return to",
            Shown::By(&[
                "tests/protocol/logout.rs::end_session_is_exactly_this_url",
                "tests/flows/logout.rs::another_providers_logout_goes_to_the_end_session_endpoint_with_a_hint",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "2, 3: a state that comes back is the one that was sent",
            Shown::Partly {
                tests: &[
                    "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
                ],
                but: "none is sent: the session is gone before the user leaves, so nothing depends on the way back; another state, or none, changes nothing",
            },
        ),
        (
            "2.1: a provider without such an endpoint",
            Shown::By(&[
                "tests/conformance/shown.rs::a_provider_without_an_end_session_endpoint_is_not_gone_to",
                "tests/flows/logout.rs::an_auth0_logout_goes_to_its_own_endpoint",
            ]),
        ),
        (
            "An ID token that is too long for a URL stays out",
            Shown::By(&["tests/protocol/logout.rs::a_hint_that_is_too_long_for_a_url_stays_out"]),
        ),
        (
            "An error page of the provider leaves nobody signed in here",
            Shown::By(&[
                "tests/flows/faults/logout.rs::a_logout_reaches_every_tab_wherever_its_session_is",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
    ];
    of("RP-Initiated Logout 1.0", rows)
}

fn device() -> Vec<Requirement> {
    let rows = [
        (
            "3.5: an interval of 5 s unless the provider says another",
            Shown::By(&[
                "tests/protocol/device.rs::an_interval_is_bounded_and_5_seconds_without_one",
                "tests/protocol/device.rs::polls_keep_the_interval",
            ]),
        ),
        (
            "3.5: slow_down adds 5 s for good",
            Shown::By(&[
                "tests/protocol/device.rs::slow_down_adds_5_seconds_for_good",
                "tests/flows/faults/ways.rs::a_device_that_is_told_to_slow_down_does",
            ]),
        ),
        (
            "3.5: authorization_pending goes on; expired_token and access_denied end it",
            Shown::By(&[
                "tests/protocol/device.rs::the_errors_of_rfc_8628_are_verdicts_whatever_their_status",
                "tests/flows/faults/ways.rs::a_device_is_logged_in_once_its_user_has_confirmed",
                "tests/flows/faults/ways.rs::a_device_that_is_turned_down_gives_up_at_once",
            ]),
        ),
        (
            "3.5: waits double while the network fails",
            Shown::By(&[
                "tests/protocol/device.rs::waits_double_while_the_network_fails_and_return_when_it_is_back",
                "tests/flows/faults/ways.rs::a_device_outlives_a_network_that_fails_for_a_while",
            ]),
        ),
        (
            "3.2: nobody polls after expires_in",
            Shown::By(&[
                "tests/protocol/device.rs::nobody_polls_when_the_code_is_gone",
                "tests/flows/faults/ways.rs::a_device_whose_code_runs_out_stops_asking",
            ]),
        ),
    ];
    of("RFC 8628, devices", rows)
}

fn pushed() -> Vec<Requirement> {
    let rows = [
        (
            "4: nothing but client_id and request_uri in the URL",
            Shown::By(&[
                "tests/flows/faults/ways.rs::a_request_is_pushed_where_that_is_offered",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "2.1: what is pushed is what the URL would say, without request_uri",
            Shown::By(&[
                "tests/protocol/par.rs::what_is_pushed_is_exactly_what_the_url_would_say",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "2.2: a request is good for one login and a short time; the next login pushes another",
            Shown::By(&[
                "tests/conformance/shown.rs::each_login_pushes_a_request_of_its_own",
                "tests/protocol/par.rs::a_lifetime_is_positive_and_bounded",
            ]),
        ),
        (
            "5: a provider that requires it gets no other request",
            Shown::By(&[
                "tests/flows/faults/ways.rs::a_provider_that_takes_no_pushed_request_gets_it_by_the_user_unless_it_insists",
                "tests/platform/processes/grants.rs::a_provider_that_takes_pushed_requests_alone_gets_one_and_no_other",
            ]),
        ),
    ];
    of("RFC 9126, pushed requests", rows)
}

fn resource() -> Vec<Requirement> {
    let rows = [
        (
            "The audience of a login, and of refreshes only where the provider trades (Auth0's multi-resource refresh tokens)",
            Shown::By(&[
                "tests/flows/faults/options.rs::a_refresh_token_that_is_good_for_several_apis_buys_a_token_for_each",
                "tests/flows/faults/options.rs::an_audience_that_the_login_did_not_ask_for_needs_consent",
                "tests/protocol/token.rs::the_refresh_grant_for_another_api_is_exactly_this_request",
            ]),
        ),
        (
            "The parameter `resource`",
            Shown::NotApplicable(
                "Auth0 has `audience`; another one can be given as an extra parameter of a login: `tests/flows/login.rs::every_option_of_a_login_reaches_the_provider`",
            ),
        ),
    ];
    of("RFC 8707, resources", rows)
}

fn independent() -> Vec<Requirement> {
    let rows = [
        (
            "Pushed requests, PKCE, proofs with nonces everywhere, iss, rotation, RP-initiated logout: a desktop logs in, refreshes and logs out",
            Shown::By(&[
                "tests/conformance/independent.rs::a_desktop_logs_in_refreshes_and_logs_out",
            ]),
        ),
        (
            "Reuse of a refresh token is detected: the session ends once, and a login mends it",
            Shown::By(&[
                "tests/conformance/independent.rs::a_refresh_token_that_was_used_before_ends_the_session_once",
            ]),
        ),
    ];
    of(
        "oidc-provider 9.13.3, a certified provider that others have written",
        rows,
    )
}
