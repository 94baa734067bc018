package net.sniproxy.bpf.compiler;

import java.util.List;
import java.util.stream.Collectors;

/** Some programs cannot be compiled: carries every error of all of them. */
public final class CompileException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final transient List<CompileError> errors;

    /** With one or more errors. */
    public CompileException(List<CompileError> errors) {
        super(message(errors));
        this.errors = List.copyOf(errors);
    }

    /** All errors, program by program in order of the source. */
    public List<CompileError> errors() {
        return errors;
    }

    private static String message(List<CompileError> errors) {
        return errors.stream()
                .map(CompileError::toString)
                .collect(Collectors.joining(
                        "\n  ",
                        errors.size() + (errors.size() == 1 ? " error" : " errors") + " in kernel programs:\n  ",
                        ""));
    }
}
