package org.policyledger.api.snapshot;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;
import org.policyledger.api.snapshot.SnapshotRefused.Code;

/**
 * The text of a received file. It is read as UTF-8, of which ASCII is a part, and nothing is guessed: a file in another
 * encoding is refused at its first foreign byte, since a wrong guess would quietly spell names wrongly.
 */
final class SourceText {

    private static final int BYTE_ORDER_MARK = 0xFEFF;

    private SourceText() {}

    static String of(byte[] file) {
        checkSize(file);
        refuseArchive(file);
        for (int i = 0; i < file.length; i++) {
            if (file[i] == 0) {
                throw new SnapshotRefused(Code.BAD_VALUE,
                        "Line " + lineAt(file, i) + " holds a NUL byte, at offset " + i
                                + ": the file is damaged or not UTF-8 text; retrieve it again");
            }
        }
        String text = decode(file);
        if (text.codePointAt(0) == BYTE_ORDER_MARK) {
            throw new SnapshotRefused(Code.WRONG_FORMAT, "The file starts with a byte order mark, which the authority"
                    + " does not write: give the file as published, not as saved by an editor");
        }
        return text;
    }

    /** Refuses what is empty, or longer than is read. */
    static void checkSize(byte[] file) {
        if (file.length == 0) {
            throw new SnapshotRefused(Code.EMPTY,
                    "The file is empty (0 bytes), which would delist everyone: retrieve it again");
        }
        if (file.length > SnapshotFormat.MAX_BYTES) {
            throw new SnapshotRefused(Code.TOO_LARGE, "The file has " + file.length + " bytes; at most "
                    + SnapshotFormat.MAX_BYTES + " are read: give the list file itself, nothing more");
        }
    }

    private static void refuseArchive(byte[] file) {
        boolean gzip = file.length > 1 && file[0] == 0x1F && file[1] == (byte) 0x8B;
        boolean zip = file.length > 1 && file[0] == 'P' && file[1] == 'K';
        if (gzip || zip) {
            throw new SnapshotRefused(Code.WRONG_FORMAT,
                    "The file is a " + (gzip ? "gzip" : "zip") + " archive: unpack it and give the list file inside");
        }
    }

    private static String decode(byte[] file) {
        CharsetDecoder decoder = StandardCharsets.UTF_8.newDecoder().onMalformedInput(CodingErrorAction.REPORT)
                .onUnmappableCharacter(CodingErrorAction.REPORT);
        ByteBuffer bytes = ByteBuffer.wrap(file);
        CharBuffer text = CharBuffer.allocate(file.length);
        CoderResult result = decoder.decode(bytes, text, true);
        if (result.isError()) {
            int at = bytes.position();
            throw new SnapshotRefused(Code.BAD_VALUE, "Line " + lineAt(file, at) + " holds the byte 0x"
                    + String.format("%02X", file[at]) + " at offset " + at
                    + ", which is not UTF-8: retrieve the file again, unconverted");
        }
        return text.flip().toString();
    }

    private static long lineAt(byte[] file, int offset) {
        long line = 1;
        for (int i = 0; i < offset; i++) {
            if (file[i] == '\n') {
                line++;
            }
        }
        return line;
    }
}
