//go:build !unix

package store

import "testing"

func postgresURL(t testing.TB) string {
	t.Helper()
	t.Skip("PostgreSQL is started over a Unix socket: no such thing here")
	return ""
}

func stopPostgres() {}
