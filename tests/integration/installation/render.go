// Renders the templates of a chart as Helm does, for charts that need no more of it than this.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"text/template"
)

func main() {
	chart, file, namespace, version := os.Args[1], os.Args[2], os.Args[3], os.Args[4]
	text, err := os.ReadFile(file)
	fail(err)
	var values map[string]any
	fail(json.Unmarshal(text, &values))
	data := map[string]any{
		"Values":  values,
		"Release": map[string]any{"Namespace": namespace},
		"Chart":   map[string]any{"AppVersion": version},
	}
	functions := template.FuncMap{
		"quote": func(value any) string { return strconv.Quote(fmt.Sprint(value)) },
		"required": func(message string, value any) (any, error) {
			if value == nil || value == "" {
				return nil, fmt.Errorf("%s", message)
			}
			return value, nil
		},
	}
	paths, err := filepath.Glob(filepath.Join(chart, "templates", "*.yaml"))
	fail(err)
	for _, path := range paths {
		text, err := os.ReadFile(path)
		fail(err)
		var out strings.Builder
		parsed, err := template.New(path).Funcs(functions).Option("missingkey=error").Parse(string(text))
		fail(err)
		fail(parsed.Execute(&out, data))
		fmt.Printf("---\n%s\n", out.String())
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
