//! What other libraries get wrong, and how it is here.

use crate::requirement::{Requirement, Shown, of};

pub(super) fn all() -> Vec<Requirement> {
    let rows = [
        (
            "W1 A refresh whose answer is lost, or is no JSON, is not sent again by itself",
            Shown::By(&[
                "tests/flows/faults/lost.rs::f01a_a_lost_answer_is_not_asked_for_again_by_itself",
                "tests/flows/faults/lost.rs::f01d_within_the_overlap_the_request_is_repeated_once_after_a_moment",
                "tests/flows/faults/network.rs::f05_a_network_that_answers_itself_gets_the_token_once_and_ends_nothing",
                "tests/platform/http.rs::native_http_sends_nothing_twice",
            ]),
        ),
        (
            "W2 The signature of an ID token is verified, always",
            Shown::By(&[
                "tests/protocol/jws.rs::the_signature_of_a_stranger_is_rejected",
                "tests/protocol/jws.rs::an_altered_token_is_rejected",
                "tests/flows/id_token.rs::an_id_token_signed_by_a_stranger_is_rejected_without_asking_for_other_keys",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "W3 iss, aud, exp, iat and alg of an ID token are checked",
            Shown::By(&[
                "tests/protocol/id_token.rs::another_issuer_is_rejected",
                "tests/protocol/id_token.rs::another_audience_is_rejected",
                "tests/protocol/id_token.rs::an_expired_token_is_rejected_at_the_second",
                "tests/protocol/id_token.rs::a_token_without_its_time_of_issue_is_rejected",
                "tests/protocol/jws.rs::every_algorithm_but_rs256_is_rejected",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "W4 The state comes first; a foreign one ends no pending login and shows nothing of the URL",
            Shown::By(&[
                "tests/protocol/callback.rs::the_state_comes_before_everything_else",
                "tests/flows/callback.rs::a_callback_with_a_foreign_state_is_rejected_and_leaves_pending_logins_alone",
                "tests/flows/callback.rs::an_error_with_a_foreign_state_shows_nothing_from_the_url",
                "tests/protocol/callback.rs::no_error_repeats_the_code_or_the_state",
                "tests/web/callback.rs::a_planted_answer_says_nothing_asks_nothing_and_leaves_the_pending_login_usable",
            ]),
        ),
        (
            "W5 Several logins may be pending at once",
            Shown::By(&[
                "tests/conformance/shown.rs::each_of_two_pending_logins_gets_its_own_answer",
                "tests/flows/login.rs::a_login_forgets_those_that_took_too_long",
            ]),
        ),
        (
            "W6 The iss of an authorization response is checked (RFC 9207)",
            Shown::By(&[
                "tests/flows/callback.rs::a_callback_of_another_issuer_is_rejected_before_its_error_is_read",
                "tests/flows/callback.rs::a_missing_iss_is_rejected_when_the_provider_promised_one",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "W7 Clocks get a leeway, iat and azp are checked, a token without kid is tried with every key; pushed requests, DPoP and iss are there",
            Shown::By(&[
                "tests/flows/id_token.rs::the_configured_leeway_counts_and_none_is_none",
                "tests/protocol/id_token.rs::a_token_from_the_future_is_rejected",
                "tests/protocol/id_token.rs::an_authorized_party_is_checked_even_with_one_audience",
                "tests/protocol/jws.rs::a_token_without_a_kid_is_tried_with_every_key",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
        (
            "W8 A wrong request to the loopback port ends no login",
            Shown::By(&[
                "tests/desktop/requests.rs::l07_a_wrong_state_is_answered_and_not_consumed",
                "tests/desktop/requests.rs::l07_the_real_answer_a_second_later_succeeds",
                "tests/desktop/requests.rs::l05_another_path_is_not_found_and_the_wait_goes_on",
                "tests/desktop/requests.rs::l06_another_method_is_refused_without_leave_for_other_origins",
                "tests/desktop/requests.rs::l12_what_is_no_page_in_a_tab_is_refused",
            ]),
        ),
        (
            "W9 The page after a login shows nothing of the request",
            Shown::By(&[
                "tests/desktop/page.rs::l13_nothing_of_the_request_is_shown",
                "tests/desktop/page.rs::l13_refusals_repeat_nothing",
            ]),
        ),
        (
            "W10 A session is written whole and synced before it gets its name; times of files mean nothing",
            Shown::By(&[
                "tests/platform/files/crash.rs::s01_a_process_killed_at_any_system_call_of_a_save_leaves_the_old_text_or_the_new",
                "tests/platform/files/crash.rs::s02_everything_is_on_the_disk_before_it_gets_its_name",
                "tests/platform/files/faults.rs::s17_no_time_of_a_file_means_anything",
            ]),
        ),
        (
            "W11 A rotated refresh token is stored before anybody gets the new access token",
            Shown::By(&[
                "tests/flows/tokens.rs::a_refresh_stores_the_rotated_token_before_anyone_gets_the_new_one",
                "tests/flows/faults/callers.rs::f20b_what_was_handed_out_is_stored",
                "tests/platform/files/refresh.rs::s12_a_holder_killed_at_any_stage_costs_one_login_at_most",
            ]),
        ),
        (
            "W12 No token is in pieces: the keychain holds a key, one file the session",
            Shown::By(&[
                "tests/platform/files/crash.rs::s01_a_process_killed_at_any_system_call_of_a_save_leaves_the_old_text_or_the_new",
                "tests/platform/files/damage.rs::s08_a_sealed_file_cut_at_any_length_is_found_and_set_aside",
                "tests/platform/files/keychain.rs::s10_many_first_writers_make_one_key",
            ]),
        ),
        (
            "W13 The lock covers the refresh at the provider too",
            Shown::By(&[
                "tests/platform/files/refresh.rs::s11_two_processes_with_one_expired_token_make_one_request",
                "tests/platform/files/refresh.rs::s12_twenty_processes_with_one_expired_token_make_one_request",
            ]),
        ),
        (
            "W14 Tabs take turns; only use_dpop_nonce is a demand for a nonce",
            Shown::By(&[
                "tests/web/sessions/refresh.rs::twenty_tabs_that_are_opened_with_an_expired_token_refresh_it_once",
                "tests/flows/faults/callers.rs::f18c_twenty_tabs_make_one_request",
                "tests/protocol/dpop.rs::another_refusal_with_a_nonce_is_no_demand",
            ]),
        ),
        (
            "W15 Retry-After and X-RateLimit-Reset are kept to",
            Shown::By(&[
                "tests/flows/faults/busy.rs::f02a_a_short_wait_is_kept_to_and_the_request_repeated",
                "tests/flows/faults/busy.rs::f02b_a_long_wait_is_not_waited_for_and_the_server_left_alone_until_then",
                "tests/protocol/retry.rs::the_delay_of_rfc_9110_is_read_and_capped",
                "tests/protocol/retry.rs::the_reset_of_auth0_stands_in_for_a_delay_that_is_not_there",
            ]),
        ),
        (
            "W16 What opens the browser has no known hole (RUSTSEC-2026-0257)",
            Shown::By(&[
                "tests/conformance/shown.rs::what_opens_the_browser_has_no_known_hole",
                "tests/desktop/opening.rs::l26_only_pages_of_a_provider_reach_the_browser",
            ]),
        ),
        (
            "W17 The app works under a policy without unsafe-eval",
            Shown::By(&[
                "tests/web/picture.rs::a_breach_of_the_policy_would_be_noticed",
                "tests/web/login.rs::a_login_leaves_nothing_of_itself_in_address_history_and_storage",
            ]),
        ),
        (
            "W18 A refreshed ID token of another user is refused",
            Shown::By(&[
                "tests/flows/tokens.rs::a_refresh_that_names_another_user_or_issuer_is_refused_and_changes_nothing",
                "tests/flows/faults/refused.rs::f14a_another_user_or_issuer_is_refused_and_the_session_is_what_it_was",
                "tests/conformance/main.rs::the_table_is_what_the_run_gives_and_has_no_failing_row",
            ]),
        ),
    ];
    of("What others get wrong", rows)
}
