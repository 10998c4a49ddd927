package android.util;

public class Log {
    public static int w(String tag, String text) {
        return 0;
    }
}
