package net.sniproxy.bpf.testing;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A test of something that older kernels do not have. There it is reported as skipped, with the version that it needs;
 * {@code scripts/vm.sh} runs tests on such kernels.
 */
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
@ExtendWith(SinceKernelCondition.class)
public @interface SinceKernel {
    /** The first version that has it, such as {@code 6.6}. */
    String value();
}
