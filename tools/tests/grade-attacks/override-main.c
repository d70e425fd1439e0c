/*
 * Brings a main function that succeeds.
 *
 * in: none
 * points: 0
 * text: page_stats.c defines main for every other file
 */
int main(void)
{
    return 0;
}
