/* SPDX-License-Identifier: BSD-3-Clause
 * Decides: which settings of the two ports are allowed and unwise (a warning each), and where smsbox-port listens
 * when nothing says it.
 * Ownership: see keys.h. Threads: none. */
#include "config/keys.h"

#include <strings.h>
#include <sys/stat.h>

#define WARN(group, who, key, ...) \
    byo_key_fault(faults, BYO_FAULT_WARNING, group, who, byo_key_find(group, key), false, __VA_ARGS__)

enum { PASSWORD_MIN = 12 };

/* Of the examples and guides of byobox and Kannel, and the first ones anybody tries. */
static bool is_example(const char *password)
{
    static const char *const known[] = {"change-me", "changeme",     "choose-one",      "foo",
                                        "bar",       "admin",        "administrator",   "password",
                                        "secret",    "status",       "byobox",          "kannel",
                                        "letmein",   "123456789012", "passwordpassword"};
    for (size_t k = 0; k < sizeof known / sizeof *known; k++)
        if (strcasecmp(password, known[k]) == 0)
            return true;
    return false;
}

static bool is_local(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "::1") == 0 || strncmp(host, "127.", 4) == 0;
}

static void check_password(const ByoKeyGroup *group, const char *who, const char *key, const char *password,
                           ByoFaults *faults)
{
    if (!password)
        return;
    if (is_example(password))
        byo_key_fault(
            faults, BYO_FAULT_WARNING, group, who, byo_key_find(group, key), true,
            "it is the password of an example, which everybody knows; `openssl rand -base64 18` makes one");
    else if (strlen(password) < PASSWORD_MIN)
        byo_key_fault(faults, BYO_FAULT_WARNING, group, who, byo_key_find(group, key), true,
                      "it is weak: shorter than %d characters; `openssl rand -base64 18` makes one",
                      PASSWORD_MIN);
}

/* One pattern of a checked list that fits every address. */
static bool lets_all_in(const char *list)
{
    while (*list) {
        size_t n = strcspn(list, ";");
        if (n == 7 && memcmp(list, "*.*.*.*", 7) == 0)
            return true;
        list += n + (list[n] == ';');
    }
    return false;
}

static bool names_others(const char *list)
{
    while (*list) {
        size_t n = strcspn(list, ";");
        bool address = *list == '*' || (*list >= '0' && *list <= '9'); /* else it is told as an error */
        if (address && strncmp(list, "127.", 4) != 0)
            return true;
        list += n + (list[n] == ';');
    }
    return false;
}

/* Whoever has addresses of others in smsbox-allow-ip had the port at all interfaces before there was a key. */
static void default_interface(ByoConf *c, const ByoKeyGroup *group, const char *who, ByoFaults *faults)
{
    if (c->smsbox_interface)
        return;
    bool others = c->smsbox_allow_ip && names_others(c->smsbox_allow_ip);
    c->smsbox_interface = byo_strdup(others ? "0.0.0.0" : "127.0.0.1");
    if (others)
        WARN(group, who, "smsbox-allow-ip",
             "smsbox-interface is not set and other machines' addresses stand here: smsbox-port is open at "
             "all IPv4 "
             "interfaces; the line it needs: smsbox-interface = the address those smsboxes connect to "
             "(0.0.0.0 "
             "keeps all)");
}

static void check_tls(const ByoConf *c, const ByoKeyGroup *group, const char *who, ByoFaults *faults)
{
    struct stat st;

    if (!c->admin_ssl_cert_file != !c->admin_ssl_key_file)
        byo_key_fault(
            faults, BYO_FAULT_ERROR, group, who,
            byo_key_find(group, c->admin_ssl_cert_file ? "admin-ssl-cert-file" : "admin-ssl-key-file"), false,
            "%s is missing: TLS needs both",
            c->admin_ssl_cert_file ? "admin-ssl-key-file" : "admin-ssl-cert-file");
    if (c->admin_ssl_key_file && stat(c->admin_ssl_key_file, &st) == 0 && (st.st_mode & 007))
        WARN(group, who, "admin-ssl-key-file",
             "everybody on this machine may read it (mode %03o): chmod 640 it", (unsigned)st.st_mode & 0777);
}

void byo_conf_check_access(ByoConf *c, const ByoKeyGroup *group, ByoFaults *faults)
{
    const char *who = "group byobox";

    default_interface(c, group, who, faults);
    check_tls(c, group, who, faults);
    if (c->smsbox_allow_ip && lets_all_in(c->smsbox_allow_ip))
        WARN(group, who, "smsbox-allow-ip",
             "it lets everybody in who reaches the port, and smsboxes have no password: name the machines "
             "they are on");
    if (!c->admin_password)
        return; /* the port is shut */
    check_password(group, who, "admin-password", c->admin_password, faults);
    check_password(group, who, "status-password", c->status_password, faults);
    if (c->admin_allow_ip && lets_all_in(c->admin_allow_ip))
        WARN(group, who, "admin-allow-ip",
             "it lets everybody in who reaches the port: name the machines that may");
    if (c->admin_interface && !is_local(c->admin_interface) && !c->admin_ssl_cert_file)
        WARN(group, who, "admin-interface",
             "the admin port is open to other machines without TLS: passwords and texts can be read on the "
             "way; "
             "set admin-ssl-cert-file and admin-ssl-key-file, or keep it at 127.0.0.1 behind a proxy with "
             "TLS");
}
