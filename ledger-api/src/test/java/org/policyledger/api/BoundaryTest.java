package org.policyledger.api;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.syntax.ArchRuleDefinition;
import org.junit.jupiter.api.Test;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestController;

class BoundaryTest {

    private static final JavaClasses PRODUCT = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("org.policyledger");

    @Test
    void givenTheControllers_whenTheirDependenciesAreListed_thenNoneTalksToADatabase() {
        noClasses().that().areAnnotatedWith(RestController.class).should().dependOnClassesThat()
                .resideInAnyPackage("java.sql..", "javax.sql..", "org.springframework.jdbc..", "com.zaxxer..",
                        "org.flywaydb..", "org.h2..", "org.postgresql..")
                .check(PRODUCT);
    }

    @Test
    void givenTheEdge_whenItsDependenciesAreListed_thenOnlyItsConfigurationKnowsJdbc() {
        noClasses().that().resideInAPackage("org.policyledger.api..").and()
                .areNotAnnotatedWith(org.springframework.context.annotation.Configuration.class).should()
                .dependOnClassesThat().resideInAnyPackage("java.sql..", "javax.sql..",
                        "org.springframework.jdbc..", "com.zaxxer..")
                .check(PRODUCT);
    }

    @Test
    void givenExceptions_whenTheyBecomeProblems_thenInOnePlaceOnly() {
        ArchRuleDefinition.noMethods().that().areDeclaredInClassesThat().doNotHaveFullyQualifiedName(
                Problems.class.getName()).should().beAnnotatedWith(ExceptionHandler.class).check(PRODUCT);
        ArchRuleDefinition.methods().that().haveRawReturnType(Problem.class).and().areNotPrivate()
                .and().areDeclaredInClassesThat().resideInAPackage("org.policyledger.api..")
                .and().haveNameNotMatching("lambda.*")
                .should().beDeclaredInClassesThat(com.tngtech.archunit.base.DescribedPredicate.describe(
                        "are the problem, its one source, or what carries it",
                        (JavaClass type) -> java.util.Set.of("Problem", "Problems", "Refused")
                                .contains(type.getSimpleName())))
                .check(PRODUCT);
    }

    @Test
    void givenControllers_whenTheirVisibilityIsLookedAt_thenNoneButTheOneOfProblemsIsPublic() {
        ArchRuleDefinition.classes().that().areAnnotatedWith(RestController.class).and()
                .doNotHaveFullyQualifiedName(Problems.class.getName()).should().notHaveModifier(JavaModifier.PUBLIC)
                .check(PRODUCT);
    }

    @Test
    void givenTheReadings_whenTheirDependenciesAreListed_thenNoHttpAndNoEdge() {
        noClasses().that().resideInAPackage("org.policyledger.projections..").should().dependOnClassesThat()
                .resideInAnyPackage("jakarta.servlet..", "org.springframework.web..", "org.springframework.http..",
                        "org.springframework.boot..", "org.policyledger.api..")
                .check(PRODUCT);
    }

    @Test
    void givenTheSearchIndex_whenLookedForWhoKnowsHowItIsMade_thenSearchAlone() {
        noClasses().that().resideOutsideOfPackage("org.policyledger.projections.search..").should()
                .dependOnClassesThat().resideInAnyPackage("org.apache.lucene..", "com.ibm.icu..")
                .check(PRODUCT);
    }

    @Test
    void givenTheLaw_whenItsDependenciesAreListed_thenNeitherSpringNorSqlNorHttp() {
        noClasses().that().resideInAPackage("org.policyledger.core..").should().dependOnClassesThat()
                .resideInAnyPackage("org.springframework..", "java.sql..", "javax.sql..", "jakarta.servlet..",
                        "java.net.http..", "org.policyledger.store..", "org.policyledger.projections..",
                        "org.policyledger.api..")
                .check(PRODUCT);
    }
}
