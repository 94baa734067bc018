package net.sniproxy.bpf.spec;

import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.layout.DataLayout;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.layout.OpaqueLayout;
import net.sniproxy.bpf.layout.PointerLayout;

/**
 * What a function takes and returns, as BTF says it.
 *
 * @param result     empty for {@code void}
 * @param parameters at most five
 */
public record Prototype(Optional<DataLayout> result, List<Parameter> parameters) {
    /** The kernel passes arguments in r1 to r5. */
    public static final int MAX_PARAMETERS = 5;

    /** A parameter: an integer or a pointer. */
    public record Parameter(String name, DataLayout type) {
        public Parameter {
            Names.requireIdentifier("parameter", name);
        }
    }

    public Prototype {
        parameters = List.copyOf(parameters);
        if (parameters.size() > MAX_PARAMETERS) {
            throw new IllegalArgumentException("a function takes at most 5 parameters, not " + parameters.size());
        }
    }

    /** {@code int program(struct CONTEXT *ctx)}, or {@code int program(unsigned long long *ctx)} for tracing. */
    public static Prototype ofProgram(ProgramType type) {
        DataLayout target = type.context().isEmpty() ? IntegerLayout.U64 : new OpaqueLayout(type.context());
        return new Prototype(Optional.of(IntegerLayout.S32), List.of(new Parameter("ctx", PointerLayout.to(target))));
    }
}
