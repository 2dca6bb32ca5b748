package org.policyledger.api;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import javax.sql.DataSource;
import org.policyledger.projections.LedgerCodec;
import org.policyledger.store.tree.Restoration;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Lazy;

/** The database, for the service and for what is done to it while no service runs. */
@Configuration(proxyBeanMethods = false)
@EnableConfigurationProperties(LedgerProperties.class)
public class DatabaseConfiguration {

    @Bean
    HikariDataSource dataSource(LedgerProperties properties) {
        HikariConfig config = new HikariConfig();
        String url = properties.db().url().orElseGet(() -> "jdbc:h2:file:" + folder(properties).resolve("ledger")
                + ";WRITE_DELAY=0;DB_CLOSE_ON_EXIT=FALSE");
        config.setJdbcUrl(url);
        config.setUsername(properties.db().url().isPresent() ? properties.db().user() : "sa");
        config.setPassword(properties.db().password());
        config.setMaximumPoolSize(properties.db().poolSize());
        config.setPoolName("ledger");
        config.setConnectionTimeout(properties.readTimeout().toMillis());
        // PostgreSQL's; H2 passes over both. A read that meets another's lock is answered in time, not whenever that goes.
        config.addDataSourceProperty("reWriteBatchedInserts", "true");
        config.addDataSourceProperty("options", "-c lock_timeout=" + properties.readTimeout().toMillis());
        try {
            return new HikariDataSource(config);
        } catch (RuntimeException closed) {
            Throwable cause = closed;
            while (cause.getCause() != null) {
                cause = cause.getCause();
            }
            // What follows the address may hold a password.
            throw new CannotStart("the database at " + url.split("[?;]", 2)[0] + " cannot be opened ("
                    + String.valueOf(cause.getMessage()).lines().findFirst().orElse("")
                    + "): see that it is there and that no other service holds it", closed);
        }
    }

    static Path folder(LedgerProperties properties) {
        Path folder = properties.data().toAbsolutePath();
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new CannotStart("the data folder " + folder + " cannot be made: choose another with ledger.data", e);
        }
    }

    @Bean
    @Lazy
    Restoration restoration(DataSource dataSource) {
        return new Restoration(dataSource, new LedgerCodec());
    }
}
