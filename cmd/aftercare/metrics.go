package main

import (
	"net/http"
	"runtime"
	"sync"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"

	"github.com/aftercarebot/aftercare/bot"
	"github.com/aftercarebot/aftercare/bot/store"
	"github.com/aftercarebot/aftercare/knowledge"
)

// metrics are the figures of one process, in a registry of their own. No
// label holds a user, a server or a text: each has a few fixed values.
type metrics struct {
	registry *prometheus.Registry

	questions  *prometheus.CounterVec
	seconds    *prometheus.HistogramVec
	reconnects *prometheus.CounterVec
	sendErrors *prometheus.CounterVec
	dropped    *prometheus.CounterVec
	queue      *prometheus.GaugeVec
	panics     *prometheus.CounterVec

	content  *prometheus.GaugeVec
	reloads  *prometheus.CounterVec
	reloadOK prometheus.Gauge
	reloadAt prometheus.Gauge
	reloadIn prometheus.Gauge
	mu       sync.Mutex // guards hash
	hash     string     // of content
}

// newMeter makes the figures of a process that begins to serve base.
func newMeter(base *knowledge.Base) meter {
	registry := prometheus.NewRegistry()
	counter := func(name, help string, labels ...string) *prometheus.CounterVec {
		c := prometheus.NewCounterVec(prometheus.CounterOpts{Namespace: "aftercare", Name: name, Help: help}, labels)
		registry.MustRegister(c)
		return c
	}
	gauge := func(name, help string, labels ...string) *prometheus.GaugeVec {
		g := prometheus.NewGaugeVec(prometheus.GaugeOpts{Namespace: "aftercare", Name: name, Help: help}, labels)
		registry.MustRegister(g)
		return g
	}
	m := &metrics{
		registry:   registry,
		questions:  counter("questions_total", "Replies composed, by platform and kind of reply.", "platform", "kind"),
		reconnects: counter("reconnects_total", "Connections to a platform that were lost and made again.", "platform"),
		sendErrors: counter("send_errors_total", "Replies that could not be delivered, by reason.", "platform", "reason"),
		dropped:    counter("dropped_total", "Accepted messages that got no reply on purpose, by reason.", "platform", "reason"),
		panics:     counter("panics_total", "Panics of a handler that were recovered.", "platform"),
		queue:      gauge("queue_depth", "Messages that wait to be answered.", "platform"),
		content:    gauge("content_info", "1 for the version of the content that serves.", "hash"),
		reloads:    counter("content_reloads_total", "Attempts to read the content anew or to roll it back.", "result"),
		reloadOK:   gauge("content_last_reload_successful", "1 if the last attempt to read the content anew worked, 0 if the version before goes on serving.").WithLabelValues(),
		reloadAt:   gauge("content_last_reload_timestamp_seconds", "When the content that serves was loaded or last confirmed, in Unix time.").WithLabelValues(),
		reloadIn:   gauge("content_last_reload_seconds", "How long the last attempt to read the content anew took.").WithLabelValues(),
		seconds: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Namespace: "aftercare", Name: "answer_seconds", Help: "Time to compose a reply, without its way to the reader.",
			Buckets: []float64{.0001, .00025, .0005, .001, .0025, .005, .01, .025, .05, .1, .25, 1},
		}, []string{"platform"}),
	}
	gauge("build_info", "1, with the version of the program.", "version", "goversion").WithLabelValues(buildVersion(), runtime.Version()).Set(1)
	registry.MustRegister(m.seconds, collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	m.serve(base.Hash())
	m.reloadOK.Set(1)
	for _, result := range []string{"success", "failure"} {
		m.reloads.WithLabelValues(result)
	}
	return m
}

// serve notes which content serves, as of now.
func (m *metrics) serve(hash string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.hash != hash {
		m.content.DeleteLabelValues(m.hash)
		m.hash = hash
	}
	m.content.WithLabelValues(hash).Set(1)
	m.reloadAt.SetToCurrentTime()
}

func (m *metrics) reloaded(r reloaded) {
	m.reloadIn.Set(r.took.Seconds())
	if r.err != nil {
		m.reloads.WithLabelValues("failure").Inc()
		m.reloadOK.Set(0)
		return
	}
	m.reloads.WithLabelValues("success").Inc()
	m.reloadOK.Set(1)
	m.serve(r.base.Hash())
}

// journal shows the store's own counts.
func (m *metrics) journal(s *store.Store) {
	stats := func(name, help string, of func(store.Stats) float64) {
		m.registry.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{Namespace: "aftercare", Name: name, Help: help},
			func() float64 { return of(s.Stats()) }))
	}
	stats("journal_written_total", "Journal entries and thumbs in the database.", func(s store.Stats) float64 { return float64(s.Written) })
	stats("journal_dropped_total", "Journal entries and thumbs that were lost.", func(s store.Stats) float64 { return float64(s.Dropped) })
	m.registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{Namespace: "aftercare", Name: "journal_failing", Help: "1 if the last attempt to write the journal failed."},
		func() float64 {
			if s.Stats().Failing {
				return 1
			}
			return 0
		}))
}

func (m *metrics) handler() http.Handler {
	return promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{MaxRequestsInFlight: 4, Timeout: 10 * time.Second})
}

func (m *metrics) Answered(platform string, kind bot.Kind, seconds float64) {
	m.questions.WithLabelValues(platform, kind.String()).Inc()
	m.seconds.WithLabelValues(platform).Observe(seconds)
}

func (m *metrics) Reconnected(platform string) { m.reconnects.WithLabelValues(platform).Inc() }

func (m *metrics) SendFailed(platform, reason string) {
	m.sendErrors.WithLabelValues(platform, reason).Inc()
}

func (m *metrics) Dropped(platform, reason string) {
	m.dropped.WithLabelValues(platform, reason).Inc()
}

func (m *metrics) Queued(platform string, depth int) {
	m.queue.WithLabelValues(platform).Set(float64(depth))
}

func (m *metrics) Panicked(platform string) { m.panics.WithLabelValues(platform).Inc() }
