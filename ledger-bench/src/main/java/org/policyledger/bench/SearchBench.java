package org.policyledger.bench;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.LocalDate;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.Callable;
import org.policyledger.api.snapshot.Samples;
import org.policyledger.api.snapshot.SnapshotFormat;
import org.policyledger.core.Circumstances;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.ListId;
import org.policyledger.core.event.EntityListed;
import org.policyledger.projections.search.NameSearch;
import org.policyledger.projections.search.NameSearch.Question;
import org.policyledger.store.NewEvent;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/**
 * Searches the shipped lists for names drawn from them, as published and mistyped: how often the right entity is found, and how
 * fast, beside a scan by SQL {@code LIKE} in the same database.
 */
@Command(name = "search", mixinStandardHelpOptions = true, sortOptions = false, description = "Searches the shipped lists for mistyped names, against a scan by SQL LIKE.")
final class SearchBench implements Callable<Integer> {

    private static final ListId ENTITY_LIST = new ListId("us-bis-entity-list");
    private static final LocalDate DAY = LocalDate.of(2026, 7, 9);
    private static final int BULK = 1_000;
    private static final int FIRST_HITS = 10;
    /** Of a short acronym too little is left after an error to tell it by. */
    private static final int SHORTEST = 6;
    private static final int LONGEST = 290;
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz";
    private static final String LIKE = "SELECT entity_id FROM bench_name WHERE LOWER(name) LIKE ?"
            + " ORDER BY LENGTH(name), entity_id LIMIT " + FIRST_HITS;

    @Mixin
    private Bench.Options options = new Bench.Options();

    @Option(names = "--queries", defaultValue = "1000", description = "names drawn for each kind of query (default: ${DEFAULT-VALUE})")
    private int queries;

    @Option(names = "--seed", defaultValue = "1", description = "of the random choice (default: ${DEFAULT-VALUE})")
    private long seed;

    private record Named(String entityId, String name) {}

    private record Asked(String text, Named wanted) {}

    /** How names are asked for. */
    private enum Way {
        AS_PUBLISHED,
        OTHER_ORDER,
        ONE_ERROR,
        TWO_ERRORS
    }

    /** Answers to all queries of a kind: how many had the right entity first and among ten, and the time of each. */
    private static final class Tally {
        private int first;
        private int ten;
        private final double[] seconds;
        private int asked;

        Tally(int queries) {
            seconds = new double[queries];
        }

        void add(int place, double took) {
            first += place == 0 ? 1 : 0;
            ten += place >= 0 ? 1 : 0;
            seconds[asked++] = took;
        }

        double perSecond() {
            return asked / Arrays.stream(seconds).sum();
        }

        String percentile(double share) {
            double[] sorted = seconds.clone();
            Arrays.sort(sorted);
            return String.format(Locale.ROOT, "%.1f", sorted[(int) (share * (sorted.length - 1))] * 1e3);
        }

        String share(int found) {
            return String.format(Locale.ROOT, "%.1f %%", 100.0 * found / asked);
        }
    }

    private interface Search {
        /** Where the right entity is, from 0; -1 when it is not among the first ten. */
        int place(Asked asked) throws SQLException, InterruptedException;
    }

    @Override
    public Integer call() throws Exception {
        Report report = new Report("Searching by name", "database", "query", "ledger first", "in ten", "ms median",
                "99 %", "queries/s", "LIKE first", "in ten", "queries/s", "× LIKE");
        Quiet quiet = new Quiet(options.quietWait);
        try (Databases databases = new Databases(options.out)) {
            for (Databases.Kind kind : options.databases) {
                report.note(databases.describe(kind));
                try (Databases.Fresh database = databases.create(kind); Ledger ledger = new Ledger(database)) {
                    measure(kind, ledger, quiet, report);
                }
            }
        }
        report.note(
                queries + " names and aliases of " + SHORTEST + " letters or more, drawn from the first SDN file and"
                        + " the Entity List of " + Samples.ENTITY_LIST_DATE + ", seed " + seed
                        + "; one thread, without HTTP; times of the last of " + options.rounds + " rounds");
        report.note("an entity with the same name as the one drawn is right too");
        report.note(quiet.describe());
        report.finish(options.out, "search");
        return 0;
    }

    private void measure(Databases.Kind kind, Ledger ledger, Quiet quiet, Report report) throws Exception {
        List<Named> names = fill(ledger);
        ledger.catchup().start();
        if (!ledger.catchup().await(ledger.log().head() - 1, Duration.ofMinutes(2))) {
            throw new IllegalStateException("the readings did not catch up");
        }
        try (NameSearch search = new NameSearch(ledger.log(), ledger.catchup(), ledger.reader(), Optional.empty(),
                Duration.ofMinutes(2)); Connection connection = ledger.pool().getConnection()) {
            long from = System.nanoTime();
            search.start();
            search.find(question("warm up"));
            report.note(kind + ": an index of " + names.size() + " names was built from " + ledger.log().head()
                    + " events in " + Report.seconds((System.nanoTime() - from) / 1e9) + " s");
            table(connection, names);
            for (Way way : Way.values()) {
                List<Asked> asked = asked(way, names);
                Tally ours = new Tally(queries);
                Tally like = new Tally(queries);
                try (PreparedStatement scan = connection.prepareStatement(LIKE)) {
                    for (int round = 0; round < options.rounds; round++) {
                        quiet.await();
                        ours = run(asked, one -> place(search, one));
                        quiet.await();
                        like = run(asked, one -> place(scan, one));
                    }
                }
                report.row(kind.toString(), way.name().toLowerCase(Locale.ROOT).replace('_', ' '),
                        ours.share(ours.first), ours.share(ours.ten), ours.percentile(0.5), ours.percentile(0.99),
                        Report.rate(ours.perSecond()), like.share(like.first), like.share(like.ten),
                        Report.rate(like.perSecond()), Report.ratio(ours.perSecond() / like.perSecond()));
            }
        }
    }

    private Tally run(List<Asked> asked, Search search) throws SQLException, InterruptedException {
        Tally tally = new Tally(queries);
        for (Asked one : asked) {
            long from = System.nanoTime();
            int place = search.place(one);
            tally.add(place, (System.nanoTime() - from) / 1e9);
        }
        return tally;
    }

    private static Question question(String name) {
        return new Question(name, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), DAY,
                FIRST_HITS);
    }

    private static int place(NameSearch search, Asked asked) throws InterruptedException {
        List<NameSearch.Hit> hits = search.find(question(asked.text())).orElseThrow().hits();
        for (int i = 0; i < hits.size(); i++) {
            if (hits.get(i).entityId().value().equals(asked.wanted().entityId())
                    || hits.get(i).matched().name().equalsIgnoreCase(asked.wanted().name())) {
                return i;
            }
        }
        return -1;
    }

    private static int place(PreparedStatement scan, Asked asked) throws SQLException {
        scan.setString(1, "%" + asked.text().toLowerCase(Locale.ROOT) + "%");
        try (ResultSet rows = scan.executeQuery()) {
            for (int i = 0; rows.next(); i++) {
                if (rows.getString(1).equals(asked.wanted().entityId())) {
                    return i;
                }
            }
        }
        return -1;
    }

    /** Lists every entry of both files, and gives their names. */
    private static List<Named> fill(Ledger ledger) {
        List<Named> names = new ArrayList<>();
        List<NewEvent> events = new ArrayList<>();
        Ledger.SDN_FORMAT.parse(Ledger.firstSdnSnapshot().content()).entries()
                .forEach((entityId, entry) -> add(entityId, Ledger.SDN, entry, events, names));
        SnapshotFormat.named("bis-entity-list-json").orElseThrow().parse(Samples.entityList()).entries()
                .forEach((entityId, entry) -> add(entityId, ENTITY_LIST, entry, events, names));
        for (int from = 0; from < events.size(); from += BULK) {
            ledger.log().append(events.subList(from, Math.min(from + BULK, events.size())), Optional.empty());
        }
        return names;
    }

    private static void add(EntityId entityId, ListId listId, Entry entry, List<NewEvent> events, List<Named> names) {
        EntityListed listed = new EntityListed(entityId, listId, LocalDate.of(2020, 1, 1), Optional.empty(), entry,
                Circumstances.observed());
        events.add(new NewEvent(listed.stream(), 0, UUID.randomUUID(), listed, Map.of("actor", "bench")));
        names.add(new Named(entityId.value(), entry.subject().name()));
        entry.subject().aliases().forEach(alias -> names.add(new Named(entityId.value(), alias.name())));
    }

    private static void table(Connection connection, List<Named> names) throws SQLException {
        try (Statement statement = connection.createStatement()) {
            statement.execute("CREATE TABLE bench_name (entity_id VARCHAR(200), name VARCHAR(1000))");
        }
        try (PreparedStatement insert = connection.prepareStatement("INSERT INTO bench_name VALUES (?, ?)")) {
            for (Named named : names) {
                insert.setString(1, named.entityId());
                insert.setString(2, named.name());
                insert.addBatch();
            }
            insert.executeBatch();
        }
    }

    private List<Asked> asked(Way way, List<Named> names) {
        List<Named> fit = names.stream()
                .filter(named -> named.name().length() >= SHORTEST && named.name().length() <= LONGEST).toList();
        Random random = new Random(seed);
        List<Asked> asked = new ArrayList<>();
        for (int i = 0; i < queries; i++) {
            Named wanted = fit.get(random.nextInt(fit.size()));
            asked.add(new Asked(switch (way) {
                case AS_PUBLISHED -> wanted.name();
                case OTHER_ORDER -> shuffled(wanted.name(), random);
                case ONE_ERROR -> mistyped(wanted.name(), 1, random);
                case TWO_ERRORS -> mistyped(wanted.name(), 2, random);
            }, wanted));
        }
        return asked;
    }

    private static String shuffled(String name, Random random) {
        List<String> words = new ArrayList<>(List.of(name.split(" ")));
        Collections.shuffle(words, random);
        return String.join(" ", words);
    }

    /** Each error puts a letter in, leaves one out, replaces one, or swaps two, anywhere in the name. */
    private static String mistyped(String name, int errors, Random random) {
        StringBuilder typed = new StringBuilder(name);
        for (int error = 0; error < errors; error++) {
            int at = random.nextInt(typed.length() - 1);
            char letter = LETTERS.charAt(random.nextInt(LETTERS.length()));
            switch (random.nextInt(4)) {
                case 0 -> typed.insert(at, letter);
                case 1 -> typed.deleteCharAt(at);
                case 2 -> typed.setCharAt(at, letter);
                default -> typed.insert(at, typed.charAt(at + 1)).deleteCharAt(at + 2);
            }
        }
        return typed.toString();
    }
}
