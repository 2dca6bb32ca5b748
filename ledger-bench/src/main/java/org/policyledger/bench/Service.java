package org.policyledger.bench;

import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import org.policyledger.api.LedgerApplication;
import org.policyledger.api.action.Recorder;
import org.policyledger.api.snapshot.Samples;
import org.policyledger.core.Command;
import org.policyledger.core.LedgerJson;
import org.springframework.boot.SpringApplication;
import org.springframework.context.ConfigurableApplicationContext;

/** The whole service on one empty database, in this process, at a free port; the SDN list is registered. */
final class Service implements AutoCloseable {

    private final ConfigurableApplicationContext context;
    private final int port;

    /** @param settings further ones, as on the command line */
    Service(Databases.Fresh database, String... settings) {
        SpringApplication application = new SpringApplication(LedgerApplication.class);
        application.setLogStartupInfo(false);
        List<String> all = new ArrayList<>(List.of("--server.port=0", "--ledger.db.url=" + database.url(),
                "--ledger.db.user=" + database.user(), "--ledger.data=" + database.file("data")));
        all.addAll(List.of(settings));
        context = application.run(all.toArray(String[]::new));
        port = Integer.parseInt(String.valueOf(context.getEnvironment().getProperty("local.server.port")));
        context.getBean(Recorder.class).record(
                LedgerJson.MAPPER.readValue(Samples.sdnListRegistration(), Command.class),
                Ledger.CALLER);
    }

    /** A part of it. */
    <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    int port() {
        return port;
    }

    URI at(String path) {
        return URI.create("http://127.0.0.1:" + port + path);
    }

    @Override
    public void close() {
        context.close();
    }
}
