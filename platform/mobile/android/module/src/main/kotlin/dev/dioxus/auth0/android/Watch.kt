package dev.dioxus.auth0.android

import android.app.Activity
import android.app.Application
import android.content.ContentProvider
import android.content.ContentValues
import android.content.Context
import android.content.Intent
import android.database.Cursor
import android.net.Uri
import android.os.Bundle
import java.lang.ref.WeakReference

/**
 * Watches the app's activities from the start of the process on, as nothing but a content provider can without a line in the
 * app itself. It provides nothing.
 *
 * A tab of the browser lies above the activity that has opened it, in the same task. The activity comes to the front again
 * when the tab is gone, whoever has closed it, and not before.
 */
class Watch : ContentProvider(), Application.ActivityLifecycleCallbacks {
    private enum class Tab { NONE, OPENING, SHOWN }

    /** On the main thread alone, as everything here. */
    companion object {
        /** The app. */
        lateinit var context: Context
            private set

        private var tab = Tab.NONE
        private var current = WeakReference<Activity>(null)

        /** Returns the activity of the app that was in front last. */
        fun current(): Activity? = current.get()

        /** Takes note that a tab is about to cover the activity in front. */
        fun tabOpens() {
            tab = Tab.OPENING
        }

        /** Forgets the tab, and says whether there was one. */
        fun forgetTab(): Boolean {
            val was = tab
            tab = Tab.NONE
            return was != Tab.NONE
        }

        /**
         * Shows the app's own activity, without what lies above it: the one there is, or a new one exactly as the launcher
         * starts it, which finds it again for that reason.
         */
        fun bringToFront(from: Context) {
            val main = from.packageManager.getLaunchIntentForPackage(from.packageName)?.component ?: return
            val intent = Intent.makeMainActivity(main)
            intent.addFlags(
                Intent.FLAG_ACTIVITY_NEW_TASK or Intent.FLAG_ACTIVITY_CLEAR_TOP or Intent.FLAG_ACTIVITY_SINGLE_TOP
            )
            from.startActivity(intent)
        }
    }

    override fun onCreate(): Boolean {
        val application = getContext()?.applicationContext ?: return false
        Watch.context = application
        (application as Application).registerActivityLifecycleCallbacks(this)
        return true
    }

    override fun onActivityResumed(activity: Activity) {
        if (activity is RedirectActivity) return
        current = WeakReference(activity)
        if (tab == Tab.SHOWN) {
            tab = Tab.NONE
            News.closed()
        }
    }

    override fun onActivityPaused(activity: Activity) {
        if (activity is RedirectActivity || activity.isChangingConfigurations) return
        if (tab == Tab.OPENING) tab = Tab.SHOWN
    }

    override fun onActivityCreated(activity: Activity, savedInstanceState: Bundle?) {
        // A login may begin before anything is in front.
        if (activity !is RedirectActivity) current = WeakReference(activity)
    }

    override fun onActivityDestroyed(activity: Activity) {
        if (current.get() === activity) current.clear()
    }

    override fun onActivityStarted(activity: Activity) {}

    override fun onActivityStopped(activity: Activity) {}

    override fun onActivitySaveInstanceState(activity: Activity, outState: Bundle) {}

    override fun query(
        uri: Uri, projection: Array<String>?, selection: String?, selectionArgs: Array<String>?, sortOrder: String?
    ): Cursor? = null

    override fun getType(uri: Uri): String? = null

    override fun insert(uri: Uri, values: ContentValues?): Uri? = null

    override fun delete(uri: Uri, selection: String?, selectionArgs: Array<String>?): Int = 0

    override fun update(uri: Uri, values: ContentValues?, selection: String?, selectionArgs: Array<String>?): Int = 0
}
