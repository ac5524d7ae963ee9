// Package provost is what a Provost plugin in Go is written with.
//
// A plugin is a [Plugin] value that an init function exports:
//
//	func init() { provost.Export(&plugin) }
//
//	func main() {} // The compiler wants one; nobody calls it.
//
// It sees one document at a time and has no files, network, clock or randomness. Whatever
// it cannot judge it returns as a [Mismatch]; the rules are then inconclusive, which a gate
// does not take for a yes. Any other error, or a panic, makes every rule unknown.
package provost

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
)

// Severity is how bad a violation is. The zero value is [Medium].
type Severity string

const (
	Info     Severity = "info"
	Low      Severity = "low"
	Medium   Severity = "medium"
	High     Severity = "high"
	Critical Severity = "critical"
)

// Capabilities that a plugin may want and a gate file has to grant.
const (
	CapabilityLog       = "log"
	CapabilityLookup    = "lookup"
	CapabilityLookupAll = "lookup-all"
)

// Rule is one rule, as people see it.
type Rule struct {
	// ID is stable, in kebab-case, and unique among all plugins that a gate loads.
	ID       string
	Title    string
	Severity Severity
	// Rationale says why anyone should care.
	Rationale string
	// Remedy says what to do about a violation.
	Remedy string
	// Controls are identifiers of controls, as "framework:id".
	Controls []string
}

// Description is what a plugin is.
type Description struct {
	Name    string
	Version string
	Rules   []Rule
	// SettingsSchema is a JSON Schema; if empty, the plugin has no settings.
	SettingsSchema string
	// Kinds are those it wants to see, as "Kind" or "group/Kind"; empty for all.
	Kinds        []string
	Capabilities []string
}

// Finding is one violation. The SDK fills in the document.
type Finding struct {
	Rule     string
	Document uint32
	// Pointer is where, as RFC 6901 says it; it may name a missing field.
	Pointer string
	// Message says in one sentence what is wrong here.
	Message string
	// Remedy says what to do here, where more can be said than the rule's own remedy.
	Remedy string
	// Patch mends it; may be nil.
	Patch Patch
}

// Mismatch is a part of a document that is not what the plugin can judge. Returned from
// the check function it makes every rule inconclusive for that document.
type Mismatch struct {
	Pointer string
	Reason  string
}

func (m *Mismatch) Error() string { return m.Pointer + ": " + m.Reason }

// Inconclusive is a rule that could not be judged.
type Inconclusive struct {
	Rule     string
	Document uint32
	Mismatch
}

// Report is what the plugin saw.
type Report struct {
	Findings     []Finding
	Inconclusive []Inconclusive
	document     uint32
}

// Add reports a violation in the present document.
func (r *Report) Add(finding Finding) {
	finding.Document = r.document
	r.Findings = append(r.Findings, finding)
}

// AddInconclusive reports that one rule cannot be judged about the present document.
func (r *Report) AddInconclusive(rule string, mismatch Mismatch) {
	r.Inconclusive = append(r.Inconclusive, Inconclusive{rule, r.document, mismatch})
}

// NoSettings are the settings of a plugin that has none.
type NoSettings struct{}

// Plugin is a plugin whose settings are read into an S, by encoding/json.
type Plugin[S any] struct {
	Description Description
	// Defaults makes the settings that a gate file changes; nil for the zero value.
	Defaults func() S
	// Validate refuses settings that the schema cannot refuse; may be nil.
	Validate func(settings S) error
	// Check judges one document.
	Check func(document Document, settings S, report *Report) error
}

// Exportable is a *[Plugin] of any type of settings.
type Exportable interface {
	describe() Description
	validate(settings string) error
	check(documents []Document, settings string) (Report, error)
}

const noSettingsSchema = `{"type": "object", "additionalProperties": false}`

func (p *Plugin[S]) describe() Description {
	description := p.Description
	if description.SettingsSchema == "" {
		description.SettingsSchema = noSettingsSchema
	}
	return description
}

func (p *Plugin[S]) settings(text string) (S, error) {
	var settings S
	if p.Defaults != nil {
		settings = p.Defaults()
	}
	if strings.TrimSpace(text) == "" {
		return settings, nil
	}
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.DisallowUnknownFields()
	if err := decoder.Decode(&settings); err != nil {
		return settings, err
	}
	if _, err := decoder.Token(); err != io.EOF {
		return settings, errors.New("there is more after the settings")
	}
	return settings, nil
}

func (p *Plugin[S]) validate(text string) (err error) {
	defer p.recover(&err)
	settings, err := p.settings(text)
	if err != nil || p.Validate == nil {
		return err
	}
	return p.Validate(settings)
}

func (p *Plugin[S]) check(documents []Document, text string) (report Report, err error) {
	defer p.recover(&err)
	settings, err := p.settings(text)
	if err != nil {
		return report, err
	}
	if p.Check == nil {
		return report, errors.New("the plugin has no check function")
	}
	for index, document := range documents {
		report.document = uint32(index)
		err := p.Check(document, settings, &report)
		var mismatch *Mismatch
		if errors.As(err, &mismatch) {
			for _, rule := range p.Description.Rules {
				report.AddInconclusive(rule.ID, *mismatch)
			}
		} else if err != nil {
			return Report{}, p.failed(err)
		}
	}
	return report, nil
}

// recover makes a panic an error, which the host does not take for "no findings".
func (p *Plugin[S]) recover(err *error) {
	if value := recover(); value != nil {
		*err = p.failed(fmt.Errorf("panic: %T: %v", value, value))
	}
}

func (p *Plugin[S]) failed(err error) error {
	if slices.Contains(p.Description.Capabilities, CapabilityLog) {
		Log(LevelError, err.Error())
	}
	return err
}
