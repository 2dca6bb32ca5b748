package main

import (
	"fmt"

	"golang.org/x/mod/sumdb/tlog"
)

// A tree takes leaf hashes one after the other and tells the roots at the sizes that are watched. Of each level it keeps
// the latest hash: no other is needed to grow, or to compute the root at the size reached.
type tree struct {
	size   int64
	latest map[int]storedHash
	roots  map[int64]tlog.Hash
}

type storedHash struct {
	index int64
	hash  tlog.Hash
}

func newTree(watched int64) *tree {
	t := &tree{latest: make(map[int]storedHash), roots: make(map[int64]tlog.Hash)}
	t.watch(watched)
	return t
}

// watch must be called before the size is passed.
func (t *tree) watch(size int64) {
	t.roots[size] = tlog.Hash{}
	t.tellRoot()
}

func (t *tree) add(leaf tlog.Hash) {
	hashes, err := tlog.StoredHashesForRecordHash(t.size, leaf, t)
	if err != nil {
		panic(err)
	}
	for level, hash := range hashes {
		t.latest[level] = storedHash{tlog.StoredHashIndex(level, t.size>>level), hash}
	}
	t.size++
	t.tellRoot()
}

func (t *tree) tellRoot() {
	if _, watched := t.roots[t.size]; watched {
		root, err := treeHash(t.size, t)
		if err != nil {
			panic(err)
		}
		t.roots[t.size] = root
	}
}

// ReadHashes makes the tree a tlog.HashReader of its right edge.
func (t *tree) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	hashes := make([]tlog.Hash, len(indexes))
	for i, index := range indexes {
		level, _ := tlog.SplitStoredHashIndex(index)
		stored, known := t.latest[level]
		if !known || stored.index != index {
			return nil, fmt.Errorf("hash %d is not on the right edge of a tree of size %d", index, t.size)
		}
		hashes[i] = stored.hash
	}
	return hashes, nil
}

// An order checks each event against those before it.
type order struct {
	audit     *audit
	dense     bool // whether every event of the log is there, or some
	source    string
	position  int64 // the next one
	time      string
	sequences map[string]int64 // the next one of each subject
}

func newOrder(a *audit, c checkpoint) *order {
	o := &order{audit: a, sequences: make(map[string]int64)}
	if c.key != nil {
		o.source = "https://" + c.origin
	}
	return o
}

// check tells what is wrong with the event by itself, which is err, or else in its place. After a finding it goes on from
// what it found, so that one fault is not told of again and again.
func (o *order) check(where place, e event, err error) {
	if err != nil {
		o.audit.finding("%s: %v", where, err)
		o.position++
		return
	}
	if e.position != o.position && (o.dense || e.position < o.position) {
		o.audit.finding("%s: position %d; expected %s%d", where, e.position, o.atLeast(), o.position)
	}
	o.position = e.position + 1
	where.number, where.unit = e.position, "position"

	switch next := o.sequences[e.subject]; {
	case e.sequence < next || o.dense && e.sequence != next:
		o.audit.finding("%s: sequence %d of %s; expected %s%d", where, e.sequence, e.subject, o.atLeast(), next)
	case e.sequence > next:
		o.audit.remark("%s: sequence %d of %s; those from %d to %d are not given", where, e.sequence, e.subject, next, e.sequence-1)
	}
	o.sequences[e.subject] = e.sequence + 1

	if e.time < o.time {
		o.audit.finding("%s: time %s; expected no earlier than %s", where, e.time, o.time)
	}
	o.time = e.time
	if o.source == "" {
		o.source = e.source
	}
	if e.source != o.source {
		o.audit.finding("%s: source %s; expected %s", where, e.source, o.source)
	}
}

func (o *order) atLeast() string {
	if o.dense {
		return ""
	}
	return "at least "
}
