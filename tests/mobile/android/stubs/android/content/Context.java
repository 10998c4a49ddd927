package android.content;

import android.content.pm.PackageManager;
import java.io.File;

public abstract class Context {
    public abstract String getPackageName();

    public abstract PackageManager getPackageManager();

    public abstract File getNoBackupFilesDir();

    public abstract Context getApplicationContext();

    public abstract void startActivity(Intent intent);
}
