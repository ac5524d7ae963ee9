package provost

import "encoding/json"

// Patch is an RFC 6902 patch.
type Patch []operation

type operation struct {
	Op    string           `json:"op"`
	Path  string           `json:"path"`
	Value *json.RawMessage `json:"value,omitempty"`
}

// Add adds a value, which must be what encoding/json can write.
func (p Patch) Add(pointer string, value any) Patch { return p.with("add", pointer, value) }

// Replace replaces a value that is there.
func (p Patch) Replace(pointer string, value any) Patch { return p.with("replace", pointer, value) }

// Test makes the patch apply only where this value is.
func (p Patch) Test(pointer string, value any) Patch { return p.with("test", pointer, value) }

// Remove removes a value that is there.
func (p Patch) Remove(pointer string) Patch {
	return append(p, operation{Op: "remove", Path: pointer})
}

func (p Patch) with(op, pointer string, value any) Patch {
	text := json.RawMessage(compact(value))
	return append(p, operation{op, pointer, &text})
}

// String is the patch as JSON text.
func (p Patch) String() string { return compact(p) }
