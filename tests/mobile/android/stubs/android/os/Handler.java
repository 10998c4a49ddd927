package android.os;

import java.util.ArrayDeque;
import java.util.Deque;

/** The main thread does what it is given when a check lets it. */
public class Handler {
    private static final Deque<Runnable> POSTED = new ArrayDeque<>();

    public Handler(Looper looper) {
        if (looper != Looper.getMainLooper()) throw new IllegalArgumentException("not the main thread");
    }

    public boolean post(Runnable act) {
        synchronized (POSTED) {
            POSTED.add(act);
        }
        return true;
    }

    public static void runPosted() {
        for (;;) {
            Runnable next;
            synchronized (POSTED) {
                next = POSTED.poll();
            }
            if (next == null) return;
            next.run();
        }
    }
}
