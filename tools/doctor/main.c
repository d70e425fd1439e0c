/*
 * `weir doctor`: what is installed, what is missing and the exact command that installs it; which
 * broker answers.
 */
#include "base/properties.h"
#include "commands.h"
#include "doctor/doctor.h"

#include <getopt.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { GO_ON = -1, MISUSE = 2 };

static const char usage[] =
    "Usage: weir doctor [-b BROKERS] [-X key=value]… [-F FILE] [--json]\n\n"
    "Says what is installed, what is missing and the command that installs it, what the terminal "
    "can do, and\n"
    "which Kafka broker answers.\n\n"
    "  -b, --brokers HOST:PORT,…  where to look for Kafka (KAFKA_BROKERS, or 127.0.0.1:9092)\n"
    "  -X key=value               a Kafka client property, as librdkafka names it; repeatable\n"
    "  -F FILE                    lines key=value, each as with -X: TLS, passwords\n"
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

/* What the options say. */
struct settings {
    const char *brokers;
    struct weir__vec properties; /* a property list, for the Kafka client */
    bool json;
};

static int misuse(const char *option, const struct weir_error *error)
{
    fprintf(stderr, "weir doctor: %s: %s%s%s\n", option, error->where,
            error->where[0] != '\0' ? ": " : "", error->message);
    return MISUSE;
}

static int examine(const struct settings *settings)
{
    struct report report = {.findings = WEIR__VEC_OF(struct finding)};
    struct weir_error error = {0};
    setlocale(LC_CTYPE, "");
    examine_packages(&report);
    examine_terminal(&report);
    int status = EXIT_SUCCESS;
    if (examine_broker(&report, settings->brokers, (const char *const *)settings->properties.items,
                       &error) != WEIR_OK) {
        status = misuse("-X or -F", &error);
    } else if (settings->json) {
        report_print_json(&report, stdout);
    } else {
        report_print(&report, stdout, wants_colour());
    }
    if (status == EXIT_SUCCESS && !report_is_healthy(&report)) {
        status = EXIT_FAILURE;
    }
    weir__vec_fini(&report.findings);
    return status;
}

/* -1: go on; else the exit status. */
static int read_options(struct settings *settings, int argc, char **argv)
{
    struct weir_error error = {0};
    for (int option; (option = getopt_long(argc, argv, "b:X:F:h", options, NULL)) != -1;) {
        switch (option) {
        case 'b':
            settings->brokers = optarg;
            break;
        case 'X':
            if (weir__property_list_add(&settings->properties, optarg, &error) != WEIR_OK) {
                return misuse("-X", &error);
            }
            break;
        case 'F':
            if (weir__property_list_load(&settings->properties, optarg, &error) != WEIR_OK) {
                return misuse("-F", &error);
            }
            break;
        case 'j':
            settings->json = true;
            break;
        case 'h':
            fputs(usage, stdout);
            return EXIT_SUCCESS;
        default:
            fputs("`weir doctor --help` lists the options.\n", stderr);
            return MISUSE;
        }
    }
    if (optind < argc) {
        fprintf(stderr, "weir doctor: takes no argument, got '%s'\n", argv[optind]);
        return MISUSE;
    }
    weir__property_list_end(&settings->properties);
    return GO_ON;
}

int weir_doctor_main(int argc, char **argv)
{
    struct settings settings = {.brokers = default_brokers(), .properties = WEIR__PROPERTY_LIST};
    int status = read_options(&settings, argc, argv);
    if (status == GO_ON) {
        status = examine(&settings);
    }
    weir__property_list_fini(&settings.properties);
    return status;
}
