package org.policyledger.api.snapshot;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.LocalDate;
import java.time.LocalDateTime;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.GZIPInputStream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** The real files that are shipped: where they come from is said in {@code samples/PROVENANCE.md} beside them. */
public final class Samples {

    /** The day for which {@link #entityList} says that it shows the list. */
    public static final LocalDate ENTITY_LIST_DATE = LocalDate.of(2026, 7, 9);

    /** Where both authorities sit: the zone in which their effective dates are days. */
    private static final ZoneId WASHINGTON = ZoneId.of("America/New_York");

    private static final String SDN_SERIES = "ofac-sdn/sdn-2021-08-18--2022-08-08.tar.xz";
    private static final String SDN_INDEX = "ofac-sdn/INDEX.csv";
    private static final String ENTITY_LIST = "bis-entity-list/bis_entity_list_2026-07-09.json.gz";
    private static final Pattern SDN_NAME = Pattern.compile("sdn_([0-9]{8}T[0-9]{6})Z_[0-9a-f]{8}\\.csv");
    private static final DateTimeFormatter SDN_TIME = DateTimeFormatter.ofPattern("uuuuMMdd'T'HHmmss");
    private static final String INDEX_HEADER = "scraped_at_utc,commit,records,added_vs_prev,removed_vs_prev,changed_vs_prev";
    /** In KiB; the series needs 9 MiB. */
    private static final int MOST_MEMORY_TO_UNPACK = 16 * 1024;

    private Samples() {}

    /**
     * One dated file of the series of SDN lists.
     *
     * @param retrievedAt when it was retrieved from OFAC
     * @param snapshotDate the day it was then in Washington; two days of the series have two files each
     * @param content the file as published
     */
    @SuppressWarnings("ArrayRecordComponent") // the bytes as they are; samples are not compared
    public record Sample(String fileName, Instant retrievedAt, LocalDate snapshotDate, byte[] content) {}

    /** What the index tells of one file of the series: its records, and how they differ from those of the file before. */
    public record IndexRow(Instant retrievedAt, String commit, int records, int added, int removed, int changed) {}

    /** Gives the 100 SDN files one after the other, in the order of their retrieval; no more than one is held at a time. */
    public static void eachSdnSnapshot(Consumer<Sample> taker) {
        try (TarArchiveInputStream series = new TarArchiveInputStream(
                new XZInputStream(new BufferedInputStream(open(SDN_SERIES)), MOST_MEMORY_TO_UNPACK))) {
            for (TarArchiveEntry file = series.getNextEntry(); file != null; file = series.getNextEntry()) {
                Matcher name = SDN_NAME.matcher(file.getName());
                if (!file.isFile() || !name.matches()) {
                    throw new IllegalStateException(SDN_SERIES + " holds " + file.getName() + ", which is no SDN file");
                }
                Instant retrievedAt = LocalDateTime.parse(name.group(1), SDN_TIME).toInstant(ZoneOffset.UTC);
                taker.accept(new Sample(file.getName(), retrievedAt, retrievedAt.atZone(WASHINGTON).toLocalDate(),
                        series.readAllBytes()));
            }
        } catch (IOException unreadable) {
            throw new UncheckedIOException("The sample " + SDN_SERIES + " cannot be unpacked", unreadable);
        }
    }

    /** The index of the series: a row for each file, in the same order. */
    public static List<IndexRow> index() {
        List<String> lines = text(SDN_INDEX).lines().toList();
        if (!lines.getFirst().equals(INDEX_HEADER)) {
            throw new IllegalStateException(SDN_INDEX + " begins with " + lines.getFirst());
        }
        return lines.stream().skip(1).map(Samples::indexRow).toList();
    }

    private static IndexRow indexRow(String line) {
        String[] columns = line.split(",", -1);
        return new IndexRow(OffsetDateTime.parse(columns[0]).toInstant(), columns[1], Integer.parseInt(columns[2]),
                Integer.parseInt(columns[3]), Integer.parseInt(columns[4]), Integer.parseInt(columns[5]));
    }

    /** The BIS Entity List of {@link #ENTITY_LIST_DATE}, in the format {@code bis-entity-list-json}. */
    public static byte[] entityList() {
        try (InputStream in = new GZIPInputStream(open(ENTITY_LIST))) {
            return in.readAllBytes();
        } catch (IOException unreadable) {
            throw new UncheckedIOException("The sample " + ENTITY_LIST + " cannot be unpacked", unreadable);
        }
    }

    /** The reference case, one command a line (NDJSON), to be taken in order on {@link #entityListRegistration}. */
    public static String referenceCase() {
        return text("ifs/commands.ndjson");
    }

    /**
     * What was undertaken and said around the reference case, one command a line (NDJSON), to be taken in order after it.
     *
     * @param removal the actionId of the removal, which the ledger chose when it recorded it
     */
    public static String referenceCommitment(String removal) {
        return text("ifs/commitment.ndjson").replace("${removal}", removal);
    }

    /** The command that registers the BIS Entity List, {@code us-bis-entity-list}. */
    public static String entityListRegistration() {
        return text("ifs/list.json");
    }

    /** The command that registers OFAC's SDN list, {@code us-ofac-sdn}. */
    public static String sdnListRegistration() {
        return text("ofac-sdn-list.json");
    }

    private static String text(String name) {
        try (InputStream in = open(name)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException unreadable) {
            throw new UncheckedIOException("The sample " + name + " cannot be read", unreadable);
        }
    }

    private static InputStream open(String name) {
        InputStream in = Samples.class.getResourceAsStream("/samples/" + name);
        if (in == null) {
            throw new IllegalStateException("The sample " + name + " is missing from this build");
        }
        return in;
    }
}
