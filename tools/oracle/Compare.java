import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Random cases through Flink's window operator and through `weir lab`, which must say the same after
 * each line of the input, in the same order. Only what Flink itself leaves open may differ: the
 * order of timers of one time, of what several subtasks emit, and of elements of sessions that
 * became one.
 *
 *     Compare WEIR CASES SEED
 */
class Compare {
    /** The ways in which `weir lab` can compute the same; each case takes the first, and one more. */
    private static final String[][] WAYS = {{}, {"--path", "general"}, {"--path", "slices"},
        {"--parallelism", "3"}, {"--state", "rocksdb"}, {"--state", "rocksdb", "--parallelism", "2"}};
    private static final Pattern OF_WINDOW =
        Pattern.compile("\\{\"key\":\"(.*?)\",\"window\":(null|\\{.*?\\})");
    private static final Pattern SUMMARY = Pattern.compile("\"(\\w+)\":(\\d+)");
    private static final int MISUSE = 2;

    private final String weir;
    private final Map<String, Integer> counts = new TreeMap<>();
    private int differences;

    Compare(String weir) {
        this.weir = weir;
    }

    private record Answer(int status, List<List<String>> after, Map<String, Long> summary) {}

    private void count(String what) {
        counts.merge(what, 1, Integer::sum);
    }

    // ---- both sides

    /** A mark follows each line, so that it can be seen what came after which. */
    private Answer ask(RandomCase c, String[] way) throws Exception {
        List<String> command = new ArrayList<>(List.of(weir, "lab"));
        command.addAll(c.flags);
        command.addAll(Arrays.asList(way));
        command.addAll(List.of("--summary", "-"));
        ProcessBuilder builder = new ProcessBuilder(command);
        Process process = builder.redirectError(ProcessBuilder.Redirect.DISCARD).start();
        try (Writer in = process.outputWriter()) {
            for (String line : c.lines) {
                in.write(line + "\n{\"@mark\":0}\n");
            }
        } catch (IOException refused) {
            // the exit status says so
        }
        Answer answer = new Answer(0, new ArrayList<>(List.of(new ArrayList<>())), new TreeMap<>());
        for (String line : process.inputReader().lines().toList()) {
            if (line.startsWith("{\"mark\"")) {
                answer.after.add(new ArrayList<>());
            } else if (line.startsWith("{\"in\":")) {
                for (Matcher m = SUMMARY.matcher(line); m.find();) {
                    answer.summary.put(m.group(1), Long.parseLong(m.group(2)));
                }
            } else {
                answer.after.get(answer.after.size() - 1).add(line);
            }
        }
        return new Answer(process.waitFor(), answer.after, answer.summary);
    }

    private static List<List<FlinkLab.Line>> run(FlinkLab flink, RandomCase c) throws Exception {
        List<List<FlinkLab.Line>> after = new ArrayList<>();
        for (String line : c.lines) {
            flink.line(line);
            after.add(List.copyOf(flink.output));
            flink.output.clear();
        }
        flink.end();
        after.add(List.copyOf(flink.output));
        flink.close();
        return after;
    }

    // ---- the same?

    private static String windowOf(String line) {
        Matcher m = OF_WINDOW.matcher(line);
        return m.find() ? m.group() : "";
    }

    private static List<String> of(String window, List<String> lines) {
        return lines.stream().filter(line -> windowOf(line).equals(window)).toList();
    }

    /** The same lines, and those of each window in the same order. */
    private static boolean sameButForOrder(List<String> flink, List<String> weir) {
        if (!flink.stream().sorted().toList().equals(weir.stream().sorted().toList())) {
            return false;
        }
        return flink.stream().map(Compare::windowOf).distinct().allMatch(
            window -> of(window, flink).equals(of(window, weir)));
    }

    private static boolean same(List<FlinkLab.Line> flink, List<String> weir, boolean parallel) {
        List<String> texts = flink.stream().map(FlinkLab.Line::text).toList();
        if (flink.size() != weir.size() || parallel) {
            return sameButForOrder(texts, weir);
        }
        for (int from = 0, to; from < flink.size(); from = to) {
            String cause = flink.get(from).cause();
            for (to = from + 1; to < flink.size() && flink.get(to).cause().equals(cause);) {
                to++;
            }
            boolean timer = cause.startsWith("timer") || cause.startsWith("clock");
            List<String> theirs = texts.subList(from, to);
            List<String> ours = weir.subList(from, to);
            if (timer ? !sameButForOrder(theirs, ours) : !theirs.equals(ours)) {
                return false;
            }
        }
        return true;
    }

    private static String summary(long in, long rejected, long dropped, long timers) {
        return "in " + in + ", rejected " + rejected + ", late and dropped " + dropped + ", timers " + timers;
    }

    private static String summaries(FlinkLab flink, RandomCase c, Map<String, Long> weir) {
        // A continuous trigger's timers that nothing needs any more: Flink keeps them (semantics sheet, 6).
        boolean leaks = c.flags.stream().anyMatch(flag -> flag.contains("continuous"));
        long timers = leaks ? flink.timers : weir.get("event_timers") + weir.get("processing_timers");
        String theirs = summary(flink.in, flink.rejected, flink.dropped, flink.timers);
        String ours = summary(weir.get("in"), weir.get("rejected"), weir.get("late_dropped"), timers);
        return theirs.equals(ours) ? null : "  Flink: " + theirs + "\n  weir:  " + ours;
    }

    private static String difference(List<List<FlinkLab.Line>> flink, Answer weir, boolean parallel) {
        if (weir.status != 0) {
            return "  weir lab ended with status " + weir.status;
        }
        for (int i = 0; i < flink.size(); i++) {
            if (i >= weir.after.size() || !same(flink.get(i), weir.after.get(i), parallel)) {
                return "  after line " + (i + 1) + "\n  Flink: " + flink.get(i) + "\n  weir:  "
                    + (i < weir.after.size() ? weir.after.get(i) : "nothing");
            }
        }
        return null;
    }

    private void tell(long seed, RandomCase c, String way, String why) {
        System.out.println("DIFFERENCE, seed " + seed + ": " + String.join(" ", c.flags) + " " + way);
        System.out.println(why);
        c.lines.forEach(line -> System.out.println("    " + line));
    }

    private void compare(long seed) throws Exception {
        RandomCase c = new RandomCase(seed);
        FlinkLab flink = new FlinkLab(new Spec(c.flags.toArray(new String[0])));
        List<List<FlinkLab.Line>> theirs = run(flink, c);
        count("cases");
        boolean unordered = Watch.reordered && (c.flags.contains("--evictor") || c.flags.contains("each"));
        for (String[] way : new String[][] {WAYS[0], WAYS[1 + (int) (seed % (WAYS.length - 1))]}) {
            String name = way.length == 0 ? "as it is" : String.join(" ", way);
            Answer ours = ask(c, way);
            if (ours.status == MISUSE && way.length > 0) {
                count("refused: " + name); // not all windows fit into slices, nor has every build RocksDB
                continue;
            }
            count("compared: " + name);
            String why = difference(theirs, ours, name.contains("parallelism"));
            why = why == null ? summaries(flink, c, ours.summary) : why;
            if (why != null && (Watch.lostSession || unordered)) {
                count("excused: " + (unordered ? "order of merged sessions" : "contents that Flink lost"));
            } else if (why != null) {
                differences++;
                tell(seed, c, name, why);
            }
        }
    }

    public static void main(String[] arguments) throws Exception {
        Compare compare = new Compare(arguments[0]);
        long cases = Long.parseLong(arguments[1]);
        long seed = Long.parseLong(arguments[2]);
        System.out.println("SEED=" + seed + " CASES=" + cases);
        for (long i = 0; i < cases; i++) {
            compare.compare(seed + i);
        }
        compare.counts.forEach((what, n) -> System.out.println(what + ": " + n));
        System.out.println("differences: " + compare.differences);
        System.exit(compare.differences == 0 ? 0 : 1);
    }
}
