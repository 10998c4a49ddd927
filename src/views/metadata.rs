//! What the Management API keeps about the user, to see and to change.

use dioxus::prelude::*;
use serde_json::{Map, Value};

use super::loading::Loading;
use super::metadata_editor::MetadataEditor;
use crate::auth::use_auth0;
use crate::components::Problem;
use crate::error::Error;
use crate::management::{UserProfile, get_user, update_user_metadata};
use crate::platform::page;

/// The JSON object a user may change about themselves.
pub(crate) type Members = Map<String, Value>;

const EDIT: &str = "edit-metadata";

/// How far a change has come.
#[derive(Clone, PartialEq)]
enum Change {
    /// Nothing is being changed.
    None,
    /// The user is writing; the text to start from, and why it was not accepted last time.
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
    let sub = use_hook(|| CopyValue::new(sub));
    let mut members = use_signal(Members::new);
    let mut change = use_signal(|| Change::None);
    let mut loaded = use_resource(move || async move {
        let sub = sub.cloned();
        let answer = auth.call(get_user(&sub)).await?;
        members.set(read(&answer, &sub)?);
        Ok::<_, Error>(())
    });
    let mut was_open = use_hook(|| CopyValue::new(false));
    use_effect(move || {
        let is_open = matches!(&*change.read(), Change::Editing(..));
        if was_open.replace(is_open) && !is_open {
            page::focus(EDIT);
        }
    });
    let save = move |(text, next): (String, Members)| async move {
        let sub = sub.cloned();
        let request = update_user_metadata(&sub, &members.peek(), &next);
        let before = members.replace(next);
        change.set(Change::Saving);
        let answer = auth.call(request).await;
        match answer.and_then(|answer| read(&answer, &sub)) {
            Ok(kept) => {
                members.set(kept);
                change.set(Change::Saved);
            }
            Err(error) => {
                members.set(before);
                change.set(Change::Editing(text, Some(error)));
            }
        }
    };
    let status = match &*change.read() {
        Change::Saving => ("saving", "Saving…"),
        Change::Saved => ("saved", "Saved."),
        Change::None | Change::Editing(..) => ("idle", ""),
    };
    let body = match (&*loaded.read(), change.cloned()) {
        _ if *loaded.state().read() == UseResourceState::Pending => rsx! {
            Loading { "Loading your metadata…" }
        },
        (None, _) => VNode::empty(),
        (Some(Err(error)), _) => rsx! {
            Problem { error: error.clone(), on_retry: move |()| loaded.restart() }
        },
        (Some(Ok(())), Change::Editing(text, error)) => rsx! {
            MetadataEditor {
                text,
                error,
                on_save: save,
                on_cancel: move |()| change.set(Change::None),
            }
        },
        (Some(Ok(())), now) => rsx! {
            if members.read().is_empty() {
                p { class: "empty", "data-state": "empty", "No user metadata defined" }
            } else {
                pre { tabindex: "0", aria_label: "User metadata as JSON", {pretty(&members.read())} }
            }
            p { class: "actions",
                button {
                    id: EDIT,
                    r#type: "button",
                    class: "button",
                    aria_disabled: now == Change::Saving,
                    onclick: move |_| {
                        if *change.peek() != Change::Saving {
                            let text = pretty(&members.peek());
                            change.set(Change::Editing(text, None));
                        }
                    },
                    "Edit"
                }
            }
        },
    };
    rsx! {
        section { class: "card", aria_labelledby: "metadata", "data-state": status.0,
            h2 { id: "metadata", "User Metadata" }
            {body}
            p { role: "status", class: "status", {status.1} }
        }
    }
}

fn read(answer: &Value, sub: &str) -> Result<Members, Error> {
    Ok(UserProfile::read(answer, sub)?
        .user_metadata
        .unwrap_or_default())
}

fn pretty(members: &Members) -> String {
    serde_json::to_string_pretty(members).expect("a map of JSON values can be written")
}
