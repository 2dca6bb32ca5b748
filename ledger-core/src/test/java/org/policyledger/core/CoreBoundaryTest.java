package org.policyledger.core;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.type;
import static com.tngtech.archunit.core.domain.JavaCall.Predicates.target;
import static com.tngtech.archunit.core.domain.properties.HasName.Predicates.nameMatching;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import java.time.Clock;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.policyledger.core.event.LedgerEvent;

/** What the law may know of, and what its shapes are. */
class CoreBoundaryTest {

    private static final JavaClasses CORE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests())
            .importPackages("org.policyledger.core");

    @Test
    void givenTheCore_whenImported_thenTheRulesHaveSomethingToRuleOn() {
        assertThat(CORE.contain(Decide.class)).isTrue();
        assertThat(CORE.contain(LedgerEvent.class)).isTrue();
        assertThat(CORE.contain(CoreBoundaryTest.class)).isFalse();
    }

    @Test
    void givenTheCore_whenItsDependenciesAreFollowed_thenNoFrameworkDatabaseOrNetworkIsAmongThem() {
        noClasses().should().dependOnClassesThat()
                .resideInAnyPackage("org.springframework..", "java.sql..", "javax.sql..", "jakarta..",
                        "java.net.http..", "org.policyledger.store..", "org.policyledger.projections..",
                        "org.policyledger.api..")
                .check(CORE);
    }

    @Test
    void givenTheCore_whenItsDependenciesAreFollowed_thenOnlyTheShellsKnowAxon() {
        noClasses().that()
                .doNotBelongToAnyOf(EntityRecord.class, ListRecord.class, CommitmentRecord.class,
                        LinkRecord.class, NoticeRecord.class, ExpectedSequence.class,
                        Command.class)
                .should().dependOnClassesThat().resideInAnyPackage("org.axonframework..").check(CORE);
    }

    @Test
    void givenTheDecisions_whenTheirDependenciesAreFollowed_thenTheyHaveNoClockAndMakeNoIdentity() {
        noClasses().that().belongToAnyOf(Decide.class, Timeline.class, EntityState.class, EntityRecord.class,
                ListRecord.class, CommitmentState.class, CommitmentRecord.class, LinkState.class, LinkRecord.class,
                NoticeRecord.class)
                .should().callMethodWhere(target(
                        nameMatching("now|random|randomUUID|currentTimeMillis|nanoTime")))
                .orShould().dependOnClassesThat().belongToAnyOf(Clock.class, Random.class)
                .check(CORE);
    }

    @Test
    void givenTheEvents_whenTheirDependenciesAreFollowed_thenTheyAreMadeOfTheCoresValuesOnly() {
        classes().that().resideInAPackage("org.policyledger.core.event").should().onlyDependOnClassesThat(
                resideInAnyPackage("java.lang..", "java.util..", "java.time..", "org.policyledger.core.event",
                        "com.fasterxml.jackson.annotation..", "org.jspecify.annotations..")
                        .or(type(ActionId.class)).or(type(EntityId.class)).or(type(ListId.class))
                        .or(type(ListDetails.class)).or(type(Circumstances.class)).or(type(Entry.class))
                        .or(type(CommitmentId.class)).or(type(Commitment.class)).or(type(Assessment.class))
                        .or(type(Closure.class)).or(type(Statement.class)).or(type(EntityPair.class))
                        .or(type(Notice.class)).or(type(NoticeId.class)).or(type(NoticeContent.class)))
                .check(CORE);
    }

    @Test
    void givenEventsAndCommands_whenLookedAt_thenTheyAreRecordsUnderSealedInterfaces() {
        classes().that().areAssignableTo(LedgerEvent.class).or().areAssignableTo(Command.class).and()
                .areNotInterfaces().should().beRecords().check(CORE);
        assertThat(LedgerEvent.class.isSealed()).isTrue();
        assertThat(Command.class.isSealed()).isTrue();
        classes().that().areAssignableTo(LedgerEvent.class).should().resideInAPackage("org.policyledger.core.event")
                .check(CORE);
    }
}
