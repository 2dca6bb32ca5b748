// The program verifier-go checks what a policy action ledger hands out: an export, an evidence bundle, a single proof, or
// the log that it serves. It shares no code with the ledger: hashing, proofs, tiles and signed notes are those of
// golang.org/x/mod/sumdb. README.md says what is checked and what is not.
package main

import (
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

const usage = `usage:
  verifier-go [flags] FILE.ndjson[.gz]...       an export: one log, in one or more files in a row
  verifier-go [flags] FILE.zip                  an evidence bundle
  verifier-go [flags] -key FILE -proof FILE -event FILE   one proof
  verifier-go [flags] -url URL                  a log that is served
flags:
`

// mostShown is how many findings are written out; the rest are counted.
const mostShown = 50

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }

// An audit is one run: what it was asked, and what it has found so far.
type audit struct {
	stdout, stderr io.Writer
	trust
	keyFile, checkpointFile string
	since                   []string
	verbose                 bool
	findings                int
	unread                  bool
}

// run returns the exit code: 0 verified, 1 something does not hold, 2 something cannot be read or compared.
func run(args []string, stdout, stderr io.Writer) int {
	a := &audit{stdout: stdout, stderr: stderr}
	flags := flag.NewFlagSet("verifier-go", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprint(stderr, usage)
		flags.PrintDefaults()
	}
	flags.StringVar(&a.keyFile, "key", "", "`file` with the log's verifier keys, the current one first (default: beside the export, in the bundle, or URL/key)")
	flags.StringVar(&a.checkpointFile, "checkpoint", "", "`file` with the checkpoint of an export (default: beside its first file)")
	flags.BoolVar(&a.verbose, "v", false, "tell the progress on standard error")
	proofFile := flags.String("proof", "", "`file` with a tlog-proof")
	eventFile := flags.String("event", "", "`file` with the event that the proof is about")
	url := flags.String("url", "", "`address` of a log, such as http://127.0.0.1:8080/log")
	flags.Func("since", "`file` with an earlier checkpoint, with which the log must begin (repeatable)", func(file string) error {
		a.since = append(a.since, file)
		return nil
	})
	flags.Func("witness", "`key` of a witness that must have cosigned, as NAME+ID+KEY (repeatable)", func(vkey string) error {
		w, err := parseWitness(vkey)
		for _, known := range a.witnesses {
			if err == nil && keyID(known.Name(), known.KeyHash()) == keyID(w.Name(), w.KeyHash()) {
				return errors.New("given twice")
			}
		}
		a.witnesses = append(a.witnesses, w)
		return err
	})
	if err := flags.Parse(args); errors.Is(err, flag.ErrHelp) {
		return 0
	} else if err != nil {
		return 2
	}
	files := flags.Args()
	isBundle := len(files) > 0 && strings.HasSuffix(files[0], ".zip")
	switch {
	case len(files) == 0 && *url != "" && *proofFile == "" && *eventFile == "" && a.checkpointFile == "":
		a.served(strings.TrimSuffix(*url, "/"))
	case len(files) == 0 && *url == "" && *proofFile != "" && *eventFile != "" && a.checkpointFile == "" && a.keyFile != "":
		a.proof(*proofFile, *eventFile)
	case len(files) == 1 && isBundle && *url == "" && *proofFile == "" && *eventFile == "" && a.checkpointFile == "":
		a.bundle(files[0])
	case len(files) > 0 && !isBundle && *url == "" && *proofFile == "" && *eventFile == "":
		a.export(files)
	default:
		flags.Usage()
		return 2
	}
	if a.findings > mostShown {
		fmt.Fprintf(stderr, "and %d more findings\n", a.findings-mostShown)
	}
	switch {
	case a.findings > 0:
		return 1
	case a.unread:
		return 2
	}
	return 0
}

// finding tells of something that does not hold.
func (a *audit) finding(format string, args ...any) {
	if a.findings++; a.findings <= mostShown {
		fmt.Fprintf(a.stderr, "finding: "+format+"\n", args...)
	}
}

// unreadable tells of something that could not be checked.
func (a *audit) unreadable(format string, args ...any) {
	a.unread = true
	fmt.Fprintf(a.stderr, "cannot check: "+format+"\n", args...)
}

// remark tells of something to know that is no fault.
func (a *audit) remark(format string, args ...any) {
	fmt.Fprintf(a.stderr, "remark: "+format+"\n", args...)
}

// verified says the last word, if nothing stands against it.
func (a *audit) verified(what string, c checkpoint) {
	if a.findings > 0 || a.unread {
		return
	}
	earlier := ""
	if c.key != a.keys[0] {
		earlier = " (an earlier key)"
	}
	fmt.Fprintf(a.stdout, "verified: %s; size %d, root %s, origin %s, signed by %s%s, cosigned by %d of %d witnesses asked for\n", what,
		c.N, c.Hash, c.origin, keyID(c.key.Name(), c.key.KeyHash()), earlier, len(a.witnesses), len(a.witnesses))
}

func (a *audit) readFile(file string) (text string, ok bool) {
	read, err := os.ReadFile(file)
	if err != nil {
		a.unreadable("%v", err)
	}
	return string(read), err == nil
}

// readKeys takes the keys from the file that the caller named, else those that came with what is checked.
func (a *audit) readKeys(where string, given func() (text string, ok bool)) bool {
	if a.keyFile != "" {
		where, given = a.keyFile, func() (string, bool) { return a.readFile(a.keyFile) }
	} else {
		a.remark("the key is the one in %s: compare it with one that you have from elsewhere, or give that with -key", where)
	}
	text, ok := given()
	if !ok {
		return false
	}
	var err error
	if a.keys, err = parseKeys(text); err != nil {
		a.unreadable("%s: %v", where, err)
	}
	return err == nil
}

// An old checkpoint is one that the caller kept.
type old struct {
	file string
	checkpoint
}

// openSince opens the kept checkpoints and returns those that the present one, if it follows from them, must contain.
func (a *audit) openSince(present checkpoint) (kept []old) {
	if present.key == nil {
		return nil
	}
	for _, file := range a.since {
		text, ok := a.readFile(file)
		if !ok {
			continue
		}
		c, err := a.trust.open([]byte(text), false)
		switch {
		case err != nil:
			a.finding("%s: %v", file, err)
		case c.origin != present.origin:
			a.finding("%s: the origin is %s; expected %s", file, c.origin, present.origin)
		default:
			kept = append(kept, old{file, c})
		}
	}
	return kept
}

// rolledBack tells whether the present log ends before the kept checkpoint.
func (a *audit) rolledBack(kept old, present checkpoint) bool {
	if kept.N <= present.N {
		return false
	}
	a.finding("%s: the log was rolled back: it had %d events, and the present checkpoint says %d", kept.file, kept.N, present.N)
	return true
}

// sameRoot compares the root of the log's first events with what was signed over as many.
func (a *audit) sameRoot(where string, signed checkpoint, found tlog.Hash) {
	if signed.Hash != found {
		a.finding("%s: the root of the first %d events: expected %s, as signed; found %s", where, signed.N, signed.Hash, found)
	}
}
