/*
 * Never comes back.
 *
 * in: add
 * points: 0
 * seconds: 1
 * text: loop for ever?
 */
static void attack(void)
{
    for (volatile int i = 0;; i = !i) {
    }
}
