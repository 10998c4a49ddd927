//! WebCrypto keys that [cannot be extracted](https://www.w3.org/TR/webcrypto-2/#cryptokey-interface), in
//! [IndexedDB](https://developer.mozilla.org/docs/Web/API/IndexedDB_API): no script reads a private key, not even this one.

use js_sys::{Array, Promise, Reflect, Uint8Array};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{
    CryptoKey, IdbDatabase, IdbObjectStore, IdbOpenDbRequest, IdbRequest, IdbTransactionMode,
};

use super::crypto::{object, subtle};
use super::{unavailable, window};
use crate::port::{Keys, PortError, Task};

const WHAT: &str = "the key that tokens are bound to";
const DATABASE: &str = "dioxus-auth0";
const STORE: &str = "keys";

/// The keys of this origin. Browsers may withhold them, by setting or in private windows.
pub struct WebKeys;

impl Keys for WebKeys {
    fn public<'a>(&'a self, name: &'a str) -> Task<'a, [u8; 65]> {
        Box::pin(async move { public(name).await.map_err(refusal) })
    }

    fn sign<'a>(&'a self, name: &'a str, message: &'a [u8]) -> Task<'a, [u8; 64]> {
        Box::pin(async move { sign(name, message).await.map_err(refusal) })
    }

    fn remove<'a>(&'a self, name: &'a str) -> Task<'a, ()> {
        Box::pin(async move { remove(name).await.map_err(refusal) })
    }
}

async fn public(name: &str) -> Result<[u8; 65], JsValue> {
    let database = Database::open().await?;
    let mut pair = settled(&database.find(name)?).await?;
    if pair.is_undefined() {
        let made = JsFuture::from(make()?).await?;
        // Whoever came first is right, for all tabs: nothing that is there is ever replaced.
        let added = settled(&database.store()?.add_with_key(&made, &name.into())?).await;
        pair = settled(&database.find(name)?).await?;
        if pair.is_undefined() {
            return Err(added.err().unwrap_or(JsValue::UNDEFINED));
        }
    }
    let public: CryptoKey = half(&pair, "publicKey")?;
    let exported = JsFuture::from(subtle()?.export_key("raw", &public)?).await?;
    bytes(&exported)
}

async fn sign(name: &str, message: &[u8]) -> Result<[u8; 64], JsValue> {
    let database = Database::open().await?;
    let pair = settled(&database.find(name)?).await?;
    let private: CryptoKey = half(&pair, "privateKey")?;
    let algorithm = object(&[("name", "ECDSA".into()), ("hash", "SHA-256".into())])?;
    let signed = subtle()?.sign_with_object_and_u8_array(&algorithm, &private, message)?;
    bytes(&JsFuture::from(signed).await?)
}

async fn remove(name: &str) -> Result<(), JsValue> {
    let database = Database::open().await?;
    settled(&database.store()?.delete(&name.into())?).await?;
    Ok(())
}

fn make() -> Result<Promise, JsValue> {
    let algorithm = object(&[("name", "ECDSA".into()), ("namedCurve", "P-256".into())])?;
    let uses = Array::of2(&"sign".into(), &"verify".into());
    subtle()?.generate_key_with_object(&algorithm, false, &uses)
}

/// Takes one of the two keys of a pair, if there is a pair.
fn half(pair: &JsValue, which: &str) -> Result<CryptoKey, JsValue> {
    if pair.is_undefined() {
        return Err(JsValue::UNDEFINED);
    }
    Ok(Reflect::get(pair, &which.into())?.unchecked_into())
}

fn bytes<const N: usize>(buffer: &JsValue) -> Result<[u8; N], JsValue> {
    let found = Uint8Array::new(buffer);
    if found.length() as usize != N {
        return Err(JsValue::UNDEFINED);
    }
    let mut bytes = [0; N];
    found.copy_to(&mut bytes);
    Ok(bytes)
}

/// The open database. It closes when it is dropped.
struct Database(IdbDatabase);

impl Database {
    async fn open() -> Result<Self, JsValue> {
        let factory = window().indexed_db()?.ok_or(JsValue::UNDEFINED)?;
        let request = factory.open(DATABASE)?;
        // The first version is empty but for this. It runs while the event does, as it must.
        let furnish = Closure::<dyn Fn()>::new({
            let request = request.clone();
            move || {
                let furnished = database(&request).and_then(|new| new.create_object_store(STORE));
                // What it cannot have is missed by the first transaction.
                drop(furnished);
            }
        });
        request.set_onupgradeneeded(Some(furnish.as_ref().unchecked_ref()));
        settled(&request).await?;
        Ok(Self(database(&request)?))
    }

    fn store(&self) -> Result<IdbObjectStore, JsValue> {
        let mode = IdbTransactionMode::Readwrite;
        let transaction = self.0.transaction_with_str_and_mode(STORE, mode)?;
        transaction.object_store(STORE)
    }

    fn find(&self, name: &str) -> Result<IdbRequest, JsValue> {
        self.store()?.get(&name.into())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.0.close();
    }
}

fn database(request: &IdbOpenDbRequest) -> Result<IdbDatabase, JsValue> {
    Ok(request.result()?.unchecked_into())
}

/// Waits for a request, and returns what it brought.
async fn settled(request: &IdbRequest) -> Result<JsValue, JsValue> {
    let settled = Promise::new(&mut |resolve, reject| {
        request.set_onsuccess(Some(&resolve));
        request.set_onerror(Some(&reject));
    });
    match JsFuture::from(settled).await {
        Ok(_) => request.result(),
        Err(_) => Err(request.error()?.map_or(JsValue::UNDEFINED, JsValue::from)),
    }
}

fn refusal(thrown: JsValue) -> PortError {
    unavailable(WHAT, &thrown)
}
