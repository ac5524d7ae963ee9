module provost.dev/sdk

go 1.24
