package org.policyledger.api.action;

import java.util.List;
import java.util.stream.IntStream;
import org.policyledger.api.Problem;
import org.policyledger.api.Problem.Fault;
import org.policyledger.api.Problems;
import org.policyledger.api.Refused;
import org.policyledger.core.Command;
import org.policyledger.core.Command.EntityCommand;
import org.policyledger.core.Rejection;
import org.policyledger.store.LedgerLog;

/** Records a notice with all its actions in one append, or refuses all of it. Thread-safe. */
public final class NoticeRecorder {

    private static final int ATTEMPTS = 5;

    private final LedgerLog log;
    private final Recorder recorder;

    public NoticeRecorder(LedgerLog log, Recorder recorder) {
        this.log = log;
        this.recorder = recorder;
    }

    /** The receipts of the notice and of its actions, in order. What was recorded under the caller's key is answered again. */
    public List<Receipt> record(NoticeDemand demand, Caller caller) {
        try {
            List<Command> actions = IntStream.range(0, demand.actions().size()).mapToObj(demand::action).toList();
            return Recorder.decidingAnew(ATTEMPTS, () -> decideAll(demand, actions, caller));
        } catch (Refused | Rejection refused) {
            return recorder.findRecorded(caller).orElseThrow(() -> refused);
        }
    }

    private List<Receipt> decideAll(NoticeDemand demand, List<Command> actions, Caller caller) {
        AtomicBatch batch = new AtomicBatch(log, recorder.lists(), caller);
        batch.load(actions.stream().map(action -> ((EntityCommand) action).entityId()).toList());
        batch.decide(demand.record());
        for (int i = 0; i < actions.size(); i++) {
            try {
                batch.decide(actions.get(i));
            } catch (Rejection rejection) {
                throw atAction(i, Problems.of(rejection));
            }
        }
        return recorder.receipts(batch.append());
    }

    private static Refused atAction(int number, Problem problem) {
        return new Refused(new Problem(problem.type(), problem.title(), problem.status(),
                "Action " + (number + 1) + ": " + problem.detail() + " (nothing of the notice was recorded)",
                problem.code(), List.of(new Fault("/actions/" + number, problem.detail()))));
    }
}
