package org.policyledger.api.cli;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import org.policyledger.api.CannotStart;
import org.policyledger.api.DatabaseConfiguration;
import org.policyledger.api.LedgerApplication;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.context.properties.bind.BindException;
import org.springframework.boot.web.server.PortInUseException;
import org.springframework.context.ConfigurableApplicationContext;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.Model.CommandSpec;

/** {@code ledger serve}: runs the service until it is told to stop. */
@Command(name = "serve", mixinStandardHelpOptions = true, description = "Runs the service until it is stopped (Ctrl-C).")
final class ServeCommand implements Callable<Integer> {

    /** Where the ledger is kept, and all other settings. What was not given is left to other sources of settings. */
    static class Storage {
        @Spec(Spec.Target.MIXEE)
        private CommandSpec spec = CommandSpec.create();

        @Option(names = "--data", description = "The folder of the embedded database (default: data).")
        private String data = "";

        @Option(names = "--db-url", description = "A JDBC address of another database, such as jdbc:postgresql://localhost/ledger.")
        private String dbUrl = "";

        @Option(names = "--db-user", description = "The database user.")
        private String dbUser = "";

        @Option(names = "--set", description = "Any other setting, as name=value; repeatable. The operating guide lists them.")
        private List<String> others = new ArrayList<>();

        /** What Spring reads as command-line properties. */
        List<String> properties() {
            others.stream().filter(other -> !other.matches("[^=\\s]+=.*")).findFirst().ifPresent(other -> {
                throw wrong("--set " + other + " is not a setting: use name=value");
            });
            List<String> properties = new ArrayList<>();
            add(properties, "ledger.data", data);
            add(properties, "ledger.db.url", dbUrl);
            add(properties, "ledger.db.user", dbUser);
            others.forEach(other -> properties.add("--" + other));
            return properties;
        }

        ParameterException wrong(String message) {
            return new ParameterException(spec.commandLine(), message);
        }

        static void add(List<String> properties, String name, String value) {
            if (!value.isEmpty()) {
                properties.add("--" + name + "=" + value);
            }
        }
    }

    /** Where the service listens, besides. */
    static final class Settings extends Storage {
        @Option(names = "--port", description = "The port to listen on; 0 takes a free one (default: 8080).")
        private String port = "";

        @Option(names = "--host", description = "The address to listen on (default: 127.0.0.1, this machine only).")
        private String host = "";

        @Override
        List<String> properties() {
            if (!port.isEmpty() && !(port.matches("[0-9]{1,5}") && Integer.parseInt(port) <= 65_535)) {
                throw wrong("--port " + port + " is not a port: use 0 to 65535");
            }
            List<String> properties = super.properties();
            add(properties, "server.port", port);
            add(properties, "server.address", host);
            return properties;
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(ServeCommand.class);

    @Mixin
    private Settings settings = new Settings();

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws InterruptedException {
        ConfigurableApplicationContext service = start(settings);
        spec.commandLine().getOut().println("The ledger listens on " + url(service) + "/ (Ctrl-C stops it)");
        spec.commandLine().getOut().flush();
        Thread.currentThread().join();
        return 0;
    }

    /** Starts the service in this process; what prevents it is said in one sentence. */
    static ConfigurableApplicationContext start(Settings settings) {
        ConfigurableApplicationContext service = start("the service cannot start: ", LedgerApplication.class, settings);
        warnIfOpen(service.getEnvironment().getProperty("server.address", ""));
        return service;
    }

    /** Starts no more than the database; the same. */
    static ConfigurableApplicationContext startDatabase(Storage settings) {
        return start("", DatabaseConfiguration.class, settings, "--spring.main.web-application-type=none");
    }

    private static ConfigurableApplicationContext start(String complaint, Class<?> what, Storage settings,
            String... more) {
        SpringApplication application = new SpringApplication(what);
        application.setLogStartupInfo(false);
        List<String> properties = settings.properties();
        properties.addAll(List.of(more));
        try {
            return application.run(properties.toArray(String[]::new));
        } catch (RuntimeException failure) {
            throw new IllegalStateException(complaint + reason(failure), failure);
        }
    }

    private static void warnIfOpen(String host) {
        try {
            if (host.isEmpty() || !InetAddress.getByName(host).isLoopbackAddress()) {
                LOG.warn(
                        "The service listens on {} and asks nobody who they are: whoever can reach it can write to the ledger",
                        host.isEmpty() ? "every address" : host);
            }
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    /** What prevents the start, in one line: the innermost cause says it best, but for what it does not name. */
    private static String reason(Throwable failure) {
        String setting = "";
        Throwable cause = failure;
        while (cause.getCause() != null) {
            if (cause instanceof PortInUseException taken) {
                return "port " + taken.getPort() + " is in use already: stop what listens there, or choose another"
                        + " with --port";
            }
            if (cause instanceof CannotStart stopped) {
                return String.valueOf(stopped.getMessage());
            }
            if (cause instanceof BindException unreadable) {
                setting = "setting " + unreadable.getName() + " cannot be read: ";
            }
            cause = cause.getCause();
        }
        if (cause instanceof java.net.BindException) {
            setting = "the address given with --host cannot be listened on: ";
        }
        return setting + String.valueOf(cause.getMessage()).lines().findFirst().orElse("");
    }

    static String url(ConfigurableApplicationContext service) {
        String host = service.getEnvironment().getProperty("server.address", "127.0.0.1");
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":"
                + service.getEnvironment().getProperty("local.server.port");
    }
}
