/*
 * The commands of `weir`. Each lives in tools/<command>/ and exposes
 *
 *     int weir_<command>_main(int argc, char **argv)
 *
 * where argv[0] is "weir <command>". It returns the exit status: 0 success, 1 failure, 2 misuse.
 * Each handles its own --help; results go to stdout, diagnostics to stderr.
 *
 * To add one, write a line in tools/commands.def.
 */
#ifndef WEIR_TOOLS_COMMANDS_H
#define WEIR_TOOLS_COMMANDS_H

struct weir_command {
    const char *name;
    const char *summary; /* half a line, shown by `weir --help` */
    int (*run)(int argc, char **argv);
};

#define WEIR_VERSION "0.1.0"

#define WEIR_COMMAND(name, summary) int weir_##name##_main(int argc, char **argv);
#include "commands.def"
#undef WEIR_COMMAND

#endif
