package net.sniproxy.bpf.compiler.image;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import net.sniproxy.bpf.asm.Code;
import net.sniproxy.bpf.asm.SourceLine;
import net.sniproxy.bpf.layout.ArrayLayout;
import net.sniproxy.bpf.layout.DataLayout;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.layout.OpaqueLayout;
import net.sniproxy.bpf.layout.PointerLayout;
import net.sniproxy.bpf.layout.StructField;
import net.sniproxy.bpf.layout.StructLayout;
import net.sniproxy.bpf.spec.AttachType;
import net.sniproxy.bpf.spec.FunctionSpec;
import net.sniproxy.bpf.spec.MapFlag;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.MapType;
import net.sniproxy.bpf.spec.ObjectSpec;
import net.sniproxy.bpf.spec.ProgramSpec;
import net.sniproxy.bpf.spec.ProgramType;
import net.sniproxy.bpf.spec.Prototype;

/**
 * Reads an image; {@link ImageWriter} wrote the same fields in the same order. Runs at every start, so it has plain loops: for a
 * lambda a fresh JVM makes code first.
 */
final class ImageReader {
    private final ByteBuffer in;
    private final ByteOrder order;
    private final boolean version4;
    private final String[] strings;

    private ImageReader(ByteBuffer in) {
        this.in = in;
        if (in.getInt() != Image.MAGIC || in.getInt() != Image.VERSION) {
            throw new IllegalArgumentException("no image of version " + Image.VERSION);
        }
        order = bool() ? ByteOrder.LITTLE_ENDIAN : ByteOrder.BIG_ENDIAN;
        version4 = bool();
        strings = new String[in.getInt()];
        for (int i = 0; i < strings.length; i++) {
            strings[i] = new String(bytes(), StandardCharsets.UTF_8);
        }
    }

    static Image read(byte[] bytes) {
        try {
            return new ImageReader(ByteBuffer.wrap(bytes)).image();
        } catch (BufferUnderflowException e) {
            throw new IllegalArgumentException("the image ends too early", e);
        }
    }

    private Image image() {
        Map<String, Integer> classFiles = new HashMap<>();
        for (int left = in.getInt(); left > 0; left--) {
            classFiles.put(string(), in.getInt());
        }
        List<MapSpec> maps = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            maps.add(map());
        }
        List<ProgramSpec> programs = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            programs.add(program());
        }
        return new Image(order, version4, classFiles, new ObjectSpec(maps, programs));
    }

    private MapSpec map() {
        String name = string();
        MapType type = MapType.valueOf(string());
        Optional<DataLayout> key = optionalLayout();
        Optional<DataLayout> value = optionalLayout();
        int entries = in.getInt();
        Set<MapFlag> flags = EnumSet.noneOf(MapFlag.class);
        for (int left = in.getInt(); left > 0; left--) {
            flags.add(MapFlag.valueOf(string()));
        }
        return new MapSpec(name, type, key, value, entries, flags, bool());
    }

    private ProgramSpec program() {
        String name = string();
        ProgramType type = ProgramType.valueOf(string());
        String attachType = string();
        String attachTarget = string();
        String license = string();
        List<FunctionSpec> functions = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            functions.add(function());
        }
        return new ProgramSpec(
                name,
                type,
                attachType.isEmpty() ? Optional.empty() : Optional.of(AttachType.valueOf(attachType)),
                attachTarget.isEmpty() ? Optional.empty() : Optional.of(attachTarget),
                license,
                functions);
    }

    private FunctionSpec function() {
        String name = string();
        Prototype prototype = prototype();
        Code code = code();
        List<SourceLine> lines = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            lines.add(new SourceLine(in.getInt(), string(), in.getInt(), in.getInt(), string()));
        }
        return new FunctionSpec(name, prototype, code, lines, bool());
    }

    private Prototype prototype() {
        Optional<DataLayout> result = optionalLayout();
        List<Prototype.Parameter> parameters = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            parameters.add(new Prototype.Parameter(string(), layout()));
        }
        return new Prototype(result, parameters);
    }

    private Code code() {
        long[] slots = new long[in.getInt()];
        for (int slot = 0; slot < slots.length; slot++) {
            slots[slot] = in.getLong();
        }
        Map<Integer, String> names = new HashMap<>();
        for (int left = in.getInt(); left > 0; left--) {
            names.put(in.getInt(), string());
        }
        return Code.of(slots, names);
    }

    private Optional<DataLayout> optionalLayout() {
        return bool() ? Optional.of(layout()) : Optional.empty();
    }

    private DataLayout layout() {
        return switch (LayoutTag.values()[in.get()]) {
            case INTEGER -> new IntegerLayout(string(), in.getInt(), IntegerLayout.Kind.valueOf(string()), bool());
            case ARRAY -> new ArrayLayout(layout(), in.getInt());
            case STRUCT -> struct();
            case POINTER -> new PointerLayout(optionalLayout());
            case OPAQUE -> new OpaqueLayout(string());
        };
    }

    private StructLayout struct() {
        String name = string();
        int size = in.getInt();
        int alignment = in.getInt();
        List<StructField> fields = new ArrayList<>();
        for (int left = in.getInt(); left > 0; left--) {
            fields.add(new StructField(string(), in.getInt(), layout()));
        }
        return new StructLayout(name, fields, size, alignment);
    }

    private String string() {
        return strings[in.getInt()];
    }

    private byte[] bytes() {
        byte[] bytes = new byte[in.getInt()];
        in.get(bytes);
        return bytes;
    }

    private boolean bool() {
        return in.get() != 0;
    }
}
