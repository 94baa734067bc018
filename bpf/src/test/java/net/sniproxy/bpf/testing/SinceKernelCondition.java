package net.sniproxy.bpf.testing;

import net.sniproxy.bpf.KernelVersion;
import org.junit.jupiter.api.extension.ConditionEvaluationResult;
import org.junit.jupiter.api.extension.ExecutionCondition;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.platform.commons.support.AnnotationSupport;

/** Skips what a test says that this kernel is too old for. */
public final class SinceKernelCondition implements ExecutionCondition {
    @Override
    public ConditionEvaluationResult evaluateExecutionCondition(ExtensionContext context) {
        KernelVersion running = KernelVersion.parse(System.getProperty("os.version"));
        return AnnotationSupport.findAnnotation(context.getElement(), SinceKernel.class)
                .map(needs -> KernelVersion.parse(needs.value()))
                .filter(needs -> !running.atLeast(needs))
                .map(needs -> ConditionEvaluationResult.disabled("needs Linux " + needs + ", this is " + running))
                .orElse(ConditionEvaluationResult.enabled("Linux " + running));
    }
}
