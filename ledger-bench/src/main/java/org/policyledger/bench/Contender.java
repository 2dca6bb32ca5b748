package org.policyledger.bench;

import java.sql.SQLException;
import java.util.List;
import org.policyledger.core.Command.EntityCommand;
import org.policyledger.core.event.EntityListed;

/** One of those whose appends are measured, on a database of its own. */
interface Contender extends AutoCloseable {

    /** Appends one demand's event durably; a writer belongs to one thread. */
    interface Writer extends AutoCloseable {
        void write(EntityCommand demand, long sequence) throws Exception;

        @Override
        default void close() throws SQLException {}
    }

    /** Lists entities beforehand, in bulk; not measured. */
    void list(List<EntityListed> listings) throws Exception;

    /** Opens a writer for the calling thread. */
    Writer writer() throws Exception;

    @Override
    void close();
}
