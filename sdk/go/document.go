package provost

import (
	"encoding/json"
	"errors"
	"strconv"
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
// The error is a [*Mismatch] at the field that does not fit its type.
func Read(document Document, pointer string, into any) (found bool, err error) {
	text, found := document.JSON(pointer)
	if !found {
		return false, nil
	}
	if err := json.Unmarshal([]byte(text), into); err != nil {
		var wrong *json.UnmarshalTypeError
		if errors.As(err, &wrong) {
			where := pointer + fieldPointer(text, wrong.Offset)
			return true, &Mismatch{where, named(where) + " is a " + wrong.Value + ", not a " + wrong.Type.String()}
		}
		return true, &Mismatch{pointer, err.Error()}
	}
	return true, nil
}

// Leaf is the leaf at a pointer; false where it, or something on the way to it, is missing
// or null. The error is a [*Mismatch] where one of them has another type.
func Leaf(document Document, pointer string) (leaf any, found bool, err error) {
	leaf, isLeaf := document.Get(pointer)
	if isLeaf {
		return leaf, leaf != nil, nil
	}
	reached, err := isReached(document, pointer)
	if err == nil && reached && kindOf(document, pointer) != nothing {
		err = &Mismatch{pointer, named(pointer) + " is not a leaf"}
	}
	return nil, false, err
}

// Items are the pointers of the items of a list, none where it is missing. The error is a
// [*Mismatch] where it is something else (null too), or something on the way to it has a
// wrong type.
func Items(document Document, pointer string) ([]string, error) {
	reached, err := isReached(document, pointer)
	if err != nil || !reached {
		return nil, err
	}
	switch kindOf(document, pointer) {
	case nothing:
		return nil, nil
	case list:
		length, _ := document.Length(pointer)
		items := make([]string, length)
		for index := range items {
			items[index] = pointer + "/" + strconv.Itoa(index)
		}
		return items, nil
	}
	return nil, &Mismatch{pointer, named(pointer) + " is not a list"}
}

type kind int

const (
	nothing kind = iota
	null
	someLeaf
	list
	mapping
)

func kindOf(document Document, pointer string) kind {
	if leaf, isLeaf := document.Get(pointer); isLeaf {
		if leaf == nil {
			return null
		}
		return someLeaf
	}
	length, isBranch := document.Length(pointer)
	if !isBranch {
		return nothing
	}
	isList := len(document.Keys(pointer)) == 0
	if length == 0 {
		text, _ := document.JSON(pointer)
		isList = text == "[]"
	}
	if isList {
		return list
	}
	return mapping
}

// isReached says whether nothing is missing on the way to a pointer.
func isReached(document Document, pointer string) (bool, error) {
	way := ""
	for _, token := range strings.Split(pointer, "/")[1:] {
		switch kind := kindOf(document, way); {
		case kind == nothing || kind == null:
			return false, nil
		// A list is fine only where an item of it is asked for.
		case kind != mapping && (kind != list || !isIndex(token)):
			return false, &Mismatch{way, named(way) + " is not a mapping"}
		}
		way += "/" + token
	}
	return true, nil
}

func isIndex(token string) bool {
	return token != "" && strings.Trim(token, "0123456789") == ""
}

// named is what a pointer leads to, in words.
func named(pointer string) string {
	token := pointer[strings.LastIndex(pointer, "/")+1:]
	switch {
	case pointer == "":
		return "the document"
	case isIndex(token):
		return "item " + token
	}
	return "`" + unescape(token) + "`"
}

// fieldPointer is the pointer of the value that ends at or around a byte of valid JSON text:
// what encoding/json says of a field leaves out the indices of lists.
func fieldPointer(text string, offset int64) string {
	decoder := json.NewDecoder(strings.NewReader(text))
	type level struct {
		token  string
		index  int
		isList bool
		isKey  bool
	}
	var way []level
	for {
		token, err := decoder.Token()
		if err != nil {
			break
		}
		inner := len(way) - 1
		if delimiter, is := token.(json.Delim); is && (delimiter == ']' || delimiter == '}') {
			way = way[:inner]
			continue
		}
		if inner >= 0 {
			switch here := &way[inner]; {
			case here.isList:
				here.token = strconv.Itoa(here.index)
				here.index++
			case here.isKey:
				here.token, here.isKey = Escape(token.(string)), false
				continue
			default:
				here.isKey = true
			}
		}
		if decoder.InputOffset() >= offset {
			break
		}
		if delimiter, is := token.(json.Delim); is {
			way = append(way, level{isList: delimiter == '[', isKey: delimiter == '{'})
		}
	}
	var pointer strings.Builder
	for _, level := range way {
		pointer.WriteString("/" + level.token)
	}
	return pointer.String()
}

// Escape makes a key a token of a pointer.
func Escape(key string) string {
	return strings.ReplaceAll(strings.ReplaceAll(key, "~", "~0"), "/", "~1")
}

func unescape(token string) string {
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}
