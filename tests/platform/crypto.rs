//! [`Crypto`]: digests and signatures, by the standards' own vectors.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use dioxus_auth0::oidc::{Jwks, RsaKey};
use dioxus_auth0::platform::native::NativeCrypto;
use dioxus_auth0::port::Crypto;
use serde_json::json;

/// The key, the message and the signature of [RFC 7515 A.2](https://www.rfc-editor.org/rfc/rfc7515#appendix-A.2).
const N: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
const MESSAGE: &[u8] = b"eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
const SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

fn key() -> RsaKey {
    let keys = json!({"keys": [{"kty": "RSA", "n": N, "e": "AQAB"}]});
    let keys = Jwks::parse(&keys).expect("the vector is a key set");
    keys.candidates(None)[0].clone()
}

async fn computes_what_the_standards_compute(crypto: &dyn Crypto) {
    // FIPS 180-2, B.1.
    let digest = crypto.sha256(b"abc").await.expect("a digest");
    assert_eq!(digest[..4], [0xba, 0x78, 0x16, 0xbf]);
    assert_eq!(digest[28..], [0xf2, 0x00, 0x15, 0xad]);

    let signature = URL_SAFE_NO_PAD.decode(SIGNATURE).expect("the vector");
    assert_eq!(
        crypto.verify_rs256(&key(), MESSAGE, &signature).await,
        Ok(true)
    );

    let mut altered = signature.clone();
    altered[0] ^= 1;
    for (message, signature) in [
        (MESSAGE, &altered[..]),
        (&MESSAGE[1..], &signature[..]),
        (MESSAGE, &signature[1..]),
        (MESSAGE, &[]),
        (MESSAGE, &[0; 5000]),
    ] {
        let verdict = crypto.verify_rs256(&key(), message, signature).await;
        assert_eq!(verdict, Ok(false), "a bad signature is no error");
    }
}

#[tokio::test]
async fn native_crypto_computes_what_the_standards_compute() {
    computes_what_the_standards_compute(&NativeCrypto).await;
}
