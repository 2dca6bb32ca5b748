package main

import (
	"archive/zip"
	"fmt"
	"io"
	"regexp"
	"sort"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// maxPart is the most bytes read of a part of a bundle that is read at once.
const maxPart = 1 << 20

var proofName = regexp.MustCompile(`^proofs/([0-9]{1,12})\.tlog-proof$`)

// A proof says that an event is in the log (C2SP tlog-proof).
type proof struct {
	index      int64
	path       tlog.RecordProof
	checkpoint string
}

func parseProof(text string) (p proof, err error) {
	head, rest, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(head, "\n")
	if lines[0] != "c2sp.org/tlog-proof@v1" {
		return p, fmt.Errorf("the first line is %.40q; expected c2sp.org/tlog-proof@v1", lines[0])
	}
	lines = lines[1:]
	if len(lines) > 0 && strings.HasPrefix(lines[0], "extra ") {
		lines = lines[1:]
	}
	if len(lines) == 0 || !strings.HasPrefix(lines[0], "index ") {
		return p, fmt.Errorf("the proof has no index")
	}
	index := strings.TrimPrefix(lines[0], "index ")
	if p.index, err = strconv.ParseInt(index, 10, 64); err != nil || strconv.FormatInt(p.index, 10) != index || p.index < 0 {
		return p, fmt.Errorf("the index is %q; expected a decimal number", index)
	}
	for _, line := range lines[1:] {
		hash, err := parseHash(line)
		if err != nil {
			return p, err
		}
		p.path = append(p.path, hash)
	}
	p.checkpoint = rest
	return p, nil
}

// holds checks a proof for an event against an accepted checkpoint.
func (a *audit) holds(where string, p proof, e event, c checkpoint) {
	if p.index != e.position {
		a.finding("%s: index %d; expected %d, the event's position", where, p.index, e.position)
	}
	if p.checkpoint != c.note {
		a.finding("%s: the proof's checkpoint is not, to the byte, the one of the bundle", where)
	}
	if err := tlog.CheckRecord(p.path, c.N, c.Hash, p.index, e.hash); err != nil {
		a.finding("%s: event %d is not proved to be in the tree of size %d, root %s: %v", where, p.index, c.N, c.Hash, err)
	}
}

// proof verifies a single proof; its checkpoint is in it.
func (a *audit) proof(proofFile, eventFile string) {
	text, ok1 := a.readFile(proofFile)
	leaf, ok2 := a.readFile(eventFile)
	if !ok1 || !ok2 || !a.readKeys("", nil) {
		return
	}
	p, err := parseProof(text)
	if err != nil {
		a.finding("%s: %v", proofFile, err)
		return
	}
	c, err := a.trust.open([]byte(p.checkpoint), true)
	if err != nil {
		a.finding("%s: %v", proofFile, err)
		return
	}
	e, err := parseEvent([]byte(strings.TrimSuffix(leaf, "\n")))
	if err != nil {
		a.finding("%s: %v", eventFile, err)
	} else if e.source != "https://"+c.origin {
		a.finding("%s: source %s; expected https://%s", eventFile, e.source, c.origin)
	}
	a.holds(proofFile, p, e, c)
	a.sinceWithoutLog(c)
	a.verified(fmt.Sprintf("the event at position %d", p.index), c)
}

// sinceWithoutLog compares kept checkpoints as far as that can be done without the log or a consistency proof.
func (a *audit) sinceWithoutLog(present checkpoint) {
	for _, k := range a.openSince(present) {
		if k.N == present.N {
			a.sameRoot(k.file, k.checkpoint, present.Hash)
		} else {
			a.unreadable("%s: it is of size %d and the present checkpoint of size %d: only an export or the log itself can show "+
				"whether one continues the other", k.file, k.N, present.N)
		}
	}
}

// bundle verifies that the events of an evidence bundle are in the log.
func (a *audit) bundle(file string) {
	z, err := zip.OpenReader(file)
	if err != nil {
		a.unreadable("%s: %v", file, err)
		return
	}
	defer z.Close()
	parts := make(map[string]*zip.File)
	proofs := make(map[int64]*zip.File)
	for _, part := range z.File {
		where := file + ": " + part.Name
		if parts[part.Name] != nil {
			a.finding("%s: there are two of that name", where)
		}
		parts[part.Name] = part
		switch m := proofName.FindStringSubmatch(part.Name); {
		case m != nil:
			position, _ := strconv.ParseInt(m[1], 10, 64)
			if other := proofs[position]; other != nil {
				a.finding("%s: another proof for the same position is %s", where, other.Name)
			}
			proofs[position] = part
		case part.Name == "README.txt" || part.Name == "answer.json" || part.Name == "sources.json":
			if err := undamaged(part); err != nil {
				a.finding("%s: %v", where, err)
			}
		case part.Name != "key" && part.Name != "checkpoint" && part.Name != "events.ndjson":
			a.remark("%s: no part of an evidence bundle; not checked", where)
		}
	}
	for _, name := range []string{"README.txt", "key", "checkpoint", "events.ndjson", "answer.json", "sources.json"} {
		if parts[name] == nil {
			a.finding("%s: it has no %s", file, name)
		}
	}
	read := func(part *zip.File) (string, bool) {
		text, err := readPart(part)
		if err != nil {
			a.finding("%s: %s: %v", file, part.Name, err)
		}
		return text, err == nil
	}
	if parts["checkpoint"] == nil || parts["events.ndjson"] == nil || parts["key"] == nil && a.keyFile == "" {
		return
	}
	signed, ok := read(parts["checkpoint"])
	if !ok || !a.readKeys(file+": key", func() (string, bool) { return read(parts["key"]) }) {
		return
	}
	c, err := a.trust.open([]byte(signed), true)
	if err != nil {
		a.finding("%s: checkpoint: %v", file, err)
		return
	}
	order, count := newOrder(a, c), 0
	events := lineSource{file + ": events.ndjson", parts["events.ndjson"].Open}
	a.eachLine([]lineSource{events}, func(where place, e event, err error) {
		count++
		order.check(where, e, err)
		if err != nil {
			return
		}
		part := proofs[e.position]
		delete(proofs, e.position)
		if part == nil {
			a.finding("%s: position %d has no proof", where, e.position)
		} else if text, ok := read(part); ok {
			p, err := parseProof(text)
			if err != nil {
				a.finding("%s: %s: %v", file, part.Name, err)
			} else {
				a.holds(file+": "+part.Name, p, e, c)
			}
		}
	})
	var left []string
	for _, part := range proofs {
		left = append(left, part.Name)
	}
	sort.Strings(left)
	for _, name := range left {
		a.finding("%s: %s: the bundle holds no event that it would prove", file, name)
	}
	a.sinceWithoutLog(c)
	a.verified(fmt.Sprintf("%d events, each proved to be in the log", count), c)
}

// undamaged reads a part whose content is not judged to its end, where its checksum is compared.
func undamaged(part *zip.File) error {
	in, err := part.Open()
	if err != nil {
		return err
	}
	defer in.Close()
	_, err = io.Copy(io.Discard, in)
	return err
}

func readPart(part *zip.File) (string, error) {
	in, err := part.Open()
	if err != nil {
		return "", err
	}
	defer in.Close()
	text, err := io.ReadAll(io.LimitReader(in, maxPart+1))
	if err == nil && len(text) > maxPart {
		err = fmt.Errorf("it has more than %d bytes", maxPart)
	}
	return string(text), err
}
