package provost

import "testing"

func TestWhatIsMissingIsToldFromWhatHasAWrongType(t *testing.T) {
	pod := doc(`{"spec": {"containers": [{"name": "a"}, "odd"], "volumes": null, "empty": [],
		"template": [{}]}, "none": null}`)
	for _, test := range []struct {
		pointer string
		want    []string
		err     error
	}{
		{"/spec/containers", []string{"/spec/containers/0", "/spec/containers/1"}, nil},
		{"/spec/empty", []string{}, nil},
		{"/spec/nothing", nil, nil},
		{"/none/at/all", nil, nil},
		{"/spec/volumes", nil, &Mismatch{"/spec/volumes", "`volumes` is not a list"}},
		{"/spec/containers/0", nil, &Mismatch{"/spec/containers/0", "item 0 is not a list"}},
		{"/spec/template/spec/containers", nil, &Mismatch{"/spec/template", "`template` is not a mapping"}},
		{"/spec/empty/spec", nil, &Mismatch{"/spec/empty", "`empty` is not a mapping"}},
	} {
		items, err := Items(pod, test.pointer)
		equal(t, items, test.want)
		equal(t, err, test.err)
	}
	for _, test := range []struct {
		pointer string
		want    any
		err     error
	}{
		{"/spec/containers/0/name", "a", nil},
		{"/none", nil, nil},
		{"/none/a", nil, nil},
		{"/spec/containers/0/a/b", nil, nil},
		{"/spec/containers/9/name", nil, nil},
		{"/spec/containers/1/name", nil, &Mismatch{"/spec/containers/1", "item 1 is not a mapping"}},
		{"/spec/containers", nil, &Mismatch{"/spec/containers", "`containers` is not a leaf"}},
		{"", nil, &Mismatch{"", "the document is not a leaf"}},
	} {
		leaf, found, err := Leaf(pod, test.pointer)
		equal(t, []any{leaf, found}, []any{test.want, test.want != nil})
		equal(t, err, test.err)
	}
}

func TestAMismatchNamesTheFieldThatDoesNotFit(t *testing.T) {
	type container struct {
		Name  string           `json:"name"`
		Ports []map[string]int `json:"ports"`
	}
	var spec struct {
		Containers []container      `json:"containers"`
		Sizes      map[string]int64 `json:"sizes"`
	}
	for text, want := range map[string]string{
		`{"containers": [{"name": "a"}, {"name": 7}]}`:                  "/spec/containers/1/name",
		`{"containers": [{"ports": [{}, {"a~/b": 1, "c": "x"}]}, 7]}`:   "/spec/containers/0/ports/1/c",
		`{"containers": [{"x": [1, [2]], "ports": [{"a~/b": "x"}]}]}`:   "/spec/containers/0/ports/0/a~0~1b",
		`{"containers": {"a": 1}}`:                                      "/spec/containers",
		`{"containers": [{"name": {"a": [1, 2]}}], "sizes": {"a": 1}}`:  "/spec/containers/0/name",
		`{"x": [[], {}], "sizes": {"b": 1, "a": [1, 2, 3], "c": null}}`: "/spec/sizes/a",
		`[]`: "/spec",
		`7`:  "/spec",
	} {
		_, err := Read(doc(`{"spec": `+text+`}`), "/spec", &spec)
		mismatch, is := err.(*Mismatch)
		if !is || mismatch.Pointer != want {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	_, err := Read(doc(`{"spec": {"containers": [{"name": 7}]}}`), "/spec", &spec)
	equal(t, err, &Mismatch{"/spec/containers/0/name", "`name` is a number, not a string"})
}
