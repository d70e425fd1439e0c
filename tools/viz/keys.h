/*
 * Keys as numbers: a character is its code point, the others are below. The terminal and the script
 * both speak in these.
 */
#ifndef WEIR_VIZ_KEYS_H
#define WEIR_VIZ_KEYS_H

#include <stdint.h>

enum viz_key_code {
    VIZ_KEY_NONE = 0,
    VIZ_KEY_TAB = '\t',
    VIZ_KEY_ENTER = '\n',
    VIZ_KEY_ESCAPE = 27,
    VIZ_KEY_SPACE = ' ',
    VIZ_KEY_UP = 0x110000,
    VIZ_KEY_DOWN,
    VIZ_KEY_LEFT,
    VIZ_KEY_RIGHT,
    VIZ_KEY_HOME,
    VIZ_KEY_END,
    VIZ_KEY_BACK_TAB,
    VIZ_KEY_RESIZE,
    VIZ_KEY_WAIT, /* in a script: time passes */
};

/* A key of a script, how often it is pressed, and for VIZ_KEY_WAIT how long that is. */
struct viz_press {
    int key;
    int times;
    int64_t wait_ms;
    char name[24]; /* as written */
};

/*
 * Takes the next key off a script: a character is itself; {UP} is a named key (UP DOWN LEFT RIGHT
 * HOME END TAB ENTER ESC SPACE); {20.} is a key pressed twenty times; {WAIT 2s} lets time pass.
 * Returns what is behind it; NULL when there is a mistake, or *script is empty.
 */
const char *viz_script_next(const char *script, struct viz_press *press);

#endif
