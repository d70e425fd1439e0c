import java.time.Duration;
import java.util.Arrays;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.streaming.api.functions.windowing.delta.DeltaFunction;
import org.apache.flink.streaming.api.windowing.assigners.*;
import org.apache.flink.streaming.api.windowing.evictors.*;
import org.apache.flink.streaming.api.windowing.triggers.*;
import org.apache.flink.streaming.api.windowing.windows.Window;

/** The flags of `weir lab`, and the classes of Flink that they name. Durations are milliseconds. */
@SuppressWarnings({"unchecked", "rawtypes"})
class Spec {
    String window = "global";
    String trigger;
    String evictor;
    String aggregate = "count";
    String watermark = "manual";
    String file;
    boolean processing;
    boolean lateOutput;
    boolean emitWatermarks;
    boolean finalWatermark = true;
    long lateness;

    Spec(String... words) {
        for (int i = 0; i < words.length; i++) {
            if (words[i].matches("--(window|domain|trigger|evictor|allowed-lateness|aggregate|watermark)")
                && i + 1 == words.length) {
                throw new IllegalArgumentException(words[i] + " needs an argument");
            }
            switch (words[i]) {
                case "--window" -> window = words[++i];
                case "--domain" -> processing = words[++i].equals("processing");
                case "--trigger" -> trigger = words[++i];
                case "--evictor" -> evictor = words[++i];
                case "--allowed-lateness" -> lateness = number(words[++i]);
                case "--late-output" -> lateOutput = true;
                case "--aggregate" -> aggregate = words[++i];
                case "--watermark" -> watermark = words[++i];
                case "--emit-watermarks" -> emitWatermarks = true;
                case "--no-final-watermark" -> finalWatermark = false;
                default -> {
                    if (file != null || words[i].startsWith("-")) {
                        throw unknown("flag", words[i]);
                    }
                    file = words[i];
                }
            }
        }
    }

    private static IllegalArgumentException unknown(String what, String text) {
        return new IllegalArgumentException("Flink's side knows no " + what + " \"" + text + "\"");
    }

    private static long number(String text) {
        if (!text.matches("-?\\d{1,18}")) {
            throw new IllegalArgumentException("expected an integer (of milliseconds), got \"" + text + "\"");
        }
        return Long.parseLong(text);
    }

    private static long[] numbers(String spec) {
        String text = spec.substring(spec.indexOf(':') + 1);
        return Arrays.stream(text.split(",")).mapToLong(Spec::number).toArray();
    }

    private static Duration ms(long n) {
        return Duration.ofMillis(n);
    }

    private static Duration duration(String spec) {
        return ms(numbers(spec)[0]);
    }

    Duration bound() {
        return duration(watermark);
    }

    boolean global() {
        return window.equals("global");
    }

    boolean needsTime() {
        return !processing && !global();
    }

    /** The member with an event's own gap. */
    String gapField() {
        return window.startsWith("dynamic-session:") ? window.substring(16) : "";
    }

    WindowAssigner assigner() {
        SessionWindowTimeGapExtractor<Event> gap = event -> event.gap;
        long[] n = Arrays.copyOf(window.matches("(tumbling|sliding):.*") ? numbers(window) : new long[0], 3);
        return switch (window.split(":")[0] + (processing ? " by the clock" : "")) {
            case "tumbling" -> TumblingEventTimeWindows.of(ms(n[0]), ms(n[1]));
            case "tumbling by the clock" -> TumblingProcessingTimeWindows.of(ms(n[0]), ms(n[1]));
            case "sliding" -> SlidingEventTimeWindows.of(ms(n[0]), ms(n[1]), ms(n[2]));
            case "sliding by the clock" -> SlidingProcessingTimeWindows.of(ms(n[0]), ms(n[1]), ms(n[2]));
            case "session" -> EventTimeSessionWindows.withGap(duration(window));
            case "session by the clock" -> ProcessingTimeSessionWindows.withGap(duration(window));
            case "dynamic-session" -> EventTimeSessionWindows.withDynamicGap(gap);
            case "dynamic-session by the clock" -> ProcessingTimeSessionWindows.withDynamicGap(gap);
            case "global", "global by the clock" -> GlobalWindows.create();
            default -> throw unknown("window", window);
        };
    }

    private static double difference(Object from, Object to) {
        return ((Event) to).number - ((Event) from).number;
    }

    private static double threshold(String spec) {
        return Double.parseDouble(spec.substring(spec.indexOf(':') + 1));
    }

    private static Trigger trigger(String spec) {
        return switch (spec.split(":")[0]) {
            case "purging" -> PurgingTrigger.of(trigger(spec.substring("purging:".length())));
            case "event-time" -> EventTimeTrigger.create();
            case "processing-time" -> ProcessingTimeTrigger.create();
            case "count" -> CountTrigger.of(numbers(spec)[0]);
            case "continuous-event-time" -> ContinuousEventTimeTrigger.of(duration(spec));
            case "continuous-processing-time" -> ContinuousProcessingTimeTrigger.of(duration(spec));
            case "delta" -> DeltaTrigger.of(threshold(spec), (DeltaFunction) Spec::difference,
                TypeInformation.of(Event.class).createSerializer(new ExecutionConfig()));
            case "end-of-stream" -> GlobalWindows.createWithEndOfStreamTrigger().getDefaultTrigger();
            case "never" -> GlobalWindows.create().getDefaultTrigger();
            default -> throw unknown("trigger", spec);
        };
    }

    Trigger trigger() {
        return trigger != null ? trigger(trigger) : assigner().getDefaultTrigger();
    }

    Evictor evictor() {
        boolean after = evictor.endsWith(",after");
        String spec = evictor.replace(",after", "");
        return switch (spec.split(":")[0]) {
            case "count" -> CountEvictor.of(numbers(spec)[0], after);
            case "time" -> TimeEvictor.of(duration(spec), after);
            case "delta" -> DeltaEvictor.of(threshold(spec), (DeltaFunction) Spec::difference, after);
            default -> throw unknown("evictor", evictor);
        };
    }
}
