package net.sniproxy.bpf.btf;

import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import net.sniproxy.bpf.btf.BtfType.*;

/** Writes types as {@code bpftool btf dump ... format raw} does. */
final class BtfText {
    private final Btf btf;

    BtfText(Btf btf) {
        this.btf = btf;
    }

    String text(int id) {
        return "[" + id + "] " + text(btf.type(id));
    }

    private String text(BtfType type) {
        return switch (type) {
            case Int(var name, var size, var encoding, var bits) ->
                "INT %s size=%d bits_offset=0 nr_bits=%d encoding=%s"
                        .formatted(quoted(name), size, bits, encoding == Encoding.UNSIGNED ? "(none)" : encoding);
            case Pointer(var target) -> "PTR '(anon)' type_id=" + target;
            case Array(var element, var index, var length) ->
                "ARRAY '(anon)' type_id=%d index_type_id=%d nr_elems=%d".formatted(element, index, length);
            case Struct struct -> "STRUCT " + members(struct);
            case Union union -> "UNION " + members(union);
            case Enumeration enumeration -> enumeration(enumeration);
            case Forward(var name, var union) ->
                "FWD %s fwd_kind=%s".formatted(quoted(name), union ? "union" : "struct");
            case Typedef(var name, var target) -> "TYPEDEF " + quoted(name) + " type_id=" + target;
            case Volatile(var target) -> "VOLATILE '(anon)' type_id=" + target;
            case Const(var target) -> "CONST '(anon)' type_id=" + target;
            case Restrict(var target) -> "RESTRICT '(anon)' type_id=" + target;
            case Function(var name, var prototype, var linkage) ->
                "FUNC %s type_id=%d linkage=%s".formatted(quoted(name), prototype, lower(linkage));
            case FunctionPrototype(var result, var parameters) ->
                "FUNC_PROTO '(anon)' ret_type_id=%d vlen=%d".formatted(result, parameters.size())
                        + lines(parameters.stream()
                                .map(parameter -> quoted(parameter.name()) + " type_id=" + parameter.type())
                                .toList());
            case Variable(var name, var target, var linkage) ->
                "VAR %s type_id=%d, linkage=%s".formatted(quoted(name), target, lower(linkage));
            case DataSection(var name, var size, var variables) ->
                "DATASEC %s size=%d vlen=%d".formatted(quoted(name), size, variables.size())
                        + lines(variables.stream().map(this::variable).toList());
            case BtfType.Float(var name, var size) -> "FLOAT " + quoted(name) + " size=" + size;
            case DeclarationTag(var name, var target, var component) ->
                "DECL_TAG %s type_id=%d component_idx=%d".formatted(quoted(name), target, component);
            case TypeTag(var name, var target) -> "TYPE_TAG " + quoted(name) + " type_id=" + target;
        };
    }

    private String variable(SectionVariable place) {
        String name = ((Variable) btf.type(place.variable())).name();
        return "type_id=%d offset=%d size=%d (VAR '%s')"
                .formatted(place.variable(), place.offset(), place.size(), name);
    }

    private static String members(Composite composite) {
        return "%s size=%d vlen=%d"
                        .formatted(
                                quoted(composite.name()),
                                composite.size(),
                                composite.members().size())
                + lines(composite.members().stream()
                        .map(member -> "%s type_id=%d bits_offset=%d"
                                        .formatted(quoted(member.name()), member.type(), member.bitOffset())
                                + (member.bitSize() == 0 ? "" : " bitfield_size=" + member.bitSize()))
                        .toList());
    }

    private static String enumeration(Enumeration enumeration) {
        return "%s %s encoding=%s size=%d vlen=%d"
                        .formatted(
                                enumeration.size() == 8 ? "ENUM64" : "ENUM",
                                quoted(enumeration.name()),
                                enumeration.signed() ? "SIGNED" : "UNSIGNED",
                                enumeration.size(),
                                enumeration.values().size())
                + lines(enumeration.values().stream()
                        .map(value -> quoted(value.name()) + " val="
                                + (enumeration.signed()
                                        ? Long.toString(value.value())
                                        : Long.toUnsignedString(value.value()))
                                + (enumeration.size() == 8 ? enumeration.signed() ? "LL" : "ULL" : ""))
                        .toList());
    }

    private static String quoted(String name) {
        return name.isEmpty() ? "'(anon)'" : "'" + name + "'";
    }

    private static String lower(Linkage linkage) {
        return linkage.name().toLowerCase(Locale.ROOT);
    }

    private static String lines(List<String> lines) {
        return lines.stream().map(line -> "\n\t" + line).collect(Collectors.joining());
    }
}
