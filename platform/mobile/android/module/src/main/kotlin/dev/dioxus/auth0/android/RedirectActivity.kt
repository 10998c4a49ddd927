package dev.dioxus.auth0.android

import android.app.Activity
import android.content.Intent
import android.os.Bundle

/**
 * Where links arrive. It shows nothing, and is gone before anything else happens.
 *
 * Any app and any page can start it with any address: whose answer a link is, Rust decides. Nothing but the address is read.
 */
class RedirectActivity : Activity() {
    override fun onCreate(savedInstanceState: Bundle?) {
        super.onCreate(savedInstanceState)
        // Made anew by the system, it has the link of before.
        if (savedInstanceState == null) receive(intent)
        finish()
    }

    override fun onNewIntent(intent: Intent) {
        super.onNewIntent(intent)
        receive(intent)
        finish()
    }

    private fun receive(intent: Intent?) {
        if (intent?.action != Intent.ACTION_VIEW) return
        val link = intent.dataString ?: return
        // Before the app is in front again: its own activity tells then that the tab is closed.
        News.link(link)
        Watch.bringToFront(this)
    }
}
