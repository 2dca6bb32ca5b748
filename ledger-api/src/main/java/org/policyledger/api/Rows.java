package org.policyledger.api;

import java.io.BufferedWriter;
import java.io.Flushable;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.commons.csv.CSVFormat;
import org.apache.commons.csv.CSVPrinter;
import org.apache.coyote.CloseNowException;
import org.jspecify.annotations.Nullable;
import org.policyledger.projections.listing.ListingReader.Page;
import org.springframework.http.HttpInputMessage;
import org.springframework.http.HttpOutputMessage;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageConverter;
import org.springframework.http.converter.HttpMessageNotReadableException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An answer as rows: one JSON value a line, or a table in CSV. Only one page of it is in memory at a time. The first page is there
 * before anything is sent, so that what is wrong with the question can still be said; if a later one cannot be had, the
 * connection breaks off, so that nobody takes a part for the whole.
 */
public final class Rows<T> {

    /** A table as RFC 4180 describes it: UTF-8, CRLF, a header row. */
    public static final String CSV = "text/csv";

    private static final MediaType CSV_TYPE = MediaType.parseMediaType("text/csv;header=present;charset=UTF-8");
    private static final CSVFormat TABLE = CSVFormat.RFC4180;

    /**
     * A column of the table.
     *
     * @param value what stands in a cell: nothing when absent, a text as it is recorded, anything else as its JSON
     */
    public record Column<T>(String name, Function<T, ? extends Optional<?>> value) {

        /** A column in which something always stands. */
        public static <T> Column<T> of(String name, Function<T, ?> value) {
            return new Column<>(name, row -> Optional.of(value.apply(row)));
        }

        /** A column in which a list stands as a JSON array, or nothing when it is empty. */
        public static <T> Column<T> list(String name, Function<T, ? extends List<?>> value) {
            return new Column<>(name, row -> Optional.of(value.apply(row)).filter(list -> !list.isEmpty()));
        }
    }

    private final Page<T> first;
    private final Function<String, Page<T>> following;
    private final List<Column<T>> columns;

    /** The rows of a page and of all that follow it, each asked for by the key after which it starts. */
    public Rows(Page<T> first, Function<String, Page<T>> following, List<Column<T>> columns) {
        this.first = first;
        this.following = following;
        this.columns = columns;
    }

    /** The rows of one page alone. */
    public static <T> Rows<T> of(List<T> rows, List<Column<T>> columns) {
        return new Rows<>(new Page<>(rows, Optional.empty()), after -> new Page<>(List.of(), Optional.empty()),
                columns);
    }

    private interface RowWriter<T> {
        void write(T row) throws IOException;
    }

    private void lines(OutputStream out, Flushable answer, JsonMapper json) throws IOException {
        each(answer, row -> {
            out.write(json.writeValueAsBytes(row));
            out.write('\n');
        });
    }

    private void table(OutputStream out, Flushable answer, JsonMapper json) throws IOException {
        Writer text = new BufferedWriter(new OutputStreamWriter(out, StandardCharsets.UTF_8));
        CSVPrinter table = new CSVPrinter(text, TABLE);
        table.printRecord(columns.stream().map(Column::name));
        Flushable sink = () -> {
            text.flush();
            answer.flush();
        };
        each(sink, row -> table.printRecord(columns.stream().map(column -> cell(column.value().apply(row), json))));
        text.flush();
    }

    private static String cell(Optional<?> value, JsonMapper json) {
        if (value.isEmpty()) {
            return "";
        }
        JsonNode node = json.valueToTree(value.get());
        return node.isString() ? node.asString() : json.writeValueAsString(node);
    }

    private void each(Flushable sink, RowWriter<T> writer) throws IOException {
        Page<T> page = first;
        while (true) {
            for (T row : page.items()) {
                writer.write(row);
            }
            if (page.next().isEmpty()) {
                return;
            }
            sink.flush();
            page = next(page.next().get());
        }
    }

    private Page<T> next(String after) throws CloseNowException {
        try {
            return following.apply(after);
        } catch (RuntimeException failure) {
            Problem problem = Problems.of(failure);
            throw new CloseNowException("The answer broke off: " + problem.detail(), failure);
        }
    }

    /** Writes rows in the form that was negotiated. */
    static final class Converter implements HttpMessageConverter<Rows<?>> {

        private final JsonMapper json;

        Converter(JsonMapper json) {
            this.json = json;
        }

        @Override
        public boolean canRead(Class<?> type, @Nullable MediaType mediaType) {
            return false;
        }

        @Override
        public boolean canWrite(Class<?> type, @Nullable MediaType mediaType) {
            return Rows.class.isAssignableFrom(type)
                    && (mediaType == null || getSupportedMediaTypes().stream().anyMatch(mediaType::isCompatibleWith));
        }

        @Override
        public List<MediaType> getSupportedMediaTypes() {
            return List.of(MediaType.APPLICATION_NDJSON, MediaType.parseMediaType(CSV));
        }

        @Override
        public Rows<?> read(Class<? extends Rows<?>> type, HttpInputMessage input) {
            throw new HttpMessageNotReadableException("rows are answered, never read", input);
        }

        @Override
        public void write(Rows<?> rows, @Nullable MediaType mediaType, HttpOutputMessage answer) throws IOException {
            boolean table = CSV_TYPE.isCompatibleWith(mediaType);
            answer.getHeaders().setContentType(table ? CSV_TYPE : MediaType.APPLICATION_NDJSON);
            // The body's own flush sends nothing yet.
            Flushable sent = answer instanceof Flushable response ? response : () -> {};
            if (table) {
                rows.table(answer.getBody(), sent, json);
            } else {
                rows.lines(answer.getBody(), sent, json);
            }
        }
    }
}
