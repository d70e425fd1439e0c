/*
 * SHA-256: blocks of 64 bytes, each mixed into eight words by 64 rounds. Names are the standard's.
 */
#include "base/sha256.h"

#include <stdint.h>
#include <string.h>

enum { BLOCK = 64, ROUNDS = 64 };

/* The first 32 bits of the fractions of the cube roots of the first 64 primes. */
static const uint32_t k[ROUNDS] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

static uint32_t rotated(uint32_t word, int bits)
{
    return word >> bits | word << (32 - bits);
}

static uint32_t big_endian(const unsigned char *at)
{
    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

/* The message schedule: 16 words of the block, and 48 made of those before. */
static void schedule(const unsigned char *block, uint32_t w[ROUNDS])
{
    for (int t = 0; t < 16; t++) {
        w[t] = big_endian(block + t * 4);
    }
    for (int t = 16; t < ROUNDS; t++) {
        uint32_t a = w[t - 15];
        uint32_t b = w[t - 2];
        w[t] = w[t - 16] + (rotated(a, 7) ^ rotated(a, 18) ^ a >> 3) + w[t - 7] +
               (rotated(b, 17) ^ rotated(b, 19) ^ b >> 10);
    }
}

/* One round, whose new a takes the place of h: the next round finds every letter one place on, so
 * that nothing is moved. */
static inline void turn(uint32_t a, uint32_t b, uint32_t c, uint32_t *d, uint32_t e, uint32_t f,
                        uint32_t g, uint32_t *h, uint32_t kw)
{
    uint32_t t1 =
        *h + (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) + ((e & f) ^ (~e & g)) + kw;
    uint32_t t2 = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
    *d += t1;
    *h = t1 + t2;
}

static void mix(uint32_t hash[8], const unsigned char *block)
{
    uint32_t w[ROUNDS];
    uint32_t v[8]; /* a to h */
    schedule(block, w);
    memcpy(v, hash, sizeof v);
    for (int t = 0; t < ROUNDS; t += 8) {
        const uint32_t *ws = w + t;
        const uint32_t *ks = k + t;
        turn(v[0], v[1], v[2], &v[3], v[4], v[5], v[6], &v[7], ks[0] + ws[0]);
        turn(v[7], v[0], v[1], &v[2], v[3], v[4], v[5], &v[6], ks[1] + ws[1]);
        turn(v[6], v[7], v[0], &v[1], v[2], v[3], v[4], &v[5], ks[2] + ws[2]);
        turn(v[5], v[6], v[7], &v[0], v[1], v[2], v[3], &v[4], ks[3] + ws[3]);
        turn(v[4], v[5], v[6], &v[7], v[0], v[1], v[2], &v[3], ks[4] + ws[4]);
        turn(v[3], v[4], v[5], &v[6], v[7], v[0], v[1], &v[2], ks[5] + ws[5]);
        turn(v[2], v[3], v[4], &v[5], v[6], v[7], v[0], &v[1], ks[6] + ws[6]);
        turn(v[1], v[2], v[3], &v[4], v[5], v[6], v[7], &v[0], ks[7] + ws[7]);
    }
    for (int i = 0; i < 8; i++) {
        hash[i] += v[i];
    }
}

/* What is left, a bit that is set, zeros, and the length in bits: one block or two. */
static void finish(uint32_t hash[8], const unsigned char *rest, size_t rest_len, size_t len)
{
    unsigned char last[2 * BLOCK] = {0};
    size_t size = rest_len < BLOCK - 8 ? BLOCK : 2 * BLOCK;
    uint64_t bits = (uint64_t)len * 8;
    if (rest_len > 0) {
        memcpy(last, rest, rest_len);
    }
    last[rest_len] = 0x80;
    for (size_t i = 0; i < 8; i++) {
        last[size - 1 - i] = (unsigned char)(bits >> (8 * i));
    }
    for (size_t at = 0; at < size; at += BLOCK) {
        mix(hash, last + at);
    }
}

void weir__sha256(const void *bytes, size_t len, char text[WEIR__SHA256_TEXT])
{
    static const char digits[] = "0123456789abcdef";
    uint32_t hash[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a,
                        0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};
    const unsigned char *at = bytes;
    size_t left = len;
    for (; left >= BLOCK; left -= BLOCK, at += BLOCK) {
        mix(hash, at);
    }
    finish(hash, at, left, len);
    for (int i = 0; i < 64; i++) {
        text[i] = digits[hash[i / 8] >> (28 - i % 8 * 4) & 0xf];
    }
    text[64] = '\0';
}
