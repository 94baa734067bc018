package net.sniproxy.bpf.compiler.front;

import java.lang.constant.ClassDesc;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import net.sniproxy.bpf.spec.ProgramType;

/** The classes that stand for contexts, with the structs under which the verifier knows them. */
final class Contexts {
    private static final String LANGUAGE = "net/sniproxy/bpf/compiler/lang/";
    private static final Map<String, String> STRUCTS = Map.of(
            LANGUAGE + "XdpContext", "xdp_md",
            LANGUAGE + "TcContext", "__sk_buff",
            LANGUAGE + "SkMsgContext", "sk_msg_md",
            LANGUAGE + "SockOpsContext", "bpf_sock_ops",
            LANGUAGE + "SetSockOptContext", "bpf_sockopt");

    private Contexts() {}

    /** The struct behind a parameter; empty if the parameter is no context. */
    static Optional<String> struct(ClassDesc parameter) {
        return Optional.ofNullable(STRUCTS.get(Maps.internalName(parameter.descriptorString())));
    }

    /**
     * What is wrong with the parameters of a program. A tracing program has those of what it is attached to, which only the
     * kernel can compare.
     */
    static Optional<String> refusal(ProgramType type, List<ClassDesc> parameters) {
        boolean fits = type == ProgramType.TRACING
                || parameters.size() == 1
                        && struct(parameters.getFirst())
                                .filter(type.context()::equals)
                                .isPresent();
        return fits
                ? Optional.empty()
                : Optional.of("a program of type " + type + " takes its context and nothing else: " + className(type));
    }

    private static String className(ProgramType type) {
        String name = STRUCTS.entrySet().stream()
                .filter(entry -> entry.getValue().equals(type.context()))
                .map(entry -> entry.getKey().substring(LANGUAGE.length()))
                .collect(Collectors.joining());
        return name.isEmpty() ? "there is no class for it yet" : name;
    }
}
