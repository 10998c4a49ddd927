use serde::{Deserialize, Serialize};

use crate::store::Problem;

/// A language the pages speak.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) enum Language {
    #[default]
    English,
    German,
}

/// Everything the login pages say in one language.
pub(crate) struct Texts {
    pub(crate) log_in: &'static str,
    pub(crate) log_in_to: &'static str,
    pub(crate) sign_up: &'static str,
    pub(crate) sign_up_to: &'static str,
    pub(crate) email: &'static str,
    pub(crate) password: &'static str,
    pub(crate) password_rule: &'static str,
    pub(crate) name: &'static str,
    pub(crate) optional: &'static str,
    pub(crate) go_on: &'static str,
    pub(crate) no_account: &'static str,
    pub(crate) have_account: &'static str,
    pub(crate) wrong: &'static str,
    pub(crate) email_malformed: &'static str,
    pub(crate) email_taken: &'static str,
    pub(crate) password_weak: &'static str,
    pub(crate) organization: &'static str,
    pub(crate) invited: &'static str,
    pub(crate) consent: &'static str,
    pub(crate) consent_asks: &'static str,
    pub(crate) allow: &'static str,
    pub(crate) deny: &'static str,
    pub(crate) device: &'static str,
    pub(crate) device_code: &'static str,
    pub(crate) device_confirm: &'static str,
    pub(crate) device_unknown: &'static str,
    pub(crate) device_done: &'static str,
    pub(crate) device_done_text: &'static str,
    pub(crate) device_denied: &'static str,
    pub(crate) device_denied_text: &'static str,
    pub(crate) stale_title: &'static str,
    pub(crate) stale_used: &'static str,
    pub(crate) stale_expired: &'static str,
    pub(crate) stale_unknown: &'static str,
    pub(crate) form_old: &'static str,
    pub(crate) back_to: &'static str,
    pub(crate) footer: &'static str,
}

impl Language {
    /// Takes the first language of `ui_locales` that is spoken here, else English.
    pub(crate) fn choose(ui_locales: &str) -> Self {
        ui_locales
            .split_whitespace()
            .find_map(|tag| {
                match tag
                    .split('-')
                    .next()
                    .unwrap_or_default()
                    .to_ascii_lowercase()
                    .as_str()
                {
                    "en" => Some(Self::English),
                    "de" => Some(Self::German),
                    _ => None,
                }
            })
            .unwrap_or_default()
    }

    /// Takes the first language of an `Accept-Language` header that is spoken here, else English.
    pub(crate) fn accepted(header: &str) -> Self {
        let tags = header
            .split(',')
            .filter_map(|range| range.split(';').next());
        Self::choose(&tags.collect::<Vec<_>>().join(" "))
    }

    pub(crate) fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::German => "de",
        }
    }

    pub(crate) fn texts(self) -> &'static Texts {
        match self {
            Self::English => &ENGLISH,
            Self::German => &GERMAN,
        }
    }

    /// Why a form was not taken, in words.
    pub(crate) fn problem(self, problem: Problem) -> &'static str {
        let texts = self.texts();
        match problem {
            Problem::WrongPassword => texts.wrong,
            Problem::EmailMalformed => texts.email_malformed,
            Problem::EmailTaken => texts.email_taken,
            Problem::PasswordWeak => texts.password_weak,
        }
    }

    /// What a scope lets an application do, in words.
    pub(crate) fn scope(self, scope: &str) -> String {
        let words = match (self, scope) {
            (Self::English, "openid") => "Know who you are",
            (Self::German, "openid") => "Wissen, wer Sie sind",
            (Self::English, "profile") => "See your name and picture",
            (Self::English, "email") => "See your e-mail address",
            (Self::English, "offline_access") => "Keep you logged in while you are away",
            (Self::English, "read:current_user") => "Read your user record",
            (Self::English, "create:current_user_metadata") => "Add to your user metadata",
            (Self::English, "update:current_user_metadata") => "Change your user metadata",
            (Self::English, "delete:current_user_metadata") => "Delete your user metadata",
            (Self::English, "read:orders") => "Read your orders",
            (Self::German, "read:orders") => "Ihre Bestellungen lesen",
            (Self::German, "profile") => "Namen und Bild sehen",
            (Self::German, "email") => "E-Mail-Adresse sehen",
            (Self::German, "offline_access") => "Angemeldet bleiben, auch wenn Sie weg sind",
            (Self::German, "read:current_user") => "Ihren Benutzereintrag lesen",
            (Self::German, "create:current_user_metadata") => "Ihre Metadaten ergänzen",
            (Self::German, "update:current_user_metadata") => "Ihre Metadaten ändern",
            (Self::German, "delete:current_user_metadata") => "Ihre Metadaten löschen",
            (_, other) => other,
        };
        words.to_owned()
    }
}

const ENGLISH: Texts = Texts {
    log_in: "Log in",
    log_in_to: "Log in to",
    sign_up: "Sign up",
    sign_up_to: "Sign up for",
    email: "E-mail address",
    password: "Password",
    password_rule: "At least 8 characters, with lower and upper case letters and a digit.",
    name: "Name",
    optional: "(optional)",
    go_on: "Continue",
    no_account: "Don't have an account?",
    have_account: "Already have an account?",
    wrong: "Wrong e-mail address or password.",
    email_malformed: "Enter a whole e-mail address, such as ada@example.com.",
    email_taken: "An account with this e-mail address exists. Log in instead.",
    password_weak: "This password is too weak.",
    organization: "Organization:",
    invited: "You have been invited.",
    consent: "Authorize",
    consent_asks: "asks to:",
    allow: "Allow",
    deny: "Deny",
    device: "Connect a device",
    device_code: "Code shown on the device",
    device_confirm: "Check that the device shows this code:",
    device_unknown: "No device waits with this code. Check the code, or start again on the device.",
    device_done: "The device is connected",
    device_done_text: "You can close this page and go on there.",
    device_denied: "The device is not connected",
    device_denied_text: "You can close this page. The device has been told.",
    stale_title: "This page is out of date",
    stale_used: "You have already been through this login. Go back to the application to start again.",
    stale_expired: "This login took longer than ten minutes. Go back to the application to start again.",
    stale_unknown: "This login is unknown here. Go back to the application to start again.",
    form_old: "This form was not sent from the page it belongs to. Go back, reload the page and try again.",
    back_to: "Back to",
    footer: "A local tenant for tests and demos. Accounts live on this machine only.",
};

const GERMAN: Texts = Texts {
    log_in: "Anmelden",
    log_in_to: "Anmelden bei",
    sign_up: "Registrieren",
    sign_up_to: "Registrieren bei",
    email: "E-Mail-Adresse",
    password: "Passwort",
    password_rule: "Mindestens 8 Zeichen, mit Klein- und Großbuchstaben und einer Ziffer.",
    name: "Name",
    optional: "(freiwillig)",
    go_on: "Weiter",
    no_account: "Noch kein Konto?",
    have_account: "Schon ein Konto?",
    wrong: "E-Mail-Adresse oder Passwort ist falsch.",
    email_malformed: "Geben Sie eine vollständige E-Mail-Adresse ein, etwa ada@example.com.",
    email_taken: "Zu dieser E-Mail-Adresse gibt es ein Konto. Melden Sie sich damit an.",
    password_weak: "Dieses Passwort ist zu schwach.",
    organization: "Organisation:",
    invited: "Sie wurden eingeladen.",
    consent: "Zugriff erlauben",
    consent_asks: "möchte:",
    allow: "Erlauben",
    deny: "Ablehnen",
    device: "Gerät verbinden",
    device_code: "Code auf dem Gerät",
    device_confirm: "Prüfen Sie, ob das Gerät diesen Code zeigt:",
    device_unknown: "Kein Gerät wartet mit diesem Code. Prüfen Sie den Code oder beginnen Sie am Gerät von vorn.",
    device_done: "Das Gerät ist verbunden",
    device_done_text: "Sie können diese Seite schließen und dort weitermachen.",
    device_denied: "Das Gerät ist nicht verbunden",
    device_denied_text: "Sie können diese Seite schließen. Das Gerät weiß Bescheid.",
    stale_title: "Diese Seite ist veraltet",
    stale_used: "Diese Anmeldung ist schon abgeschlossen. Gehen Sie zur Anwendung zurück, um neu zu beginnen.",
    stale_expired: "Diese Anmeldung hat länger als zehn Minuten gedauert. Gehen Sie zur Anwendung zurück, um neu zu beginnen.",
    stale_unknown: "Diese Anmeldung ist hier unbekannt. Gehen Sie zur Anwendung zurück, um neu zu beginnen.",
    form_old: "Dieses Formular kam nicht von seiner Seite. Gehen Sie zurück, laden Sie neu und versuchen Sie es noch einmal.",
    back_to: "Zurück zu",
    footer: "Ein lokaler Tenant für Tests und Vorführungen. Konten liegen nur auf diesem Rechner.",
};

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_known_locale_wins() {
        assert_eq!(Language::choose("fr-CA de-AT en"), Language::German);
        assert_eq!(Language::choose("EN-us de"), Language::English);
        assert_eq!(Language::choose("xx"), Language::English);
        assert_eq!(Language::choose(""), Language::English);
        assert_eq!(
            Language::accepted("fr;q=0.9,de;q=0.8, en"),
            Language::German
        );
    }
}
