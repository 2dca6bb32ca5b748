package org.policyledger.store;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;

import javax.sql.DataSource;

import org.jspecify.annotations.Nullable;

/** A data source whose connections fail when told: at the next commit, or altogether. */
final class FaultyDataSource {

    /** The faults. Those at a commit strike once. */
    enum Fault {
        NONE,
        BEFORE_COMMIT,
        BEFORE_TWO_COMMITS,
        AFTER_COMMIT,
        BEFORE_COMMIT_AND_AWAY,
        AFTER_COMMIT_AND_AWAY,
        AWAY
    }

    private final DataSource real;
    private volatile Fault fault = Fault.NONE;

    FaultyDataSource(DataSource real) {
        this.real = real;
    }

    void next(Fault next) {
        fault = next;
    }

    DataSource dataSource() {
        return proxy(DataSource.class, (method, arguments) -> {
            if (method.getName().equals("getConnection")) {
                if (fault == Fault.AWAY) {
                    throw new SQLException("away", "08001");
                }
                return connection((Connection) method.invoke(real, arguments));
            }
            return method.invoke(real, arguments);
        });
    }

    /** The writer commits by commit() on H2, and on PostgreSQL by a statement that moves the head and is its own transaction. */
    private Connection connection(Connection connection) {
        return proxy(Connection.class, (method, arguments) -> {
            if (method.getName().equals("commit")) {
                return committing(method, connection, arguments);
            }
            Object result = method.invoke(connection, arguments);
            return result instanceof PreparedStatement statement && ((String) arguments[0]).startsWith("WITH moved")
                    ? statement(statement)
                    : result;
        });
    }

    private PreparedStatement statement(PreparedStatement statement) {
        return proxy(PreparedStatement.class, (method, arguments) -> method.getName().equals("executeUpdate")
                ? committing(method, statement, arguments)
                : method.invoke(statement, arguments));
    }

    private @Nullable Object committing(Method method, Object target, Object[] arguments)
            throws SQLException, ReflectiveOperationException {
        Fault now = fault;
        Object result = null;
        if (now == Fault.AFTER_COMMIT || now == Fault.AFTER_COMMIT_AND_AWAY || now == Fault.NONE) {
            result = method.invoke(target, arguments);
        }
        if (now != Fault.NONE) {
            fault = switch (now) {
                case BEFORE_TWO_COMMITS -> Fault.BEFORE_COMMIT;
                case BEFORE_COMMIT_AND_AWAY, AFTER_COMMIT_AND_AWAY, AWAY -> Fault.AWAY;
                case NONE, BEFORE_COMMIT, AFTER_COMMIT -> Fault.NONE;
            };
            throw new SQLException("connection lost", "08006");
        }
        return result;
    }

    private interface Call {
        @Nullable
        Object on(Method method, Object[] arguments) throws SQLException, ReflectiveOperationException;
    }

    private static <T> T proxy(Class<T> type, Call call) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[]{type},
                (self, method, arguments) -> {
                    try {
                        return call.on(method, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }
}
