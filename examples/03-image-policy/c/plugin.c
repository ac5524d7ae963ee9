/* Images come from trusted registries, are pinned, and can be pulled. */

#include "provost.h"

#define TRUSTED "image-from-trusted-registry"
#define PINNED "image-is-pinned"
#define PULLED "image-can-be-pulled"

/* Exempts a namespace from TRUSTED: `~1` is how a pointer writes `/`. */
#define EXEMPT "/metadata/labels/image-policy.example~1exempt"

static const ProvostError *validate(const ProvostValue *settings) {
    const ProvostValue *registries = provost_member(settings, "registries");
    for (size_t index = 0; index < registries->length; index++) {
        ProvostText registry = registries->items[index].text;
        if (!provost_ends_with(registry, "/")) {
            return provost_failure(
                provost_format("the registry `%` does not end with `/`", registry));
        }
    }
    return NULL;
}

static bool is_exempt(const ProvostDocument *document) {
    ProvostText namespace = provost_text(document, "/metadata/namespace");
    if (namespace.data == NULL) return false;
    ProvostDocuments found = provost_lookup_find(document, "Namespace", namespace);
    for (size_t index = 0; index < found.length; index++) {
        if (provost_equal(provost_text(found.items[index], EXEMPT), "true")) {
            provost_log(PROVOST_LEVEL_INFO, provost_format("namespace `%` is exempt", namespace));
            return true;
        }
    }
    return false;
}

static bool is_trusted(ProvostText image, const ProvostValue *registries) {
    for (size_t index = 0; index < registries->length; index++) {
        if (provost_starts_with(image, registries->items[index].text)) return true;
    }
    return false;
}

static bool is_pinned(ProvostText image, bool require_digest) {
    ProvostText before, name, tag;
    if (provost_cut(image, "@sha256:", &before, &tag)) return true;
    /* A colon before the last slash belongs to the port of the registry. */
    if (!provost_cut_last(image, "/", &before, &name)) name = image;
    bool is_tagged = provost_cut(name, ":", &before, &tag);
    return !require_digest && is_tagged && tag.length > 0 && !provost_equal(tag, "latest");
}

static const ProvostError *check_container(const ProvostDocument *document, ProvostText container,
                                           const ProvostValue *settings, bool exempt,
                                           ProvostReport *report) {
    ProvostText name = provost_text(document, provost_format("%/name", container));
    ProvostText place = provost_format("%/image", container);
    ProvostText image = provost_text(document, place);
    if (image.data == NULL) return provost_mismatch(place, "`image` is not text");
    if (!exempt && !is_trusted(image, provost_member(settings, "registries"))) {
        provost_add(report, (ProvostFinding){
            .rule = TRUSTED,
            .pointer = place,
            .message = provost_format("container `%` takes image `%` from an untrusted registry",
                                      name, image),
        });
    }
    if (!is_pinned(image, provost_member(settings, "requireDigest")->boolean)) {
        provost_add(report, (ProvostFinding){
            .rule = PINNED,
            .pointer = place,
            .message = provost_format("container `%` takes whatever image `%` is today", name, image),
        });
    }
    ProvostText policy = provost_format("%/imagePullPolicy", container);
    ProvostText value = provost_text(document, policy), json = provost_to_json(document, policy);
    if (value.data == NULL && json.data != NULL && !provost_equal(json, "null")) {
        return provost_mismatch(policy, "`imagePullPolicy` is not text");
    }
    if (provost_equal(value, "Never")) {
        provost_add(report, (ProvostFinding){
            .rule = PULLED,
            .pointer = policy,
            .message = provost_format("container `%` starts only where its image happens to be", name),
            .remedy = provost_text_of("set `imagePullPolicy` to `IfNotPresent`"),
            .patch = provost_patch_replace(provost_patch(), policy,
                                           provost_value_of_text("IfNotPresent")),
        });
    }
    return NULL;
}

static const ProvostError *check(const ProvostDocument *document, const ProvostValue *settings,
                                 ProvostReport *report) {
    bool is_deployment = provost_equal(provost_text(document, "/kind"), "Deployment");
    const char *spec = is_deployment ? "/spec/template/spec" : "/spec";
    bool exempt = is_exempt(document);
    const char *const lists[] = {"containers", "initContainers"};
    for (size_t list = 0; list < 2; list++) {
        ProvostTexts containers;
        const ProvostError *error =
            provost_items(document, provost_format("%/%", spec, lists[list]), &containers);
        for (size_t index = 0; error == NULL && index < containers.length; index++) {
            error = check_container(document, containers.items[index], settings, exempt, report);
        }
        if (error != NULL) return error;
    }
    return NULL;
}

const ProvostPlugin image_policy = {
    .name = "image-policy",
    .version = "0.1.0",
    .kinds = PROVOST_STRINGS("Pod", "apps/Deployment"),
    .capabilities = PROVOST_STRINGS("log", "lookup"),
    .settings_schema =
        "{\"type\": \"object\", \"additionalProperties\": false, \"properties\": {"
        "  \"registries\": {\"type\": \"array\", \"items\": {\"type\": \"string\"}, \"minItems\": 1},"
        "  \"requireDigest\": {\"type\": \"boolean\"}"
        "}}",
    .defaults = "{\"registries\": [\"registry.example/\"], \"requireDigest\": false}",
    .rules = PROVOST_RULES(
        {
            .id = TRUSTED,
            .title = "Images come from a trusted registry",
            .severity = PROVOST_SEVERITY_HIGH,
            .rationale = "An image from elsewhere was scanned by nobody.",
            .remedy = "push the image to a trusted registry and name it there",
        },
        {
            .id = PINNED,
            .title = "Images are pinned by a tag or a digest",
            .rationale = "What runs should be what was tested.",
            .remedy = "name a tag that does not move, or a digest",
        },
        {
            .id = PULLED,
            .title = "Images can be pulled",
            .severity = PROVOST_SEVERITY_LOW,
            .rationale = "A pod whose image is never pulled starts on some nodes only.",
            .remedy = "leave `imagePullPolicy` out",
        }),
    .validate = validate,
    .check = check,
};

PROVOST_EXPORT(image_policy);
