package org.policyledger.api.openapi;

import io.swagger.v3.core.util.Json;
import io.swagger.v3.oas.models.examples.Example;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.Map;
import org.springframework.core.io.Resource;
import org.springframework.core.io.support.PathMatchingResourcePatternResolver;

/**
 * Example bodies, each a file of the folder {@code openapi}: {@code <call>.request.<name>.<ending>} and
 * {@code <call>.answer.<name>.<ending>}. A number before the name gives the order. Files of JSON are shown as JSON, all others as
 * the text they are.
 */
final class Examples {

    private static final String FOLDER = "classpath:/openapi/";

    private Examples() {}

    /** The examples of one call, in one direction, by name. */
    static Map<String, Example> of(Call call, String direction) {
        String start = call.id() + "." + direction + ".";
        Map<String, Example> examples = new LinkedHashMap<>();
        for (Resource file : files(start)) {
            String name = String.valueOf(file.getFilename()).substring(start.length());
            int ending = name.lastIndexOf('.');
            examples.put(name.substring(0, ending).replaceFirst("^[0-9]+-", ""),
                    new Example().value(value(file, name.substring(ending))));
        }
        return examples;
    }

    private static Resource[] files(String start) {
        try {
            Resource[] files = new PathMatchingResourcePatternResolver().getResources(FOLDER + start + "*");
            return Arrays.stream(files).filter(Resource::exists)
                    .sorted(Comparator.comparing(file -> String.valueOf(file.getFilename()))).toArray(Resource[]::new);
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private static Object value(Resource file, String ending) {
        try {
            String text = file.getContentAsString(StandardCharsets.UTF_8);
            return ending.equals(".json") ? Json.mapper().readTree(text) : text;
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }
}
