package android.content.pm;

import android.content.ComponentName;
import android.content.Intent;
import java.util.ArrayList;
import java.util.List;

/** The apps of a phone, as a check sets them up. */
public class PackageManager {
    public static final int MATCH_DEFAULT_ONLY = 0x00010000;
    public static final int MATCH_ALL = 0x00020000;
    public static final String TABS = "android.support.customtabs.action.CustomTabsService";

    public final List<String> browsers = new ArrayList<>();
    public final List<String> withTabs = new ArrayList<>();
    /** What the system answers that is asked which app it would open. */
    public String preferred;

    public List<ResolveInfo> queryIntentActivities(Intent intent, int flags) {
        expectAnyPage(intent);
        if (flags != MATCH_ALL) throw new AssertionError("only the preferred browser is listed");
        List<ResolveInfo> found = new ArrayList<>();
        for (String browser : browsers) found.add(ResolveInfo.of(browser));
        return found;
    }

    public ResolveInfo resolveActivity(Intent intent, int flags) {
        expectAnyPage(intent);
        if (flags != MATCH_DEFAULT_ONLY) throw new AssertionError("an app that must be named is found");
        return preferred == null ? null : ResolveInfo.of(preferred);
    }

    public ResolveInfo resolveService(Intent intent, int flags) {
        if (!TABS.equals(intent.getAction())) throw new AssertionError("another service is looked for");
        return withTabs.contains(intent.getPackage()) ? new ResolveInfo() : null;
    }

    public Intent getLaunchIntentForPackage(String app) {
        Intent intent = Intent.makeMainActivity(new ComponentName(app, "dev.dioxus.main.MainActivity"));
        return intent.setPackage(app);
    }

    private void expectAnyPage(Intent intent) {
        boolean isPage = Intent.ACTION_VIEW.equals(intent.getAction())
            && "https:".equals(intent.getDataString())
            && intent.getCategories().contains(Intent.CATEGORY_BROWSABLE);
        if (!isPage) throw new AssertionError("a browser is looked for by " + intent.getDataString());
    }
}
