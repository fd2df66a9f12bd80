/* SPDX-License-Identifier: BSD-3-Clause
 * The command line client's main, and nothing else: everything is in the library that tests link. */
#include "byoctl/ctl.h"

int main(int argc, char **argv)
{
    return byo_ctl_main(argc, argv);
}
