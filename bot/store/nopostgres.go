//go:build !postgres

package store

import (
	"context"
	"errors"
)

// openPostgres refuses: pgx's pool needs github.com/jackc/puddle/v2, which
// go.mod does not name yet.
func (s *Store) openPostgres(context.Context, location) error {
	return errors.New("this program was built without PostgreSQL: build it with -tags postgres, or give a file's path")
}
