package main

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

const origin = "ledger.example.org/main"

// A ledger is a log made for a test. It keeps every hash, where the verifier keeps the right edge.
type ledger struct {
	signer note.Signer
	vkey   string
	leaves []string
	hashes []tlog.Hash
}

func newLedger(t *testing.T, name string) *ledger {
	t.Helper()
	skey, vkey, err := note.GenerateKey(nil, name)
	must(t, err)
	signer, err := note.NewSigner(skey)
	must(t, err)
	return &ledger{signer: signer, vkey: vkey}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (l *ledger) ReadHashes(indexes []int64) (hashes []tlog.Hash, err error) {
	for _, index := range indexes {
		hashes = append(hashes, l.hashes[index])
	}
	return hashes, nil
}

func (l *ledger) add(leaf string) {
	stored, err := tlog.StoredHashes(int64(len(l.leaves)), []byte(leaf), l)
	if err != nil {
		panic(err)
	}
	l.leaves, l.hashes = append(l.leaves, leaf), append(l.hashes, stored...)
}

// leaf is the event at a position; every third one is about the same subject.
func leaf(position int, what string) string {
	return fmt.Sprintf(`{"actor":"anonymous","data":{"amount":1.5,"name":"Übung %s","notes":["a\"b",null]},"datacontenttype":"application/json",`+
		`"id":"3f0c1d9e-6f2a-4b58-9a77-%012d","position":"%012d","revision":1,"sequence":"%012d","source":"https://`+origin+`",`+
		`"specversion":"1.0","subject":"entity/%d","time":"%s","type":"EntityListed"}`,
		what, position, position, position/3, position%3, time.Date(2024, 2, 29, 12, 0, position, 0, time.UTC).Format(timeForm))
}

func (l *ledger) fill(size int) *ledger {
	for len(l.leaves) < size {
		l.add(leaf(len(l.leaves), "x"))
	}
	return l
}

func (l *ledger) root(t *testing.T, size int) tlog.Hash {
	t.Helper()
	root, err := treeHash(int64(size), l)
	must(t, err)
	return root
}

func (l *ledger) checkpoint(t *testing.T, size int, cosigners ...note.Signer) string {
	t.Helper()
	text := fmt.Sprintf("%s\n%d\n%s\n", origin, size, l.root(t, size))
	signed, err := note.Sign(&note.Note{Text: text}, append([]note.Signer{l.signer}, cosigners...)...)
	must(t, err)
	return string(signed)
}

func (l *ledger) ndjson() string { return strings.Join(l.leaves, "\n") + "\n" }

func (l *ledger) proof(t *testing.T, position, size int, checkpoint string) string {
	t.Helper()
	path, err := tlog.ProveRecord(int64(size), int64(position), l)
	must(t, err)
	text := fmt.Sprintf("c2sp.org/tlog-proof@v1\nindex %d\n", position)
	for _, hash := range path {
		text += hash.String() + "\n"
	}
	return text + "\n" + checkpoint
}

// A cosigner is a witness that signs; see cosignature/v1.
type cosigner struct {
	name string
	key  ed25519.PrivateKey
}

func newCosigner(t *testing.T, name string) cosigner {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	must(t, err)
	return cosigner{name, key}
}

func (c cosigner) typed() []byte { return append([]byte{4}, c.key.Public().(ed25519.PublicKey)...) }

func (c cosigner) Name() string { return c.name }

func (c cosigner) KeyHash() uint32 {
	sum := sha256.Sum256([]byte(c.name + "\n" + string(c.typed())))
	return binary.BigEndian.Uint32(sum[:])
}

func (c cosigner) Sign(msg []byte) ([]byte, error) {
	stamp := []byte{0, 0, 0, 0, 0x65, 0xE0, 0, 0}
	return append(stamp, ed25519.Sign(c.key, []byte("cosignature/v1\ntime 1709178880\n"+string(msg)))...), nil
}

func (c cosigner) vkey() string {
	return fmt.Sprintf("%s+%08x+%s", c.name, c.KeyHash(), base64.StdEncoding.EncodeToString(c.typed()))
}

// verify runs the program. Its answer is the exit code and everything that it said.
func verify(args ...string) (int, string) {
	var said bytes.Buffer
	code := run(args, &said, &said)
	return code, said.String()
}

func expect(t *testing.T, code int, words string, args ...string) {
	t.Helper()
	got, said := verify(args...)
	if got != code || !strings.Contains(said, words) {
		t.Errorf("verifier-go %s\nexit code %d, expected %d; expected to say %q; said\n%s", strings.Join(args, " "), got, code, words, said)
	}
}

func write(t *testing.T, file, text string) string {
	t.Helper()
	must(t, os.WriteFile(file, []byte(text), 0o600))
	return file
}

// export writes an export and returns its file.
func export(t *testing.T, ndjson, checkpoint, key string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "log.ndjson")
	write(t, file+".checkpoint", checkpoint)
	write(t, file+".key", key)
	return write(t, file, ndjson)
}

func TestPublishedVectorOfCertificateTransparency(t *testing.T) {
	tree := newTree(8)
	for _, leaf := range []string{"", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"} {
		data, err := hex.DecodeString(leaf)
		must(t, err)
		tree.add(tlog.RecordHash(data))
	}
	root := tree.roots[8]
	if found := hex.EncodeToString(root[:]); found != "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328" {
		t.Errorf("root %s", found)
	}
}

func TestGoodExportsOfManySizesAreVerified(t *testing.T) {
	l := newLedger(t, origin)
	for _, size := range []int{0, 1, 2, 3, 7, 8, 9, 255, 256, 257, 1000} {
		l.fill(size)
		text := l.ndjson()
		if size == 0 {
			text = ""
		}
		expect(t, 0, fmt.Sprintf("verified: %d events; size %d, root %s, origin %s", size, size, l.root(t, size), origin),
			export(t, text, l.checkpoint(t, size), l.vkey+"\n"))
	}
}

func TestExportInSeveralFilesAndPackedIsOneLog(t *testing.T) {
	l := newLedger(t, origin).fill(5000)
	half := len(strings.Join(l.leaves[:2500], "\n")) + 1
	var packed bytes.Buffer
	z := gzip.NewWriter(&packed)
	z.Write([]byte(l.ndjson()[:half]))
	must(t, z.Close())
	plain := export(t, "", l.checkpoint(t, 5000), l.vkey)
	first := write(t, plain+".gz", packed.String())
	second := write(t, filepath.Join(filepath.Dir(plain), "second.ndjson"), l.ndjson()[half:])
	expect(t, 0, "verified: 5000 events", first, second)
	expect(t, 1, "ends after 2500 events; expected 5000", first)
	expect(t, 1, "position 2500; expected 0", "-checkpoint", plain+".checkpoint", "-key", plain+".key", second, first)
	// What is beside the packed file goes before what was beside it when it was not packed.
	write(t, first+".checkpoint", l.checkpoint(t, 2500))
	expect(t, 0, "verified: 2500 events", first)
	write(t, first, packed.String()[:packed.Len()-9])
	expect(t, 1, "unexpected EOF", first, second)
}

func TestEveryFlippedByteOfAnExportIsFound(t *testing.T) {
	l := newLedger(t, origin).fill(5)
	file := export(t, l.ndjson(), l.checkpoint(t, 5), l.vkey+"\n")
	for _, name := range []string{file, file + ".checkpoint"} {
		whole, err := os.ReadFile(name)
		must(t, err)
		for i := range whole {
			for _, bit := range []byte{0x01, 0x02, 0x20} {
				flipped := append([]byte(nil), whole...)
				flipped[i] ^= bit
				write(t, name, string(flipped))
				if code, said := verify(file); code != 1 || !strings.Contains(said, "finding: ") {
					t.Errorf("%s: bit %#x of byte %d flipped: exit code %d, said %s", name, bit, i, code, said)
				}
			}
		}
		write(t, name, string(whole))
	}
	expect(t, 0, "verified", file)
}

func TestEditedLinesAreFound(t *testing.T) {
	l := newLedger(t, origin).fill(9)
	lines := func(change func(lines []string) []string) string {
		return strings.Join(change(append([]string(nil), l.leaves...)), "\n") + "\n"
	}
	for name, c := range map[string]struct{ ndjson, words string }{
		"swapped": {lines(func(s []string) []string { s[3], s[4] = s[4], s[3]; return s }),
			"line 4: position 4; expected 3"},
		"swapped, places adapted": {lines(func(s []string) []string { s[3], s[4] = leaf(3, "from 4"), leaf(4, "from 3"); return s }),
			"the root of the first 9 events: expected " + l.root(t, 9).String()},
		"last removed": {lines(func(s []string) []string { return s[:8] }),
			"the export ends after 8 events; expected 9"},
		"one removed": {lines(func(s []string) []string { return append(s[:2], s[3:]...) }),
			"line 3: position 3; expected 2"},
		"one inserted": {lines(func(s []string) []string { return append(s[:2], append([]string{leaf(2, "y")}, s[2:]...)...) }),
			"line 4: position 2; expected 3"},
		"empty line": {lines(func(s []string) []string { s[2] += "\n"; return s }),
			`line 4: no canonical JSON at byte 0: expected {, found ""`},
		"no last line end": {strings.TrimSuffix(l.ndjson(), "\n"), "line 9: the line has no line end"},
		"sequence":         {strings.Replace(l.ndjson(), `"sequence":"000000000001"`, `"sequence":"000000000002"`, 1), "position 3: sequence 2 of entity/0; expected 1"},
		"subject":          {strings.Replace(l.ndjson(), `entity/1`, `entity/7`, 1), "position 4: sequence 1 of entity/1; expected 0"},
		"time":             {strings.Replace(l.ndjson(), "T12:00:03", "T11:00:03", 1), "position 3: time 2024-02-29T11:00:03.000000Z; expected no earlier than 2024-02-29T12:00:02.000000Z"},
		"source":           {strings.Replace(l.ndjson(), "example.org/main", "example.org/other", 1), "source https://ledger.example.org/other; expected https://" + origin},
		"long line":        {l.ndjson() + strings.Repeat("x", 3<<20), "a line has more than"},
	} {
		t.Run(name, func(t *testing.T) { expect(t, 1, c.words, export(t, c.ndjson, l.checkpoint(t, 9), l.vkey)) })
	}
}

func TestLaterLinesAreNamedAndNotCovered(t *testing.T) {
	l := newLedger(t, origin).fill(9)
	file := export(t, l.ndjson(), l.checkpoint(t, 7), l.vkey)
	expect(t, 0, "remark: the last 2 lines, from position 7 on", file)
	expect(t, 0, "verified: 7 events (and 2 later lines that the checkpoint does not cover)", file)
}

// Order and sequence are checked though the tree was made over what is wrong: the log itself signed it.
func TestSignedLogThatBreaksItsOwnRulesIsFound(t *testing.T) {
	good := leaf(0, "x")
	for _, c := range [][2]string{
		{`"amount":1.5`, `"amount":1.50`},
		{`{"actor":`, `{ "actor":`},
		{`"revision":1`, `"revision":"1"`},
		{`"revision"`, `"resivion"`},
		{`"data":`, `"datb":`},
		{`EntityListed"}`, `EntityListed","type":"EntityListed"}`},
		{`EntityListed"}`, `EntityListed"} `},
		{`EntityListed"}`, `"}`},
		{`Übung`, `\u00dcbung`},
		{`Übung`, "\xdc"},
		{`Übung`, strings.Repeat("x", maxLeaf)},
		{`"id":"3f0c1d9e`, `"id":"3F0C1D9E`},
		{`2024-02-29`, `2023-02-29`},
		{`.000000Z`, `.000Z`},
		{`"1.0"`, `"1.1"`},
		{`"position":"00`, `"position":"`},
		{`"notes":`, `"amount":`},
		{`application`, `text`},
		{`"actor":"anon`, `"Actor":"anon`},
		{`"subject":"entity/0"`, `"subject":7`},
	} {
		bad := strings.Replace(good, c[0], c[1], 1)
		if bad == good {
			t.Errorf("%s is not in the event", c[0])
		}
		l := newLedger(t, origin)
		l.add(bad)
		expect(t, 1, ", line 1: ", export(t, l.ndjson(), l.checkpoint(t, 1), l.vkey))
	}
}

func TestCanonicalFormIsToldFromOthers(t *testing.T) {
	for text, canonical := range map[string]bool{
		`{}`: true, `[]`: true, `{"":1}`: true, `[1,-1,0,1.5,1e+21,1e-7,123456789012345680000]`: true, `["\u0000\u001f\b\t\n\f\r\"\\"]`: true,
		`["/\u007f€😀"]`: false, "[\"/\x7f€😀\"]": true, `{"a":{"b":[true,false,null]},"b":""}`: true,
		"{\"\U0001F600\":1,\"\uFB33\":2}": true, "{\"\uFB33\":2,\"\U0001F600\":1}": false, "{\"\u20AC\":1,\"\U0001F600\":2}": true,
		`{"a":1,"a":1}`: false, `{"":1,"":1}`: false, `{"b":1,"a":1}`: false, `{"aa":1,"a":1}`: false, `{"a":1,}`: false, `[1,]`: false,
		`[1, 2]`: false, `{"a" :1}`: false, `[01]`: false, `[-0]`: false, `[1.0]`: false, `[1E5]`: false, `[1e5]`: false, `[1e21]`: false,
		`[9007199254740993]`: false, `[+1]`: false, `[.5]`: false, `[-]`: false, `["\/"]`: false, `["\u000a"]`: false, `["\u001F"]`: false,
		`["\ud83d\ude00"]`: false, "[\"\t\"]": false, `["`: false, `["\`: false, `["\u00`: false, `{"a"`: false, `{"a":`: false, `[`: false,
		`{`: false, `[nul]`: false, `[NaN]`: false, ``: false,
	} {
		s := scanner{text: []byte(text)}
		if err := s.value(); (err == nil) != canonical {
			t.Errorf("%s: canonical %v, found %v", text, canonical, err)
		}
	}
}

func TestCheckpointsInAnotherFormAreRefused(t *testing.T) {
	l := newLedger(t, origin).fill(3)
	root := l.root(t, 3).String()
	for text, words := range map[string]string{
		origin + "\n03\n" + root + "\n":            "the checkpoint's size",
		origin + "\n+3\n" + root + "\n":            "the checkpoint's size",
		origin + "\n-3\n" + root + "\n":            "the checkpoint's size",
		origin + "\n1000000000001\n" + root + "\n": "the checkpoint's size",
		origin + "\n3\n" + root[:43] + "\n":        "the checkpoint's root",
		origin + "\n3\n":                           "expected an origin, a size and a root",
		origin + "\n3\n" + root + "\n\nmore\n":     "expected an origin, a size and a root",
	} {
		signed, err := note.Sign(&note.Note{Text: text}, l.signer)
		must(t, err)
		expect(t, 1, words, export(t, l.ndjson(), string(signed), l.vkey))
	}
	// The same signature and the same root, but the bits that the last character has to spare are not zero.
	spare := func(text string, at int) string {
		const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
		return text[:at] + alphabet[strings.IndexByte(alphabet, text[at])+1:][:1] + text[at+1:]
	}
	signed := l.checkpoint(t, 3)
	expect(t, 1, "canonical Base64", export(t, l.ndjson(), spare(signed, len(signed)-3), l.vkey))
	noted, err := note.Sign(&note.Note{Text: origin + "\n3\n" + spare(root, 42) + "\n"}, l.signer)
	must(t, err)
	expect(t, 1, "canonical Base64", export(t, l.ndjson(), string(noted), l.vkey))
}

func TestKeysOfOthersAreRefused(t *testing.T) {
	l := newLedger(t, origin).fill(3)
	other, named := newLedger(t, origin), newLedger(t, "other.example.org")
	expect(t, 1, "the checkpoint is not accepted", export(t, l.ndjson(), l.checkpoint(t, 3), other.vkey))
	expect(t, 0, "signed by "+l.vkey[:len(origin)+9]+" (an earlier key)", export(t, l.ndjson(), l.checkpoint(t, 3), other.vkey+"\n"+l.vkey+"\n"))
	expect(t, 1, "bears no signature by a key of that name", export(t, l.ndjson(),
		(&ledger{signer: named.signer, leaves: l.leaves, hashes: l.hashes}).checkpoint(t, 3), named.vkey))
	file := export(t, l.ndjson(), l.checkpoint(t, 3), other.vkey)
	expect(t, 0, "verified", "-key", write(t, file+".pinned", l.vkey), file)
	expect(t, 2, "is no verifier key", "-key", write(t, file+".bad", "key"), file)
}

func TestWitnessesMustHaveCosigned(t *testing.T) {
	l := newLedger(t, origin).fill(3)
	w1, w2 := newCosigner(t, "witness.example/w1"), newCosigner(t, "witness.example/w2")
	both := export(t, l.ndjson(), l.checkpoint(t, 3, w1, w2), l.vkey)
	expect(t, 0, "cosigned by 2 of 2 witnesses", "-witness", w1.vkey(), "-witness", w2.vkey(), both)
	one := export(t, l.ndjson(), l.checkpoint(t, 3, w1), l.vkey)
	expect(t, 0, "cosigned by 1 of 1 witnesses", "-witness", w1.vkey(), one)
	expect(t, 1, "bears no cosignature by witness.example/w2", "-witness", w1.vkey(), "-witness", w2.vkey(), one)
	// The same witness, but its signature is over another checkpoint.
	lines := strings.Split(l.checkpoint(t, 3), "\n")
	stale := strings.Split(l.checkpoint(t, 2, w1), "\n")
	forged := export(t, l.ndjson(), strings.Join(append(lines[:5], stale[5], ""), "\n"), l.vkey)
	expect(t, 1, "invalid signature for key witness.example/w1", "-witness", w1.vkey(), forged)
	expect(t, 0, "verified", forged)
	expect(t, 2, "no key of a witness", "-witness", l.vkey, one)
	expect(t, 2, "its ID is", "-witness", strings.Replace(w1.vkey(), "+", "+0", 1), one)
	expect(t, 2, "given twice", "-witness", w1.vkey(), "-witness", w1.vkey(), one)
}

// kept writes checkpoints that a verifier may have kept, and says what must come of each against a log of 300.
func kept(t *testing.T, l *ledger) map[string]string {
	dir := t.TempDir()
	forked := newLedger(t, origin)
	forked.signer = l.signer
	forked.fill(40)
	forked.add(leaf(40, "another"))
	forked.fill(310)
	stranger := newLedger(t, origin).fill(50)
	l.fill(301)
	return map[string]string{
		write(t, filepath.Join(dir, "empty"), l.checkpoint(t, 0)):            "",
		write(t, filepath.Join(dir, "one"), l.checkpoint(t, 1)):              "",
		write(t, filepath.Join(dir, "middle"), l.checkpoint(t, 257)):         "",
		write(t, filepath.Join(dir, "same"), l.checkpoint(t, 300)):           "",
		write(t, filepath.Join(dir, "common"), forked.checkpoint(t, 40)):     "",
		write(t, filepath.Join(dir, "forked"), forked.checkpoint(t, 41)):     forked.root(t, 41).String(),
		write(t, filepath.Join(dir, "fork300"), forked.checkpoint(t, 300)):   "fork300: ",
		write(t, filepath.Join(dir, "longer"), l.checkpoint(t, 301)):         "the log was rolled back: it had 301 events, and the present checkpoint says 300",
		write(t, filepath.Join(dir, "stranger"), stranger.checkpoint(t, 50)): "the checkpoint is not accepted",
		write(t, filepath.Join(dir, "damaged"), l.checkpoint(t, 200)[:90]):   "malformed note",
	}
}

func TestExportContinuesKeptCheckpoints(t *testing.T) {
	l := newLedger(t, origin)
	checkpoints := kept(t, l)
	file := export(t, l.ndjson()[:len(strings.Join(l.leaves[:300], "\n"))+1], l.checkpoint(t, 300), l.vkey)
	for old, words := range checkpoints {
		if words == "" {
			expect(t, 0, "verified: 300 events", "-since", old, file)
		} else {
			expect(t, 1, words, "-since", old, file)
		}
	}
	expect(t, 2, "no such file", "-since", file+".none", file)
	// A checkpoint of another log by a key that is trusted too.
	other := newLedger(t, "other.example.org").fill(1)
	signed, err := note.Sign(&note.Note{Text: fmt.Sprintf("other.example.org\n1\n%s\n", l.root(t, 1))}, other.signer)
	must(t, err)
	expect(t, 1, "the origin is other.example.org; expected "+origin, "-key", write(t, file+".both", l.vkey+"\n"+other.vkey),
		"-since", write(t, file+".other", string(signed)), file)
}

// tiles serves a log at a size, and lets a test change what is served.
func tiles(t *testing.T, l *ledger, size int, change func(path string, body []byte) []byte) string {
	t.Helper()
	served := map[string][]byte{"/log/checkpoint": []byte(l.checkpoint(t, size)), "/log/key": []byte(l.vkey + "\n")}
	for _, tile := range tlog.NewTiles(8, 0, int64(size)) {
		data, err := tlog.ReadTileData(tile, l)
		must(t, err)
		served["/log/"+tilePath(tile)] = data
		if tile.L == 0 {
			var entries bytes.Buffer
			for _, leaf := range l.leaves[tile.N*256:][:tile.W] {
				must(t, binary.Write(&entries, binary.BigEndian, uint16(len(leaf))))
				entries.WriteString(leaf)
			}
			tile.L = -1
			served["/log/"+tilePath(tile)] = entries.Bytes()
		}
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body := served[r.URL.Path]
		if change != nil {
			body = change(strings.TrimPrefix(r.URL.Path, "/log/"), append([]byte(nil), body...))
		}
		if body == nil {
			http.NotFound(w, r)
			return
		}
		w.Write(body)
	}))
	t.Cleanup(server.Close)
	return server.URL + "/log"
}

func TestTilePathsAreThoseOfTheSpecification(t *testing.T) {
	for tile, path := range map[tlog.Tile]string{
		{H: 8, L: 0, N: 0, W: 256}:      "tile/0/000",
		{H: 8, L: 2, N: 1234067, W: 17}: "tile/2/x001/x234/067.p/17",
		{H: 8, L: -1, N: 1234067, W: 1}: "tile/entries/x001/x234/067.p/1",
		{H: 8, L: -1, N: 999, W: 256}:   "tile/entries/999",
		{H: 8, L: 63, N: 1000, W: 255}:  "tile/63/x001/000.p/255",
	} {
		if found := tilePath(tile); found != path {
			t.Errorf("%s; expected %s", found, path)
		}
	}
}

func TestServedLogsOfManySizesAreVerified(t *testing.T) {
	l := newLedger(t, origin)
	for _, size := range []int{0, 1, 255, 256, 257, 700} {
		expect(t, 0, fmt.Sprintf("verified: %d events; size %d", size, size), "-url", tiles(t, l.fill(size), size, nil))
	}
	// More than one tile on the second level.
	l.fill(66_000)
	expect(t, 0, "verified: 66000 events", "-url", tiles(t, l, 66_000, nil)+"/", "-v")
}

func TestServedLogContinuesKeptCheckpoints(t *testing.T) {
	l := newLedger(t, origin)
	checkpoints := kept(t, l)
	url := tiles(t, l, 300, nil)
	for old, words := range checkpoints {
		if words == "" {
			expect(t, 0, "verified: 300 events", "-since", old, "-url", url)
		} else {
			expect(t, 1, old+": ", "-since", old, "-url", url)
		}
	}
}

func TestTamperedServersAreFound(t *testing.T) {
	l := newLedger(t, origin).fill(600)
	flip := func(at int) func([]byte) []byte {
		return func(body []byte) []byte { body[at] ^= 1; return body }
	}
	for name, c := range map[string]struct {
		path   string
		change func([]byte) []byte
		code   int
		words  string
	}{
		"checkpoint":         {"checkpoint", flip(len(origin) + 1), 1, "invalid signature"},
		"full tile":          {"tile/0/000", flip(0), 1, "finding: "},
		"partial tile":       {"tile/0/002.p/88", flip(40), 1, "inconsistent tile"},
		"upper tile":         {"tile/1/000.p/2", flip(40), 1, "inconsistent tile"},
		"short tile":         {"tile/0/001", func(b []byte) []byte { return b[32:] }, 1, "bad result slice"},
		"missing tile":       {"tile/0/001", func([]byte) []byte { return nil }, 2, "404"},
		"entry":              {"tile/entries/001", flip(100), 1, "entry 0: leaf hash at position 256: expected"},
		"entry's length":     {"tile/entries/001", flip(1), 1, "tile/entries/001"},
		"short bundle":       {"tile/entries/001", func(b []byte) []byte { return b[:len(b)-1] }, 1, "the bundle ends within entry 255"},
		"entry too few":      {"tile/entries/002.p/88", func(b []byte) []byte { return b[:len(b)-2-len(l.leaves[599])] }, 1, "the bundle has 87 entries; expected 88"},
		"bundle with more":   {"tile/entries/002.p/88", func(b []byte) []byte { return append(b, 0) }, 1, "the bundle has 1 bytes after its 88 entries"},
		"missing bundle":     {"tile/entries/000", func([]byte) []byte { return nil }, 2, "404"},
		"missing checkpoint": {"checkpoint", func([]byte) []byte { return nil }, 2, "404"},
	} {
		t.Run(name, func(t *testing.T) {
			expect(t, c.code, c.words, "-url", tiles(t, l, 600, func(path string, body []byte) []byte {
				if path == c.path {
					return c.change(body)
				}
				return body
			}))
		})
	}
}

// Entry and tile agree, the tiles' parents and the checkpoint are as they were.
func TestServedEntryThatIsForgedWithItsTileIsFound(t *testing.T) {
	for _, size := range []int{256, 300, 600, 1023, 70_000} {
		l := newLedger(t, origin).fill(size)
		forged := leaf(1, "y")
		expect(t, 1, "finding: ", "-url", tiles(t, l, size, func(path string, body []byte) []byte {
			switch path {
			case "tile/0/000":
				hash := tlog.RecordHash([]byte(forged))
				copy(body[tlog.HashSize:], hash[:])
			case "tile/entries/000":
				copy(body[2+len(l.leaves[0])+2:], forged)
			}
			return body
		}))
	}
}

func TestFullTileStandsInForPartialOneThatIsGone(t *testing.T) {
	l := newLedger(t, origin).fill(512)
	all := tiles(t, l, 512, nil)
	expect(t, 0, "verified: 300 events", "-url", tiles(t, l, 300, func(path string, body []byte) []byte {
		if path == "checkpoint" || path == "key" || strings.HasPrefix(path, "tile/1/") || strings.HasSuffix(path, "/000") {
			return body
		}
		answer, err := http.Get(all + "/" + path)
		must(t, err)
		defer answer.Body.Close()
		if strings.Contains(path, ".p/") || answer.StatusCode != http.StatusOK {
			return nil
		}
		var full bytes.Buffer
		full.ReadFrom(answer.Body)
		return full.Bytes()
	}))
}

// bundle writes an evidence bundle with some events of a log, after a test has changed its parts. No part is empty for good:
// that leaves it out.
func bundle(t *testing.T, l *ledger, size int, positions []int, change func(parts map[string]string)) string {
	t.Helper()
	checkpoint := l.checkpoint(t, size)
	parts := map[string]string{"README.txt": "Read me.\n", "key": l.vkey + "\n", "checkpoint": checkpoint, "events.ndjson": "",
		"answer.json": "{}", "sources.json": "[]"}
	for _, position := range positions {
		parts["events.ndjson"] += l.leaves[position] + "\n"
		parts[fmt.Sprintf("proofs/%d.tlog-proof", position)] = l.proof(t, position, size, checkpoint)
	}
	if change != nil {
		change(parts)
	}
	var packed bytes.Buffer
	z := zip.NewWriter(&packed)
	for name, text := range parts {
		if text != "" {
			w, err := z.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
			must(t, err)
			w.Write([]byte(text))
		}
	}
	must(t, z.Close())
	return write(t, filepath.Join(t.TempDir(), "evidence.zip"), packed.String())
}

func TestBundlesAreVerified(t *testing.T) {
	l := newLedger(t, origin).fill(20)
	whole := bundle(t, l, 20, []int{0, 1, 2, 3, 19}, nil)
	expect(t, 0, "verified: 5 events, each proved to be in the log; size 20", whole)
	expect(t, 0, "remark: "+whole+": events.ndjson, position 19: sequence 6 of entity/1; those from 1 to 5 are not given", whole)
	expect(t, 0, "verified: 1 events", bundle(t, l, 1, []int{0}, nil))
	same := write(t, whole+".same", l.checkpoint(t, 20))
	expect(t, 0, "verified", "-since", same, whole)
	expect(t, 2, "only an export or the log itself", "-since", write(t, whole+".old", l.checkpoint(t, 5)), whole)
	expect(t, 1, "the checkpoint is not accepted", "-key", write(t, whole+".key", newLedger(t, origin).vkey), whole)
}

func TestTamperedPartsOfBundlesAreFound(t *testing.T) {
	l := newLedger(t, origin).fill(20)
	other := newLedger(t, origin).fill(20)
	for name, c := range map[string]struct {
		change func(parts map[string]string)
		words  string
	}{
		"event": {func(p map[string]string) {
			p["events.ndjson"] = strings.Replace(p["events.ndjson"], "Übung x", "Übung y", 1)
		},
			"event 3 is not proved"},
		"events in another order": {func(p map[string]string) { p["events.ndjson"] = l.leaves[7] + "\n" + l.leaves[3] + "\n" }, "position 3; expected at least 8"},
		"event twice":             {func(p map[string]string) { p["events.ndjson"] += l.leaves[7] + "\n" }, "position 7 has no proof"},
		"no events":               {func(p map[string]string) { p["events.ndjson"] = "" }, "it has no events.ndjson"},
		"an event left out":       {func(p map[string]string) { p["events.ndjson"] = l.leaves[3] + "\n" }, "proofs/7.tlog-proof: the bundle holds no event"},
		"no proof":                {func(p map[string]string) { p["proofs/3.tlog-proof"] = "" }, "position 3 has no proof"},
		"two proofs":              {func(p map[string]string) { p["proofs/03.tlog-proof"] = p["proofs/3.tlog-proof"] }, "another proof for the same position"},
		"proofs exchanged": {func(p map[string]string) {
			p["proofs/3.tlog-proof"], p["proofs/7.tlog-proof"] = p["proofs/7.tlog-proof"], p["proofs/3.tlog-proof"]
		}, "index 7; expected 3"},
		"proof against a later checkpoint": {func(p map[string]string) { p["proofs/3.tlog-proof"] = l.proof(t, 3, 19, l.checkpoint(t, 19)) },
			"the proof's checkpoint is not, to the byte"},
		"checkpoint of another": {func(p map[string]string) { p["checkpoint"] = other.checkpoint(t, 20) }, "the checkpoint is not accepted"},
		"key of another":        {func(p map[string]string) { p["key"] = other.vkey }, "the checkpoint is not accepted"},
		"no key":                {func(p map[string]string) { p["key"] = "" }, "it has no key"},
		"no answer":             {func(p map[string]string) { p["answer.json"] = "" }, "it has no answer.json"},
		"no sources":            {func(p map[string]string) { p["sources.json"] = "" }, "it has no sources.json"},
		"no read-me":            {func(p map[string]string) { p["README.txt"] = "" }, "it has no README.txt"},
		"huge proof":            {func(p map[string]string) { p["proofs/3.tlog-proof"] += strings.Repeat("x", 2<<20) }, "it has more than"},
	} {
		t.Run(name, func(t *testing.T) { expect(t, 1, c.words, bundle(t, l, 20, []int{3, 7}, c.change)) })
	}
	file := bundle(t, l, 20, []int{3}, nil)
	whole, err := os.ReadFile(file)
	must(t, err)
	write(t, file, strings.Replace(string(whole), "Read me.", "Read it.", 1))
	expect(t, 1, "README.txt: zip: checksum error", file)
}

func TestEveryFlippedByteOfAProofIsFound(t *testing.T) {
	l := newLedger(t, origin).fill(11)
	text := l.proof(t, 5, 11, l.checkpoint(t, 11))
	dir := t.TempDir()
	key, event := write(t, filepath.Join(dir, "key"), l.vkey), write(t, filepath.Join(dir, "event"), l.leaves[5]+"\n")
	proof := write(t, filepath.Join(dir, "proof"), text)
	expect(t, 0, "verified: the event at position 5; size 11", "-key", key, "-proof", proof, "-event", event)
	expect(t, 1, "index 5; expected 4", "-key", key, "-proof", proof, "-event", write(t, filepath.Join(dir, "4"), l.leaves[4]))
	foreign := newLedger(t, origin)
	foreign.add(strings.Replace(leaf(0, "x"), "https://"+origin, "https://other.example.org", 1))
	expect(t, 1, "source https://other.example.org; expected https://"+origin, "-key", write(t, key+".foreign", foreign.vkey),
		"-proof", write(t, proof+".foreign", foreign.proof(t, 0, 1, foreign.checkpoint(t, 1))), "-event", write(t, event+".foreign", foreign.leaves[0]))
	for i := range text {
		flipped := []byte(text)
		flipped[i] ^= 1
		expect(t, 1, "finding: ", "-key", key, "-proof", write(t, proof, string(flipped)), "-event", event)
	}
}

func TestWrongUsageIsRefused(t *testing.T) {
	for _, args := range [][]string{{}, {"-proof", "x"}, {"-proof", "x", "-event", "y"}, {"-url", "http://127.0.0.1", "file"},
		{"a.zip", "b.zip"}, {"-checkpoint", "x", "a.zip"}, {"-unknown"}} {
		expect(t, 2, "usage:", args...)
	}
	expect(t, 2, "no such file", filepath.Join(t.TempDir(), "none.ndjson"))
	expect(t, 2, "connection refused", "-url", "http://127.0.0.1:1/log")
}
