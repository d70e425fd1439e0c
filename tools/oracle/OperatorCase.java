import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.runtime.watermarkstatus.WatermarkStatus;
import org.apache.flink.streaming.util.AbstractStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;

/**
 * A random case of one operator. Each step is drawn, taken by Flink's operator in its test harness,
 * and written as tools/oracle/operators.c reads it, with what came out behind it. An element is
 * "key:id:number".
 */
abstract class OperatorCase<H extends AbstractStreamOperatorTestHarness<String>> implements AutoCloseable {
    final Random random;
    /** The line that opens the case. */
    String head;
    H flink;
    /** Event time, about; it grows as the case goes on. */
    long time = 20;
    long watermark = Long.MIN_VALUE;
    long clock;

    OperatorCase(long seed) {
        random = new Random(seed);
    }

    /** Draws a step, and lets Flink take it. Returns it as text; null: none this time. */
    abstract String step(int number) throws Exception;

    /** Whether Flink says in which order things come out within a step. */
    abstract boolean ordered();

    /** Its side outputs. */
    List<OutputTag<String>> tags() {
        return List.of();
    }

    @Override
    public void close() throws Exception {
        flink.close();
    }

    final int below(int n) {
        return random.nextInt(n);
    }

    final String key(int keys) {
        return String.valueOf((char) ('a' + below(keys)));
    }

    static String key(String element) {
        return element.split(":")[0];
    }

    static long id(String element) {
        return Long.parseLong(element.split(":")[1]);
    }

    static long number(String element) {
        return Long.parseLong(element.split(":")[2]);
    }

    static StreamRecord<String> record(String key, long id, long number, long timestamp) {
        return new StreamRecord<>(key + ":" + id + ":" + number, timestamp);
    }

    /** A watermark that rises; null: this one would not. */
    final Watermark rising(long value) {
        if (value <= watermark) {
            return null;
        }
        watermark = value;
        return new Watermark(value);
    }

    private static String value(String text) {
        if (text.matches("\\w+:-?\\d+:-?\\d+")) {
            return "{\"key\":\"" + key(text) + "\",\"id\":" + id(text) + ",\"number\":" + number(text) + "}";
        }
        return "\"" + text + "\"";
    }

    private static String word(StreamRecord<String> out) {
        return value(out.getValue()) + "@" + (out.hasTimestamp() ? "" + out.getTimestamp() : "-");
    }

    /** What came out since the last call, as the harness of Weir writes it; side outputs last. */
    @SuppressWarnings("unchecked")
    final List<String> take() {
        List<String> words = new ArrayList<>();
        for (Object out : flink.getOutput()) {
            if (out instanceof StreamRecord) {
                words.add(word((StreamRecord<String>) out));
            } else if (out instanceof Watermark mark) {
                words.add("W" + (mark.getTimestamp() == Long.MAX_VALUE ? "max" : "" + mark.getTimestamp()));
            } else if (out instanceof WatermarkStatus status) {
                words.add(status.isIdle() ? "idle" : "active");
            }
        }
        flink.getOutput().clear();
        for (OutputTag<String> tag : tags()) {
            Queue<StreamRecord<String>> side = flink.getSideOutput(tag);
            for (StreamRecord<String> out = side == null ? null : side.poll(); out != null; out = side.poll()) {
                words.add(tag.getId() + ":" + word(out));
            }
        }
        return words;
    }
}
