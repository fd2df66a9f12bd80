/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: see url.h. */
#include "base/url.h"

#include <curl/curl.h>
#include <stdio.h>
#include <string.h>

bool byo_url_check(const char *url, char host[256], bool *tls)
{
    CURLU *u = curl_url();
    char *scheme = NULL, *name = NULL;
    bool good = u && curl_url_set(u, CURLUPART_URL, url, 0) == CURLUE_OK &&
                curl_url_get(u, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
                curl_url_get(u, CURLUPART_HOST, &name, 0) == CURLUE_OK;
    *tls = good && strcmp(scheme, "https") == 0;
    good = good && (*tls || strcmp(scheme, "http") == 0);
    snprintf(host, 256, "%s", good ? name : "");
    curl_free(scheme);
    curl_free(name);
    curl_url_cleanup(u);
    return good;
}
