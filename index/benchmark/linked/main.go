// Command linked does nothing but link what the bot links: its time is the
// start that no program with these libraries can do without. go generate in
// the folder above writes it.
package main

import (
	_ "github.com/blevesearch/bleve/v2/document"
	_ "github.com/blevesearch/bleve/v2/index/scorch"
	_ "github.com/blevesearch/bleve_index_api"
	_ "github.com/blevesearch/snowballstem"
	_ "github.com/blevesearch/snowballstem/english"
	_ "github.com/bwmarrin/discordgo"
	_ "github.com/fsnotify/fsnotify"
	_ "github.com/go-telegram-bot-api/telegram-bot-api/v5"
	_ "github.com/goccy/go-yaml"
	_ "github.com/goccy/go-yaml/ast"
	_ "github.com/goccy/go-yaml/parser"
	_ "github.com/gorilla/websocket"
	_ "github.com/jackc/pgx/v5/pgconn"
	_ "github.com/jackc/pgx/v5/pgxpool"
	_ "github.com/jackc/pgx/v5/stdlib"
	_ "github.com/klauspost/compress/zstd"
	_ "github.com/prometheus/client_golang/prometheus"
	_ "github.com/prometheus/client_golang/prometheus/collectors"
	_ "github.com/prometheus/client_golang/prometheus/promhttp"
	_ "github.com/spf13/cobra"
	_ "github.com/spf13/pflag"
	_ "github.com/yuin/goldmark/ast"
	_ "github.com/yuin/goldmark/parser"
	_ "github.com/yuin/goldmark/text"
	_ "github.com/yuin/goldmark/util"
	_ "golang.org/x/sync/errgroup"
	_ "golang.org/x/term"
	_ "golang.org/x/text/runes"
	_ "golang.org/x/text/transform"
	_ "golang.org/x/text/unicode/norm"
	_ "golang.org/x/text/width"
	_ "golang.org/x/time/rate"
	_ "modernc.org/sqlite"
	_ "modernc.org/sqlite/lib"
)

func main() {}
