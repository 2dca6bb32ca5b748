package org.policyledger.api;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.binder.MeterBinder;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import javax.sql.DataSource;
import org.policyledger.api.action.NoticeRecorder;
import org.policyledger.api.action.Recorder;
import org.policyledger.api.log.AskedWitnesses;
import org.policyledger.api.log.EvidenceBundle;
import org.policyledger.api.log.Oversight;
import org.policyledger.api.log.Proofs;
import org.policyledger.api.log.Verification;
import org.policyledger.api.event.LiveEvents;
import org.policyledger.api.snapshot.CitationBackfill;
import org.policyledger.api.snapshot.SnapshotFormat;
import org.policyledger.api.snapshot.SnapshotImport;
import org.policyledger.core.LedgerJson;
import org.policyledger.projections.Catchup;
import org.policyledger.projections.Completeness;
import org.policyledger.projections.LedgerCodec;
import org.policyledger.projections.Rebuilds;
import org.policyledger.projections.dossier.CommitmentReader;
import org.policyledger.projections.dossier.DossierReader;
import org.policyledger.projections.link.LinkReader;
import org.policyledger.projections.listing.ListingReader;
import org.policyledger.projections.listing.ListingReplay;
import org.policyledger.projections.notice.NoticeReader;
import org.policyledger.projections.search.NameSearch;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LedgerUnreadable;
import org.policyledger.store.LogSettings;
import org.policyledger.store.tree.CheckpointTarget;
import org.policyledger.store.tree.LedgerTree;
import org.policyledger.store.tree.LogVerification;
import org.policyledger.store.tree.NoteKey;
import org.policyledger.store.tree.NoteSigner;
import org.policyledger.store.tree.Witnesses;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.health.contributor.Health;
import org.springframework.boot.health.contributor.HealthIndicator;
import org.springframework.context.ApplicationListener;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.DependsOn;
import org.springframework.context.event.ContextClosedEvent;
import org.springframework.dao.DataAccessException;
import org.springframework.http.converter.HttpMessageConverters;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;
import tools.jackson.databind.MapperFeature;
import tools.jackson.databind.json.JsonMapper;

/** What the service is made of. Axon is put together in {@link Recorder} and {@link Catchup}; nothing of it configures itself. */
@Configuration(proxyBeanMethods = false)
class LedgerConfiguration {

    @Bean
    Clock clock() {
        return Clock.systemUTC();
    }

    @Bean
    LedgerLog ledgerLog(DataSource dataSource, LedgerProperties properties, Clock clock) {
        LogSettings settings = LogSettings.defaults().withClock(clock);
        settings = settings.withQueue(properties.queueLimit(), settings.maxBatch())
                .withTimeouts(properties.writeTimeout(), settings.databaseTimeout());
        return LedgerLog.open(dataSource, new LedgerCodec(),
                properties.origin().map(settings::withOrigin).orElse(settings));
    }

    @Bean
    NoteSigner noteSigner(LedgerLog log, LedgerProperties properties) {
        try {
            return NoteSigner.open(DatabaseConfiguration.folder(properties).resolve("ledger.key"), log.origin());
        } catch (IllegalStateException unusable) {
            throw new CannotStart(String.valueOf(unusable.getMessage()), unusable);
        }
    }

    /** Closed after the tree, whose last checkpoint it keeps, and before the database that it reads it from. */
    @Bean
    @DependsOn("dataSource")
    @ConditionalOnProperty("ledger.checkpoint-copies.folder")
    CheckpointTarget checkpointTarget(LedgerProperties properties) {
        try {
            return new CheckpointTarget(
                    Path.of(properties.checkpointCopies().folder().orElseThrow()).toAbsolutePath());
        } catch (IllegalArgumentException unusable) {
            throw new CannotStart(String.valueOf(unusable.getMessage()), unusable);
        }
    }

    @Bean
    AskedWitnesses askedWitnesses(LedgerProperties properties) {
        try {
            return AskedWitnesses.of(properties.witnesses().asked(), properties.witnesses().needed());
        } catch (IllegalArgumentException unusable) {
            throw new CannotStart("the witnesses cannot be asked: " + unusable.getMessage(), unusable);
        }
    }

    @Bean
    LedgerTree ledgerTree(LedgerLog log, DataSource dataSource, NoteSigner signer, AskedWitnesses witnesses,
            Optional<CheckpointTarget> copies, LedgerProperties properties) {
        LedgerTree tree = LedgerTree.open(log, dataSource, signer, properties.checkpointInterval(), witnesses.quorum(),
                copies);
        copies.ifPresent(target -> target.follow(tree, properties.checkpointCopies().interval()));
        return tree;
    }

    @Bean
    Witnesses witnesses(LedgerTree tree, AskedWitnesses witnesses, LedgerProperties properties) {
        return Witnesses.open(tree, witnesses.all(), properties.witnesses().interval(),
                properties.witnesses().timeout());
    }

    @Bean
    Oversight oversight(LedgerTree tree, Witnesses witnesses, Optional<CheckpointTarget> copies) {
        return new Oversight(tree, witnesses, copies);
    }

    @Bean
    Verification verification(LedgerLog log, LedgerTree tree, DataSource dataSource, NoteSigner signer,
            AskedWitnesses witnesses, Clock clock, ObjectProvider<Rebuilds> rebuilds, LedgerProperties properties) {
        List<NoteKey> keys = Stream.concat(signer.keys().stream(), witnesses.quorum().witnesses().stream()).toList();
        Verification verification = new Verification(() -> new LogVerification(log, dataSource, keys),
                rebuilds::getObject, clock);
        if (properties.verifyAtStart()) {
            verification.beforeStart();
        }
        return verification;
    }

    @Bean
    Proofs proofs(LedgerLog log, LedgerTree tree, LedgerProperties properties) {
        return new Proofs(log, tree, properties.readTimeout());
    }

    @Bean
    EvidenceBundle evidenceBundle(Proofs proofs, NoteSigner signer, JsonMapper answers, LedgerProperties properties) {
        return new EvidenceBundle(proofs, signer, answers, properties.limits().batchLines());
    }

    @Bean
    Recorder recorder(LedgerLog log) {
        return new Recorder(log);
    }

    @Bean(initMethod = "start")
    Catchup catchup(LedgerLog log, DataSource dataSource) {
        return new Catchup(log, dataSource);
    }

    /** The tables of the readings are those of the generation that a request is held to. */
    private static JdbcClient live(Catchup catchup) {
        return JdbcClient.create(catchup.generations().dataSource());
    }

    @Bean(initMethod = "start")
    Completeness completeness(LedgerTree tree, Catchup catchup, NameSearch search, LedgerProperties properties) {
        return new Completeness(tree, List.of(catchup, search), properties.checkpointInterval());
    }

    @Bean
    Rebuilds rebuilds(LedgerLog log, DataSource dataSource, Catchup catchup, NameSearch search,
            Completeness completeness) {
        Rebuilds rebuilds = new Rebuilds(log, dataSource, catchup, completeness);
        rebuilds.add(NameSearch.NAME, search::beside);
        return rebuilds;
    }

    @Bean
    ListingReader listingReader(LedgerLog log, Catchup catchup) {
        return new ListingReader(live(catchup), log);
    }

    @Bean
    ListingReplay listingReplay(LedgerLog log, Catchup catchup) {
        return new ListingReplay(live(catchup), log);
    }

    @Bean(initMethod = "start")
    NameSearch nameSearch(LedgerLog log, Catchup catchup, ListingReader reader, LedgerProperties properties) {
        try {
            return new NameSearch(log, catchup, reader,
                    Optional.of(DatabaseConfiguration.folder(properties).resolve("search")),
                    properties.readTimeout());
        } catch (IllegalStateException closed) {
            throw new CannotStart(String.valueOf(closed.getMessage()), closed);
        }
    }

    @Bean
    CommitmentReader commitmentReader(LedgerLog log, Catchup catchup) {
        return new CommitmentReader(live(catchup), log);
    }

    @Bean
    DossierReader dossierReader(LedgerLog log, Catchup catchup, ListingReader listings, CommitmentReader commitments) {
        return new DossierReader(live(catchup), log, listings, commitments);
    }

    @Bean
    LinkReader linkReader(LedgerLog log, Catchup catchup, ListingReader listings) {
        return new LinkReader(live(catchup), log, listings);
    }

    @Bean
    NoticeReader noticeReader(LedgerLog log, Catchup catchup) {
        return new NoticeReader(live(catchup), log);
    }

    @Bean
    NoticeRecorder noticeRecorder(LedgerLog log, Recorder recorder) {
        return new NoticeRecorder(log, recorder);
    }

    @Bean
    CitationBackfill citationBackfill(LedgerLog log, Recorder recorder) {
        return new CitationBackfill(log, recorder);
    }

    @Bean(initMethod = "start")
    LiveEvents liveEvents(LedgerLog log, LedgerProperties properties) {
        return new LiveEvents(log, properties.live());
    }

    /** A stop waits for answers under way; the live ones have no end of their own. */
    @Bean
    ApplicationListener<ContextClosedEvent> endOfLiveEvents(LiveEvents live) {
        return closing -> live.close();
    }

    @Bean
    Edge edge(LedgerLog log, Catchup catchup, Completeness completeness, LedgerProperties properties, Clock clock) {
        return new Edge(log, catchup, completeness::alarm, properties, clock);
    }

    @Bean
    SnapshotImport snapshotImport(LedgerLog log, Recorder recorder, Edge edge, ListingReader reader) {
        return new SnapshotImport(log, recorder, edge, reader, SnapshotFormat.all());
    }

    /** Answers are written like events, but for fields in the order of their records and lists shown even when empty. */
    @Bean
    JsonMapper answers() {
        return LedgerJson.MAPPER.rebuild().disable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
                .changeDefaultPropertyInclusion(
                        inclusion -> inclusion.withValueInclusion(JsonInclude.Include.NON_ABSENT))
                .build();
    }

    /** Answers in rows have a form of their own. */
    @Bean
    WebMvcConfigurer rows(JsonMapper answers) {
        return new WebMvcConfigurer() {
            @Override
            public void configureMessageConverters(HttpMessageConverters.ServerBuilder converters) {
                converters.addCustomConverter(new Rows.Converter(answers));
            }
        };
    }

    @Bean
    HealthIndicator ledgerHealthIndicator(LedgerLog log, Catchup catchup, NameSearch search,
            Completeness completeness, Verification verification) {
        return () -> {
            Optional<String> damage = verification.damage();
            if (damage.isPresent()) {
                return Health.down().withDetail("damage", damage.get()).build();
            }
            try {
                List<String> incomplete = completeness.incomplete();
                return (catchup.isHealthy() && search.isHealthy() && incomplete.isEmpty() ? Health.up() : Health.down())
                        .withDetail("recorded", log.head()).withDetail("reflected", catchup.position() + 1)
                        .withDetail("searchable", search.position() + 1).withDetail("incomplete", incomplete).build();
            } catch (LedgerUnreadable | DataAccessException away) {
                return Health.down().withDetail("reason", "the database does not answer").build();
            }
        };
    }

    /** Not part of readiness: whom a witness could take out of service, it would rule. */
    @Bean
    HealthIndicator oversightHealthIndicator(Oversight oversight) {
        return () -> (oversight.alarms() == 0 ? Health.up() : Health.down()).withDetails(oversight.details()).build();
    }

    @Bean
    MeterBinder oversightMeters(LedgerLog log, Oversight oversight) {
        return registry -> {
            Gauge.builder("ledger.checkpoint.alarms", oversight, Oversight::alarms)
                    .description("Who contradicts the log: witnesses, and copies of checkpoints").register(registry);
            Gauge.builder("ledger.checkpoint.copies.lag", log, from -> oversight.copiesLag(from.head()))
                    .description("Events recorded that no copy of a checkpoint covers yet").register(registry);
            oversight.witnesses().forEach(witness -> Gauge
                    .builder("ledger.witness.lag", log, from -> (double) from.head() - witness.cosigned())
                    .description("Events recorded that the witness has not signed yet")
                    .tag("witness", witness.key().name()).register(registry));
        };
    }

    @Bean
    MeterBinder ledgerMeters(LedgerLog log, Catchup catchup, NameSearch search, Completeness completeness,
            LiveEvents live) {
        return registry -> {
            Gauge.builder("ledger.append.waiting", log, from -> from.figures().waiting())
                    .description("Appends that wait for the log's writer").register(registry);
            FunctionCounter.builder("ledger.append.events", log, from -> from.figures().events())
                    .description("Events recorded by this process").register(registry);
            FunctionCounter.builder("ledger.append.batches", log, from -> from.figures().batches())
                    .description("Commits in which they were recorded").register(registry);
            Gauge.builder("ledger.reading.lag", catchup, Catchup::lag)
                    .description("Events recorded that the readings do not reflect yet").register(registry);
            Gauge.builder("ledger.search.lag", search, NameSearch::lag)
                    .description("Events recorded that the search index does not reflect yet").register(registry);
            Gauge.builder("ledger.reading.incomplete", completeness, from -> from.incomplete().size())
                    .description("Readings that did not consume what the log holds").register(registry);
            Gauge.builder("ledger.live.readers", live, LiveEvents::readers)
                    .description("Readers connected to the live stream of events").register(registry);
        };
    }
}
