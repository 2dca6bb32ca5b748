package org.policyledger.bench;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Fresh, empty databases whose commits are durable: files of H2, and databases on one real PostgreSQL server, started when
 * first needed. Used by one thread.
 */
final class Databases implements AutoCloseable {

    /** Where a benchmark runs. */
    enum Kind {
        POSTGRESQL,
        H2
    }

    private static final List<String> DURABLE = List.of("fsync", "synchronous_commit", "full_page_writes");

    private final Path folder;
    private @Nullable EmbeddedPostgres server;
    private int created;

    /** Keeps everything in a new folder inside the given one. */
    Databases(Path parent) {
        try {
            folder = Files.createTempDirectory(Files.createDirectories(parent.toAbsolutePath()), "ledger-bench");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Creates an empty database; its close drops it. */
    Fresh create(Kind kind) {
        String name = "ledger" + ++created;
        if (kind == Kind.H2) {
            return new Fresh(kind, "jdbc:h2:file:" + folder.resolve(name) + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE",
                    "sa", name);
        }
        onServer("CREATE DATABASE " + name);
        return new Fresh(kind, "jdbc:postgresql://localhost:" + server().getPort() + "/" + name, "postgres", name);
    }

    /** The product, its version, and the settings that make its commits durable, as the database itself states them. */
    String describe(Kind kind) {
        try (Fresh fresh = create(kind);
                HikariDataSource pool = fresh.pool(1);
                Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            StringBuilder text = new StringBuilder(connection.getMetaData().getDatabaseProductName()).append(' ')
                    .append(connection.getMetaData().getDatabaseProductVersion());
            if (kind == Kind.POSTGRESQL) {
                for (String setting : DURABLE) {
                    text.append(", ").append(setting).append('=').append(setting(statement, "SHOW " + setting));
                }
            } else {
                text.append(", WRITE_DELAY=").append(setting(statement,
                        "SELECT SETTING_VALUE FROM INFORMATION_SCHEMA.SETTINGS WHERE SETTING_NAME = 'WRITE_DELAY'"));
            }
            return text.toString();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Counts the processor time of this process, and of the server where one is needed. */
    ProcessorTime processorTime(Kind kind) {
        if (kind == Kind.H2) {
            return new ProcessorTime(OptionalLong.empty());
        }
        try {
            server();
            List<String> lines = Files.readAllLines(folder.resolve("postgresql").resolve("postmaster.pid"));
            return new ProcessorTime(OptionalLong.of(Long.parseLong(lines.getFirst().strip())));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String setting(Statement statement, String sql) throws SQLException {
        try (ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getString(1);
        }
    }

    private EmbeddedPostgres server() {
        EmbeddedPostgres running = server;
        if (running == null) {
            try {
                // The server's launcher turns fsync off unless it is told otherwise: then nothing measured would mean anything.
                EmbeddedPostgres.Builder builder = EmbeddedPostgres.builder()
                        .setDataDirectory(folder.resolve("postgresql"));
                DURABLE.forEach(setting -> builder.setServerConfig(setting, "on"));
                running = builder.start();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            server = running;
            try (Connection connection = running.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement()) {
                for (String setting : DURABLE) {
                    if (!"on".equals(setting(statement, "SHOW " + setting))) {
                        throw new IllegalStateException("PostgreSQL runs with " + setting + " off");
                    }
                }
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
        }
        return running;
    }

    private void onServer(String sql) {
        try (Connection connection = server().getPostgresDatabase().getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        if (server != null) {
            try {
                server.close();
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        delete(folder);
    }

    private static void delete(Path tree) {
        try (Stream<Path> files = Files.walk(tree)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One database with the pools that were opened to it. */
    final class Fresh implements AutoCloseable {
        private final Kind kind;
        private final String url;
        private final String user;
        private final String name;
        private final List<HikariDataSource> pools = new ArrayList<>();

        private Fresh(Kind kind, String url, String user, String name) {
            this.kind = kind;
            this.url = url;
            this.user = user;
            this.name = name;
        }

        Kind kind() {
            return kind;
        }

        String url() {
            return url;
        }

        String user() {
            return user;
        }

        /** A place for what belongs to this database and lies outside it. */
        Path file(String ending) {
            return folder.resolve(name + "." + ending);
        }

        /** A pool set up as the service sets up its own. */
        HikariDataSource pool(int size) {
            HikariConfig config = new HikariConfig();
            config.setJdbcUrl(url);
            config.setUsername(user);
            config.setPassword("");
            config.setMaximumPoolSize(size);
            config.setConnectionTimeout(30_000);
            config.addDataSourceProperty("reWriteBatchedInserts", "true");
            HikariDataSource pool = new HikariDataSource(config);
            pools.add(pool);
            return pool;
        }

        @Override
        public void close() {
            pools.forEach(HikariDataSource::close);
            if (kind == Kind.POSTGRESQL) {
                onServer("DROP DATABASE " + name + " WITH (FORCE)");
            } else {
                file("mv.db").toFile().delete();
            }
        }
    }
}
