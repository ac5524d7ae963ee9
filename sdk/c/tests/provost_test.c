// cc -std=c11 ../*.c provost_test.c -o provost_test && ./provost_test

#include <stdio.h>

#include "../plugin.h"

static int failures, passes;

static void expect(bool holds, const char *what, int line) {
    if (holds) passes++;
    else failures++, printf("provost_test.c:%d: FAILED: %s\n", line, what);
}

#define EXPECT(holds) expect(holds, #holds, __LINE__)
#define SAME(text, expected) expect(same(text, expected), #text, __LINE__)

static bool same(ProvostText text, const char *expected) {
    bool is_same = provost_equal(text, expected);
    if (!is_same) printf("got `%.*s`, not `%s`\n", (int)text.length, text.data, expected);
    return is_same;
}

static void texts(void) {
    SAME(provost_format("a `%` of % and %", "x", provost_text_of("y"), -7), "a `x` of y and -7");
    SAME(provost_format("%", INT64_MIN), "-9223372036854775808");
    SAME(provost_format("none"), "none");
    ProvostText one = {"a\0b", 3}, other = {"a\0c", 3}, before, after;
    EXPECT(!provost_equal(one, other) && !provost_equal(one, "a") && provost_equal(one, one));
    EXPECT(!provost_equal(PROVOST_ANY, "") && provost_equal("", ""));
    EXPECT(provost_starts_with("abc", "ab") && !provost_starts_with("a", "ab"));
    EXPECT(provost_ends_with("abc", "bc") && !provost_ends_with("c", "bc"));
    EXPECT(provost_cut("a:b:c", ":", &before, &after) && same(before, "a") && same(after, "b:c"));
    EXPECT(provost_cut_last("a:b:c", ":", &before, &after) && same(before, "a:b"));
    EXPECT(!provost_cut("abc", ":", &before, &after) && same(before, "abc") && !after.data);
    SAME(provost_escape("a/b~c"), "a~1b~0c");
    SAME(provost_unescape(provost_text_of("a~1b~0c~01~")), "a/b~c~1~");
}

static bool reads(const char *json, const char *expected) {
    ProvostValue value;
    if (!provost_parse(provost_text_of(json), &value)) return expected == NULL;
    return expected != NULL && same(provost_json_of(&value), expected);
}

static void json(void) {
    EXPECT(reads(" { \"a\" : [ 1 , -2.5 , true , null , \"x\" ] , \"9\" : { } } ",
                 "{\"a\":[1,-2.5,true,null,\"x\"],\"9\":{}}"));
    EXPECT(reads("9223372036854775807", "9223372036854775807"));
    EXPECT(reads("9223372036854775808", "9.223372036854776e+18"));
    EXPECT(reads("1.0", "1.0") && reads("1e2", "100.0") && reads("0.1", "0.1"));
    EXPECT(reads("\"\\u00fc\\ud83d\\ude00\\n\\u0000\\/\"", "\"\xc3\xbc\xf0\x9f\x98\x80\\n\\u0000/\""));
    static const char *const WRONG[] = {
        "", " ", "{", "[1,]", "{\"a\"}", "{\"a\":1,}", "01", "1.", "-", "1e", "+1", "nul", "truex",
        "\"", "\"\\", "\"\\u12\"", "\"\\ud800\"", "\"\\udc00\"", "\"\\x\"", "\"\n\"", "[1 2]", "1 2",
        "{1:2}", "\"\\ud800\\u0041\"", "]",
    };
    for (size_t index = 0; index < sizeof(WRONG) / sizeof(*WRONG); index++) {
        expect(reads(WRONG[index], NULL), WRONG[index], __LINE__);
    }
    char deep[2 * 300];
    for (int depth = 0; depth < 300; depth++) deep[depth] = '[', deep[599 - depth] = ']';
    ProvostValue value;
    EXPECT(!provost_parse((ProvostText){deep, 600}, &value));
    EXPECT(provost_parse((ProvostText){deep + 150, 300}, &value));
    EXPECT(provost_member(&value, "a")->kind == PROVOST_NOTHING);
}

static void documents(void) {
    const ProvostDocument *document = provost_memory_document(
        "{\"a/b\": {\"~\": null}, \"n\": 9223372036854775807, \"f\": 1.5, \"*\": \"star\","
        " \"l\": [{\"x\": \"\xc3\xbc\"}, {\"y\": true}]}");
    EXPECT(provost_get(document, "/a~1b/~0").kind == PROVOST_NULL);
    EXPECT(provost_get(document, "/n").integer == INT64_MAX);
    EXPECT(provost_get(document, "/f").number == 1.5);
    SAME(provost_text(document, "/*"), "star");
    static const char *const NOTHING[] = {"", "/l", "/l/2", "/l/00", "/no", "l", "/n/x"};
    for (size_t index = 0; index < sizeof(NOTHING) / sizeof(*NOTHING); index++) {
        EXPECT(provost_get(document, NOTHING[index]).kind == PROVOST_NOTHING);
    }
    ProvostPlaces places = provost_select(document, "/l/*/x");
    EXPECT(places.length == 1 && same(places.items[0].pointer, "/l/0/x") &&
           same(places.items[0].leaf.text, "\xc3\xbc"));
    places = provost_select(document, "/*/~0");
    EXPECT(places.length == 1 && same(places.items[0].pointer, "/a~1b/~0"));
    EXPECT(provost_select(document, "no").length == 0);
    uint32_t length;
    EXPECT(provost_length(document, "/l", &length) && length == 2);
    EXPECT(!provost_length(document, "/n", &length) && !provost_length(document, "/no", &length));
    ProvostTexts keys = provost_keys(document, "");
    EXPECT(keys.length == 5 && same(keys.items[0], "a/b") && same(keys.items[4], "l"));
    SAME(provost_to_json(document, "/l/1"), "{\"y\":true}");
    EXPECT(provost_to_json(document, "/no").data == NULL);
    const ProvostValue *value;
    EXPECT(provost_read(document, "/l", &value) == NULL && value->length == 2);
    EXPECT(provost_read(document, "/no", &value) == NULL && value->kind == PROVOST_NOTHING);
}

static bool is(const ProvostError *error, const char *pointer, const char *reason) {
    return error != NULL && same(error->pointer, pointer) && same(error->reason, reason);
}

static void wrong_types(void) {
    const ProvostDocument *pod = provost_memory_document(
        "{\"spec\": {\"containers\": [{\"name\": \"a\"}, \"odd\"], \"volumes\": null, \"empty\": [],"
        " \"template\": [{}]}, \"none\": null}");
    ProvostTexts items;
    ProvostValue leaf;
    EXPECT(provost_items(pod, "/spec/containers", &items) == NULL && items.length == 2 &&
           same(items.items[1], "/spec/containers/1"));
    EXPECT(provost_items(pod, "/spec/empty", &items) == NULL && items.length == 0);
    EXPECT(provost_items(pod, "/spec/nothing", &items) == NULL && items.length == 0);
    EXPECT(provost_items(pod, "/none/at/all", &items) == NULL && items.length == 0);
    EXPECT(is(provost_items(pod, "/spec/volumes", &items), "/spec/volumes",
              "`volumes` is not a list"));
    EXPECT(is(provost_items(pod, "/spec/containers/0", &items), "/spec/containers/0",
              "item 0 is not a list"));
    EXPECT(is(provost_items(pod, "/spec/template/spec/x", &items), "/spec/template",
              "`template` is not a mapping"));
    EXPECT(is(provost_items(pod, "/spec/empty/spec", &items), "/spec/empty",
              "`empty` is not a mapping"));
    EXPECT(provost_leaf(pod, "/spec/containers/0/name", &leaf) == NULL && same(leaf.text, "a"));
    static const char *const MISSING[] = {"/none", "/none/a", "/spec/containers/0/a/b",
                                          "/spec/containers/9/name"};
    for (size_t index = 0; index < sizeof(MISSING) / sizeof(*MISSING); index++) {
        EXPECT(provost_leaf(pod, MISSING[index], &leaf) == NULL && leaf.kind == PROVOST_NOTHING);
    }
    EXPECT(is(provost_leaf(pod, "/spec/containers/1/name", &leaf), "/spec/containers/1",
              "item 1 is not a mapping"));
    EXPECT(is(provost_leaf(pod, "/spec/containers", &leaf), "/spec/containers",
              "`containers` is not a leaf"));
    EXPECT(is(provost_leaf(pod, "", &leaf), "", "the document is not a leaf"));
}

static void patches(void) {
    ProvostPatch *patch = provost_patch_test(provost_patch(), "/a", provost_value_of_json("null"));
    patch = provost_patch_add(patch, "/b\"", provost_value_of_text("<\n>"));
    patch = provost_patch_replace(patch, "/c", provost_value_of_integer(1));
    SAME(provost_patch_json(provost_patch_remove(patch, "/d")),
         "[{\"op\":\"test\",\"path\":\"/a\",\"value\":null},"
         "{\"op\":\"add\",\"path\":\"/b\\\"\",\"value\":\"<\\n>\"},"
         "{\"op\":\"replace\",\"path\":\"/c\",\"value\":1},{\"op\":\"remove\",\"path\":\"/d\"}]");
}

/* A plugin that counts replicas. */

static const ProvostError *refuse(const ProvostValue *settings) {
    bool is_high = provost_member(settings, "minimum")->integer > 99;
    return is_high ? provost_failure("`minimum` is above 99") : NULL;
}

static const ProvostError *judge(const ProvostDocument *document, const ProvostValue *settings,
                                 ProvostReport *report) {
    ProvostValue replicas;
    const ProvostError *error = provost_leaf(document, "/spec/replicas", &replicas);
    if (error != NULL) return error;
    if (replicas.kind == PROVOST_NOTHING) return NULL;
    if (replicas.kind != PROVOST_INTEGER) return provost_mismatch("/spec/replicas", "is no number");
    if (replicas.integer == 13) return provost_failure("thirteen");
    if (replicas.integer < provost_member(settings, "minimum")->integer) {
        provost_add(report, (ProvostFinding){.rule = "enough",
                                             .pointer = provost_text_of("/spec/replicas"),
                                             .message = provost_text_of("too few")});
    }
    return NULL;
}

static const ProvostPlugin replicas = {
    .name = "replicas",
    .version = "1.0.0",
    .rules = PROVOST_RULES({.id = "enough"}, {.id = "another"}),
    .defaults = "{\"minimum\": 2}",
    .validate = refuse,
    .check = judge,
};

static void checks(void) {
    const ProvostDocument *two = provost_memory_document("{\"spec\": {\"replicas\": 2}}");
    const ProvostDocument *text = provost_memory_document("{\"spec\": {\"replicas\": \"two\"}}");
    const ProvostDocument *none = provost_memory_document("{}");
    const ProvostDocument *bad = provost_memory_document("{\"spec\": {\"replicas\": 13}}");
    const ProvostReport *report = provost_check(&replicas, "{\"minimum\": 3}",
                                                PROVOST_DOCUMENTS(none, two), PROVOST_NO_CLUSTER);
    EXPECT(report->finding_count == 1 && report->findings[0].document == 1);
    report = provost_check(&replicas, "", PROVOST_DOCUMENTS(two, text), PROVOST_NO_CLUSTER);
    EXPECT(report->finding_count == 0 && report->inconclusive_count == 2);
    EXPECT(report->inconclusives[1].document == 1 && report->failure == NULL);
    SAME(provost_text_of(report->inconclusives[1].rule), "another");
    report = provost_check(&replicas, "{}", PROVOST_DOCUMENTS(bad, two), PROVOST_NO_CLUSTER);
    EXPECT(report->failure != NULL && same(report->failure->reason, "thirteen"));
    EXPECT(provost_validate(&replicas, "{\"minimum\": 1}") == NULL);
    SAME(provost_validate(&replicas, "{\"minimum\": 100}")->reason, "`minimum` is above 99");
    SAME(provost_validate(&replicas, "[]")->reason, "the settings are no mapping in JSON");
}

static size_t seen;

static const ProvostError *look(const ProvostDocument *near, const ProvostValue *settings,
                                ProvostReport *report) {
    (void)settings, (void)report;
    seen = provost_lookup_find(near, "Namespace", PROVOST_ANY).length * 1000 +
           provost_lookup_find(near, "Deployment", PROVOST_ANY).length * 100 +
           provost_lookup_find(near, "apps/Deployment", "d").length * 10 +
           provost_lookup_find(near, "/Deployment", "d").length;
    EXPECT(provost_lookup_knows_cluster());
    provost_log(PROVOST_LEVEL_INFO, "looked");
    return NULL;
}

static void lookups(void) {
    const ProvostDocument *near =
        provost_memory_document("{\"kind\": \"Pod\", \"metadata\": {\"namespace\": \"web\"}}");
    ProvostDocuments others = PROVOST_DOCUMENTS(
        provost_memory_document(
            "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"web\"}}"),
        provost_memory_document(
            "{\"apiVersion\": \"v1\", \"kind\": \"Namespace\", \"metadata\": {\"name\": \"db\"}}"),
        provost_memory_document("{\"apiVersion\": \"apps/v1\", \"kind\": \"Deployment\","
                                " \"metadata\": {\"name\": \"d\", \"namespace\": \"web\"}}"),
        provost_memory_document("{\"apiVersion\": \"apps/v1\", \"kind\": \"Deployment\","
                                " \"metadata\": {\"name\": \"d\", \"namespace\": \"db\"}}"));
    ProvostPlugin plugin = {.check = look, .capabilities = PROVOST_STRINGS("log", "lookup")};
    provost_check(&plugin, "", PROVOST_DOCUMENTS(near), others);
    EXPECT(seen == 1110);
    EXPECT(provost_logged().length == 1 && same(provost_logged().items[0], "looked"));
    plugin.capabilities = PROVOST_STRINGS("log", "lookup-all");
    provost_check(&plugin, "", PROVOST_DOCUMENTS(near), others);
    EXPECT(seen == 2220);
}

int main(void) {
    texts();
    json();
    documents();
    wrong_types();
    patches();
    checks();
    lookups();
    provost_free();
    printf("%d passed, %d failed\n", passes, failures);
    return failures == 0 ? 0 : 1;
}
