package provost

import (
	"errors"
	"reflect"
	"strings"
	"testing"
)

type limits struct {
	Minimum int64 `json:"minimum"`
}

func replicas() *Plugin[limits] {
	return &Plugin[limits]{
		Description: Description{
			Name: "replicas", Version: "1.0.0",
			Capabilities: []string{CapabilityLog, CapabilityLookup},
			Rules:        []Rule{{ID: "enough"}, {ID: "another"}},
		},
		Defaults: func() limits { return limits{Minimum: 2} },
		Validate: func(settings limits) error {
			if settings.Minimum > 99 {
				return errors.New("`minimum` is above 99")
			}
			return nil
		},
		Check: func(document Document, settings limits, report *Report) error {
			var spec struct{ Replicas int64 }
			found, err := Read(document, "/spec", &spec)
			if err != nil || !found {
				return err
			}
			if spec.Replicas == 13 {
				return errors.New("thirteen")
			}
			if spec.Replicas < 0 {
				panic("below zero")
			}
			if spec.Replicas < settings.Minimum {
				report.Add(Finding{Rule: "enough", Pointer: "/spec/replicas", Message: "too few"})
			}
			return nil
		},
	}
}

func doc(text string) Document { return NewMemoryDocument(text) }

func equal(t *testing.T, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("got %#v, want %#v", got, want)
	}
}

func TestFindingsCarryTheIndexOfTheirDocument(t *testing.T) {
	report, err := new(Host).Check(replicas(), `{"minimum": 3}`,
		doc(`{"spec": {"replicas": 3}}`), doc(`{}`), doc(`{"spec": {"replicas": 2}}`))
	equal(t, err, nil)
	equal(t, report.Findings, []Finding{
		{Rule: "enough", Document: 2, Pointer: "/spec/replicas", Message: "too few"}})
}

func TestAMismatchIsInconclusiveForEveryRule(t *testing.T) {
	report, err := new(Host).Check(replicas(), "", doc(`{"spec": {"replicas": "two"}}`))
	equal(t, err, nil)
	equal(t, len(report.Findings), 0)
	var rules []string
	for _, inconclusive := range report.Inconclusive {
		rules = append(rules, inconclusive.Rule+" "+inconclusive.Pointer)
	}
	equal(t, rules, []string{"enough /spec/replicas", "another /spec/replicas"})
}

func TestAFailureIsNeverNoFindings(t *testing.T) {
	for text, want := range map[string]string{
		`{"spec": {"replicas": 13}}`: "thirteen",
		`{"spec": {"replicas": -1}}`: "panic: string: below zero",
	} {
		var host Host
		_, err := host.Check(replicas(), "", doc(text))
		if err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
		equal(t, host.Log, []LogLine{{LevelError, want}})
	}
}

func TestSettingsAreRefusedWithTheirReason(t *testing.T) {
	for settings, want := range map[string]string{
		``: "", `{}`: "", `{"minimum": 1}`: "",
		`{"minimum": 100}`: "above 99",
		`{"minimun": 1}`:   "minimun",
		`{"minimum": "a"}`: "minimum",
		`{} {}`:            "there is more",
		`{`:                "EOF",
	} {
		err := new(Host).Validate(replicas(), settings)
		if (err == nil) != (want == "") || err != nil && !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %q", settings, err, want)
		}
	}
}

func TestADocumentAnswersAsTheContractSays(t *testing.T) {
	document := doc(`{"a/b": {"~": null}, "n": 9223372036854775807, "f": 1.5, "l": [{"x": "ü"}, {"y": true}]}`)
	leaf, found := document.Get("/a~1b/~0")
	equal(t, []any{leaf, found}, []any{nil, true})
	leaf, found = document.Get("/missing")
	equal(t, []any{leaf, found}, []any{nil, false})
	leaf, _ = document.Get("/n")
	equal(t, leaf, int64(9223372036854775807))
	leaf, _ = document.Get("/f")
	equal(t, leaf, 1.5)
	_, found = document.Get("/l")
	equal(t, found, false)
	_, found = document.Get("/l/00")
	equal(t, found, false)
	equal(t, document.Select("/l/*/x"), []Place{{"/l/0/x", "ü", true}})
	equal(t, document.Select("/*/~0"), []Place{{"/a~1b/~0", nil, true}})
	length, found := document.Length("/l")
	equal(t, []any{length, found}, []any{uint32(2), true})
	_, found = document.Length("/n")
	equal(t, found, false)
	equal(t, document.Keys(""), []string{"a/b", "f", "l", "n"})
	text, _ := document.JSON("/n")
	equal(t, text, "9223372036854775807")
	items, err := Items(document, "/l")
	equal(t, []any{items, err}, []any{[]string{"/l/0", "/l/1"}, nil})
	if _, err := Items(document, "/n"); err == nil {
		t.Error("a number is no list")
	}
}

func TestAPatchIsJSON(t *testing.T) {
	patch := Patch{}.Test("/a", nil).Add("/b", "<ü>").Replace("/c", 1).Remove("/d")
	equal(t, patch.String(), `[{"op":"test","path":"/a","value":null},`+
		`{"op":"add","path":"/b","value":"<ü>"},`+
		`{"op":"replace","path":"/c","value":1},{"op":"remove","path":"/d"}]`)
}

func TestLookupSeesItsNamespace(t *testing.T) {
	near := doc(`{"kind": "Pod", "metadata": {"name": "p", "namespace": "web"}}`)
	host := Host{Others: []Document{
		doc(`{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "web"}}`),
		doc(`{"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "db"}}`),
		doc(`{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d", "namespace": "web"}}`),
		doc(`{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "d", "namespace": "db"}}`),
	}}
	count := func(plugin *Plugin[limits]) (counts []int) {
		plugin.Check = func(near Document, _ limits, _ *Report) error {
			counts = []int{len(Find(near, "Namespace")), len(Find(near, "Deployment")),
				len(Find(near, "apps/Deployment")), len(FindNamed(near, "apps/Deployment", "e"))}
			return nil
		}
		if _, err := host.Check(plugin, "", near); err != nil {
			t.Fatal(err)
		}
		return counts
	}
	plugin := replicas()
	equal(t, count(plugin), []int{1, 1, 1, 0})
	plugin.Description.Capabilities = []string{CapabilityLookupAll}
	equal(t, count(plugin), []int{2, 2, 2, 0})
}
