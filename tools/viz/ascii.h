/*
 * The picture in ASCII, for terminals and locales without UTF-8 (or with --ascii). Glyph and
 * position carry the meaning either way.
 */
#ifndef WEIR_VIZ_ASCII_H
#define WEIR_VIZ_ASCII_H

#include <stdint.h>

/* The ASCII character that stands for `rune`; '?' where there is none. */
uint32_t viz_ascii_of(uint32_t rune);

#endif
