package main

import (
	"net/http"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/store"
)

// meter takes note of everything that is shown on /metrics.
type meter interface {
	bot.Meter
	reloaded(reloaded)    // the content was read anew, or was not
	journal(*store.Store) // from now on its counts are shown, too
	handler() http.Handler
}
