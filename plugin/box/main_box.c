/* SPDX-License-Identifier: BSD-3-Clause
 * byobox's command line: 0 good, 1 bad configuration, 2 usage.
 * Ownership: none. Threads: the main thread. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "box/box.h"
#include "box/daemon.h"
#include "config/config.h"

static const char usage[] =
    "usage: byobox [-v LEVEL] [-t | --render-smsc] FILE\n"
    "  FILE             byobox.conf\n"
    "  -t, --test       check the configuration and say everything that is wrong with it\n"
    "  --render-smsc    print the smsc groups bearerbox needs\n"
    "  -v, --verbosity  what goes to standard error: 0 debug, 1 info, 2 warning, 3 error, 4 panic\n"
    "  -V, --version    print the version\n";

int byo_box_main(int argc, char **argv)
{
    enum { RENDER = 256 };
    static const struct option options[] = {{"test", no_argument, NULL, 't'},
                                            {"render-smsc", no_argument, NULL, RENDER},
                                            {"verbosity", required_argument, NULL, 'v'},
                                            {"version", no_argument, NULL, 'V'},
                                            {"help", no_argument, NULL, 'h'},
                                            {NULL, 0, NULL, 0}};
    int verbosity = -1, mode = 0;
    for (int c; (c = getopt_long(argc, argv, "v:thV", options, NULL)) != -1;) {
        switch (c) {
        case 'v': {
            int64_t level;
            if (!byo_str_int(byo_str(optarg), &level) || level < 0 || level > 4) {
                fprintf(stderr, "byobox: -v %s: allowed are 0 to 4\n", optarg);
                return 2;
            }
            verbosity = (int)level;
            break;
        }
        case 't':
        case RENDER:
            if (mode && mode != c) {
                fprintf(stderr, "byobox: -t and --render-smsc exclude each other\n%s", usage);
                return 2;
            }
            mode = c;
            break;
        case 'V':
            printf("byobox %s\n", BYO_VERSION);
            return 0;
        case 'h':
            fputs(usage, stdout);
            return 0;
        default:
            fputs(usage, stderr);
            return 2;
        }
    }
    if (argc - optind != 1) {
        fputs(usage, stderr);
        return 2;
    }
    if (mode == 't')
        return byo_config_test_command(argv[optind], stderr);
    if (mode == RENDER)
        return byo_config_render_command(argv[optind], stdout, stderr);
    return byo_daemon_run(argv[optind], verbosity);
}
