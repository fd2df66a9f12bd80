/* SPDX-License-Identifier: BSD-3-Clause
 * The one place that needs gwlib's strings.
 * Ownership: none kept. Threads: any. */
#include "gwlib/gwlib.h"

#include "base/allow_ip.h"

bool byo_allow_ip(const char *allow, const char *ip)
{
    if (!allow)
        return true;
    Octstr *a = octstr_create(allow);
    Octstr *i = octstr_create(ip);
    bool yes = !connect_denied(a, i);
    octstr_destroy(a);
    octstr_destroy(i);
    return yes;
}
