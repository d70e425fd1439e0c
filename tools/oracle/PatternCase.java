import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.cep.functions.PatternProcessFunction;
import org.apache.flink.cep.functions.TimedOutPartialMatchHandler;
import org.apache.flink.cep.nfa.compiler.NFACompiler;
import org.apache.flink.cep.operator.CepOperator;
import org.apache.flink.cep.pattern.Pattern;
import org.apache.flink.cep.pattern.conditions.IterativeCondition;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.Collector;
import org.apache.flink.util.OutputTag;

/** Patterns of up to four steps with loops, conditions that look back, and time-outs, over snapshots. Semantics sheet, section 22. */
final class PatternCase extends OperatorCase<KeyedOneInputStreamOperatorTestHarness<String, String, String>> {
    private static final OutputTag<String> LATE = new OutputTag<>("late", Types.STRING);
    private static final OutputTag<String> TIMED_OUT = new OutputTag<>("timedOut", Types.STRING);
    private static final int COMBINATIONS = 3;
    private static final int ANY = 2;
    private final int steps;
    private final Pattern<String, String> pattern;
    private final boolean late;
    /** The watermark before a restore: Flink mixes up an older event that is on time again with one it has matched. */
    private long matched = Long.MIN_VALUE;

    PatternCase(long seed) throws Exception {
        super(seed);
        long within = below(3) == 0 ? 0 : 1 + below(12);
        late = random.nextBoolean();
        steps = 1 + below(4);
        StringBuilder text = new StringBuilder("case pattern " + within + " " + (late ? 1 : 0) + " " + steps);
        Pattern<String, String> drawn = null;
        int loops = 0;
        for (int i = 0; i < steps; i++) {
            int follows = below(3);
            int loop = loops > 1 || random.nextBoolean() ? 0 : below(loops > 0 ? COMBINATIONS : COMBINATIONS + 1);
            int condition = Math.max(0, below(6) - 3);
            loops += loop == 0 ? 0 : loop == COMBINATIONS ? 2 : 1;
            text.append(" ").append(follows).append(" ").append(loop).append(" ").append(condition);
            drawn = looped(where(next(drawn, "s" + i, follows), i, condition), loop);
        }
        head = text.toString();
        pattern = within > 0 ? drawn.within(Duration.ofMillis(within)) : drawn;
        flink = make();
        flink.open();
    }

    private KeyedOneInputStreamOperatorTestHarness<String, String, String> make() throws Exception {
        return new KeyedOneInputStreamOperatorTestHarness<>(
            new CepOperator<>(StringSerializer.INSTANCE, false, NFACompiler.compileFactory(pattern, true), null, null,
                new Found(), late ? LATE : null),
            OperatorCase::key, Types.STRING);
    }

    private static Pattern<String, String> next(Pattern<String, String> before, String name, int follows) {
        if (before == null) {
            return Pattern.begin(name);
        }
        return follows == 0 ? before.next(name) : follows == 1 ? before.followedBy(name) : before.followedByAny(name);
    }

    private static Pattern<String, String> where(Pattern<String, String> step, int index, int condition) {
        return condition == ANY ? step : step.where(new Condition(index, condition));
    }

    private static Pattern<String, String> looped(Pattern<String, String> step, int loop) {
        return switch (loop) {
            case 1 -> step.oneOrMore();
            case 2 -> step.oneOrMore().consecutive();
            case COMBINATIONS -> step.oneOrMore().allowCombinations();
            default -> step;
        };
    }

    /** The element's bit of the step; a condition of 1 also wants fewer than three in this step and the one before. */
    private static final class Condition extends IterativeCondition<String> {
        private final int step;
        private final int condition;

        Condition(int step, int condition) {
            this.step = step;
            this.condition = condition;
        }

        @Override
        public boolean filter(String element, Context<String> context) throws Exception {
            int before = 0;
            for (int i = Math.max(0, step - 1); i <= step; i++) {
                for (String ignored : context.getEventsForPattern("s" + i)) {
                    before++;
                }
            }
            return (number(element) >> step & 1) != 0 && (condition == 0 || before < 3);
        }
    }

    private static final class Found extends PatternProcessFunction<String, String>
        implements TimedOutPartialMatchHandler<String> {
        private static String text(Map<String, List<String>> match) {
            StringBuilder text = new StringBuilder();
            new TreeMap<>(match).forEach((step, events) -> {
                events.forEach(event -> text.append(step).append("=").append(id(event)).append(";"));
            });
            return text.toString();
        }

        @Override
        public void processMatch(Map<String, List<String>> match, Context context, Collector<String> out) {
            out.collect(text(match));
        }

        @Override
        public void processTimedOutMatch(Map<String, List<String>> match, Context context) {
            context.output(TIMED_OUT, text(match));
        }
    }

    /** Matches of one event come in the order of a heap. */
    @Override
    boolean ordered() {
        return false;
    }

    @Override
    List<OutputTag<String>> tags() {
        return List.of(LATE, TIMED_OUT);
    }

    /** Few events, as there are few loops: with more of them results are without number. */
    @Override
    String step(int number) throws Exception {
        if (number > 22) {
            return null;
        }
        if (below(12) == 0) {
            OperatorSubtaskState state = flink.snapshot(number, number);
            flink.close();
            flink = make();
            flink.initializeState(state);
            flink.open();
            matched = Math.max(matched, watermark);
            watermark = Long.MIN_VALUE;
            return "restore";
        }
        if (below(3) > 0) {
            time += below(3);
            String key = key(2);
            long timestamp = Math.max(time - below(3), matched + 1);
            long bits = below(3) == 0 ? below(16) : 1L << below(steps);
            flink.processElement(record(key, number, bits, timestamp));
            return "push " + key + " " + number + " " + bits + " " + timestamp;
        }
        Watermark mark = rising(time - below(4) + (number > 18 ? 20 : 0));
        if (mark == null) {
            return null;
        }
        flink.processWatermark(mark);
        return "watermark " + mark.getTimestamp();
    }
}
