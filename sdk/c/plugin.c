/* What a plugin says, and how it is asked. */

#include "plugin.h"

#include <string.h>

/* Patches. */

struct ProvostPatch {
    ProvostText operations;
};

ProvostPatch *provost_patch(void) { return provost_allocate(sizeof(ProvostPatch)); }

static ProvostPatch *operate(ProvostPatch *patch, const char *operation, ProvostText pointer,
                             const ProvostValue *value) {
    ProvostValue path = provost_value_of_text(pointer);
    ProvostText text = provost_format("{\"op\":\"%\",\"path\":%", operation, provost_json_of(&path));
    if (value != NULL) text = provost_format("%,\"value\":%", text, provost_json_of(value));
    const char *comma = patch->operations.length > 0 ? "," : "";
    patch->operations = provost_format("%%%}", patch->operations, comma, text);
    return patch;
}

ProvostPatch *(provost_patch_add)(ProvostPatch *patch, ProvostText pointer, ProvostValue value) {
    return operate(patch, "add", pointer, &value);
}

ProvostPatch *(provost_patch_replace)(ProvostPatch *patch, ProvostText pointer,
                                      ProvostValue value) {
    return operate(patch, "replace", pointer, &value);
}

ProvostPatch *(provost_patch_test)(ProvostPatch *patch, ProvostText pointer, ProvostValue value) {
    return operate(patch, "test", pointer, &value);
}

ProvostPatch *(provost_patch_remove)(ProvostPatch *patch, ProvostText pointer) {
    return operate(patch, "remove", pointer, NULL);
}

ProvostText provost_patch_json(const ProvostPatch *patch) {
    return provost_format("[%]", patch->operations);
}

/* Reports. */

/* Room for one item more, of a size, at the end of what there is. */
static void *grown(void *items, size_t count, size_t *room, size_t size) {
    if (count < *room) return items;
    *room = *room == 0 ? 16 : 2 * *room;
    void *larger = provost_allocate(*room * size);
    if (count > 0) memcpy(larger, items, count * size);
    return larger;
}

void provost_add(ProvostReport *report, ProvostFinding finding) {
    finding.document = report->document;
    report->findings = grown(report->findings, report->finding_count, &report->finding_room,
                             sizeof(ProvostFinding));
    report->findings[report->finding_count++] = finding;
}

void provost_inconclusive(ProvostReport *report, const char *rule, const ProvostError *mismatch) {
    report->inconclusives = grown(report->inconclusives, report->inconclusive_count,
                                  &report->inconclusive_room, sizeof(ProvostInconclusive));
    report->inconclusives[report->inconclusive_count++] = (ProvostInconclusive){
        .rule = rule,
        .document = report->document,
        .pointer = mismatch->pointer,
        .reason = mismatch->reason,
    };
}

/* Running. */

bool provost_asks_for(const ProvostPlugin *plugin, const char *capability) {
    for (const char *const *one = plugin->capabilities; one != NULL && *one != NULL; one++) {
        if (strcmp(*one, capability) == 0) return true;
    }
    return false;
}

/* Settings over the defaults. */
static const ProvostError *settings_of(const ProvostPlugin *plugin, ProvostText json,
                                       ProvostValue *settings) {
    ProvostValue given, defaults;
    ProvostText base = provost_text_of(plugin->defaults != NULL ? plugin->defaults : "{}");
    if (!provost_parse(base, &defaults) || defaults.kind != PROVOST_MAPPING) {
        return provost_failure("the defaults are no mapping in JSON");
    }
    if (!provost_parse(json.length > 0 ? json : provost_text_of("{}"), &given) ||
        given.kind != PROVOST_MAPPING) {
        return provost_failure("the settings are no mapping in JSON");
    }
    ProvostValue *items = provost_allocate((given.length + defaults.length) * sizeof(ProvostValue));
    if (given.length > 0) memcpy(items, given.items, given.length * sizeof(ProvostValue));
    size_t length = given.length;
    for (size_t index = 0; index < defaults.length; index++) {
        bool is_given = provost_member(&given, defaults.items[index].key)->kind != PROVOST_NOTHING;
        if (!is_given) items[length++] = defaults.items[index];
    }
    *settings = (ProvostValue){.kind = PROVOST_MAPPING, .items = items, .length = length};
    return NULL;
}

const ProvostError *provost_refuse(const ProvostPlugin *plugin, ProvostText settings) {
    ProvostValue all;
    const ProvostError *error = settings_of(plugin, settings, &all);
    if (error != NULL || plugin->validate == NULL) return error;
    return plugin->validate(&all);
}

static void judge(const ProvostPlugin *plugin, const ProvostDocument *document,
                  const ProvostValue *settings, ProvostReport *report) {
    const ProvostError *error = plugin->check(document, settings, report);
    if (error == NULL) return;
    if (error->pointer.data == NULL) {
        report->failure = error;
        return;
    }
    for (const ProvostRule *rule = plugin->rules; rule != NULL && rule->id != NULL; rule++) {
        provost_inconclusive(report, rule->id, error);
    }
}

ProvostReport *provost_run(const ProvostPlugin *plugin, ProvostText settings,
                           ProvostDocuments documents) {
    ProvostReport *report = provost_allocate(sizeof(ProvostReport));
    ProvostValue all;
    report->failure = settings_of(plugin, settings, &all);
    if (plugin->check == NULL) report->failure = provost_failure("the plugin has no `check`");
    for (size_t index = 0; index < documents.length && report->failure == NULL; index++) {
        report->document = (uint32_t)index;
        judge(plugin, documents.items[index], &all, report);
    }
    return report;
}
