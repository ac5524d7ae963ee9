//go:build wasip1

// The canonical ABI of the contract, by hand: how its types lie in memory.
package provost

import (
	"math"
	"unsafe"
)

var exported Exportable

// Export makes a plugin the one of this component.
func Export(plugin Exportable) {
	exported = plugin
	present = realHost{}
}

// kept holds every block that the host knows the address of. An instance lives for one
// call, so nothing is ever given back.
var kept [][]uint64

type address uint32

func allocate(size uint32) address {
	// 64-bit words, because the contract's types want that alignment. One more than
	// needed, so that a block of no bytes has an address too.
	block := make([]uint64, size/8+1)
	kept = append(kept, block)
	return address(uintptr(unsafe.Pointer(&block[0])))
}

func (a address) pointer() unsafe.Pointer {
	return *(*unsafe.Pointer)(unsafe.Pointer(&[1]uintptr{uintptr(a)}))
}

func (a address) bytes(length uint32) []byte { return unsafe.Slice((*byte)(a.pointer()), length) }
func (a address) byte() *byte                { return (*byte)(a.pointer()) }
func (a address) word() *uint32              { return (*uint32)(a.pointer()) }
func (a address) long() *uint64              { return (*uint64)(a.pointer()) }

// Reading what the host wrote.

func (a address) string() string {
	length := *(a + 4).word()
	if length == 0 {
		return ""
	}
	return string(address(*a.word()).bytes(length))
}

func (a address) leaf() (any, bool) {
	if *a.byte() == 0 {
		return nil, false
	}
	switch value := a + 16; *(a + 8).byte() {
	case 0:
		return nil, true
	case 1:
		return *value.byte() != 0, true
	case 2:
		return int64(*value.long()), true
	case 3:
		return math.Float64frombits(*value.long()), true
	case 4:
		return value.string(), true
	}
	panic("the host sent a leaf of an unknown type")
}

// Writing what the host reads.

func (a address) putString(text string) {
	block := allocate(uint32(len(text)))
	copy(block.bytes(uint32(len(text))), text)
	*a.word() = uint32(block)
	*(a + 4).word() = uint32(len(text))
}

func (a address) putOption(text string) {
	if text != "" {
		*a.byte() = 1
		(a + 4).putString(text)
	}
}

func putList[T any](a address, size uint32, items []T, put func(at address, item T)) {
	block := allocate(size * uint32(len(items)))
	for index, item := range items {
		put(block+address(size*uint32(index)), item)
	}
	*a.word() = uint32(block)
	*(a + 4).word() = uint32(len(items))
}

func (a address) putStrings(texts []string) { putList(a, 8, texts, address.putString) }

// Exports.

//go:wasmexport cabi_realloc
func cabiRealloc(old, oldSize, alignment, size uint32) uint32 {
	block := allocate(size)
	if old != 0 {
		copy(block.bytes(size), address(old).bytes(oldSize))
	}
	return uint32(block)
}

//go:wasmexport provost:plugin/checks@1.0.0#describe
func describe() uint32 {
	description := exported.describe()
	answer := allocate(48)
	answer.putString(description.Name)
	(answer + 8).putString(description.Version)
	putList(answer+16, 44, description.Rules, func(at address, rule Rule) {
		at.putString(rule.ID)
		(at + 8).putString(rule.Title)
		*(at + 16).byte() = severity(rule.Severity)
		(at + 20).putString(rule.Rationale)
		(at + 28).putString(rule.Remedy)
		(at + 36).putStrings(rule.Controls)
	})
	(answer + 24).putString(description.SettingsSchema)
	(answer + 32).putStrings(description.Kinds)
	(answer + 40).putStrings(description.Capabilities)
	return uint32(answer)
}

func severity(severity Severity) byte {
	switch severity {
	case Info:
		return 0
	case Low:
		return 1
	case Medium, "":
		return 2
	case High:
		return 3
	case Critical:
		return 4
	}
	panic("there is no severity " + string(severity))
}

//go:wasmexport provost:plugin/checks@1.0.0#validate
func validate(settings, length uint32) uint32 {
	answer := allocate(12)
	if err := exported.validate(string(address(settings).bytes(length))); err != nil {
		*answer.byte() = 1
		(answer + 4).putString(err.Error())
	}
	return uint32(answer)
}

//go:wasmexport provost:plugin/checks@1.0.0#check
func check(handles, count, settings, length uint32) uint32 {
	documents := make([]Document, count)
	for index := range documents {
		documents[index] = hostDocument(*(address(handles) + address(4*index)).word())
	}
	report, err := exported.check(documents, string(address(settings).bytes(length)))
	for _, document := range documents {
		// They were lent, and the host wants them back.
		dropDocument(uint32(document.(hostDocument)))
	}
	answer := allocate(20)
	if err != nil {
		*answer.byte() = 1
		(answer + 4).putString(err.Error())
		return uint32(answer)
	}
	putList(answer+4, 52, report.Findings, func(at address, finding Finding) {
		at.putString(finding.Rule)
		*(at + 8).word() = finding.Document
		(at + 12).putString(finding.Pointer)
		(at + 20).putString(finding.Message)
		(at + 28).putOption(finding.Remedy)
		if finding.Patch != nil {
			(at + 40).putOption(finding.Patch.String())
		}
	})
	putList(answer+12, 28, report.Inconclusive, func(at address, inconclusive Inconclusive) {
		at.putString(inconclusive.Rule)
		*(at + 8).word() = inconclusive.Document
		(at + 12).putString(inconclusive.Pointer)
		(at + 20).putString(inconclusive.Reason)
	})
	return uint32(answer)
}

// Imports.

//go:wasmimport provost:plugin/documents@1.0.0 [resource-drop]document
func dropDocument(handle uint32)

//go:wasmimport provost:plugin/documents@1.0.0 [method]document.get
func documentGet(handle uint32, pointer string, answer uint32)

//go:wasmimport provost:plugin/documents@1.0.0 [method]document.select
func documentSelect(handle uint32, pattern string, answer uint32)

//go:wasmimport provost:plugin/documents@1.0.0 [method]document.length
func documentLength(handle uint32, pointer string, answer uint32)

//go:wasmimport provost:plugin/documents@1.0.0 [method]document.keys
func documentKeys(handle uint32, pointer string, answer uint32)

//go:wasmimport provost:plugin/documents@1.0.0 [method]document.to-json
func documentToJSON(handle uint32, pointer string, answer uint32)

//go:wasmimport provost:plugin/logging@1.0.0 log
func hostLog(level uint32, message string)

//go:wasmimport provost:plugin/lookup@1.0.0 find
func hostFind(near uint32, kind string, named uint32, name string, answer uint32)

//go:wasmimport provost:plugin/lookup@1.0.0 knows-cluster
func hostKnowsCluster() uint32

// hostDocument is the handle of a document.
type hostDocument uint32

func (d hostDocument) Get(pointer string) (any, bool) {
	answer := allocate(24)
	documentGet(uint32(d), pointer, uint32(answer))
	return answer.leaf()
}

func (d hostDocument) Select(pattern string) []Place {
	answer := allocate(8)
	documentSelect(uint32(d), pattern, uint32(answer))
	places := make([]Place, *(answer + 4).word())
	for index := range places {
		at := address(*answer.word()) + address(32*index)
		leaf, isLeaf := (at + 8).leaf()
		places[index] = Place{at.string(), leaf, isLeaf}
	}
	return places
}

func (d hostDocument) Length(pointer string) (uint32, bool) {
	answer := allocate(8)
	documentLength(uint32(d), pointer, uint32(answer))
	return *(answer + 4).word(), *answer.byte() != 0
}

func (d hostDocument) Keys(pointer string) []string {
	answer := allocate(8)
	documentKeys(uint32(d), pointer, uint32(answer))
	keys := make([]string, *(answer + 4).word())
	for index := range keys {
		keys[index] = (address(*answer.word()) + address(8*index)).string()
	}
	return keys
}

func (d hostDocument) JSON(pointer string) (string, bool) {
	answer := allocate(12)
	documentToJSON(uint32(d), pointer, uint32(answer))
	if *answer.byte() == 0 {
		return "", false
	}
	return (answer + 4).string(), true
}

type realHost struct{}

func (realHost) find(near Document, kind string, name *string) []Document {
	handle, isHosts := near.(hostDocument)
	if !isHosts {
		panic("Find was given a document that is not the host's")
	}
	answer := allocate(8)
	if name == nil {
		hostFind(uint32(handle), kind, 0, "", uint32(answer))
	} else {
		hostFind(uint32(handle), kind, 1, *name, uint32(answer))
	}
	found := make([]Document, *(answer + 4).word())
	for index := range found {
		found[index] = hostDocument(*(address(*answer.word()) + address(4*index)).word())
	}
	return found
}

func (realHost) knowsCluster() bool { return hostKnowsCluster() != 0 }

func (realHost) log(level Level, message string) { hostLog(uint32(level), message) }
