/*
 * Signals as readable bytes: SIGINT, SIGTERM, SIGHUP and SIGCHLD wake a poll and are asked for
 * afterwards. SIGPIPE becomes an error of write.
 */
#ifndef WEIR_VIZ_SIGNALS_H
#define WEIR_VIZ_SIGNALS_H

void viz_signals_watch(void);
/* The descriptor to poll. */
int viz_signals_fd(void);
/* Empties the descriptor; returns SIGINT, SIGTERM or SIGHUP when one of them came, else 0. */
int viz_signals_take(void);

#endif
