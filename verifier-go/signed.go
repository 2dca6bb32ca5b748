package main

import (
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// maxSize is the most events that a log can hold: a position has 12 digits.
const maxSize = 1e12

// Trust is whom the caller believes: the keys of the log, of which the first is the current one, and witnesses who must
// all have cosigned.
type trust struct {
	keys      []note.Verifier
	witnesses []note.Verifier
}

// A checkpoint is what the log is at a size, as somebody trusted has signed it.
type checkpoint struct {
	tlog.Tree
	origin string
	key    note.Verifier
	note   string // the signed note, to the byte
}

// parseKeys reads verifier keys in note format, one a line.
func parseKeys(text string) (keys []note.Verifier, err error) {
	seen := make(map[string]bool)
	for _, line := range strings.Split(strings.TrimSuffix(text, "\n"), "\n") {
		key, err := note.NewVerifier(line)
		if err != nil {
			return nil, fmt.Errorf("%q is no verifier key: %v", line, err)
		}
		if !seen[line] {
			keys = append(keys, key)
		}
		seen[line] = true
	}
	return keys, nil
}

// open reads a checkpoint, signed by one of the log's keys and, if cosigned is asked for, by every witness. No signature
// by any of them may be there that does not hold.
func (t trust) open(signed []byte, cosigned bool) (checkpoint, error) {
	known := t.keys
	if cosigned {
		known = append(known[:len(known):len(known)], t.witnesses...)
	}
	n, err := note.Open(signed, note.VerifierList(known...))
	if err != nil {
		return checkpoint{}, fmt.Errorf("the checkpoint is not accepted: %v", err)
	}
	by := make(map[string]bool)
	for _, s := range n.Sigs {
		if _, err := base64.StdEncoding.Strict().DecodeString(s.Base64); err != nil {
			return checkpoint{}, fmt.Errorf("the checkpoint's signature by %s is not written in canonical Base64", s.Name)
		}
		by[keyID(s.Name, s.Hash)] = true
	}
	c := checkpoint{note: string(signed)}
	lines := strings.Split(n.Text, "\n")
	if len(lines) < 4 || strings.Contains(n.Text, "\n\n") {
		return checkpoint{}, fmt.Errorf("the checkpoint has the lines %q; expected an origin, a size and a root", lines)
	}
	c.origin = lines[0]
	if c.N, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.N < 0 || c.N > maxSize || strconv.FormatInt(c.N, 10) != lines[1] {
		return checkpoint{}, fmt.Errorf("the checkpoint's size is %q; expected a decimal number up to %d", lines[1], int64(maxSize))
	}
	if c.Hash, err = parseHash(lines[2]); err != nil {
		return checkpoint{}, fmt.Errorf("the checkpoint's root: %v", err)
	}
	for _, key := range t.keys {
		if c.key == nil && by[keyID(key.Name(), key.KeyHash())] && key.Name() == c.origin {
			c.key = key
		}
	}
	if c.key == nil {
		return checkpoint{}, fmt.Errorf("the checkpoint of %q bears no signature by a key of that name", c.origin)
	}
	for _, w := range t.witnesses {
		if cosigned && !by[keyID(w.Name(), w.KeyHash())] {
			return checkpoint{}, fmt.Errorf("the checkpoint of size %d bears no cosignature by %s", c.N, keyID(w.Name(), w.KeyHash()))
		}
	}
	return c, nil
}

func keyID(name string, hash uint32) string { return fmt.Sprintf("%s+%08x", name, hash) }

// parseHash reads a hash in Base64 and accepts one way of writing it only.
func parseHash(text string) (tlog.Hash, error) {
	hash, err := tlog.ParseHash(text)
	if err != nil || hash.String() != text {
		return hash, fmt.Errorf("%q is no SHA-256 in canonical Base64", text)
	}
	return hash, nil
}

// treeHash is tlog.TreeHash, but for the empty tree, whose root is the hash of nothing (RFC 6962, section 2.1).
func treeHash(size int64, r tlog.HashReader) (tlog.Hash, error) {
	if size == 0 {
		return sha256.Sum256(nil), nil
	}
	return tlog.TreeHash(size, r)
}

// A witness verifies cosignatures of version 1 (C2SP tlog-cosignature), which the note package does not know.
type witness struct {
	name string
	hash uint32
	key  ed25519.PublicKey
}

const algCosignatureV1 = 0x04

func parseWitness(vkey string) (note.Verifier, error) {
	parts := strings.SplitN(vkey, "+", 3)
	if len(parts) != 3 {
		return nil, fmt.Errorf("%q is no verifier key: expected NAME+ID+KEY", vkey)
	}
	key, err := base64.StdEncoding.DecodeString(parts[2])
	if err != nil || len(key) != 1+ed25519.PublicKeySize || key[0] != algCosignatureV1 {
		return nil, fmt.Errorf("%q is no key of a witness: expected type 4 and 32 bytes, in Base64", vkey)
	}
	sum := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	w := &witness{parts[0], binary.BigEndian.Uint32(sum[:]), key[1:]}
	if fmt.Sprintf("%08x", w.hash) != parts[1] {
		return nil, fmt.Errorf("%q is no verifier key: its ID is %s, expected %08x", vkey, parts[1], w.hash)
	}
	return w, nil
}

func (w *witness) Name() string    { return w.name }
func (w *witness) KeyHash() uint32 { return w.hash }

func (w *witness) Verify(msg, sig []byte) bool {
	if len(sig) != 8+ed25519.SignatureSize || sig[0] >= 0x80 {
		return false
	}
	header := fmt.Sprintf("cosignature/v1\ntime %d\n", binary.BigEndian.Uint64(sig))
	return ed25519.Verify(w.key, append([]byte(header), msg...), sig[8:])
}
