package org.policyledger.api.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.policyledger.api.Demand;
import org.policyledger.api.RunningLedger;
import org.policyledger.api.SdnFile;
import org.policyledger.api.ServiceProcess;
import org.policyledger.core.LedgerJson;
import org.policyledger.projections.Catchup;
import org.policyledger.store.tree.NoteSigner;
import org.springframework.jdbc.core.simple.JdbcClient;

class CommandLineTest {

    private static final RunningLedger LEDGER = RunningLedger.shared();
    private static final Path FOLDER = RunningLedger.folder();

    /** What a run of the command came to. */
    private record Run(int exit, String out, String err) {

        String firstError() {
            return err.lines().findFirst().orElse("");
        }
    }

    private static Run run(String... arguments) {
        PrintStream out = System.out;
        PrintStream err = System.err;
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        ByteArrayOutputStream complained = new ByteArrayOutputStream();
        try {
            System.setOut(new PrintStream(said, true, StandardCharsets.UTF_8));
            System.setErr(new PrintStream(complained, true, StandardCharsets.UTF_8));
            int exit = LedgerCommand.run(arguments);
            return new Run(exit, said.toString(StandardCharsets.UTF_8), complained.toString(StandardCharsets.UTF_8));
        } finally {
            System.setOut(out);
            System.setErr(err);
        }
    }

    /** A run that failed as it should: the exit code, one sentence, no stack trace. */
    private static void failed(Run run, int exit, String... told) {
        assertThat(run.exit).as(run.toString()).isEqualTo(exit);
        assertThat(run.err).doesNotContain("\tat ", "Exception");
        assertThat(run.firstError()).contains(told);
        if (exit != 2) {
            assertThat(run.err.lines()).as(run.toString()).hasSize(1);
            assertThat(run.err).startsWith("ledger: ");
        }
    }

    @BeforeAll
    static void record() {
        LEDGER.record(Demand.register("cli"));
        LEDGER.record(Demand.until(Demand.list("c-1", "cli", "2020-01-01"), "2030-01-01"));
        String delisting = LEDGER.record(Demand.delist("c-1", "cli", "2021-01-01")).actionId();
        LEDGER.record(Demand.correct("c-1", delisting, Demand.delist("c-1", "cli", "2021-02-01")));
    }

    @AfterAll
    static void clean() {
        RunningLedger.delete(FOLDER);
    }

    @Test
    void givenTheLog_whenExportedAndVerifiedOffline_thenItVerifiesAndEveryChangeIsNamed() throws Exception {
        Path file = FOLDER.resolve("whole.ndjson");
        Run export = run("export", file.toString(), "--url", LEDGER.url());
        assertThat(export.exit).as(export.toString()).isZero();
        String key = LEDGER.get("/log/key").text().strip();
        Run verified = run("verify", file.toString());
        assertThat(verified.exit).as(verified.toString()).isZero();
        assertThat(verified.out).contains("verified: ", "signed by " + key);
        List<String> lines = Files.readAllLines(file);

        // What was cut short, or is of an earlier day, is carried on.
        Path kept = Files.copy(Path.of(file + ".checkpoint"), FOLDER.resolve("kept.checkpoint"));
        Files.writeString(file, String.join("\n", lines).substring(0, 700));
        Files.delete(Path.of(file + ".checkpoint"));
        failed(run("verify", file.toString()), 2, "is not there");
        LEDGER.record(Demand.list("c-exported", "cli", "2020-01-01"));
        assertThat(run("export", file.toString(), "--url", LEDGER.url()).exit).isZero();
        assertThat(Files.readAllLines(file)).startsWith(lines.toArray(String[]::new));
        Run since = run("verify", file.toString(), "--since", kept.toString(), "--key", key);
        assertThat(since.exit).as(since.toString()).isZero();

        Path part = FOLDER.resolve("part.ndjson");
        assertThat(run("export", part.toString(), "--from", "1", "--to", "3", "--url", LEDGER.url()).exit).isZero();
        assertThat(Files.readAllLines(part)).isEqualTo(lines.subList(1, 3));
        assertThat(run("export", part.toString(), "--from", "1", "--to", "2", "--url", LEDGER.url()).err)
                .contains("2 lines already");

        Files.writeString(file, Files.readString(file).replaceFirst("2021-01-01", "2021-01-02"));
        Run altered = run("verify", file.toString());
        assertThat(altered.exit).isEqualTo(1);
        assertThat(altered.err).contains("the tree: ", "NOT verified");
        Files.writeString(file, String.join("\n", lines.subList(0, 2)) + "\n");
        Run rolledBack = run("verify", file.toString(), "--checkpoint", kept.toString());
        assertThat(rolledBack.exit).isEqualTo(1);
        assertThat(rolledBack.err).contains("but only 2 are here");
        failed(run("verify", kept.toString()), 2, "is not there");
        failed(run("verify", file.toString(), "--key", "nonsense+key"), 2, "nonsense+key");
    }

    @Test
    void givenAnExport_whenALedgerIsRestoredFromIt_thenItAnswersTheSameAndNothingIsRestoredTwice() throws Exception {
        String recorded = LEDGER.record(Demand.list("c-restored", "cli", "2020-01-01")).actionId();
        assertThat(LEDGER.get("/v1/events/" + recorded + "/proof").status()).as("a checkpoint covers it")
                .isEqualTo(200);
        Path file = FOLDER.resolve("restorable.ndjson");
        assertThat(run("export", file.toString(), "--url", LEDGER.url()).exit).isZero();
        long events = Files.readAllLines(file).size();
        Path data = FOLDER.resolve("restored");
        Path altered = Files.writeString(FOLDER.resolve("altered.ndjson"),
                Files.readString(file).replaceFirst("2020-01-01", "2020-01-02"));
        for (String beside : List.of(".checkpoint", ".key")) {
            Files.copy(Path.of(file + beside), Path.of(altered + beside));
        }
        Run refused = run("restore", altered.toString(), "--data", data.toString());
        assertThat(refused.exit).as(refused.toString()).isEqualTo(1);
        assertThat(refused.err).contains("the tree: ", "NOT restored");

        Run restored = run("restore", file.toString(), "--data", data.toString());

        assertThat(restored.exit).as(restored.toString()).isZero();
        assertThat(restored.out).contains("restored: " + events + " events",
                "put the key file of the old service there");
        try (RunningLedger copy = RunningLedger.on(data)) {
            assertThat(copy.get("/log/checkpoint").text().lines().limit(3).toList())
                    .isEqualTo(Files.readAllLines(Path.of(file + ".checkpoint")).subList(0, 3));
            String status = "/v1/entities/c-restored/status?listId=cli&asOf=2021-01-01&asKnownAt=position:"
                    + (events - 1);
            assertThat(copy.get(status).text()).isEqualTo(LEDGER.get(status).text());
        }
        failed(run("restore", file.toString(), "--data", data.toString()), 3, "already holds the ledger",
                events + " events");
        failed(run("restore", FOLDER.resolve("none.ndjson").toString(), "--data", data.toString()), 2, "is not there");
        failed(run("restore", file.toString(), "--data", data.toString(), "--key", "nonsense+key"), 2, "nonsense+key");
    }

    @Test
    void givenEvidence_whenFetched_thenItVerifiesAndNoOtherFileIsTouched() throws Exception {
        LEDGER.record(Demand.list("c-evident", "cli", "2020-01-01"));
        Path file = FOLDER.resolve("evident.zip");
        Run fetched = run("evidence", "entity", "c-evident", file.toString(), "--as-of", "2021-01-01", "--url",
                LEDGER.url());
        assertThat(fetched.exit).as(fetched.toString()).isZero();
        assertThat(fetched.out).isEqualTo(file + ": " + Files.size(file) + " bytes" + System.lineSeparator());
        String key = LEDGER.get("/log/key").text().strip();
        Run verified = run("verify", file.toString(), "--key", key);
        assertThat(verified.exit).as(verified.toString()).isZero();
        assertThat(verified.out).contains("verified: 1 events", "signed by " + key);
        // A witness that nobody asked has not signed; its key is another's, with the type of a witness.
        Run unwitnessed = run("verify", file.toString(), "--key", key, "--key",
                NoteSigner.openWitness(FOLDER.resolve("witness.key"), "w.example").key().toString());
        assertThat(unwitnessed.exit).isEqualTo(1);
        assertThat(unwitnessed.err).contains("the checkpoint: the witness w.example has not signed it");

        failed(run("evidence", "entity", "c-evident", file.toString(), "--url", LEDGER.url()), 2, "is there already");
        Path none = FOLDER.resolve("none.zip");
        failed(run("evidence", "entity", "c-nobody", none.toString(), "--url", LEDGER.url()), 1,
                "Nothing is recorded about entity c-nobody");
        failed(run("evidence", "list", "cli", none.toString(), "--url", LEDGER.url()), 2, "entity, dossier or notice");
        assertThat(none).doesNotExist();
        try (Stream<Path> left = Files.list(FOLDER)) {
            assertThat(left.map(Path::toString)).noneMatch(name -> name.endsWith(".part"));
        }
    }

    @Test
    void givenAProof_whenVerifiedOffline_thenItHoldsForItsEventAlone() throws Exception {
        String id = LEDGER.record(Demand.list("c-proved", "cli", "2020-01-01")).actionId();
        Path proof = Files.writeString(FOLDER.resolve("one.tlog-proof"),
                LEDGER.get("/v1/events/" + id + "/proof").text());
        Path event = Files.writeString(FOLDER.resolve("one.json"), LEDGER.get("/v1/events/" + id).text());
        String key = LEDGER.get("/log/key").text().strip();
        assertThat(run("verify", proof.toString(), "--event", event.toString(), "--key", key).exit).isZero();
        Files.writeString(event, Files.readString(event).replace("2020-01-01", "2020-01-02"));
        Run altered = run("verify", proof.toString(), "--event", event.toString(), "--key", key);
        assertThat(altered.exit).isEqualTo(1);
        assertThat(altered.err).contains("the proof: it does not hold");
        failed(run("verify", proof.toString()), 2, "--event");
    }

    @Test
    void givenAService_whenItIsToldToVerifyItself_thenItsFindingsAreTold() {
        Run verified = run("verify", "--url", LEDGER.url());
        assertThat(verified.exit).as(verified.toString()).isZero();
        assertThat(verified.out).startsWith("verified: ");
        assertThat(run("verify", "--json", "--url", LEDGER.url()).out).startsWith("{\"verification\"");
    }

    @Test
    void givenANotice_whenAskedByTheCommandLine_thenItIsToldWithItsActions() {
        String actions = Demand.list("c-3", "cli", "2020-01-02");
        assertThat(LEDGER.post("/v1/notices",
                """
                        {"notice": {"publisher": "Cli Gazette", "reference": "1", "publishedOn": "2020-01-03"}, "content": {"summary": "Adds one"}, "actions": [%s]}"""
                        .formatted(actions))
                .status()).isEqualTo(201);
        Run notice = run("notice", "cli-gazette:1", "--url", LEDGER.url());
        assertThat(notice.exit).as(notice.toString()).isZero();
        assertThat(notice.out.lines().findFirst().orElseThrow())
                .startsWith("Cli Gazette 1, published 2020-01-03: cited by 1, as known at position ");
        assertThat(notice.out.lines().skip(1)).containsExactly("  Adds one", "  2020-01-02  EntityListed c-3 on cli");
        Run notices = run("notices", "--publisher", "cli gazette", "--from", "2020-01-01", "--url", LEDGER.url());
        assertThat(notices.out.lines().skip(1))
                .containsExactly("  cli-gazette:1  Cli Gazette 1, published 2020-01-03: cited by 1");
        assertThat(run("notice", "cli-gazette:1", "--json", "--url", LEDGER.url()).out).startsWith("{\"noticeId\"");
        failed(run("notice", "cli-gazette:2", "--url", LEDGER.url()), 1, "cli-gazette:2", "[unknown-notice]");
        failed(run("notices", "--from", "soon", "--url", LEDGER.url()), 1, "soon", "[malformed]");
    }

    @Test
    void givenCitationChains_whenBackfilledByTheCommandLine_thenTheCountsAreTold() throws Exception {
        LEDGER.record(Demand.register("cli-bis"));
        Path lists = Objects.requireNonNull(Path.of(Objects
                .requireNonNull(CommandLineTest.class.getResource("/lists/bis-notices.csv")).toURI()).getParent());
        String[] arguments = {"backfill-citations", "--list", "cli-bis", "--chain",
                lists.resolve("bis-citations-extract.csv").toString(), "--entries",
                lists.resolve("bis-entries-extract.json").toString(), "--notices",
                lists.resolve("bis-notices.csv").toString(), "--url", LEDGER.url()};
        Run run = run(arguments);
        assertThat(run.exit).as(run.toString()).isZero();
        assertThat(run.out).startsWith("recorded 30 listings, 19 amendments, 0 corrections and ")
                .contains("of 30 entries with 50 citations; 0 citations were recorded before",
                        "  no day is told: bis-malaysia-mohd-ansari 74 FR 8184");
        assertThat(run(arguments).out)
                .startsWith("recorded 0 listings, 0 amendments, 0 corrections and 0 notices");
        failed(run("backfill-citations", "--list", "cli-bis", "--chain", "none.csv", "--entries", "none.json", "--url",
                LEDGER.url()), 2, "none.csv");
    }

    @Test
    void givenCommitmentsAndStatements_whenAskedByTheCommandLine_thenTheyAreToldInPlainLines() {
        LEDGER.record(Demand.list("c-2", "cli", "2020-01-01"));
        LEDGER.record(
                """
                        {"action": "RecordCommitment", "commitmentId": "c-word", "dossier": "c-affair", "commitment": {"by": "A", "to": "B", "text": "To act", "madeOn": "2024-01-10", "dueOn": "2024-02-01"}}""");
        LEDGER.record(
                """
                        {"action": "AssessCommitment", "commitmentId": "c-word", "assessment": {"finding": "PARTLY_KEPT", "assessedOn": "2024-01-20", "assessedBy": "Group"}}""");
        LEDGER.record(
                """
                        {"action": "RecordStatement", "entityId": "c-2", "dossier": "c-affair", "statement": {"speaker": "S", "organisation": "O", "saidOn": "2024-01-15", "stance": "denies", "text": "No"}}""");

        Run commitment = run("commitment", "c-word", "--as-of", "2024-02-02", "--url", LEDGER.url());
        assertThat(commitment.exit).as(commitment.toString()).isZero();
        assertThat(commitment.out.lines()).containsExactly(
                "c-word: A to B, open, overdue since 2024-02-01; last found partly kept on 2024-01-20",
                "  made on 2024-01-10: To act", "  2024-01-20  Group found it partly kept");
        Run commitments = run("commitments", "--dossier", "c-affair", "--overdue", "--as-of", "2024-02-02", "--url",
                LEDGER.url());
        assertThat(commitments.out.lines().skip(1)).containsExactly(
                "  c-word: A to B, open, overdue since 2024-02-01; last found partly kept on 2024-01-20");
        Run dossier = run("dossier", "c-affair", "--as-of", "2024-01-20", "--url", LEDGER.url());
        assertThat(dossier.out.lines().skip(1)).containsExactly("  2024-01-10  A undertook to B: To act",
                "  2024-01-15  S, O (denies): No", "  2024-01-20  Group found it partly kept",
                "  c-2 on cli: listed since 2020-01-01",
                "  c-word: A to B, open; last found partly kept on 2024-01-20");
        assertThat(run("history", "c-2", "--url", LEDGER.url()).out)
                .contains("StatementRecorded", "  2024-01-15  S, O (denies): No");
        failed(run("commitment", "c-unheard-of", "--url", LEDGER.url()), 1, "c-unheard-of");
        failed(run("dossier", "c-unheard-of", "--url", LEDGER.url()), 1, "c-unheard-of");
        failed(run("commitments", "--state", "BROKEN", "--url", LEDGER.url()), 1, "OPEN or CLOSED");
    }

    @Test
    void givenLinks_whenAskedByTheCommandLine_thenThePartyAndWhoLinkedItAreToldInPlainLines() {
        LEDGER.record(Demand.list("c-party-1", "cli", "2020-01-01"));
        LEDGER.record(Demand.list("c-party-2", "cli", "2021-01-01"));
        LEDGER.record(Demand.with(Demand.link("c-party-2", "c-party-1", "Same address"),
                "\"evidence\": [{\"publisher\": \"Gazette\", \"reference\": \"2024/9\"}]"));
        Run party = run("party", "c-party-1", "--as-of", "2020-06-01", "--url", LEDGER.url());
        assertThat(party.exit).as(party.toString()).isZero();
        assertThat(party.out.lines().skip(1)).containsExactly("  c-party-1  X Institute",
                "    cli: listed since 2020-01-01", "  c-party-2  X Institute",
                "    cli: not listed; next change on 2021-01-01",
                "  c-party-1 and c-party-2 linked by anonymous: Same address");
        assertThat(party.out).startsWith("party of c-party-1 as of 2020-06-01, as known at position ");
        String unlinking = LEDGER.record(Demand.unlink("c-party-1", "c-party-2", "Two doors")).actionId();
        Run links = run("links", "c-party-2", "--url", LEDGER.url());
        assertThat(links.out).contains("c-party-1 and c-party-2 linked by anonymous: Same address",
                "  unlinked by " + unlinking, "  evidence: Gazette, 2024/9",
                "c-party-1 and c-party-2 unlinked by anonymous: Two doors");
        Run json = run("party", "c-party-1", "--json", "--url", LEDGER.url());
        assertThat(LedgerJson.MAPPER.readTree(json.out).get("members")).hasSize(1);
        failed(run("party", "c-unheard-of", "--url", LEDGER.url()), 1, "c-unheard-of");
        failed(run("links", "c-unheard-of", "--url", LEDGER.url()), 1, "c-unheard-of");
        failed(run("party"), 2, "ENTITY");
        failed(run("links", "c-party-1", "--as-of", "2020-01-01"), 2, "--as-of");
    }

    @Test
    void givenARunningService_whenTheStatusIsAsked_thenOneLinePerListOrTheAnswerAsItIs() {
        Run run = run("status", "c-1", "--as-of", "2020-06-01", "--url", LEDGER.url());
        assertThat(run.exit).as(run.toString()).isZero();
        assertThat(run.out).contains("c-1 as of 2020-06-01", "cli: listed since 2020-01-01 until 2030-01-01",
                "next change on 2021-02-01");
        Run json = run("status", "c-1", "--as-of", "2021-02-01", "--list", "cli", "--json", "--url",
                LEDGER.url() + "/");
        assertThat(LedgerJson.MAPPER.readTree(json.out).at("/lists/0/state").asString()).isEqualTo("NOT_LISTED");
    }

    @Test
    void givenAReading_whenRebuiltByTheCommandLine_thenItsProgressAndItsEndAreTold() {
        try (RunningLedger ledger = RunningLedger.start()) {
            ledger.record(Demand.register("l"));
            ledger.record(Demand.list("c-rebuilt", "l", "2020-01-01"));
            Run idle = run("rebuild", "listings", "--cancel", "--url", ledger.url());
            assertThat(idle.exit).as(idle.toString()).isZero();
            assertThat(idle.out).isEqualTo("no rebuild of listings was started\n");

            Run done = run("rebuild", "listings", "--url", ledger.url());
            assertThat(done.exit).as(done.toString()).isZero();
            assertThat(done.out.lines().toList().getLast()).startsWith("rebuild of listings: done, 2 of 2 events, ")
                    .endsWith("; at position 1 0 rows differ");
            Run projections = run("projections", "--url", ledger.url());
            assertThat(projections.exit).as(projections.toString()).isZero();
            assertThat(projections.out).contains("2 events recorded",
                    "  listings: current, reflects position 1, 0 behind", "    rebuild of listings: done");

            JdbcClient.create(ledger.context().getBean(Catchup.class).generations().dataSource())
                    .sql("UPDATE reading_period SET state = 'SUSPENDED'").update();
            Run differs = run("rebuild", "listings", "--url", ledger.url());
            assertThat(differs.exit).as(differs.toString()).isEqualTo(1);
            assertThat(differs.out).contains("listings: differs", "1 rows differ", "  reading_period at 1",
                    "    rebuilt: {", "    live:    {");
            assertThat(run("rebuild", "listings", "--switch-if-different", "--url", ledger.url()).exit).isZero();
            assertThat(run("rebuild", "listings", "--json", "--url", ledger.url()).out).contains("\"state\":\"DONE\"");
            failed(run("rebuild", "dreams", "--url", ledger.url()), 1, "no reading 'dreams'");
            assertThat(run("rebuild", "--help").out).contains("--cancel", "--switch-if-different");
        }
    }

    @Test
    void givenAReading_whenReplayedByTheCommandLine_thenTheExitCodeSaysWhetherItIsEqual() {
        LEDGER.record(Demand.register("cli-replay"));
        LEDGER.record(Demand.list("c-replay", "cli-replay", "2020-01-01"));
        Run list = run("replay", "list", "cli-replay", "--as-of", "2020-06-01", "--url", LEDGER.url());
        assertThat(list.exit).as(list.toString()).isZero();
        assertThat(list.out).contains("  replayed: 1 entries, 1 entities, 1 events, sha256 ",
                "  reading: 1 entries", "\nequal");
        Run entity = run("replay", "entity", "c-replay", "--as-of", "2020-06-01", "--url", LEDGER.url());
        assertThat(entity.exit).as(entity.toString()).isZero();
        assertThat(entity.out).contains("  1 events replayed", "  cli-replay: listed since 2020-01-01", "\nequal");

        JdbcClient.create(LEDGER.context().getBean(DataSource.class))
                .sql("UPDATE reading_period SET state = 'SUSPENDED' WHERE entity_id = 'c-replay'").update();
        for (Run differs : List.of(run("replay", "list", "cli-replay", "--url", LEDGER.url()),
                run("replay", "entity", "c-replay", "--url", LEDGER.url()))) {
            assertThat(differs.exit).as(differs.toString()).isEqualTo(1);
            assertThat(differs.out).contains("DIFFERENT: 1 periods", "  c-replay on cli-replay", "    replayed: {",
                    "    reading: {");
            assertThat(differs.err).isEmpty();
        }
        failed(run("replay", "entity", "c-unheard-of", "--url", LEDGER.url()), 1, "c-unheard-of");
        failed(run("replay"), 2, "ledger replay list ID");
        assertThat(run("replay", "list", "--help").out).contains("--as-known-at");
    }

    @Test
    void givenARunningService_whenTheHistoryIsAsked_thenEveryActionWithWhatItChanged() {
        Run run = run("history", "c-1", "--url", LEDGER.url());
        assertThat(run.exit).as(run.toString()).isZero();
        assertThat(run.out).contains("EntityListed on cli  effective 2020-01-01  by anonymous", "ActionCorrected",
                "corrects ", "corrected by ", "/effectiveDate: \"2021-01-01\" -> \"2021-02-01\"");
        assertThat(LedgerJson.MAPPER.readTree(run("history", "c-1", "--json", "--url", LEDGER.url()).out)
                .get("actions")).hasSize(3);
    }

    @Test
    void givenARunningService_whenTheTimelineIsAsked_thenAPeriodALine() {
        Run run = run("timeline", "c-1", "--list", "cli", "--url", LEDGER.url());
        assertThat(run.exit).as(run.toString()).isZero();
        assertThat(run.out).contains("c-1 as known at position ", "  cli\n",
                "    from 2020-01-01 to 2021-02-01: listed",
                "    from 2021-02-01: not listed");
        assertThat(LedgerJson.MAPPER.readTree(run("timeline", "c-1", "--json", "--url", LEDGER.url()).out)
                .at("/lists/cli/0/from").asString()).isEqualTo("2020-01-01");
        failed(run("timeline", "c-unheard-of", "--url", LEDGER.url()), 1, "c-unheard-of", "[unknown-entity]");
    }

    @Test
    void givenARunningService_whenItsListsAreAsked_thenEachIsToldWithItsFigures() {
        LEDGER.record(Demand.register("cli-lists"));
        LEDGER.record(Demand.list("c-lists", "cli-lists", "2020-01-01"));
        Run run = run("lists", "--as-of", "2020-01-01", "--url", LEDGER.url());
        assertThat(run.exit).as(run.toString()).isZero();
        assertThat(run.out).contains("as of 2020-01-01, as known at position ", "  cli-lists: ",
                "; 1 entries, 1 actions");
        assertThat(run("lists", "--as-of", "2019-12-31", "--url", LEDGER.url()).out).contains("; 0 entries, 1 actions");
        failed(run("lists", "--as-of", "soon", "--url", LEDGER.url()), 1, "soon", "[malformed]");
    }

    @Test
    void givenARunningService_whenItsEventsAreAsked_thenEachIsTheLineThatIsStored() {
        Run told = run("events", "--entity", "c-1", "--type", "EntityListed", "--url", LEDGER.url());
        assertThat(told.exit).as(told.toString()).isZero();
        assertThat(told.out.lines()).singleElement().asString().startsWith("position ")
                .contains("EntityListed in entity/c-1", "effective 2020-01-01", "by anonymous");
        Run lines = run("events", "--entity", "c-1", "--json", "--url", LEDGER.url());
        assertThat(lines.out.lines()).hasSize(3).allSatisfy(line -> assertThat(line).isEqualTo(
                LEDGER.get("/v1/events/" + LedgerJson.MAPPER.readTree(line).get("id").asString()).text()));
        Run all = run("events", "--json", "--url", LEDGER.url());
        assertThat(all.out.lines().map(line -> LedgerJson.MAPPER.readTree(line).get("position").asString()))
                .startsWith("000000000000", "000000000001", "000000000002").isSorted().doesNotHaveDuplicates();
        failed(run("events", "--type", "Nothing", "--url", LEDGER.url()), 1, "Nothing", "[malformed]");
    }

    @Test
    void givenEventsThatAreFollowed_whenTheServiceIsStartedAgain_thenTheyGoOnAfterTheLastOne() throws Exception {
        Path data = RunningLedger.folder();
        RunningLedger ledger = RunningLedger.on(data);
        ledger.record(Demand.register("followed"));
        ledger.record(Demand.list("f-0", "followed", "2020-01-01"));
        try (ServiceProcess following = ServiceProcess.run(FOLDER, "events", "--follow", "--json", "--type",
                "EntityListed", "--url", ledger.url())) {
            awaitLines(following, 1);
            ledger.record(Demand.list("f-1", "followed", "2020-01-01"));
            awaitLines(following, 2);
            ledger.close();
            ledger = RunningLedger.on(data, "--server.port=" + ledger.port());
            ledger.record(Demand.list("f-2", "followed", "2020-01-01"));
            awaitLines(following, 3);
            assertThat(events(following)).isEqualTo(ledger
                    .get("/v1/events?type=EntityListed", "Accept", "application/x-ndjson").text().lines().toList());
            assertThat(following.output().lines().filter(line -> line.startsWith("ledger: "))).singleElement()
                    .asString().contains("goes on after position 2");
        } finally {
            ledger.close();
            RunningLedger.delete(data);
        }
        failed(run("events", "--follow", "--type", "Nothing", "--url", LEDGER.url()), 1, "Nothing", "[malformed]");
        failed(run("events", "--follow", "--through", "3", "--url", LEDGER.url()), 1, "through", "[malformed]");
        failed(run("events", "--follow", "--url", "http://127.0.0.1:" + freePort()), 3, "no service answers");
    }

    private static List<String> events(ServiceProcess following) {
        return following.output().lines().filter(line -> line.startsWith("{")).toList();
    }

    private static void awaitLines(ServiceProcess following, int number) throws InterruptedException {
        long end = System.nanoTime() + 120_000_000_000L;
        while (events(following).size() < number) {
            assertThat(System.nanoTime()).as(following.output()).isLessThan(end);
            Thread.sleep(20);
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Test
    void givenARunningService_whenAListIsAsked_thenItComesInWordsAsLinesOrAsATable() {
        LEDGER.record(Demand.register("cli-rows"));
        LEDGER.record(Demand.until(Demand.list("w-1", "cli-rows", "2020-01-01", "one wording"), "2030-01-01"));
        String second = LEDGER.record(Demand.list("w-2", "cli-rows", "2020-01-01")).actionId();
        long before = LEDGER.head() - 1;
        LEDGER.record(Demand.amend("w-1", "cli-rows", "2020-02-01", "another wording"));
        LEDGER.record(Demand.strike("w-2", second));
        long after = LEDGER.head() - 1;

        String[] entries = {"entries", "cli-rows", "--as-of", "2020-01-15", "--as-known-at", "position:" + before,
                "--url", LEDGER.url()};
        Run run = run(entries);
        assertThat(run.exit).as(run.toString()).isZero();
        assertThat(run.out.lines()).containsExactly("cli-rows as of 2020-01-15, as known at position " + before,
                "  w-1: listed since 2020-01-01 until 2030-01-01, X Institute",
                "  w-2: listed since 2020-01-01, X Institute", "2 rows");
        assertThat(run(with(entries, "--json")).out.lines().map(LedgerJson.MAPPER::readTree)
                .map(entry -> entry.get("entityId").asString())).containsExactly("w-1", "w-2");
        assertThat(run(with(entries, "--csv")).out).startsWith("entityId,state,since,").contains("\r\nw-1,LISTED,")
                .endsWith("\r\n");

        Run changes = run("changes", "cli-rows", "--from", "2020-01-15", "--to", "2020-02-15", "--url", LEDGER.url());
        assertThat(changes.exit).as(changes.toString()).isZero();
        assertThat(changes.out.lines()).containsExactly(
                "cli-rows from 2020-01-15 to 2020-02-15, as known at position " + after,
                "  w-1: amended, X Institute; by ListingAmended effective 2020-02-01",
                "    /remarks: \"one wording\" -> \"another wording\"", "1 row");

        Run revisions = run("revisions", "cli-rows", "--as-of", "2020-02-15", "--known-from", "position:" + before,
                "--known-to", "position:" + after, "--url", LEDGER.url());
        assertThat(revisions.exit).as(revisions.toString()).isZero();
        assertThat(revisions.out).startsWith(
                "cli-rows as of 2020-02-15, as known at position " + before + " and at position " + after)
                .contains("  w-1: amended, X Institute",
                        "    late-recording at position " + (before + 1) + ", recorded ",
                        ": ListingAmended effective 2020-02-01", "  w-2: removed, X Institute",
                        "    voiding at position " + after + ", recorded ", ": ActionVoided, voids " + second)
                .contains("2 rows");
    }

    private static String[] with(String[] arguments, String more) {
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 1);
        all[arguments.length] = more;
        return all;
    }

    @Test
    void givenARunningService_whenAMisspeltNameIsSearched_thenWhoItIsAndHowTheyStand() {
        LEDGER.record(Demand.list("c-search", "cli", "2020-01-01").replace("X Institute", "Peregrine Falconry Guild"));
        Run run = run("search", "falconry guild, perregrine", "--as-of", "2020-06-01", "--list", "cli", "--limit", "1",
                "--url", LEDGER.url());
        assertThat(run.exit).as(run.toString()).isZero();
        assertThat(run.out).contains("1 found", "as of 2020-06-01", "c-search  Peregrine Falconry Guild  0.",
                "cli: listed since 2020-01-01");
        assertThat(run("search", "Wholly Unheard-Of", "--url", LEDGER.url()).out).startsWith("nothing found as of ");
        assertThat(LedgerJson.MAPPER.readTree(run("search", "peregrine falconry", "--status", "LISTED", "--json",
                "--url", LEDGER.url()).out).at("/hits/0/entityId").asString()).isEqualTo("c-search");
        failed(run("search", "x", "--type", "COMPANY", "--url", LEDGER.url()), 1, "COMPANY", "[malformed]");
        failed(run("search", "?", "--url", LEDGER.url()), 1, "neither letter nor digit", "[malformed]");
        failed(run("search"), 2, "NAME");
    }

    @Test
    void givenAFile_whenItIsImported_thenTheCountsAreSaidAndAKeyRecordsItOnce() throws IOException {
        LEDGER.record(Demand.register("cli-import"));
        Path file = Files.write(FOLDER.resolve("sdn.csv"), SdnFile.of(Map.of(901, "a", 902, "b")));
        String[] arguments = {"import", file.toString(), "--list", "cli-import", "--format", "ofac-sdn-csv", "--date",
                "2021-01-01", "--key", "cli-key", "--url", LEDGER.url()};
        Run dry = run("import", file.toString(), "--list", "cli-import", "--format", "ofac-sdn-csv", "--date",
                "2021-01-01", "--dry-run", "--url", LEDGER.url());
        assertThat(dry.out).startsWith("would record for 2021-01-01: 2 entries in the file, 2 added");
        Run run = run(arguments);
        assertThat(run.exit).as(run.toString()).isZero();
        assertThat(run.out).startsWith("recorded for 2021-01-01: 2 entries in the file, 2 added, 0 amended, 0 removed");
        long head = LEDGER.head();
        assertThat(run(arguments).out).isEqualTo(run.out);
        assertThat(LEDGER.head()).isEqualTo(head);
        failed(run("import", file.toString(), "--list", "cli-import", "--format", "ofac-sdn-csv", "--date",
                "2020-12-31", "--url", LEDGER.url()), 1, "[snapshot-out-of-order]", "2021-01-01");
        failed(run("import", file.toString(), "--list", "cli-import", "--format", "ofac-sdn-csv", "--date", "yesterday",
                "--url", LEDGER.url()), 1, "yesterday", "[malformed]");
    }

    @Test
    void givenEachVerb_whenHelpIsAsked_thenItsUseIsToldOnStandardOutput() {
        for (String verb : List.of("demo", "serve", "import", "status", "timeline", "history", "events", "lists",
                "entries", "changes", "revisions", "search", "commitment", "commitments", "dossier", "party",
                "links", "notice", "notices", "backfill-citations")) {
            Run run = run(verb, "--help");
            assertThat(run.exit).isZero();
            assertThat(run.out).startsWith("Usage: ledger " + verb).contains("--help");
            assertThat(run.err).isEmpty();
        }
        Run whole = run("--help");
        assertThat(whole.exit).isZero();
        assertThat(whole.out).contains("demo", "serve", "import", "status", "history", "entries", "changes",
                "revisions", "search", "Exit codes:");
        assertThat(run("--version").out).contains("Policy Action Ledger");
    }

    @Test
    void givenAWrongCommandLine_whenRun_thenExitCode2AndTheFaultIsNamed() {
        Run none = run();
        assertThat(none.exit).isEqualTo(2);
        assertThat(none.err).contains("Usage: ledger");
        failed(run("erase"), 2, "erase");
        failed(run("status"), 2, "ENTITY");
        failed(run("status", "x", "--as-off", "2020-01-01"), 2, "--as-off");
        failed(run("import", "file"), 2, "--list");
        failed(run("entries"), 2, "LIST");
        failed(run("changes", "l", "--from", "2020-01-01"), 2, "--to");
        failed(run("revisions", "l"), 2, "--known-from");
        failed(run("entries", "l", "--csv", "--json"), 2, "--csv", "--json");
        failed(run("entries", "l", "--url", "nonsense"), 2, "nonsense", "http://");
        failed(run("import", FOLDER.resolve("nothing.csv").toString(), "--list", "l", "--format", "f", "--date", "d"),
                2,
                "nothing.csv", "cannot be read");
        failed(run("import", FOLDER.toString(), "--list", "l", "--format", "f", "--date", "d"), 2, "cannot be read");
        failed(run("serve", "--port", "many"), 2, "--port many", "65535");
        failed(run("serve", "--port", "70000"), 2, "--port 70000");
        failed(run("serve", "--set", "nonsense"), 2, "--set nonsense", "name=value");
        failed(run("demo", "--port", "-1", "--exit"), 2, "--port -1");
        failed(run("demo", "--snapshots", "1"), 2, "--snapshots 1", "2 to 100");
        failed(run("demo", "--snapshots", "many"), 2, "--snapshots", "many");
        failed(run("status", "x", "--url", "nonsense"), 2, "nonsense", "http://");
        failed(run("status", "x", "--url", "ftp://127.0.0.1"), 2, "ftp://127.0.0.1");
        failed(run("status", "x", "--url", "http://a b"), 2, "http://a b");
    }

    @Test
    void givenTheServiceRefuses_whenRun_thenExitCode1AndItsReason() {
        failed(run("status", "c-nobody", "--url", LEDGER.url()), 1, "c-nobody", "[unknown-entity]");
        failed(run("status", "c 1", "--url", LEDGER.url()), 1, "c 1", "[malformed]");
        failed(run("history", "c-nobody", "--url", LEDGER.url()), 1, "[unknown-entity]");
        failed(run("status", "c-1", "--as-of", "2021-02-30", "--url", LEDGER.url()), 1, "2021-02-30", "[malformed]");
        failed(run("entries", "unheard-of", "--url", LEDGER.url()), 1, "unheard-of", "[unknown-list]");
        failed(run("changes", "cli", "--from", "2021-01-01", "--to", "2020-01-01", "--csv", "--url", LEDGER.url()), 1,
                "2021-01-01", "[malformed]");
        failed(run("revisions", "cli", "--known-from", "then", "--url", LEDGER.url()), 1, "then", "[malformed]");
    }

    @Test
    void givenNoServiceOfOurs_whenRun_thenExitCode3AndTheWayOut() throws IOException {
        int free;
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        failed(run("status", "x", "--url", "http://127.0.0.1:" + free), 3, "http://127.0.0.1:" + free, "ledger serve");
        failed(run("entries", "x", "--url", "http://127.0.0.1:" + free), 3, "http://127.0.0.1:" + free, "ledger serve");
        failed(run("history", "x", "--url", LEDGER.url() + "/problems"), 1, "not an address of this service");
        com.sun.net.httpserver.HttpServer other = com.sun.net.httpserver.HttpServer
                .create(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        other.createContext("/", exchange -> {
            byte[] page = exchange.getRequestURI().getPath().contains("json")
                    ? "{\"hello\": 1}".getBytes(StandardCharsets.UTF_8)
                    : "<html>\n<body>hello</body>".getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, page.length);
            exchange.getResponseBody().write(page);
            exchange.close();
        });
        other.start();
        try {
            String url = "http://127.0.0.1:" + other.getAddress().getPort();
            failed(run("status", "x", "--url", url), 3, url);
            failed(run("status", "json", "--url", url), 3, url);
            failed(run("history", "json", "--url", url), 3, url);
            failed(run("entries", "json", "--url", url), 3, url);
        } finally {
            other.stop(0);
        }
    }

    @Test
    void givenAnAnswerThatBreaksOff_whenItIsPrinted_thenExitCode3AndItIsSaidThatItIsNotWhole() throws IOException {
        com.sun.net.httpserver.HttpServer broken = com.sun.net.httpserver.HttpServer
                .create(new java.net.InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        broken.createContext("/", exchange -> {
            exchange.getResponseHeaders().add("Ledger-Position", "7");
            exchange.sendResponseHeaders(200, 1_000);
            exchange.getResponseBody().write("{\"entityId\": ".getBytes(StandardCharsets.UTF_8));
            exchange.getResponseBody().flush();
            exchange.close();
        });
        broken.start();
        try {
            String url = "http://127.0.0.1:" + broken.getAddress().getPort();
            for (String form : List.of("--csv", "--json")) {
                failed(run("entries", "l", form, "--url", url), 3, url, "broke off", "not the whole");
            }
            failed(run("entries", "l", "--url", url), 3, url, "broke off", "not the whole");
        } finally {
            broken.stop(0);
        }
    }

    @Test
    void givenSettingsThatCannotBe_whenServed_thenExitCode3AndTheOneAtFaultIsNamed() throws IOException {
        Path file = Files.writeString(FOLDER.resolve("a-file"), "not a folder");
        failed(run("serve", "--port", "0", "--data", file.resolve("under").toString()), 3, "cannot start", "a-file");
        Run away = run("serve", "--port", "0", "--db-url", "jdbc:postgresql://127.0.0.1:1/ledger?password=secret");
        failed(away, 3, "cannot start", "jdbc:postgresql://127.0.0.1:1/ledger cannot be opened");
        assertThat(away.err).doesNotContain("secret");
        failed(run("serve", "--port", "0", "--db-url", "nonsense"), 3, "cannot start", "nonsense");
        failed(run("serve", "--port", "0", "--data", FOLDER.resolve("set").toString(), "--set",
                "ledger.read-timeout=soon"), 3, "cannot start", "ledger.read-timeout", "soon");
    }

    @Test
    void givenWhatPreventsTheServiceFromStarting_whenServed_thenExitCode3AndOneSentence()
            throws IOException, InterruptedException {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                ServiceProcess holder = ServiceProcess.serve(FOLDER, "--data", FOLDER.resolve("held").toString())) {
            Map<List<String>, String> cases = new LinkedHashMap<>();
            cases.put(List.of("serve", "--port", Integer.toString(taken.getLocalPort()), "--data",
                    FOLDER.resolve("port").toString()), Integer.toString(taken.getLocalPort()));
            cases.put(List.of("serve", "--port", "0", "--data", FOLDER.resolve("held").toString()), "held");
            Map<List<String>, ServiceProcess> started = new LinkedHashMap<>();
            cases.keySet().forEach(
                    arguments -> started.put(arguments, ServiceProcess.run(FOLDER, arguments.toArray(String[]::new))));
            for (Map.Entry<List<String>, String> one : cases.entrySet()) {
                try (ServiceProcess process = java.util.Objects.requireNonNull(started.get(one.getKey()))) {
                    String shown = one.getKey() + ": ";
                    assertThat(process.exitCode()).as(shown + process.output()).isEqualTo(3);
                    assertThat(process.output().lines()).as(shown + process.output()).hasSize(1);
                    assertThat(process.output()).as(shown).startsWith("ledger: the service cannot start: ")
                            .contains(one.getValue()).doesNotContain("Exception", "\tat ");
                }
            }
            assertThat(holder.post("/v1/lists", Demand.register("still-there")).status()).isEqualTo(201);
            holder.stop();
            assertThat(holder.output()).doesNotContain("Exception");
        }
    }
}
