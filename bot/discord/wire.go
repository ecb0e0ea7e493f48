package discord

import (
	"bufio"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"sync"
	"time"
)

// wire is a gateway connection that reads each websocket frame before
// discordgo does, and ends the connection where discordgo would go wrong:
//
//   - "reconnect" (op 7) as the second packet locks it up for good;
//   - "invalid session" (op 9) makes it identify again at once, whatever it was told;
//   - a silent server holds it for minutes;
//   - a close frame's code it keeps to itself;
//   - after any loss it still sends close code 1000, which gives up a session
//     that could have been resumed.
//
// The end of a wire says how to go on; see [wire.end]. Reading and writing
// are each for one goroutine at a time, as with any connection.
type wire struct {
	net.Conn
	in       *bufio.Reader
	patience time.Duration // longest silence; from HELLO on it follows the heartbeat
	slack    time.Duration // how late an acknowledgement may be

	pending  []byte // of a frame that was inspected
	upgraded bool   // the HTTP answer is behind us

	mu      sync.Mutex
	last    ending
	over    bool
	goodbye bool
	done    chan struct{} // closed when the connection is over
}

// ending is why a connection ended and what that means for the session.
type ending struct {
	Code   int   // close code of the server, 0 if none was sent
	Reset  bool  // the session cannot be resumed
	Reason error // for the log
}

var (
	errAskedToReconnect = errors.New("discord asked to reconnect")
	errInvalidSession   = errors.New("discord ended the session")
	errSilence          = errors.New("nothing came from discord for too long")
	errCut              = errors.New("connection is over")
)

func newWire(conn net.Conn, patience, slack time.Duration) *wire {
	return &wire{Conn: conn, in: bufio.NewReaderSize(conn, 16<<10), patience: patience, slack: slack, done: make(chan struct{})}
}

// end gives why the connection ended; ok is false while it has not.
func (w *wire) end() (e ending, ok bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.last, w.over
}

// cut ends the connection without a close frame, so that the session stays
// resumable on Discord's side. The first reason counts.
func (w *wire) cut(e ending) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.over {
		return
	}
	w.over, w.last = true, e
	close(w.done)
	w.Conn.Close()
}

// leave lets the next close frame through: the session is to end.
func (w *wire) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.goodbye = true
}

// Close is called by the websocket library.
func (w *wire) Close() error {
	w.cut(ending{Reason: errCut})
	return nil
}

// SetDeadline is ignored: the library clears the read deadline after the
// handshake, and the wire keeps its own. Writes have a limit of their own.
func (w *wire) SetDeadline(time.Time) error     { return nil }
func (w *wire) SetReadDeadline(time.Time) error { return nil }

// Write refuses a close frame that nobody here asked for.
func (w *wire) Write(p []byte) (int, error) {
	const closeFrame = 0x88
	if len(p) > 0 && p[0] == closeFrame {
		w.mu.Lock()
		allowed := w.goodbye
		w.mu.Unlock()
		if !allowed {
			w.cut(ending{Reason: errCut})
			return 0, errCut
		}
	}
	if err := w.Conn.SetWriteDeadline(time.Now().Add(10 * time.Second)); err != nil {
		return 0, err
	}
	return w.Conn.Write(p)
}

func (w *wire) Read(p []byte) (int, error) {
	if len(w.pending) == 0 {
		if err := w.fill(); err != nil {
			w.cut(ending{Reason: err})
			return 0, err
		}
	}
	n := copy(p, w.pending)
	w.pending = w.pending[n:]
	return n, nil
}

// fill reads one frame, or before the upgrade one line of HTTP, into pending.
func (w *wire) fill() error {
	w.mu.Lock()
	patience := w.patience
	w.mu.Unlock()
	if err := w.Conn.SetReadDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	err := w.next()
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		return errSilence
	}
	return err
}

func (w *wire) next() error {
	if !w.upgraded {
		line, err := w.in.ReadSlice('\n')
		if err != nil {
			return err
		}
		w.pending = append(w.pending[:0], line...)
		w.upgraded = string(line) == "\r\n"
		return nil
	}
	return w.frame()
}

// maxFrame is far above READY for 2,500 servers.
const maxFrame = 64 << 20

func (w *wire) frame() error {
	head := make([]byte, 2, 10)
	if _, err := io.ReadFull(w.in, head); err != nil {
		return err
	}
	if head[1]&0x80 != 0 {
		return errors.New("masked frame from the server")
	}
	size := uint64(head[1] & 0x7f)
	if more := map[uint64]int{126: 2, 127: 8}[size]; more > 0 {
		head = head[:2+more]
		if _, err := io.ReadFull(w.in, head[2:]); err != nil {
			return err
		}
		var wide [8]byte
		copy(wide[8-more:], head[2:])
		size = binary.BigEndian.Uint64(wide[:])
	}
	if size > maxFrame {
		return fmt.Errorf("frame of %d bytes from the server", size)
	}
	data := make([]byte, len(head)+int(size))
	copy(data, head)
	if _, err := io.ReadFull(w.in, data[len(head):]); err != nil {
		return err
	}
	if err := w.inspect(head[0], data[len(head):]); err != nil {
		return err
	}
	w.pending = data
	return nil
}

// inspect looks at a frame before discordgo sees it.
func (w *wire) inspect(first byte, payload []byte) error {
	const (
		text    = 0x81 // final text frame
		closing = 0x88
		small   = 1024 // every packet that matters here is smaller
	)
	switch {
	case first == closing:
		e := ending{Reason: errors.New("connection closed by discord")}
		if len(payload) >= 2 {
			e.Code = int(binary.BigEndian.Uint16(payload))
			e.Reason = fmt.Errorf("connection closed by discord with code %d", e.Code)
			e.Reset = endsSession(e.Code)
		}
		w.cut(e)
		return e.Reason
	case first == text && len(payload) <= small:
		var packet struct {
			Op   int             `json:"op"`
			Data json.RawMessage `json:"d"`
		}
		if json.Unmarshal(payload, &packet) != nil {
			return nil
		}
		return w.packet(packet.Op, packet.Data)
	}
	return nil
}

func (w *wire) packet(op int, data json.RawMessage) error {
	const (
		reconnect      = 7
		invalidSession = 9
		hello          = 10
	)
	switch op {
	case reconnect:
		w.cut(ending{Reason: errAskedToReconnect})
		return errAskedToReconnect
	case invalidSession:
		w.cut(ending{Reason: errInvalidSession, Reset: string(data) != "true"})
		return errInvalidSession
	case hello:
		var h struct {
			Interval float64 `json:"heartbeat_interval"` // milliseconds
		}
		if json.Unmarshal(data, &h) == nil && h.Interval > 0 {
			w.mu.Lock()
			// Every heartbeat is acknowledged, so hardly more than one
			// interval can pass in silence.
			w.patience = time.Duration(h.Interval*1.25*float64(time.Millisecond)) + w.slack
			w.mu.Unlock()
		}
	}
	return nil
}
