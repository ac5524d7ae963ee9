package provost

import (
	"encoding/json"
	"errors"
	"strings"
)

// Place is one answer of Select.
type Place struct {
	Pointer string
	// Leaf is as for Get.
	Leaf any
	// IsLeaf is false for a list or a mapping.
	IsLeaf bool
}

// Document is one object. Pointers are RFC 6901; "" is the whole object.
//
// A leaf is nil (for null), a bool, an int64, a float64 or a string.
type Document interface {
	// Get is the leaf at a pointer; false when there is nothing, or a list or mapping.
	Get(pointer string) (leaf any, found bool)
	// Select is every place that matches a pointer in which a token may be "*".
	Select(pattern string) []Place
	// Length is the number of items or keys; false for anything else.
	Length(pointer string) (length uint32, found bool)
	// Keys are the keys of a mapping.
	Keys(pointer string) []string
	// JSON is the value as JSON text; false when there is nothing.
	JSON(pointer string) (text string, found bool)
}

// Text is the text at a pointer; false when there is none, or something else.
func Text(document Document, pointer string) (string, bool) {
	leaf, _ := document.Get(pointer)
	text, found := leaf.(string)
	return text, found
}

// Read reads a part of a document into what into points to; false when there is nothing.
// The error is a [*Mismatch] when the part is of another type.
func Read(document Document, pointer string, into any) (found bool, err error) {
	text, found := document.JSON(pointer)
	if !found {
		return false, nil
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			where := pointer
			if wrong.Field != "" {
				where += " (" + wrong.Field + ")"
			}
			return true, &Mismatch{pointer, "cannot be read: " + where + " is a " + wrong.Value}
		}
		return true, &Mismatch{pointer, err.Error()}
	}
	return true, nil
}

// Items are the pointers of the items of a list, none where there is nothing; the error
// is a [*Mismatch] where there is something else.
func Items(document Document, pointer string) ([]string, error) {
	text, found := document.JSON(pointer)
	if !found {
		return nil, nil
	}
	if !strings.HasPrefix(text, "[") {
		return nil, &Mismatch{pointer, "is not a list"}
	}
	var items []string
	for _, place := range document.Select(pointer + "/*") {
		items = append(items, place.Pointer)
	}
	return items, nil
}

// Escape makes a key a token of a pointer.
func Escape(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

func unescape(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}
