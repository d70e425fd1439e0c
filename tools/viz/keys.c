/* Scripts of keys. */
#include "keys.h"

#include "base/utf8.h"

#include <weir/time.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMES_MAX = 1000000 };

static const struct {
    const char *name;
    int key;
} named[] = {
    {"UP", VIZ_KEY_UP},       {"DOWN", VIZ_KEY_DOWN},        {"LEFT", VIZ_KEY_LEFT},
    {"RIGHT", VIZ_KEY_RIGHT}, {"HOME", VIZ_KEY_HOME},        {"END", VIZ_KEY_END},
    {"TAB", VIZ_KEY_TAB},     {"ENTER", VIZ_KEY_ENTER},      {"ESC", VIZ_KEY_ESCAPE},
    {"SPACE", VIZ_KEY_SPACE}, {"BACKTAB", VIZ_KEY_BACK_TAB},
};

static int find_key(const char *text)
{
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++) {
        if (strcmp(text, named[i].name) == 0) {
            return named[i].key;
        }
    }
    uint32_t rune;
    size_t len = strlen(text);
    bool one = len > 0 && weir__utf8_decode(text, len, &rune) == (int)len;
    return one ? (int)rune : VIZ_KEY_NONE;
}

/* What stands between the braces. */
static bool read_braced(const char *text, struct viz_press *press)
{
    if (strncmp(text, "WAIT ", 5) == 0) {
        press->key = VIZ_KEY_WAIT;
        return weir_duration_parse(text + 5, &press->wait_ms, NULL) == WEIR_OK &&
               press->wait_ms >= 0;
    }
    if (text[0] >= '0' && text[0] <= '9' && text[1] != '\0') {
        char *behind;
        long times = strtol(text, &behind, 10);
        press->times = (int)(times < TIMES_MAX ? times : TIMES_MAX);
        text = behind;
    }
    press->key = find_key(text);
    return press->key != VIZ_KEY_NONE;
}

const char *viz_script_next(const char *script, struct viz_press *press)
{
    *press = (struct viz_press){.times = 1};
    const char *end = script[0] == '{' ? strchr(script, '}') : NULL;
    if (end != NULL) {
        size_t len = (size_t)(end - script) - 1;
        if (len >= sizeof press->name) {
            return NULL;
        }
        memcpy(press->name, script + 1, len);
        return read_braced(press->name, press) ? end + 1 : NULL;
    }
    uint32_t rune = 0;
    int len = script[0] != '\0' ? weir__utf8_decode(script, strlen(script), &rune) : 0;
    if (len == 0 || rune == '{') {
        return NULL;
    }
    press->key = (int)rune;
    snprintf(press->name, sizeof press->name, "%.*s", len, script);
    return script + len;
}
