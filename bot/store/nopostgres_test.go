//go:build !postgres || !unix

package store

import "testing"

func postgresURL(t testing.TB) string {
	t.Helper()
	t.Skip("built without PostgreSQL: test with -tags postgres on Unix")
	return ""
}

func stopPostgres() {}
