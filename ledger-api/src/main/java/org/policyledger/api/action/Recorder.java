package org.policyledger.api.action;

import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import java.util.function.UnaryOperator;
import org.axonframework.commandhandling.CommandBus;
import org.axonframework.commandhandling.CommandMessage;
import org.axonframework.commandhandling.CommandResultMessage;
import org.axonframework.commandhandling.GenericCommandMessage;
import org.axonframework.commandhandling.SimpleCommandBus;
import org.axonframework.eventsourcing.eventstore.EmbeddedEventStore;
import org.axonframework.eventsourcing.eventstore.EventStore;
import org.axonframework.messaging.GenericMessage;
import org.axonframework.messaging.InterceptorChain;
import org.axonframework.messaging.MetaData;
import org.axonframework.messaging.annotation.ClasspathParameterResolverFactory;
import org.axonframework.messaging.annotation.MultiParameterResolverFactory;
import org.axonframework.messaging.annotation.ParameterResolverFactory;
import org.axonframework.messaging.correlation.SimpleCorrelationDataProvider;
import org.axonframework.messaging.interceptors.CorrelationDataInterceptor;
import org.axonframework.messaging.unitofwork.UnitOfWork;
import org.axonframework.modelling.command.AggregateAnnotationCommandHandler;
import org.axonframework.modelling.command.VersionedAggregateIdentifier;
import org.axonframework.messaging.annotation.SimpleResourceParameterResolverFactory;
import org.jspecify.annotations.Nullable;
import org.policyledger.core.Command;
import org.policyledger.core.Command.ListingCommand;
import org.policyledger.core.CommitmentRecord;
import org.policyledger.core.EntityRecord;
import org.policyledger.core.ExpectedSequence;
import org.policyledger.core.KnownEntities;
import org.policyledger.core.LinkRecord;
import org.policyledger.core.ListId;
import org.policyledger.core.ListRecord;
import org.policyledger.core.NoticeRecord;
import org.policyledger.core.RecordedActions;
import org.policyledger.core.RegisteredLists;
import org.policyledger.core.Rejection;
import org.policyledger.core.event.LedgerEvent;
import org.policyledger.core.event.ListingAction;
import org.policyledger.store.AlreadyRecorded;
import org.policyledger.store.AppendRefused;
import org.policyledger.store.Appended;
import org.policyledger.store.LedgerLog;

/**
 * Takes demands to their decision and into the log: through Axon's command bus, the record's shell and {@code Decide}. Returns
 * only when the event is durable. A demand sent again under its idempotency key gets the first answer. Thread-safe.
 */
public final class Recorder {

    private static final int ATTEMPTS = 20;

    private final LedgerLog log;
    private final EventStore eventStore;
    private final CommandBus commandBus;
    private final RegisteredLists lists;

    public Recorder(LedgerLog log) {
        this.log = log;
        Set<ListId> registered = ConcurrentHashMap.newKeySet();
        this.lists = listId -> {
            // A list once registered stays so: only a no is asked again.
            if (!registered.contains(listId) && !log.readStream(listId.stream(), 0).isEmpty()) {
                registered.add(listId);
            }
            return registered.contains(listId);
        };
        eventStore = EmbeddedEventStore.builder().storageEngine(log).build();
        commandBus = SimpleCommandBus.builder().build();
        commandBus.registerHandlerInterceptor(new CorrelationDataInterceptor<>(List.of(
                new SimpleCorrelationDataProvider("actor", "idempotencykey", "requesthash", "correlationid"))));
        commandBus.registerHandlerInterceptor(Recorder::answerWhatWasAppended);
        subscribe(EntityRecord.class, EntityRecord::new, EntityRecord::new);
        subscribe(ListRecord.class, ListRecord::new, ListRecord::new);
        subscribe(CommitmentRecord.class, CommitmentRecord::new, CommitmentRecord::new);
        subscribe(LinkRecord.class, LinkRecord::new, LinkRecord::new);
        subscribe(NoticeRecord.class, NoticeRecord::new, NoticeRecord::new);
    }

    private <T> void subscribe(Class<T> type, Supplier<T> empty, UnaryOperator<T> copy) {
        ParameterResolverFactory parameters = MultiParameterResolverFactory.ordered(
                new SimpleResourceParameterResolverFactory(List.of(lists, recordedIn(log), knownIn(log))),
                ClasspathParameterResolverFactory.forClass(type));
        AggregateAnnotationCommandHandler.<T>builder().aggregateType(type).parameterResolverFactory(parameters)
                // A command knows its stream; Axon would look for it by reflection each time.
                .commandTargetResolver(
                        message -> new VersionedAggregateIdentifier((Object) ((Command) message.getPayload()).stream(),
                                null))
                .repository(new Records<>(type, eventStore, empty, copy, parameters))
                .build().subscribe(commandBus);
    }

    /** Axon answers a command before its events are appended; the place they got is known only after. */
    private static Object answerWhatWasAppended(UnitOfWork<? extends CommandMessage<?>> unit, InterceptorChain chain)
            throws Exception {
        AtomicReference<@Nullable Appended> appended = new AtomicReference<>();
        unit.afterCommit(done -> appended.set(done.root().getResource(LedgerLog.APPENDED)));
        chain.proceed();
        return appended;
    }

    /** Which lists are registered. */
    public RegisteredLists lists() {
        return lists;
    }

    /** Which listing actions a log holds. */
    static RecordedActions recordedIn(LedgerLog log) {
        return actionId -> log.find(actionId.value()).map(log::payload).filter(ListingAction.class::isInstance)
                .isPresent();
    }

    /** Of which entities a log holds anything. */
    private static KnownEntities knownIn(LedgerLog log) {
        return entityId -> !log.readStream(entityId.stream(), 0).isEmpty();
    }

    /** The event store commands are decided against. */
    public EventStore eventStore() {
        return eventStore;
    }

    /**
     * Records one demand.
     *
     * @throws Rejection when the law refuses it
     * @throws AppendRefused when the log cannot take it
     */
    public Receipt record(Command command, Caller caller) {
        try {
            Appended appended = onWhatIsRemembered(command, caller)
                    .orElseGet(() -> decidingAnew(ATTEMPTS, () -> dispatch(command, caller, true)));
            return receipt(appended, command);
        } catch (AlreadyRecorded before) {
            return receipts(before.appended()).getFirst();
        } catch (Rejection rejection) {
            // A demand that was recorded before is mostly illegal the second time: the first answer goes before the refusal.
            return findRecorded(caller).orElseThrow(() -> rejection).getFirst();
        }
    }

    /** Decides again on what is recorded by then, as long as another writer comes first, up to a number of attempts. */
    public static <T> T decidingAnew(int attempts, Supplier<T> decideAndAppend) {
        for (int attempt = 1;; attempt++) {
            try {
                return decideAndAppend.get();
            } catch (AppendRefused refused) {
                if (refused.kind() != AppendRefused.Kind.CONFLICT || attempt == attempts) {
                    throw refused;
                }
            }
        }
    }

    /** What was recorded before under the caller's key. */
    Optional<List<Receipt>> findRecorded(Caller caller) {
        return caller.key().flatMap(log::findRecorded).map(this::receipts);
    }

    /** What a demand says itself need not be read out of its event again. */
    private Receipt receipt(Appended appended, Command command) {
        return command instanceof ListingCommand listing
                ? Receipt.of(appended.events().getFirst(), Optional.of(listing.entityId()),
                        Optional.of(listing.listId()), Optional.empty())
                : receipts(appended).getFirst();
    }

    List<Receipt> receipts(Appended appended) {
        return appended.events().stream().map(stored -> Receipt.of(stored, (LedgerEvent) log.payload(stored))).toList();
    }

    /** Empty if it is refused: what is remembered may be out of date. */
    private Optional<Appended> onWhatIsRemembered(Command command, Caller caller) {
        try {
            return Optional.of(dispatch(command, caller, false));
        } catch (Rejection rejection) {
            return Optional.empty();
        } catch (AppendRefused refused) {
            if (refused.kind() != AppendRefused.Kind.CONFLICT) {
                throw refused;
            }
            return Optional.empty();
        }
    }

    private Appended dispatch(Command command, Caller caller, boolean fromTheLog) {
        MetaData metaData = MetaData.from(caller.attributes());
        if (fromTheLog) {
            metaData = metaData.and(Records.FROM_THE_LOG, true);
        }
        if (caller.expectedSequence().isPresent()) {
            metaData = metaData.and(ExpectedSequence.KEY, caller.expectedSequence().getAsLong());
        }
        AtomicReference<@Nullable CommandResultMessage<?>> result = new AtomicReference<>();
        commandBus.dispatch(new GenericCommandMessage<>(new GenericMessage<>(command, metaData), command.handledAs()),
                (message, answer) -> result.set(answer));
        // The bus works in the caller's thread: by now it has answered.
        CommandResultMessage<?> answer = Objects.requireNonNull(result.get());
        if (answer.isExceptional()) {
            throw unchecked(answer.exceptionResult());
        }
        return (Appended) Objects.requireNonNull(((AtomicReference<?>) answer.getPayload()).get());
    }

    private static RuntimeException unchecked(Throwable failure) {
        return failure instanceof RuntimeException known ? known : new IllegalStateException(failure);
    }
}
