package provost

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
)

// MemoryDocument is a document in memory, to test a plugin natively. It answers as the
// host does, except that keys are sorted.
type MemoryDocument struct{ root any }

// NewMemoryDocument makes a document of JSON text; it panics if the text is not JSON.
func NewMemoryDocument(text string) *MemoryDocument {
	decoder := json.NewDecoder(strings.NewReader(text))
	// A float64 would lose the last digits of a large integer.
	decoder.UseNumber()
	var root any
	if err := decoder.Decode(&root); err != nil {
		panic(err)
	}
	return &MemoryDocument{root}
}

func (d *MemoryDocument) at(pointer string) (any, bool) {
	value := d.root
	if pointer == "" {
		return value, true
	}
	if pointer[0] != '/' {
		return nil, false
	}
	for _, token := range strings.Split(pointer[1:], "/") {
		token = unescape(token)
		index := slices.IndexFunc(children(value), func(c child) bool { return c.name == token })
		if index < 0 {
			return nil, false
		}
		value = children(value)[index].value
	}
	return value, true
}

func (d *MemoryDocument) Get(pointer string) (any, bool) {
	value, found := d.at(pointer)
	if !found {
		return nil, false
	}
	return leaf(value)
}

func (d *MemoryDocument) Select(pattern string) []Place {
	type place struct {
		pointer string
		value   any
	}
	places := []place{{"", d.root}}
	if pattern != "" {
		if pattern[0] != '/' {
			return nil
		}
		for _, token := range strings.Split(pattern[1:], "/") {
			var next []place
			for _, at := range places {
				for _, child := range children(at.value) {
					if token == "*" || child.name == unescape(token) {
						next = append(next, place{at.pointer + "/" + Escape(child.name), child.value})
					}
				}
			}
			places = next
		}
	}
	var answer []Place
	for _, at := range places {
		leaf, isLeaf := leaf(at.value)
		answer = append(answer, Place{at.pointer, leaf, isLeaf})
	}
	return answer
}

func (d *MemoryDocument) Length(pointer string) (uint32, bool) {
	value, _ := d.at(pointer)
	switch value := value.(type) {
	case []any:
		return uint32(len(value)), true
	case map[string]any:
		return uint32(len(value)), true
	}
	return 0, false
}

func (d *MemoryDocument) Keys(pointer string) []string {
	var keys []string
	value, _ := d.at(pointer)
	if mapping, isMapping := value.(map[string]any); isMapping {
		for _, child := range children(mapping) {
			keys = append(keys, child.name)
		}
	}
	return keys
}

func (d *MemoryDocument) JSON(pointer string) (string, bool) {
	value, found := d.at(pointer)
	if !found {
		return "", false
	}
	return compact(value), true
}

type child struct {
	name  string
	value any
}

func children(value any) []child {
	var all []child
	switch value := value.(type) {
	case []any:
		for index, item := range value {
			all = append(all, child{strconv.Itoa(index), item})
		}
	case map[string]any:
		for key, entry := range value {
			all = append(all, child{key, entry})
		}
		slices.SortFunc(all, func(a, b child) int { return strings.Compare(a.name, b.name) })
	}
	return all
}

func leaf(value any) (any, bool) {
	switch value := value.(type) {
	case nil, bool, string:
		return value, true
	case json.Number:
		if integer, err := strconv.ParseInt(string(value), 10, 64); err == nil {
			return integer, true
		}
		number, _ := value.Float64()
		return number, true
	}
	return nil, false
}

// compact is JSON text without the escapes that only HTML needs.
func compact(value any) string {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(value); err != nil {
		panic(err)
	}
	return strings.TrimSuffix(text.String(), "\n")
}
