//go:build !wasip1

package provost

// Export makes a plugin the one of this program. Outside WebAssembly it does nothing.
func Export(Exportable) {}
