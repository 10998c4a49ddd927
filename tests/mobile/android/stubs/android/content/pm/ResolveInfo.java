package android.content.pm;

public class ResolveInfo {
    public ActivityInfo activityInfo;

    public static ResolveInfo of(String app) {
        ResolveInfo info = new ResolveInfo();
        info.activityInfo = new ActivityInfo();
        info.activityInfo.packageName = app;
        return info;
    }
}
