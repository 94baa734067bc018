package net.sniproxy.bpf.testing;

import net.sniproxy.bpf.KernelVersion;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Skips what a test says that this kernel is too old for. */
public final class SinceKernelCondition implements ExecutionCondition {
    /** Whether the running kernel is of a version, such as {@code 6.6}, or newer. */
    public static boolean holds(String version) {
        return running().atLeast(KernelVersion.parse(version));
    }

    /** As {@link SinceKernel}, for one of many parameters of a test. */
    public static void assume(String version) {
        Assumptions.assumeTrue(holds(version), () -> "needs Linux " + version + ", this is " + running());
    }

    private static KernelVersion running() {
        return KernelVersion.parse(System.getProperty("os.version"));
    }

    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        KernelVersion running = running();
        return AnnotationSupport.findAnnotation(context.getElement(), SinceKernel.class)
                .map(needs -> KernelVersion.parse(needs.value()))
                .filter(needs -> !running.atLeast(needs))
                .map(needs -> ConditionEvaluationResult.disabled("needs Linux " + needs + ", this is " + running))
                .orElse(ConditionEvaluationResult.enabled("Linux " + running));
    }
}
