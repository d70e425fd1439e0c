import java.io.IOException;
import java.io.Writer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Random cases of operators without windows through Flink's classes and through Weir's harness
 * (operators.c), which must say the same after each step.
 *
 *     Operators WEIR-ORACLE CASES SEED
 */
class Operators {
    private static final int STEPS = 80;
    private static final int SHOWN = 5;

    private interface Maker {
        OperatorCase<?> make(long seed) throws Exception;
    }

    private static final Map<String, Maker> MAKERS = new LinkedHashMap<>();

    static {
        MAKERS.put("timers", TimerCase::new);
        MAKERS.put("watermarks and idleness", WatermarkCase::new);
        MAKERS.put("interval joins", IntervalJoinCase::new);
        MAKERS.put("state with time to live", StateCase::new);
        MAKERS.put("asynchronous requests", AsyncCase::new);
        MAKERS.put("patterns", PatternCase::new);
    }

    /** A line of the input and what Flink answers; null: it opens a case. */
    private record Line(String text, List<String> answer, boolean ordered, long seed) {}

    private final String weir;
    private int differences;

    Operators(String weir) {
        this.weir = weir;
    }

    private static List<Line> lines(Maker maker, int cases, long seed) throws Exception {
        List<Line> lines = new ArrayList<>();
        for (long of = seed; of < seed + cases; of++) {
            try (OperatorCase<?> drawn = maker.make(of)) {
                lines.add(new Line(drawn.head, null, true, of));
                drawn.take();
                for (int i = 0; i < STEPS; i++) {
                    String step = drawn.step(i);
                    List<String> answer = drawn.take();
                    if (step != null) {
                        lines.add(new Line(step, answer, drawn.ordered(), of));
                    }
                }
            }
        }
        return lines;
    }

    private List<String> ask(List<Line> lines) throws Exception {
        Process process = new ProcessBuilder(weir).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        Thread writer = new Thread(() -> {
            try (Writer in = process.outputWriter()) {
                for (Line line : lines) {
                    in.write(line.text + "\n");
                }
            } catch (IOException gone) {
                // it has said why
            }
        });
        writer.start();
        List<String> answers = process.inputReader().lines().toList();
        writer.join();
        return answers;
    }

    private static boolean agrees(Line line, String answer) {
        String begin = line.text + " -> ";
        if (line.answer == null || !answer.startsWith(begin)) {
            return line.answer == null;
        }
        String said = answer.substring(begin.length());
        List<String> words = new ArrayList<>(said.isEmpty() ? List.of() : List.of(said.split(" ")));
        List<String> expected = new ArrayList<>(line.answer);
        if (!line.ordered) {
            Collections.sort(words);
            Collections.sort(expected);
        }
        return words.equals(expected);
    }

    private void show(List<Line> lines, int at, String answer) {
        if (++differences > SHOWN) {
            return;
        }
        System.out.println("seed " + lines.get(at).seed + " differs at the last of these steps:");
        int first = at;
        while (lines.get(first).answer != null) {
            first--;
        }
        for (int i = first; i <= at; i++) {
            System.out.println("    " + lines.get(i).text);
        }
        System.out.println("  Flink: " + String.join(" ", lines.get(at).answer));
        System.out.println("  Weir:  " + answer);
    }

    void compare(String name, Maker maker, int cases, long seed) throws Exception {
        List<Line> lines = lines(maker, cases, seed);
        List<String> answers = ask(lines);
        long outputs = lines.stream().filter(line -> line.answer != null && !line.answer.isEmpty()).count();
        for (int i = 0; i < lines.size(); i++) {
            String answer = i < answers.size() ? answers.get(i) : "nothing more";
            if (!agrees(lines.get(i), answer)) {
                show(lines, i, answer);
                while (i + 1 < lines.size() && lines.get(i + 1).answer != null) {
                    i++;
                }
            }
        }
        System.out.printf("%-24s %d cases, %d steps, %d of them with an output%n", name, cases, lines.size(), outputs);
    }

    public static void main(String[] arguments) throws Exception {
        Operators operators = new Operators(arguments[0]);
        int cases = Integer.parseInt(arguments[1]);
        long seed = Long.parseLong(arguments[2]);
        System.out.println("seed " + seed);
        for (Map.Entry<String, Maker> entry : MAKERS.entrySet()) {
            operators.compare(entry.getKey(), entry.getValue(), cases, seed);
        }
        System.out.println(operators.differences == 0 ? "no difference" : operators.differences + " cases differ");
        System.exit(operators.differences == 0 ? 0 : 1);
    }
}
