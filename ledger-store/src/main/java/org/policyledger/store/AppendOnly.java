package org.policyledger.store;

import java.sql.Connection;
import java.sql.SQLException;

import org.h2.api.Trigger;
import org.jspecify.annotations.Nullable;

/** The H2 trigger that refuses UPDATE and DELETE on the log's tables. Created by H2, from the migration. */
public final class AppendOnly implements Trigger {

    private String table = "";

    @Override
    public void init(Connection connection, String schema, String trigger, String table, boolean before, int type) {
        this.table = table;
    }

    @Override
    public void fire(Connection connection, Object @Nullable [] before, Object @Nullable [] after)
            throws SQLException {
        throw new SQLException("The ledger is append-only: UPDATE and DELETE on " + table
                + " are refused. Record a correcting event instead.", "55000");
    }
}
