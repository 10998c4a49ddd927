package android.app;

import android.content.Context;
import android.content.Intent;
import android.content.pm.PackageManager;
import android.os.Bundle;
import java.io.File;
import java.util.ArrayList;
import java.util.List;

/** The app, which remembers what was started, by itself and by its activities. */
public class Application extends Context {
    public interface ActivityLifecycleCallbacks {
        void onActivityCreated(Activity activity, Bundle state);

        void onActivityStarted(Activity activity);

        void onActivityResumed(Activity activity);

        void onActivityPaused(Activity activity);

        void onActivityStopped(Activity activity);

        void onActivitySaveInstanceState(Activity activity, Bundle state);

        void onActivityDestroyed(Activity activity);
    }

    public final PackageManager apps = new PackageManager();
    public final List<ActivityLifecycleCallbacks> callbacks = new ArrayList<>();
    public final List<Intent> started = new ArrayList<>();
    public final List<Context> starters = new ArrayList<>();
    /** What starting an activity throws. */
    public RuntimeException refusal;
    private final File directory;

    public Application(File directory) {
        this.directory = directory;
    }

    public void registerActivityLifecycleCallbacks(ActivityLifecycleCallbacks listener) {
        callbacks.add(listener);
    }

    void start(Context from, Intent intent) {
        if (refusal != null) throw refusal;
        started.add(intent);
        starters.add(from);
    }

    @Override
    public String getPackageName() {
        return "com.example.app";
    }

    @Override
    public PackageManager getPackageManager() {
        return apps;
    }

    @Override
    public File getNoBackupFilesDir() {
        return directory;
    }

    @Override
    public Context getApplicationContext() {
        return this;
    }

    @Override
    public void startActivity(Intent intent) {
        if ((intent.getFlags() & Intent.FLAG_ACTIVITY_NEW_TASK) == 0) {
            throw new AssertionError("an activity that is started from none needs a task");
        }
        start(this, intent);
    }
}
