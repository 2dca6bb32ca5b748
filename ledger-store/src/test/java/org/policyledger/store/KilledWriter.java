package org.policyledger.store;

import java.util.List;
import java.util.Optional;
import java.util.UUID;

import com.zaxxer.hikari.HikariDataSource;

/** A process that appends from several threads and prints each acknowledgement, until it is killed. */
final class KilledWriter {

    static final int THREADS = 6;

    private KilledWriter() {}

    public static void main(String[] arguments) {
        HikariDataSource pool = Databases.pool(arguments[0], arguments[1], 30_000);
        LedgerLog log = LedgerLog.open(pool, Thing.CODEC, LogSettings.defaults());
        for (int thread = 0; thread < THREADS; thread++) {
            Thread.ofPlatform().start(() -> {
                String stream = "entity/" + UUID.randomUUID();
                for (int sequence = 0; true; sequence += 2) {
                    String key = stream + "-" + sequence;
                    Appended appended = log.append(
                            List.of(Thing.event(stream, sequence), Thing.event(stream, sequence + 1)),
                            Optional.of(Thing.key(key)));
                    StoredEvent last = appended.events().getLast();
                    System.out.println("ack " + last.position() + " " + last.eventId() + " " + key + " .");
                }
            });
        }
    }
}
