package android.app;

import android.content.Context;
import android.content.Intent;
import android.content.pm.PackageManager;
import android.os.Bundle;
import java.io.File;

/** An activity, which the system leads through its life as a check says. */
public class Activity extends Context {
    private Application application;
    private Intent intent;
    private boolean isFinishing;
    public boolean isChanging;

    public void create(Application application, Intent intent, Bundle state) {
        this.application = application;
        this.intent = intent;
        onCreate(state);
        for (Application.ActivityLifecycleCallbacks each : application.callbacks) each.onActivityCreated(this, state);
    }

    public void start(Intent intent) {
        onNewIntent(intent);
    }

    public void resume() {
        for (Application.ActivityLifecycleCallbacks each : application.callbacks) each.onActivityResumed(this);
    }

    public void pause() {
        for (Application.ActivityLifecycleCallbacks each : application.callbacks) each.onActivityPaused(this);
    }

    public void destroy() {
        for (Application.ActivityLifecycleCallbacks each : application.callbacks) each.onActivityDestroyed(this);
    }

    protected void onCreate(Bundle state) {}

    protected void onNewIntent(Intent intent) {}

    public Intent getIntent() {
        return intent;
    }

    public void finish() {
        isFinishing = true;
    }

    public boolean isFinishing() {
        return isFinishing;
    }

    public boolean isChangingConfigurations() {
        return isChanging;
    }

    @Override
    public String getPackageName() {
        return application.getPackageName();
    }

    @Override
    public PackageManager getPackageManager() {
        return application.getPackageManager();
    }

    @Override
    public File getNoBackupFilesDir() {
        return application.getNoBackupFilesDir();
    }

    @Override
    public Context getApplicationContext() {
        return application;
    }

    @Override
    public void startActivity(Intent intent) {
        application.start(this, intent);
    }
}
