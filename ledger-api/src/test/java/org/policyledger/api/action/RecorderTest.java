package org.policyledger.api.action;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.time.LocalDate;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.policyledger.api.snapshot.Samples;
import org.policyledger.core.Circumstances;
import org.policyledger.core.Command;
import org.policyledger.core.Command.DelistEntity;
import org.policyledger.core.Command.ListEntity;
import org.policyledger.core.Command.SuspendListing;
import org.policyledger.core.EntityId;
import org.policyledger.core.Entry;
import org.policyledger.core.LedgerJson;
import org.policyledger.core.ListId;
import org.policyledger.core.Rejection;
import org.policyledger.projections.LedgerCodec;
import org.policyledger.store.Databases;
import org.policyledger.store.LedgerLog;
import org.policyledger.store.LogSettings;

/** Two processes decide on one database: what one remembers, the other may have overtaken. */
class RecorderTest {

    private static final ListId LIST = new ListId("us-ofac-sdn");
    private static final EntityId ENTITY = new EntityId("one");
    private static final Caller CALLER = Caller.named("tester");

    @SuppressWarnings("NullAway.Init")
    private Databases.Fresh database;
    @SuppressWarnings("NullAway.Init")
    private LedgerLog log;
    @SuppressWarnings("NullAway.Init")
    private LedgerLog otherLog;
    @SuppressWarnings("NullAway.Init")
    private Recorder one;
    @SuppressWarnings("NullAway.Init")
    private Recorder other;

    private void open(Databases kind) {
        database = kind.create();
        log = LedgerLog.open(database.dataSource(), new LedgerCodec(), LogSettings.defaults());
        otherLog = LedgerLog.open(database.dataSource(), new LedgerCodec(), LogSettings.defaults());
        one = new Recorder(log);
        other = new Recorder(otherLog);
        one.record(LedgerJson.MAPPER.readValue(Samples.sdnListRegistration(), Command.class), CALLER);
    }

    @AfterEach
    void close() {
        log.close();
        otherLog.close();
        database.close();
    }

    private static LocalDate day(int day) {
        return LocalDate.of(2024, 1, day);
    }

    private static ListEntity list(int day) {
        return new ListEntity(ENTITY, LIST, day(day), Optional.empty(),
                LedgerJson.MAPPER.readValue("{\"subject\":{\"name\":\"One\"}}", Entry.class),
                Circumstances.stated());
    }

    private static DelistEntity delist(int day) {
        return new DelistEntity(ENTITY, LIST, day(day), Circumstances.stated());
    }

    private static SuspendListing suspend(int day) {
        return new SuspendListing(ENTITY, LIST, day(day), Optional.empty(), Circumstances.stated());
    }

    private Rejection.Code rejection(Recorder recorder, Command command) {
        long head = log.head();
        Rejection rejection = catchThrowableOfType(Rejection.class, () -> recorder.record(command, CALLER));
        assertThat(log.head()).isEqualTo(head);
        return rejection.code();
    }

    @ParameterizedTest
    @EnumSource
    void givenRecordRemembered_whenAnotherProcessWentOn_thenItsEventIsNotOverlooked(Databases kind) {
        open(kind);
        assertThat(one.record(list(1), CALLER).sequence()).isZero();
        assertThat(other.record(suspend(3), CALLER).sequence()).isEqualTo(1);

        assertThat(one.record(delist(5), CALLER).sequence()).isEqualTo(2);
        assertThat(other.record(list(7), CALLER).sequence()).isEqualTo(3);
    }

    @ParameterizedTest
    @EnumSource
    void givenRecordRemembered_whenLegalOnlyByIt_thenRefused(Databases kind) {
        open(kind);
        one.record(list(1), CALLER);
        other.record(delist(3), CALLER);

        assertThat(rejection(one, suspend(5))).isEqualTo(Rejection.Code.NOT_LISTED);
    }

    @ParameterizedTest
    @EnumSource
    void givenRecordRemembered_whenIllegalOnlyByIt_thenRecorded(Databases kind) {
        open(kind);
        one.record(list(1), CALLER);
        other.record(delist(3), CALLER);

        assertThat(one.record(list(5), CALLER).sequence()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void givenEntityTakenForNew_whenItHasARecord_thenDecidedOnThat(Databases kind) {
        open(kind);
        other.record(list(1), CALLER);

        assertThat(rejection(one, list(3))).isEqualTo(Rejection.Code.ALREADY_LISTED);
        other.record(delist(5), CALLER);
        assertThat(one.record(list(7), CALLER).sequence()).isEqualTo(2);
    }

    @ParameterizedTest
    @EnumSource
    void givenRefusedDemand_whenTheNextOneComes_thenNothingOfTheRefusedIsRemembered(Databases kind) {
        open(kind);
        one.record(list(1), CALLER);
        assertThat(rejection(one, list(2))).isEqualTo(Rejection.Code.ALREADY_LISTED);
        assertThat(one.record(suspend(3), CALLER).sequence()).isEqualTo(1);
        assertThat(rejection(one, suspend(4))).isEqualTo(Rejection.Code.ALREADY_SUSPENDED);
        assertThat(one.record(delist(5), CALLER).sequence()).isEqualTo(2);
    }
}
