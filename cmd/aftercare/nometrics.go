//go:build !metrics

package main

import (
	"net/http"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/store"
	"github.com/aftercarebot/aftercare/knowledge"
)

// noMetrics stands in where the program is built without Prometheus.
type noMetrics struct{ bot.NoMeter }

func newMeter(*knowledge.Base) meter { return noMetrics{} }

func (noMetrics) reloaded(reloaded)    {}
func (noMetrics) journal(*store.Store) {}
func (noMetrics) handler() http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		reply(w, http.StatusNotImplemented, "built without metrics\n")
	})
}
