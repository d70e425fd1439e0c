/*
 * Never comes back.
 *
 * in: add
 * points: 0
 * seconds: 1
 * text: Your code used up its processor time (1 s): a loop that never ends?
 */
static void attack(void)
{
    for (volatile int i = 0;; i = !i) {
    }
}
