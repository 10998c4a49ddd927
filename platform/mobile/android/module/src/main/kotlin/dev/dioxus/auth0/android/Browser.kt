package dev.dioxus.auth0.android

import android.app.Activity
import android.content.Context
import android.content.Intent
import android.content.pm.PackageManager
import android.net.Uri
import android.os.Bundle
import android.os.Handler
import android.os.Looper
import android.util.Log

/**
 * The system's browser: as a tab above the app ([Custom Tabs](https://developer.chrome.com/docs/android/custom-tabs)), where it
 * has such, and by itself otherwise.
 *
 * A tab is asked for by extras of the intent, which are all of the protocol that is needed here.
 */
internal object Browser {
    private const val TABS = "android.support.customtabs.action.CustomTabsService"
    private const val SESSION = "android.support.customtabs.extra.SESSION"

    fun open(context: Context, url: String) {
        val apps = context.packageManager
        val browser = find(apps) ?: throw IllegalStateException("no app here shows web pages")
        val hasTabs = hasTabs(apps, browser)
        val intent = Intent(Intent.ACTION_VIEW, Uri.parse(url)).addCategory(Intent.CATEGORY_BROWSABLE)
        // By its name: an app that claims the provider's host is not who the password is for.
        intent.setPackage(browser)
        onMainThread { show(context, intent, hasTabs) }
    }

    fun close(context: Context) = onMainThread {
        if (Watch.forgetTab()) Watch.bringToFront(Watch.current() ?: context)
    }

    /** The user's browser, or where none is preferred, one that has tabs. */
    private fun find(apps: PackageManager): String? {
        // No host: whoever takes this is for any page.
        val page = Intent(Intent.ACTION_VIEW, Uri.fromParts("https", "", null)).addCategory(Intent.CATEGORY_BROWSABLE)
        val browsers = apps.queryIntentActivities(page, PackageManager.MATCH_ALL).map { it.activityInfo.packageName }
        val preferred = apps.resolveActivity(page, PackageManager.MATCH_DEFAULT_ONLY)?.activityInfo?.packageName
        // Without a preference it is the system's own chooser, which is no browser.
        return browsers.find { it == preferred } ?: browsers.find { hasTabs(apps, it) } ?: browsers.firstOrNull()
    }

    private fun hasTabs(apps: PackageManager, browser: String): Boolean =
        apps.resolveService(Intent(TABS).setPackage(browser), 0) != null

    private fun show(context: Context, intent: Intent, hasTabs: Boolean) {
        val activity: Activity? = Watch.current()
        val isTab = hasTabs && activity != null
        Watch.forgetTab()
        if (isTab) {
            // No session, and yet the extra must be there.
            intent.putExtras(Bundle().apply { putBinder(SESSION, null) })
            Watch.tabOpens()
        } else {
            intent.addFlags(Intent.FLAG_ACTIVITY_NEW_TASK)
        }
        try {
            (activity ?: context).startActivity(intent)
        } catch (error: RuntimeException) {
            // It was there a moment ago. Nobody comes back from where nobody went.
            Log.w("dioxus-auth0", "the browser does not open: ${error.javaClass.name}")
            Watch.forgetTab()
            News.closed()
        }
    }

    private fun onMainThread(act: () -> Unit) {
        Handler(Looper.getMainLooper()).post(act)
    }
}
