package provost

import (
	"strings"
	"sync"
)

// Level is how much a log message matters.
type Level uint32

const (
	LevelDebug Level = iota
	LevelInfo
	LevelWarning
	LevelError
)

// surroundings is what a plugin can ask beside its documents.
type surroundings interface {
	find(near Document, kind string, name *string) []Document
	knowsCluster() bool
	log(level Level, message string)
}

// present is the real host in WebAssembly, and a [Host] in a unit test.
var present surroundings

// Find is the objects of a kind ("Kind" or "group/Kind") that can be seen from near. It
// needs [CapabilityLookup] or [CapabilityLookupAll].
func Find(near Document, kind string) []Document { return present.find(near, kind, nil) }

// FindNamed is like [Find], for the objects of one name.
func FindNamed(near Document, kind, name string) []Document {
	return present.find(near, kind, &name)
}

// KnowsCluster says whether there is a snapshot of the cluster. Without one, what [Find]
// does not find may exist all the same.
func KnowsCluster() bool { return present.knowsCluster() }

// Log writes for the operator's eyes. It needs [CapabilityLog].
func Log(level Level, message string) { present.log(level, message) }

// LogLine is a message that a plugin logged in a unit test.
type LogLine struct {
	Level   Level
	Message string
}

// Host runs a plugin natively, in a unit test.
type Host struct {
	// Others are what [Find] finds, as if they were a snapshot of the cluster.
	Others []Document
	// Log is what the plugin logged.
	Log []LogLine
	// all is whether the plugin sees every namespace.
	all bool
}

var oneAtATime sync.Mutex

// Validate does what the host does when it loads a plugin, but for the schema.
func (h *Host) Validate(plugin Exportable, settings string) error {
	defer h.enter(plugin)()
	return plugin.validate(settings)
}

// Check does what the host does for a change.
func (h *Host) Check(plugin Exportable, settings string, documents ...Document) (Report, error) {
	defer h.enter(plugin)()
	return plugin.check(documents, settings)
}

func (h *Host) enter(plugin Exportable) (leave func()) {
	oneAtATime.Lock()
	for _, capability := range plugin.describe().Capabilities {
		h.all = h.all || capability == CapabilityLookupAll
	}
	present = h
	return func() { present = nil; oneAtATime.Unlock() }
}

func (h *Host) find(near Document, kind string, name *string) []Document {
	namespace, _ := Text(near, "/metadata/namespace")
	var found []Document
	for _, other := range h.Others {
		theirs, _ := Text(other, "/metadata/name")
		home, _ := Text(other, "/metadata/namespace")
		if isKind(other, "/Namespace") {
			home = theirs
		}
		isVisible := h.all || home == namespace
		if isVisible && isKind(other, kind) && (name == nil || *name == theirs) {
			found = append(found, other)
		}
	}
	return found
}

// isKind says whether an object is of a kind: "Kind" is that of any group, "/Kind" that of the
// core group.
func isKind(document Document, kind string) bool {
	theirs, _ := Text(document, "/kind")
	version, _ := Text(document, "/apiVersion")
	own := ""
	if slash := strings.LastIndex(version, "/"); slash >= 0 {
		own = version[:slash]
	}
	if slash := strings.LastIndex(kind, "/"); slash >= 0 {
		return kind[slash+1:] == theirs && kind[:slash] == own
	}
	return kind == theirs
}

func (h *Host) knowsCluster() bool { return true }

func (h *Host) log(level Level, message string) {
	h.Log = append(h.Log, LogLine{level, message})
}
