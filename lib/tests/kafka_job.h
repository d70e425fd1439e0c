/*
 * The job of the exactly-once tests, and the process around it that is killed, stopped and started
 * again: topic "in" -> count by key -> topic "out".
 *
 *     {"key":"k7","sequence":123}   ->   {"key":"k7","sequence":123,"count":17}
 *
 * Each event is counted in the state of its key, so a result that is lost, doubled or computed from
 * the wrong state shows in the ledger. The test program runs itself again as this job:
 * main calls kafka_job_main first.
 */
#ifndef WEIR__TESTS_KAFKA_JOB_H
#define WEIR__TESTS_KAFKA_JOB_H

#include "real_kafka.h"

#include "base/rand.h"
#include "connector/kafka_producer.h"

#include <weir/ledger.h>
#include <weir/weir.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

enum { KAFKA_JOB_KEYS = 100, KAFKA_JOB_PARTITIONS = 3 };

#define EVENT_FIELDS(F, T)                                                                         \
    F(T, string, key, "key", required)                                                             \
    F(T, int64, sequence, "sequence", required)
WEIR_DECLARE_TYPE(event, EVENT_FIELDS);
WEIR_DEFINE_TYPE(event, EVENT_FIELDS);

#define RESULT_FIELDS(F, T)                                                                        \
    F(T, string, key, "key", required)                                                             \
    F(T, int64, sequence, "sequence", required)                                                    \
    F(T, int64, count, "count", required)
WEIR_DECLARE_TYPE(result, RESULT_FIELDS);
WEIR_DEFINE_TYPE(result, RESULT_FIELDS);

/* ---- the job ---- */

static const struct weir_state_descriptor seen_state = {
    .name = "seen", .kind = WEIR_STATE_VALUE, .type = &weir_int64_type};

static void count_by_key(const void *value, weir_context *context, weir_collector *out, void *user)
{
    const struct event *event = value;
    int64_t *seen = weir_value_state_edit(context, &seen_state);
    (void)user;
    weir_emit(out, &(struct result){event->key, event->sequence, ++*seen});
}

/* PROGRAM --job NAME options of the job…: returns its exit status, or -1 when it is not asked for.
 */
static inline int kafka_job_main(int argc, char **argv)
{
    if (argc < 3 || strcmp(argv[1], "--job") != 0) {
        return -1;
    }
    char in[REAL_KAFKA_NAME + 8];
    char out[REAL_KAFKA_NAME + 8];
    snprintf(in, sizeof in, "%s-in", argv[2]);
    snprintf(out, sizeof out, "%s-out", argv[2]);
    weir_env *env = weir_env_new(argv[2], argc - 2, argv + 2);
    weir_stream *events =
        weir_from_source(env, weir_kafka_source(&(struct weir_kafka_source_config){
                                  .topic = in, .format = weir_json(&event_type)}));
    weir_stream *results = weir_keyed_process(
        weir_key_by(events, WEIR_FIELD(event, key)),
        &(struct weir_process_function){
            .name = "count",
            .in_type = &event_type,
            .out_type = &result_type,
            .process = count_by_key,
            .states = (const struct weir_state_descriptor *[]){&seen_state, NULL}});
    weir_sink_to(results,
                 weir_kafka_sink(&(struct weir_kafka_sink_config){.topic = out,
                                                                  .format = weir_json(&result_type),
                                                                  .key = WEIR_FIELD(result, key),
                                                                  .delivery = WEIR_EXACTLY_ONCE}));
    int status = weir_execute(env);
    weir_env_free(env);
    return status;
}

/* ---- its process ---- */

struct kafka_job {
    char name[REAL_KAFKA_NAME];
    char directory[REAL_KAFKA_NAME + 24]; /* of checkpoints */
    char log[REAL_KAFKA_NAME + 24];       /* what all its lives said */
};

static inline void kafka_job_init(struct kafka_job *job)
{
    char topic[REAL_KAFKA_NAME + 8];
    real_kafka_name("exactly-once", job->name);
    snprintf(job->directory, sizeof job->directory, "/tmp/%s.checkpoints", job->name);
    snprintf(job->log, sizeof job->log, "/tmp/%s.log", job->name);
    snprintf(topic, sizeof topic, "%s-in", job->name);
    real_kafka_create(topic, KAFKA_JOB_PARTITIONS);
    snprintf(topic, sizeof topic, "%s-out", job->name);
    real_kafka_create(topic, KAFKA_JOB_PARTITIONS);
}

static inline void kafka_job_fini(struct kafka_job *job)
{
    char command[REAL_KAFKA_NAME * 3];
    snprintf(command, sizeof command, "rm -rf '%s' '%s'", job->directory, job->log);
    ck_assert_int_eq(system(command), 0);
}

/* Starts a life of the job; extra: more options, NULL-terminated. */
static inline pid_t kafka_job_start(const struct kafka_job *job, const char *const *extra)
{
    const char *argv[32] = {"test",
                            "--job",
                            job->name,
                            "-b",
                            getenv("WEIR_TEST_KAFKA"),
                            "-p",
                            "2",
                            "--checkpoint-interval",
                            "1s",
                            "--checkpoint-timeout",
                            "20s",
                            "--checkpoint-dir",
                            job->directory};
    int count = 13;
    for (; extra != NULL && *extra != NULL; extra++) {
        argv[count++] = *extra;
    }
    fflush(stdout);
    pid_t pid = fork();
    ck_assert_int_ge(pid, 0);
    if (pid == 0) {
        int log = open(job->log, O_WRONLY | O_CREAT | O_APPEND, 0600);
        dup2(log, STDERR_FILENO);
        execv("/proc/self/exe", (char *const *)argv);
        _exit(127);
    }
    return pid;
}

/* Waits for its end; 128 + the signal's number when it was killed. */
static inline int kafka_job_wait(pid_t pid)
{
    int status = 0;
    while (waitpid(pid, &status, 0) < 0) {
        ck_assert_int_eq(errno, EINTR);
    }
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* The log, for a test that reads it or says why it failed. Static storage. */
static inline const char *kafka_job_says(const struct kafka_job *job)
{
    static char text[64 * 1024];
    FILE *file = fopen(job->log, "r");
    size_t len = file != NULL ? fread(text, 1, sizeof text - 1, file) : 0;
    text[len] = '\0';
    if (file != NULL) {
        fclose(file);
    }
    return text;
}

/* ---- what goes in ---- */

struct kafka_job_input {
    struct weir__kafka_producer producer;
    weir_ledger *ledger;
    int64_t sequence; /* of the next event */
    int64_t counts[KAFKA_JOB_KEYS];
};

static inline void kafka_job_input_init(struct kafka_job_input *input, const struct kafka_job *job)
{
    char topic[REAL_KAFKA_NAME + 8];
    struct weir_error error = {0};
    /* An event that is delivered twice would be two. */
    const char *const properties[] = {"enable.idempotence=true", "message.timeout.ms=120000", NULL};
    snprintf(topic, sizeof topic, "%s-in", job->name);
    *input = (struct kafka_job_input){.ledger = weir_ledger_new()};
    ck_assert_msg(weir__kafka_producer_init(&input->producer, getenv("WEIR_TEST_KAFKA"), topic,
                                            properties, &error) == WEIR_OK,
                  "%s", error.message);
}

static inline void kafka_job_input_fini(struct kafka_job_input *input)
{
    weir__kafka_producer_fini(&input->producer);
    weir_ledger_free(input->ledger);
}

/* One more event, and in the ledger the result that must come of it. Its time is now: the broker
 * forgets a producer whose last message is a day old, and would then take a retried one twice. */
static inline void kafka_job_put(struct kafka_job_input *input, struct weir__rand *rand)
{
    char key[16];
    char text[80];
    char what[40];
    char says[24];
    struct weir_error error = {0};
    uint64_t k = weir__rand_below(rand, KAFKA_JOB_KEYS);
    snprintf(key, sizeof key, "k%d", (int)k);
    int len = snprintf(text, sizeof text, "{\"key\":\"%s\",\"sequence\":%lld}", key,
                       (long long)input->sequence);
    enum weir_status status;
    while ((status = weir__kafka_producer_send(&input->producer, weir_str_from(key),
                                               (struct weir_str){text, (uint32_t)len}, -1,
                                               &error)) == WEIR_LIMIT) {
        ck_assert_int_eq(weir__kafka_producer_poll(&input->producer, 100, &error), WEIR_OK);
    }
    ck_assert_msg(status == WEIR_OK, "%s", error.message);
    snprintf(what, sizeof what, "%s %lld", key, (long long)input->sequence++);
    snprintf(says, sizeof says, "%lld", (long long)++input->counts[k]);
    weir_ledger_expect(input->ledger, weir_str_from(what), weir_str_from(says));
}

/* So many events at that rate: a hundredth of a second's worth, then a pause. */
static inline void kafka_job_put_paced(struct kafka_job_input *input, struct weir__rand *rand,
                                       int64_t events, int64_t per_second)
{
    struct weir_error error = {0};
    int64_t begin_ns = weir_clock_ns(&weir_system_clock);
    for (int64_t i = 0; i < events; i++) {
        kafka_job_put(input, rand);
        if ((i + 1) % (per_second / 100) == 0) {
            int64_t due_ns = begin_ns + (i + 1) * 1000000000 / per_second;
            int64_t left_ms = (due_ns - weir_clock_ns(&weir_system_clock)) / 1000000;
            ck_assert_int_eq(weir__kafka_producer_poll(&input->producer, 0, &error), WEIR_OK);
            (void)poll(NULL, 0, left_ms > 0 ? (int)left_ms : 0);
        }
    }
}

/* ---- what came out ---- */

static inline void kafka_job_saw(weir_ledger *ledger, const rd_kafka_message_t *message)
{
    char what[40];
    char says[24];
    char key[16];
    long long sequence = 0;
    long long count = 0;
    char text[128];
    snprintf(text, sizeof text, "%.*s", (int)message->len, (const char *)message->payload);
    ck_assert_msg(sscanf(text, "{\"key\":\"%15[^\"]\",\"sequence\":%lld,\"count\":%lld}", key,
                         &sequence, &count) == 3,
                  "%s", text);
    snprintf(what, sizeof what, "%s %lld", key, sequence);
    snprintf(says, sizeof says, "%lld", count);
    weir_ledger_saw(ledger, weir_str_from(what), weir_str_from(says));
}

/* The input must hold each event once, or the ledger would blame the job. */
static inline void kafka_job_check_input(const struct kafka_job *job,
                                         const struct kafka_job_input *input)
{
    char topic[REAL_KAFKA_NAME + 8];
    int64_t sum = 0;
    rd_kafka_t *client = real_kafka_client(RD_KAFKA_CONSUMER, NULL);
    snprintf(topic, sizeof topic, "%s-in", job->name);
    for (int p = 0; p < KAFKA_JOB_PARTITIONS; p++) {
        int64_t low = 0;
        int64_t high = 0;
        ck_assert_int_eq(
            rd_kafka_query_watermark_offsets(client, topic, p, &low, &high, REAL_KAFKA_ADMIN_MS),
            0);
        sum += high - low;
    }
    rd_kafka_destroy(client);
    ck_assert_msg(sum == input->sequence, "the test wrote %lld events, and %s has %lld",
                  (long long)input->sequence, topic, (long long)sum);
}

/* Reads all that a read_committed consumer sees, and compares. Fails with the ledger's words. */
static inline void kafka_job_check(const struct kafka_job *job, struct kafka_job_input *input)
{
    char topic[REAL_KAFKA_NAME + 8];
    int open = KAFKA_JOB_PARTITIONS;
    kafka_job_check_input(job, input);
    snprintf(topic, sizeof topic, "%s-out", job->name);
    rd_kafka_t *client =
        real_kafka_client(RD_KAFKA_CONSUMER,
                          (const char *[]){"group.id", "check", "isolation.level", "read_committed",
                                           "enable.partition.eof", "true", "enable.auto.commit",
                                           "false", "auto.offset.reset", "error", NULL});
    rd_kafka_topic_partition_list_t *list = rd_kafka_topic_partition_list_new(open);
    for (int p = 0; p < KAFKA_JOB_PARTITIONS; p++) {
        rd_kafka_topic_partition_list_add(list, topic, p)->offset = 0;
    }
    ck_assert_int_eq(rd_kafka_assign(client, list), 0);
    while (open > 0) {
        rd_kafka_message_t *message = rd_kafka_consumer_poll(client, REAL_KAFKA_ADMIN_MS);
        ck_assert_msg(message != NULL, "the end of %s does not come", topic);
        if (message->err == RD_KAFKA_RESP_ERR__PARTITION_EOF) {
            open--;
        } else {
            ck_assert_msg(message->err == RD_KAFKA_RESP_ERR_NO_ERROR, "%s",
                          rd_kafka_message_errstr(message));
            kafka_job_saw(input->ledger, message);
        }
        rd_kafka_message_destroy(message);
    }
    rd_kafka_topic_partition_list_destroy(list);
    rd_kafka_destroy(client);
    const struct weir_ledger_verdict *verdict = weir_ledger_check(input->ledger);
    printf("# %lld results: missing %lld, doubled %lld, phantom %lld, wrong %lld\n",
           (long long)verdict->seen, (long long)verdict->missing, (long long)verdict->doubled,
           (long long)verdict->phantom, (long long)verdict->wrong);
    ck_assert_msg(verdict->ok, "%s", verdict->text);
}

/* The broker has all that was put. */
static inline void kafka_job_flush(struct kafka_job_input *input)
{
    struct weir_error error = {0};
    ck_assert_msg(weir__kafka_producer_flush(&input->producer, 60000, &error) == WEIR_OK, "%s",
                  error.message);
}

/* Waits until the job has committed a checkpoint of its own. */
static inline void kafka_job_wait_for_commit(const struct kafka_job *job)
{
    char group[REAL_KAFKA_NAME + 8];
    char topic[REAL_KAFKA_NAME + 8];
    snprintf(group, sizeof group, "weir-%s", job->name);
    snprintf(topic, sizeof topic, "%s-out", job->name);
    while (real_kafka_committed(group, topic, 0, NULL) < 1) {
    }
}

/* Everything is in: a last life reads what is left and ends. */
static inline void kafka_job_finish(const struct kafka_job *job, struct kafka_job_input *input)
{
    kafka_job_flush(input);
    pid_t last = kafka_job_start(job, (const char *[]){"--stop-idle", "3s", NULL});
    int status = kafka_job_wait(last);
    ck_assert_msg(status == 0, "the last life ended with %d:\n%s", status, kafka_job_says(job));
}

#endif
