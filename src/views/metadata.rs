//! What the Management API keeps about the user, to see and to change.

use std::cell::Cell;
use std::rc::Rc;

use dioxus::prelude::*;
use serde_json::{Map, Value};

use super::loading::loading;
use super::metadata_editor::MetadataEditor;
use crate::auth::{ApiState, use_api_with, use_auth0};
use crate::components::Problem;
use crate::error::Error;
use crate::management::{UserProfile, get_user, update_user_metadata};
use crate::platform::page;

/// The JSON object a user may change about themselves.
pub(crate) type Members = Map<String, Value>;

const EDIT: &str = "edit-metadata";

/// What the user does with what is shown.
#[derive(Clone, PartialEq)]
enum Phase {
    /// They read it.
    Reading,
    /// They write; the text to start from, and why it was not accepted last time.
    Editing(String, Option<Error>),
    /// The new value is shown and on its way.
    Saving,
    /// It has arrived.
    Saved,
}

/// Shows the metadata of the user `sub`, and saves what they change.
#[component]
pub(crate) fn Metadata(sub: String) -> Element {
    let auth = use_auth0();
    let mut phase = use_signal(|| Phase::Reading);
    let request = get_user(&sub);
    let sub = use_hook(|| CopyValue::new(sub));
    let kept = use_api_with(request, move |answer| read(&answer, &sub.read()));
    let save = move |(text, next): (String, Members)| async move {
        let Some(before) = kept.data() else { return };
        let request = update_user_metadata(&sub.read(), &before, &next);
        let next = Rc::new(next);
        kept.replace(&before, next.clone());
        phase.set(Phase::Saving);
        let answer = auth.call(request).await;
        match answer.and_then(|answer| read(&answer, &sub.read())) {
            Ok(members) => {
                kept.replace(&next, Rc::new(members));
                phase.set(Phase::Saved);
            }
            Err(error) => {
                kept.replace(&next, before);
                phase.set(Phase::Editing(text, Some(error)));
            }
        }
    };
    let was_open = use_hook(|| Rc::new(Cell::new(false)));
    use_effect(move || {
        let is_open = matches!(&*phase.read(), Phase::Editing(..));
        if was_open.replace(is_open) && !is_open {
            page::focus(EDIT);
        }
    });
    let now = phase.cloned();
    let (state, status) = match &now {
        Phase::Saving => ("saving", "Saving…"),
        Phase::Saved => ("saved", "Saved."),
        _ => ("idle", ""),
    };
    rsx! {
        section { class: "card", aria_labelledby: "metadata", "data-state": state,
            h2 { id: "metadata", "User Metadata" }
            match (kept.state(), now) {
                (ApiState::Idle | ApiState::Loading, _) => rsx! {
                    {loading("Loading your metadata…")}
                },
                (ApiState::Failed { error, .. }, _) => rsx! {
                    Problem { error, on_retry: move |()| kept.refetch() }
                },
                (_, Phase::Editing(text, error)) => rsx! {
                    MetadataEditor {
                        text,
                        error,
                        on_save: save,
                        on_cancel: move |()| phase.set(Phase::Reading),
                    }
                },
                (ApiState::Ready(members) | ApiState::Refetching(members), now) => rsx! {
                    if members.is_empty() {
                        p { class: "empty", "data-state": "empty", "No user metadata defined" }
                    } else {
                        pre { tabindex: "0", aria_label: "User metadata as JSON", {pretty(&members)} }
                    }
                    p { class: "actions",
                        button {
                            id: EDIT,
                            r#type: "button",
                            class: "button",
                            aria_disabled: now == Phase::Saving,
                            onclick: move |_| {
                                if *phase.peek() != Phase::Saving {
                                    phase.set(Phase::Editing(pretty(&members), None));
                                }
                            },
                            "Edit"
                        }
                    }
                },
            }
            p { role: "status", class: "status", {status} }
        }
    }
}

fn read(answer: &Value, sub: &str) -> Result<Members, Error> {
    Ok(UserProfile::read(answer, sub)?
        .user_metadata
        .unwrap_or_default())
}

/// Writes JSON with an indent of two spaces. `Display` is in the wasm already, another serializer is not.
fn pretty(members: &Members) -> String {
    format!("{:#}", Value::Object(members.clone()))
}
