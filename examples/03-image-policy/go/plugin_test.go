package main

import (
	"slices"
	"testing"

	"provost.dev/sdk"
)

// What the plugin answers in full is in ../cases.yaml; this is the plugin as a function.

func pod(container string) provost.Document {
	return provost.NewMemoryDocument(`{"apiVersion": "v1", "kind": "Pod",
		"metadata": {"name": "shop", "namespace": "legacy"}, "spec": {"containers": [` + container + `]}}`)
}

func rules(t *testing.T, host *provost.Host, settings string, document provost.Document) (found []string) {
	t.Helper()
	report, err := host.Check(&plugin, settings, document)
	if err != nil {
		t.Fatal(err)
	}
	for _, finding := range report.Findings {
		found = append(found, finding.Rule)
	}
	for _, inconclusive := range report.Inconclusive {
		found = append(found, "unknown "+inconclusive.Rule)
	}
	return found
}

func TestRules(t *testing.T) {
	for _, test := range []struct {
		container, settings string
		want                []string
	}{
		{`{"image": "registry.example/app:1"}`, ``, nil},
		{`{"image": "a.example/app"}`, ``, []string{trusted, pinned}},
		{`{"image": "a.example:5000/app"}`, `{"registries": ["a.example:5000/"]}`, []string{pinned}},
		{`{"image": "registry.example/app:1"}`, `{"requireDigest": true}`, []string{pinned}},
		{`{"image": "registry.example/app:1", "imagePullPolicy": "Never"}`, ``, []string{pulled}},
		{`{"image": 7}`, ``, []string{"unknown " + trusted, "unknown " + pinned, "unknown " + pulled}},
	} {
		got := rules(t, new(provost.Host), test.settings, pod(test.container))
		if !slices.Equal(got, test.want) {
			t.Errorf("%s under %s: got %v, want %v", test.container, test.settings, got, test.want)
		}
	}
}

func TestAnExemptNamespaceIsLookedUp(t *testing.T) {
	host := provost.Host{Others: []provost.Document{provost.NewMemoryDocument(`{"apiVersion": "v1",
		"kind": "Namespace", "metadata": {"name": "legacy", "labels": {"image-policy.example/exempt": "true"}}}`)}}
	got := rules(t, &host, "", pod(`{"image": "a.example/app"}`))
	if !slices.Equal(got, []string{pinned}) {
		t.Errorf("got %v", got)
	}
	if len(host.Log) != 1 || host.Log[0].Message != "namespace `legacy` is exempt" {
		t.Errorf("logged %v", host.Log)
	}
}

func TestARegistryEndsWithASlash(t *testing.T) {
	if new(provost.Host).Validate(&plugin, `{"registries": ["registry.example"]}`) == nil {
		t.Error("it was taken")
	}
}
