package android.content;

import android.net.Uri;
import android.os.Bundle;
import java.util.TreeSet;

public class Intent {
    public static final String ACTION_VIEW = "android.intent.action.VIEW";
    public static final String ACTION_MAIN = "android.intent.action.MAIN";
    public static final String CATEGORY_BROWSABLE = "android.intent.category.BROWSABLE";
    public static final String CATEGORY_LAUNCHER = "android.intent.category.LAUNCHER";
    public static final int FLAG_ACTIVITY_SINGLE_TOP = 0x20000000;
    public static final int FLAG_ACTIVITY_NEW_TASK = 0x10000000;
    public static final int FLAG_ACTIVITY_CLEAR_TOP = 0x04000000;

    private String action;
    private Uri data;
    private String pkg;
    private ComponentName component;
    private int flags;
    private final TreeSet<String> categories = new TreeSet<>();
    /** What reading extras does: a sender may have put in a class that is not to be made here. */
    public RuntimeException poison;
    public Bundle extras;

    public Intent(String action) {
        this.action = action;
    }

    public Intent(String action, Uri data) {
        this.action = action;
        this.data = data;
    }

    public static Intent makeMainActivity(ComponentName main) {
        Intent intent = new Intent(ACTION_MAIN);
        intent.component = main;
        intent.categories.add(CATEGORY_LAUNCHER);
        return intent;
    }

    public String getAction() {
        return action;
    }

    public String getDataString() {
        return data == null ? null : data.toString();
    }

    public String getPackage() {
        return pkg;
    }

    public Intent setPackage(String pkg) {
        this.pkg = pkg;
        return this;
    }

    public ComponentName getComponent() {
        return component;
    }

    public Intent setComponent(ComponentName component) {
        this.component = component;
        return this;
    }

    public int getFlags() {
        return flags;
    }

    public Intent addFlags(int more) {
        flags |= more;
        return this;
    }

    public Intent addCategory(String category) {
        categories.add(category);
        return this;
    }

    public TreeSet<String> getCategories() {
        return categories;
    }

    public Bundle getExtras() {
        if (poison != null) throw poison;
        return extras;
    }

    public Intent putExtras(Bundle more) {
        extras = more;
        return this;
    }
}
