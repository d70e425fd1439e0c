/*
 * Curses. One erase, one pass over the cells and one doupdate a frame; curses itself sends only
 * what differs.
 *
 * After a crash curses cannot be trusted, so what gives the terminal back is kept ready from the
 * start: the settings of the line, and the strings that leave the other screen and show the cursor
 * again.
 */
#ifndef _XOPEN_SOURCE
#define _XOPEN_SOURCE 700
#endif
#define NCURSES_WIDECHAR 1
#include "terminal.h"

#include "keys.h"

#include <curses.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <term.h>
#include <termios.h>
#include <unistd.h>

/* term.h takes these words for capabilities. */
#undef columns
#undef lines

static struct {
    SCREEN *screen;
    FILE *keys;
    bool open;
    attr_t attributes[VIZ_STYLES];
    short pairs[VIZ_STYLES];
    /* for crashes */
    struct termios before;
    bool before_known;
    char leave[256];
    size_t leave_length;
} terminal;

/* ---- after a crash ---- */

static void keep_string(const char *capability)
{
    const char *text = tigetstr(capability);
    if (text == NULL || text == (const char *)-1) {
        return;
    }
    /* Padding ("$<5>") is for tputs; terminals of today need none. */
    for (; *text != '\0' && terminal.leave_length + 1 < sizeof terminal.leave; text++) {
        if (text[0] == '$' && text[1] == '<') {
            text = strchr(text, '>');
            if (text == NULL) {
                return;
            }
            continue;
        }
        terminal.leave[terminal.leave_length++] = *text;
    }
}

static void on_crash(int number)
{
    if (terminal.open) {
        ssize_t ignored = write(STDOUT_FILENO, terminal.leave, terminal.leave_length);
        (void)ignored;
        if (terminal.before_known) {
            tcsetattr(fileno(terminal.keys), TCSANOW, &terminal.before);
        }
    }
    /* The handler was set with SA_RESETHAND: now the signal does what it does. */
    raise(number);
}

static void watch_crashes(void)
{
    static char stack[1 << 15]; /* the crash may be an overflow of the other one */
    stack_t alternate = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&alternate, NULL);
    static const int crashes[] = {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT};
    for (size_t i = 0; i < sizeof crashes / sizeof crashes[0]; i++) {
        struct sigaction action = {.sa_handler = on_crash,
                                   .sa_flags = (int)(SA_RESETHAND | SA_NODEFER | SA_ONSTACK)};
        sigaction(crashes[i], &action, NULL);
    }
}

/* ---- colours: Okabe and Ito's eight, which most kinds of colour blindness tell apart ---- */

struct look {
    short rich;  /* of 256 colours; -1: the terminal's own */
    short light; /* of 256, on a light background */
    short plain; /* of 8 */
    attr_t attributes;
};

static const struct look looks[VIZ_STYLES] = {
    [VIZ_STYLE_PLAIN] = {-1, -1, -1, A_NORMAL},
    [VIZ_STYLE_DIM] = {-1, -1, -1, A_DIM},
    [VIZ_STYLE_STRONG] = {-1, -1, -1, A_BOLD},
    [VIZ_STYLE_EVENT] = {74, 25, COLOR_CYAN, A_NORMAL},
    [VIZ_STYLE_NEWEST] = {221, 166, COLOR_YELLOW, A_BOLD},
    [VIZ_STYLE_WATERMARK] = {178, 130, COLOR_YELLOW, A_NORMAL},
    [VIZ_STYLE_OPEN] = {74, 25, COLOR_CYAN, A_NORMAL},
    [VIZ_STYLE_FIRED] = {35, 28, COLOR_GREEN, A_BOLD},
    [VIZ_STYLE_LATE] = {166, 166, COLOR_RED, A_BOLD},
    [VIZ_STYLE_MERGE] = {175, 127, COLOR_MAGENTA, A_BOLD},
    [VIZ_STYLE_CHOSEN] = {-1, -1, -1, A_REVERSE},
};

static bool wants_no_color(void)
{
    const char *value = getenv("NO_COLOR");
    return value != NULL && value[0] != '\0';
}

static void choose_colours(enum viz_theme theme)
{
    bool coloured = theme != VIZ_MONO && !wants_no_color() && has_colors();
    if (coloured) {
        start_color();
        use_default_colors();
    }
    for (int style = 0; style < VIZ_STYLES; style++) {
        const struct look *look = &looks[style];
        short colour =
            COLORS >= 256 ? (theme == VIZ_LIGHT ? look->light : look->rich) : look->plain;
        terminal.attributes[style] = look->attributes;
        terminal.pairs[style] = 0;
        if (coloured && colour >= 0) {
            init_pair((short)(style + 1), colour, -1);
            terminal.pairs[style] = (short)(style + 1);
        }
    }
}

/* ---- life ---- */

static FILE *open_keys(void)
{
    int fd = isatty(STDIN_FILENO) ? dup(STDIN_FILENO) : open("/dev/tty", O_RDWR | O_CLOEXEC);
    return fd >= 0 ? fdopen(fd, "r") : NULL;
}

enum weir_status viz_terminal_open(enum viz_theme theme, struct weir_error *error)
{
    const char *name = getenv("TERM");
    bool able =
        isatty(STDOUT_FILENO) && name != NULL && name[0] != '\0' && strcmp(name, "dumb") != 0;
    terminal.keys = able ? open_keys() : NULL;
    if (terminal.keys == NULL) {
        return weir_error_set(error, WEIR_UNSUPPORTED, NULL, "there is no terminal to draw on");
    }
    terminal.before_known = tcgetattr(fileno(terminal.keys), &terminal.before) == 0;
    terminal.screen = newterm(NULL, stdout, terminal.keys);
    if (terminal.screen == NULL) {
        fclose(terminal.keys);
        return weir_error_set(error, WEIR_UNSUPPORTED, name,
                              "the terminal is unknown here; set TERM, or use --plain");
    }
    set_term(terminal.screen);
    static const char *const leaving[] = {"sgr0", "rmkx", "cnorm", "rmcup"};
    for (size_t i = 0; i < sizeof leaving / sizeof leaving[0]; i++) {
        keep_string(leaving[i]);
    }
    terminal.open = true;
    watch_crashes();
    cbreak();
    noecho();
    nonl();
    nodelay(stdscr, TRUE);
    keypad(stdscr, TRUE);
    set_escdelay(25);
    typeahead(-1);
    curs_set(0);
    choose_colours(theme);
    return WEIR_OK;
}

void viz_terminal_close(void)
{
    if (terminal.open) {
        terminal.open = false;
        endwin();
        delscreen(terminal.screen);
        fclose(terminal.keys);
    }
}

int viz_terminal_fd(void)
{
    return fileno(terminal.keys);
}

void viz_terminal_size(struct viz_grid *grid)
{
    int rows = LINES > 0 ? LINES : 1;
    int columns = COLS > 0 ? COLS : 1;
    viz_grid_resize(grid, rows, columns);
}

void viz_terminal_show(const struct viz_grid *grid)
{
    erase();
    for (int row = 0; row < grid->rows; row++) {
        for (int column = 0; column < grid->columns; column++) {
            const struct viz_cell *cell = &grid->cells[row * grid->columns + column];
            if (cell->rune == 0 || (cell->rune == ' ' && cell->style != VIZ_STYLE_CHOSEN)) {
                continue;
            }
            wchar_t text[3] = {(wchar_t)cell->rune, (wchar_t)cell->mark, L'\0'};
            cchar_t drawn;
            if (setcchar(&drawn, text, terminal.attributes[cell->style],
                         terminal.pairs[cell->style], NULL) == OK) {
                mvadd_wch(row, column, &drawn);
            }
        }
    }
    wnoutrefresh(stdscr);
    doupdate();
}

/* ---- keys ---- */

static int translate(wint_t code)
{
    switch (code) {
    case KEY_UP:
        return VIZ_KEY_UP;
    case KEY_DOWN:
        return VIZ_KEY_DOWN;
    case KEY_LEFT:
        return VIZ_KEY_LEFT;
    case KEY_RIGHT:
        return VIZ_KEY_RIGHT;
    case KEY_HOME:
        return VIZ_KEY_HOME;
    case KEY_END:
        return VIZ_KEY_END;
    case KEY_BTAB:
        return VIZ_KEY_BACK_TAB;
    case KEY_NPAGE: /* a presenter's remote */
        return '.';
    case KEY_PPAGE:
        return ',';
    case KEY_ENTER:
        return VIZ_KEY_ENTER;
    case KEY_RESIZE:
        return VIZ_KEY_RESIZE;
    default:
        return VIZ_KEY_NONE;
    }
}

bool viz_terminal_key(int *key)
{
    wint_t code = 0;
    errno = 0;
    int kind = get_wch(&code);
    *key = VIZ_KEY_NONE;
    if (kind == KEY_CODE_YES) {
        *key = translate(code);
    } else if (kind == OK) {
        *key = code == '\r' ? VIZ_KEY_ENTER : (int)code;
    } else {
        return errno == 0 || errno == EAGAIN || errno == EINTR;
    }
    return true;
}
