package net.sniproxy.e2e;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.Architectures.layeredArchitecture;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

/** Who may know whom; the modules are explained in docs/architecture.md. */
@AnalyzeClasses(packages = "net.sniproxy", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    private static final String[] NATIVE = {
        "java.lang.foreign.Linker", "java.lang.foreign.SymbolLookup", "java.lang.foreign.FunctionDescriptor"
    };

    @ArchTest
    static final ArchRule modulesDependDownwardsOnly = layeredArchitecture()
            .consideringOnlyDependenciesInAnyPackage("net.sniproxy..")
            .withOptionalLayers(true)
            .layer("bpf")
            .definedBy(
                    "net.sniproxy.bpf",
                    "net.sniproxy.bpf.sys..",
                    "net.sniproxy.bpf.asm..",
                    "net.sniproxy.bpf.btf..",
                    "net.sniproxy.bpf.elf..",
                    "net.sniproxy.bpf.layout..",
                    "net.sniproxy.bpf.spec..",
                    "net.sniproxy.bpf.link..",
                    "net.sniproxy.bpf.map..",
                    "net.sniproxy.bpf.program..",
                    "net.sniproxy.bpf.load..",
                    "net.sniproxy.bpf.ring..",
                    "net.sniproxy.bpf.probe..")
            .layer("compiler")
            .definedBy("net.sniproxy.bpf.compiler..")
            .layer("kernel")
            .definedBy("net.sniproxy.kernel..")
            .layer("proxy")
            .definedBy("net.sniproxy.proxy..")
            .layer("app")
            .definedBy("net.sniproxy.app..")
            .layer("bench")
            .definedBy("net.sniproxy.bench..")
            .whereLayer("compiler")
            .mayOnlyBeAccessedByLayers("kernel", "proxy", "app", "bench")
            .whereLayer("kernel")
            .mayOnlyBeAccessedByLayers("proxy", "app", "bench")
            .whereLayer("proxy")
            .mayOnlyBeAccessedByLayers("app", "bench")
            .whereLayer("app")
            .mayOnlyBeAccessedByLayers("bench");

    @ArchTest
    static final ArchRule nettyStaysInTheProxy = noClasses()
            .that()
            .resideInAnyPackage("net.sniproxy.bpf..", "net.sniproxy.kernel..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..");

    @ArchTest
    static final ArchRule helloKnowsNoNettyType = noClasses()
            .that()
            .resideInAPackage("net.sniproxy.proxy.hello..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.netty..")
            .allowEmptyShould(true);

    @ArchTest
    static final ArchRule onlyOnePackageMakesNativeCalls = noClasses()
            .that()
            .resideOutsideOfPackage("net.sniproxy.bpf.sys..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName(NATIVE[0])
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName(NATIVE[1])
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName(NATIVE[2]);

    @ArchTest
    static final ArchRule theCompilerMakesNoSystemCall = noClasses()
            .that()
            .resideInAPackage("net.sniproxy.bpf.compiler..")
            .should()
            .dependOnClassesThat()
            .resideInAnyPackage("net.sniproxy.bpf.sys..");
}
