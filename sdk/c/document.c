/* What every document can do with what the host, or memory, must be able to do. */

#include <string.h>

#include "plugin.h"

const ProvostError *(provost_mismatch)(ProvostText pointer, ProvostText reason) {
    ProvostError *error = provost_allocate(sizeof(ProvostError));
    *error = (ProvostError){.pointer = pointer, .reason = reason};
    return error;
}

const ProvostError *(provost_failure)(ProvostText reason) {
    return provost_mismatch(PROVOST_ANY, reason);
}

ProvostText(provost_text)(const ProvostDocument *document, ProvostText pointer) {
    ProvostValue leaf = provost_get(document, pointer);
    return leaf.kind == PROVOST_TEXT ? leaf.text : PROVOST_ANY;
}

static bool is_index(ProvostText token) {
    for (size_t at = 0; at < token.length; at++) {
        if (token.data[at] < '0' || token.data[at] > '9') return false;
    }
    return token.length > 0;
}

/* What a pointer leads to, in words. */
static ProvostText named(ProvostText pointer) {
    ProvostText before, token;
    if (!provost_cut_last(pointer, "/", &before, &token)) return provost_text_of("the document");
    return is_index(token) ? provost_format("item %", token)
                           : provost_format("`%`", provost_unescape(token));
}

static ProvostKind kind_of(const ProvostDocument *document, ProvostText pointer) {
    ProvostValue leaf = provost_get(document, pointer);
    if (leaf.kind != PROVOST_NOTHING) return leaf.kind;
    uint32_t length;
    if (!provost_length(document, pointer, &length)) return PROVOST_NOTHING;
    if (length > 0) {
        return provost_keys(document, pointer).length > 0 ? PROVOST_MAPPING : PROVOST_LIST;
    }
    return provost_equal(provost_to_json(document, pointer), "[]") ? PROVOST_LIST : PROVOST_MAPPING;
}

/* Is nothing missing on the way to a pointer? */
static const ProvostError *reach(const ProvostDocument *document, ProvostText pointer,
                                 bool *is_reached) {
    *is_reached = false;
    for (size_t at = 0; at < pointer.length; at++) {
        if (pointer.data[at] != '/') continue;
        ProvostText way = {pointer.data, at}, token, rest;
        provost_cut(((ProvostText){pointer.data + at + 1, pointer.length - at - 1}), "/", &token,
                    &rest);
        ProvostKind kind = kind_of(document, way);
        if (kind == PROVOST_NOTHING || kind == PROVOST_NULL) return NULL;
        /* A list is fine only where an item of it is asked for. */
        if (kind != PROVOST_MAPPING && !(kind == PROVOST_LIST && is_index(token))) {
            return provost_mismatch(way, provost_format("% is not a mapping", named(way)));
        }
    }
    *is_reached = true;
    return NULL;
}

const ProvostError *(provost_leaf)(const ProvostDocument *document, ProvostText pointer,
                                   ProvostValue *leaf) {
    *leaf = provost_get(document, pointer);
    if (leaf->kind == PROVOST_NULL) *leaf = (ProvostValue){0};
    else if (leaf->kind == PROVOST_NOTHING) {
        bool is_reached;
        const ProvostError *error = reach(document, pointer, &is_reached);
        if (error != NULL) return error;
        if (is_reached && kind_of(document, pointer) != PROVOST_NOTHING) {
            return provost_mismatch(pointer, provost_format("% is not a leaf", named(pointer)));
        }
    }
    return NULL;
}

const ProvostError *(provost_items)(const ProvostDocument *document, ProvostText pointer,
                                    ProvostTexts *items) {
    *items = (ProvostTexts){0};
    bool is_reached;
    const ProvostError *error = reach(document, pointer, &is_reached);
    if (error != NULL || !is_reached) return error;
    ProvostKind kind = kind_of(document, pointer);
    if (kind == PROVOST_NOTHING) return NULL;
    if (kind != PROVOST_LIST) {
        return provost_mismatch(pointer, provost_format("% is not a list", named(pointer)));
    }
    uint32_t length = 0;
    provost_length(document, pointer, &length);
    ProvostText *texts = provost_allocate(length * sizeof(ProvostText));
    for (uint32_t index = 0; index < length; index++) {
        texts[index] = provost_format("%/%", pointer, index);
    }
    *items = (ProvostTexts){texts, length};
    return NULL;
}

const ProvostError *(provost_read)(const ProvostDocument *document, ProvostText pointer,
                                   const ProvostValue **value) {
    ProvostValue *read = provost_allocate(sizeof(ProvostValue));
    *value = read;
    ProvostText json = provost_to_json(document, pointer);
    if (json.data == NULL || provost_parse(json, read)) return NULL;
    *read = (ProvostValue){0};
    return provost_mismatch(pointer, provost_format("% is nested too deeply", named(pointer)));
}
