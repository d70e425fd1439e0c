import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.TimeDomain;
import org.apache.flink.streaming.api.TimerService;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.Collector;

/** Timers that are set and deleted by events and by other timers, over snapshots. Semantics sheet, section 10. */
final class TimerCase extends OperatorCase<KeyedOneInputStreamOperatorTestHarness<String, String, String>> {
    private final int keys;

    TimerCase(long seed) throws Exception {
        super(seed);
        keys = 1 + below(2);
        head = "case timers";
        flink = make();
        flink.open();
        flink.setProcessingTime(0);
    }

    private static KeyedOneInputStreamOperatorTestHarness<String, String, String> make() throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
            new KeyedProcessOperator<>(new Uses()), OperatorCase::key, Types.STRING);
    }

    private static final class Uses extends KeyedProcessFunction<String, String, String> {
        @Override
        public void processElement(String element, Context context, Collector<String> out) {
            TimerService timers = context.timerService();
            long at = number(element);
            switch ((int) id(element)) {
                case 0 -> timers.registerEventTimeTimer(at);
                case 1 -> timers.deleteEventTimeTimer(at);
                case 2 -> timers.registerProcessingTimeTimer(at);
                default -> timers.deleteProcessingTimeTimer(at);
            }
            out.collect("watermark=" + timers.currentWatermark() + ";clock=" + timers.currentProcessingTime());
        }

        @Override
        public void onTimer(long at, OnTimerContext context, Collector<String> out) {
            TimerService timers = context.timerService();
            String domain = context.timeDomain() == TimeDomain.EVENT_TIME ? "event" : "clock";
            out.collect(domain + ";" + context.getCurrentKey() + ";" + at);
            if (at % 5 == 0) {
                timers.registerEventTimeTimer(at + 3);
            }
            if (at % 7 == 0) {
                timers.deleteEventTimeTimer(at + 1);
            }
            if (at % 11 == 0) {
                timers.registerEventTimeTimer(at - 1);
            }
            if (at % 4 == 0 && at < 500) {
                timers.registerProcessingTimeTimer(at + 2);
            }
            if (at % 9 == 0) {
                timers.registerProcessingTimeTimer(at - 1);
            }
        }
    }

    /** Equal times of several keys have no order. */
    @Override
    boolean ordered() {
        return keys == 1;
    }

    private String push() throws Exception {
        time += below(2);
        String key = key(keys);
        int action = new int[] {0, 0, 0, 1, 2, 2, 3}[below(7)];
        long at = time - 8 + below(24);
        long timestamp = time - below(10);
        flink.processElement(record(key, action, at, timestamp));
        return "push " + key + " " + action + " " + at + " " + timestamp;
    }

    @Override
    String step(int number) throws Exception {
        int kind = below(20);
        if (kind == 0) {
            OperatorSubtaskState state = flink.snapshot(number, number);
            flink.close();
            flink = make();
            flink.setProcessingTime(clock);
            flink.initializeState(state);
            flink.open();
            watermark = Long.MIN_VALUE;
            return "restore";
        }
        if (kind < 4) {
            clock = Math.max(clock, time - 10 + below(10));
            flink.setProcessingTime(clock);
            return "clock " + clock;
        }
        if (kind > 6) {
            return push();
        }
        Watermark mark = rising(time - below(10) + below(6));
        if (mark == null) {
            return null;
        }
        flink.processWatermark(mark);
        return "watermark " + mark.getTimestamp();
    }
}
