import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/**
 * A random case from a seed: flags of `weir lab`, and lines. Times are small, so that boundaries are
 * met all the time: windows that touch, watermarks at an end or at a clean-up, negative times. What
 * Flink cannot do (a trigger of time windows on the global window, a trigger that fires without end,
 * a time evictor of elements without time) is left out.
 */
class RandomCase {
    final List<String> flags = new ArrayList<>();
    final List<String> lines = new ArrayList<>();
    final boolean sessions;
    final boolean global;
    final boolean byClock;
    private final Random random;
    private final boolean dynamic;
    private boolean numbers;
    private boolean timeMayLack;
    private long time;
    private long clock;

    RandomCase(long seed) {
        random = new Random(seed * 2654435761L);
        int kind = random.nextInt(8);
        sessions = kind >= 4 && kind <= 6;
        dynamic = kind == 6;
        global = kind == 7;
        byClock = random.nextInt(4) == 0;
        add("--window", window(kind));
        add("--domain", byClock ? "processing" : "event");
        addHow();
        addLines();
    }

    private void add(String... words) {
        flags.addAll(List.of(words));
    }

    private long upTo(int most) {
        return 1 + random.nextInt(most);
    }

    private boolean percent(int n) {
        return random.nextInt(100) < n;
    }

    @SafeVarargs
    private <T> T any(T... these) {
        return these[random.nextInt(these.length)];
    }

    private String offset(long period) {
        return percent(60) ? "" : "," + (random.nextInt((int) (2 * period - 1)) - period + 1);
    }

    private String window(int kind) {
        long size = upTo(12);
        long slide = upTo(any(6, 16));
        return switch (kind) {
            case 0, 1 -> "tumbling:" + size + offset(size);
            case 2, 3 -> "sliding:" + size + "," + slide + offset(slide);
            case 4, 5 -> "session:" + upTo(any(4, 9));
            case 6 -> "dynamic-session:gap";
            default -> "global";
        };
    }

    private String trigger() {
        List<String> some = new ArrayList<>(List.of("count:" + upTo(5), "count:" + upTo(3)));
        if (!sessions) {
            some.add("delta:" + any("0", "1", "2.5", "-1"));
        }
        if (global) {
            some.add("end-of-stream");
            some.add("never");
        } else {
            some.addAll(List.of("event-time", "processing-time",
                "continuous-event-time:" + upTo(7), "continuous-event-time:" + upTo(7)));
        }
        if (global || byClock) {
            some.add("continuous-processing-time:" + upTo(7));
        }
        return any("", "", "", "purging:", "purging:purging:") + some.get(random.nextInt(some.size()));
    }

    private String evictor() {
        String delta = "delta:" + any("0", "1", "5", "-3", "1.5");
        return any("count:" + random.nextInt(5), "time:" + random.nextInt(13), delta) + any("", ",after");
    }

    private void addHow() {
        if (percent(global || sessions ? 75 : 50)) {
            add("--trigger", trigger());
        }
        if (percent(30)) {
            add("--evictor", evictor());
        }
        if (percent(50)) {
            add("--allowed-lateness", "" + any(1, 2, 3, 5, 8, 13));
        }
        if (percent(50)) {
            add("--late-output");
        }
        String aggregate = any(
            "count", "sum", "min", "max", "avg", "distinct", "first", "last", "list", "list", "each");
        add("--aggregate", aggregate);
        if (percent(25)) {
            add("--watermark", any("monotonous", "bounded:" + random.nextInt(13)));
        }
        if (percent(70)) {
            add("--emit-watermarks");
        }
        if (percent(20)) {
            add("--no-final-watermark");
        }
        String all = String.join(" ", flags);
        numbers = all.contains("delta:") || List.of("sum", "min", "max", "avg").contains(aggregate);
        timeMayLack = (byClock || global) && !all.contains("time:"); // no time evictor, no continuous trigger
    }

    private void addLines() {
        time = random.nextInt(50) - 40;
        int spread = sessions ? any(8, 20, 40) : any(3, 10, 25); // far apart, and then something between
        int keys = sessions ? any(1, 1, 2) : any(1, 2, 3);
        boolean snapshots = percent(35);
        for (int n = any(sessions ? 40 : 5, 12, 25, 60); n > 0; n--) {
            int what = random.nextInt(100);
            if (what < 68) {
                lines.add(event(keys, spread));
            } else if (what < 84) {
                lines.add("{\"@watermark\":" + watermark(spread) + "}");
            } else if (what < 94) {
                clock += any(0, 1, 2, 3, random.nextInt(20));
                lines.add("{\"@processing_time\":" + clock + "}");
            } else if (what < 97 && snapshots) {
                lines.add("{\"@snapshot_restore\":true}");
            } else if (what == 99) {
                lines.add("{\"@idle\":" + percent(60) + "}");
            }
        }
    }

    private String event(int keys, int spread) {
        time += sessions ? random.nextInt(any(4, 12)) : any(0, 0, 1, 1, 2, 3, random.nextInt(10));
        long at = !byClock && !global && percent(1) ? Long.MIN_VALUE : time - random.nextInt(spread + 1);
        String text = any("\"x\"", "\"y\"", "null", "true", "[1,2]", "{\"a\":1}", "\"\"");
        String value = numbers || percent(60) ? "" + (random.nextInt(13) - 3) : text;
        String gap = dynamic ? ",\"gap\":" + (percent(97) ? upTo(9) : any(0, -1)) : "";
        String ts = timeMayLack && percent(20) ? "" : ",\"ts\":" + at;
        char key = (char) ('a' + random.nextInt(keys));
        return "{\"key\":\"" + key + "\",\"value\":" + value + ts + gap + "}";
    }

    /** Mostly behind, more so for sessions, which need time to meet; now and then it jumps or falls. */
    private long watermark(int spread) {
        int what = random.nextInt(100);
        if (what >= 99) {
            return any(Long.MAX_VALUE, Long.MIN_VALUE);
        }
        long off = what < 85 ? -random.nextInt(spread + 1) : what < 95 ? random.nextInt(30) : -40;
        return time + off - (sessions ? spread : 0);
    }
}
