/* SPDX-License-Identifier: BSD-3-Clause
 * Feeds every file of a seed folder to one harness, so that plain `make check` keeps the harnesses alive.
 * Linked with one fuzz_*.c; SEEDS is the folder's name below srcdir, an argument takes its place.
 * Ownership: one file in memory at a time, at its exact size. Threads: none. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int complain(const char *path)
{
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    return -1;
}

static int replay_file(const char *path)
{
    FILE *file = fopen(path, "rb");
    struct stat st;
    uint8_t *data;
    size_t n;

    if (!file || fstat(fileno(file), &st) != 0)
        return complain(path);
    data = malloc(st.st_size > 0 ? (size_t)st.st_size : 1);
    if (!data)
        return complain(path);
    n = fread(data, 1, (size_t)st.st_size, file);
    if (n != (size_t)st.st_size)
        return complain(path);
    fclose(file);
    fprintf(stderr, "%s: %zu octets\n", path, n); /* the last line names the one that crashed */
    LLVMFuzzerTestOneInput(data, n);
    free(data);
    return 0;
}

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static int is_seed(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

int main(int argc, char **argv)
{
    const char *srcdir = getenv("srcdir");
    struct dirent **entries;
    char folder[4096], path[8192];
    int n, failed = 0;

    if (argc > 1)
        snprintf(folder, sizeof(folder), "%s", argv[1]);
    else
        snprintf(folder, sizeof(folder), "%s/%s", srcdir ? srcdir : ".", SEEDS);
    n = scandir(folder, &entries, is_seed, by_name);
    if (n < 0)
        return complain(folder) != 0;
    for (int i = 0; i < n; i++) {
        snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        if (replay_file(path) != 0)
            failed = 1;
        free(entries[i]);
    }
    free(entries);
    if (n == 0) {
        fprintf(stderr, "%s: no seeds\n", folder);
        return 1;
    }
    return failed;
}
