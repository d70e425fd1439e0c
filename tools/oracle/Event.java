import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Collectors;
import org.apache.flink.api.common.functions.AggregateFunction;
import org.apache.flink.streaming.api.functions.windowing.WindowFunction;
import org.apache.flink.streaming.api.windowing.windows.TimeWindow;
import org.apache.flink.streaming.api.windowing.windows.Window;
import org.apache.flink.util.Collector;

/** An event, and what is made of many: an accumulator is all of them, counted or summed at the end. */
public class Event {
    public String key;
    public String text; // the value as JSON
    public long number; // and as an integer, where it is one
    public long gap;
    public long arrival;

    static class Aggregate implements AggregateFunction<Event, List<Event>, String> {
        final String name;

        Aggregate(String name) {
            this.name = name;
        }

        @Override
        public List<Event> createAccumulator() {
            return new ArrayList<>();
        }

        @Override
        public List<Event> add(Event event, List<Event> all) {
            all.add(event);
            return all;
        }

        @Override
        public List<Event> merge(List<Event> all, List<Event> others) {
            all.addAll(others);
            return all;
        }

        @Override
        public String getResult(List<Event> all) {
            List<Event> events = new ArrayList<>(all);
            events.sort(Comparator.comparingLong(event -> event.arrival));
            int n = events.size();
            long sum = events.stream().mapToLong(event -> event.number).sum();
            Comparator<Event> order = Comparator.comparingLong(event -> event.number);
            return switch (name) {
                case "count" -> "" + n;
                case "sum" -> "" + sum;
                case "min" -> n == 0 ? "null" : events.stream().min(order).get().text;
                case "max" -> n == 0 ? "null" : events.stream().max(order).get().text;
                case "avg" -> n == 0 ? "null" : "" + (double) sum / n;
                case "distinct" -> "" + events.stream().map(event -> event.text).distinct().count();
                case "first" -> n == 0 ? "null" : events.get(0).text;
                case "last" -> n == 0 ? "null" : events.get(n - 1).text;
                case "list" -> events.stream().map(e -> e.text).collect(Collectors.joining(",", "[", "]"));
                default -> throw new IllegalArgumentException("unknown aggregate " + name);
            };
        }
    }

    /** What fired, a tab, and a result without its timestamp, which the operator gives it. */
    private static String show(String key, Window window, String value) {
        String bounds = "null";
        if (window instanceof TimeWindow w) {
            bounds = "{\"start\":" + w.getStart() + ",\"end\":" + w.getEnd() + "}";
        }
        String begin = Watch.cause + "\t{\"key\":" + FlinkLab.quote(key);
        return begin + ",\"window\":" + bounds + ",\"value\":" + value + ",\"ts\":";
    }

    static class One<W extends Window> implements WindowFunction<String, String, String, W> {
        @Override
        public void apply(String key, W window, Iterable<String> one, Collector<String> out) {
            one.forEach(value -> out.collect(show(key, window, value)));
        }
    }

    static class Each<W extends Window> implements WindowFunction<Event, String, String, W> {
        @Override
        public void apply(String key, W window, Iterable<Event> all, Collector<String> out) {
            all.forEach(event -> out.collect(show(key, window, event.text)));
        }
    }
}
