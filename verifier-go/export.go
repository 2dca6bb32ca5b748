package main

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"runtime"
	"strings"
)

const (
	maxLine   = 1 << 17
	batchSize = 1 << 18
)

// export verifies a log that is written down in files, one event a line.
func (a *audit) export(files []string) {
	if a.checkpointFile == "" {
		a.checkpointFile = beside(files[0], ".checkpoint")
	}
	signed, ok := a.readFile(a.checkpointFile)
	key := beside(files[0], ".key")
	if !ok || !a.readKeys(key, func() (string, bool) { return a.readFile(key) }) {
		return
	}
	present, err := a.trust.open([]byte(signed), true)
	if err != nil {
		a.finding("%s: %v", a.checkpointFile, err)
	}
	kept := a.openSince(present)

	t := newTree(present.N)
	for _, k := range kept {
		t.watch(k.N)
	}
	order := newOrder(a, present)
	order.dense = true
	var sources []lineSource
	for _, file := range files {
		file := file
		sources = append(sources, lineSource{file, func() (io.ReadCloser, error) { return openFile(file) }})
	}
	a.eachLine(sources, func(where place, e event, err error) {
		order.check(where, e, err)
		t.add(e.hash)
		if a.verbose && t.size%1_000_000 == 0 {
			fmt.Fprintf(a.stderr, "%d events\n", t.size)
		}
	})
	if present.key == nil || a.unread {
		return
	}
	what := fmt.Sprintf("%d events", present.N)
	if t.size < present.N {
		a.finding("%s: the export ends after %d events; expected %d, as the checkpoint says", files[len(files)-1], t.size, present.N)
		return
	}
	a.sameRoot(a.checkpointFile, present, t.roots[present.N])
	if t.size > present.N {
		a.remark("the last %d lines, from position %d on, are later than the checkpoint: nothing proves them", t.size-present.N, present.N)
		what += fmt.Sprintf(" (and %d later lines that the checkpoint does not cover)", t.size-present.N)
	}
	for _, k := range kept {
		if !a.rolledBack(k, present) {
			a.sameRoot(k.file, k.checkpoint, t.roots[k.N])
		}
	}
	a.verified(what, present)
}

// beside names what goes with a file. It may have been written before the file was packed.
func beside(file, ending string) string {
	if _, err := os.Stat(file + ending); errors.Is(err, fs.ErrNotExist) {
		return strings.TrimSuffix(file, ".gz") + ending
	}
	return file + ending
}

// openFile opens a file, and unpacks it if its name says that it is packed.
func openFile(file string) (io.ReadCloser, error) {
	in, err := os.Open(file)
	if err != nil || !strings.HasSuffix(file, ".gz") {
		return in, err
	}
	unpacked, err := gzip.NewReader(in)
	if err != nil {
		in.Close()
		return nil, err
	}
	return struct {
		io.Reader
		io.Closer
	}{unpacked, in}, nil
}

// A lineSource is something that has one event a line.
type lineSource struct {
	name string
	open func() (io.ReadCloser, error)
}

// A place is where something was found.
type place struct {
	name, unit string
	number     int64
}

func (p place) String() string { return fmt.Sprintf("%s, %s %d", p.name, p.unit, p.number) }

// A batch is some whole lines of one source; the last line of a source may lack its end.
type batch struct {
	name   string
	first  int64 // the number of the first line, from 1
	text   []byte
	events []event
	errs   []error
	failed error // why nothing follows in this source, other than its end
	parsed chan struct{}
}

// eachLine shows the lines of all sources in their order. Reading, parsing and hashing run ahead on all processors, a few
// batches far.
func (a *audit) eachLine(sources []lineSource, show func(where place, e event, err error)) {
	batches := make(chan *batch, 2*runtime.GOMAXPROCS(0))
	go func() {
		defer close(batches)
		for _, source := range sources {
			source.read(batches)
		}
	}()
	for b := range batches {
		<-b.parsed
		for i, e := range b.events {
			show(place{b.name, "line", b.first + int64(i)}, e, b.errs[i])
		}
		var missing *fs.PathError
		if errors.As(b.failed, &missing) {
			a.unreadable("%v", b.failed)
		} else if b.failed != nil {
			a.finding("%s, after line %d: %v", b.name, b.first+int64(len(b.events))-1, b.failed)
		}
	}
}

func (s lineSource) read(batches chan<- *batch) {
	lines := int64(0)
	next := func() *batch {
		return &batch{name: s.name, first: lines + 1, text: make([]byte, 0, batchSize+maxLine), parsed: make(chan struct{})}
	}
	b := next()
	send := func() {
		go b.parse()
		batches <- b
		b = next()
	}
	defer send()
	in, err := s.open()
	if err != nil {
		b.failed = err
		return
	}
	defer in.Close()
	for r := bufio.NewReaderSize(in, maxLine); ; {
		text, err := r.ReadSlice('\n')
		if b.text = append(b.text, text...); len(text) > 0 {
			lines++
		}
		if err == bufio.ErrBufferFull {
			err = fmt.Errorf("a line has more than %d bytes", maxLine)
		}
		if err != nil {
			if err != io.EOF {
				b.failed = err
			}
			return
		}
		if len(b.text) > batchSize {
			send()
		}
	}
}

func (b *batch) parse() {
	defer close(b.parsed)
	for text := b.text; len(text) > 0; {
		var leaf []byte
		end := bytes.IndexByte(text, '\n')
		if end < 0 {
			leaf, text = text, nil
		} else {
			leaf, text = text[:end], text[end+1:]
		}
		e, err := parseEvent(leaf)
		if err == nil && end < 0 {
			err = errors.New("the line has no line end")
		}
		b.events, b.errs = append(b.events, e), append(b.errs, err)
	}
}
