/*
 * The closing account of a program.
 */
#include <clickstream/balance.h>

#include <stddef.h>
#include <stdio.h>

/* What came before a restart or a restore is in nobody's counters, or in some and not in others. */
static bool began_anew(const weir_env *env)
{
    return weir_metric(env, NULL, "restoredCheckpoint") == 0 &&
           weir_metric(env, NULL, "numRestarts") == 0;
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
    if (!began_anew(env)) {
        printf(
            "sum                    %9lld  since the job went on; what was before is not counted\n",
            (long long)sum);
        return;
    }
    printf("sum                    %9lld  %s\n", (long long)sum,
           sum == in ? "✓ every event is accounted for" : "✗ it must be as many as came in");
    if (sum != in) {
        weir_env_fail(env);
    }
}
