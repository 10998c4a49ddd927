//! [`crypto.subtle`](https://developer.mozilla.org/docs/Web/API/SubtleCrypto), which browsers offer on `https` and loopback pages.

use js_sys::{Array, Object, Reflect, Uint8Array};
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{CryptoKey, SubtleCrypto};

use super::{unavailable, window};
use crate::port::{Crypto, RsaKey, Task};

/// The browser's WebCrypto.
pub struct WebCrypto;

const WHAT: &str = "WebCrypto (it needs an https or loopback page)";

impl Crypto for WebCrypto {
    fn sha256<'a>(&'a self, bytes: &'a [u8]) -> Task<'a, [u8; 32]> {
        Box::pin(async move {
            let digest = async {
                let promise = subtle()?.digest_with_str_and_u8_array("SHA-256", bytes)?;
                JsFuture::from(promise).await
            };
            let digest = digest.await.map_err(|thrown| unavailable(WHAT, &thrown))?;
            let mut bytes = [0; 32];
            Uint8Array::new(&digest).copy_to(&mut bytes);
            Ok(bytes)
        })
    }

    fn verify_rs256<'a>(
        &'a self,
        key: &'a RsaKey,
        message: &'a [u8],
        signature: &'a [u8],
    ) -> Task<'a, bool> {
        Box::pin(async move {
            let subtle = subtle().map_err(|thrown| unavailable(WHAT, &thrown))?;
            // A key that cannot be imported has signed nothing.
            Ok(verify(&subtle, key, message, signature)
                .await
                .unwrap_or(false))
        })
    }
}

async fn verify(
    subtle: &SubtleCrypto,
    key: &RsaKey,
    message: &[u8],
    signature: &[u8],
) -> Result<bool, JsValue> {
    let jwk = object(&[
        ("kty", "RSA".into()),
        ("n", key.n_base64url().into()),
        ("e", key.e_base64url().into()),
    ])?;
    let algorithm = object(&[
        ("name", "RSASSA-PKCS1-v1_5".into()),
        ("hash", "SHA-256".into()),
    ])?;
    let uses = Array::of1(&"verify".into());
    let import = subtle.import_key_with_object("jwk", &jwk, &algorithm, false, &uses)?;
    let key: CryptoKey = JsFuture::from(import).await?.unchecked_into();
    let verdict = subtle.verify_with_str_and_u8_array_and_u8_array(
        "RSASSA-PKCS1-v1_5",
        &key,
        signature,
        message,
    )?;
    Ok(JsFuture::from(verdict).await?.is_truthy())
}

/// Finds WebCrypto, unless the page is insecure.
pub(super) fn subtle() -> Result<SubtleCrypto, JsValue> {
    // `crypto.subtle` is undefined on an insecure page, which the binding does not know.
    let subtle = window().crypto()?.subtle();
    match subtle.is_undefined() {
        true => Err(JsValue::UNDEFINED),
        false => Ok(subtle),
    }
}

/// Makes a JavaScript object.
pub(super) fn object(members: &[(&str, JsValue)]) -> Result<Object, JsValue> {
    let object = Object::new();
    for (name, value) in members {
        Reflect::set(&object, &(*name).into(), value)?;
    }
    Ok(object)
}
