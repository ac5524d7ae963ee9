// Images come from trusted registries, are pinned, and can be pulled.
package main

import (
	_ "embed"
	"fmt"
	"strings"

	"provost.dev/sdk"
)

const (
	trusted = "image-from-trusted-registry"
	pinned  = "image-is-pinned"
	pulled  = "image-can-be-pulled"

	// exempt frees a namespace from the first rule: "~1" is how a pointer writes "/".
	exempt = "/metadata/labels/image-policy.example~1exempt"
)

//go:embed settings.schema.json
var schema string

type settings struct {
	Registries    []string `json:"registries"`
	RequireDigest bool     `json:"requireDigest"`
}

var plugin = provost.Plugin[settings]{
	Description: provost.Description{
		Name:           "image-policy",
		Version:        "0.1.0",
		Kinds:          []string{"Pod", "apps/Deployment"},
		SettingsSchema: schema,
		Capabilities:   []string{provost.CapabilityLog, provost.CapabilityLookup},
		Rules: []provost.Rule{
			{
				ID: trusted, Title: "Images come from a trusted registry", Severity: provost.High,
				Rationale: "An image from elsewhere was scanned by nobody.",
				Remedy:    "push the image to a trusted registry and name it there",
			},
			{
				ID: pinned, Title: "Images are pinned by a tag or a digest",
				Rationale: "What runs should be what was tested.",
				Remedy:    "name a tag that does not move, or a digest",
			},
			{
				ID: pulled, Title: "Images can be pulled", Severity: provost.Low,
				Rationale: "A pod whose image is never pulled starts on some nodes only.",
				Remedy:    "leave `imagePullPolicy` out",
			},
		},
	},
	Defaults: func() settings { return settings{Registries: []string{"registry.example/"}} },
	Validate: validate,
	Check:    check,
}

func init() { provost.Export(&plugin) }

func main() {}

func validate(settings settings) error {
	for _, registry := range settings.Registries {
		if !strings.HasSuffix(registry, "/") {
			return fmt.Errorf("the registry `%s` does not end with `/`", registry)
		}
	}
	return nil
}

func check(document provost.Document, settings settings, report *provost.Report) error {
	spec := "/spec"
	if kind, _ := provost.Text(document, "/kind"); kind == "Deployment" {
		spec = "/spec/template/spec"
	}
	exempt := isExempt(document)
	for _, list := range []string{"containers", "initContainers"} {
		containers, err := provost.Items(document, spec+"/"+list)
		if err != nil {
			return err
		}
		for _, container := range containers {
			if err := checkContainer(document, container, settings, exempt, report); err != nil {
				return err
			}
		}
	}
	return nil
}

func isExempt(document provost.Document) bool {
	namespace, found := provost.Text(document, "/metadata/namespace")
	if !found {
		return false
	}
	for _, object := range provost.FindNamed(document, "Namespace", namespace) {
		if label, _ := provost.Text(object, exempt); label == "true" {
			provost.Log(provost.LevelInfo, fmt.Sprintf("namespace `%s` is exempt", namespace))
			return true
		}
	}
	return false
}

func checkContainer(document provost.Document, container string, settings settings, exempt bool, report *provost.Report) error {
	name, _ := provost.Text(document, container+"/name")
	place := container + "/image"
	image, found := provost.Text(document, place)
	if !found {
		return &provost.Mismatch{Pointer: place, Reason: "`image` is not text"}
	}
	if !exempt && !isTrusted(image, settings.Registries) {
		message := fmt.Sprintf("container `%s` takes image `%s` from an untrusted registry", name, image)
		report.Add(provost.Finding{Rule: trusted, Pointer: place, Message: message})
	}
	if !isPinned(image, settings.RequireDigest) {
		message := fmt.Sprintf("container `%s` takes whatever image `%s` is today", name, image)
		report.Add(provost.Finding{Rule: pinned, Pointer: place, Message: message})
	}
	policy := container + "/imagePullPolicy"
	value, isText := provost.Text(document, policy)
	if json, found := document.JSON(policy); found && !isText && json != "null" {
		return &provost.Mismatch{Pointer: policy, Reason: "`imagePullPolicy` is not text"}
	}
	if value == "Never" {
		report.Add(provost.Finding{
			Rule: pulled, Pointer: policy,
			Message: fmt.Sprintf("container `%s` starts only where its image happens to be", name),
			Remedy:  "set `imagePullPolicy` to `IfNotPresent`",
			Patch:   provost.Patch{}.Replace(policy, "IfNotPresent"),
		})
	}
	return nil
}

func isTrusted(image string, registries []string) bool {
	for _, registry := range registries {
		if strings.HasPrefix(image, registry) {
			return true
		}
	}
	return false
}

func isPinned(image string, requireDigest bool) bool {
	if strings.Contains(image, "@sha256:") {
		return true
	}
	// A colon before the last slash belongs to the port of the registry.
	_, tag, tagged := strings.Cut(image[strings.LastIndex(image, "/")+1:], ":")
	return !requireDigest && tagged && tag != "" && tag != "latest"
}
