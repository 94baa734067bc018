package net.sniproxy.bpf.compiler.sample;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntUnaryOperator;
import net.sniproxy.bpf.compiler.lang.BpfHash;
import net.sniproxy.bpf.compiler.lang.BpfMap;
import net.sniproxy.bpf.compiler.lang.BpfProgram;
import net.sniproxy.bpf.compiler.lang.Buffer;
import net.sniproxy.bpf.compiler.lang.U64;
import net.sniproxy.bpf.compiler.lang.XdpContext;
import net.sniproxy.bpf.spec.ProgramType;

/** Programs with objects that the kernel does not have: text, arrays, lambdas, classes. */
public final class RefusedObjects {
    @BpfMap(name = "OBJECTS", maxEntries = 1)
    static final BpfHash<Long, U64> MAP = BpfHash.of(1);

    private static final int[] TABLE = {2, 3, 5, 7};

    private static final List<Integer> LIST = List.of(2, 3, 5, 7);

    private RefusedObjects() {}

    private static final class Holder {
        private IntUnaryOperator operator = x -> x;
    }

    private record Pair(int left, int right) {}

    private sealed interface Shape {
        record Square(int side) implements Shape {}

        record Circle(int radius) implements Shape {}
    }

    @BpfProgram(type = ProgramType.XDP, name = "lambda_chosen")
    static int lambdaChosen(XdpContext context) {
        int number = context.ingressIfindex();
        IntUnaryOperator operator = number > 5 ? x -> x + 1 : x -> x - 1;
        return operator.applyAsInt(number);
    }

    @BpfProgram(type = ProgramType.XDP, name = "lambda_stored")
    static int lambdaStored(XdpContext context) {
        Holder holder = new Holder();
        holder.operator = x -> x + 1;
        return holder.operator.applyAsInt(context.ingressIfindex());
    }

    @BpfProgram(type = ProgramType.XDP, name = "text")
    static int text(XdpContext context) {
        String text = context.ingressIfindex() > 5 ? "many" : "few";
        return text.length();
    }

    @BpfProgram(type = ProgramType.XDP, name = "joined_text")
    static int joinedText(XdpContext context) {
        return ("interface " + context.ingressIfindex()).length();
    }

    @BpfProgram(type = ProgramType.XDP, name = "class_constant")
    static int classConstant(XdpContext context) {
        Object type = context.ingressIfindex() > 5 ? Pair.class : null;
        return type == null ? 1 : 2;
    }

    @BpfProgram(type = ProgramType.XDP, name = "kind")
    static int kind(XdpContext context) {
        Object object = context;
        return object instanceof AutoCloseable ? 1 : 2;
    }

    @BpfProgram(type = ProgramType.XDP, name = "pattern")
    static int pattern(XdpContext context) {
        Shape shape = new Shape.Square(context.ingressIfindex());
        return switch (shape) {
            case Shape.Square square -> square.side();
            case Shape.Circle circle -> circle.radius();
        };
    }

    @BpfProgram(type = ProgramType.XDP, name = "equal")
    static int equal(XdpContext context) {
        return new Pair(context.ingressIfindex(), 1).equals(new Pair(2, 1)) ? 1 : 2;
    }

    @BpfProgram(type = ProgramType.XDP, name = "same")
    static int same(XdpContext context) {
        U64 entry = MAP.lookup(1L);
        U64 other = MAP.lookup(Integer.toUnsignedLong(context.ingressIfindex()));
        return entry != null && entry == other ? 1 : 2;
    }

    @BpfProgram(type = ProgramType.XDP, name = "jdk_object")
    static int jdkObject(XdpContext context) {
        List<Integer> list = context.ingressIfindex() > 5 ? new ArrayList<>() : null;
        return list == null ? 1 : 2;
    }

    @BpfProgram(type = ProgramType.XDP, name = "array_size")
    static int arraySize(XdpContext context) {
        int[] numbers = new int[context.ingressIfindex()];
        return numbers[0];
    }

    @BpfProgram(type = ProgramType.XDP, name = "array_length")
    static int arrayLength(XdpContext context) {
        int[] numbers = context.ingressIfindex() > 5 ? new int[4] : new int[8];
        return numbers.length;
    }

    @BpfProgram(type = ProgramType.XDP, name = "array_index")
    static int arrayIndex(XdpContext context) {
        int[] numbers = new int[4];
        numbers[context.ingressIfindex() & 3] = 1;
        return numbers[numbers.length];
    }

    @BpfProgram(type = ProgramType.XDP, name = "buffer_index")
    static int bufferIndex(XdpContext context) {
        Buffer buffer = Buffer.ofSize(16);
        buffer.setU8(context.ingressIfindex() & 15, 1);
        return buffer.u32(16);
    }

    @BpfProgram(type = ProgramType.XDP, name = "object_array")
    static int objectArray(XdpContext context) {
        U64[] numbers = new U64[4];
        numbers[context.ingressIfindex() & 3] = new U64(7);
        return 1;
    }

    @BpfProgram(type = ProgramType.XDP, name = "square_array")
    static int squareArray(XdpContext context) {
        int[][] numbers = new int[4][4];
        return numbers[context.ingressIfindex() & 3][1];
    }

    @BpfProgram(type = ProgramType.XDP, name = "static_array")
    static int staticArray(XdpContext context) {
        return TABLE[context.ingressIfindex() & 3];
    }

    @BpfProgram(type = ProgramType.XDP, name = "static_object")
    static int staticObject(XdpContext context) {
        return LIST.get(context.ingressIfindex() & 3);
    }
}
