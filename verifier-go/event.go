package main

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"time"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"
)

// maxLeaf is the most bytes that an entry of an entry bundle can have: its length is an unsigned 16-bit number.
const maxLeaf = 65535

// timeForm has exactly six digits of fraction, so that two times compare as their texts do.
const timeForm = "2006-01-02T15:04:05.000000Z"

var (
	uuidForm      = regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`)
	attributeForm = regexp.MustCompile(`^[a-z0-9]{1,20}$`)
)

// An event is what a leaf says of its place in the log, and the leaf's hash.
type event struct {
	position int64
	sequence int64
	subject  string
	source   string
	time     string
	hash     tlog.Hash
}

// parseEvent reads a leaf and finds what is wrong with it by itself. The hash is there even if there is an error.
func parseEvent(leaf []byte) (event, error) {
	e := event{hash: tlog.RecordHash(leaf)}
	if len(leaf) > maxLeaf {
		return e, fmt.Errorf("the event has %d bytes; expected at most %d", len(leaf), maxLeaf)
	}
	if !utf8.Valid(leaf) {
		return e, fmt.Errorf("the event is not UTF-8")
	}
	var content, id, position, sequence, version, kind string
	var hasData, hasRevision bool
	s := scanner{text: leaf}
	err := s.object(func(name string, raw []byte) error {
		var into *string
		switch name {
		case "data":
			hasData = raw[0] == '{'
			return nil
		case "revision":
			_, err := strconv.ParseUint(string(raw), 10, 31)
			hasRevision = err == nil
			return nil
		case "datacontenttype":
			into = &content
		case "id":
			into = &id
		case "position":
			into = &position
		case "sequence":
			into = &sequence
		case "source":
			into = &e.source
		case "specversion":
			into = &version
		case "subject":
			into = &e.subject
		case "time":
			into = &e.time
		case "type":
			into = &kind
		default:
			if !attributeForm.MatchString(name) {
				return fmt.Errorf("attribute %q; expected a name of 1 to 20 of a-z and 0-9", name)
			}
		}
		if raw[0] != '"' {
			return fmt.Errorf("member %s is %.20q; expected a string", name, raw)
		}
		if into != nil {
			text, err := unquoted(raw, bytes.IndexByte(raw, '\\') >= 0)
			*into = string(text)
			return err
		}
		return nil
	})
	if err == nil && s.at < len(leaf) {
		err = s.wrong("the end of the event")
	}
	if err != nil {
		return e, err
	}
	at, timeErr := time.Parse(timeForm, e.time)
	switch {
	case e.source == "" || e.subject == "" || kind == "":
		return e, fmt.Errorf("source %q, subject %q, type %q; expected none to be missing", e.source, e.subject, kind)
	case !hasData:
		return e, fmt.Errorf("member data is missing or no object")
	case !hasRevision:
		return e, fmt.Errorf("member revision is missing or no whole number")
	case content != "application/json":
		return e, fmt.Errorf("datacontenttype is %q; expected application/json", content)
	case version != "1.0":
		return e, fmt.Errorf("specversion is %q; expected 1.0", version)
	case !uuidForm.MatchString(id):
		return e, fmt.Errorf("id is %q; expected a UUID", id)
	case timeErr != nil || at.Format(timeForm) != e.time:
		return e, fmt.Errorf("time is %q; expected the form %s", e.time, timeForm)
	}
	if e.sequence, err = twelveDigits("sequence", sequence); err != nil {
		return e, err
	}
	e.position, err = twelveDigits("position", position)
	return e, err
}

func twelveDigits(name, text string) (int64, error) {
	n, err := strconv.ParseUint(text, 10, 63)
	if err != nil || len(text) != 12 {
		return 0, fmt.Errorf("%s is %q; expected 12 digits", name, text)
	}
	return int64(n), nil
}
