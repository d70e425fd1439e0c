import java.util.Collection;
import java.util.HashSet;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeutils.TypeSerializer;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.windowing.assigners.MergingWindowAssigner;
import org.apache.flink.streaming.api.windowing.triggers.Trigger;
import org.apache.flink.streaming.api.windowing.triggers.TriggerResult;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.streaming.api.windowing.windows.Window;

/**
 * Around Flink's triggers and session assigners, and changing nothing: what made an output (an
 * element, or the timer of which time), and whether Flink came to where it is known to be wrong.
 * Equal timer times have no order, so who compares must know them. For one case at a time.
 */
final class Watch {
    private static final int FIRINGS_MAX = 5000;
    static String cause = "element";
    static boolean byClock;
    private static int firings;

    /** The new window equalled one in flight: Flink may have lost what that had (semantics sheet, 8). */
    static boolean lostSession;

    /** Sessions that were there became one: the order of its elements is the order of a hash table. */
    static boolean reordered;

    private Watch() {}

    static void beginCase() {
        lostSession = false;
        reordered = false;
    }

    static void beginLine() {
        cause = "element";
        byClock = false;
        firings = 0;
    }

    /** A trigger without end (a watermark of MAX on a window without end) is stopped. */
    private static void timer(boolean clock, long time) {
        cause = (clock ? "clock " : "timer ") + time;
        byClock = clock;
        if (++firings > FIRINGS_MAX) {
            throw new UnsupportedOperationException("Flink fires without end");
        }
    }

    static class Triggers<W extends Window> extends Trigger<Object, W> {
        private final Trigger<Object, W> inner;

        Triggers(Trigger<Object, W> inner) {
            this.inner = inner;
        }

        @Override
        public TriggerResult onElement(Object event, long time, W w, TriggerContext c) throws Exception {
            return inner.onElement(event, time, w, c);
        }

        @Override
        public TriggerResult onEventTime(long time, W w, TriggerContext c) throws Exception {
            timer(false, time);
            return inner.onEventTime(time, w, c);
        }

        @Override
        public TriggerResult onProcessingTime(long time, W w, TriggerContext c) throws Exception {
            timer(true, time);
            return inner.onProcessingTime(time, w, c);
        }

        @Override
        public boolean canMerge() {
            return inner.canMerge();
        }

        @Override
        public void onMerge(W w, OnMergeContext c) throws Exception {
            inner.onMerge(w, c);
        }

        @Override
        public void clear(W w, TriggerContext c) throws Exception {
            inner.clear(w, c);
        }
    }

    static class Sessions extends MergingWindowAssigner<Object, TimeWindow> {
        private final MergingWindowAssigner<Object, TimeWindow> inner;

        Sessions(MergingWindowAssigner<Object, TimeWindow> inner) {
            this.inner = inner;
        }

        @Override
        public void mergeWindows(Collection<TimeWindow> windows, MergeCallback<TimeWindow> callback) {
            lostSession |= new HashSet<>(windows).size() < windows.size();
            inner.mergeWindows(windows, (merged, result) -> {
                reordered |= merged.size() > 2; // the new one, and more than one other
                callback.merge(merged, result);
            });
        }

        @Override
        public Collection<TimeWindow> assignWindows(Object e, long time, WindowAssignerContext c) {
            return inner.assignWindows(e, time, c);
        }

        @Override
        @SuppressWarnings("deprecation")
        public Trigger<Object, TimeWindow> getDefaultTrigger(StreamExecutionEnvironment env) {
            return inner.getDefaultTrigger();
        }

        @Override
        public TypeSerializer<TimeWindow> getWindowSerializer(ExecutionConfig config) {
            return inner.getWindowSerializer(config);
        }

        @Override
        public boolean isEventTime() {
            return inner.isEventTime();
        }
    }
}
