/* The table of stand-ins: one cell for one cell, so that nothing moves. */
#include "ascii.h"

#include <stddef.h>

static const struct {
    uint32_t rune;
    char ascii;
} table[] = {
    {0x25CF, 'o'}, /* ● an event */
    {0x25C6, '*'}, /* ◆ the newest event */
    {0x25CB, '.'}, /* ○ an event of another key */
    {0x2717, 'x'}, /* ✗ late */
    {0x25BD, 'v'}, /* ▽ a partition's watermark */
    {0x25BC, 'V'}, /* ▼ the watermark */
    {0x25B2, '^'}, /* ▲ */
    {0x25C7, 't'}, /* ◇ a timer */
    {0x25C0, '<'}, /* ◀ */
    {0x25B6, '>'}, /* ▶ */
    {0x2503, '|'}, /* ┃ where the watermark stands */
    {0x2551, '!'}, /* ║ a barrier */
    {0x2588, '#'}, /* █ the position */
    {0x25A0, '#'}, /* ■ */
    {0x2591, '.'}, /* ░ gone */
    {0x00B7, '.'}, /* · */
    {0x2500, '-'}, {0x2501, '='}, {0x2550, '='}, {0x2504, '.'}, {0x2502, '|'}, {0x250C, '+'},
    {0x2510, '+'}, {0x2514, '+'}, {0x2518, '+'}, {0x2534, '+'}, {0x252C, '+'}, {0x2576, '-'},
    {0x2574, '-'}, {0x2192, '>'}, {0x2190, '<'}, {0x2191, '^'}, {0x2193, 'v'}, {0x2026, '~'},
    {0x2212, '-'}, {0x00D7, 'x'}, {0x221E, '8'}, {0x2265, '>'}, {0x2264, '<'}, {0x2019, '\''},
};

uint32_t viz_ascii_of(uint32_t rune)
{
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        if (table[i].rune == rune) {
            return (uint32_t)table[i].ascii;
        }
    }
    return '?';
}
