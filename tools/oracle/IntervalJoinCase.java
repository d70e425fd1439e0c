import java.util.List;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.functions.co.ProcessJoinFunction;
import org.apache.flink.streaming.api.operators.co.IntervalJoinOperator;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedTwoInputStreamOperatorTestHarness;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Interval joins of small bounds, with disorder about the watermark, over snapshots. Semantics sheet, section 15. */
final class IntervalJoinCase
    extends OperatorCase<KeyedTwoInputStreamOperatorTestHarness<String, String, String, String>> {
    private static final OutputTag<String> LEFT = new OutputTag<>("late", Types.STRING);
    private static final OutputTag<String> RIGHT = new OutputTag<>("lateRight", Types.STRING);
    private final long lower;
    private final long upper;
    private final boolean withoutLower;
    private final boolean withoutUpper;
    private final boolean late;
    private long[] watermarks = {Long.MIN_VALUE, Long.MIN_VALUE};

    IntervalJoinCase(long seed) throws Exception {
        super(seed);
        lower = below(9) - 4;
        upper = lower + below(6);
        withoutLower = below(4) == 0 && lower < upper;
        withoutUpper = below(4) == 0 && lower + 1 < upper;
        late = random.nextBoolean();
        head = "case interval-join " + lower + " " + upper + " " + (withoutLower ? 1 : 0) + " "
            + (withoutUpper ? 1 : 0) + " " + (late ? 1 : 0);
        flink = make();
        flink.open();
    }

    private KeyedTwoInputStreamOperatorTestHarness<String, String, String, String> make() throws Exception {
        IntervalJoinOperator<String, String, String, String> operator = new IntervalJoinOperator<>(
            lower, upper, !withoutLower, !withoutUpper, late ? LEFT : null, late ? RIGHT : null,
            StringSerializer.INSTANCE, StringSerializer.INSTANCE, new Pairs());
        return new KeyedTwoInputStreamOperatorTestHarness<>(
            operator, OperatorCase::key, OperatorCase::key, Types.STRING);
    }

    private static final class Pairs extends ProcessJoinFunction<String, String, String> {
        @Override
        public void processElement(String left, String right, Context context, Collector<String> out) {
            out.collect(id(left) + "-" + id(right));
        }
    }

    /** Pairs of one event come in the order of a hash table. */
    @Override
    boolean ordered() {
        return false;
    }

    @Override
    List<OutputTag<String>> tags() {
        return List.of(LEFT, RIGHT);
    }

    private String push(int number) throws Exception {
        time += below(3) / 2;
        String key = key(2);
        long timestamp = time - below(6);
        boolean left = random.nextBoolean();
        StreamRecord<String> record = record(key, number, 0, timestamp);
        if (left) {
            flink.processElement1(record);
        } else {
            flink.processElement2(record);
        }
        return (left ? "push " : "push2 ") + key + " " + number + " 0 " + timestamp;
    }

    @Override
    String step(int number) throws Exception {
        if (below(20) == 0) {
            OperatorSubtaskState state = flink.snapshot(number, number);
            flink.close();
            flink = make();
            flink.initializeState(state);
            flink.open();
            watermarks = new long[] {Long.MIN_VALUE, Long.MIN_VALUE};
            return "restore";
        }
        if (below(3) > 0) {
            return push(number);
        }
        int input = below(2);
        long mark = time - below(5);
        if (mark <= watermarks[input]) {
            return null;
        }
        watermarks[input] = mark;
        if (input == 0) {
            flink.processWatermark1(new Watermark(mark));
        } else {
            flink.processWatermark2(new Watermark(mark));
        }
        return "watermark" + (input + 1) + " " + mark;
    }
}
