//! The directory of the app's container, closed until the device was unlocked once and left out of its backups, and an
//! item of the keychain that
//! [never leaves the device](https://developer.apple.com/documentation/security/ksecattraccessibleafterfirstunlockthisdeviceonly).
//!
//! With the app the system removes the directory, and not the item: an app that is installed anew finds the key of the
//! one before it. What that sealed is gone, and what is new it seals as well as another.

#![expect(
    unsafe_code,
    reason = "Foundation is Objective-C, whose attributes have types that the compiler cannot check"
)]

use std::io;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use apple_native_keyring_store::protected::{AccessPolicy, Cred};
use objc2::rc::Retained;
use objc2_foundation::{
    NSBundle, NSDictionary, NSError, NSFileManager,
    NSFileProtectionCompleteUntilFirstUserAuthentication, NSFileProtectionKey, NSNumber,
    NSSearchPathDirectory, NSSearchPathDomainMask, NSString, NSURL, NSURLIsExcludedFromBackupKey,
};

use crate::platform::entry::EntryKeychain;
use crate::platform::native::Keychain;
use crate::port::Storage;

/// The account under which the key is kept; the service is the app's identifier.
const ACCOUNT: &str = "dioxus-auth0 session key";

/// The directory of sessions, in the one that the container has for all that supports an app.
const SESSIONS: &str = "dioxus-auth0/sessions";

/// Finds where the app keeps what belongs to this device: `Library/Application Support/dioxus-auth0/sessions`, whatever
/// the app is called, since the container is its own.
pub(in crate::platform) fn data_directory(_application: Option<&str>) -> Option<PathBuf> {
    let found = NSFileManager::defaultManager().URLsForDirectory_inDomains(
        NSSearchPathDirectory::ApplicationSupportDirectory,
        NSSearchPathDomainMask::UserDomainMask,
    );
    let support = found.firstObject()?.path()?;
    Some(PathBuf::from(support.to_string()).join(SESSIONS))
}

/// Finds nothing: nobody sets an app up by files in its container.
pub(in crate::platform) fn config_directory(_application: Option<&str>) -> Option<PathBuf> {
    None
}

/// Closes a directory until the device was unlocked once after its start, as the files in it then are, and leaves it out
/// of backups: on another device there is no key for it.
pub(in crate::platform) fn keep_on_device(directory: &Path) -> io::Result<()> {
    let path = directory
        .to_str()
        .ok_or_else(|| io::Error::other("its path is no text"))?;
    let path = NSString::from_str(path);
    // SAFETY: these two are constants of Foundation, which is linked; the value of this key is one of these texts.
    let closed = unsafe {
        let attributes = NSDictionary::from_slices(
            &[NSFileProtectionKey],
            &[NSFileProtectionCompleteUntilFirstUserAuthentication.as_ref()],
        );
        NSFileManager::defaultManager().setAttributes_ofItemAtPath_error(&attributes, &path)
    };
    closed.map_err(|error| refusal(&error))?;
    let url = NSURL::fileURLWithPath_isDirectory(&path, true);
    let yes = NSNumber::numberWithBool(true);
    // SAFETY: the key is a constant of Foundation, which is linked; its value is a number that is a boolean.
    let excluded =
        unsafe { url.setResourceValue_forKey_error(Some(&yes), NSURLIsExcludedFromBackupKey) };
    excluded.map_err(|error| refusal(&error))
}

/// Keeps what lasts as long as a login: in files, since the system may end the app while the browser is in front.
pub(in crate::platform) fn session_storage(files: Rc<dyn Storage>) -> Rc<dyn Storage> {
    files
}

/// Returns the app's item of the keychain. Nothing is asked of it yet.
pub(in crate::platform) fn keychain(_application: Option<&str>) -> Arc<dyn Keychain> {
    Arc::new(EntryKeychain(|| {
        let identifier = identifier().unwrap_or_else(|| ACCOUNT.to_owned());
        // In the app's own access group, as long as no other comes first among its entitlements.
        let policy = AccessPolicy::AfterFirstUnlockThisDeviceOnly;
        Cred::build(&identifier, ACCOUNT, policy, None, false)
    }))
}

/// Returns the identifier of the app's bundle, such as `com.example.app`.
pub(super) fn identifier() -> Option<String> {
    let identifier: Retained<NSString> = NSBundle::mainBundle().bundleIdentifier()?;
    Some(identifier.to_string())
}

fn refusal(error: &NSError) -> io::Error {
    io::Error::other(error.localizedDescription().to_string())
}
