package net.sniproxy.bpf.compiler.image;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import net.sniproxy.bpf.asm.Code;
import net.sniproxy.bpf.asm.SourceLine;
import net.sniproxy.bpf.layout.ArrayLayout;
import net.sniproxy.bpf.layout.DataLayout;
import net.sniproxy.bpf.layout.IntegerLayout;
import net.sniproxy.bpf.layout.OpaqueLayout;
import net.sniproxy.bpf.layout.PointerLayout;
import net.sniproxy.bpf.layout.StructField;
import net.sniproxy.bpf.layout.StructLayout;
import net.sniproxy.bpf.spec.FunctionSpec;
import net.sniproxy.bpf.spec.MapFlag;
import net.sniproxy.bpf.spec.MapSpec;
import net.sniproxy.bpf.spec.ProgramSpec;
import net.sniproxy.bpf.spec.Prototype;

/** Writes an image; {@link ImageReader} reads the same fields in the same order. */
final class ImageWriter {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final DataOutputStream out = new DataOutputStream(bytes);
    private final Map<String, Integer> strings = new LinkedHashMap<>();

    private ImageWriter() {}

    static byte[] write(Image image) {
        try {
            ImageWriter body = new ImageWriter();
            body.body(image);
            ImageWriter file = new ImageWriter();
            file.head(image, body.strings.keySet());
            file.out.write(body.bytes.toByteArray());
            return file.bytes.toByteArray();
        } catch (IOException e) {
            throw new UncheckedIOException("writing to memory", e);
        }
    }

    private void head(Image image, Collection<String> texts) throws IOException {
        out.writeInt(Image.MAGIC);
        out.writeInt(Image.VERSION);
        out.writeBoolean(image.byteOrder() == ByteOrder.LITTLE_ENDIAN);
        out.writeBoolean(image.version4());
        out.writeInt(texts.size());
        for (String text : texts) {
            byte[] encoded = text.getBytes(StandardCharsets.UTF_8);
            out.writeInt(encoded.length);
            out.write(encoded);
        }
    }

    private void body(Image image) throws IOException {
        out.writeInt(image.classFiles().size());
        for (Map.Entry<String, Integer> file : new TreeMap<>(image.classFiles()).entrySet()) {
            string(file.getKey());
            out.writeInt(file.getValue());
        }
        out.writeInt(image.object().maps().size());
        for (MapSpec map : image.object().maps()) {
            map(map);
        }
        out.writeInt(image.object().programs().size());
        for (ProgramSpec program : image.object().programs()) {
            program(program);
        }
    }

    private void map(MapSpec map) throws IOException {
        string(map.name());
        string(map.type().name());
        layout(map.key());
        layout(map.value());
        out.writeInt(map.maxEntries());
        out.writeInt(map.flags().size());
        for (MapFlag flag : map.flags().stream().sorted().toList()) {
            string(flag.name());
        }
        out.writeBoolean(map.pinned());
    }

    private void program(ProgramSpec program) throws IOException {
        string(program.name());
        string(program.type().name());
        string(program.attachType().map(Enum::name).orElse(""));
        string(program.attachTarget().orElse(""));
        string(program.license());
        out.writeInt(program.functions().size());
        for (FunctionSpec function : program.functions()) {
            function(function);
        }
    }

    private void function(FunctionSpec function) throws IOException {
        string(function.name());
        prototype(function.prototype());
        code(function.code());
        out.writeInt(function.lines().size());
        for (SourceLine line : function.lines()) {
            out.writeInt(line.slot());
            string(line.file());
            out.writeInt(line.line());
            out.writeInt(line.column());
            string(line.text());
        }
        out.writeBoolean(function.global());
    }

    private void prototype(Prototype prototype) throws IOException {
        layout(prototype.result());
        out.writeInt(prototype.parameters().size());
        for (Prototype.Parameter parameter : prototype.parameters()) {
            string(parameter.name());
            layout(parameter.type());
        }
    }

    private void code(Code code) throws IOException {
        out.writeInt(code.slots());
        for (long slot : code.packed()) {
            out.writeLong(slot);
        }
        out.writeInt(code.names().size());
        for (Map.Entry<Integer, String> name : code.names().entrySet()) {
            out.writeInt(name.getKey());
            string(name.getValue());
        }
    }

    private void layout(Optional<DataLayout> layout) throws IOException {
        out.writeBoolean(layout.isPresent());
        if (layout.isPresent()) {
            layout(layout.get());
        }
    }

    private void layout(DataLayout layout) throws IOException {
        switch (layout) {
            case IntegerLayout integer -> {
                tag(LayoutTag.INTEGER);
                string(integer.name());
                out.writeInt(integer.size());
                string(integer.kind().name());
                out.writeBoolean(integer.bigEndian());
            }
            case ArrayLayout array -> {
                tag(LayoutTag.ARRAY);
                layout(array.element());
                out.writeInt(array.length());
            }
            case StructLayout struct -> {
                tag(LayoutTag.STRUCT);
                struct(struct);
            }
            case PointerLayout pointer -> {
                tag(LayoutTag.POINTER);
                layout(pointer.target());
            }
            case OpaqueLayout opaque -> {
                tag(LayoutTag.OPAQUE);
                string(opaque.name());
            }
        }
    }

    private void struct(StructLayout struct) throws IOException {
        string(struct.name());
        out.writeInt(struct.size());
        out.writeInt(struct.alignment());
        out.writeInt(struct.fields().size());
        for (StructField field : struct.fields()) {
            string(field.name());
            out.writeInt(field.offset());
            layout(field.layout());
        }
    }

    private void tag(LayoutTag tag) throws IOException {
        out.writeByte(tag.ordinal());
    }

    private void string(String text) throws IOException {
        Integer known = strings.get(text);
        int number = known == null ? strings.size() : known;
        strings.put(text, number);
        out.writeInt(number);
    }
}
