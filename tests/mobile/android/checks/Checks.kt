package dev.dioxus.auth0.android

import android.app.Activity
import android.app.Application
import android.content.ActivityNotFoundException
import android.content.ComponentName
import android.content.Context
import android.content.Intent
import android.net.Uri
import android.os.Bundle
import android.os.Handler
import java.io.File
import java.nio.file.Files
import java.security.ProviderException
import java.security.UnrecoverableKeyException
import java.util.concurrent.ExecutionException
import java.util.concurrent.FutureTask
import java.util.concurrent.TimeUnit
import java.util.concurrent.TimeoutException
import keystore.MemoryKeystore

/** The app's own activity, as dx has it. */
class Main : Activity()

/** An app with a phone around it, as good as new: what is of the process is what the check before has left. */
class Phone {
    val directory: File = Files.createTempDirectory("phone").toFile()
    val app = Application(directory)
    val main = Main()

    init {
        MemoryKeystore.KEYS.clear()
        Watch.forgetTab()
        link("drain:")
        while (news() != "link drain:") continue
        app.started.clear()
        app.starters.clear()
        Watch().attachInfo(app)
        main.create(app, Intent(Intent.ACTION_MAIN), null)
        main.resume()
    }

    fun browser(name: String, hasTabs: Boolean) {
        app.apps.browsers.add(name)
        if (hasTabs) app.apps.withTabs.add(name)
    }

    /** Asks for a page as Rust does, from a thread of its own, and lets the main thread do it. */
    fun open() {
        val asking = FutureTask { DioxusAuth0.open(PAGE) }
        Thread(asking).start()
        try {
            asking.get(5, TimeUnit.SECONDS)
        } catch (error: ExecutionException) {
            throw error.cause!!
        }
        Handler.runPosted()
    }

    fun close() {
        DioxusAuth0.close()
        Handler.runPosted()
    }

    /** Sends a link, as the browser does or any app. */
    fun link(url: String?, action: String = Intent.ACTION_VIEW): RedirectActivity {
        val intent = Intent(action, url?.let { Uri.parse(it) })
        intent.poison = AssertionError("what a stranger has put in is unpacked").let { RuntimeException(it) }
        // By its name anybody can send anything: no filter is asked then.
        intent.component = ComponentName("com.example.app", RedirectActivity::class.java.name)
        val redirect = RedirectActivity()
        redirect.create(app, intent, null)
        return redirect
    }
}

const val PAGE = "https://example.eu.auth0.com/authorize?state=s"
const val LINK = "com.example.app://example.eu.auth0.com/android/com.example.app/callback?code=c&state=s"
const val CLEAR = Intent.FLAG_ACTIVITY_NEW_TASK or Intent.FLAG_ACTIVITY_CLEAR_TOP or Intent.FLAG_ACTIVITY_SINGLE_TOP

/** Takes the next news, which must be there. */
fun news(): String {
    val taking = FutureTask { DioxusAuth0.nextNews() }
    Thread(taking).apply { isDaemon = true }.start()
    return taking.get(5, TimeUnit.SECONDS)
}

/** What a later link is told by, so that nothing waits for nothing. */
fun noNews(phone: Phone) {
    phone.link("mark:")
    same("link mark:", news())
}

fun same(expected: Any?, found: Any?) {
    if (expected != found) throw AssertionError("expected $expected, found $found")
}

fun fails(act: () -> Unit): Throwable {
    try {
        act()
    } catch (error: Throwable) {
        return error
    }
    throw AssertionError("it did not fail")
}

val CHECKS: Map<String, () -> Unit> = mapOf(
    "a link is told, and the app's own activity shown as the launcher shows it" to {
        val phone = Phone()
        val redirect = phone.link(LINK)
        same(true, redirect.isFinishing)
        same("link $LINK", news())
        val intent = phone.app.started.single()
        same(Intent.ACTION_MAIN, intent.action)
        same(setOf(Intent.CATEGORY_LAUNCHER), intent.categories)
        same("com.example.app/dev.dioxus.main.MainActivity", intent.component.flatten())
        // The launcher's has none, and only the same intent finds the same task.
        same(null, intent.`package`)
        same(CLEAR, intent.flags)
    },
    "a link that arrives before Rust listens is told when it does" to {
        val phone = Phone()
        phone.link("$LINK&n=1")
        phone.link("$LINK&n=2")
        same("link $LINK&n=1", news())
        same("link $LINK&n=2", news())
    },
    "whoever waits for news is told at once" to {
        val phone = Phone()
        val taking = FutureTask { DioxusAuth0.nextNews() }
        Thread(taking).apply { isDaemon = true }.start()
        fails { taking.get(50, TimeUnit.MILLISECONDS) }.let { same(true, it is TimeoutException) }
        phone.link(LINK)
        same("link $LINK", taking.get(5, TimeUnit.SECONDS))
    },
    "a flood of links pushes out the oldest and no more" to {
        val phone = Phone()
        for (n in 1..(News.ROOM + 3)) phone.link("flood:$n")
        for (n in 4..(News.ROOM + 3)) same("link flood:$n", news())
        noNews(phone)
    },
    "what is no link shows and tells nothing" to {
        val phone = Phone()
        same(true, phone.link(null).isFinishing)
        same(true, phone.link(LINK, Intent.ACTION_MAIN).isFinishing)
        same(true, phone.link(LINK, "com.example.SEND").isFinishing)
        same(0, phone.app.started.size)
        noNews(phone)
    },
    "an activity that the system makes anew does not tell its link again" to {
        val phone = Phone()
        val redirect = RedirectActivity()
        redirect.create(phone.app, Intent(Intent.ACTION_VIEW, Uri.parse(LINK)), Bundle())
        same(true, redirect.isFinishing)
        noNews(phone)
    },
    "a second link to an activity that is still there is told too" to {
        val phone = Phone()
        val redirect = phone.link("$LINK&n=1")
        redirect.start(Intent(Intent.ACTION_VIEW, Uri.parse("$LINK&n=2")))
        same("link $LINK&n=1", news())
        same("link $LINK&n=2", news())
        same(true, redirect.isFinishing)
    },
    "the preferred browser shows the page as a tab of the app's own task" to {
        val phone = Phone()
        phone.browser("org.other", true)
        phone.browser("org.mine", true)
        phone.app.apps.preferred = "org.mine"
        phone.open()
        val intent = phone.app.started.single()
        same(PAGE, intent.dataString)
        same("org.mine", intent.`package`)
        same(0, intent.flags)
        same(setOf("android.support.customtabs.extra.SESSION"), intent.extras.values.keys)
        same(true, phone.app.starters.single() === phone.main)
    },
    "the preferred browser is taken without tabs as well, in a task of its own" to {
        val phone = Phone()
        phone.browser("org.other", true)
        phone.browser("org.mine", false)
        phone.app.apps.preferred = "org.mine"
        phone.open()
        val intent = phone.app.started.single()
        same("org.mine", intent.`package`)
        same(Intent.FLAG_ACTIVITY_NEW_TASK, intent.flags)
        same(null, intent.extras)
        // Where the user has gone, nobody can tell by the app's coming back.
        phone.main.pause()
        phone.main.resume()
        noNews(phone)
    },
    "without a preference the system's chooser is not taken for a browser" to {
        val phone = Phone()
        phone.browser("org.plain", false)
        phone.browser("org.tabs", true)
        phone.app.apps.preferred = "android"
        phone.open()
        same("org.tabs", phone.app.started.single().`package`)
    },
    "an app that claims the provider's host does not get the page" to {
        // The stub fails a search for anything but a browser of any page, and the page itself goes to that by name.
        val phone = Phone()
        phone.browser("org.mine", true)
        phone.app.apps.preferred = "com.evil"
        phone.open()
        same("org.mine", phone.app.started.single().`package`)
    },
    "without a browser it fails and says so" to {
        val phone = Phone()
        same("no app here shows web pages", fails { phone.open() }.message)
        same(0, phone.app.started.size)
    },
    "a browser that is gone when it is to open counts as closed" to {
        val phone = Phone()
        phone.browser("org.mine", true)
        phone.app.refusal = ActivityNotFoundException()
        phone.open()
        same("closed", news())
        phone.app.refusal = null
        phone.main.pause()
        phone.main.resume()
        noNews(phone)
    },
    "a tab that the user closes is told once" to {
        val phone = Phone()
        phone.browser("org.mine", true)
        phone.open()
        phone.main.pause()
        phone.main.resume()
        same("closed", news())
        phone.main.pause()
        phone.main.resume()
        noNews(phone)
    },
    "an activity that comes to the front before the tab has covered it tells nothing" to {
        val phone = Phone()
        phone.browser("org.mine", true)
        phone.open()
        phone.main.resume()
        noNews(phone)
    },
    "an activity that turns with the phone tells nothing" to {
        val phone = Phone()
        phone.browser("org.mine", true)
        phone.open()
        phone.main.isChanging = true
        phone.main.pause()
        phone.main.destroy()
        val again = Main()
        again.create(phone.app, Intent(Intent.ACTION_MAIN), Bundle())
        again.resume()
        noNews(phone)
        again.pause()
        again.resume()
        same("closed", news())
    },
    "an activity that was made anew below the tab tells that it is closed" to {
        val phone = Phone()
        phone.browser("org.mine", true)
        phone.open()
        phone.main.pause()
        phone.main.destroy()
        val again = Main()
        again.create(phone.app, Intent(Intent.ACTION_MAIN), Bundle())
        again.resume()
        same("closed", news())
    },
    "a link comes before the news that its tab is closed" to {
        val phone = Phone()
        phone.browser("org.mine", true)
        phone.open()
        phone.main.pause()
        phone.link(LINK)
        phone.main.resume()
        same("link $LINK", news())
        same("closed", news())
    },
    "the app closes a tab by coming to the front, and says nothing of it" to {
        val phone = Phone()
        phone.browser("org.mine", true)
        phone.open()
        phone.main.pause()
        phone.close()
        val intent = phone.app.started.last()
        same(CLEAR, intent.flags)
        same("com.example.app/dev.dioxus.main.MainActivity", intent.component.flatten())
        phone.main.resume()
        noNews(phone)
    },
    "the app that has no tab open does not come to the front" to {
        val phone = Phone()
        phone.browser("org.plain", false)
        phone.close()
        same(0, phone.app.started.size)
        phone.open()
        phone.close()
        same(1, phone.app.started.size)
    },
    "without an activity the page opens in a task of its own" to {
        val phone = Phone()
        phone.browser("org.mine", true)
        phone.main.destroy()
        phone.open()
        same(true, phone.app.starters.single() === phone.app as Context)
        same(Intent.FLAG_ACTIVITY_NEW_TASK, phone.app.started.single().flags)
    },
    "Rust is told the application id and a directory without backup" to {
        val phone = Phone()
        same("com.example.app", DioxusAuth0.applicationId())
        same(phone.directory.path, DioxusAuth0.directory())
    },
    "a key that is written is read, and is not in the file" to {
        val phone = Phone()
        same(null, DioxusAuth0.readKey())
        DioxusAuth0.writeKey("a secret of some length")
        same("a secret of some length", DioxusAuth0.readKey())
        val files = phone.directory.listFiles()!!.map { it.name }
        same(listOf("dioxus-auth0.key"), files)
        val bytes = phone.directory.listFiles()!!.single().readBytes()
        same(false, String(bytes, Charsets.ISO_8859_1).contains("secret"))
        val spec = MemoryKeystore.asked
        same(listOf("GCM", "NoPadding", "256", "3"), listOf(spec.mode, spec.padding, "${spec.bits}", "${spec.purposes}"))
    },
    "a key is sealed differently each time" to {
        val phone = Phone()
        val file = File(phone.directory, "dioxus-auth0.key")
        DioxusAuth0.writeKey("a secret")
        val first = file.readBytes()
        DioxusAuth0.writeKey("a secret")
        same(false, first.contentEquals(file.readBytes()))
        same("a secret", DioxusAuth0.readKey())
    },
    "a file of another phone is no key, and the next one takes its place" to {
        Phone()
        DioxusAuth0.writeKey("a secret")
        // The Keystore stays where it is when an app is restored from a backup.
        MemoryKeystore.KEYS.clear()
        same(null, DioxusAuth0.readKey())
        DioxusAuth0.writeKey("another")
        same("another", DioxusAuth0.readKey())
    },
    "a file that somebody has changed is no key" to {
        val phone = Phone()
        val file = File(phone.directory, "dioxus-auth0.key")
        DioxusAuth0.writeKey("a secret")
        val sealed = file.readBytes()
        for (at in sealed.indices) {
            val changed = sealed.clone()
            changed[at] = (changed[at].toInt() xor 1).toByte()
            file.writeBytes(changed)
            same(null, DioxusAuth0.readKey())
        }
        for (length in sealed.indices) {
            file.writeBytes(sealed.copyOf(length))
            same(null, DioxusAuth0.readKey())
        }
    },
    "a key of the Keystore that cannot be used any more is none" to {
        Phone()
        DioxusAuth0.writeKey("a secret")
        MemoryKeystore.failure = UnrecoverableKeyException("gone with the screen lock")
        same(null, DioxusAuth0.readKey())
        MemoryKeystore.failure = null
        same("a secret", DioxusAuth0.readKey())
    },
    "a Keystore that does not answer is an error, and no reason for a new key" to {
        Phone()
        DioxusAuth0.writeKey("a secret")
        MemoryKeystore.failure = ProviderException("busy")
        same("busy", fails { DioxusAuth0.readKey() }.message)
        MemoryKeystore.failure = null
        same("a secret", DioxusAuth0.readKey())
    }
)

/** Runs all of them, says so of each, and fails when one does. */
fun main() {
    MemoryKeystore.install()
    var failed = 0
    for ((claim, check) in CHECKS) {
        try {
            check()
            println("ok: $claim")
        } catch (error: Throwable) {
            failed += 1
            println("FAILED: $claim: $error")
            error.printStackTrace()
        }
    }
    System.exit(if (failed == 0) 0 else 1)
}
