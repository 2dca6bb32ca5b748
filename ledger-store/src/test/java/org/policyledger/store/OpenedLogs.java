package org.policyledger.store;

import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.util.ArrayList;
import java.util.List;

import org.junit.jupiter.api.AfterEach;

/** Gives each test a fresh database and closes what it opened, the last first. */
abstract class OpenedLogs {

    private final List<AutoCloseable> opened = new ArrayList<>();

    @SuppressWarnings("NullAway.Init")
    Databases.Fresh database;

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable closeable : opened.reversed()) {
            closeable.close();
        }
    }

    <T extends AutoCloseable> T closing(T closeable) {
        opened.add(closeable);
        return closeable;
    }

    Databases.Fresh create(Databases kind) {
        database = closing(kind.create());
        return database;
    }

    LedgerLog open(Databases kind) {
        return open(kind, LogSettings.defaults());
    }

    LedgerLog open(Databases kind, LogSettings settings) {
        create(kind);
        return openAgain(settings);
    }

    LedgerLog openAgain(LogSettings settings) {
        return closing(LedgerLog.open(database.dataSource(), Thing.CODEC, settings));
    }

    static AppendRefused refusal(Runnable append) {
        return catchThrowableOfType(AppendRefused.class, append::run);
    }
}
