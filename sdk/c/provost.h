/*
 * Write a Provost plugin in C (C11).
 *
 * A plugin is a `ProvostPlugin` and a line that exports it. It is given one document at a time,
 * has no files, network, clock or randomness, and says what it found. What cannot be read cannot
 * be judged: return `provost_mismatch(...)`, which makes every rule unknown about the document.
 *
 * Nothing is ever freed: memory comes from an arena that ends with the call. Where a function
 * takes a text, a string literal or another `const char *` will do.
 */
#ifndef PROVOST_H
#define PROVOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Text. */

/* UTF-8 that may hold any character, so its end is where `length` says and no NUL marks it. Where
 * there is no text, `data` is NULL; in an empty text it is not. */
typedef struct ProvostText {
    const char *data;
    size_t length;
} ProvostText;

typedef struct ProvostTexts {
    const ProvostText *items;
    size_t length;
} ProvostTexts;

ProvostText provost_text_of(const char *string);
ProvostText provost_text_of_integer(int64_t integer);
ProvostText provost_text_itself(ProvostText text);

/* A literal, another string, an integer or a text, as a text. */
#define PROVOST_TEXT_OF(value)                                                                     \
    _Generic((value),                                                                              \
        ProvostText: provost_text_itself,                                                          \
        char *: provost_text_of,                                                                   \
        const char *: provost_text_of,                                                             \
        int: provost_text_of_integer,                                                              \
        unsigned: provost_text_of_integer,                                                         \
        long: provost_text_of_integer,                                                             \
        unsigned long: provost_text_of_integer,                                                    \
        long long: provost_text_of_integer)(value)

/* `provost_format("% of %", a, b)`: every `%` is the next value, which is what `PROVOST_TEXT_OF`
 * takes, up to eight; for the sign itself give "%". Too few or too many of them end the call. */
#define provost_format(...)                                                                        \
    provost_format_texts((const ProvostText[]){PROVOST_EACH(__VA_ARGS__)},                         \
                         sizeof((const ProvostText[]){PROVOST_EACH(__VA_ARGS__)}) /                \
                             sizeof(ProvostText))
ProvostText provost_format_texts(const ProvostText *texts, size_t count);

bool provost_equal(ProvostText one, ProvostText other);
#define provost_equal(one, other) provost_equal(PROVOST_TEXT_OF(one), PROVOST_TEXT_OF(other))
bool provost_starts_with(ProvostText text, ProvostText start);
#define provost_starts_with(text, start)                                                           \
    provost_starts_with(PROVOST_TEXT_OF(text), PROVOST_TEXT_OF(start))
bool provost_ends_with(ProvostText text, ProvostText end);
#define provost_ends_with(text, end) provost_ends_with(PROVOST_TEXT_OF(text), PROVOST_TEXT_OF(end))
/* What is before and after the first, or the last, place of a separator. Where there is none, all
 * is before it, nothing is after it, and the answer is false. */
bool provost_cut(ProvostText text, ProvostText separator, ProvostText *before, ProvostText *after);
#define provost_cut(text, separator, before, after)                                                \
    provost_cut(PROVOST_TEXT_OF(text), PROVOST_TEXT_OF(separator), before, after)
bool provost_cut_last(ProvostText text, ProvostText separator, ProvostText *before,
                      ProvostText *after);
#define provost_cut_last(text, separator, before, after)                                           \
    provost_cut_last(PROVOST_TEXT_OF(text), PROVOST_TEXT_OF(separator), before, after)
/* A key as a token of a pointer (RFC 6901). */
ProvostText provost_escape(ProvostText key);
#define provost_escape(key) provost_escape(PROVOST_TEXT_OF(key))

/* Values. */

typedef enum ProvostKind {
    PROVOST_NOTHING,
    PROVOST_NULL,
    PROVOST_BOOLEAN,
    PROVOST_INTEGER, /* Of 64 bits. */
    PROVOST_NUMBER,  /* Any other number. */
    PROVOST_TEXT,
    PROVOST_LIST,
    PROVOST_MAPPING,
} ProvostKind;

typedef struct ProvostValue ProvostValue;
struct ProvostValue {
    ProvostKind kind;
    ProvostText key; /* Of an entry of a mapping. */
    union {
        bool boolean;
        int64_t integer;
        double number;
        ProvostText text;
        struct { /* Items of a list, entries of a mapping. */
            const ProvostValue *items;
            size_t length;
        };
    };
};

/* The entry of a mapping; `PROVOST_NOTHING`, never NULL, where there is none. */
const ProvostValue *provost_member(const ProvostValue *mapping, ProvostText key);
#define provost_member(mapping, key) provost_member(mapping, PROVOST_TEXT_OF(key))

ProvostValue provost_value_of_text(ProvostText text);
#define provost_value_of_text(text) provost_value_of_text(PROVOST_TEXT_OF(text))
ProvostValue provost_value_of_integer(int64_t integer);
ProvostValue provost_value_of_boolean(bool boolean);
/* Any value, as JSON; text that is none ends the call. */
ProvostValue provost_value_of_json(ProvostText json);
#define provost_value_of_json(json) provost_value_of_json(PROVOST_TEXT_OF(json))
/* JSON without blanks. */
ProvostText provost_json_of(const ProvostValue *value);

/* Documents. Pointers are RFC 6901; "" is the whole object. */

typedef struct ProvostDocument ProvostDocument;

typedef struct ProvostDocuments {
    const ProvostDocument *const *items;
    size_t length;
} ProvostDocuments;

typedef struct ProvostPlace {
    ProvostText pointer;
    ProvostValue leaf; /* `PROVOST_NOTHING` for a list or mapping. */
} ProvostPlace;

typedef struct ProvostPlaces {
    const ProvostPlace *items;
    size_t length;
} ProvostPlaces;

/* Why a document, or a whole call, cannot be judged; NULL where all is well. */
typedef struct ProvostError {
    ProvostText pointer; /* Without one, it is the call. */
    ProvostText reason;
} ProvostError;

/* A value that is not what the plugin reads: every rule is unknown about the document. */
const ProvostError *provost_mismatch(ProvostText pointer, ProvostText reason);
#define provost_mismatch(pointer, reason)                                                          \
    provost_mismatch(PROVOST_TEXT_OF(pointer), PROVOST_TEXT_OF(reason))
/* Something that should not be: every rule is unknown, and so is all that was found. */
const ProvostError *provost_failure(ProvostText reason);
#define provost_failure(reason) provost_failure(PROVOST_TEXT_OF(reason))

/* The leaf; `PROVOST_NOTHING` when there is nothing or a list or mapping. */
ProvostValue provost_get(const ProvostDocument *document, ProvostText pointer);
#define provost_get(document, pointer) provost_get(document, PROVOST_TEXT_OF(pointer))
/* Every place that matches a pointer in which a token may be `*` (any item, any key). */
ProvostPlaces provost_select(const ProvostDocument *document, ProvostText pattern);
#define provost_select(document, pattern) provost_select(document, PROVOST_TEXT_OF(pattern))
/* The number of items or keys; false for anything else. */
bool provost_length(const ProvostDocument *document, ProvostText pointer, uint32_t *length);
#define provost_length(document, pointer, length)                                                  \
    provost_length(document, PROVOST_TEXT_OF(pointer), length)
/* The keys of a mapping, in source order. */
ProvostTexts provost_keys(const ProvostDocument *document, ProvostText pointer);
#define provost_keys(document, pointer) provost_keys(document, PROVOST_TEXT_OF(pointer))
/* The value as JSON text; no text when there is nothing. */
ProvostText provost_to_json(const ProvostDocument *document, ProvostText pointer);
#define provost_to_json(document, pointer) provost_to_json(document, PROVOST_TEXT_OF(pointer))
/* The text; no text when there is nothing or something else. */
ProvostText provost_text(const ProvostDocument *document, ProvostText pointer);
#define provost_text(document, pointer) provost_text(document, PROVOST_TEXT_OF(pointer))
/* The value with all that is in it; `PROVOST_NOTHING`, never NULL, when there is nothing. A
 * mismatch when it is nested too deeply to be read. */
const ProvostError *provost_read(const ProvostDocument *document, ProvostText pointer,
                                 const ProvostValue **value);
#define provost_read(document, pointer, value)                                                     \
    provost_read(document, PROVOST_TEXT_OF(pointer), value)
/* The leaf; `PROVOST_NOTHING` where it, or something on the way to it, is missing or `null`. A
 * mismatch where one of them has another type. */
const ProvostError *provost_leaf(const ProvostDocument *document, ProvostText pointer,
                                 ProvostValue *leaf);
#define provost_leaf(document, pointer, leaf)                                                      \
    provost_leaf(document, PROVOST_TEXT_OF(pointer), leaf)
/* The pointers of the items of a list, none where it is missing. A mismatch where it is something
 * else (`null` too), or something on the way to it has a wrong type. */
const ProvostError *provost_items(const ProvostDocument *document, ProvostText pointer,
                                  ProvostTexts *items);
#define provost_items(document, pointer, items)                                                    \
    provost_items(document, PROVOST_TEXT_OF(pointer), items)

/* Reports. */

/* A suggested RFC 6902 patch; each function adds an operation and returns the same patch. */
typedef struct ProvostPatch ProvostPatch;
ProvostPatch *provost_patch(void);
ProvostPatch *provost_patch_add(ProvostPatch *patch, ProvostText pointer, ProvostValue value);
#define provost_patch_add(patch, pointer, value)                                                   \
    provost_patch_add(patch, PROVOST_TEXT_OF(pointer), value)
ProvostPatch *provost_patch_replace(ProvostPatch *patch, ProvostText pointer, ProvostValue value);
#define provost_patch_replace(patch, pointer, value)                                               \
    provost_patch_replace(patch, PROVOST_TEXT_OF(pointer), value)
ProvostPatch *provost_patch_test(ProvostPatch *patch, ProvostText pointer, ProvostValue value);
#define provost_patch_test(patch, pointer, value)                                                  \
    provost_patch_test(patch, PROVOST_TEXT_OF(pointer), value)
ProvostPatch *provost_patch_remove(ProvostPatch *patch, ProvostText pointer);
#define provost_patch_remove(patch, pointer) provost_patch_remove(patch, PROVOST_TEXT_OF(pointer))
/* The patch as JSON text. */
ProvostText provost_patch_json(const ProvostPatch *patch);

/* One violation, at a pointer that may name a missing field. */
typedef struct ProvostFinding {
    const char *rule;
    ProvostText pointer;
    ProvostText message;
    ProvostText remedy;        /* No text for the rule's own. */
    const ProvostPatch *patch; /* May be NULL. */
    uint32_t document;         /* `provost_add` sets it. */
} ProvostFinding;

/* Something that a rule could not judge. */
typedef struct ProvostInconclusive {
    const char *rule;
    uint32_t document;
    ProvostText pointer;
    ProvostText reason;
} ProvostInconclusive;

/* What a call saw. */
typedef struct ProvostReport {
    ProvostFinding *findings;
    size_t finding_count, finding_room;
    ProvostInconclusive *inconclusives;
    size_t inconclusive_count, inconclusive_room;
    const ProvostError *failure; /* Of the whole call. */
    uint32_t document;
} ProvostReport;

/* A violation in the document that is being judged. */
void provost_add(ProvostReport *report, ProvostFinding finding);
/* One rule cannot judge the document that is being judged. */
void provost_inconclusive(ProvostReport *report, const char *rule, const ProvostError *mismatch);

/* Plugins. */

typedef enum ProvostSeverity {
    PROVOST_SEVERITY_MEDIUM, /* Unless another is given. */
    PROVOST_SEVERITY_INFO,
    PROVOST_SEVERITY_LOW,
    PROVOST_SEVERITY_HIGH,
    PROVOST_SEVERITY_CRITICAL,
} ProvostSeverity;

/* One rule, as people see it; `id` is kebab-case, `controls` are `framework:id`. */
typedef struct ProvostRule {
    const char *id, *title;
    ProvostSeverity severity;
    const char *rationale, *remedy;
    const char *const *controls;
} ProvostRule;

/* What a plugin is and does. Lists are made with the macros below, or NULL. */
typedef struct ProvostPlugin {
    const char *name, *version;
    const ProvostRule *rules;
    /* The kinds it wants to see, as `Kind` or `group/Kind`; all unless given. */
    const char *const *kinds;
    /* What it asks for: `log`, `lookup` or `lookup-all`. */
    const char *const *capabilities;
    /* JSON Schema (draft 2020-12) of the settings; none are allowed unless it is given. */
    const char *settings_schema;
    /* What settings are where the gate file says nothing: a mapping, as JSON text. */
    const char *defaults;
    /* Refuses settings that the schema cannot refuse, with a failure; may be NULL. */
    const ProvostError *(*validate)(const ProvostValue *settings);
    /* Judges one document. */
    const ProvostError *(*check)(const ProvostDocument *document, const ProvostValue *settings,
                                 ProvostReport *report);
} ProvostPlugin;

#define PROVOST_RULES(...) ((const ProvostRule[]){__VA_ARGS__, {0}})
#define PROVOST_STRINGS(...) ((const char *const[]){__VA_ARGS__, NULL})

/* Makes this the plugin of the component: once, at the level of the file. */
#define PROVOST_EXPORT(plugin) const ProvostPlugin *const provost_exported = &(plugin)
extern const ProvostPlugin *const provost_exported;

/* The host. */

typedef enum ProvostLevel {
    PROVOST_LEVEL_DEBUG,
    PROVOST_LEVEL_INFO,
    PROVOST_LEVEL_WARNING,
    PROVOST_LEVEL_ERROR,
} ProvostLevel;

/* Says something to the operator; the plugin asks for the capability `log`. */
void provost_log(ProvostLevel level, ProvostText message);
#define provost_log(level, message) provost_log(level, PROVOST_TEXT_OF(message))

/* The objects of a kind (`Kind`, or `group/Kind`) and, unless it is `PROVOST_ANY`, a name that can
 * be seen from `near`: those in its namespace, and that `Namespace` itself; with the capability
 * `lookup-all` those of the whole cluster. The plugin asks for `lookup` or `lookup-all`. */
ProvostDocuments provost_lookup_find(const ProvostDocument *near, ProvostText kind,
                                     ProvostText name);
#define provost_lookup_find(near, kind, name)                                                      \
    provost_lookup_find(near, PROVOST_TEXT_OF(kind), PROVOST_TEXT_OF(name))
#define PROVOST_ANY ((ProvostText){NULL, 0})
/* Is there a snapshot of the cluster? Without one, what is not found may exist. */
bool provost_lookup_knows_cluster(void);

/* Memory of the call, aligned for any type and zeroed. */
void *provost_allocate(size_t size);
/* Ends the call: every rule is unknown. The words go to the log, where the plugin asks for it. */
_Noreturn void provost_panic(const char *words);

/* Unit tests, natively. */

#ifndef __wasm__
/* A document of JSON text; it answers as the host does. Text that is no JSON ends the test. */
const ProvostDocument *provost_memory_document(ProvostText json);
#define provost_memory_document(json) provost_memory_document(PROVOST_TEXT_OF(json))
#define PROVOST_DOCUMENTS(...)                                                                     \
    ((ProvostDocuments){(const ProvostDocument *const[]){__VA_ARGS__},                             \
                        sizeof((const ProvostDocument *const[]){__VA_ARGS__}) /                    \
                            sizeof(const ProvostDocument *)})
#define PROVOST_NO_CLUSTER ((ProvostDocuments){NULL, 0})
/* What the host does for a change; `others` are what is looked up. */
const ProvostReport *provost_check(const ProvostPlugin *plugin, const char *settings,
                                   ProvostDocuments documents, ProvostDocuments others);
/* What the host does when it loads a plugin, but for the schema; NULL if it is taken. */
const ProvostError *provost_validate(const ProvostPlugin *plugin, const char *settings);
/* What the last check logged. */
ProvostTexts provost_logged(void);
/* Frees all that the tests so far were given. */
void provost_free(void);
#endif

/* One to nine values as texts. */
#define PROVOST_EACH(...)                                                                          \
    PROVOST_NINTH(__VA_ARGS__, PROVOST_9, PROVOST_8, PROVOST_7, PROVOST_6, PROVOST_5, PROVOST_4,   \
                  PROVOST_3, PROVOST_2, PROVOST_1, 0)(__VA_ARGS__)
#define PROVOST_NINTH(a, b, c, d, e, f, g, h, i, it, ...) it
#define PROVOST_1(a) PROVOST_TEXT_OF(a)
#define PROVOST_2(a, ...) PROVOST_TEXT_OF(a), PROVOST_1(__VA_ARGS__)
#define PROVOST_3(a, ...) PROVOST_TEXT_OF(a), PROVOST_2(__VA_ARGS__)
#define PROVOST_4(a, ...) PROVOST_TEXT_OF(a), PROVOST_3(__VA_ARGS__)
#define PROVOST_5(a, ...) PROVOST_TEXT_OF(a), PROVOST_4(__VA_ARGS__)
#define PROVOST_6(a, ...) PROVOST_TEXT_OF(a), PROVOST_5(__VA_ARGS__)
#define PROVOST_7(a, ...) PROVOST_TEXT_OF(a), PROVOST_6(__VA_ARGS__)
#define PROVOST_8(a, ...) PROVOST_TEXT_OF(a), PROVOST_7(__VA_ARGS__)
#define PROVOST_9(a, ...) PROVOST_TEXT_OF(a), PROVOST_8(__VA_ARGS__)

#endif
