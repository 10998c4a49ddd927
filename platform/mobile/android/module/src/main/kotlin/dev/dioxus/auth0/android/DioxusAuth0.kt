package dev.dioxus.auth0.android

import java.io.File

/**
 * What Rust calls, by these names, which `consumer-rules.pro` keeps. Whatever is thrown here, Rust is told.
 *
 * The name of this object is that of the module, too: dx calls it `:plugins:dioxusauth0`.
 */
object DioxusAuth0 {
    /** Returns the application id. */
    @JvmStatic
    fun applicationId(): String = Watch.context.packageName

    /** Returns a directory of the app's own that is never backed up: what is sealed on this phone opens on no other. */
    @JvmStatic
    fun directory(): String = privateDirectory().path

    /** Shows a page in the system's browser. */
    @JvmStatic
    fun open(url: String) = Browser.open(Watch.context, url)

    /** Closes the tab that is open, if there is one. */
    @JvmStatic
    fun close() = Browser.close(Watch.context)

    /** Waits for what has happened: a link, as `link com.example.app://…`, or the end of a tab, as `closed`. */
    @JvmStatic
    fun nextNews(): String = News.take()

    /** Reads the key of what is stored, if there is one that can be read. */
    @JvmStatic
    fun readKey(): String? = SealedKey(privateDirectory()).read()

    /** Writes the key of what is stored in place of any other. */
    @JvmStatic
    fun writeKey(key: String) = SealedKey(privateDirectory()).write(key)

    private fun privateDirectory(): File = Watch.context.noBackupFilesDir
}
