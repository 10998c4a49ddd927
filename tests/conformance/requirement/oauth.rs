//! The best practices of OAuth, for any client, in browsers and on machines.

use crate::requirement::{Requirement, Shown, of};

pub(super) fn all() -> Vec<Requirement> {
    [security(), browsers(), native()]
        .into_iter()
        .flatten()
        .collect()
}

fn security() -> Vec<Requirement> {
    let rows = [
        (
            "2.1, 4.11.1: no open redirector",
            Shown::By(&[
                "tests/protocol/return_to.rs::whatever_gets_through_stays_in_the_app",
                "tests/protocol/return_to.rs::no_known_open_redirect_gets_through",
                "tests/flows/login.rs::a_page_of_another_origin_is_no_place_to_return_to",
                "tests/flows/callback.rs::a_stored_return_to_of_another_origin_is_ignored",
            ]),
        ),
        (
            "2.1: the redirect URI is guarded against forged requests, by state, nonce and PKCE",
            Shown::By(&[
                "tests/flows/callback.rs::a_callback_with_a_foreign_state_is_rejected_and_leaves_pending_logins_alone",
                "tests/protocol/provider.rs::a_provider_without_s256_or_rs256_is_rejected",
                "tests/web/callback.rs::a_planted_answer_says_nothing_asks_nothing_and_leaves_the_pending_login_usable",
            ]),
        ),
        (
            "4.2.4: a state is good once",
            Shown::By(&[
                "tests/flows/callback.rs::a_used_callback_is_not_used_again_and_the_user_stays_signed_in",
                "tests/web/callback.rs::an_answer_opened_twice_counts_once_and_keeps_the_session",
                "tests/desktop/tenant_login.rs::l10_fifty_answers_at_once_make_one_token_request",
            ]),
        ),
        (
            "2.1, 4.4: answers of different providers are not mixed up",
            Shown::By(&[
                "tests/flows/callback.rs::a_callback_of_another_issuer_is_rejected_before_its_error_is_read",
                "tests/flows/callback.rs::a_pending_login_of_another_client_issuer_or_time_is_rejected",
                "tests/web/callback.rs::an_answer_in_the_name_of_another_issuer_is_refused_without_a_request",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "2.1.1: PKCE, with a challenge and a nonce of each login's own",
            Shown::By(&[
                "tests/conformance/shown.rs::ten_thousand_logins_share_no_verifier_state_or_nonce",
                "tests/flows/login.rs::two_logins_share_nothing_random_and_fetch_the_metadata_once",
            ]),
        ),
        (
            "2.1.1: S256; the verifier is in no authorization request",
            Shown::By(&[
                "tests/protocol/authorize.rs::the_plain_request_is_exactly_this_url",
                "tests/protocol/pkce.rs::the_vector_of_rfc_7636_appendix_b_holds",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "2.1.2, 2.4: no implicit flow and no passwords",
            Shown::By(&[
                "tests/conformance/shown.rs::the_client_knows_no_password_no_implicit_flow_and_no_secret",
                "tests/protocol/authorize.rs::the_plain_request_is_exactly_this_url",
            ]),
        ),
        (
            "2.2.2: refresh tokens are rotated or bound, and the client bears it",
            Shown::By(&[
                "tests/flows/model/mod.rs::one_session_of_all_tabs_outlives_whatever_happens",
                "tests/flows/model/mod.rs::sessions_of_single_tabs_outlive_whatever_happens",
                "tests/platform/processes/refresh.rs::f18_the_callers_of_eight_processes_make_one_request_each_time_the_token_is_over",
            ]),
        ),
        (
            "2.3: tokens for one audience, with no more scope than asked",
            Shown::By(&[
                "tests/flows/login.rs::a_login_asks_for_what_is_configured_and_what_is_asked",
                "tests/flows/api.rs::a_token_goes_nowhere_but_to_the_audience",
                "tests/flows/faults/options.rs::a_token_for_the_first_api_never_reaches_the_second",
            ]),
        ),
        (
            "2.6: metadata are used, and TLS from end to end",
            Shown::By(&[
                "tests/flows/config.rs::plain_http_is_for_loopback_alone",
                "tests/protocol/provider.rs::an_endpoint_that_is_not_safe_is_rejected",
                "tests/platform/files/http2.rs::a_server_that_is_not_trusted_is_sent_nothing",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "4.2.4: the page after a login loads nothing of others and sends no Referer",
            Shown::By(&[
                "tests/desktop/page.rs::l15_the_page_has_no_script_and_no_address",
                "tests/desktop/page.rs::l14_every_answer_has_the_headers_of_a_page_that_shares_nothing",
                "tests/web/login.rs::a_login_leaves_nothing_of_itself_in_address_history_and_storage",
            ]),
        ),
        (
            "4.3.2: no access token in a query",
            Shown::By(&[
                "tests/flows/api.rs::a_call_carries_the_token_in_its_header_alone",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "4.5.3: a nonce is checked before anything is used",
            Shown::By(&[
                "tests/protocol/id_token.rs::another_nonce_is_rejected",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "4.5, 4.7: PKCE counts only where the provider supports it",
            Shown::By(&[
                "tests/protocol/provider.rs::a_provider_without_s256_or_rs256_is_rejected",
            ]),
        ),
        (
            "4.9, 4.10: an access token goes to its resource only, through no redirect",
            Shown::By(&[
                "tests/conformance/shown.rs::a_token_does_not_follow_a_redirect_of_the_api",
                "tests/flows/faults/calls.rs::a_token_goes_to_its_api_and_nowhere_else",
            ]),
        ),
        (
            "4.17: messages between windows are checked for origin and source",
            Shown::NotApplicable(
                "nothing listens to `postMessage`; a popup or a frame answers by a BroadcastChannel, which has one origin, under a name that holds the state: `tests/web/contracts.rs::a_popup_or_a_frame_brings_back_the_answer_that_is_waited_for_and_is_gone`",
            ),
        ),
        (
            "2.1, 4.1.3: redirect URIs are compared exactly",
            Shown::NotApplicable(
                "that is the provider's; the client sends what is configured, to the letter: `tests/desktop/listening.rs::l04_a_registered_ipv6_redirect_uri_is_listened_on`",
            ),
        ),
    ];
    of("RFC 9700, best current practice for security", rows)
}

fn browsers() -> Vec<Requirement> {
    let rows = [
        (
            "The code flow with PKCE, no implicit flow",
            Shown::By(&[
                "tests/protocol/authorize.rs::the_plain_request_is_exactly_this_url",
                "tests/conformance/shown.rs::the_client_knows_no_password_no_implicit_flow_and_no_secret",
            ]),
        ),
        (
            "The redirect URI is guarded against forged requests",
            Shown::By(&[
                "tests/flows/callback.rs::a_callback_with_a_foreign_state_is_rejected_and_leaves_pending_logins_alone",
                "tests/web/callback.rs::a_planted_answer_says_nothing_asks_nothing_and_leaves_the_pending_login_usable",
            ]),
        ),
        (
            "Redirect URIs are registered exactly and never read from the page's query",
            Shown::By(&[
                "tests/desktop/listening.rs::a_registered_redirect_uri_is_the_only_way_back",
                "tests/web/contracts.rs::the_adapters_of_the_browser_keep_the_contracts_of_their_ports",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "Refresh tokens end with their family: one login, no loop",
            Shown::By(&[
                "tests/flows/tokens.rs::an_ended_refresh_token_ends_the_session_once",
                "tests/flows/faults/callers.rs::f09a_the_end_of_a_refresh_token_ends_the_session_once_for_all_who_wait",
                "tests/flows/provider/refresh.rs::a_family_ends_with_its_lifetime_however_often_it_was_renewed",
            ]),
        ),
        (
            "Messages between windows are checked at both ends",
            Shown::NotApplicable("nothing listens to `postMessage`"),
        ),
        (
            "A Web Worker keeps refresh tokens from scripts of the page",
            Shown::NotApplicable(
                "there is none: tokens are in the memory of the wasm module and, if the app chooses so, in web storage; bound to a key no script can read (`use_dpop`) they are of no use elsewhere",
            ),
        ),
        (
            "A Service Worker keeps no tokens in a storage that windows share",
            Shown::NotApplicable("there is none"),
        ),
        (
            "No cookie holds a token",
            Shown::By(&["tests/conformance/shown.rs::no_source_of_the_client_writes_a_cookie"]),
        ),
        (
            "The key of DPoP cannot be exported",
            Shown::By(&[
                "tests/web/contracts.rs::the_adapters_of_the_browser_keep_the_contracts_of_their_ports",
                "tests/web/sessions/bound.rs::bound_tokens_work_where_every_server_demands_nonces_and_are_worth_nothing_elsewhere",
            ]),
        ),
        (
            "Access tokens are for one audience and a small scope",
            Shown::By(&[
                "tests/flows/login.rs::a_login_asks_for_what_is_configured_and_what_is_asked",
            ]),
        ),
        (
            "No static secret",
            Shown::By(&[
                "tests/conformance/shown.rs::the_client_knows_no_password_no_implicit_flow_and_no_secret",
            ]),
        ),
    ];
    of("RFC 10017, apps in browsers", rows)
}

fn native() -> Vec<Requirement> {
    let rows = [
        (
            "6, 8.12: the user's browser, never a view in the app",
            Shown::By(&[
                "tests/desktop/contract.rs::the_desktop_takes_its_user_there_and_back",
                "tests/desktop/opening.rs::l26_only_pages_of_a_provider_reach_the_browser",
                "tests/window/session.rs::a_session_outlives_the_window_and_ends_with_the_logout",
            ]),
        ),
        (
            "8.1: PKCE",
            Shown::By(&[
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "7.3, 8.3: the loopback address, not the name localhost",
            Shown::By(&[
                "tests/desktop/listening.rs::l01_only_loopback_is_listened_on",
                "platform/desktop/address.rs::what_is_no_loopback_address_is_refused",
            ]),
        ),
        (
            "8.3: the port is open for the login and closed after it",
            Shown::By(&[
                "tests/desktop/tenant_login.rs::a_login_goes_out_by_the_browser_and_comes_back_to_a_port",
                "tests/desktop/page.rs::the_port_closes_with_the_last_page",
                "tests/desktop/ending.rs::l20_dropping_the_trip_closes_the_port_at_once",
            ]),
        ),
        (
            "7.3: IPv4 and IPv6, whichever works",
            Shown::By(&[
                "tests/desktop/listening.rs::l04_a_machine_without_ipv4_comes_back_by_ipv6",
                "tests/desktop/listening.rs::l04_a_machine_without_ipv6_comes_back_by_ipv4",
            ]),
        ),
        (
            "7.1, 7.2: schemes and links of the app's own",
            Shown::NotApplicable("these are of phones, and no phone is a host of this run"),
        ),
        (
            "8.9: an answer whose state is that of no request is rejected",
            Shown::By(&[
                "tests/desktop/requests.rs::l07_a_wrong_state_is_answered_and_not_consumed",
                "tests/desktop/requests.rs::l24_a_guessed_code_without_the_state_is_ignored",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "8.10: the redirect URI of each request is kept, and the answer must come there",
            Shown::By(&[
                "tests/flows/callback.rs::a_code_is_traded_once_with_its_verifier_and_redirect_uri",
                "tests/desktop/requests.rs::l05_another_path_is_not_found_and_the_wait_goes_on",
                "tests/desktop/requests.rs::l11_another_host_is_refused",
            ]),
        ),
        (
            "8.5: no client secret",
            Shown::By(&[
                "tests/conformance/shown.rs::the_client_knows_no_password_no_implicit_flow_and_no_secret",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
    ];
    of("RFC 8252, apps on machines", rows)
}
