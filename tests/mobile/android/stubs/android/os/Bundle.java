package android.os;

import java.util.HashMap;
import java.util.Map;

public class Bundle {
    public final Map<String, Object> values = new HashMap<>();

    public void putBinder(String key, IBinder value) {
        values.put(key, value);
    }
}
