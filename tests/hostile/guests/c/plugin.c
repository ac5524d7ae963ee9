/* Does what a document says at `/do`. */

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "provost.h"

static int deeper(volatile int depth) {
    volatile int place[100] = {depth};
    return place[7] + deeper(depth + 1) + place[9];
}

static void add(ProvostReport *report, ProvostText message) {
    provost_add(report, (ProvostFinding){
        .rule = "hostile", .pointer = provost_text_of(""), .message = message});
}

static const ProvostError *check(const ProvostDocument *document, const ProvostValue *settings,
                                 ProvostReport *report) {
    (void)settings;
    ProvostText what = provost_text(document, "/do");
    volatile int most = INT_MAX;
    if (provost_equal(what, "loop")) {
        while (most) continue;
    } else if (provost_equal(what, "grow")) {
        for (;;) memset(provost_allocate(1 << 20), 1, 1 << 20);
    } else if (provost_equal(what, "recurse")) {
        deeper(1);
    } else if (provost_equal(what, "flood")) {
        for (int count = 0; count < 2000; count++) add(report, provost_text_of("again"));
    } else if (provost_equal(what, "shout")) {
        char *data = provost_allocate(2 << 20);
        add(report, (ProvostText){memset(data, 'a', 2 << 20), 2 << 20});
    } else if (provost_equal(what, "log")) {
        for (int count = 0; count < 1000; count++) provost_log(PROVOST_LEVEL_INFO, "again");
    } else if (provost_equal(what, "fail")) {
        return provost_failure("oh no");
    } else if (provost_equal(what, "exit")) {
        exit(0);
    } else if (provost_equal(what, "overflow")) {
        most = most + 1;
    } else if (provost_equal(what, "nowhere")) {
        const int *nowhere = (const int *)(what.length - strlen("nowhere"));
        most = *nowhere;
    } else if (provost_equal(what, "bytes")) {
        add(report, provost_text_of("\xff"));
    } else if (provost_equal(what, "format")) {
        add(report, provost_format("% and %", what));
    }
    return NULL;
}

const ProvostPlugin plugin = {
    .name = "hostile",
    .version = "0.1.0",
    .capabilities = PROVOST_STRINGS("log"),
    .rules = PROVOST_RULES({.id = "hostile", .title = "Nothing is done"}),
    .check = check,
};

PROVOST_EXPORT(plugin);
