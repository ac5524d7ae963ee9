/* Documents in memory, and what stands in for the host in a unit test. */

#include "plugin.h"

#ifndef __wasm__

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct ProvostDocument {
    ProvostValue root;
};

const ProvostDocument *(provost_memory_document)(ProvostText json) {
    ProvostDocument *document = provost_allocate(sizeof(ProvostDocument));
    if (!provost_parse(json, &document->root)) {
        provost_panic("provost_memory_document: this is no JSON");
    }
    return document;
}

/* The next token of a pointer; false at its end. */
static bool next_token(ProvostText *pointer, ProvostText *token) {
    if (pointer->length == 0) return false;
    ProvostText rest = {pointer->data + 1, pointer->length - 1};
    bool is_last = !provost_cut(rest, "/", token, &rest);
    /* The slash stays with what is after it. */
    *pointer = is_last ? (ProvostText){pointer->data, 0}
                       : (ProvostText){rest.data - 1, rest.length + 1};
    return true;
}

static bool is_branch(const ProvostValue *value) {
    return value->kind == PROVOST_LIST || value->kind == PROVOST_MAPPING;
}

static ProvostText key_of(const ProvostValue *parent, size_t index) {
    return parent->kind == PROVOST_MAPPING ? provost_escape(parent->items[index].key)
                                           : provost_text_of_integer((int64_t)index);
}

static bool is_named(const ProvostValue *parent, size_t index, ProvostText token) {
    return provost_equal(key_of(parent, index), provost_escape(provost_unescape(token)));
}

static const ProvostValue *at(const ProvostDocument *document, ProvostText pointer) {
    const ProvostValue *value = &document->root;
    if (pointer.length > 0 && pointer.data[0] != '/') return NULL;
    for (ProvostText token; next_token(&pointer, &token);) {
        const ProvostValue *child = NULL;
        for (size_t index = 0; is_branch(value) && index < value->length; index++) {
            if (is_named(value, index, token)) child = &value->items[index];
        }
        if (child == NULL) return NULL;
        value = child;
    }
    return value;
}

static ProvostValue leaf_of(const ProvostValue *value) {
    return value == NULL || is_branch(value) ? (ProvostValue){0} : *value;
}

ProvostValue(provost_get)(const ProvostDocument *document, ProvostText pointer) {
    return leaf_of(at(document, pointer));
}

typedef struct Selection {
    ProvostPlace *items;
    size_t length, room;
} Selection;

static void collect(Selection *selection, const ProvostValue *value, ProvostText way,
                    ProvostText pattern) {
    ProvostText token;
    if (!next_token(&pattern, &token)) {
        if (selection->length == selection->room) {
            selection->room = 2 * selection->room + 8;
            ProvostPlace *items = provost_allocate(selection->room * sizeof(ProvostPlace));
            if (selection->length > 0) {
                memcpy(items, selection->items, selection->length * sizeof(ProvostPlace));
            }
            selection->items = items;
        }
        selection->items[selection->length++] = (ProvostPlace){way, leaf_of(value)};
        return;
    }
    for (size_t index = 0; is_branch(value) && index < value->length; index++) {
        if (!provost_equal(token, "*") && !is_named(value, index, token)) continue;
        ProvostText place = provost_format("%/%", way, key_of(value, index));
        collect(selection, &value->items[index], place, pattern);
    }
}

ProvostPlaces(provost_select)(const ProvostDocument *document, ProvostText pattern) {
    Selection selection = {0};
    if (pattern.length == 0 || pattern.data[0] == '/') {
        collect(&selection, &document->root, provost_text_of(""), pattern);
    }
    return (ProvostPlaces){selection.items, selection.length};
}

bool(provost_length)(const ProvostDocument *document, ProvostText pointer, uint32_t *length) {
    const ProvostValue *value = at(document, pointer);
    if (value == NULL || !is_branch(value)) return false;
    *length = (uint32_t)value->length;
    return true;
}

ProvostTexts(provost_keys)(const ProvostDocument *document, ProvostText pointer) {
    const ProvostValue *value = at(document, pointer);
    if (value == NULL || value->kind != PROVOST_MAPPING) return (ProvostTexts){0};
    ProvostText *keys = provost_allocate(value->length * sizeof(ProvostText));
    for (size_t index = 0; index < value->length; index++) keys[index] = value->items[index].key;
    return (ProvostTexts){keys, value->length};
}

ProvostText(provost_to_json)(const ProvostDocument *document, ProvostText pointer) {
    const ProvostValue *value = at(document, pointer);
    return value == NULL ? PROVOST_ANY : provost_json_of(value);
}

/* The host. */

static struct {
    ProvostDocuments others;
    bool knows_cluster, sees_all;
    ProvostText *log;
    size_t logged;
} host;

/* Group and kind of `group/Kind`; no group where none is named. */
static ProvostText split(ProvostText kind, ProvostText *group) {
    ProvostText name;
    return provost_cut_last(kind, "/", group, &name) ? name : (*group = PROVOST_ANY, kind);
}

ProvostDocuments(provost_lookup_find)(const ProvostDocument *near, ProvostText kind,
                                      ProvostText name) {
    ProvostText namespace = provost_text(near, "/metadata/namespace"), group;
    ProvostText wanted = split(kind, &group);
    const ProvostDocument **found = provost_allocate(host.others.length * sizeof(*found));
    size_t length = 0;
    for (size_t index = 0; index < host.others.length; index++) {
        const ProvostDocument *other = host.others.items[index];
        ProvostText own_name = provost_text(other, "/metadata/name"), own_group, version;
        if (!provost_cut_last(provost_text(other, "/apiVersion"), "/", &own_group, &version)) {
            own_group = provost_text_of("");
        }
        bool is_namespace = provost_equal(wanted, "Namespace") && own_group.length == 0;
        ProvostText place = is_namespace ? own_name : provost_text(other, "/metadata/namespace");
        if (provost_equal(provost_text(other, "/kind"), wanted) &&
            (group.data == NULL || provost_equal(group, own_group)) &&
            (name.data == NULL || provost_equal(name, own_name)) &&
            (host.sees_all || provost_equal(place, namespace))) {
            found[length++] = other;
        }
    }
    return (ProvostDocuments){found, length};
}

bool provost_lookup_knows_cluster(void) { return host.knows_cluster; }

void(provost_log)(ProvostLevel level, ProvostText message) {
    (void)level;
    ProvostText *log = provost_allocate((host.logged + 1) * sizeof(ProvostText));
    if (host.logged > 0) memcpy(log, host.log, host.logged * sizeof(ProvostText));
    log[host.logged++] = message;
    host.log = log;
}

ProvostTexts provost_logged(void) { return (ProvostTexts){host.log, host.logged}; }

_Noreturn void provost_panic(const char *words) {
    fprintf(stderr, "%s\n", words);
    abort();
}

const ProvostReport *provost_check(const ProvostPlugin *plugin, const char *settings,
                                   ProvostDocuments documents, ProvostDocuments others) {
    memset(&host, 0, sizeof(host));
    host.others = others;
    host.knows_cluster = others.items != NULL;
    host.sees_all = provost_asks_for(plugin, "lookup-all");
    return provost_run(plugin, provost_text_of(settings), documents);
}

const ProvostError *provost_validate(const ProvostPlugin *plugin, const char *settings) {
    return provost_refuse(plugin, provost_text_of(settings));
}

#endif
