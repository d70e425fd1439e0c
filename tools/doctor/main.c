/*
 * `weir doctor`: what is installed, what is missing and the exact command that installs it; which
 * broker answers.
 */
#include "commands.h"
#include "doctor/doctor.h"

#include <getopt.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "Usage: weir doctor [-b BROKERS] [--json]\n\n"
    "Says what is installed, what is missing and the command that installs it, what the terminal "
    "can do, and\n"
    "which Kafka broker answers.\n\n"
    "  -b, --brokers HOST:PORT,…  where to look for Kafka (KAFKA_BROKERS, or 127.0.0.1:9092)\n"
    "      --json                 the same as JSON\n"
    "  -h, --help                 this text\n\n"
    "Exit status: 0 everything required is here, 1 something is missing, 2 misuse.\n"
    "To install what is missing in one go: tools/setup (--test, --dev for more).\n";

static const struct option options[] = {
    {"brokers", required_argument, NULL, 'b'},
    {"json", no_argument, NULL, 'j'},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

static const char *default_brokers(void)
{
    const char *brokers = getenv("KAFKA_BROKERS");
    return brokers != NULL && *brokers != '\0' ? brokers : "127.0.0.1:9092";
}

static bool wants_colour(void)
{
    const char *no_colour = getenv("NO_COLOR");
    return isatty(STDOUT_FILENO) && (no_colour == NULL || *no_colour == '\0');
}

static int examine(const char *brokers, bool json)
{
    struct report report = {.findings = WEIR__VEC_OF(struct finding)};
    setlocale(LC_CTYPE, "");
    examine_packages(&report);
    examine_terminal(&report);
    examine_broker(&report, brokers);
    if (json) {
        report_print_json(&report, stdout);
    } else {
        report_print(&report, stdout, wants_colour());
    }
    bool healthy = report_is_healthy(&report);
    weir__vec_fini(&report.findings);
    return healthy ? EXIT_SUCCESS : EXIT_FAILURE;
}

int weir_doctor_main(int argc, char **argv)
{
    const char *brokers = default_brokers();
    bool json = false;
    for (int option; (option = getopt_long(argc, argv, "b:h", options, NULL)) != -1;) {
        switch (option) {
        case 'b':
            brokers = optarg;
            break;
        case 'j':
            json = true;
            break;
        case 'h':
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        default:
            fputs("`weir doctor --help` lists the options.\n", stderr);
            return 2;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "weir doctor: takes no argument, got '%s'\n", argv[optind]);
        return 2;
    }
    return examine(brokers, json);
}
