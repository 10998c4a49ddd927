//! The table: what each module and each requirement came to, as Markdown.

use std::fmt::Write;

use tenant::Module;

use crate::case::Case;
use crate::requirement::{Requirement, Shown};
use crate::run::Verdict;

/// One host's column.
pub(crate) struct Column {
    pub(crate) host: &'static str,
    /// One for each case, in their order.
    pub(crate) verdicts: Vec<Verdict>,
}

/// A group of modules, as the suite's plans have them.
struct Plan {
    title: &'static str,
    is_of: fn(&str) -> bool,
}

const PLANS: [Plan; 2] = [
    Plan {
        title: "OpenID Connect: Basic, Config, refresh, RP-initiated logout and others of the code flow",
        is_of: |id| id.starts_with("oidcc-"),
    },
    Plan {
        title: "FAPI 2.0 Security Profile, Final",
        is_of: |id| id.starts_with("fapi2-"),
    },
];

/// Modules of those plans that no client of this crate can be run against, and why.
const NOT_APPLICABLE: [(&str, &str); 6] = [
    (
        "oidcc-client-test-client-secret-basic",
        "an app on a user's machine is a public client: it has no secret",
    ),
    (
        "oidcc-client-test-userinfo-signed",
        "signed userinfo is not asked for; an answer that is signed all the same is refused: \
         `tests/protocol/userinfo.rs::signed_claims_are_rejected`",
    ),
    (
        "oidcc-client-test-3rd-party-init-login",
        "the library has no address where a login begins: an app that wants one calls `login` on a page of its own",
    ),
    (
        "implicit and hybrid flows: c_hash, at_hash of the front channel",
        "the code flow is the only one",
    ),
    (
        "webfinger, dynamic registration, request_uri, mtls",
        "not offered",
    ),
    (
        "session management by iframe, front- and back-channel logout",
        "they need third-party cookies or a server; logouts reach other tabs and processes by other ways",
    ),
];

/// Writes the whole table.
pub(crate) fn write(cases: &[Case], columns: &[Column], requirements: &[Requirement]) -> String {
    let mut text = String::from(HEAD);
    for plan in &PLANS {
        modules(&mut text, plan, cases, columns);
    }
    text.push_str("\n## Modules that do not apply\n\n| Module | Why |\n|---|---|\n");
    for (module, why) in NOT_APPLICABLE {
        line(&mut text, &[module, why]);
    }
    let mut document = "";
    for requirement in requirements {
        if requirement.document != document {
            document = requirement.document;
            let _ = write!(
                text,
                "\n## {document}\n\n| Requirement | Shown by |\n|---|---|\n"
            );
        }
        line(&mut text, &[requirement.says, &shown(&requirement.shown)]);
    }
    text
}

fn modules(text: &mut String, plan: &Plan, cases: &[Case], columns: &[Column]) {
    let hosts: Vec<&str> = columns.iter().map(|column| column.host).collect();
    let _ = write!(text, "\n## {}\n\n", plan.title);
    let head = [&["Module", "The provider", "Required"], &*hosts].concat();
    line(text, &head);
    let _ = writeln!(text, "|{}", "---|".repeat(head.len()));
    let known = Module::all();
    for (at, case) in cases.iter().enumerate() {
        if !(plan.is_of)(case.id) {
            continue;
        }
        let module = known.iter().find(|module| module.id == case.id);
        let module = module.expect("the tenant knows every module");
        let verdicts = columns.iter().map(|column| match &column.verdicts[at] {
            Ok(()) => "passed".to_owned(),
            Err(why) => format!("**failed**: {why}"),
        });
        let verdicts: Vec<String> = verdicts.collect();
        let id = format!("`{}`", case.id);
        let mut cells = vec![id.as_str(), module.provider, module.required];
        cells.extend(verdicts.iter().map(String::as_str));
        line(text, &cells);
    }
}

fn shown(shown: &Shown) -> String {
    match shown {
        Shown::By(tests) => {
            let named = tests.iter().map(|test| format!("`{test}`"));
            named.collect::<Vec<_>>().join("<br>")
        }
        Shown::Partly { tests, but } => {
            let named = tests.iter().map(|test| format!("`{test}`"));
            format!("{}<br>{but}", named.collect::<Vec<_>>().join("<br>"))
        }
        Shown::NotApplicable(why) => format!("does not apply: {why}"),
    }
}

fn line(text: &mut String, cells: &[&str]) {
    let escaped: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    let _ = writeln!(text, "| {} |", escaped.join(" | "));
}

const HEAD: &str = "\
# Conformance

What the client does against the providers of the [OpenID Foundation's conformance suite](https://openid.net/certification/),
and which tests show what the standards ask of a client. The tests write this file: `cargo test --test conformance` fails if
it is not what they give, and `DIOXUS_AUTH0_WRITE_CONFORMANCE=1 cargo test --test conformance` writes it anew. The providers
are the tenant of `tests/tenant`, which any client can be run against (`PUT /module` of its control interface). The suite
itself has not been run: this is no certification.

Hosts: **memory** is the client on the ports of `platform/memory`, as a page that is left and opened again, its HTTP real;
**native** is the client of a desktop on `platform/native` with HTTP, files and the loopback listener of the machine.

A module in which the provider must be refused is passed only if

* the error is the right one: its code, and what its messages say is wrong;
* nothing is sent afterwards, however long one waits (200 ms are waited) and whether or not the app wants a token; after an ID
  token the keys may be fetched once more, and nothing else;
* no user appears, neither then nor when the app is started again on the same storage; if a user was signed in before, they
  still are, and nobody else;
* what is stored is byte for byte what it was before the answer came, but that the login which was answered is no longer
  pending. An answer with a wrong `state`, or none, leaves that as well; on a desktop it is turned away at the port, and the
  login goes on waiting.

In every module the provider also checks each request of the client: no token, code, verifier or secret in a query; tokens in the
`Authorization` header and to resources alone; POST and forms at the endpoints of OAuth; no secret; PKCE by S256 with a verifier
of the standard's form that fits the challenge; `openid` in the scope; a redirect URI that is registered to the letter; `state`,
`nonce`, challenge and code used once, and not to be guessed; with pushed requests nothing but `client_id` and `request_uri` in
the URL, and no `request_uri` in what is pushed; DPoP proofs with the right `typ`, `alg`, `jwk`, `htm`, `htu`, `iat` and `ath`, a
`jti` of their own, the nonce that was given last and the key that the grant is bound to.

The modules of FAPI are run with what Auth0 offers: ID tokens are signed by RS256, and addresses on loopback have no TLS.
";
