/* The plugin as a function, without WebAssembly. What it answers in full is in ../cases.yaml. */

#include <stdio.h>

#include "provost.h"

static int failures;

static void expect(bool holds, const char *what) {
    printf("%s  %s\n", holds ? "ok    " : "FAILED", what);
    failures += !holds;
}

static const ProvostReport *check(const char *container, const char *settings, const char *exempt) {
    const ProvostDocument *pod = provost_memory_document(provost_format(
        "{\"apiVersion\": \"v1\", \"kind\": \"Pod\", \"metadata\": {\"name\": \"shop\","
        " \"namespace\": \"legacy\"}, \"spec\": {\"containers\": [%]}}", container));
    const ProvostDocument *namespace = provost_memory_document(provost_format(
        "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"%\","
        " \"labels\": {\"image-policy.example/exempt\": \"true\"}}}", exempt));
    return provost_check(provost_exported, settings, PROVOST_DOCUMENTS(pod),
                         PROVOST_DOCUMENTS(namespace));
}

/* Does it find just this, in the only container? */
static bool finds(const char *container, const char *settings, const char *rule) {
    const ProvostReport *report = check(container, settings, "other");
    if (rule == NULL) return report->finding_count + report->inconclusive_count == 0;
    return report->finding_count == 1 &&
           provost_equal(provost_text_of(report->findings[0].rule), rule);
}

int main(void) {
    expect(finds("{\"image\": \"registry.example/app:1\"}", "", NULL), "an image that is fine");
    expect(finds("{\"image\": \"registry.example/app\"}", "", "image-is-pinned"), "no tag");
    expect(finds("{\"image\": \"a.example:5000/app\"}", "{\"registries\": [\"a.example:5000/\"]}",
                 "image-is-pinned"), "no tag, but a port");
    expect(finds("{\"image\": \"a.example/app:1\"}", "", "image-from-trusted-registry"),
           "an image from elsewhere");
    expect(finds("{\"image\": \"registry.example/app:1\"}", "{\"requireDigest\": true}",
                 "image-is-pinned"), "a digest can be required");
    const ProvostReport *report = check(
        "{\"image\": \"registry.example/app:1\", \"imagePullPolicy\": \"Never\"}", "", "other");
    expect(report->finding_count == 1 &&
               provost_equal(provost_patch_json(report->findings[0].patch),
                             "[{\"op\":\"replace\",\"path\":\"/spec/containers/0/imagePullPolicy\","
                             "\"value\":\"IfNotPresent\"}]"),
           "an image that is never pulled comes with a patch");
    report = check("{\"image\": 7}", "", "other");
    expect(report->finding_count == 0 && report->inconclusive_count == 3,
           "what is not text is not judged");
    report = check("{\"image\": \"a.example/app:1\"}", "", "legacy");
    expect(report->finding_count == 0 && provost_logged().length == 1 &&
               provost_equal(provost_logged().items[0], "namespace `legacy` is exempt"),
           "a namespace can be exempt");
    const ProvostError *error =
        provost_validate(provost_exported, "{\"registries\": [\"registry.example\"]}");
    expect(error != NULL, "a registry ends with a slash");
    provost_free();
    return failures == 0 ? 0 : 1;
}
