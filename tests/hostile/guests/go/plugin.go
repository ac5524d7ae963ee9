// Does what a document says at "/do".
package main

import (
	"strings"

	"provost.dev/sdk"
)

var plugin = provost.Plugin[provost.NoSettings]{
	Description: provost.Description{
		Name: "hostile", Version: "0.1.0",
		Capabilities: []string{provost.CapabilityLog},
		Rules:        []provost.Rule{{ID: "hostile", Title: "Nothing is done"}},
	},
	Check: check,
}

func init() { provost.Export(&plugin) }

func main() {}

var kept [][]byte

func check(document provost.Document, _ provost.NoSettings, report *provost.Report) error {
	what, _ := provost.Text(document, "/do")
	switch what {
	case "loop":
		for {
		}
	case "grow":
		for {
			kept = append(kept, make([]byte, 1<<20))
		}
	case "recurse":
		report.Add(provost.Finding{Pointer: strings.Repeat("a", deeper(1))})
	case "flood":
		for range 2_000 {
			report.Add(provost.Finding{Rule: "hostile", Message: "again"})
		}
	case "shout":
		report.Add(provost.Finding{Rule: "hostile", Message: strings.Repeat("a", 2<<20)})
	case "log":
		for range 1_000 {
			provost.Log(provost.LevelInfo, "again")
		}
	case "fail":
		panic("oh no")
	}
	return nil
}

func deeper(depth int) int {
	var place [100]int
	place[depth%100] = depth
	return place[7] + deeper(depth+1) + place[9]
}
