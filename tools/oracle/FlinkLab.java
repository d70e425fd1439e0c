import java.io.BufferedReader;
import java.io.FileReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.apache.flink.api.common.ExecutionConfig;
import org.apache.flink.api.common.eventtime.AscendingTimestampsWatermarks;
import org.apache.flink.api.common.eventtime.BoundedOutOfOrdernessWatermarks;
import org.apache.flink.api.common.eventtime.WatermarkGenerator;
import org.apache.flink.api.common.eventtime.WatermarkOutput;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.functions.KeySelector;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.JsonNode;
import org.apache.flink.shaded.jackson2.com.fasterxml.jackson.databind.ObjectMapper;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.api.windowing.assigners.MergingWindowAssigner;
import org.apache.flink.streaming.api.windowing.assigners.WindowAssigner;
import org.apache.flink.streaming.runtime.operators.windowing.WindowOperator;
import org.apache.flink.streaming.runtime.operators.windowing.WindowOperatorBuilder;
import org.apache.flink.streaming.runtime.streamrecord.StreamRecord;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.OutputTag;

/**
 * `weir lab` with Flink's own window operator inside, driven by Flink's own test harness: lines in,
 * lines out. What Flink leaves to others is done as the rule book says: a watermark that does not
 * rise is ignored, and an event without a timestamp is rejected where a window needs one.
 */
@SuppressWarnings({"unchecked", "rawtypes", "deprecation"})
class FlinkLab implements WatermarkOutput {
    /** cause: what made it ("element", "timer 9"), or "watermark", "mark". */
    record Line(String cause, String text) {}

    private static final ObjectMapper JSON = new ObjectMapper();
    private static final TypeInformation<Event> EVENT = TypeInformation.of(Event.class);
    private static final OutputTag<Event> LATE = new OutputTag<>("late", EVENT);

    final List<Line> output = new ArrayList<>();
    private final Spec spec;
    private KeyedOneInputStreamOperatorTestHarness<String, Event, String> harness;
    private WatermarkGenerator<Event> generator;
    private long watermark;
    private long clock;
    private long snapshots;
    private int lateSeen;
    long in;
    long rejected;
    long dropped;
    long timers; // of both kinds

    FlinkLab(Spec spec) throws Exception {
        this.spec = spec;
        Watch.beginCase();
        open(null);
    }

    static String quote(String text) {
        return JSON.getNodeFactory().textNode(text).toString();
    }

    // ---- life

    private WindowOperator operator(KeySelector<Event, String> key) {
        WindowAssigner assigner = spec.assigner();
        if (assigner instanceof MergingWindowAssigner) {
            assigner = new Watch.Sessions((MergingWindowAssigner) assigner);
        }
        WindowOperatorBuilder builder = new WindowOperatorBuilder(
            assigner, spec.trigger(), new ExecutionConfig(), EVENT, key, Types.STRING);
        builder.trigger(new Watch.Triggers(spec.trigger()));
        builder.allowedLateness(Duration.ofMillis(spec.lateness));
        if (spec.lateOutput) {
            builder.sideOutputLateData(LATE);
        }
        if (spec.evictor != null) {
            builder.evictor(spec.evictor());
        }
        return spec.aggregate.equals("each")
            ? builder.apply(new Event.Each())
            : builder.aggregate(new Event.Aggregate(spec.aggregate), new Event.One(), Types.LIST(EVENT));
    }

    private WatermarkGenerator<Event> generator() {
        return switch (spec.watermark.split(":")[0]) {
            case "monotonous" -> new AscendingTimestampsWatermarks<>();
            case "bounded" -> new BoundedOutOfOrdernessWatermarks<>(spec.bound());
            default -> null;
        };
    }

    /** From a snapshot, or anew (null). The watermark is no state, nor is its generator. */
    private void open(OperatorSubtaskState state) throws Exception {
        KeySelector<Event, String> key = event -> event.key;
        harness = new KeyedOneInputStreamOperatorTestHarness<>(operator(key), key, Types.STRING);
        harness.setup(Types.STRING.createSerializer(new ExecutionConfig()));
        if (state != null) {
            harness.initializeState(state);
        }
        harness.getProcessingTimeService().setCurrentTime(clock);
        harness.open();
        generator = generator();
        watermark = Long.MIN_VALUE;
        lateSeen = 0;
    }

    private long droppedHere() throws Exception {
        var field = WindowOperator.class.getDeclaredField("numLateRecordsDropped");
        field.setAccessible(true);
        return ((org.apache.flink.metrics.Counter) field.get(harness.getOperator())).getCount();
    }

    private void snapshotRestore() throws Exception {
        dropped += droppedHere();
        OperatorSubtaskState state = harness.snapshot(++snapshots, 0);
        harness.close();
        open(state);
    }

    // ---- out

    /** Takes what the operator has emitted since. */
    private void take() {
        for (Object o = harness.getOutput().poll(); o != null; o = harness.getOutput().poll()) {
            if (o instanceof StreamRecord<?> result) {
                // cause, tab, text: the cause of each firing, which is past when its output is taken
                String[] part = ((String) result.getValue()).split("\t", 2);
                boolean timeless = spec.global() && (spec.processing || part[0].startsWith("clock"));
                output.add(new Line(part[0], part[1] + (timeless ? "null" : result.getTimestamp()) + "}"));
            } else if (o instanceof Watermark w && spec.emitWatermarks) {
                output.add(new Line("watermark", "{\"watermark\":" + w.getTimestamp() + "}"));
            }
        }
        Collection<StreamRecord<Event>> late = harness.getSideOutput(LATE);
        if (late != null) {
            late.stream().skip(lateSeen).forEach(this::takeLate);
            lateSeen = late.size();
        }
    }

    private void takeLate(StreamRecord<Event> record) {
        Event event = record.getValue();
        String time = record.hasTimestamp() ? "" + record.getTimestamp() : "null";
        output.add(new Line("element", "{\"late\":{\"key\":" + quote(event.key) + ",\"value\":" + event.text
            + ",\"ts\":" + time + "}}"));
    }

    // ---- in

    private void advance(long to) throws Exception {
        if (to > watermark) {
            watermark = to;
            harness.processWatermark(to);
        }
        take();
    }

    @Override
    public void emitWatermark(org.apache.flink.api.common.eventtime.Watermark made) {
        try {
            advance(made.getTimestamp());
        } catch (Exception failure) {
            throw new IllegalStateException(failure);
        }
    }

    @Override
    public void markIdle() {}

    @Override
    public void markActive() {}

    private void event(JsonNode o) throws Exception {
        Event event = new Event();
        event.key = o.get("key").asText();
        event.text = o.has("value") ? o.get("value").toString() : "null";
        event.number = o.path("value").asLong();
        event.gap = o.path(spec.gapField()).asLong();
        event.arrival = ++in;
        boolean timed = o.has("ts");
        long time = timed ? o.get("ts").asLong() : Long.MIN_VALUE;
        boolean noTime = spec.needsTime() && time == Long.MIN_VALUE;
        boolean noGap = !spec.gapField().isEmpty() && event.gap <= 0;
        if (noTime || noGap) {
            rejected++;
        } else {
            harness.processElement(timed ? new StreamRecord<>(event, time) : new StreamRecord<>(event));
            take();
        }
        if (generator != null) {
            generator.onEvent(event, time, this);
            generator.onPeriodicEmit(this);
        }
    }

    void line(String text) throws Exception {
        Watch.beginLine();
        JsonNode o = JSON.readTree(text);
        if (o.has("@watermark")) {
            long to = o.get("@watermark").asLong();
            if (generator == null || to == Long.MAX_VALUE) {
                advance(to);
            }
        } else if (o.has("@processing_time")) {
            clock = o.get("@processing_time").asLong();
            harness.setProcessingTime(clock);
            take();
        } else if (o.path("@snapshot_restore").asBoolean()) {
            snapshotRestore();
        } else if (o.has("@mark")) {
            output.add(new Line("mark", "{\"mark\":" + o.get("@mark") + "}"));
        } else if (o.has("key")) {
            event(o);
        }
    }

    /** The end of the input: adds up, then emits the final watermark. */
    void end() throws Exception {
        dropped += droppedHere();
        timers = harness.numEventTimeTimers() + harness.numProcessingTimeTimers();
        Watch.beginLine();
        if (spec.finalWatermark) {
            advance(Long.MAX_VALUE);
        }
    }

    void close() throws Exception {
        harness.close();
    }

    private void print() {
        output.forEach(line -> System.out.println(line.text));
        output.clear();
    }

    private static void run(Spec spec) throws Exception {
        FlinkLab lab = new FlinkLab(spec);
        try (BufferedReader reader = new BufferedReader(
                 spec.file == null ? new InputStreamReader(System.in) : new FileReader(spec.file))) {
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                if (!text.isBlank()) {
                    lab.line(text);
                }
                lab.print();
            }
        }
        lab.end();
        lab.print();
        lab.close();
    }

    public static void main(String[] arguments) throws Exception {
        try {
            run(new Spec(arguments));
        } catch (IllegalArgumentException | UnsupportedOperationException | IOException refused) {
            System.err.println("tools/flink lab: " + refused.getMessage());
            System.exit(refused instanceof IOException ? 1 : 2);
        }
    }
}
