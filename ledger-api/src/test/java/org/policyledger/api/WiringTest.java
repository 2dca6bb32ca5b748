package org.policyledger.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import javax.sql.DataSource;
import org.axonframework.eventhandling.TrackingEventProcessor;
import org.axonframework.eventhandling.tokenstore.jdbc.JdbcTokenStore;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.serialization.json.JacksonSerializer;
import org.junit.jupiter.api.Test;
import org.policyledger.api.action.Recorder;
import org.policyledger.projections.Catchup;
import org.policyledger.projections.LedgerCodec;
import org.policyledger.store.LedgerLog;
import org.springframework.jdbc.datasource.DataSourceTransactionManager;
import org.springframework.test.util.ReflectionTestUtils;

/** Which parts are really in use: the framework would take others without a word. */
class WiringTest {

    private static final RunningLedger LEDGER = RunningLedger.shared();

    private static <T> T bean(Class<T> type) {
        return LEDGER.context().getBean(type);
    }

    @Test
    void givenTheService_whenItsWritePathIsLookedAt_thenAxonStoresInOurLogWithOurCodec() {
        LedgerLog log = bean(LedgerLog.class);

        assertThat(bean(Recorder.class).eventStore()).isInstanceOf(EmbeddedEventStore.class);
        assertThat(ReflectionTestUtils.getField(bean(Recorder.class).eventStore(), "storageEngine")).isSameAs(log);
        assertThat(ReflectionTestUtils.getField(log, "codec")).isInstanceOf(LedgerCodec.class);
        assertThat(bean(DataSource.class).toString()).contains("Hikari");
    }

    @Test
    void givenTheService_whenItsReadingIsLookedAt_thenOneTrackingProcessorKeepsItsTokenWithItsRows() {
        Catchup catchup = bean(Catchup.class);
        TrackingEventProcessor processor = catchup.processor();

        assertThat(processor.getName()).isEqualTo("listings");
        assertThat(processor.isRunning()).isTrue();
        assertThat(processor.isError()).isFalse();
        assertThat(processor.getMessageSource()).isSameAs(bean(LedgerLog.class));
        assertThat(ReflectionTestUtils.getField(processor, "tokenStore")).isSameAs(catchup.tokenStore())
                .isInstanceOf(JdbcTokenStore.class);
        assertThat(catchup.tokenStore().serializer()).isInstanceOf(JacksonSerializer.class);
        assertThat(ReflectionTestUtils.getField(processor, "transactionManager")).isSameAs(catchup.transactions());
        assertThat(ReflectionTestUtils.getField(catchup.transactions(), "manager"))
                .isInstanceOf(DataSourceTransactionManager.class);
    }

    @Test
    void givenTheService_whenLookedForWhatCallsOut_thenNeitherConnectorNorUpdateCheckerIsThereOrRuns() {
        for (String absent : List.of("org.axonframework.axonserver.connector.AxonServerConfiguration",
                "org.axonframework.springboot.autoconfig.AxonAutoConfiguration",
                "org.axonframework.springboot.autoconfig.UpdateCheckerAutoConfiguration")) {
            assertThatThrownBy(() -> Class.forName(absent)).as(absent).isInstanceOf(ClassNotFoundException.class);
        }
        assertThat(Thread.getAllStackTraces().keySet().stream().map(Thread::getName))
                .noneMatch(name -> name.toLowerCase(java.util.Locale.ROOT).contains("update"));
        assertThat(
                LEDGER.context().getBeansOfType(Object.class).values().stream().map(bean -> bean.getClass().getName()))
                .noneMatch(name -> name.contains("UpdateChecker") || name.contains("AxonServer"));
    }
}
