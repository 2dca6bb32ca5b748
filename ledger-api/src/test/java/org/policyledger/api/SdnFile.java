package org.policyledger.api;

import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/** Small files in the form of OFAC's sdn.csv. */
public final class SdnFile {

    private SdnFile() {}

    /** Records by their number, told from others by their remarks; a whole file with its end. */
    public static byte[] of(Map<Integer, String> remarks) {
        StringBuilder file = new StringBuilder();
        new TreeMap<>(remarks).forEach((number, text) -> file.append(number).append(",\"NAME ").append(number)
                .append("\",\"individual\",\"CUBA\",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,\"").append(text)
                .append("\"\r\n"));
        return bytes(file.append('\u001A').toString());
    }

    public static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** The identity the format gives a record. */
    public static String id(int number) {
        return "ofac-sdn-" + number;
    }
}
