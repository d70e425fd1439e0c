import java.time.Duration;
import java.util.Map;
import java.util.TreeMap;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.ListState;
import org.apache.flink.api.common.state.ListStateDescriptor;
import org.apache.flink.api.common.state.MapState;
import org.apache.flink.api.common.state.MapStateDescriptor;
import org.apache.flink.api.common.state.StateDescriptor;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.runtime.checkpoint.OperatorSubtaskState;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.streaming.api.operators.KeyedProcessOperator;
import org.apache.flink.streaming.util.KeyedOneInputStreamOperatorTestHarness;
import org.apache.flink.util.Collector;

/**
 * Values, lists and maps with time to live, over snapshots. What is expired is never returned here:
 * whether it still could be depends on when it is swept. Semantics sheet, section 17.
 */
final class StateCase extends OperatorCase<KeyedOneInputStreamOperatorTestHarness<String, String, String>> {
    private static final int ACTIONS = 10;
    private final StateTtlConfig ttl;

    StateCase(long seed) throws Exception {
        super(seed);
        long ms = 1 + below(12);
        boolean onRead = random.nextBoolean();
        head = "case state " + ms + " " + (onRead ? 1 : 0);
        ttl = StateTtlConfig.newBuilder(Duration.ofMillis(ms))
            .setUpdateType(onRead ? StateTtlConfig.UpdateType.OnReadAndWrite : StateTtlConfig.UpdateType.OnCreateAndWrite)
            .build();
        flink = make();
        flink.open();
    }

    private KeyedOneInputStreamOperatorTestHarness<String, String, String> make() throws Exception {
        KeyedOneInputStreamOperatorTestHarness<String, String, String> made =
            new KeyedOneInputStreamOperatorTestHarness<>(
                new KeyedProcessOperator<>(new Uses(ttl)), OperatorCase::key, Types.STRING);
        made.setStateTtlProcessingTime(clock);
        return made;
    }

    private static final class Uses extends KeyedProcessFunction<String, String, String> {
        private final StateTtlConfig ttl;
        private transient ValueState<Long> value;
        private transient ListState<Long> list;
        private transient MapState<Long, Long> map;

        Uses(StateTtlConfig ttl) {
            this.ttl = ttl;
        }

        private <D extends StateDescriptor<?, ?>> D living(D descriptor) {
            descriptor.enableTimeToLive(ttl);
            return descriptor;
        }

        @Override
        public void open(OpenContext context) {
            value = getRuntimeContext().getState(living(new ValueStateDescriptor<>("value", Types.LONG)));
            list = getRuntimeContext().getListState(living(new ListStateDescriptor<>("list", Types.LONG)));
            map = getRuntimeContext().getMapState(living(new MapStateDescriptor<>("map", Types.LONG, Types.LONG)));
        }

        private String all() throws Exception {
            TreeMap<Long, Long> sorted = new TreeMap<>();
            for (Map.Entry<Long, Long> entry : map.entries()) {
                sorted.put(entry.getKey(), entry.getValue());
            }
            StringBuilder text = new StringBuilder();
            sorted.forEach((key, found) -> text.append(key).append("=").append(found).append(";"));
            return text.toString();
        }

        private String elements() throws Exception {
            StringBuilder text = new StringBuilder();
            for (Long element : list.get()) {
                text.append(element).append(";");
            }
            return text.toString();
        }

        @Override
        public void processElement(String element, Context context, Collector<String> out) throws Exception {
            long number = number(element);
            String answer = "";
            switch ((int) id(element)) {
                case 0 -> value.update(number);
                case 1 -> answer = "" + value.value();
                case 2 -> list.add(number);
                case 3 -> answer = elements();
                case 4 -> map.put(number % 10, number);
                case 5 -> answer = "" + map.get(number % 10);
                case 6 -> answer = all();
                case 7 -> map.remove(number % 10);
                case 8 -> value.clear();
                default -> list.clear();
            }
            out.collect(answer);
        }
    }

    @Override
    boolean ordered() {
        return true;
    }

    @Override
    String step(int number) throws Exception {
        int kind = below(10);
        if (kind == 0) {
            OperatorSubtaskState state = flink.snapshot(number, number);
            flink.close();
            flink = make();
            flink.initializeState(state);
            flink.open();
            return "restore";
        }
        if (kind < 3) {
            clock += below(4);
            flink.setStateTtlProcessingTime(clock);
            flink.setProcessingTime(clock);
            return "clock " + clock;
        }
        String key = key(2);
        int action = below(3) > 0 ? below(ACTIONS - 3) : below(ACTIONS);
        long value = below(40);
        flink.processElement(record(key, action, value, time));
        return "push " + key + " " + action + " " + value + " " + time;
    }
}
