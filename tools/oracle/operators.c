/*
 * What Weir's operators answer to random cases that tools/oracle/Operators.java draws, for
 * comparison with Flink's. A case is a line that names an operator and its settings; each line
 * behind it is a step, and is written back with what came out of the one-operator harness
 * (<weir/harness.h>).
 *
 *     case OPERATOR NUMBER…                      settings as in builders.c
 *     push KEY ID NUMBER TIME, push2 …           an event; what the numbers mean is up to the operator
 *     watermark TIME, watermark1 …, watermark2 …
 *     clock TIME     idle 0|1     restore        a snapshot, and new operators with it
 *     complete ID COUNT                          an asynchronous answer, of so many results
 */
#include "oracle/builders.h"

#include <weir/harness.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static weir_env *env;
static weir_harness *harness;
static int64_t now_ms;

static void close_case(void)
{
    oracle_complete_all();
    weir_harness_free(harness);
    weir_env_free(env);
    harness = NULL;
    env = NULL;
}

/* False: no such operator, or it refuses the settings. */
static bool open_case(const char *name, const int64_t *settings)
{
    close_case();
    now_ms = 0;
    env = weir_env_new("oracle", 0, NULL);
    const weir_stream *out = oracle_build(env, name, settings);
    if (out == NULL) {
        return false;
    }
    harness = weir_harness_new(env, out);
    return weir_harness_error(harness)->code == WEIR_OK;
}

static void push(bool second, const char *key, const int64_t *numbers)
{
    struct step event = {weir_str_from(key), numbers[0], numbers[1]};
    (second ? weir_harness_push2 : weir_harness_push)(harness, &event, numbers[2]);
}

/* False: it is no step. */
static bool take_step(const char *name, const char *key, const int64_t *numbers)
{
    if (strncmp(name, "push", 4) == 0) {
        push(name[4] == '2', key, numbers);
    } else if (strcmp(name, "watermark") == 0) {
        weir_harness_watermark(harness, numbers[0]);
    } else if (strcmp(name, "watermark1") == 0) {
        weir_harness_watermark1(harness, numbers[0]);
    } else if (strcmp(name, "watermark2") == 0) {
        weir_harness_watermark2(harness, numbers[0]);
    } else if (strcmp(name, "clock") == 0) {
        now_ms = numbers[0];
        weir_harness_set_time(harness, now_ms);
    } else if (strcmp(name, "idle") == 0) {
        weir_harness_idle(harness, numbers[0] > 0);
    } else if (strcmp(name, "complete") == 0) {
        oracle_complete(numbers[0], numbers[1]);
        weir_harness_set_time(harness, now_ms); /* the answer is taken */
    } else if (strcmp(name, "restore") == 0) {
        struct weir_str snapshot = weir_harness_snapshot(harness);
        return weir_harness_restore(harness, &snapshot, 1) == WEIR_OK;
    } else {
        return false;
    }
    return true;
}

/* The words of a line: a name, then a key where there is one, then numbers. False: it is misuse. */
static bool take_line(char *line)
{
    int64_t numbers[ORACLE_SETTINGS] = {0};
    size_t count = 0;
    const char *words[2] = {"", ""};
    char *rest = NULL;
    for (char *word = strtok_r(line, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        char *end = NULL;
        int64_t number = strtoll(word, &end, 10);
        if (*end != '\0') {
            words[words[0][0] != '\0'] = word;
        } else if (count < ORACLE_SETTINGS) {
            numbers[count++] = number;
        }
    }
    return strcmp(words[0], "case") == 0
               ? open_case(words[1], numbers)
               : harness != NULL && take_step(words[0], words[1], numbers);
}

int main(void)
{
    char line[400];
    char copy[sizeof(line)];
    int status = EXIT_SUCCESS;
    while (status == EXIT_SUCCESS && fgets(line, sizeof(line), stdin) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        memcpy(copy, line, sizeof(copy));
        if (!take_line(copy)) {
            fprintf(stderr, "weir-oracle: \"%s\" is no case or step: %s\n", line,
                    harness != NULL ? weir_harness_error(harness)->message : "no operator");
            status = EXIT_FAILURE;
        } else {
            printf("%s -> %s\n", line, weir_harness_take_text(harness));
        }
    }
    close_case();
    return status;
}
