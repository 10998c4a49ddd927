//! A form for a JSON object.

use dioxus::core::AttributeValue;
use dioxus::html::PlatformEventData;
use dioxus::prelude::*;
use serde_json::Value;

use super::metadata::Members;
use crate::components::Problem;
use crate::error::Error;
use crate::json::{self, JsonError};
use crate::platform::page;

const FIELD: &str = "metadata-json";
const HINT: &str = "metadata-hint";
const FAULT: &str = "metadata-fault";

/// Lets the user write a JSON object, and says where it is not one while they write.
#[component]
pub(crate) fn MetadataEditor(
    text: String,
    error: Option<Error>,
    on_save: Callback<(String, Members)>,
    on_cancel: Callback,
) -> Element {
    let start = use_hook(|| text);
    let mut text = use_signal(|| start.clone());
    let save = move || {
        if let Ok(members) = parse(&text.peek()) {
            on_save((text.cloned(), members));
        }
    };
    use_effect(|| page::focus(FIELD));
    let fault = parse(&text.read()).err();
    rsx! {
        if let Some(error) = error {
            Problem { error, on_retry: move |()| save() }
        }
        form {
            novalidate: true,
            ..on("onsubmit", move |event| {
                event.prevent_default();
                save();
            }),
            label { r#for: FIELD, "Metadata as JSON" }
            p { id: HINT, class: "hint", "One object in braces. Names and text stand in double quotes." }
            textarea {
                id: FIELD,
                rows: "10",
                spellcheck: "false",
                autocapitalize: "off",
                autocomplete: "off",
                aria_describedby: "{HINT} {FAULT}",
                aria_invalid: fault.is_some(),
                // The field keeps what is written. Where the page is in another process, a value that is given back
                // to it comes late, and takes away what was written since.
                initial_value: start,
                ..on("oninput", move |event| text.set(page::written(FIELD, &event))),
            }
            p { id: FAULT, class: "fault", role: "status", {fault.clone()} }
            p { class: "actions",
                button { r#type: "submit", class: "button primary", disabled: fault.is_some(), "Save" }
                button { r#type: "button", class: "button", onclick: move |_| on_cancel(()), "Cancel" }
            }
        }
    }
}

/// Listens as `onsubmit: …` and `oninput: …` do, but to the event as the renderer has it: Dioxus's own type for events of
/// forms brings the reading of files with it, a fiftieth of the web bundle.
fn on(name: &'static str, call: impl FnMut(Event<PlatformEventData>) + 'static) -> Vec<Attribute> {
    vec![Attribute::new(
        name,
        AttributeValue::listener(call),
        None,
        false,
    )]
}

/// Reads an object, or says what a person must change and where.
fn parse(text: &str) -> Result<Members, String> {
    let fault = match json::parse(text.as_bytes()) {
        Ok(Value::Object(members)) => return Ok(members),
        Ok(_) => "This is JSON, but not an object in braces.".into(),
        Err(JsonError::Empty) => "Write an object; {} is an empty one.".into(),
        Err(JsonError::Truncated { line, column }) => place(line, column, "something is missing"),
        Err(JsonError::Syntax { line, column }) => place(line, column, "this is not JSON"),
        Err(JsonError::Duplicate { member }) => {
            ["The name \"", &member, "\" stands there twice."].concat()
        }
        Err(JsonError::TooLarge { .. }) => "This is too long.".into(),
        Err(_) => "This is not JSON.".into(),
    };
    Err(fault)
}

fn place(line: usize, column: usize, fault: &str) -> String {
    [
        "Line ",
        &line.to_string(),
        ", column ",
        &column.to_string(),
        ": ",
        fault,
        ".",
    ]
    .concat()
}
