/*
 * The closing account of a program.
 */
#include <clickstream/balance.h>

#include <stddef.h>
#include <stdio.h>

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
    printf("sum                    %9lld  %s\n", (long long)sum,
           sum == in ? "✓ every event is accounted for" : "✗ it must be as many as came in");
    if (sum != in) {
        weir_env_fail(env);
    }
}
