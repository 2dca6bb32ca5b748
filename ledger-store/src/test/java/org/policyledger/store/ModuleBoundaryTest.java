package org.policyledger.store;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;

import org.junit.jupiter.api.Test;

class ModuleBoundaryTest {

    private static final JavaClasses STORE = new ClassFileImporter()
            .withImportOption(new ImportOption.DoNotIncludeTests()).importPackages("org.policyledger.store");

    @Test
    void givenTheStore_whenItsDependenciesAreListed_thenNoFrameworkOfTheEdgeAndNoOtherModule() {
        noClasses().should().dependOnClassesThat().resideInAnyPackage("org.springframework..", "jakarta.servlet..",
                "jakarta.persistence..", "org.policyledger.core..", "org.policyledger.projections..",
                "org.policyledger.api..").check(STORE);
    }
}
