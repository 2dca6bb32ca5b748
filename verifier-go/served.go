package main

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/tlog"
)

const (
	tileHeight = 8
	tileWidth  = 1 << tileHeight
	maxAnswer  = tileWidth * (2 + maxLeaf) // a full entry bundle of the largest entries
)

// A server is a log that is served in tiles (C2SP tlog-tiles). It is a tlog.TileReader.
type server struct {
	url     string
	client  *http.Client
	checked map[tlog.Tile][]byte // tiles that will be asked for again
}

// An unserved resource is one that the server does not give, so that nothing can be said of it.
type unserved struct{ url, reason string }

func (u *unserved) Error() string { return fmt.Sprintf("%s: %s", u.url, u.reason) }

func (s *server) get(path string) (body []byte, err error) {
	url := s.url + "/" + path
	answer, err := s.client.Get(url)
	if err != nil {
		return nil, &unserved{url, err.Error()}
	}
	defer answer.Body.Close()
	if answer.StatusCode != http.StatusOK {
		return nil, &unserved{url, answer.Status}
	}
	body, err = io.ReadAll(io.LimitReader(answer.Body, maxAnswer+1))
	if err != nil {
		return nil, &unserved{url, err.Error()}
	}
	if len(body) > maxAnswer {
		return nil, fmt.Errorf("%s: more than %d bytes", url, maxAnswer)
	}
	return body, nil
}

// getTile gets a tile, or the entry bundle of a tile of level -1. A log may drop a partial tile once it is full, so the full
// one is asked for if need be.
func (s *server) getTile(t tlog.Tile) (body []byte, isFull bool, err error) {
	body, err = s.get(tilePath(t))
	var missing *unserved
	if t.W < tileWidth && errors.As(err, &missing) {
		full := t
		full.W = tileWidth
		if body, fullErr := s.get(tilePath(full)); fullErr == nil {
			return body, true, nil
		}
	}
	return body, t.W == tileWidth, err
}

// tilePath writes a tile's path as C2SP tlog-tiles does: without the height, and with entries in place of data.
func tilePath(t tlog.Tile) string {
	path := strings.TrimPrefix(t.Path(), fmt.Sprintf("tile/%d/", tileHeight))
	return "tile/" + strings.Replace(path, "data/", "entries/", 1)
}

// Height is that of every tile.
func (s *server) Height() int { return tileHeight }

// ReadTiles reads hashes.
func (s *server) ReadTiles(tiles []tlog.Tile) ([][]byte, error) {
	data := make([][]byte, len(tiles))
	for i, t := range tiles {
		if data[i] = s.checked[t]; data[i] != nil {
			continue
		}
		body, isFull, err := s.getTile(t)
		if err != nil {
			return nil, err
		}
		if isFull && len(body) == tileWidth*tlog.HashSize {
			body = body[:t.W*tlog.HashSize]
		}
		data[i] = body
	}
	return data, nil
}

// SaveTiles keeps the tiles that further hashes need for their own check: all but the full ones at the bottom, which are
// most of them.
func (s *server) SaveTiles(tiles []tlog.Tile, data [][]byte) {
	for i, t := range tiles {
		if t.L > 0 || t.W < tileWidth {
			s.checked[t] = data[i]
		}
	}
}

// entries reads an entry bundle of so many entries.
func (s *server) entries(t tlog.Tile) (leaves [][]byte, err error) {
	body, isFull, err := s.getTile(t)
	for err == nil && len(body) > 0 && len(leaves) < t.W {
		if len(body) < 2 || len(body)-2 < int(binary.BigEndian.Uint16(body)) {
			return leaves, fmt.Errorf("the bundle ends within entry %d", len(leaves))
		}
		end := 2 + int(binary.BigEndian.Uint16(body))
		leaves, body = append(leaves, body[2:end]), body[end:]
	}
	if err == nil && len(leaves) < t.W {
		err = fmt.Errorf("the bundle has %d entries; expected %d", len(leaves), t.W)
	}
	if err == nil && len(body) > 0 && !(isFull && t.W < tileWidth) {
		err = fmt.Errorf("the bundle has %d bytes after its %d entries", len(body), t.W)
	}
	return leaves, err
}

// failed tells of an error of the server's: what is not there cannot be checked, what is there and is wrong is a finding.
func (a *audit) failed(where string, err error) {
	var missing *unserved
	if errors.As(err, &missing) {
		a.unreadable("%v", err)
	} else {
		a.finding("%s: %v", where, err)
	}
}

// served verifies every entry of a log that is served, at the size that its checkpoint has now.
//
// What decides is the root computed from the entries. tlog.TileHashReader compares the tiles with the signed root too, but
// before version 0.40 of its module it does not compare all of them (CVE-2026-56865).
func (a *audit) served(url string) {
	s := &server{url, &http.Client{Timeout: time.Minute}, make(map[tlog.Tile][]byte)}
	keys := func() (string, bool) {
		text, err := s.get("key")
		if err != nil {
			a.failed(url+"/key", err)
		}
		return string(text), err == nil
	}
	if !a.readKeys(url+"/key", keys) {
		return
	}
	where := url + "/checkpoint"
	signed, err := s.get("checkpoint")
	if err != nil {
		a.failed(where, err)
		return
	}
	c, err := a.trust.open(signed, true)
	if err != nil {
		a.finding("%s: %v", where, err)
		return
	}
	hashes := tlog.TileHashReader(c.Tree, s)
	for _, k := range a.openSince(c) {
		if !a.rolledBack(k, c) {
			a.continues(hashes, c, k)
		}
	}
	order, t := newOrder(a, c), newTree(c.N)
	order.dense = true
	for first := int64(0); first < c.N && !a.unread && a.findings <= mostShown; first += tileWidth {
		a.servedEntries(s, hashes, order, t, c, first)
		if a.verbose && first/tileWidth%400 == 0 {
			fmt.Fprintf(a.stderr, "%d of %d events\n", first, c.N)
		}
	}
	if t.size == c.N {
		a.sameRoot(where, c, t.roots[c.N])
	}
	a.verified(fmt.Sprintf("%d events", c.N), c)
}

// servedEntries verifies one entry bundle against its tile and adds it to the tree.
func (a *audit) servedEntries(s *server, hashes tlog.HashReader, order *order, t *tree, c checkpoint, first int64) {
	bundle := tlog.Tile{H: tileHeight, L: -1, N: first / tileWidth, W: tileWidth}
	if c.N-first < tileWidth {
		bundle.W = int(c.N - first)
	}
	indexes := make([]int64, bundle.W)
	for i := range indexes {
		indexes[i] = tlog.StoredHashIndex(0, first+int64(i))
	}
	inTile, err := hashes.ReadHashes(indexes)
	if err != nil {
		a.failed(fmt.Sprintf("%s: the tiles over positions %d to %d against root %s", s.url, first, first+int64(bundle.W)-1, c.Hash), err)
	}
	where := s.url + "/" + tilePath(bundle)
	leaves, err := s.entries(bundle)
	if err != nil {
		a.failed(where, err)
	}
	for i, leaf := range leaves {
		e, err := parseEvent(leaf)
		at := place{where, "entry", int64(i)}
		order.check(at, e, err)
		t.add(e.hash)
		if inTile != nil && e.hash != inTile[i] {
			a.finding("%s: leaf hash at position %d: expected %s, as in the tile; found %s", at, first+int64(i), inTile[i], e.hash)
		}
	}
	order.position = first + int64(bundle.W)
}

// continues verifies that the log begins with what a kept checkpoint says.
func (a *audit) continues(hashes tlog.HashReader, c checkpoint, k old) {
	if k.N == 0 {
		empty, _ := treeHash(0, nil)
		a.sameRoot(k.file, k.checkpoint, empty)
		return
	}
	proof, err := tlog.ProveTree(c.N, k.N, hashes)
	if err != nil {
		a.failed(k.file+": consistency", err)
	} else if err := tlog.CheckTree(proof, c.N, c.Hash, k.N, k.Hash); err != nil {
		a.finding("%s: the log does not begin with the %d events that have root %s: %v", k.file, k.N, k.Hash, err)
	}
}
