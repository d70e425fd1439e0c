/*
 * Options: every form is understood, the nearest source of a value wins, and what nobody asked for
 * is refused with a suggestion.
 */
#include "graph/env.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { MAX_ARGS = 8 };

static char *arguments[MAX_ARGS + 1];

/* An env with these arguments, NULL-terminated; argv outlives it. */
static weir_env *env_of(const char *const *args)
{
    int argc = 1;
    arguments[0] = (char *)"/usr/bin/page-views";
    for (; args[argc - 1] != NULL; argc++) {
        ck_assert_int_lt(argc, MAX_ARGS);
        arguments[argc] = (char *)args[argc - 1];
    }
    return weir_env_new("page-views", argc, arguments);
}
#define ENV_OF(...) env_of((const char *const[]){__VA_ARGS__, NULL})

/*
 * The message after asking for --size and --verbose, and checking for leftovers; "" when all is
 * well.
 */
static const char *mistake_of(weir_env *env)
{
    weir_option_duration(env, "size", 1000, "length of a window");
    weir_option_flag(env, "verbose", "say more");
    weir__options_check(&env->options);
    return env->options.error.message;
}

/* A file with the text, removed by the caller. */
static void write_file(char path[32], const char *text)
{
    snprintf(path, 32, "weir-options-XXXXXX");
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    ck_assert_int_eq(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    close(fd);
}

START_TEST(every_form_of_an_option_is_understood)
{
    static const char *const forms[][3] = {
        {"--parallelism", "3"}, {"--parallelism=3"}, {"-p", "3"}, {"-p3"}};
    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        weir_env *env = env_of(forms[i]);
        ck_assert_int_eq(env->settings.parallelism, 3);
        ck_assert_str_eq(mistake_of(env), "");
        weir_env_free(env);
    }
}
END_TEST

START_TEST(last_of_several_wins_and_asking_twice_gives_the_same)
{
    weir_env *env = ENV_OF("--size", "5s", "--size=2m", "--verbose");
    ck_assert_int_eq(weir_option_duration(env, "size", 1, ""), 120000);
    ck_assert_int_eq(weir_option_duration(env, "size", 1, ""), 120000);
    ck_assert(weir_option_flag(env, "verbose", ""));
    ck_assert_str_eq(mistake_of(env), "");
    weir_env_free(env);
}
END_TEST

START_TEST(program_options_have_their_defaults)
{
    weir_env *env = ENV_OF(NULL);
    ck_assert_int_eq(weir_option_duration(env, "size", 5000, ""), 5000);
    ck_assert_int_eq(weir_option_int(env, "users", 7, 1, 10, ""), 7);
    ck_assert_str_eq(weir_option_string(env, "label", "none", ""), "none");
    ck_assert_ptr_null(weir_option_string(env, "file", NULL, ""));
    ck_assert(!weir_option_flag(env, "fast", ""));
    weir_env_free(env);
}
END_TEST

START_TEST(command_line_beats_environment_beats_file_beats_default)
{
    char path[32];
    write_file(path, "# a comment\n\n parallelism = 2 \nbrokers=file:1\nsize=3s\r\n");
    setenv("WEIR_PARALLELISM", "4", 1);
    weir_env *env = ENV_OF("--config", path, "--size", "9s");
    ck_assert_int_eq(env->settings.parallelism, 4);
    ck_assert_str_eq(env->settings.brokers, "file:1");
    ck_assert_int_eq(weir_option_duration(env, "size", 1, ""), 9000);
    ck_assert_str_eq(mistake_of(env), "");
    weir_env_free(env);

    env = ENV_OF("--config", path, "-p", "8");
    ck_assert_int_eq(env->settings.parallelism, 8);
    weir_env_free(env);

    unsetenv("WEIR_PARALLELISM");
    env = ENV_OF("--config", path);
    ck_assert_int_eq(env->settings.parallelism, 2);
    ck_assert_int_eq(weir_option_duration(env, "size", 1, ""), 3000);
    weir_env_free(env);
    remove(path);
}
END_TEST

START_TEST(program_does_not_overrule_the_users_parallelism)
{
    weir_env *env = ENV_OF("-p", "2");
    weir_env_set_parallelism(env, 4);
    ck_assert_int_eq(env->settings.parallelism, 2);
    weir_env_free(env);
    env = ENV_OF(NULL);
    weir_env_set_parallelism(env, 4);
    ck_assert_int_eq(env->settings.parallelism, 4);
    weir_env_free(env);
}
END_TEST

START_TEST(state_backend_is_read_from_flinks_settings_and_kept_from_kafka)
{
    char path[32];
    write_file(path, "state.backend.type=rocksdb\n"
                     "state.backend.rocksdb.memory.managed=false\n"
                     "state.backend.rocksdb.memory.fixed-per-slot=64mb\n"
                     "state.backend.rocksdb.block.cache-size = 16 MB\n"
                     "state.backend.rocksdb.thread.num=3\n"
                     "state.backend.rocksdb.localdir=/somewhere\n"
                     "state.backend.incremental=true\n");
    weir_env *env = ENV_OF("--config", path, "-X", "state.backend.rocksdb.write-through=true");
    const struct weir_state_backend_config *backend = &env->settings.state_backend;
    ck_assert_str_eq(mistake_of(env), "");
    ck_assert_int_eq(backend->type, WEIR_STATE_BACKEND_ROCKSDB);
    ck_assert(backend->unmanaged && backend->write_through && backend->incremental);
    ck_assert_int_eq(backend->fixed_per_slot_bytes, 64 << 20);
    ck_assert_int_eq(backend->block_cache_bytes, 16 << 20);
    ck_assert_int_eq(backend->threads, 3);
    ck_assert_str_eq(backend->local_directory, "/somewhere");
    ck_assert_uint_eq(env->settings.properties.count, 2); /* client.id and the end */
    weir_env_free(env);
    env = ENV_OF("--config", path, "--state", "heap");
    ck_assert_int_eq(env->settings.state_backend.type, WEIR_STATE_BACKEND_HASHMAP);
    weir_env_free(env);
    remove(path);
}
END_TEST

START_TEST(program_does_not_overrule_the_users_state_backend)
{
    const struct weir_state_backend_config config = {.type = WEIR_STATE_BACKEND_ROCKSDB};
    weir_env *env = ENV_OF("-X", "state.backend=hashmap");
    weir_env_set_state_backend(env, &config);
    ck_assert_int_eq(env->settings.state_backend.type, WEIR_STATE_BACKEND_HASHMAP);
    weir_env_free(env);
    env = ENV_OF(NULL);
    weir_env_set_state_backend(env, &config);
    ck_assert_int_eq(env->settings.state_backend.type, WEIR_STATE_BACKEND_ROCKSDB);
    weir_env_free(env);
}
END_TEST

START_TEST(latency_markers_are_set_by_flinks_names_and_by_options_which_win)
{
    weir_env *env =
        ENV_OF("-X", "metrics.latency.interval=20ms", "-X", "metrics.latency.granularity=subtask",
               "-X", "metrics.latency.history-size=64");
    ck_assert_int_eq(env->settings.latency.interval_ms, 20);
    ck_assert_int_eq(env->settings.latency.granularity, WEIR__LATENCY_SUBTASK);
    ck_assert_int_eq(env->settings.latency.history, 64);
    ck_assert_str_eq(mistake_of(env), "");
    weir_env_free(env);
    env = ENV_OF("-X", "metrics.latency.interval=20ms", "--latency-interval", "1s",
                 "--latency-granularity", "single");
    ck_assert_int_eq(env->settings.latency.interval_ms, 1000);
    ck_assert_int_eq(env->settings.latency.granularity, WEIR__LATENCY_SINGLE);
    weir_env_free(env);
}
END_TEST

START_TEST(program_does_not_overrule_the_users_latency_interval)
{
    weir_env *env = ENV_OF(NULL);
    ck_assert_int_eq(env->settings.latency.interval_ms, 0);
    weir_env_set_latency_tracking(env, 500);
    ck_assert_int_eq(env->settings.latency.interval_ms, 500);
    weir_env_set_latency_tracking(env, -1);
    ck_assert_str_eq(env->error.message,
                     "the interval of latency markers must not be negative, got -1 ms");
    weir_env_free(env);
    env = ENV_OF("--latency-interval", "0");
    weir_env_set_latency_tracking(env, 500);
    ck_assert_int_eq(env->settings.latency.interval_ms, 0);
    weir_env_free(env);
}
END_TEST

START_TEST(wrong_state_settings_are_named)
{
    static const char *const wrong[][2] = {
        {"state.backend=memory", "expected heap (or hashmap) or rocksdb, got \"memory\""},
        {"state.backend.rocksdb.memory.fixed-per-slot=lots", "expected a size like 512mb"},
        {"state.backend.rocksdb.memory.fixed-per-slot=-1m", "expected a size like 512mb"},
        {"state.backend.rocksdb.memory.fixed-per-slot=9999999tb", "expected a size like 512mb"},
        {"state.backend.rocksdb.memory.managed=yes", "expected true or false"},
        {"state.backend.rocksdb.thread.num=0", "expected an integer from 1"},
        {"state.backend.rocksdb.colour=blue", "unknown setting state.backend.rocksdb.colour"},
    };
    for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        weir_env *env = ENV_OF("-X", wrong[i][0]);
        ck_assert_ptr_nonnull(strstr(mistake_of(env), wrong[i][1]));
        weir_env_free(env);
    }
}
END_TEST

/* The job's properties joined by spaces. */
static void join_properties(const weir_env *env, char text[256])
{
    const char *const *properties = (const char *const *)env->settings.properties.items;
    size_t len = 0;
    text[0] = '\0';
    for (; *properties != NULL; properties++) {
        len += (size_t)snprintf(text + len, 256 - len, "%s%s", len > 0 ? " " : "", *properties);
    }
}

START_TEST(client_properties_come_from_the_file_the_environment_and_x)
{
    char path[32];
    char text[256];
    write_file(path, "group.id=from-file\nsecurity.protocol=SSL\n");
    setenv("CONSUMER_GROUP", "from-environment", 1);
    weir_env *env = ENV_OF("--config", path, "-X", "linger.ms=5", "-Xsecurity.protocol=PLAINTEXT");
    join_properties(env, text);
    ck_assert_str_eq(
        text,
        "client.id=page-views group.id=from-environment security.protocol=PLAINTEXT linger.ms=5");
    ck_assert_str_eq(mistake_of(env), "");
    weir_env_free(env);
    unsetenv("CONSUMER_GROUP");
    remove(path);
}
END_TEST

START_TEST(every_line_of_a_property_file_is_as_with_x_which_wins)
{
    char path[32];
    char text[256];
    write_file(path, "# TLS\nsecurity.protocol = ssl\nacks=all\n\nstate.backend.type=rocksdb\n"
                     "sasl.password=a=b\n");
    weir_env *env = ENV_OF("-X", "acks=1", "-F", path);
    join_properties(env, text);
    ck_assert_str_eq(text, "client.id=page-views security.protocol=ssl acks=1 sasl.password=a=b");
    ck_assert_str_eq(mistake_of(env), "");
    weir_env_free(env);
    remove(path);
}
END_TEST

START_TEST(mistakes_of_a_property_file_name_its_line)
{
    char path[32];
    char expected[120];
    write_file(path, "acks=all\nsecurity.protocol ssl\n");
    weir_env *env = ENV_OF("-F", path);
    snprintf(expected, sizeof(expected), "%s:2: expected key=value, got \"security.protocol ssl\"",
             path);
    ck_assert_str_eq(mistake_of(env), expected);
    weir_env_free(env);
    remove(path);
    env = ENV_OF("-F", "does/not/exist");
    ck_assert_str_eq(mistake_of(env), "-F: cannot open does/not/exist: No such file or directory");
    weir_env_free(env);
}
END_TEST

START_TEST(mistakes_name_the_option_and_what_was_expected)
{
    static const struct {
        const char *args[3];
        const char *message;
    } cases[] = {
        {{"--sise", "5s"}, "unknown option --sise; did you mean --size? (--help lists all)"},
        {{"--paralelism=2"},
         "unknown option --paralelism; did you mean --parallelism? (--help lists all)"},
        {{"--xyzzy"}, "unknown option --xyzzy (--help lists all)"},
        {{"-z"}, "unknown option -z (--help lists all)"},
        {{"input.json"}, "unexpected argument \"input.json\" (--help lists the options)"},
        {{"--size"}, "option --size needs a value: --size D"},
        {{"--size", "5x"},
         "--size: expected a duration such as 500, 500ms, 10s, 5m, 1h or 7d, got \"5x\""},
        {{"--size=-5s"}, "--size: a duration must not be negative, got \"-5s\""},
        {{"-p", "0"}, "-p: expected an integer from 1 to 128, got \"0\""},
        {{"-p", "129"}, "-p: expected an integer from 1 to 128, got \"129\""},
        {{"-p", "2x"}, "-p: expected an integer from 1 to 128, got \"2x\""},
        {{"--log-level=loud"},
         "--log-level: expected error or warning or info or debug, got \"loud\""},
        {{"--log-format=xml"}, "--log-format: expected text or json, got \"xml\""},
        {{"--rest-port=65536"}, "--rest-port: expected an integer from 0 to 65535, got \"65536\""},
        {{"--scheduler=magic"}, "--scheduler: expected threads or simulation, got \"magic\""},
        {{"--plan=svg"}, "--plan: expected text or dot or json, got \"svg\""},
        {{"-X", "nonsense"}, "-X: expected key=value, got \"nonsense\""},
        {{"--verbose=maybe"}, "--verbose: expected true or false, got \"maybe\""},
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        weir_env *env = env_of(cases[i].args);
        ck_assert_str_eq(mistake_of(env), cases[i].message);
        weir_env_free(env);
    }
}
END_TEST

START_TEST(mistakes_in_the_file_name_its_line)
{
    char path[32];
    char expected[120];
    write_file(path, "size=3s\nsise=4s\n");
    weir_env *env = ENV_OF("--config", path);
    snprintf(expected, sizeof(expected), "%s:2: unknown setting \"sise\"; did you mean size?",
             path);
    ck_assert_str_eq(mistake_of(env), expected);
    weir_env_free(env);
    remove(path);
    write_file(path, "just words\n");
    env = ENV_OF("--config", path);
    snprintf(expected, sizeof(expected), "%s:1: expected key=value, got \"just words\"", path);
    ck_assert_str_eq(mistake_of(env), expected);
    weir_env_free(env);
    remove(path);
    env = ENV_OF("--config", "does/not/exist");
    ck_assert_str_eq(mistake_of(env),
                     "--config: cannot open does/not/exist: No such file or directory");
    weir_env_free(env);
}
END_TEST

START_TEST(an_option_does_not_take_the_value_of_another)
{
    weir_env *env = ENV_OF("--trace", "--size", "--size", "5s");
    ck_assert_str_eq(env->settings.trace, "--size");
    ck_assert_int_eq(weir_option_duration(env, "size", 1, ""), 5000);
    ck_assert_str_eq(mistake_of(env), "");
    weir_env_free(env);
}
END_TEST

/* The text of --help; owned by the caller. */
static char *help_of(const weir_env *env)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    weir__options_help(&env->options, out);
    fclose(out);
    return text;
}

START_TEST(help_lists_what_was_asked_for_and_the_examples)
{
    weir_env *env = ENV_OF("--help");
    ck_assert(env->settings.help);
    weir_env_about(env, "Counts page views.");
    weir_env_example(env, "page-views --size 1m");
    weir_option_duration(env, "size", weir_minutes(5), "length of a window");
    char *text = help_of(env);
    ck_assert_ptr_nonnull(strstr(text, "Usage: page-views [option]...\nCounts page views.\n"));
    ck_assert_ptr_nonnull(strstr(text, "      --size D                 length of a window (5m)\n"));
    ck_assert_ptr_nonnull(strstr(text, "  -p, --parallelism N"));
    ck_assert_ptr_nonnull(strstr(text, "Examples:\n  page-views --size 1m\n"));
    free(text);
    weir_env_free(env);
}
END_TEST

START_TEST(help_shows_what_the_program_itself_sets)
{
    /* What the user says besides does not change what would hold without it. */
    weir_env *env = ENV_OF("--help", "--checkpoint-interval", "7s");
    weir_env_set_checkpoints(env, &(struct weir_checkpoint_config){.interval_ms = 30000,
                                                                   .min_pause_ms = 500,
                                                                   .timeout_ms = 60000,
                                                                   .keep = 5,
                                                                   .limits_failures = true,
                                                                   .tolerable_failures = 2});
    weir_env_set_parallelism(env, 4);
    weir_env_set_restart(env, weir_fixed_delay_restart(3, weir_seconds(10)));
    weir_env_set_state_backend(
        env, &(struct weir_state_backend_config){.type = WEIR_STATE_BACKEND_ROCKSDB});
    weir_env_set_latency_tracking(env, 2000);
    weir_env_set_micro_batch(env, 250);
    char *help = help_of(env);
    static const char *const lines[] = {
        "take a checkpoint this often; 0: none (30s) [WEIR_CHECKPOINT_INTERVAL]\n",
        "least time from the end of one to the next (500ms)\n",
        "one that takes longer has failed (1m)\n",
        "more in a row fail the job; -1: any number is fine (2)\n",
        "how many of the last ones stay (5)\n",
        "subtasks of each operator, 1 to 128 (4) [WEIR_PARALLELISM]\n",
        "failure-rate:3,2h,4m (fixed-delay:3,10s)\n",
        "heap or rocksdb (rocksdb)\n",
        "measure the way to each operator this often; 0: never (2s) [WEIR_LATENCY_INTERVAL]\n",
        "0: each as it comes (250ms)\n",
    };
    for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
        ck_assert_msg(strstr(help, lines[i]) != NULL, "expected %s in: %s", lines[i], help);
    }
    free(help);
    weir_env_free(env);
}
END_TEST

START_TEST(help_keeps_the_defaults_that_a_program_leaves_alone)
{
    weir_env *env = ENV_OF("--help");
    char *before = help_of(env);
    weir_env_set_checkpoints(env, &(struct weir_checkpoint_config){0});
    weir_env_set_restart(env, (struct weir_restart_strategy){0});
    char *help = help_of(env);
    ck_assert_str_eq(help, before);
    free(help);
    free(before);
    weir_env_free(env);
}
END_TEST

START_TEST(env_without_arguments_has_the_defaults)
{
    weir_env *env = weir_env_new(NULL, 0, NULL);
    ck_assert_str_eq(env->job_name, "job");
    ck_assert_int_eq(env->settings.parallelism, 1);
    ck_assert_int_eq(env->settings.buffer_timeout_ms, 100);
    ck_assert_str_eq(env->settings.brokers, "127.0.0.1:9092");
    ck_assert_str_eq(mistake_of(env), "");
    weir_env_free(env);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("graph options");
    TCase *tests = tcase_create("options");
    tcase_add_test(tests, every_form_of_an_option_is_understood);
    tcase_add_test(tests, last_of_several_wins_and_asking_twice_gives_the_same);
    tcase_add_test(tests, program_options_have_their_defaults);
    tcase_add_test(tests, command_line_beats_environment_beats_file_beats_default);
    tcase_add_test(tests, program_does_not_overrule_the_users_parallelism);
    tcase_add_test(tests, client_properties_come_from_the_file_the_environment_and_x);
    tcase_add_test(tests, every_line_of_a_property_file_is_as_with_x_which_wins);
    tcase_add_test(tests, mistakes_of_a_property_file_name_its_line);
    tcase_add_test(tests, mistakes_name_the_option_and_what_was_expected);
    tcase_add_test(tests, mistakes_in_the_file_name_its_line);
    tcase_add_test(tests, an_option_does_not_take_the_value_of_another);
    tcase_add_test(tests, help_lists_what_was_asked_for_and_the_examples);
    tcase_add_test(tests, help_shows_what_the_program_itself_sets);
    tcase_add_test(tests, help_keeps_the_defaults_that_a_program_leaves_alone);
    tcase_add_test(tests, state_backend_is_read_from_flinks_settings_and_kept_from_kafka);
    tcase_add_test(tests, program_does_not_overrule_the_users_state_backend);
    tcase_add_test(tests, latency_markers_are_set_by_flinks_names_and_by_options_which_win);
    tcase_add_test(tests, program_does_not_overrule_the_users_latency_interval);
    tcase_add_test(tests, wrong_state_settings_are_named);
    tcase_add_test(tests, env_without_arguments_has_the_defaults);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
