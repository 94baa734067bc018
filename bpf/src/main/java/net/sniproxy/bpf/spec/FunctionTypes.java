package net.sniproxy.bpf.spec;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import net.sniproxy.bpf.btf.BtfBuilder;
import net.sniproxy.bpf.btf.BtfType;
import net.sniproxy.bpf.btf.LayoutTypes;
import net.sniproxy.bpf.layout.DataLayout;

/** Describes functions in BTF. */
public final class FunctionTypes {
    private FunctionTypes() {}

    /**
     * Adds a function and its prototype; gives the function's id.
     *
     * @param global whether it is the program itself or a function that the verifier checks apart from its callers
     */
    public static int add(BtfBuilder builder, FunctionSpec function, boolean global) {
        Prototype prototype = function.prototype();
        List<BtfType.Parameter> parameters = new ArrayList<>();
        for (Prototype.Parameter parameter : prototype.parameters()) {
            parameters.add(new BtfType.Parameter(parameter.name(), LayoutTypes.add(builder, parameter.type())));
        }
        int type = builder.add(new BtfType.FunctionPrototype(typeId(builder, prototype.result()), parameters));
        BtfType.Linkage linkage = global ? BtfType.Linkage.GLOBAL : BtfType.Linkage.STATIC;
        return builder.add(new BtfType.Function(function.name(), type, linkage));
    }

    private static int typeId(BtfBuilder builder, Optional<DataLayout> layout) {
        return layout.map(present -> LayoutTypes.add(builder, present)).orElse(BtfBuilder.VOID);
    }
}
