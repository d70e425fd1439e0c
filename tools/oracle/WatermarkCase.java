import java.time.Duration;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.operators.TimestampsAndWatermarksOperator;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** Bounded out-of-orderness with idleness, probed by the clock. Semantics sheet, section 11. */
final class WatermarkCase extends OperatorCase<OneInputStreamOperatorTestHarness<String, String>> {
    /** Flink's idleness takes a clock of 0 for one that does not run yet. */
    private static final long BEGIN = 1;
    private final int interval;

    WatermarkCase(long seed) throws Exception {
        super(seed);
        long bound = below(10);
        interval = random.nextBoolean() ? 200 : 1 + below(300);
        long idle = random.nextBoolean() ? interval * below(3) : 1 + below(1200);
        head = "case watermarks " + bound + " " + idle + " " + interval;
        WatermarkStrategy<String> strategy = WatermarkStrategy.forBoundedOutOfOrderness(Duration.ofMillis(bound));
        if (idle > 0) {
            strategy = strategy.withIdleness(Duration.ofMillis(idle));
        }
        flink = new OneInputStreamOperatorTestHarness<>(new TimestampsAndWatermarksOperator<>(strategy, true));
        flink.getExecutionConfig().setAutoWatermarkInterval(interval);
        flink.setProcessingTime(BEGIN);
        flink.open();
    }

    @Override
    boolean ordered() {
        return true;
    }

    /** Nothing comes behind the final watermark. */
    @Override
    String step(int number) throws Exception {
        if (watermark == Long.MAX_VALUE) {
            return null;
        }
        int kind = below(20);
        if (kind < 7) {
            time += below(4);
            long timestamp = time - below(8);
            flink.processElement(record("a", number, 0, timestamp));
            return "push a " + number + " 0 " + timestamp;
        }
        if (kind < 17) {
            clock += random.nextBoolean() ? interval : below(5) == 0 ? below(1500) : below(250);
            flink.setProcessingTime(BEGIN + clock);
            return "clock " + clock;
        }
        if (kind == 17) {
            boolean idle = random.nextBoolean();
            flink.processWatermarkStatus(idle ? WatermarkStatus.IDLE : WatermarkStatus.ACTIVE);
            return "idle " + (idle ? 1 : 0);
        }
        Watermark mark = rising(number > 70 ? Long.MAX_VALUE : time);
        if (mark == null) {
            return null;
        }
        flink.processWatermark(mark);
        return "watermark " + mark.getTimestamp();
    }
}
