//! [Web Storage](https://developer.mozilla.org/docs/Web/API/Web_Storage_API): `sessionStorage` and `localStorage`.

use wasm_bindgen::JsValue;

use super::{unavailable, window};
use crate::port::{PortError, Storage, Task};

/// Which of the two storages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WebStorageArea {
    /// `sessionStorage`: this tab, until it closes.
    Session,
    /// `localStorage`: this origin, until it is cleared.
    Local,
}

/// One of the browser's two storages. Browsers may withhold them, by setting or in private windows.
pub struct WebStorage {
    area: WebStorageArea,
}

impl WebStorage {
    /// Stands for `area`; nothing is opened yet.
    pub fn new(area: WebStorageArea) -> Self {
        Self { area }
    }

    fn with<T>(
        &self,
        work: impl FnOnce(web_sys::Storage) -> Result<T, JsValue>,
    ) -> Result<T, PortError> {
        let (what, storage) = match self.area {
            WebStorageArea::Session => ("session storage", window().session_storage()),
            WebStorageArea::Local => ("local storage", window().local_storage()),
        };
        storage
            .and_then(|storage| storage.ok_or(JsValue::UNDEFINED))
            .and_then(work)
            .map_err(|thrown| unavailable(what, &thrown))
    }
}

impl Storage for WebStorage {
    fn get<'a>(&'a self, key: &'a str) -> Task<'a, Option<String>> {
        Box::pin(async move { self.with(|storage| storage.get_item(key)) })
    }

    fn set<'a>(&'a self, key: &'a str, text: &'a str) -> Task<'a, ()> {
        Box::pin(async move { self.with(|storage| storage.set_item(key, text)) })
    }

    fn swap<'a>(&'a self, key: &'a str, from: &'a str, to: &'a str) -> Task<'a, bool> {
        // Nothing of this tab runs between the two, and another tab's write is not seen before this one pauses.
        Box::pin(async move {
            self.with(|storage| {
                let is_there = storage.get_item(key)?.as_deref() == Some(from);
                if is_there {
                    storage.set_item(key, to)?;
                }
                Ok(is_there)
            })
        })
    }

    fn remove<'a>(&'a self, key: &'a str) -> Task<'a, ()> {
        Box::pin(async move { self.with(|storage| storage.remove_item(key)) })
    }

    fn keys<'a>(&'a self, prefix: &'a str) -> Task<'a, Vec<String>> {
        Box::pin(async move {
            self.with(|storage| {
                let mut keys = Vec::new();
                for index in 0..storage.length()? {
                    keys.extend(storage.key(index)?.filter(|key| key.starts_with(prefix)));
                }
                Ok(keys)
            })
        })
    }
}
