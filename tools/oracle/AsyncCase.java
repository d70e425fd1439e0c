import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.apache.flink.api.common.typeutils.base.StringSerializer;
import org.apache.flink.streaming.api.datastream.AsyncDataStream.OutputMode;
import org.apache.flink.streaming.api.functions.async.AsyncFunction;
import org.apache.flink.streaming.api.functions.async.ResultFuture;
import org.apache.flink.streaming.api.operators.async.AsyncWaitOperatorFactory;
import org.apache.flink.streaming.api.watermark.Watermark;
import org.apache.flink.streaming.runtime.tasks.mailbox.Mail;
import org.apache.flink.streaming.util.OneInputStreamOperatorTestHarness;

/** Asynchronous requests, ordered and not, that are answered at random or time out. */
final class AsyncCase extends OperatorCase<OneInputStreamOperatorTestHarness<String, String>> {
    private static final int CAPACITY = 1000;
    private static final Map<Long, ResultFuture<String>> REQUESTS = new TreeMap<>();
    private final boolean inOrder;

    AsyncCase(long seed) throws Exception {
        super(seed);
        REQUESTS.clear();
        inOrder = random.nextBoolean();
        long timeout = below(3) == 0 ? 0 : 1 + below(30);
        head = "case async " + (inOrder ? 0 : 1) + " " + timeout;
        flink = new OneInputStreamOperatorTestHarness<>(
            new AsyncWaitOperatorFactory<>(
                new Ask(), timeout, CAPACITY, inOrder ? OutputMode.ORDERED : OutputMode.UNORDERED),
            StringSerializer.INSTANCE);
        flink.open();
        flink.setProcessingTime(0);
    }

    private static final class Ask implements AsyncFunction<String, String> {
        @Override
        public void asyncInvoke(String element, ResultFuture<String> answer) {
            REQUESTS.put(id(element), answer);
        }

        @Override
        public void timeout(String element, ResultFuture<String> answer) {
            answer.complete(Collections.singleton("timeout;" + id(element)));
        }
    }

    /** Time-outs of one time have no order, and where results are not ordered they are seen in it. */
    @Override
    boolean ordered() {
        return inOrder;
    }

    /** Who is not answered at the end would be waited for. */
    @Override
    public void close() {}

    private String complete() {
        List<Long> ids = new ArrayList<>(REQUESTS.keySet());
        long id = ids.get(below(ids.size()));
        int count = below(3);
        REQUESTS.remove(id).complete(Collections.nCopies(count, "answer;" + id));
        return "complete " + id + " " + count;
    }

    private String act(int number) throws Exception {
        int kind = below(10);
        if (kind < 4) {
            long timestamp = 100 + below(50);
            flink.processElement(record("a", number, 0, timestamp));
            return "push a " + number + " 0 " + timestamp;
        }
        if (kind < 7) {
            return REQUESTS.isEmpty() ? null : complete();
        }
        if (kind < 8) {
            Watermark mark = rising(Math.max(0, watermark) + 1 + below(5));
            flink.processWatermark(mark);
            return "watermark " + mark.getTimestamp();
        }
        clock += below(12);
        flink.setProcessingTime(clock);
        return "clock " + clock;
    }

    @Override
    String step(int number) throws Exception {
        String text = act(number);
        Optional<Mail> mail = flink.getTaskMailbox().tryTake(-1);
        while (mail.isPresent()) {
            mail.get().run();
            mail = flink.getTaskMailbox().tryTake(-1);
        }
        return text;
    }
}
