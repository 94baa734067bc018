package net.sniproxy.bpf.compiler.front;

import java.lang.constant.DirectMethodHandleDesc;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.sniproxy.bpf.compiler.CompileOptions;
import net.sniproxy.bpf.compiler.ir.Function;
import net.sniproxy.bpf.compiler.ir.Value;
import net.sniproxy.bpf.spec.MapSpec;
import org.jspecify.annotations.Nullable;

/** What the translation of one function knows, over all methods that are inlined into it. */
final class Translation {
    /** Of a lambda where a value is wanted, and of a call of what may be any lambda. */
    static final String LAMBDA = "a lambda lives only while it is compiled: call it or hand it to a method, do not"
            + " store it, and choose between two by calling each in its own branch";

    /** Of text where a value is wanted. */
    static final String TEXT = "a String lives only while it is compiled: kernel programs have no text";

    /** How deep methods may be inlined into each other. */
    static final int MAX_DEPTH = 40;

    private final ClassFiles classes;
    private final CompileOptions options;
    private final Emitter emitter;
    private final Layouts layouts;
    private final Map<String, MapSpec> maps;
    private final Map<Value, String> classOf = new HashMap<>();
    private final Map<Value, Lambda> lambdas = new HashMap<>();
    private final Map<Value, String> strings = new HashMap<>();
    private final Map<Value, Integer> arrayLengths = new HashMap<>();
    private final Map<Value, Map<Integer, Integer>> switchMaps = new HashMap<>();
    private final Map<Value, SwitchKey> switchKeys = new HashMap<>();
    private final Deque<String> active = new ArrayDeque<>();
    private final Map<String, ClassFiles.Method> called = new LinkedHashMap<>();

    /** A lambda or method reference: known at compile time together with what it captured. */
    record Lambda(DirectMethodHandleDesc implementation, List<Value> captured) {}

    /** The number that javac switches on for an enum: {@code table[ordinal]}. */
    record SwitchKey(Value ordinal, Map<Integer, Integer> table) {}

    Translation(ClassFiles classes, CompileOptions options, Function function) {
        this.classes = classes;
        this.options = options;
        this.emitter = new Emitter(function);
        this.layouts = new Layouts(classes);
        this.maps = new LinkedHashMap<>();
    }

    ClassFiles classes() {
        return classes;
    }

    CompileOptions options() {
        return options;
    }

    Emitter emitter() {
        return emitter;
    }

    Layouts layouts() {
        return layouts;
    }

    /** The maps that were used, by name. */
    Map<String, MapSpec> maps() {
        return maps;
    }

    /** The class of an object, as far as it is known more closely than its static type. */
    @Nullable
    String classOf(Value value) {
        return classOf.get(value);
    }

    void classOf(Value value, String internalName) {
        classOf.put(value, internalName);
    }

    Value lambda(Lambda lambda) {
        Value value = emitter.compileTime(LAMBDA);
        lambdas.put(value, lambda);
        return value;
    }

    Optional<Lambda> lambda(Value value) {
        return Optional.ofNullable(lambdas.get(value));
    }

    Value string(String text) {
        Value value = emitter.compileTime(TEXT);
        strings.put(value, text);
        return value;
    }

    Optional<String> string(Value value) {
        return Optional.ofNullable(strings.get(value));
    }

    void arrayLength(Value array, int length) {
        arrayLengths.put(array, length);
    }

    Optional<Integer> arrayLength(Value array) {
        return Optional.ofNullable(arrayLengths.get(array));
    }

    Value switchMap(Map<Integer, Integer> table) {
        Value value = emitter.compileTime("an array in a static field: use a switch, or a map");
        switchMaps.put(value, table);
        return value;
    }

    Optional<Map<Integer, Integer>> switchMap(Value value) {
        return Optional.ofNullable(switchMaps.get(value));
    }

    Value switchKey(SwitchKey key) {
        Value value = emitter.compileTime("the position of an enum constant in a switch");
        switchKeys.put(value, key);
        return value;
    }

    Optional<SwitchKey> switchKey(Value value) {
        return Optional.ofNullable(switchKeys.get(value));
    }

    /** The functions of their own that were called, by symbol. */
    Map<String, ClassFiles.Method> called() {
        return called;
    }

    /** Begins the translation of a method; false if it is being translated already or too deep. */
    boolean enter(String method) {
        if (active.contains(method) || active.size() >= MAX_DEPTH) {
            return false;
        }
        active.push(method);
        return true;
    }

    void leave() {
        active.pop();
    }
}
