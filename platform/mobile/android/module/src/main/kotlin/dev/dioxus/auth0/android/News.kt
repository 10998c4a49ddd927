package dev.dioxus.auth0.android

import java.util.concurrent.LinkedBlockingDeque

/** What has happened and Rust has not heard yet: Rust may start after it, and its app may have no window just then. */
internal object News {
    /** Any app can send links; more than this push the oldest out. */
    const val ROOM = 16

    private val waiting = LinkedBlockingDeque<String>(ROOM)

    fun link(url: String) = put("link $url")

    fun closed() = put("closed")

    /** Waits for the oldest. */
    fun take(): String = waiting.take()

    @Synchronized
    private fun put(news: String) {
        while (!waiting.offerLast(news)) waiting.pollFirst()
    }
}
