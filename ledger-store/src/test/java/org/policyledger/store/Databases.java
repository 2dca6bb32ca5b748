package org.policyledger.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;

import javax.sql.DataSource;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;

/**
 * Fresh, empty databases of both kinds for tests: H2 in a file of its own, and a database of its own on one real
 * PostgreSQL server that lives as long as the test JVM.
 */
public enum Databases {
    H2 {
        @Override
        public Fresh create() {
            try {
                Path folder = Files.createTempDirectory("ledger-h2");
                return new Fresh(this, "jdbc:h2:file:" + folder.resolve("ledger"), "sa", folder);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    },
    POSTGRESQL {
        @Override
        public Fresh create() {
            String name = "ledger_" + UUID.randomUUID().toString().replace("-", "");
            EmbeddedPostgres server = Server.POSTGRESQL;
            try (Connection connection = server.getPostgresDatabase().getConnection();
                    Statement statement = connection.createStatement()) {
                statement.execute("CREATE DATABASE " + name);
            } catch (SQLException e) {
                throw new IllegalStateException(e);
            }
            return new Fresh(this, "jdbc:postgresql://localhost:" + server.getPort() + "/" + name, "postgres",
                    Path.of(""));
        }
    };

    /** Creates an empty database. Close it when done. */
    public abstract Fresh create();

    /** A server of one's own that forces each commit to the disk, as in real duty. Close it when done. */
    public static EmbeddedPostgres startDurablePostgres() {
        return startPostgres("on");
    }

    private static EmbeddedPostgres startPostgres(String fsync) {
        try {
            return EmbeddedPostgres.builder().setServerConfig("synchronous_commit", "on")
                    .setServerConfig("fsync", fsync).setServerConfig("full_page_writes", fsync).start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Where the server of {@link #POSTGRESQL} listens. */
    public static int postgresPort() {
        return Server.POSTGRESQL.getPort();
    }

    private static final class Server {
        static final EmbeddedPostgres POSTGRESQL = startPostgres("off"); // no test cuts the machine's power
    }

    /** A pool of connections for a JDBC URL, quick to say that there are none. */
    public static HikariDataSource pool(String url, String user) {
        return pool(url, user, 1_000);
    }

    /** The same, with its own patience in milliseconds. */
    public static HikariDataSource pool(String url, String user, long connectionTimeout) {
        HikariConfig config = new HikariConfig();
        config.setJdbcUrl(url);
        config.setUsername(user);
        config.setPassword("");
        config.setMaximumPoolSize(8);
        config.setMinimumIdle(0);
        config.setConnectionTimeout(connectionTimeout);
        config.setValidationTimeout(500);
        config.setInitializationFailTimeout(-1);
        return new HikariDataSource(config);
    }

    /** One empty database, its URL and a pool of connections to it. */
    public static final class Fresh implements AutoCloseable {
        private final Databases kind;
        private final String url;
        private final String user;
        private final Path folder;
        private HikariDataSource pool;

        private Fresh(Databases kind, String url, String user, Path folder) {
            this.kind = kind;
            this.url = url;
            this.user = user;
            this.folder = folder;
            this.pool = Databases.pool(url, user, 10_000);
        }

        public Databases kind() {
            return kind;
        }

        public String url() {
            return url;
        }

        public String user() {
            return user;
        }

        public DataSource dataSource() {
            return pool;
        }

        /** Runs SQL outside the ledger. */
        public void execute(String sql) throws SQLException {
            try (Connection connection = pool.getConnection(); Statement statement = connection.createStatement()) {
                statement.execute(sql);
            }
        }

        /** Runs a main class in a process of its own, with the URL, the user and these as its arguments. */
        public Process run(Class<?> main, String... more) throws IOException {
            List<String> command = new ArrayList<>(
                    List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx256m",
                            "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"), main.getName(),
                            url, user));
            command.addAll(List.of(more));
            return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
        }

        /** Lets go of the database, so that another process may open an H2 file. */
        public void suspend() {
            pool.close();
        }

        /** Takes it up again. */
        public void resume() {
            pool = Databases.pool(url, user, 10_000);
        }

        @Override
        public void close() {
            pool.close();
            if (kind == H2) {
                try (Stream<Path> files = Files.walk(folder)) {
                    files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }
}
