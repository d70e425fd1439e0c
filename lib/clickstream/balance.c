/*
 * The closing account of a program.
 */
#include <clickstream/balance.h>

#include <stddef.h>
#include <stdio.h>

/* What came before a restart or a restore is in nobody's counters, or in some and not in others;
 * what a savepoint keeps has come in, and nothing has become of it yet. NULL: nothing of that. */
static const char *why_it_proves_nothing(const weir_env *env)
{
    if (weir_metric(env, NULL, "stoppedWithSavepoint") != 0) {
        return "and what is missing is in the savepoint";
    }
    if (weir_metric(env, NULL, "restoredCheckpoint") != 0 ||
        weir_metric(env, NULL, "numRestarts") != 0) {
        return "since the job went on; what was before is not counted";
    }
    return NULL;
}

void balance_print(weir_env *env, int64_t in, const struct balance_line *lines)
{
    int64_t sum = 0;
    printf("\nevents in              %9lld\n", (long long)in);
    for (const struct balance_line *line = lines; line->what != NULL; line++) {
        if (line->count != 0 || !line->rare) {
            printf("  %-20s %9lld\n", line->what, (long long)line->count);
        }
        sum += line->count;
    }
    const char *why = why_it_proves_nothing(env);
    if (why != NULL) {
        printf("sum                    %9lld  %s\n", (long long)sum, why);
        return;
    }
    printf("sum                    %9lld  %s\n", (long long)sum,
           sum == in ? "✓ every event is accounted for" : "✗ it must be as many as came in");
    if (sum != in) {
        weir_env_fail(env);
    }
}
