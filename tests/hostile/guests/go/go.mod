module hostile

go 1.24

require provost.dev/sdk v0.0.0

replace provost.dev/sdk => ../../../../sdk/go
