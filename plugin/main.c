/* SPDX-License-Identifier: BSD-3-Clause */
#include "box/box.h"

int main(int argc, char **argv)
{
    return byo_box_main(argc, argv);
}
