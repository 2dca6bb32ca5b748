package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strconv"
)

// A scanner passes over JSON text and accepts none but the canonical form (RFC 8785): no white space; the members of an
// object in the order of their names' UTF-16 code units, and no name twice; strings with the fewest escapes; numbers as
// ECMAScript writes them. The text is known to be UTF-8.
type scanner struct {
	text []byte
	at   int
}

func (s *scanner) wrong(expected string) error {
	rest := s.text[s.at:]
	if len(rest) > 20 {
		rest = rest[:20]
	}
	return fmt.Errorf("no canonical JSON at byte %d: expected %s, found %q", s.at, expected, rest)
}

// take passes over one byte if it is this one.
func (s *scanner) take(c byte) bool {
	if s.at < len(s.text) && s.text[s.at] == c {
		s.at++
		return true
	}
	return false
}

func (s *scanner) value() error {
	if s.at == len(s.text) {
		return s.wrong("a value")
	}
	switch c := s.text[s.at]; {
	case c == '{':
		return s.object(nil)
	case c == '[':
		return s.array()
	case c == '"':
		_, err := s.str()
		return err
	case c == '-' || c >= '0' && c <= '9':
		return s.number()
	}
	for _, word := range []string{"true", "false", "null"} {
		if bytes.HasPrefix(s.text[s.at:], []byte(word)) {
			s.at += len(word)
			return nil
		}
	}
	return s.wrong("a value")
}

// object passes over an object and shows each member in turn, unless member is nil.
func (s *scanner) object(member func(name string, raw []byte) error) error {
	if !s.take('{') {
		return s.wrong("{")
	}
	if s.take('}') {
		return nil
	}
	for before, first := []byte(nil), true; ; first = false {
		start := s.at
		name, err := s.str()
		if err != nil {
			return err
		}
		if !first && !utf16Less(before, name) {
			s.at = start
			return s.wrong(fmt.Sprintf("a name that sorts after %q", before))
		}
		before = name
		if !s.take(':') {
			return s.wrong(":")
		}
		start = s.at
		if err := s.value(); err != nil {
			return err
		}
		if member != nil {
			if err := member(string(name), s.text[start:s.at]); err != nil {
				return err
			}
		}
		if s.take('}') {
			return nil
		}
		if !s.take(',') {
			return s.wrong(", or }")
		}
	}
}

func (s *scanner) array() error {
	s.take('[')
	if s.take(']') {
		return nil
	}
	for {
		if err := s.value(); err != nil {
			return err
		}
		if s.take(']') {
			return nil
		}
		if !s.take(',') {
			return s.wrong(", or ]")
		}
	}
}

// str passes over a string and returns what it says.
func (s *scanner) str() ([]byte, error) {
	start := s.at
	if !s.take('"') {
		return nil, s.wrong("a string")
	}
	for escaped := false; s.at < len(s.text); s.at++ {
		switch c := s.text[s.at]; {
		case c == '"':
			s.at++
			return unquoted(s.text[start:s.at], escaped)
		case c < ' ':
			return nil, s.wrong("an escape in place of the control character")
		case c == '\\':
			escaped = true
			length := escape(s.text[s.at:])
			if length == 0 {
				return nil, s.wrong("an escape that cannot be shorter")
			}
			s.at += length - 1
		}
	}
	return nil, s.wrong(`"`)
}

// escape returns the length of the escape with which text begins, 0 if the canonical form has none like it.
func escape(text []byte) int {
	if len(text) > 1 && bytes.IndexByte([]byte(`"\bfnrt`), text[1]) >= 0 {
		return 2
	}
	if len(text) < 6 || !bytes.HasPrefix(text, []byte(`\u00`)) {
		return 0
	}
	code, err := strconv.ParseUint(string(text[4:6]), 16, 8)
	if err != nil || code >= ' ' || bytes.IndexByte([]byte("\b\f\n\r\t"), byte(code)) >= 0 ||
		fmt.Sprintf("%02x", code) != string(text[4:6]) {
		return 0
	}
	return 6
}

func unquoted(raw []byte, escaped bool) ([]byte, error) {
	if !escaped {
		return raw[1 : len(raw)-1], nil
	}
	var text string
	err := json.Unmarshal(raw, &text)
	return []byte(text), err
}

// number passes over a number. encoding/json writes one as ECMAScript does, but for the sign of zero.
func (s *scanner) number() error {
	start := s.at
	for s.at < len(s.text) && bytes.IndexByte([]byte("+-.0123456789Ee"), s.text[s.at]) >= 0 {
		s.at++
	}
	raw := string(s.text[start:s.at])
	if len(raw) < 16 && raw[0] >= '1' && bytes.IndexAny(s.text[start:s.at], "+-.Ee") < 0 {
		return nil // a whole number that a float64 holds exactly
	}
	if number, err := strconv.ParseFloat(raw, 64); err == nil && raw != "-0" {
		if canonical, err := json.Marshal(number); err == nil && string(canonical) == raw {
			return nil
		}
	}
	s.at = start
	return s.wrong("a number as ECMAScript writes it")
}

// utf16Less orders as UTF-16 code units do. UTF-8 does too, but for what UTF-16 writes with surrogates, which sort
// before U+E000.
func utf16Less(a, b []byte) bool {
	for i := 0; i < len(a) && i < len(b); i++ {
		if x, y := a[i], b[i]; x != y {
			if (x >= 0xF0) != (y >= 0xF0) && x >= 0xEE && y >= 0xEE {
				return x > y
			}
			return x < y
		}
	}
	return len(a) < len(b)
}
