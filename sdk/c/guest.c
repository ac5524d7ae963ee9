/* The plugin as the host sees it: the canonical ABI of the contract, by hand. */

#include "plugin.h"

#ifdef __wasm__

#include <string.h>

#define IMPORT(module, name)                                                                       \
    __attribute__((import_module("provost:plugin/" module "@1.0.0"), import_name(name)))
#define EXPORT(name) __attribute__((export_name(name)))
#define CHECKS "provost:plugin/checks@1.0.0#"

/* How the types of the contract lie in memory. A string is a `ProvostText`. */

typedef struct List {
    const void *items;
    size_t length;
} List;

typedef struct Option {
    uint8_t is_some;
    ProvostText text;
} Option;

typedef struct Rule {
    ProvostText id, title;
    uint8_t severity;
    ProvostText rationale, remedy;
    List controls;
} Rule;

typedef struct Description {
    ProvostText name, version;
    List rules;
    ProvostText settings_schema;
    List kinds, capabilities;
} Description;

typedef struct Finding {
    ProvostText rule;
    uint32_t document;
    ProvostText pointer, message;
    Option remedy, patch;
} Finding;

typedef struct Inconclusive {
    ProvostText rule;
    uint32_t document;
    ProvostText pointer, reason;
} Inconclusive;

typedef struct Validation {
    uint8_t is_error;
    ProvostText error;
} Validation;

typedef struct Checked {
    uint8_t is_error;
    union {
        ProvostText error;
        struct {
            List findings, inconclusive;
        };
    };
} Checked;

typedef struct Leaf {
    uint8_t is_some;
    _Alignas(8) uint8_t tag;
    union {
        uint8_t boolean;
        int64_t integer;
        double number;
        ProvostText text;
    };
} Leaf;

typedef struct Place {
    ProvostText pointer;
    Leaf leaf;
} Place;

typedef struct Length {
    uint8_t is_some;
    uint32_t length;
} Length;

_Static_assert(sizeof(Rule) == 44 && sizeof(Description) == 48, "the contract");
_Static_assert(sizeof(Finding) == 52 && sizeof(Inconclusive) == 28, "the contract");
_Static_assert(sizeof(Validation) == 12 && sizeof(Checked) == 20, "the contract");
_Static_assert(sizeof(Leaf) == 24 && sizeof(Place) == 32 && sizeof(Length) == 8, "the contract");

/* Imports. */

IMPORT("documents", "[method]document.get")
void host_get(uint32_t handle, const char *pointer, size_t length, Leaf *answer);
IMPORT("documents", "[method]document.select")
void host_select(uint32_t handle, const char *pattern, size_t length, List *answer);
IMPORT("documents", "[method]document.length")
void host_length(uint32_t handle, const char *pointer, size_t length, Length *answer);
IMPORT("documents", "[method]document.keys")
void host_keys(uint32_t handle, const char *pointer, size_t length, List *answer);
IMPORT("documents", "[method]document.to-json")
void host_to_json(uint32_t handle, const char *pointer, size_t length, Option *answer);
IMPORT("logging", "log")
void host_log(uint32_t level, const char *message, size_t length);
IMPORT("lookup", "find")
void host_find(uint32_t near, const char *kind, size_t kind_length, uint32_t is_named,
               const char *name, size_t name_length, List *answer);
IMPORT("lookup", "knows-cluster")
uint32_t host_knows_cluster(void);

/* What the host wrote. */

/* An empty text is a text, wherever it is said to lie. */
static ProvostText given(ProvostText text) {
    return text.length == 0 ? provost_text_of("") : text;
}

static ProvostValue value_of(const Leaf *leaf) {
    if (!leaf->is_some) return (ProvostValue){0};
    switch (leaf->tag) {
    case 0: return (ProvostValue){.kind = PROVOST_NULL};
    case 1: return provost_value_of_boolean(leaf->boolean != 0);
    case 2: return provost_value_of_integer(leaf->integer);
    case 3: return (ProvostValue){.kind = PROVOST_NUMBER, .number = leaf->number};
    case 4: return provost_value_of_text(given(leaf->text));
    default: provost_panic("the host sent a leaf of an unknown type");
    }
}

/* Documents. */

struct ProvostDocument {
    uint32_t handle;
};

static ProvostDocuments documents_of(List handles) {
    ProvostDocument *documents = provost_allocate(handles.length * sizeof(ProvostDocument));
    const ProvostDocument **items = provost_allocate(handles.length * sizeof(*items));
    for (size_t index = 0; index < handles.length; index++) {
        documents[index].handle = ((const uint32_t *)handles.items)[index];
        items[index] = &documents[index];
    }
    return (ProvostDocuments){items, handles.length};
}

ProvostValue(provost_get)(const ProvostDocument *document, ProvostText pointer) {
    Leaf answer;
    host_get(document->handle, pointer.data, pointer.length, &answer);
    return value_of(&answer);
}

ProvostPlaces(provost_select)(const ProvostDocument *document, ProvostText pattern) {
    List answer;
    host_select(document->handle, pattern.data, pattern.length, &answer);
    ProvostPlace *places = provost_allocate(answer.length * sizeof(ProvostPlace));
    for (size_t index = 0; index < answer.length; index++) {
        const Place *place = (const Place *)answer.items + index;
        places[index] = (ProvostPlace){given(place->pointer), value_of(&place->leaf)};
    }
    return (ProvostPlaces){places, answer.length};
}

bool(provost_length)(const ProvostDocument *document, ProvostText pointer, uint32_t *length) {
    Length answer;
    host_length(document->handle, pointer.data, pointer.length, &answer);
    *length = answer.length;
    return answer.is_some != 0;
}

ProvostTexts(provost_keys)(const ProvostDocument *document, ProvostText pointer) {
    List answer;
    host_keys(document->handle, pointer.data, pointer.length, &answer);
    ProvostText *keys = provost_allocate(answer.length * sizeof(ProvostText));
    for (size_t index = 0; index < answer.length; index++) {
        keys[index] = given(((const ProvostText *)answer.items)[index]);
    }
    return (ProvostTexts){keys, answer.length};
}

ProvostText(provost_to_json)(const ProvostDocument *document, ProvostText pointer) {
    Option answer;
    host_to_json(document->handle, pointer.data, pointer.length, &answer);
    return answer.is_some ? answer.text : PROVOST_ANY;
}

/* The host. */

void(provost_log)(ProvostLevel level, ProvostText message) {
    host_log(level, message.data, message.length);
}

ProvostDocuments(provost_lookup_find)(const ProvostDocument *near, ProvostText kind,
                                      ProvostText name) {
    List answer;
    host_find(near->handle, kind.data, kind.length, name.data != NULL, name.data, name.length,
              &answer);
    return documents_of(answer);
}

bool provost_lookup_knows_cluster(void) { return host_knows_cluster() != 0; }

_Noreturn void provost_panic(const char *words) {
    if (provost_asks_for(provost_exported, "log")) {
        host_log(PROVOST_LEVEL_ERROR, words, strlen(words));
    }
    __builtin_trap();
}

/* What the host reads. */

static List strings(const char *const *items) {
    size_t length = 0;
    while (items != NULL && items[length] != NULL) length++;
    ProvostText *texts = provost_allocate(length * sizeof(ProvostText));
    for (size_t index = 0; index < length; index++) texts[index] = provost_text_of(items[index]);
    return (List){texts, length};
}

static Option option(ProvostText text) {
    return (Option){.is_some = text.data != NULL, .text = text};
}

static List rules(const ProvostRule *rules) {
    static const uint8_t SEVERITIES[] = {
        [PROVOST_SEVERITY_INFO] = 0, [PROVOST_SEVERITY_LOW] = 1,      [PROVOST_SEVERITY_MEDIUM] = 2,
        [PROVOST_SEVERITY_HIGH] = 3, [PROVOST_SEVERITY_CRITICAL] = 4,
    };
    size_t length = 0;
    while (rules != NULL && rules[length].id != NULL) length++;
    Rule *answer = provost_allocate(length * sizeof(Rule));
    for (size_t index = 0; index < length; index++) {
        const ProvostRule *rule = &rules[index];
        if (rule->severity >= sizeof(SEVERITIES)) provost_panic("there is no such severity");
        answer[index] = (Rule){
            .id = provost_text_of(rule->id),
            .title = provost_text_of(rule->title),
            .severity = SEVERITIES[rule->severity],
            .rationale = provost_text_of(rule->rationale),
            .remedy = provost_text_of(rule->remedy),
            .controls = strings(rule->controls),
        };
    }
    return (List){answer, length};
}

/* Exports. */

EXPORT("cabi_realloc")
void *cabi_realloc(void *old, size_t old_size, size_t alignment, size_t size) {
    (void)alignment; /* None is larger than the arena's. */
    void *memory = provost_allocate(size);
    return old_size > 0 ? memcpy(memory, old, old_size < size ? old_size : size) : memory;
}

EXPORT(CHECKS "describe")
const Description *provost_guest_describe(void) {
    static const char *const NO_SETTINGS = "{\"type\":\"object\",\"additionalProperties\":false}";
    static Description answer;
    const ProvostPlugin *it = provost_exported;
    answer = (Description){
        .name = provost_text_of(it->name),
        .version = provost_text_of(it->version),
        .rules = rules(it->rules),
        .settings_schema =
            provost_text_of(it->settings_schema != NULL ? it->settings_schema : NO_SETTINGS),
        .kinds = strings(it->kinds),
        .capabilities = strings(it->capabilities),
    };
    return &answer;
}

EXPORT(CHECKS "validate")
const Validation *provost_guest_validate(const char *settings, size_t length) {
    static Validation answer;
    const ProvostError *error = provost_refuse(provost_exported, (ProvostText){settings, length});
    if (error != NULL) answer = (Validation){.is_error = 1, .error = error->reason};
    return &answer;
}

EXPORT(CHECKS "check")
const Checked *provost_guest_check(const uint32_t *handles, size_t count, const char *settings,
                                   size_t length) {
    static Checked answer;
    ProvostDocuments documents = documents_of((List){handles, count});
    const ProvostReport *report =
        provost_run(provost_exported, (ProvostText){settings, length}, documents);
    if (report->failure != NULL) {
        answer = (Checked){.is_error = 1, .error = report->failure->reason};
        return &answer;
    }
    Finding *findings = provost_allocate(report->finding_count * sizeof(Finding));
    for (size_t index = 0; index < report->finding_count; index++) {
        const ProvostFinding *it = &report->findings[index];
        ProvostText patch = it->patch != NULL ? provost_patch_json(it->patch) : PROVOST_ANY;
        findings[index] = (Finding){provost_text_of(it->rule), it->document, it->pointer,
                                    it->message, option(it->remedy), option(patch)};
    }
    Inconclusive *inconclusives =
        provost_allocate(report->inconclusive_count * sizeof(Inconclusive));
    for (size_t index = 0; index < report->inconclusive_count; index++) {
        const ProvostInconclusive *it = &report->inconclusives[index];
        inconclusives[index] = (Inconclusive){provost_text_of(it->rule), it->document, it->pointer,
                                              it->reason};
    }
    answer.findings = (List){findings, report->finding_count};
    answer.inconclusive = (List){inconclusives, report->inconclusive_count};
    return &answer;
}

#endif
