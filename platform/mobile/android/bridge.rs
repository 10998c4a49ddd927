//! The way to Kotlin: the functions of one object, `module/src/main/kotlin/…/DioxusAuth0.kt`, called by JNI.
//!
//! dx packages the module for the sake of the attribute [`manganis::ffi`] and compiles it into the app. What the attribute
//! itself makes to call functions is not used. It looks classes up as the thread does that it runs on, and a thread that
//! Rust has started knows the system's classes only; and it asks for the activity with every call, although there may be
//! none just then.

use std::sync::{Mutex, OnceLock, PoisonError};

use manganis::jni::JavaVM;
use manganis::jni::errors::Error;
use manganis::jni::objects::{GlobalRef, JClass, JObject, JString, JThrowable, JValue};
use manganis::jni::{self, JNIEnv};

#[manganis::ffi("platform/mobile/android/module")]
extern "Kotlin" {
    type DioxusAuth0;
}

/// The object's class, as its class loader knows it.
const CLASS: &str = "dev.dioxus.auth0.android.DioxusAuth0";

/// How many objects one call may make; the thread may be one of the system's, where nobody else cleans up.
const LOCALS: i32 = 16;

/// The object, once it is found. It outlives every activity.
static BRIDGE: OnceLock<Bridge> = OnceLock::new();

/// Kotlin failed, or is not there.
#[derive(Debug, thiserror::Error)]
#[error("{why}")]
pub(super) struct BridgeError {
    pub(super) why: String,
}

impl BridgeError {
    fn new(why: impl Into<String>) -> Self {
        Self { why: why.into() }
    }
}

/// The object that speaks for Android.
pub(super) struct Bridge {
    vm: JavaVM,
    class: GlobalRef,
}

/// Returns the object. It is looked for until it is found.
///
/// # Errors
///
/// [`BridgeError`] in a program that dx did not package.
pub(super) fn bridge() -> Result<&'static Bridge, BridgeError> {
    static ALONE: Mutex<()> = Mutex::new(());
    if let Some(bridge) = BRIDGE.get() {
        return Ok(bridge);
    }
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    match BRIDGE.get() {
        Some(bridge) => Ok(bridge),
        None => {
            let found = Bridge::find()?;
            Ok(BRIDGE.get_or_init(|| found))
        }
    }
}

impl Bridge {
    fn find() -> Result<Self, BridgeError> {
        let found = manganis::android::with_activity(|env, activity| Some(Self::of(env, activity)));
        found.unwrap_or_else(|| Err(BridgeError::new("there is no Java machine")))
    }

    /// Asks the class loader of the app, which `activity` is of.
    fn of(env: &mut JNIEnv<'_>, activity: &JObject<'_>) -> Result<Self, BridgeError> {
        let vm = env.get_java_vm().map_err(|error| explain(env, &error))?;
        let class = call(env, |env| {
            let loader = "()Ljava/lang/ClassLoader;";
            let loader = env.call_method(activity, "getClassLoader", loader, &[])?;
            let name = env.new_string(CLASS)?;
            let load = "(Ljava/lang/String;)Ljava/lang/Class;";
            let class = env.call_method(loader.l()?, "loadClass", load, &[JValue::from(&name)])?;
            env.new_global_ref(class.l()?)
        })?;
        Ok(Self { vm, class })
    }

    /// Calls a function that returns nothing.
    pub(super) fn tell(&self, function: &str) -> Result<(), BridgeError> {
        self.with(|env, class| {
            env.call_static_method(class, function, "()V", &[])
                .map(drop)
        })
    }

    /// Calls a function with a text that returns nothing.
    pub(super) fn tell_text(&self, function: &str, text: &str) -> Result<(), BridgeError> {
        self.with(|env, class| {
            let text = env.new_string(text)?;
            let arguments = [JValue::from(&text)];
            env.call_static_method(class, function, "(Ljava/lang/String;)V", &arguments)
                .map(drop)
        })
    }

    /// Calls a function that returns a text, or nothing.
    pub(super) fn ask(&self, function: &str) -> Result<Option<String>, BridgeError> {
        self.with(|env, class| {
            let answer = env.call_static_method(class, function, "()Ljava/lang/String;", &[])?;
            let answer = JString::from(answer.l()?);
            match answer.is_null() {
                true => Ok(None),
                false => Ok(Some(env.get_string(&answer)?.into())),
            }
        })
    }

    fn with<T>(
        &self,
        act: impl FnOnce(&mut JNIEnv<'_>, &JClass<'_>) -> jni::errors::Result<T>,
    ) -> Result<T, BridgeError> {
        let attached = self.vm.attach_current_thread();
        let mut env = attached.map_err(|_| BridgeError::new("the Java machine takes no thread"))?;
        call(&mut env, |env| act(env, self.class.as_obj().into()))
    }
}

/// Does what makes a few objects, and cleans up after it.
fn call<T>(
    env: &mut JNIEnv<'_>,
    act: impl FnOnce(&mut JNIEnv<'_>) -> jni::errors::Result<T>,
) -> Result<T, BridgeError> {
    env.with_local_frame(LOCALS, act)
        .map_err(|error| explain(env, &error))
}

/// Says what went wrong. An exception would stop every later call: it is taken from the thread.
fn explain(env: &mut JNIEnv<'_>, error: &Error) -> BridgeError {
    if !matches!(error, Error::JavaException) {
        return BridgeError::new(error.to_string());
    }
    let exception = env.exception_occurred();
    let _ = env.exception_clear();
    let text = exception.and_then(|exception| described(env, &exception));
    BridgeError::new(text.unwrap_or_else(|_| {
        let _ = env.exception_clear();
        "it failed and does not say why".to_owned()
    }))
}

fn described(env: &mut JNIEnv<'_>, exception: &JThrowable<'_>) -> jni::errors::Result<String> {
    let text = env.call_method(exception, "toString", "()Ljava/lang/String;", &[])?;
    let text = JString::from(text.l()?);
    Ok(env.get_string(&text)?.into())
}
