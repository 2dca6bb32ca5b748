package org.policyledger.api;

import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.policyledger.api.snapshot.Samples;

class TmpExamplesTest {
    @Test
    void write() throws Exception {
        try (RunningLedger ledger = RunningLedger.start()) {
            ledger.record(Samples.entityListRegistration());
            ledger.record(Samples.sdnListRegistration());
            String removal = "";
            for (String line : Samples.referenceCase().lines().toList()) {
                removal = ledger.record(line).actionId();
            }
            Samples.referenceCommitment(removal).lines().forEach(ledger::record);
            String k = "&asKnownAt=position:10&limit=10";
            Files.writeString(Path.of("/tmp/ex-commitments.json"), ledger
                    .get("/v1/commitments?state=OPEN&dossier=ifs&overdue=false&asOf=2024-01-30" + k).text());
            Files.writeString(Path.of("/tmp/ex-commitment.json"),
                    ledger.get("/v1/commitments/cn-us-fentanyl-precursors?asOf=2024-01-30&asKnownAt=position:10")
                            .text());
            Files.writeString(Path.of("/tmp/ex-dossier.json"),
                    ledger.get("/v1/dossiers/ifs?asOf=2023-11-16" + k).text());
            Files.writeString(Path.of("/tmp/ex-dossier.html"),
                    ledger.get("/v1/dossiers/ifs?asOf=2024-07-31&asKnownAt=position:10", "Accept", "text/html").text());
        }
    }
}
